r"""Appendix E.2: Lemma 5, one step back in the learned model, and its proof.

B = 1 throughout: every line is homogeneous in g. n is the number of policies pi_0, ..., pi_{n-1}; only
lambda/n matters. In what stands, C is the squared norm of the very function that the proof takes from the
class: at most Assumption 2's C, which is the largest, so that the claims are sharper than the lemma.

What breaks: Lemma 5's change of the model adds squares where it must
add norms, and the lemma falls with it.
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
from theorylab.theory.representation_bounds import first_step, learned_radius, step_back
from verification.lvrep.paper import lvrep
from verification.lvrep.terms import (
    ahead,
    always,
    data_pairs,
    data_pairs_after,
    first,
    latent_mean,
    model,
    norms,
    own_bound,
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


@lvrep.claim("Lemma 5, proof", reading="change of the model, literal, for g in [0, B]")
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


# ---- Lemma 5 -------------------------------------------------------------------------------------


def one_value(gamma, q):
    """One latent value, two states, one action: T_hat goes to the first, T* to it but for q."""
    one = q**0
    rest = {"payoff": [[one], [0 * one]], "gamma": gamma, "start": [0 * one, one]}
    pairs = [[[one]], [[one]]]
    T_hat = model(latents=pairs, emissions=[[one, 0 * one]], **rest)
    return model(latents=pairs, emissions=[[1 - q, q]], **rest), T_hat


def step_back_learned(T, T_hat, K, pis, pi, g, regular, share):
    """Lemma 5 with norms that add, clipped at gamma B, zeta a mean of ||.||_1^2 / share."""
    gamma, n, law = T.gamma, len(pis), data_pairs(T, pis)
    zeta = E(law, squared_distance(T, T_hat)) / share
    moment = n * T.A * E(data_pairs_after(T, pis), g**2)
    radius = learned_radius(moment, n * zeta, regular * own_bound(T_hat, pi, g, K))
    roots = sqrt(norms(T_hat, law, K, n, regular))
    later = step_back(D(T_hat, pi), gamma * roots, radius, gamma)
    return at_most(E(D(T_hat, pi), g), later + first_step(gamma, T.A, E(law, g**2)))


@lvrep.claim("Lemma 5", reading="forced: E||.||_1^2 at most zeta, roots restored; one latent value")
def step_back_learned_forced(gamma: Number(0, 1, below_high=True), q: Number(0, 1)):
    r"""E_{d^\pi_{\hat T}}[g] \le \gamma E\|\hat p\|_{\Sigma^{-1}} \sqrt{n|A|E_{\rho'_n \times U}[g^2] + \lambda B^2 C + n B^2 \zeta_n} +
    \sqrt{(1-\gamma)|A| E_{\rho_n \times U}[g^2]}, n = 1, K = 1, C = 1, \lambda = 1 - \gamma, \zeta_n = 4 q^2, d_0 the second state,
    g the indicator of the first, so that the left side is \gamma"""
    T, T_hat = one_value(gamma, q)
    regular, g = 1 - gamma, T.payoff
    pi = always(0, 2, 1)
    law = data_pairs(T, (pi,))
    moment, zeta = E(data_pairs_after(T, (pi,)), g**2), E(law, squared_distance(T, T_hat))
    radius = sqrt((moment + regular + zeta) / (1 + regular))
    bound = gamma * radius + first_step(gamma, 1, E(law, g**2))
    return at_most(E(D(T_hat, pi), g), bound)


@lvrep.claim(
    "Lemma 5",
    reading="corrected: g signed, zeta a mean of ||.||_1^2",
    corrects="step_back_learned_forced",
    because="the change of the model adds norms: (sqrt(n|A|E g^2) + B sqrt(n zeta))^2 takes the place of"
    " n|A|E g^2 + n B^2 zeta",
)
def step_back_learned_signed(
    T: LatentVariableModel,
    T_hat: LatentVariableEstimate,
    K: KernelMatrix,
    pis: tuple[Policy],
    pi: Policy,
    g: StateActionFunction,
    regular: Number("1/1000", None),
):
    r"""E_{d^\pi_{\hat T}}[g] \le \gamma E\|\hat p\|_{\Sigma^{-1}} R + \sqrt{(1-\gamma)|A| E_{\rho_n \times U}[g^2]},
    R^2 = (\sqrt{n|A|E_{\rho'_n \times U}[g^2]} + B\sqrt{n\zeta_n})^2 + \lambda B^2 C"""
    return step_back_learned(T, T_hat, K, pis, pi, g, regular, 1)


@lvrep.claim(
    "Lemma 5",
    reading="corrected: g in [0, B], zeta a mean of squared total variations, clipped",
    corrects="step_back_learned_forced",
    because="for g in [0, B] half the l1 norm is enough, and at each pair gamma E_T_hat[g] <= gamma B",
)
def step_back_learned_positive(
    T: LatentVariableModel,
    T_hat: LatentVariableEstimate,
    K: KernelMatrix,
    pis: tuple[Policy],
    pi: Policy,
    g: StateActionFunction,
    regular: Number("1/1000", None),
):
    r"""The same with \min(\gamma\|\hat p\|_{\Sigma^{-1}} R, \gamma B) under the mean: what a clipped bonus needs"""
    return step_back_learned(T, T_hat, K, pis, pi, (1 + g) / 2, regular, 4)
