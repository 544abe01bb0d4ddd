r"""Appendix E.2: rho_n, the weighted Cauchy-Schwarz inequality, Lemma 6 and its proof.

B = 1 throughout: every line is homogeneous in g. One policy pi_0 stands for pi_0, ..., pi_{n-1} where
nothing else is said: a mean of occupancies is the occupancy of one policy, and only lambda/n matters. C
is the squared norm of the very function that the proof takes: at most Assumption 2's C, so sharper.

What breaks: rho_n as printed has mass (n-1)/n, and Lemma 6 falls with it at n = 1; "= n|A|/gamma" is
at most. With rho_n from i = 0 the lemma stands as printed.
"""

from theorylab import (
    KernelMatrix,
    LatentVariableEstimate,
    LatentVariableModel,
    Number,
    Policy,
    Several,
    StateActionFunction,
    at_most,
    chain,
    equal,
)
from theorylab.arithmetic import inverse, sqrt
from theorylab.notation import D, E
from theorylab.theory.features import covariance, kernel_norm_squared, squared_norm
from theorylab.theory.representation_bounds import first_step, step_back, true_radius
from verification.lvrep.paper import lvrep
from verification.lvrep.terms import (
    ahead,
    always,
    data_occupancy,
    data_pairs,
    first,
    inside,
    latent_mean,
    model,
    norms,
    own_bound,
)

# ---- rho_n and Cauchy-Schwarz --------------------------------------------------------------------


@lvrep.claim("E.2, rho_n")
def data_law_as_printed(T: LatentVariableModel, pis: Several(Policy)):
    r"""\rho_n = \frac1n \sum_{i=1}^{n-1} d^{\pi_i}_{T^*} is a distribution"""
    n = len(pis)
    visited = sum([D(T, pi) for pi in pis[1:]], 0 * D(T, pis[0]))
    return equal(visited.sum() / n, T.gamma**0)


@lvrep.claim(
    "E.2, rho_n",
    reading="the sum from i = 0",
    corrects="data_law_as_printed",
    because="n-1 laws divided by n have mass (n-1)/n; D_n also holds the pairs of pi_0",
)
def data_law(T: LatentVariableModel, pis: Several(Policy)):
    r"""\rho_n = \frac1n \sum_{i=0}^{n-1} d^{\pi_i}_{T^*} is a distribution"""
    return equal(data_occupancy(T, pis).sum(), T.gamma**0)


@lvrep.claim("E.2, Cauchy-Schwarz", reading="squared")
def weighted_cauchy_schwarz(operator: KernelMatrix, x: KernelMatrix, y: KernelMatrix):
    r"""<x, x'> \le \|x\|_T \|x'\|_{T^{-1}}, squared; x and x' are rows of two drawn tables (the first
    entry is positive, which by -x is no restriction). "\le \infty" before it must read "< \infty" """
    bound = squared_norm(x[0], operator) * squared_norm(y[0], inverse(operator))
    return at_most((x[0] @ y[0]) ** 2, bound)


# ---- Lemma 6, its proof --------------------------------------------------------------------------


@lvrep.claim("Lemma 6, proof", reading="recursion (10)")
def true_recursion(T: LatentVariableModel, pi: Policy, g: StateActionFunction):
    r"""E_{d^\pi_{T^*}}[g] = \gamma E_{d^\pi_{T^*}} E_{T^*, \pi}[g] + (1-\gamma) E_{d_0, \pi}[g] = \gamma
    E_{d^\pi_{T^*}} <p^*, \int \sum_a p^*(s|\cdot) \pi g> + (1-\gamma) E_{d_0, \pi}[g]"""
    gamma, d_pi = T.gamma, D(T, pi)
    start = (1 - gamma) * first(T, pi, g)
    return (
        chain(E(d_pi, g))
        .equal(gamma * E(d_pi, ahead(T, pi, g)) + start, "stationarity")
        .equal(gamma * E(d_pi, T.latents @ latent_mean(T, pi, g)) + start, "inner product")
    )


@lvrep.claim("Lemma 6, proof", reading="expansion, as printed: p_n under the last norm")
def true_expansion_as_printed(
    T: LatentVariableModel,
    T_hat: LatentVariableEstimate,
    K: KernelMatrix,
    pi_0: Policy,
    pi: Policy,
    g: StateActionFunction,
    regular: Number("1/1000", None),
):
    r"""\|\int \sum_a p^*(s|\cdot) \pi g\|^2_\Sigma = n E_{\rho_n}(E_{T^*, \pi}[g])^2 +
    \lambda \|\int \sum_a \hat p_n(s|\cdot) \pi g\|^2_{H_k}"""
    T = inside(T)
    return true_expansion_with(latent_mean(T_hat, pi, g), T, K, pi_0, pi, g, regular)


@lvrep.claim(
    "Lemma 6, proof",
    reading="expansion",
    corrects="true_expansion_as_printed",
    because="a slip: the norm is of p*'s own function, as the left side",
)
def true_expansion(
    T: LatentVariableModel,
    K: KernelMatrix,
    pi_0: Policy,
    pi: Policy,
    g: StateActionFunction,
    regular: Number("1/1000", None),
):
    r"""The same with \lambda \|\int \sum_a p^*(s|\cdot) \pi g\|^2_{H_k}"""
    return true_expansion_with(latent_mean(T, pi, g), T, K, pi_0, pi, g, regular)


def true_expansion_with(v, T, K, pi_0, pi, g, regular):
    """||w||_Sigma^2 = E_{rho_n}(E_T* g)^2 + lambda ||v||_{H_k}^2, w of p*, n = 1."""
    law = D(T, pi_0)
    sigma = covariance(law, T.latents, K, 1, regular)
    rest = regular * kernel_norm_squared(v, K)
    left = squared_norm(latent_mean(T, pi, g), sigma)
    return equal(left, E(law, ahead(T, pi, g) ** 2) + rest)


@lvrep.claim("Lemma 6, proof", reading="Jensen, |A|")
def true_middle_lines(T: LatentVariableModel, pi_0: Policy, pi: Policy, g: StateActionFunction):
    r"""n E_{\rho_n}(E_{T^*, \pi}[g])^2 \le n E E_{T^*, \pi}[g^2] \le n|A| E E_{T^*, U}[g^2]"""
    law = D(T, pi_0)
    return (
        chain(E(law, ahead(T, pi, g) ** 2))
        .at_most(E(law, ahead(T, pi, g**2)), "Jensen")
        .at_most(T.A * E(law, ahead_uniformly(T, g**2)), "importance sampling")
    )


def ahead_uniformly(T, g):
    """E_{s ~ T(. | s~, a~), a ~ U(A)}[g], a table (S, A)."""
    return T.P @ g.sum(-1) / T.A


@lvrep.claim("Lemma 6, proof", reading="last line, as printed: equal")
def true_last_line_as_printed(T: LatentVariableModel, pis: Several(Policy), g: StateActionFunction):
    r"""n|A| E_{\rho_n, T^*, U}[g^2] = \frac{n|A|}{\gamma} E_{\rho_n \times U}[g^2], multiplied by \gamma/(n|A|)"""
    T = inside(T)
    after = E(data_occupancy(T, pis), ahead_uniformly(T, g**2))
    return equal(T.gamma * after, E(data_pairs(T, pis), g**2))


@lvrep.claim(
    "Lemma 6, proof",
    reading="last line",
    corrects="true_last_line_as_printed",
    because="rho_n = (1-gamma) d_0 + gamma (law of s'): the start is dropped, so it is at most",
)
def true_last_line(T: LatentVariableModel, pis: Several(Policy), g: StateActionFunction):
    r"""\gamma E_{\rho_n, T^*, U}[g^2] \le E_{\rho_n \times U}[g^2]; the difference is (1-\gamma) E_{d_0 \times U}[g^2]"""
    after = E(data_occupancy(T, pis), ahead_uniformly(T, g**2))
    start = (1 - T.gamma) * E(T.start, (g**2).sum(-1) / T.A)
    law = data_pairs(T, pis)
    return chain(T.gamma * after).at_most(T.gamma * after + start).equal(E(law, g**2), "recursion")


# ---- Lemma 6 -------------------------------------------------------------------------------------


@lvrep.claim("Lemma 6", reading="printed; rho_n as printed, n = 1, one state, action, latent value")
def step_back_true_empty_data(
    gamma: Number("1/8", 1, below_high=True), regular: Number("1/1000", None)
):
    r"""E_{d^\pi_{T^*}}[g] \le E\|p^*\|_{\Sigma^{-1}} \sqrt{n\gamma|A|E_{\rho_n \times U}[g^2] + \lambda\gamma^2 B^2 C} +
    \sqrt{(1-\gamma)|A|E_{\rho_n \times U}[g^2]} for \rho_1 = \sum_{i=1}^0 = 0, g = 1, K = C = 1"""
    one = gamma**0
    tables = {"payoff": [[one]], "gamma": gamma, "start": [one]}
    T = model(latents=[[[one]]], emissions=[[one]], **tables)
    law = 0 * D(T, always(0, 1, 1))
    return step_back_true(T, law, law, T.payoff, always(0, 1, 1), T.payoff, regular)


@lvrep.claim(
    "Lemma 6",
    reading="printed; rho_n from i = 0",
    corrects="step_back_true_empty_data",
    because="rho_n must be a distribution; with pi_0 in it the lemma stands as printed",
)
def step_back_true_printed(
    T: LatentVariableModel,
    K: KernelMatrix,
    pi_0: Policy,
    pi: Policy,
    g: StateActionFunction,
    regular: Number("1/1000", None),
):
    r"""E_{d^\pi_{T^*}}[g] \le E\|p^*\|_{\Sigma^{-1}_{\rho_n, p^*}} \sqrt{n\gamma|A|E_{\rho_n \times U}[g^2] +
    \lambda\gamma^2 B^2 C} + \sqrt{(1-\gamma)|A| E_{\rho_n \times U}[g^2]}"""
    return step_back_true(T, D(T, pi_0), data_pairs(T, (pi_0,)), K, pi, g, regular)


def step_back_true(T, law, uniform, K, pi, g, regular):
    """Lemma 6, n = 1: rho_n(s, a) is `law`, rho_n x U(A) is `uniform`."""
    moment = T.A * E(uniform, g**2)
    radius = true_radius(T.gamma, moment, regular * own_bound(T, pi, g, K))
    later = E(D(T, pi), sqrt(norms(T, law, K, 1, regular))) * radius
    return at_most(E(D(T, pi), g), later + first_step(T.gamma, 1, moment))


@lvrep.claim("Lemma 6", reading="clipped at gamma B")
def step_back_true_clipped(
    T: LatentVariableModel,
    K: KernelMatrix,
    pi_0: Policy,
    pi: Policy,
    g: StateActionFunction,
    regular: Number("1/1000", None),
):
    r"""The same, sharper, with \min(\|p^*\|_{\Sigma^{-1}} R, \gamma B) under the mean, R the root"""
    moment = T.A * E(data_pairs(T, (pi_0,)), g**2)
    radius = true_radius(T.gamma, moment, regular * own_bound(T, pi, g, K))
    roots = sqrt(norms(T, D(T, pi_0), K, 1, regular))
    later = step_back(D(T, pi), roots, radius, T.gamma)
    return at_most(E(D(T, pi), g), later + first_step(T.gamma, 1, moment))
