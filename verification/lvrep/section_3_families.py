r"""Section 3, equation (5) and Remark 1: families of q(z|s, a, s') that tie transitions.

One q for all (s, a, s'), one for each s', one for each (s, a), one for each (s, a, s'): `FAMILIES`, by
number. The best q of a family is proportional to the exponential of the averaged log joint. Latents
and emissions are mixed with the uniform ones, weights 1 - gamma, so that no posterior has a zero;
data weigh every (s, a, s'). There is one action: a pair is a pair, here one for each state.
"""

from itertools import pairwise

from theorylab import (
    Integer,
    LatentVariableEstimate,
    LatentVariableModel,
    StateDistribution,
    assume,
    at_least,
    equal,
    every,
)
from theorylab.arithmetic import positive
from theorylab.notation import KL
from theorylab.theory.elbo import elbo_table, log_likelihood, posteriors, weighted_step
from theorylab.theory.variational import (
    FAMILIES,
    NESTED,
    best_bound,
    best_of_family,
    family_gap,
    labels_of,
)
from verification.lvrep.paper import lvrep


def tables(T):
    """Latents (S, 1, Z) of the pairs with action 0 and emissions (Z, S), without zeros."""
    return (
        T.gamma * T.latents[:, :1] + (1 - T.gamma) / T.Z,
        T.gamma * T.emissions + (1 - T.gamma) / T.S,
    )


def data_of(T_data, nu):
    """Weights (S, 1, S) above 0: nu plus a uniform part, with the next states of a third model."""
    moves = T_data.gamma * T_data.P[:, :1] + (1 - T_data.gamma) / T_data.S
    return (nu[:, None, None] + 1) * moves


def labels(T, family):
    """The labels (S, A, S) of the family of this number."""
    return labels_of(FAMILIES[family], T.S, 1)


def gap(p, e, data, T, family):
    """The gap of the family of this name."""
    return family_gap(p, e, data, labels_of(family, T.S, 1))


def not_single(T):
    """Assume two states and two latent values: with one, every family holds all posteriors."""
    assume(at_least(T.S, 2), "two states")
    assume(at_least(T.Z, 2), "two latent values")


@lvrep.claim("(5)", reading="best q of a family")
def best_of_a_family(
    T: LatentVariableModel,
    q: LatentVariableEstimate,
    T_data: LatentVariableEstimate,
    nu: StateDistribution,
    family: Integer(0, 3),
):
    r"""\max_{q\in Q}\sum_i w_iELBO_i for one q for each group of transitions is \sum_gW_g\log\sum_z\exp(\sum_{i\in g}w_i\log p(z|s_i, a_i)p(s'_i|z)/W_g),
    attained at q^* \propto \exp(...); any other q is below it by \sum_iw_iD_{KL}(q_i\|q^*_i)"""
    (p, e), data, tied = tables(T), data_of(T_data, nu), labels(T, family)
    rows = q.latents.reshape(-1, T.Z)[tied % (T.S * T.A)]
    best, top = best_of_family(p, e, data, tied)
    return every(
        equal(top - (data * elbo_table(p, e, rows)).sum(), (data * KL(rows, best[tied])).sum()),
        equal((data * elbo_table(p, e, best[tied])).sum(), top),
    )


STEPS = tuple((small, large) for families in NESTED for small, large in pairwise(families))
"""Families and the next larger ones."""


@lvrep.claim("(5), equality", reading="nested families")
def gap_falls_with_the_family(
    T: LatentVariableModel,
    T_data: LatentVariableEstimate,
    nu: StateDistribution,
    step: Integer(0, 3),
):
    r"""from one q to q(z|s') or q(z|s, a), and from either to q(z|s, a, s'), the gap falls by \sum_iw_iD_{KL}(q_i\|q'_i) of the
    best ones, which is \ge 0"""
    (p, e), data = tables(T), data_of(T_data, nu)
    small, large = (labels_of(family, T.S, 1) for family in STEPS[step])
    q, bound = best_of_family(p, e, data, small)
    finer, higher = best_of_family(p, e, data, large)
    return equal(higher - bound, (data * KL(q[small], finer[large])).sum())


@lvrep.claim("(5), equality", reading="families, only if")
def gap_is_averaged_divergence(
    T: LatentVariableModel,
    T_data: LatentVariableEstimate,
    nu: StateDistribution,
    family: Integer(0, 3),
):
    r"""the gap of a family is \sum_iw_iD_{KL}(q_i\|p(z|s_i, a_i, s'_i)) of its best q: no gap only where all posteriors
    lie in the family, as D_{KL} \ge 2TV^2 (`elbo_tight_only_there`)"""
    (p, e), data, tied = tables(T), data_of(T_data, nu), labels(T, family)
    q, bound = best_of_family(p, e, data, tied)
    gap = log_likelihood(p @ e, data) - bound
    return equal(gap, (data * KL(q[tied], posteriors(p, e))).sum())


@lvrep.claim("(5), equality", reading="families, if")
def no_gap_where_posteriors_are_tied(
    T: LatentVariableModel, T_data: LatentVariableEstimate, nu: StateDistribution
):
    r"""p(z|s, a) the same for all (s, a): the posterior is a q(z|s'), which has no gap then; p(s'|z) the same for all z: it
    is a q(z|s, a), the same"""
    (p, e), data = tables(T), data_of(T_data, nu)
    same_p, same_e = 0 * p + p[0, 0], 0 * e + e[0]
    none = 0 * data[0, 0, 0]
    return every(
        equal(gap(same_p, e, data, T, "next_state"), none),
        equal(gap(p, same_e, data, T, "pair"), none),
        equal(gap(same_p, same_e, data, T, "shared"), none),
    )


@lvrep.claim("Remark 1", reading="a family that lacks posteriors")
def maximiser_of_a_family_loses_at_most_the_gap(
    T: LatentVariableModel,
    T_hat: LatentVariableEstimate,
    T_data: LatentVariableEstimate,
    nu: StateDistribution,
    family: Integer(0, 2),
):
    r"""the model with the larger \max_{q\in Q}\sum ELBO has a log-likelihood at most the other's gap below the other's: an
    ELBO maximiser is within the gap of the MLE of maximum likelihood"""
    not_single(T)
    (p, e), (p_hat, e_hat) = tables(T), tables(T_hat)
    data, tied = data_of(T_data, nu), labels(T, family)
    bound, bound_hat = best_bound(p, e, data, tied), best_bound(p_hat, e_hat, data, tied)
    fit, fit_hat = log_likelihood(p @ e, data), log_likelihood(p_hat @ e_hat, data)
    lead, loss = bound - bound_hat, fit - fit_hat + (fit_hat - bound_hat)
    return at_least(positive(lead) * loss, 0 * loss)


# ---- variational EM ------------------------------------------------------------------------------


def stepped(T, T_data, nu, family):
    """Tables, data, q and its ELBO, and the tables after one step of variational EM."""
    (p, e), data, tied = tables(T), data_of(T_data, nu), labels(T, family)
    rows, bound = best_of_family(p, e, data, tied)
    return p, e, data, rows[tied], bound, *weighted_step(p, e, data, rows[tied])


@lvrep.claim("(5), MLE", reading="variational EM, ELBO")
def variational_em_climbs(
    T: LatentVariableModel,
    T_data: LatentVariableEstimate,
    nu: StateDistribution,
    family: Integer(0, 3),
):
    r"""maximising the ELBO of (5) in turn, over q of a family and over p, never lowers it: it gains \sum wD_{KL}(p_{new}\|p) for
    the latents, the same for the emissions, and \sum wD_{KL}(q\|q_{new})"""
    p, e, data, q, bound, p_new, e_new = stepped(T, T_data, nu, family)
    tied = labels(T, family)
    q_new, higher = best_of_family(p_new, e_new, data, tied)
    of_values = (data[..., None] * q).sum((0, 1, 2))
    gain = (data.sum(-1) * KL(p_new, p)).sum() + (of_values * KL(e_new, e)).sum()
    return equal(higher - bound, gain + (data * KL(q, q_new[tied])).sum())


@lvrep.claim("(5), MLE", reading="variational EM, likelihood")
def variational_em_climbs_in_likelihood(
    T: LatentVariableModel,
    T_data: LatentVariableEstimate,
    nu: StateDistribution,
    family: Integer(0, 3),
):
    r"""maximising the ELBO is a surrogate of MLE: a step of it does not lower the likelihood, whatever the family of q"""
    p, e, data, _, _, p_new, e_new = stepped(T, T_data, nu, family)
    return at_least(log_likelihood(p_new @ e_new, data), log_likelihood(p @ e, data))


@lvrep.claim(
    "(5), MLE",
    reading="variational EM, likelihood, corrected",
    corrects="variational_em_climbs_in_likelihood",
    because="only the ELBO climbs; what it falls short of the likelihood before the step can be lost. With the"
    " posterior family nothing is short",
)
def variational_em_loses_at_most_the_gap(
    T: LatentVariableModel,
    T_data: LatentVariableEstimate,
    nu: StateDistribution,
    family: Integer(0, 2),
):
    r"""a step loses at most the gap before it (of the posterior family it is 0)"""
    not_single(T)
    p, e, data, _, bound, p_new, e_new = stepped(T, T_data, nu, family)
    before = log_likelihood(p @ e, data)
    return at_least(log_likelihood(p_new @ e_new, data) - before, bound - before)
