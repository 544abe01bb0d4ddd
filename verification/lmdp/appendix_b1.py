r"""Appendix B.1: the Bellman recursion in beliefs, line by line."""

from theorylab import HistoryPolicy, LatentMDP, chain
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
from verification.lmdp.section_3 import flat


def over_next(W, reached, rows):
    """sum_{s', r} of a table over m and the histories of the next step: (M, N_{t+1}) to (N_t, A)."""
    return reached.sum(0).reshape(*rows.shape, -1).sum(-1)


def lines(W, pi):
    """The three displayed lines, averaged over the action, all steps of each in one row."""
    b, rows, alpha, V = beliefs(W), decisions(W, pi), alpha_vectors(W, pi), history_values(W, pi)
    found = [], [], []
    for t in range(1, W.H + 1):
        own = (b[t - 1][..., None] * W.rewards[:, last_states(W, t)]).sum(0)
        sides = [own, own, own]
        if t < W.H:
            reached = grown_weights(W, t, b[t - 1])
            mixed = (b[t] * alpha[t]).sum(0)
            later = [reached * alpha[t], reached * mixed, reached * V[t]]
            sides = [own + over_next(W, x, own) for x in later]
        for line, side in zip(found, sides, strict=True):
            line.append((rows[t - 1] * side).sum(-1))
    return [flat(line) for line in found]


@lmdp.claim("B.1")
def bellman_line_by_line(W: LatentMDP, pi: HistoryPolicy):
    r"""V^\pi(h) = \sum_a \pi(a|h)(b(h)^\top R(s,a) + \sum_{s',r}\sum_m b_m(h)P_m(s'|s,a)1[r=R_m(s,a)]
    \alpha_m^\pi(hars')) = ... = \sum_a \pi(a|h) Q^\pi(h, a), the three displayed lines"""
    first, second, third = lines(W, pi)
    parts = zip(decisions(W, pi), beliefs(W), alpha_action_vectors(W, pi), strict=True)
    Q = flat([(rows * (b[..., None] * q).sum(0)).sum(-1) for rows, b, q in parts])
    return (
        chain(flat(history_values(W, pi)))
        .equal(first, "alpha(h) by its recursion")
        .equal(second, "b_m(hars') is the share of m")
        .equal(third, "V(hars') = b(hars') . alpha(hars')")
        .equal(Q, "Q(h, a) = b(h) . alpha(h, a)")
    )
