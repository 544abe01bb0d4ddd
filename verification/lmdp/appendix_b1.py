r"""Appendix B.1: the Bellman recursion in beliefs, line by line."""

from theorylab import HistoryPolicy, LatentMDP, chain, every
from theorylab.theory.latent import (
    alpha_action_vectors,
    alpha_vectors,
    beliefs,
    decisions,
    grown_weights,
    history_values,
    last_states,
)
from verification.lmdp.paper import lmdp


def over_next(W, reached, rows):
    """sum_{s', r} of a table over m and the histories of the next step: (M, N_{t+1}) to (N_t, A)."""
    return reached.sum(0).reshape(*rows.shape, -1).sum(-1)


def lines(W, pi, t):
    """The displayed lines at step t, without the policy's average: tables (N_t, A)."""
    b, rows = beliefs(W)[t - 1], decisions(W, pi)[t - 1]
    own = (b[..., None] * W.rewards[:, last_states(W, t)]).sum(0)
    if t == W.H:
        return own, own, own
    later, alpha = beliefs(W)[t], alpha_vectors(W, pi)[t]
    reached = grown_weights(W, t, b)
    first = over_next(W, reached * alpha, rows)
    second = over_next(W, reached * (later * alpha).sum(0), rows)
    third = over_next(W, reached * history_values(W, pi)[t], rows)
    return own + first, own + second, own + third


@lmdp.claim("B.1")
def bellman_line_by_line(W: LatentMDP, pi: HistoryPolicy):
    r"""V^\pi(h) = \sum_a \pi(a|h)(b(h)^\top R(s,a) + \sum_{s',r}\sum_m b_m(h)P_m(s'|s,a)1[r=R_m(s,a)]
    \alpha_m^\pi(hars')) = ... = \sum_a \pi(a|h) Q^\pi(h, a), the three displayed lines"""
    relations = []
    for t in range(1, W.H + 1):
        rows, b = decisions(W, pi)[t - 1], beliefs(W)[t - 1]
        first, second, third = lines(W, pi, t)
        Q = (b[..., None] * alpha_action_vectors(W, pi)[t - 1]).sum(0)
        relations.append(
            chain(history_values(W, pi)[t - 1])
            .equal((rows * first).sum(-1), "alpha(h) by its recursion")
            .equal((rows * second).sum(-1), "b_m(hars') is the share of m")
            .equal((rows * third).sum(-1), "V(hars') = b(hars') . alpha(hars')")
            .equal((rows * Q).sum(-1), "Q(h, a) = b(h) . alpha(h, a)")
        )
    return every(*relations)
