r"""Appendix B.5, the end of the proof of Theorem 3: the variances of the hard instance."""

import numpy as np

from theorylab import (
    Number,
    assume,
    chain,
    equal,
    every,
)
from verification.lmdp.hard import (
    guesses,
    laws_by_context,
    two_contexts,
    value_by_context,
    values_by_context,
    variance_by_context,
)
from verification.lmdp.paper import lmdp

# ---- the variance --------------------------------------------------------------------------------


@lmdp.claim("Theorem 3, proof, variance")
def alpha_after_the_guess(x: Number(0, 1), eps: Number(0, "1/4"), p: Number(0, 1), q: Number(0, 1)):
    r"""\alpha_{d_1+d_2+1}(t) = 0 and \alpha_{d_1+d_2+1}(g) = x, and by then every episode is at one of them; M = 2, S = 6, A = 2"""
    layout, W = two_contexts(x, eps)
    rows = guesses(layout, W, (p, q))
    alpha, law = (f(W, rows)[layout.steps - 1] for f in (values_by_context, laws_by_context))
    good, end = layout.good, layout.good + 1
    return every(
        equal(alpha[:, end], 0 * law[:, end]),
        equal(alpha[:, good], 0 * law[:, good] + x),
        equal(law[:, good] + law[:, end], W.w),
    )


@lmdp.claim("Theorem 3, proof, variance", reading="the step of the guess")
def guess_in_the_step_printed(eps: Number(0, "1/4"), p: Number(0, 1), q: Number(0, 1)):
    r""" "If (s_{d_1+d_2+1}, a_{d_1+d_2+1}) \ne (\ell_m^\star, a_m^\star)": the guess is made in step d_1 + d_2 + 1"""
    layout, W = two_contexts(1 + 0 * eps, eps)
    law = laws_by_context(W, guesses(layout, W, (p, q)))
    return equal(law[layout.d_1 + layout.d_2][:, layout.leaf(0)].sum(), 1)


@lmdp.claim(
    "Theorem 3, proof, variance",
    reading="the step of the guess, corrected",
    corrects="guess_in_the_step_printed",
    because="d_1 steps encode and d_2 descend, the guess being the last of them",
)
def guess_in_the_step_before(eps: Number(0, "1/4"), p: Number(0, 1), q: Number(0, 1)):
    r"""The guess is made in step d_1 + d_2"""
    layout, W = two_contexts(1 + 0 * eps, eps)
    law = laws_by_context(W, guesses(layout, W, (p, q)))
    return equal(law[layout.d_1 + layout.d_2 - 1][:, layout.leaf(0)].sum(), 1)


@lmdp.claim("Theorem 3, proof, variance", reading="unique optimal policy")
def unique_optimal_policy(
    x: Number("1/2", 1), eps: Number("1/8", "1/4"), p: Number(0, 1), q: Number(0, 1)
):
    r""" "This LMDP has a unique optimal policy": two policies that guess right and play the first action
    with probability p, q at e_1 are equal if both are optimal"""
    layout, W = two_contexts(x, eps)
    best = guesses(layout, W, (0 * p + 1, 0 * q + 1))
    for share in (p, q):
        rows = np.concatenate([best[:, :1], best[:, 1:]], 1)
        rows[:, 0] = [share, 1 - share]
        assume(equal(value_by_context(W, rows), value_by_context(W, best)), "it is optimal")
    return equal(p, q)


@lmdp.claim(
    "Theorem 3, proof, variance",
    reading="unique where it counts",
    corrects="unique_optimal_policy",
    because="what is played in the encoding phase, at g and at t changes nothing: optimal policies agree on"
    " the guess, and all have the same variance, which is what the proof uses",
)
def optimal_policies_agree_on_the_guess(
    x: Number("1/2", 1),
    eps: Number("1/8", "1/4"),
    p: Number(0, 1),
    q: Number(0, 1),
    elsewhere: Number(0, 1),
):
    r"""V^\star - V^\pi = x\epsilon(2 - p - q)/2 for right guesses with probability p and q in the two contexts: 0 for
    p = q = 1 only; then Var^\pi = x^2(\frac14 - \epsilon^2), whatever is played at the other states"""
    layout, W = two_contexts(x, eps)
    best = guesses(layout, W, (0 * p + 1, 0 * q + 1))
    rows, other = best.copy(), best.copy()
    rows[:], other[:] = [elsewhere, 1 - elsewhere], [elsewhere, 1 - elsewhere]
    leaf = layout.leaf(0)
    rows[:, leaf], other[:, leaf] = guesses(layout, W, (p, q))[:, leaf], best[:, leaf]
    lost = value_by_context(W, best) - value_by_context(W, rows)
    return every(
        equal(lost, x * eps * (2 - p - q) / 2),
        equal(variance_by_context(W, other), x**2 / 4 - x**2 * eps**2),
    )


@lmdp.claim("Theorem 3, proof, variance", reading="the two cases")
def variance_of_a_policy(x: Number(0, 1), eps: Number(0, "1/4"), p: Number(0, 1), q: Number(0, 1)):
    r"""Guessing right with probability p and q in the two contexts: Var^\pi = x^2(\frac14 - \epsilon^2\frac{p+q}2 + \epsilon^2\frac{(p-q)^2}4),
    so \frac{x^2}4 for one who never does and x^2(\frac14-\epsilon^2) for one who always does"""
    layout, W = two_contexts(x, eps)
    spread = (p - q) ** 2 / 4 - (p + q) / 2
    return equal(
        variance_by_context(W, guesses(layout, W, (p, q))), x**2 / 4 + x**2 * eps**2 * spread
    )


@lmdp.claim("Theorem 3, proof, variance", reading="Var* = Theta(x^2)")
def largest_variance(x: Number(0, 1), eps: Number(0, "1/4"), p: Number(0, 1), q: Number(0, 1)):
    r"""\frac3{16}x^2 \le x^2(\frac14-\epsilon^2) = Var^{\pi^\star} \le \min_\tau-bound \le Var^\pi \le \frac{x^2}4 = Var^\star for every \pi: x = 2\sqrt{\mathcal V}
    makes Var^\star = \mathcal V exactly, 0 < \mathcal V \le \frac14"""
    layout, W = two_contexts(x, eps)
    always, never = (guesses(layout, W, (0 * p + k, 0 * q + k)) for k in (1, 0))
    return (
        chain(3 * x**2 / 16)
        .at_most(variance_by_context(W, always), "epsilon is at most 1/4")
        .at_most(variance_by_context(W, guesses(layout, W, (p, q))), "the least of all")
        .at_most(variance_by_context(W, never), "the largest of all")
        .equal(x**2 / 4, "a fair coin between 0 and x")
    )


@lmdp.claim("Theorem 3, proof, variance", reading="the optimal value")
def optimal_value_by_contexts(
    x: Number(0, 1), eps: Number(0, "1/4"), p: Number(0, 1), q: Number(0, 1)
):
    r"""V^\pi \le V^\star = \frac1M\sum_m V_m^\star = x(\frac12+\epsilon): a policy that is told the context attains each V_m^\star"""
    layout, W = two_contexts(x, eps)
    best = guesses(layout, W, (0 * p + 1, 0 * q + 1))
    alone_best = values_by_context(W, best)[0]
    return (
        chain(value_by_context(W, guesses(layout, W, (p, q))))
        .at_most(value_by_context(W, best), "the right guess")
        .equal((W.nu * alone_best).sum() / 2, "average over the contexts")
        .equal(x / 2 + x * eps, "what a right guess pays")
    )
