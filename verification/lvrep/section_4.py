r"""Section 4: the assumptions, what they say together, Theorem 1.

Squared norms: ||f||_{H_k}^2 = f'K^{-1}f on the latent values with the counting measure, K = T_k.
Assumption 2 asks p'K^{-1}p <= 1 of every pair of every model (`feature_bound`) and bounds the norm of
\int p(s'|.) g(s') ds' over |g| <= 1; Assumption 3 is tr K <= 1.

Lemmas 5 and 6 write \lambda B^2 C for \lambda \|\int p(s'|.) g\|_{H_k}^2, and the regret has \sqrt C: there C bounds the
squared norm (`function_bound`). This is the forced reading, with the root that Assumption 2 has lost;
in the literal one the norm itself is at most C.

Theorem 1 leaves the bonus open; the one of its formal statement, Theorem 4, is judged in Appendix E.2. \|1\|_{H_k}^2 on
m = 2, 4, 8, 16, 32 points of [0, 1] grows for the Gaussian kernel (scale 1/4: 2.00, 2.51, 2.73, 3.47, 4.69), and is at
most 1 + L/2 at every m for the Matern kernel of smoothness 1/2.
"""

import numpy as np

from theorylab import (
    Along,
    Integer,
    KernelMatrix,
    LatentVariableModel,
    Number,
    StateFunction,
    assume,
    at_least,
    at_most,
    bounded_by,
    equal,
    every,
)
from theorylab.arithmetic import exp, identity, inverse, log, sqrt, sup, x_log_ratio
from theorylab.theory.features import (
    feature_bound,
    function_bound,
    kernel_norm_squared,
    largest_square,
    mean_over_signs,
    squared_norm,
)
from theorylab.worlds import PolynomialKernel, gram
from verification.lvrep.paper import lvrep

# ---- Assumption 1 --------------------------------------------------------------------------------


def evidence_bound(q, joint):
    """E_q[log p(s'|z)] - KL(q || p(z|s, a)), with the joint law p(z|s, a) p(s'|z) of z and s'."""
    return -x_log_ratio(q, joint).sum()


@lvrep.claim("Remark 1", reading="the ELBO at the posterior")
def evidence_bound_at_the_posterior(T: LatentVariableModel):
    r"""where Q holds the posterior of every model, the largest ELBO is the log-likelihood: for any model, pair and s'
    that can happen, so that the maximisers over P are those of the likelihood"""
    joint = T.latents[0, 0] * T.emissions[:, 0]
    total = joint.sum()
    assume(at_least(16 * total, total - total + 1), "T(s'|s, a) >= 1/16")
    return equal(evidence_bound(joint / total, joint), log(total))


# ---- Assumption 2 --------------------------------------------------------------------------------


@lvrep.claim(
    "Assumption 2",
    reading="forced: the squared norm is at most C",
    corrects="norms_of_functions_at_most_the_constant",
    because="a root was lost over C in Assumption 2: C is the largest squared norm in all that follows",
)
def squared_norms_of_functions(T: LatentVariableModel, inverse_K: KernelMatrix, g: StateFunction):
    r"""\|\int p(s'|.) g(s') ds'\|_{H_k}^2 \le C for \|g\|_\infty \le 1: it falls short of the mean over independent signs u of
    mean g by \sum_i (1 - g_i^2) \|p(i|.)\|_{H_k}^2, so that the worst g has values 1 and -1 only, and C is the largest of
    2^{|S|} numbers. K^{-1} is any positive definite matrix"""
    one = squared_norm(T.emissions.T, inverse_K)
    own = squared_norm(T.emissions @ g, inverse_K)
    return equal(mean_over_signs(T.emissions, inverse_K, g), own + ((1 - g * g) * one).sum())


@lvrep.claim("Assumption 2", reading="literal: the norm is at most C, used as Lemma 5 does")
def norms_of_functions_at_most_the_constant(T: LatentVariableModel, inverse_K: KernelMatrix):
    r"""with C the largest norm itself, \lambda\|w\|_{H_k}^2 \le \lambda B^2 C, as the proofs of Lemmas 5 and 6 have it, at the worst w:
    a root was lost in Assumption 2, or a square in the lemmas; squared, norm^4 \le norm^2"""
    worst = largest_square(T.emissions, inverse_K)
    return at_most(worst**2, worst)


# ---- Remark 2 ------------------------------------------------------------------------------------


@lvrep.claim("Remark 2", reading="standard conditions hold on finite Z")
def standard_normalisation(T: LatentVariableModel, g: StateFunction):
    r"""\|\phi(s, a)\|_2 \le 1 and \|\int \mu(s') g(s') ds'\|_2 \le \sqrt d for \|g\|_\infty \le 1 (printed "\le d"): every latent-variable
    model on d = |Z| values satisfies the conditions of standard linear MDPs"""
    f = T.emissions @ g
    return every(
        at_most((T.latents**2).sum(-1), 1 + 0 * T.r),
        at_most((f * f).sum(), g[0] - g[0] + T.Z),
    )


@lvrep.claim("Remark 2", reading="what Assumption 2 asks of the trace")
def trace_that_features_need(T: LatentVariableModel, K: KernelMatrix):
    r"""\|p\|_{H_k} \le 1 says p p' \preceq K, so that K_{zz} \ge p(z|s, a)^2 for all pairs: \sum_z \max_{s,a} p(z|s, a)^2 \le
    \max \|p\|_{H_k}^2 tr K, which Assumptions 2 and 3 bound by 1"""
    needed = sup(T.latents.reshape(-1, T.Z) ** 2, 0).sum()
    return at_most(needed, feature_bound(T.latents, K) * np.trace(K))


@lvrep.claim("Remark 2")
def more_general_than_standard(T: LatentVariableModel):
    r"""printed: "our normalization conditions are more general than the counterparts of the standard linear MDPs", which every
    model on finite Z satisfies: then some kernel would do for it, and what this needs
    (`trace_that_features_need`) would hold, \sum_z \max_{s,a} p(z|s, a)^2 \le 1"""
    needed = sup(T.latents.reshape(-1, T.Z) ** 2, 0).sum()
    return at_most(needed, 1 + 0 * needed)


@lvrep.claim(
    "Remark 2",
    reading="corrected: trace |Z|",
    corrects="more_general_than_standard",
    because="two pairs that lead to different latent values surely need trace 2. Remark 7 allows \\int k \\le c in"
    " place of 1: with c = |Z| the kernel k(z, z') = 1[z = z'] does, C = |Z|",
)
def identity_kernel_for_any_model(T: LatentVariableModel, g: StateFunction):
    r"""with K = I, of trace |Z|: \|p(.|s, a)\|_{H_k} \le 1, and \|\int p(s'|.) g\|_{H_k}^2 \le |Z| for |g| \le 1"""
    K = identity(T.Z)
    return every(
        at_most(kernel_norm_squared(T.latents, K), 1 + 0 * T.r),
        at_most(kernel_norm_squared(T.emissions @ g, K), T.Z + 0 * T.gamma),
    )


@lvrep.claim(
    "Remark 2",
    reading="corrected: every latent value split",
    corrects="more_general_than_standard",
    because="|Z| copies of every latent value, each as likely as the others and with the same p(s'|z), leave"
    " T as it is and satisfy Assumptions 2 and 3, at the price C = |Z|^3",
)
def split_latents_for_any_model(T: LatentVariableModel, g: StateFunction):
    r"""with u_z the uniform law on the copies of z and K = \sum_z u_z u_z': tr K \le 1, p = K\alpha with \|p\|_{H_k}^2 = \alpha'K\alpha
    \le 1, \int p(s'|.) g = K\beta with \beta'K\beta \le |Z|^3 for |g| \le 1, and the same transitions"""
    copies = np.repeat(identity(T.Z), T.Z, axis=0) * (1 + 0 * T.gamma)
    U = copies / T.Z
    K = U @ U.T
    latents, emissions = T.latents @ U.T, copies @ T.emissions
    alpha, f = T.latents @ copies.T, emissions @ g
    beta = T.Z * f
    return every(
        equal(latents @ emissions, T.P),
        at_most(np.trace(K), 1 + 0 * T.gamma),
        equal(alpha @ K, latents),
        at_most(squared_norm(alpha, K), 1 + 0 * T.r),
        equal(K @ beta, f),
        at_most(squared_norm(beta, K), T.Z**3 + 0 * T.gamma),
    )


@lvrep.claim("Remark 2", reading="L2 norms are at most those of H_k")
def l2_norm_at_most_kernel_norm(T: LatentVariableModel, K: KernelMatrix, g: StateFunction):
    r"""\|f\|_{L_2(\mu)} \le \|f\|_{H_k} under Assumption 3: f'f \le tr K f'K^{-1}f, as no eigenvalue exceeds the trace"""
    f = T.emissions @ g
    return at_most((f * f).sum(), np.trace(K) * kernel_norm_squared(f, K))


@lvrep.claim("Remark 2", reading="g = 1, linear kernel")
def constant_in_the_linear_space(x: StateFunction):
    r"""printed: "\int p(s'|z) g(s') ds' \in H_k is mild": g = 1 gives the constant 1, which the linear kernel on points x_z of the
    line represents as w x_z only if all points are the same"""
    return equal(x, x[0] + 0 * x)


@lvrep.claim(
    "Remark 2",
    reading="g = 1, linear kernel with a constant coordinate",
    corrects="constant_in_the_linear_space",
    because="the constant must be among the features: in 1 + xx', the polynomial kernel of degree 1, it is"
    " the feature of norm 1",
)
def constant_with_a_constant_feature(x: StateFunction, b: StateFunction):
    r"""\|1\|_{H_k}^2 = \max_b 2 b'1 - b'Kb \le 1 for K = 1 + x_z x_{z'} on points of the line, whatever they are: what is left
    over is (1 - \sum b)^2 + (\sum_z b_z x_z)^2, so that no number below 1 will do"""
    K = gram(PolynomialKernel(1), x[:, None])
    left = 1 - (2 * b.sum() - b @ K @ b)
    return equal(left, (1 - b.sum()) ** 2 + (b * x).sum() ** 2)


def stationary_kernel(m, entry):
    """The table of entry(|i - j|), shape (m, m)."""
    return np.stack([entry(i - j if i > j else j - i) for i in range(m) for j in range(m)]).reshape(
        m, m
    )


@lvrep.claim("Remark 2", reading="g = 1, Matern kernel of smoothness 1/2")
def constant_in_the_matern_space(rho: Number("1/8", "7/8"), m: Integer(1, 6)):
    r"""on m points of a line, k = \exp(-|x - y|/l) = \rho^{|i - j|}: \|1\|_{H_k}^2 = 1'K^{-1}1 = 1 + (m - 1)(1 - \rho)/(1 + \rho)"""
    K = stationary_kernel(m, lambda distance: rho**distance)
    return equal(inverse(K).sum(), 1 + (m - 1) * (1 - rho) / (1 + rho))


@lvrep.claim("Remark 2", reading="g = 1, Matern kernel of smoothness 1/2, every resolution")
def constant_in_the_matern_space_as_m_grows(length: Number("1/8", 8), m: Integer(2, 64)):
    r"""and this is at most 1 + L/2 for any number of points on an interval of L scales, \rho = \exp(-L/(m - 1)): the
    constant lies in the space"""
    rho = exp(-length / (m - 1))
    return at_most(1 + (m - 1) * (1 - rho) / (1 + rho), 1 + length / 2)


@lvrep.claim("Remark 2", reading="g = 1, Gaussian kernel, 2 to 16 points")
def constant_in_the_gaussian_space(square: Number("1/16", "9/100"), m: Integer(2, 16)):
    r"""\|1\|_{H_k}^2 on m points of [0, 1], k = \exp(-|x - y|^2/(2 l^2)), l from 1/4 to 3/10, is at least (3/2) m^{1/4} and so
    grows: the constant is not in the Gaussian space of a set with interior (Steinwart and Christmann 2008,
    Corollary 4.44), and no C satisfies Assumption 2"""
    rate = 1 / (2 * square * (m - 1) ** 2)
    K = stationary_kernel(m, lambda step: exp(-rate * step**2))
    return at_least(inverse(K).sum(), 3 * sqrt(sqrt(square / square * m)) / 2)


# ---- Assumptions 2 and 3 -------------------------------------------------------------------------


@lvrep.claim("Assumptions 2 and 3")
def all_densities_with_unit_diagonals(k: Number("-1/2", 1, below_high=True), p: Number(0, 1)):
    r"""Assumptions 2 and 3 can hold for the kernels with k(z, z) = 1 of Definition 12, here on two values of measure 1/2
    each (so \int k = 1), density p_z/h: \|p\|_{H_k}^2 = 4 (p, 1-p)'[[1, k], [k, 1]]^{-1}(p, 1-p) \le 1, |k| < 1"""
    law = np.stack([p, 1 - p])
    K = np.stack([1 + 0 * k, k, k, 1 + 0 * k]).reshape(2, 2)
    return at_most(4 * squared_norm(law, inverse(K)), 1 + 0 * k)


@lvrep.claim(
    "Assumptions 2 and 3",
    reading="corrected: what is left",
    corrects="all_densities_with_unit_diagonals",
    because="on a set of measure at most 1 every density has norm at least 1 in L2, and \\|p\\|_{L_2}^2 \\le \\mu_1"
    " \\|p\\|_{H_k}^2 with \\mu_1 \\le tr T_k \\le 1, equal only in rank one: with \\int k(z, z) = vol(Z) \\le 1 only"
    " constant kernels are left",
)
def densities_on_small_sets(T: LatentVariableModel, K: KernelMatrix):
    r"""vol(Z) tr(T_k) \|p\|_{H_k}^2 \ge 1 for every density on |Z| values of measure h each: T_k = hK, \|p/h\|_{H_k}^2 =
    (p/h)'K^{-1}(p/h), vol = h|Z|, in which h cancels"""
    q = T.latents[0, 0]
    return at_least(T.Z * np.trace(K) * kernel_norm_squared(q, K), 1 + 0 * T.gamma)


@lvrep.claim("Assumptions 2 and 3", reading="C is at least |Z|")
def constant_hides_the_number_of_latents(T: LatentVariableModel, K: KernelMatrix):
    r"""C tr K \ge |Z|: g = 1 gives 1'K^{-1}1 \ge |Z|/\mu_1, so that under Assumption 3 C \ge |Z|, which no bound that is
    polynomial in C escapes, and C is infinite for infinitely many discrete values"""
    return at_least(function_bound(T.emissions, K) * np.trace(K), T.Z + 0 * T.gamma)


@lvrep.claim("Assumptions 2 and 3", reading="C with the norms of the features")
def constant_against_feature_norms(T: LatentVariableModel, K: KernelMatrix):
    r"""C tr K^2 \max\|p\|_{H_k}^2 \ge 1: 1 = <p, 1> \le \mu_1 \|p\|_{H_k} \|1\|_{H_k}, so \sqrt C \ge 1/\mu_1 \ge 1 under both"""
    C, R = function_bound(T.emissions, K), feature_bound(T.latents, K)
    return at_least(C * np.trace(K) ** 2 * R, 1 + 0 * T.gamma)


# ---- Theorem 1 and Remark 3 ----------------------------------------------------------------------


@lvrep.claim("Theorem 1", reading='literal: N polynomial in "\\varepsilon"')
def episodes_polynomial_in_epsilon(eps: Along(0), delta: Number(0, "1/4")):
    r"""N = poly(C, |A|, 1/(1-\gamma), \varepsilon, log(|P|/\delta)) stays bounded as \varepsilon tends to 0. Two models of one choice whose
    laws differ by 2\varepsilon in l_1, the better action being another one in each: N laws drawn differ by at most 2N\varepsilon,
    and one learner is right in both with probability 1-\delta only if 2N\varepsilon \ge 2(1-2\delta)"""
    needed = (1 - 2 * delta) / eps
    return bounded_by(needed, 1 + 0 * delta)


@lvrep.claim(
    "Theorem 1",
    corrects="episodes_polynomial_in_epsilon",
    because="\\varepsilon stands for 1/\\varepsilon, as Theorem 4 has it",
)
def episodes_polynomial_in_inverse_epsilon(eps: Along(0), delta: Number(0, "1/4")):
    r"""the same lower bound is within poly(1/\varepsilon), here its first power"""
    needed = (1 - 2 * delta) / eps
    return bounded_by(needed, 1 / eps)


@lvrep.claim("Remark 3")
def constant_without_the_states(T: LatentVariableModel, K: KernelMatrix, g: StateFunction):
    r"""independent of |S|: C is at most the largest u'K^{-1}u over the 2^{|Z|} sign vectors u, whatever p(s'|z) and |S|,
    since |\int p(s'|z) g| \le 1"""
    cube = function_bound(identity(T.Z), K)
    return at_most(function_bound(T.emissions, K), cube)
