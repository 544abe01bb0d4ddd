"""Finite horizon, steps 0 to H-1: each lemma and its planted twin."""

from theorylab import FiniteHorizonMDP, NonstationaryPolicy, chain, claim
from theorylab.arithmetic import l1_norm, sup, sup_norm
from theorylab.notation import TV, E
from theorylab.theory.finite_horizon import (
    finite_horizon_action_values,
    finite_horizon_occupancies,
    finite_horizon_optimal_values,
    finite_horizon_performance,
    finite_horizon_values,
)


def values_in(P, M, pi):
    """V_0, ..., V_H of pi with the transitions P (H, S, A, S) and the payoffs of M."""
    values = [0 * M.start]
    for h in reversed(range(M.H)):
        values = [(pi.probabilities[h] * (M.payoff[h] + P[h] @ values[0])).sum(-1), *values]
    return values


@claim("simulation lemma over a horizon")
def horizon_simulation(M: FiniteHorizonMDP, N: FiniteHorizonMDP, pi: NonstationaryPolicy):
    V_hat, D = values_in(N.P, M, pi), finite_horizon_occupancies(M, pi)
    return (
        chain(finite_horizon_performance(M, pi) - E(M.start, V_hat[0]))
        .equal(
            sum(
                E(D[h], M.payoff[h] + M.P[h] @ V_hat[h + 1]) - E(D[h].sum(-1), V_hat[h])
                for h in range(M.H)
            ),
            "telescoping along the true occupancies",
        )
        .equal(
            sum(E(D[h], (M.P[h] - N.P[h]) @ V_hat[h + 1]) for h in range(M.H)),
            "Bellman in the model",
        )
        .at_most(
            sum(E(D[h], l1_norm(M.P[h] - N.P[h])) * sup_norm(V_hat[h + 1]) for h in range(M.H)),
            "Hoelder",
        )
    )


@claim("simulation lemma over a horizon, the value of the wrong step")
def horizon_simulation_planted(M: FiniteHorizonMDP, N: FiniteHorizonMDP, pi: NonstationaryPolicy):
    V_hat, D = values_in(N.P, M, pi), finite_horizon_occupancies(M, pi)
    return (
        chain(finite_horizon_performance(M, pi) - E(M.start, V_hat[0]))
        .equal(
            sum(
                E(D[h], M.payoff[h] + M.P[h] @ V_hat[h + 1]) - E(D[h].sum(-1), V_hat[h])
                for h in range(M.H)
            ),
            "telescoping along the true occupancies",
        )
        .equal(
            sum(E(D[h], (M.P[h] - N.P[h]) @ V_hat[h]) for h in range(M.H)),
            "Bellman in the model",
        )
        .at_most(
            sum(E(D[h], l1_norm(M.P[h] - N.P[h])) * sup_norm(V_hat[h]) for h in range(M.H)),
            "Hoelder",
        )
    )


@claim("performance difference over a horizon")
def horizon_difference(M: FiniteHorizonMDP, pi: NonstationaryPolicy, mu: NonstationaryPolicy):
    D, Q_mu = finite_horizon_occupancies(M, pi), finite_horizon_action_values(M, mu)
    V_mu, change = finite_horizon_values(M, mu), pi.probabilities - mu.probabilities
    gap = finite_horizon_performance(M, pi) - finite_horizon_performance(M, mu)
    return (
        chain(gap)
        .equal(
            sum(E(D[h], Q_mu[h]) - E(D[h].sum(-1), V_mu[h]) for h in range(M.H)),
            "telescoping along pi",
        )
        .equal(
            sum(E(D[h].sum(-1), (change[h] * Q_mu[h]).sum(-1)) for h in range(M.H)),
            "both averages of Q in one",
        )
        .at_most(
            sum(E(D[h].sum(-1), l1_norm(change[h])) * sup_norm(Q_mu[h]) for h in range(M.H)),
            "Hoelder",
        )
    )


@claim("performance difference over a horizon, occupancy and Q of the same policy")
def horizon_difference_planted(
    M: FiniteHorizonMDP, pi: NonstationaryPolicy, mu: NonstationaryPolicy
):
    D, Q_mu = finite_horizon_occupancies(M, pi), finite_horizon_action_values(M, mu)
    V_mu, change = finite_horizon_values(M, mu), pi.probabilities - mu.probabilities
    Q_pi = finite_horizon_action_values(M, pi)
    gap = finite_horizon_performance(M, pi) - finite_horizon_performance(M, mu)
    return (
        chain(gap)
        .equal(
            sum(E(D[h], Q_mu[h]) - E(D[h].sum(-1), V_mu[h]) for h in range(M.H)),
            "telescoping along pi",
        )
        .equal(
            sum(E(D[h].sum(-1), (change[h] * Q_pi[h]).sum(-1)) for h in range(M.H)),
            "both averages of Q in one",
        )
        .at_most(
            sum(E(D[h].sum(-1), l1_norm(change[h])) * sup_norm(Q_pi[h]) for h in range(M.H)),
            "Hoelder",
        )
    )


@claim("simulation gap over a horizon")
def horizon_gap(M: FiniteHorizonMDP, N: FiniteHorizonMDP, pi: NonstationaryPolicy):
    V_hat, D, far = values_in(N.P, M, pi), finite_horizon_occupancies(M, pi), TV(M.P, N.P)
    return (
        chain(finite_horizon_performance(M, pi) - E(M.start, V_hat[0]))
        .equal(
            sum(E(D[h], (M.P[h] - N.P[h]) @ V_hat[h + 1]) for h in range(M.H)),
            "simulation lemma",
        )
        .at_most(sum((M.H - 1 - h) * E(D[h], far[h]) for h in range(M.H)), "costs in [0, 1]")
        .at_most(sum((M.H - 1 - h) * sup(far) for h in range(M.H)), "the largest distance")
        .equal(M.H * (M.H - 1) * sup(far) / 2, "sum of the remaining steps")
    )


@claim("simulation gap over a horizon, (H - 1)^2 for H (H - 1)")
def horizon_gap_planted(M: FiniteHorizonMDP, N: FiniteHorizonMDP, pi: NonstationaryPolicy):
    V_hat, D, far = values_in(N.P, M, pi), finite_horizon_occupancies(M, pi), TV(M.P, N.P)
    return (
        chain(finite_horizon_performance(M, pi) - E(M.start, V_hat[0]))
        .equal(
            sum(E(D[h], (M.P[h] - N.P[h]) @ V_hat[h + 1]) for h in range(M.H)),
            "simulation lemma",
        )
        .at_most(sum((M.H - 1 - h) * E(D[h], far[h]) for h in range(M.H)), "costs in [0, 1]")
        .at_most(sum((M.H - 1 - h) * sup(far) for h in range(M.H)), "the largest distance")
        .equal((M.H - 1) ** 2 * sup(far) / 2, "sum of the remaining steps")
    )


@claim("mean cost of a step")
def mean_cost(M: FiniteHorizonMDP, pi: NonstationaryPolicy):
    D, mean = finite_horizon_occupancies(M, pi), M.payoff.sum(0) / M.H
    return (
        chain(finite_horizon_performance(M, pi) / M.H)
        .equal(sum(E(D[h], M.payoff[h]) for h in range(M.H)) / M.H, "step by step")
        .equal(
            E(sum(D) / M.H, mean) + sum(E(D[h], M.payoff[h] - mean) for h in range(M.H)) / M.H,
            "add and subtract the mean cost",
        )
    )


@claim("mean cost of a step, the mean of products as a product of means")
def mean_cost_planted(M: FiniteHorizonMDP, pi: NonstationaryPolicy):
    D, mean = finite_horizon_occupancies(M, pi), M.payoff.sum(0) / M.H
    return (
        chain(finite_horizon_performance(M, pi) / M.H)
        .equal(sum(E(D[h], M.payoff[h]) for h in range(M.H)) / M.H, "step by step")
        .equal(E(sum(D) / M.H, mean), "average both")
        .at_most(sup(mean), "an average is below the largest")
    )


@claim("regret over a horizon")
def horizon_regret(M: FiniteHorizonMDP, pi: NonstationaryPolicy):
    V_star, D = finite_horizon_optimal_values(M), finite_horizon_occupancies(M, pi)
    backups = [M.payoff[h] + M.P[h] @ V_star[h + 1] for h in range(M.H)]
    return (
        chain(finite_horizon_performance(M, pi) - E(M.start, V_star[0]))
        .equal(
            sum(E(D[h], backups[h]) - E(D[h].sum(-1), V_star[h]) for h in range(M.H)),
            "telescoping",
        )
        .equal(sum(E(D[h], backups[h] - V_star[h][:, None]) for h in range(M.H)), "one average")
        .at_most(sum(sup(backups[h] - V_star[h][:, None]) for h in range(M.H)), "the largest")
    )


@claim("regret over a horizon, the last step left out")
def horizon_regret_planted(M: FiniteHorizonMDP, pi: NonstationaryPolicy):
    V_star, D = finite_horizon_optimal_values(M), finite_horizon_occupancies(M, pi)
    backups = [M.payoff[h] + M.P[h] @ V_star[h + 1] for h in range(M.H)]
    return (
        chain(finite_horizon_performance(M, pi) - E(M.start, V_star[0]))
        .equal(
            sum(E(D[h], backups[h]) - E(D[h].sum(-1), V_star[h]) for h in range(M.H)),
            "telescoping",
        )
        .equal(
            sum(E(D[h], backups[h] - V_star[h][:, None]) for h in range(M.H - 1)),
            "one average, nothing is left to come at the last step",
        )
        .at_most(sum(sup(backups[h] - V_star[h][:, None]) for h in range(M.H)), "the largest")
    )
