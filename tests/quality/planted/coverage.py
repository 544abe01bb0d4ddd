"""Coverage and importance sampling, with 0/0 = 0: each lemma and its planted twin."""

from theorylab import (
    MDP,
    Policy,
    StateActionDistribution,
    StateActionFunction,
    StateDistribution,
    StateFunction,
    chain,
    claim,
)
from theorylab.arithmetic import inf, positive, ratio, sup
from theorylab.notation import Adv, D, E, J, Q, V, coverage, d


@claim("two-sided coverage")
def two_sided(p: StateDistribution, q: StateDistribution, f: StateFunction):
    low, high = inf(ratio(p, q)), coverage(q, p)
    return (
        chain(low * E(q, f * f))
        .at_most(low * high * E(p, f * f), "importance sampling")
        .at_most(E(p, f * f), "low times high is at most one")
    )


@claim("two-sided coverage, equal unless a state has no mass at all")
def two_sided_planted(p: StateDistribution, q: StateDistribution, f: StateFunction):
    low, high = inf(ratio(p, q)), coverage(q, p)
    return (
        chain(low * E(q, f * f))
        .at_most(low * high * E(p, f * f), "importance sampling")
        .equal(E(p, f * f), "the least p / q is one over the largest q / p")
    )


@claim("the policy of a data distribution")
def behaviour(M: MDP, pi: Policy, nu: StateActionDistribution):
    nu_s, V_pi = nu.sum(-1), V(M, pi)
    cond = ratio(nu, nu_s[:, None])
    return (
        chain(nu_s * (cond * Adv(M, pi)).sum(-1))
        .equal((nu * Q(M, pi)).sum(-1) - nu_s * cond.sum(-1) * V_pi, "joint is state times policy")
        .equal((nu * Q(M, pi)).sum(-1) - nu_s * V_pi, "rows sum to one where it matters")
    )


@claim("the policy of a data distribution, at states that it never saw")
def behaviour_planted(M: MDP, pi: Policy, nu: StateActionDistribution):
    cond, V_pi = ratio(nu, nu.sum(-1)[:, None]), V(M, pi)
    return (
        chain((cond * Adv(M, pi)).sum(-1))
        .equal((cond * Q(M, pi)).sum(-1) - cond.sum(-1) * V_pi, "linearity")
        .equal((cond * Q(M, pi)).sum(-1) - V_pi, "rows sum to one")
    )


@claim("performance difference under data")
def covered_advantage(M: MDP, pi: Policy, mu: Policy, nu: StateActionDistribution):
    C, A_mu, scale = coverage(D(M, pi), nu), Adv(M, mu), 1 / (1 - M.gamma)
    return (
        chain(J(M, pi) - J(M, mu))
        .equal(scale * E(D(M, pi), A_mu), "performance difference")
        .at_most(scale * E(D(M, pi), positive(A_mu)), "the positive part")
        .at_most(scale * C * E(nu, positive(A_mu)), "importance sampling")
    )


@claim("performance difference under data, a signed term times C")
def covered_advantage_planted(M: MDP, pi: Policy, mu: Policy, nu: StateActionDistribution):
    C, A_mu, scale = coverage(D(M, pi), nu), Adv(M, mu), 1 / (1 - M.gamma)
    return (
        chain(J(M, pi) - J(M, mu))
        .equal(scale * E(D(M, pi), A_mu), "performance difference")
        .at_most(scale * C * E(nu, A_mu), "importance sampling")
        .at_most(scale * C * E(nu, positive(A_mu)), "the positive part")
    )


@claim("gradient domination by the start")
def concentrability(M: MDP, pi: Policy, mu: Policy):
    d_pi, d_mu, V_pi, Q_pi = d(M, pi), d(M, mu), V(M, pi), Q(M, pi)
    gain = sup(V_pi[:, None] - Q_pi, -1)
    return (
        chain((1 - M.gamma) * (J(M, pi) - J(M, mu)))
        .equal(E(d_mu, V_pi - E(mu, Q_pi)), "performance difference along mu")
        .at_most(E(d_mu, gain), "the best action gains most")
        .at_most(coverage(d_mu, d_pi) * E(d_pi, gain), "importance sampling")
        .at_most(
            coverage(d_mu, M.start) / (1 - M.gamma) * E(d_pi, gain),
            "the occupancy is at least (1 - gamma) times the start",
        )
    )


@claim("gradient domination by the start, without 1 / (1 - gamma)")
def concentrability_planted(M: MDP, pi: Policy, mu: Policy):
    d_pi, d_mu, V_pi, Q_pi = d(M, pi), d(M, mu), V(M, pi), Q(M, pi)
    gain = sup(V_pi[:, None] - Q_pi, -1)
    return (
        chain((1 - M.gamma) * (J(M, pi) - J(M, mu)))
        .equal(E(d_mu, V_pi - E(mu, Q_pi)), "performance difference along mu")
        .at_most(E(d_mu, gain), "the best action gains most")
        .at_most(coverage(d_mu, d_pi) * E(d_pi, gain), "importance sampling")
        .at_most(coverage(d_mu, M.start) * E(d_pi, gain), "the occupancy is at least the start")
    )


@claim("importance weights on the support")
def support(M: MDP, pi: Policy, f: StateActionFunction):
    on, d_pi, start = ratio(pi.probabilities, pi.probabilities), d(M, pi), M.start
    return (
        chain((1 - M.gamma) * E(start, (on * f * f).sum(-1)))
        .at_most(E(d_pi, (on * f * f).sum(-1)), "the occupancy includes the start")
        .at_most(E(d_pi, (f * f).sum(-1)), "actions outside the support only add")
        .at_most(M.A * E(d_pi, sup(f * f, -1)), "the largest")
    )


@claim("importance weights on the support, pi / pi = 1 at a deterministic row")
def support_planted(M: MDP, pi: Policy, f: StateActionFunction):
    on, d_pi, start = ratio(pi.probabilities, pi.probabilities), d(M, pi), M.start
    return (
        chain((1 - M.gamma) * E(start, (on * f * f).sum(-1)))
        .at_most(E(d_pi, (on * f * f).sum(-1)), "the occupancy includes the start")
        .equal(E(d_pi, (f * f).sum(-1)), "pi / pi = 1")
        .at_most(M.A * E(d_pi, sup(f * f, -1)), "the largest")
    )
