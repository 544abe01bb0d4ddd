"""Total variation, KL and chi-square: each lemma and its planted twin."""

from theorylab import (
    MDP,
    Model,
    Policy,
    StateActionDistribution,
    StateDistribution,
    StateFunction,
    chain,
    claim,
)
from theorylab.arithmetic import exp, inf, l1_norm, log, positive, ratio, sqrt, sup, sup_norm
from theorylab.notation import KL, TV, D, E, V, d


@claim("Pinsker with the span")
def pinsker(p: StateDistribution, q: StateDistribution, f: StateFunction):
    span = sup(f) - inf(f)
    return (
        chain((E(p, f) - E(q, f)) ** 2)
        .at_most((span * TV(p, q)) ** 2, "half the l1 norm times the span")
        .at_most(span**2 * KL(p, q) / 2, "Pinsker")
    )


@claim("Pinsker with the span, one per cent too good")
def pinsker_planted(p: StateDistribution, q: StateDistribution, f: StateFunction):
    span = sup(f) - inf(f)
    return (
        chain((E(p, f) - E(q, f)) ** 2)
        .at_most((span * TV(p, q)) ** 2, "half the l1 norm times the span")
        .at_most(99 * span**2 * KL(p, q) / 200, "Pinsker")
    )


@claim("Hoelder with total variation")
def hoelder(p: StateDistribution, q: StateDistribution, f: StateFunction):
    return (
        chain(E(p, f) - E(q, f))
        .equal(E(p - q, f), "linearity")
        .at_most((abs_of(p - q) * abs_of(f)).sum(), "triangle inequality")
        .at_most(l1_norm(p - q) * sup_norm(f), "Hoelder")
        .equal(2 * TV(p, q) * sup_norm(f), "TV is half the l1 norm")
    )


@claim("Hoelder with total variation, its factor 2 lost")
def hoelder_planted(p: StateDistribution, q: StateDistribution, f: StateFunction):
    return (
        chain(E(p, f) - E(q, f))
        .equal(E(p - q, f), "linearity")
        .at_most((abs_of(p - q) * abs_of(f)).sum(), "triangle inequality")
        .at_most(l1_norm(p - q) * sup_norm(f), "Hoelder")
        .equal(TV(p, q) * sup_norm(f), "TV is the l1 norm")
    )


def abs_of(x):
    """|x| from positive parts."""
    return positive(x) + positive(-x)


@claim("total variation and the sup norm")
def total_variation(p: StateDistribution, q: StateDistribution):
    return (
        chain(sup_norm(p - q))
        .at_most(positive(p - q).sum(), "gains and losses balance")
        .equal(TV(p, q), "half of the l1 norm")
    )


@claim("total variation as the sup norm, which it is below four states")
def total_variation_planted(p: StateDistribution, q: StateDistribution):
    return (
        chain(TV(p, q))
        .equal(positive(p - q).sum(), "gains and losses balance")
        .equal(sup_norm(p - q), "attained at one state")
    )


@claim("chain rule of KL for occupancies")
def kl_of_occupancies(M: MDP, pi: Policy, mu: Policy):
    D_pi, D_mu, d_pi, d_mu = D(M, pi).ravel(), D(M, mu).ravel(), d(M, pi), d(M, mu)
    by_state = KL(pi.probabilities, mu.probabilities)
    return (
        chain(TV(d_pi, d_mu) ** 2)
        .at_most(TV(D_pi, D_mu) ** 2, "a marginal is closer")
        .at_most(KL(D_pi, D_mu) / 2, "Pinsker")
        .equal((KL(d_pi, d_mu) + E(d_pi, by_state)) / 2, "chain rule")
        .at_most((KL(d_pi, d_mu) + sup(by_state)) / 2, "the largest")
    )


@claim("chain rule of KL for occupancies, averaged under the wrong one")
def kl_of_occupancies_planted(M: MDP, pi: Policy, mu: Policy):
    D_pi, D_mu, d_pi, d_mu = D(M, pi).ravel(), D(M, mu).ravel(), d(M, pi), d(M, mu)
    by_state = KL(pi.probabilities, mu.probabilities)
    return (
        chain(TV(d_pi, d_mu) ** 2)
        .at_most(TV(D_pi, D_mu) ** 2, "a marginal is closer")
        .at_most(KL(D_pi, D_mu) / 2, "Pinsker")
        .equal((KL(d_pi, d_mu) + E(d_mu, by_state)) / 2, "chain rule")
        .at_most((KL(d_pi, d_mu) + sup(by_state)) / 2, "the largest")
    )


def product(nu):
    """The product of the marginals of nu, shape (S A,)."""
    return (nu.sum(-1)[:, None] * nu.sum(0)[None, :]).ravel()


@claim("KL of marginals against a product")
def kl_of_marginals(nu: StateActionDistribution, mu: StateActionDistribution):
    return (
        chain(KL(nu.sum(-1), mu.sum(-1)) + KL(nu.sum(0), mu.sum(0)))
        .equal(KL(nu.ravel(), product(mu)) - KL(nu.ravel(), product(nu)), "chain rule twice")
        .at_most(KL(nu.ravel(), product(mu)), "KL is not negative")
    )


@claim("KL of marginals against a law that is no product")
def kl_of_marginals_planted(nu: StateActionDistribution, mu: StateActionDistribution):
    return (
        chain(KL(nu.sum(-1), mu.sum(-1)) + KL(nu.sum(0), mu.sum(0)))
        .equal(KL(nu.ravel(), product(mu)) - KL(nu.ravel(), product(nu)), "chain rule twice")
        .at_most(KL(nu.ravel(), product(mu)), "KL is not negative")
        .at_most(KL(nu.ravel(), mu.ravel()), "superadditivity")
    )


@claim("model error through KL")
def model_error(M: MDP, M_hat: Model, pi: Policy):
    D_pi, V_hat = D(M, pi), V(M_hat, pi)
    far, scale = TV(M.P, M_hat.P), 2 * sup_norm(V_hat)
    return (
        chain(E(D_pi, (M.P - M_hat.P) @ V_hat))
        .at_most(scale * E(D_pi, far), "Hoelder")
        .at_most(scale * sqrt(E(D_pi, far**2)), "Cauchy-Schwarz")
        .at_most(scale * sqrt(E(D_pi, KL(M.P, M_hat.P)) / 2), "Pinsker")
    )


@claim("model error through KL, Jensen the wrong way")
def model_error_planted(M: MDP, M_hat: Model, pi: Policy):
    D_pi, V_hat = D(M, pi), V(M_hat, pi)
    far, scale = TV(M.P, M_hat.P), 2 * sup_norm(V_hat)
    return (
        chain(E(D_pi, (M.P - M_hat.P) @ V_hat))
        .at_most(scale * E(D_pi, far), "Hoelder")
        .at_most(scale * sqrt(E(D_pi, far**2)), "Cauchy-Schwarz")
        .at_most(scale * E(D_pi, sqrt(KL(M.P, M_hat.P) / 2)), "Pinsker inside, Jensen")
    )


@claim("chi-square bounds a difference of means")
def chi_square(p: StateDistribution, q: StateDistribution, f: StateFunction):
    w, mean = ratio(p, q), E(q, f)
    variance = E(q, (f - mean) ** 2)
    return (
        chain((E(p, f) - mean) ** 2)
        .equal(E(q, (w - 1) * (f - mean)) ** 2, "change of measure")
        .at_most(E(q, (w - 1) ** 2) * variance, "Cauchy-Schwarz")
        .equal((E(p, w) - 1) * variance, "multiply out")
    )


@claim("chi-square bounds a difference of means, deviations under the wrong law")
def chi_square_planted(p: StateDistribution, q: StateDistribution, f: StateFunction):
    w, mean = ratio(p, q), E(q, f)
    variance = E(p, (f - mean) ** 2)
    return (
        chain((E(p, f) - mean) ** 2)
        .equal(E(q, (w - 1) * (f - mean)) ** 2, "change of measure")
        .at_most(E(q, (w - 1) ** 2) * variance, "Cauchy-Schwarz")
        .equal((E(p, w) - 1) * variance, "multiply out")
    )


@claim("Donsker and Varadhan")
def change_of_measure(p: StateDistribution, q: StateDistribution, f: StateFunction):
    free = log(E(q, exp(f)))
    tilted = q * exp(f) / E(q, exp(f))
    return (
        chain(E(p, f))
        .equal(KL(p, q) + free - KL(p, tilted), "definition of the tilted law")
        .at_most(KL(p, q) + free, "KL is not negative")
        .at_most(KL(p, q) + E(q, f) + (sup(f) - inf(f)) ** 2 / 8, "Hoeffding's lemma")
    )


@claim("Donsker and Varadhan, the directions of KL exchanged")
def change_of_measure_planted(p: StateDistribution, q: StateDistribution, f: StateFunction):
    free = log(E(q, exp(f)))
    tilted = q * exp(f) / E(q, exp(f))
    return (
        chain(E(p, f))
        .equal(KL(p, q) + free - KL(p, tilted), "definition of the tilted law")
        .at_most(KL(q, p) + free, "KL is not negative")
        .at_most(KL(q, p) + E(q, f) + (sup(f) - inf(f)) ** 2 / 8, "Hoeffding's lemma")
    )


@claim("a test between two laws")
def two_laws(p: StateDistribution, q: StateDistribution):
    return (
        chain(TV(p, q) ** 2)
        .at_most(1 - exp(-KL(p, q)), "Bretagnolle and Huber")
        .at_most(KL(p, q), "exp is above its tangent")
    )


@claim("a test between two laws, with a divergence that is never above 1000")
def two_laws_planted(p: StateDistribution, q: StateDistribution):
    return (
        chain(TV(p, q) ** 2 - 1)
        .at_most(-exp(-KL(p, q)), "Bretagnolle and Huber")
        .at_most(1000 - KL(p, q), "the divergence is bounded")
    )
