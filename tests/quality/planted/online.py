"""Hedge, potentials and iterates: each lemma and its planted twin."""

from theorylab import MDP, Number, Policy, Several, StateDistribution, StateFunction, chain, claim
from theorylab.arithmetic import exp, inf, log
from theorylab.notation import KL, E, J, Q, V, d
from theorylab.theory.planning import best_performance


def total(losses, t):
    """The sum of the first t losses, shape (S,)."""
    return 0 * losses[0] + sum(losses[:t])


def weights(losses, t, eta):
    """Hedge's weights before round t, not normalised, shape (S,)."""
    return exp(-eta * total(losses, t))


def potential(losses, t, eta):
    """log of the sum of the weights over eta."""
    return log(weights(losses, t, eta).sum()) / eta


def played(losses, t, eta):
    """Hedge's law in round t, shape (S,)."""
    w = weights(losses, t, eta)
    return w / w.sum()


@claim("Hedge")
def hedge(losses: Several(StateFunction), eta: Number("1/10", 1)):
    rounds, first = range(len(losses)), potential(losses, 0, eta)
    steps = [potential(losses, t + 1, eta) - potential(losses, t, eta) for t in rounds]
    paid = [E(played(losses, t, eta), losses[t]) for t in rounds]
    return (
        chain(-inf(total(losses, len(losses))))
        .at_most(potential(losses, len(losses), eta), "a sum is above its largest term")
        .equal(first + sum(steps), "telescoping")
        .at_most(first + sum(eta / 2 - c for c in paid), "Hoeffding's lemma, losses span 2")
    )


@claim("Hedge, two per cent too good")
def hedge_planted(losses: Several(StateFunction), eta: Number("1/10", 1)):
    rounds, first = range(len(losses)), potential(losses, 0, eta)
    steps = [potential(losses, t + 1, eta) - potential(losses, t, eta) for t in rounds]
    paid = [E(played(losses, t, eta), losses[t]) for t in rounds]
    return (
        chain(-inf(total(losses, len(losses))))
        .at_most(potential(losses, len(losses), eta), "a sum is above its largest term")
        .equal(first + sum(steps), "telescoping")
        .at_most(first + sum(49 * eta / 100 - c for c in paid), "Hoeffding's lemma")
    )


@claim("three points of mirror descent")
def three_points(p: StateDistribution, mu: StateDistribution, f: StateFunction, eta: Number(0, 1)):
    free = log(E(p, exp(-eta * f)))
    after = p * exp(-eta * f) / E(p, exp(-eta * f))
    return (
        chain(eta * (E(p, f) - E(mu, f)))
        .equal(KL(mu, p) - KL(mu, after) + eta * E(p, f) + free, "definition of the step")
        .equal(KL(mu, p) - KL(mu, after) + KL(p, after), "the same at p itself")
        .at_most(KL(mu, p) - KL(mu, after) + eta**2 / 2, "Hoeffding's lemma")
    )


@claim("three points of mirror descent, the last divergence turned round")
def three_points_planted(
    p: StateDistribution, mu: StateDistribution, f: StateFunction, eta: Number(0, 1)
):
    free = log(E(p, exp(-eta * f)))
    after = p * exp(-eta * f) / E(p, exp(-eta * f))
    return (
        chain(eta * (E(p, f) - E(mu, f)))
        .equal(KL(mu, p) - KL(mu, after) + eta * E(p, f) + free, "definition of the step")
        .equal(KL(mu, p) - KL(mu, after) + KL(after, p), "the same at p itself")
        .at_most(KL(mu, p) - KL(mu, after) + eta**2 / 2, "Hoeffding's lemma")
    )


@claim("the best iterate")
def best_iterate(M: MDP, iterates: Several(Policy), mu: Policy):
    T = len(iterates)
    gaps = [J(M, pi) - J(M, mu) for pi in iterates]
    along = [E(d(M, mu), V(M, pi) - E(mu, Q(M, pi))) / (1 - M.gamma) for pi in iterates]
    return (
        chain(best_performance(M, iterates) - J(M, mu))
        .at_most(sum(gaps) / T, "the best is below the average")
        .equal(sum(along) / T, "performance difference along mu")
    )


@claim("the last iterate as if it were the best")
def best_iterate_planted(M: MDP, iterates: Several(Policy), mu: Policy):
    T = len(iterates)
    gaps = [J(M, pi) - J(M, mu) for pi in iterates]
    along = [E(d(M, mu), V(M, pi) - E(mu, Q(M, pi))) / (1 - M.gamma) for pi in iterates]
    return (
        chain(J(M, iterates[-1]) - J(M, mu))
        .equal(gaps[-1], "definition")
        .at_most(sum(gaps) / T, "the last is below the average")
        .equal(sum(along) / T, "performance difference along mu")
    )
