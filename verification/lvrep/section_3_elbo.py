r"""Section 3, equation (5) and Remark 1: the evidence lower bound and maximum likelihood.

p(z|s, a) and p(s'|z) are those of the model whose T stands on the left: (5) prints p* for both, and
T without a star. q(z|s, a, s') are the rows of another model's latents, for one next state s' = 0;
the data of (5), MLE weigh each (s, a, s'). A class Q of rows is a set, so that "the same solution"
compares values for every model: equal profiles have equal sets of maximisers, ties and all.

What is seen has positive probability: emissions are gamma p(s'|z) + (1 - gamma) / S, gamma < 1, which
is any emission without a zero.
"""

from theorylab import (
    LatentVariableEstimate,
    LatentVariableModel,
    StateActionDistribution,
    at_least,
    at_most,
    chain,
    equal,
    every,
)
from theorylab.arithmetic import log, maximum, positive
from theorylab.notation import KL, TV
from theorylab.theory.elbo import elbo, elbo_table, evidence, expected_log, posterior, posteriors
from verification.lvrep.paper import lvrep

RICH = "Q holds the posteriors of both models"


def emitted(T):
    """Emissions without a zero, shape (Z, S)."""
    return T.gamma * T.emissions + (1 - T.gamma) / T.S


def probabilities(T):
    """T(s'|s, a) through these emissions, shape (S, A, S)."""
    return T.latents @ emitted(T)


def parts(T, q):
    """p(.|s, a), p(s' = 0|.) and the bound for q, shapes (S, A, Z), (S, A, Z) and (S, A)."""
    p, e = T.latents, emitted(T)[:, 0] + 0 * T.latents
    return p, e, elbo(p, e, q.latents)


# ---- (5) -----------------------------------------------------------------------------------------


@lvrep.claim("(5)")
def elbo_below_evidence(T: LatentVariableModel, q: LatentVariableEstimate):
    r"""\log T(s'|s, a) = \log\int p(z|s, a)p(s'|z)dz \ge E_{q}[\log p(s'|z)] - D_{KL}(q\|p(\cdot|s, a))"""
    p, e, bound = parts(T, q)
    return (
        chain(log(probabilities(T)[:, :, 0]))
        .equal(log(evidence(p, e)), "(3)")
        .at_least(bound, "Jensen")
    )


@lvrep.claim("(5)", reading="the maximum over q")
def elbo_attained(T: LatentVariableModel):
    r"""\log T(s'|s, a) = \max_q E_q[\log p(s'|z)] - D_{KL}(q\|p(\cdot|s, a)): the posterior attains it"""
    p, e, _ = parts(T, T)
    return equal(elbo(p, e, posterior(p, e)), log(probabilities(T)[:, :, 0]))


@lvrep.claim("(5)", reading="q / q inside")
def elbo_before_jensen(T: LatentVariableModel, q: LatentVariableEstimate):
    r"""\log\int\frac{p(z|s, a)p(s'|z)}{q}q\,dz \ge E_q\log\frac{p(z|s, a)p(s'|z)}{q}, which is the bound"""
    p, e, bound = parts(T, q)
    return every(
        equal(expected_log(q.latents, p * e) + entropy(q.latents), bound),
        at_most(bound, log((p * e).sum(-1))),
    )


def entropy(q):
    """-E_q log q along the last axis."""
    return -expected_log(q, q)


@lvrep.claim("(5), equality")
def elbo_gap(T: LatentVariableModel, q: LatentVariableEstimate):
    r"""\log T(s'|s, a) - ELBO = D_{KL}(q\|p(z|s, a, s')), p(z|s, a, s') \propto p(z|s, a)p(s'|z)"""
    p, e, bound = parts(T, q)
    return equal(KL(q.latents, posterior(p, e)), log(evidence(p, e)) - bound)


@lvrep.claim("(5), equality", reading="only at the posterior")
def elbo_tight_only_there(T: LatentVariableModel, q: LatentVariableEstimate):
    r""" "the equality only holds when q = p(z|s, a, s')": the gap is at least 2TV(q, p(z|s, a, s'))^2"""
    p, e, bound = parts(T, q)
    distance = TV(q.latents, posterior(p, e))
    return at_most(2 * distance**2, log(evidence(p, e)) - bound)


# ---- maximum likelihood --------------------------------------------------------------------------


def seen(T, T_data, nu):
    """The weights of (s, a, s') in data with pairs from nu and next states from a third model."""
    return nu[:, :, None] * T_data.P


def profile(T, q, data):
    """sum of the bounds over the data, for a table of rows q (S, A, S, Z)."""
    return (data * elbo_table(T.latents, emitted(T), q)).sum()


def fit(T, data):
    """The log-likelihood of the data, a sum over (s, a, s')."""
    return (data * log(probabilities(T))).sum()


@lvrep.claim(
    "(5), MLE",
    corrects="elbo_minimised",
    because="the surrogate of the likelihood is maximised, as Algorithms 1 and 2 have it",
)
def elbo_profile_is_likelihood(
    T: LatentVariableModel,
    T_hat: LatentVariableEstimate,
    T_data: LatentVariableEstimate,
    nu: StateActionDistribution,
):
    r"""\max_{q\in Q}\sum ELBO(p, q) = \sum\log T(s'|s, a) for each of the two models of P, Q the posteriors of
    both: the same maximisers"""
    data = seen(T, T_data, nu)
    rows = [posteriors(M.latents, emitted(M)) for M in (T, T_hat)]
    own = [profile(M, q, data) for M, q in zip((T, T_hat), rows, strict=True)]
    other = [profile(T, rows[1], data), profile(T_hat, rows[0], data)]
    return every(
        equal(maximum(own[0], other[0]), fit(T, data)),
        equal(maximum(own[1], other[1]), fit(T_hat, data)),
    )


@lvrep.claim("Remark 1")
def elbo_estimator_is_mle(
    T: LatentVariableModel,
    T_hat: LatentVariableEstimate,
    T_data: LatentVariableEstimate,
    nu: StateActionDistribution,
):
    r"""The assumption on Q "guarantees the estimator obtained by maximizing the ELBO is identical to the MLE":
    the better model by one is the better one by the other, Q the posteriors of both"""
    data = seen(T, T_data, nu)
    rows = [posteriors(M.latents, emitted(M)) for M in (T, T_hat)]
    first, second = (
        maximum(profile(M, rows[0], data), profile(M, rows[1], data)) for M in (T, T_hat)
    )
    return at_least((first - second) * (fit(T, data) - fit(T_hat, data)), 0 * first)


@lvrep.claim("Remark 1", reading="Q lacks a posterior")
def elbo_estimator_with_poor_class(
    T: LatentVariableModel, T_hat: LatentVariableEstimate, q: LatentVariableEstimate
):
    r"""What the assumption on Q is for: with one q alone, the same for all (s, a, s' = 0), the better model by
    the ELBO need not be the more likely one"""
    first, second = (parts(M, q)[2][0, 0] for M in (T, T_hat))
    likelier = log(probabilities(T)[0, 0, 0]) - log(probabilities(T_hat)[0, 0, 0])
    return at_least(positive(first - second) * likelier, 0 * likelier)


@lvrep.claim(
    "Remark 1",
    reading="Q lacks a posterior, corrected",
    corrects="elbo_estimator_with_poor_class",
    because="the ELBO of the more likely model is short by its gap: what maximises the ELBO can lose that much"
    " log-likelihood, and no more",
)
def elbo_estimator_loses_at_most_the_gap(
    T: LatentVariableModel, T_hat: LatentVariableEstimate, q: LatentVariableEstimate
):
    r"""with any q, if T has the larger ELBO, then \log T(s'|s, a) \ge \log\hat T(s'|s, a) - D_{KL}(q\|\hat p(z|s, a, s'))"""
    first, second = (parts(M, q)[2][0, 0] for M in (T, T_hat))
    likelier = log(probabilities(T)[0, 0, 0]) - log(probabilities(T_hat)[0, 0, 0])
    p, e, _ = parts(T_hat, q)
    gap = KL(q.latents[0, 0], posterior(p, e)[0, 0])
    return at_least(positive(first - second) * (likelier + gap), 0 * likelier)


@lvrep.claim("Remark 1", reading="Q holds the posteriors of one model")
def posteriors_of_the_likeliest_suffice(
    T: LatentVariableModel,
    T_hat: LatentVariableEstimate,
    T_data: LatentVariableEstimate,
    nu: StateActionDistribution,
):
    r"""Assumption 1 asks for the posteriors of all models in P: those of a maximum-likelihood model T are enough, as
    its ELBO exceeds any other model's by at least the difference of their log-likelihoods"""
    data = seen(T, T_data, nu)
    rows = posteriors(T.latents, emitted(T))
    lead = profile(T, rows, data) - profile(T_hat, rows, data)
    return at_least(lead, fit(T, data) - fit(T_hat, data))


@lvrep.claim("(5), MLE", reading="Section 6.1: learned by minimizing the ELBO")
def elbo_minimised(
    T: LatentVariableModel,
    T_hat: LatentVariableEstimate,
    T_data: LatentVariableEstimate,
    nu: StateActionDistribution,
):
    r"""Of two models, each with its own posteriors, the one of the least bound has the largest likelihood: a slip
    for maximizing, which Algorithms 1 and 2 and `elbo_profile_is_likelihood` have"""
    data = seen(T, T_data, nu)
    own = [profile(M, posteriors(M.latents, emitted(M)), data) for M in (T, T_hat)]
    return equal(-maximum(-own[0], -own[1]), maximum(fit(T, data), fit(T_hat, data)))
