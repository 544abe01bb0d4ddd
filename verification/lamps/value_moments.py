r"""What the statements on LAMPS-MM share: value moment losses, runs, and worlds made by hand.

A run is a sequence of pairs (M_hat_t, pi_hat_t); its losses are those of the round's own value
function V^{\hat\pi_t}_{\hat M_t}, in units of V (squared for the squared loss), summed over rounds.
"""

import numpy as np

from theorylab import MDP, Policy, assume, at_most, equal
from theorylab.arithmetic import absolute, identity, minimum
from theorylab.notation import D, E, V
from verification.lamps.terms import always, disadvantage, least, mixed

# ---- the loss and a run ------------------------------------------------------------------------


def moment_gap(M, P, values):
    """E_{M*} V(s') - E_P V(s''), a table (S, A), for transitions P (S, A, S)."""
    return M.P @ values - P @ values


def moment_loss(M, P, values, data):
    """The loss with both expectations inside: E_{(s,a) ~ data} |M* V - P V|."""
    return E(data, absolute(moment_gap(M, P, values)))


def squared_loss(M, P, values, data):
    """The squared form of `moment_loss`: E_{(s,a) ~ data} (M* V - P V)^2, in units of V squared."""
    return E(data, moment_gap(M, P, values) ** 2)


def sampled_loss(M, P, values, data):
    """(9) as printed, over all of M*: E_{(s,a) ~ data, s' ~ M*} |V(s') - P V|."""
    return E(data, (M.P * absolute(values - (P @ values)[:, :, None])).sum(-1))


def played_loss(M, run, other, loss):
    """sum_t l_t(M_hat_t) along a run of pairs (M_hat_t, pi_hat_t)."""
    return sum(loss(M, N.P, V(N, pi), mixed(M, pi, other)) for N, pi in run)


def best_loss(M, run, other, models, loss):
    """min over the models of sum_t l_t, which is T eps_mm."""
    return least(
        [sum(loss(M, K.P, V(N, pi), mixed(M, pi, other)) for N, pi in run) for K in models]
    )


def terms_6_and_7(M, M_hat, pi_hat, pi_star):
    """(6) + (7) of Lemma 4.1, in units of (1 - gamma) J."""
    gap = moment_gap(M, M_hat.P, V(M_hat, pi_hat))
    return M.gamma * (E(D(M, pi_hat), gap) - E(D(M, pi_star), gap))


# ---- hand-made worlds for families -------------------------------------------------------------


def doors(gamma, left, right, costs):
    """A start of cost 0 whose two actions lead to the rows left and right; the other states keep to
    themselves and cost `costs` a step."""
    S = len(costs)
    stay = [[row, row] for row in identity(S)[1:]]
    P = np.array([[left, right], *stay], dtype=object)
    payoff = np.array([[cost, cost] for cost in costs], dtype=object)
    return MDP(P=P, payoff=payoff, gamma=gamma, start=[1] + [0] * (S - 1))


HALF = "1/2"
TO_GOOD, TO_BAD = [0, 1, 0], [0, 0, 1]


def rotating(p):
    """The model that is right with probability 1 - p about the left door and p about the right one:
    truly both lead to the bad state; gamma = 1/2, states start, good (cost 0), bad (cost 1)."""
    return doors(HALF, [0, p, 1 - p], [0, 1 - p, p], [0, 0, 1])


def rotating_losses(M, played, action, others, loss):
    """l_t of the played model and of others, its policy being `action` and \\pi^\\star uniform."""
    expert = Policy([[HALF, HALF]] * M.S)
    assume(at_most(E(D(M, expert), disadvantage(played, always(action, M.S))), 0), "(8) with 0")
    values = V(played, always(action, M.S))
    data = mixed(M, always(action, M.S), D(M, expert))
    return [loss(M, N.P, values, data) for N in (played, *others)]


def regret_of_two_rounds(slope_over_rate):
    """What FTRL with R(p) = (rate / 2) (p - 1/2)^2 over the mixtures of the two models loses in two
    rounds to the best of them: it plays p = 1/2, the left door, then 1/2 - slope / rate, the right
    one, and is then where it was."""
    one = slope_over_rate * 0 + 1
    M = doors(HALF, TO_BAD, TO_BAD, [0, 0, 1])
    first, second = rotating(one / 2), rotating(one / 2 - slope_over_rate)
    models = [rotating(one), rotating(one * 0)]
    left = rotating_losses(M, first, 0, models, moment_loss)
    right = rotating_losses(M, second, 1, models, moment_loss)
    slopes = [left[1] - left[2], right[1] - right[2]]
    assume(equal(slopes[0], one / 2), "the first round's slope in p is 1/2")
    assume(equal(slopes[0] + slopes[1], 0), "the second round's slope is opposite")
    return left[0] + right[0] - minimum(left[1] + right[1], left[2] + right[2])
