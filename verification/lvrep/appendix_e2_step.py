r"""Appendix E.2: the proof of Lemma 5, one step back in the learned model.

B = 1 throughout: every line is homogeneous in g. n is the number of policies pi_0, ..., pi_{n-1}; only
lambda/n matters. In what stands, C is the squared norm of the very function that the proof takes from the
class: at most Assumption 2's C, which is the largest, so that the claims are sharper than the lemma.

What breaks: Lemma 5's change of the model adds squares where it must
add norms, and the lemma falls with it (`appendix_e2_learned`).
"""

from theorylab import (
    KernelMatrix,
    LatentVariableEstimate,
    LatentVariableModel,
    Number,
    Policy,
    Several,
    StateActionDistribution,
    StateActionFunction,
    StateFunction,
    at_most,
    chain,
    equal,
)
from theorylab.arithmetic import identity, inverse, sqrt
from theorylab.notation import D, E, sup_norm
from theorylab.theory.features import (
    covariance,
    function_bound,
    kernel_norm_squared,
    squared_norm,
)
from verification.lvrep.paper import lvrep
from verification.lvrep.terms import (
    ahead,
    data_pairs,
    data_pairs_after,
    first,
    inside,
    latent_mean,
    squared_distance,
)

# ---- Lemma 5, its proof --------------------------------------------------------------------------


@lvrep.claim("Lemma 5, proof", reading="recursion")
def learned_recursion(
    T: LatentVariableModel, T_hat: LatentVariableEstimate, pi: Policy, g: StateActionFunction
):
    r"""E_{d^\pi_{\hat T}}[g] = \gamma E_{d^\pi_{\hat T}} E_{\hat T, \pi}[g] + (1-\gamma) E_{d_0, \pi}[g] = \gamma
    E_{d^\pi_{\hat T}} <\hat p, \int \sum_a \hat p(s|\cdot) \pi g> + (1-\gamma) E_{d_0, \pi}[g]"""
    gamma, d_hat = T.gamma, D(T_hat, pi)
    start = (1 - gamma) * first(T, pi, g)
    inner = T_hat.latents @ latent_mean(T_hat, pi, g)
    return (
        chain(E(d_hat, g))
        .equal(gamma * E(d_hat, ahead(T_hat, pi, g)) + start, "stationarity")
        .equal(gamma * E(d_hat, inner) + start, "inner product")
    )


@lvrep.claim("Lemma 5, proof", reading="second term, literal: without the root")
def first_step_literal(
    T: LatentVariableModel, pis: Several(Policy), pi: Policy, g: StateActionFunction
):
    r"""(1-\gamma) E_{d_0, \pi}[g] \le (1-\gamma)|A| E_{\rho_n \times U}[g^2], as the extraction has it"""
    T = inside(T)
    moment = E(data_pairs(T, pis), g**2)
    return at_most((1 - T.gamma) * first(T, pi, g), (1 - T.gamma) * T.A * moment)


@lvrep.claim(
    "Lemma 5, proof",
    reading="second term, forced: with the root",
    corrects="first_step_literal",
    because="extraction slip: the lemma and Jensen's inequality have a root over the right side",
)
def first_step_forced(
    T: LatentVariableModel, pis: Several(Policy), pi: Policy, g: StateActionFunction
):
    r"""(1-\gamma) E_{d_0, \pi}[g] \le \sqrt{(1-\gamma)|A| E_{\rho_n \times U}[g^2]}, squared, line by line"""
    gamma = T.gamma
    return (
        chain((1 - gamma) ** 2 * first(T, pi, g) ** 2)
        .at_most((1 - gamma) ** 2 * first(T, pi, g**2), "Jensen")
        .at_most((1 - gamma) * T.A * E(data_pairs(T, pis), g**2), "importance sampling")
    )


@lvrep.claim("Lemma 5, proof", reading="Cauchy-Schwarz, squared; of Lemma 6 as well")
def step_cauchy_schwarz(
    T: LatentVariableModel,
    K: KernelMatrix,
    law: StateActionDistribution,
    v: StateFunction,
    regular: Number("1/1000", None),
):
    r"""<p, w>^2 \le \|p\|^2_{\Sigma^{-1}} \|w\|^2_\Sigma at each pair, w = \int p(s|\cdot) v(s) ds, for \Sigma of any law
    of pairs, in place of \rho_n \times U with \hat p, or \rho_n with p^*"""
    w, sigma = T.emissions @ v, covariance(law, T.latents, K, 1, regular)
    bound = squared_norm(T.latents, inverse(sigma)) * squared_norm(w, sigma)
    return at_most((T.latents @ w) ** 2, bound)


@lvrep.claim("Lemma 5, proof", reading="expansion of the norm of w")
def learned_expansion(
    T: LatentVariableModel,
    T_hat: LatentVariableEstimate,
    K: KernelMatrix,
    pis: Several(Policy),
    pi: Policy,
    g: StateActionFunction,
    regular: Number("1/1000", None),
):
    r"""\|w\|^2_\Sigma = n E_{\rho_n \times U}(E_{\hat T, \pi}[g])^2 + \lambda \|w\|^2_{H_k}; the square of the
    last norm, which the extraction has lost, is restored: \Sigma is quadratic"""
    n, law, w = len(pis), data_pairs(T, pis), latent_mean(T_hat, pi, g)
    sigma = covariance(law, T_hat.latents, K, n, regular)
    rest = regular * kernel_norm_squared(w, K)
    return equal(squared_norm(w, sigma), n * E(law, ahead(T_hat, pi, g) ** 2) + rest)


def function_in_the_unit_ball(x):
    """The first row of a drawn table over its largest entry: values in [-1, 1]."""
    return x[0] / sup_norm(x[0])


@lvrep.claim("Lemma 5, proof", reading="lambda ||w||^2, literal: Assumption 2 with norm at most C")
def regularised_norm_literal(K: KernelMatrix, x: KernelMatrix):
    r"""\lambda \|w\|^2_{H_k} \le \lambda B^2 C, where C is the largest norm \|\int p(s'|\cdot) g\|_{H_k}, squared;
    as many states as latent values and p(s'|z) = 1{s' = z}, so that w = g"""
    w = function_in_the_unit_ball(x)
    return at_most(kernel_norm_squared(w, K) ** 2, function_bound(identity(len(K)), K))


@lvrep.claim(
    "Lemma 5, proof",
    reading="lambda ||w||^2, forced: squared norm at most C",
    corrects="regularised_norm_literal",
    because="extraction slip: Lemmas 5 and 6, alpha_n and the regret's \\sqrt C have C for the squared norm",
)
def regularised_norm_forced(K: KernelMatrix, x: KernelMatrix):
    r"""\lambda \|w\|^2_{H_k} \le \lambda B^2 C, where C is the largest squared norm"""
    w = function_in_the_unit_ball(x)
    return at_most(kernel_norm_squared(w, K), function_bound(identity(len(K)), K))


@lvrep.claim(
    "Lemma 5, proof", reading="change of the model, literal: E||.||_1 at most zeta, g signed"
)
def model_change_literal(
    T: LatentVariableModel,
    T_hat: LatentVariableEstimate,
    pi: Policy,
    g: StateActionFunction,
):
    r"""(E_{\hat T, \pi}[g])^2 \le (E_{T^*, \pi}[g])^2 + B^2 \|\hat T - T^*\|_1 at each pair: with
    E\|\hat T - T^*\|_1 \le \zeta_n this is n B^2 \zeta_n"""
    true, learned = ahead(T, pi, g), ahead(T_hat, pi, g)
    l1 = squared_distance(T, T_hat)
    return at_most(learned**2 - true**2, sqrt(l1))


@lvrep.claim(
    "Lemma 5, proof",
    reading="change of the model, literal, for g in [0, B]",
    corrects="model_change_literal",
    because="x^2 - y^2 = (x - y)(x + y): |x - y| is at most half of B ||.||_1 for g in [0, B], and all of it for signed g",
)
def model_change_literal_positive(
    T: LatentVariableModel, T_hat: LatentVariableEstimate, pi: Policy, g: StateActionFunction
):
    r"""The same where 0 \le g \le B, squared: (x^2 - y^2)^2 \le \|\hat T - T^*\|_1^2. It stands, but Lemma 16
    bounds the mean of \|\cdot\|_1^2, which is smaller"""
    h = (1 + g) / 2
    difference = ahead(T_hat, pi, h) ** 2 - ahead(T, pi, h) ** 2
    return at_most(difference**2, squared_distance(T, T_hat))


@lvrep.claim("Lemma 5, proof", reading="change of the model, forced: E||.||_1^2 at most zeta")
def model_change_forced(
    T: LatentVariableModel, T_hat: LatentVariableEstimate, pi: Policy, g: StateActionFunction
):
    r"""E(E_{\hat T, \pi}[g])^2 \le E(E_{T^*, \pi}[g])^2 + B^2 E\|\hat T - T^*\|_1^2. Forced: Lemmas 12 and 16 have the
    square, and \zeta_n = \Theta(\log(n|P|/\delta)/n) is its rate; here at each pair, g in [0, B]"""
    h = (1 + g) / 2
    bound = ahead(T, pi, h) ** 2 + squared_distance(T, T_hat)
    return at_most(ahead(T_hat, pi, h) ** 2, bound)


@lvrep.claim(
    "Lemma 5, proof",
    reading="change of the model, corrected",
    corrects="model_change_forced",
    because="norms add, squares do not: x <= y + B ||.||_1 gives x^2 <= (1+t) y^2 + (1+1/t) B^2 ||.||_1^2,"
    " whose least value over t is (y + B ||.||_1)^2",
)
def model_change_corrected(
    T: LatentVariableModel,
    T_hat: LatentVariableEstimate,
    pi: Policy,
    g: StateActionFunction,
    t: Number(0, None),
):
    r"""t E(E_{\hat T, \pi}[g])^2 \le t(1+t) E(E_{T^*, \pi}[g])^2 + (1+t) B^2 E\|\hat T - T^*\|_1^2 for every t \ge 0,
    g signed; with half the l1 norm for g in [0, B]"""
    y, square = ahead(T, pi, g) ** 2, squared_distance(T, T_hat)
    return at_most(t * ahead(T_hat, pi, g) ** 2, t * (1 + t) * y + (1 + t) * square)


@lvrep.claim("Lemma 5, proof", reading="Jensen, |A|, rho'")
def learned_last_lines(
    T: LatentVariableModel, pis: Several(Policy), pi: Policy, g: StateActionFunction
):
    r"""n E_{\rho_n \times U}(E_{T^*, \pi}[g])^2 \le n E E_{T^*, \pi}[g^2] \le n|A| E E_{T^*, U}[g^2] = n|A| E_{\rho'_n \times U}[g^2]"""
    n, law = len(pis), data_pairs(T, pis)
    uniform = T.P @ (g**2).sum(-1) / T.A
    return (
        chain(n * E(law, ahead(T, pi, g) ** 2))
        .at_most(n * E(law, ahead(T, pi, g**2)), "Jensen")
        .at_most(n * T.A * E(law, uniform), "importance sampling")
        .equal(n * T.A * E(data_pairs_after(T, pis), g**2), "the law of s'")
    )
