r"""Appendix B.5, inequality (9): the regret of the guessing game in one MDP, in units of x."""

import flint

from theorylab import (
    Integer,
    Number,
    assume,
    at_least,
    at_most,
    chain,
    equal,
    every,
)
from theorylab.arithmetic import minimum, sqrt
from theorylab.theory.guessing import (
    guessing_regret,
    two_arms_regret,
)
from theorylab.worlds import hard_layout
from verification.lmdp.hard import (
    printed_eps,
)
from verification.lmdp.paper import lmdp

# ---- (9) -----------------------------------------------------------------------------------------


@lmdp.claim("(9)")
def regret_in_one_mdp(K_prime: Integer(12, 15)):
    r"""\frac1C\sum R \ge \frac x{4\sqrt2}(1-\frac1C)\sqrt{CK'} for any K' \ge SA, with \epsilon = \frac1{2\sqrt2}(1-\frac1C)\sqrt{C/K'}: by
    the best algorithm there is. S = 6, A = 2, d_1 = 2 or 3, so that L = 1 and C = 2: there the right side is
    x\epsilon K'(1-\frac1C), the regret of one who never learns; in units of x"""
    C, n = hard_layout(6, 2, 2).C, flint.fmpq(K_prime)
    bound = (C - 1) * sqrt(C * n / 32) / C
    return at_least(guessing_regret(C, K_prime, printed_eps(C, n)), bound)


@lmdp.claim("(9)", reading="second inequality")
def regret_in_one_mdp_second(K_prime: Integer(12, 15)):
    r"""The same \ge \frac{x\sqrt{CK'}}{8\sqrt2}, which is the same number at C = 2"""
    C, n = hard_layout(6, 2, 2).C, flint.fmpq(K_prime)
    return at_least(guessing_regret(C, K_prime, printed_eps(C, n)), sqrt(C * n / 128))


@lmdp.claim(
    "(9)",
    corrects="regret_in_one_mdp",
    because="the factor (1 - 1/C) of \\epsilon stands once more before \\epsilon K': it is squared",
)
def regret_in_one_mdp_corrected(C: Integer(2, 4), K_prime: Integer(1, 9)):
    r"""\frac1C\sum R \ge \frac x{4\sqrt2}(1-\frac1C)^2\sqrt{CK'} \ge \frac{x\sqrt{CK'}}{16\sqrt2}, for any K' with \epsilon \le 1/4"""
    n = flint.fmpq(K_prime)
    eps = printed_eps(C, n)
    assume(at_most(4 * eps, 1), "epsilon at most 1/4")
    return (
        chain(guessing_regret(C, K_prime, eps))
        .at_least((C - 1) ** 2 * sqrt(C * n / 32) / C**2, "Bayes-optimal regret")
        .at_least(sqrt(C * n / 512), "C is at least 2")
    )


@lmdp.claim(
    "(9)",
    reading="as step (ii) takes it",
    corrects="regret_in_one_mdp_second",
    because="for C >= 3, (1 - 1/C)^2 / (4 sqrt 2) is at least 1/16; for C = 2 the two instances,"
    " compared round by round, give 0.067",
)
def regret_in_one_mdp_as_used(C: Integer(2, 4), K_prime: Integer(4, 9)):
    r"""\frac1C\sum R \ge \frac{x\sqrt{CK'}}{16}, which is what step (ii) of the display takes from (9): at
    K' = K/2M it is \frac{x\sqrt{CK}}{16\sqrt{2M}}; where \epsilon \le 1/4"""
    n = flint.fmpq(K_prime)
    eps = printed_eps(C, n)
    assume(at_most(4 * eps, 1), "epsilon at most 1/4")
    return at_least(guessing_regret(C, K_prime, eps), sqrt(C * n) / 16)


@lmdp.claim("(9)", reading="two choices, round by round")
def regret_of_two_choices(n: Integer(1, 10), share: Number(0, 1)):
    r"""C = 2: E_1N_2 + E_2N_1 = K' - \sum_t(P_2 - P_1)[a_t = 2] \ge K' - \sum_t\sqrt{2(t-1)}\epsilon \ge K'(1 - \frac{2\sqrt2}3\epsilon\sqrt{K'}) (Pinsker,
    kl \le 4\epsilon^2), so \frac1C\sum R \ge x\epsilon K'(\frac12 - \frac{\sqrt2}3\epsilon\sqrt{K'}), which is \frac{x\sqrt{2K'}}{4\sqrt2}(\frac12 - \frac{\sqrt2}{12}) \ge \frac{x\sqrt{2K'}}{16} at the printed
    \epsilon = 1/(4\sqrt{K'}). Here \epsilon = share/(2\sqrt{K'}), at most 1/4"""
    root = sqrt(n + 0 * share)
    eps, two = minimum(share / (2 * root), (1 + 0 * share) / 4), sqrt(2 + 0 * share)
    return (
        chain(two_arms_regret(n, eps))
        .at_least(eps * (n - two * eps * sum(sqrt(t + 0 * share) for t in range(n))) / 2, "Pinsker")
        .at_least(eps * n * (1 - 2 * two * eps * root / 3) / 2, "the sum is at most the integral")
    )


@lmdp.claim("(9)", reading="two choices, the constant")
def constant_of_two_choices(n: Number(1, None)):
    r"""\epsilon K'(\frac12 - \frac{\sqrt2}3\epsilon\sqrt{K'}) \ge \sqrt{2K'}/16 at \epsilon = 1/(4\sqrt{K'})"""
    eps, two = printed_eps(2, n), sqrt(2 + 0 * n)
    return at_least(eps * n * (1 - 2 * two * eps * sqrt(n) / 3) / 2, sqrt(2 * n) / 16)


@lmdp.claim("(9)", reading="epsilon at most 1/4")
def advantage_at_most_a_quarter(S: Integer(6, 13), A: Integer(2, 4), u: Number(0, None)):
    r""" "\epsilon \le 1/4 guaranteed by Domingues et al.": for K' = (1+u)SA and every d_1 that is allowed"""
    n = (1 + u) * S * A
    found = [hard_layout(S, A, 1, d_1).C for d_1 in range(1, S // 2 + 1)]
    return every(*[at_most(4 * printed_eps(C, n), 1) for C in found])


def two_rounds(eps, first, second):
    """E[N_0], E[N_1] where arm 0 is the better one, arm 1, or neither, of the
    algorithm that plays arm 0 with probability `first`, then second[arm][outcome]."""
    tables = []
    for better in ((1, 0), (0, 1), (0, 0)):
        one = 1 + 0 * eps
        wins = [one / 2 + eps * better[arm] for arm in range(2)]
        plays = [0 * eps, 0 * eps]
        for arm, chance in enumerate((first, 1 - first)):
            plays[arm] = plays[arm] + chance
            for won, p in enumerate((1 - wins[arm], wins[arm])):
                again = second[arm][won]
                plays[0] = plays[0] + chance * p * again
                plays[1] = plays[1] + chance * p * (1 - again)
        tables.append(plays)
    return tables


@lmdp.claim("(9)", reading="line by line")
def lines_of_domingues(
    eps: Number(0, "1/4"),
    first: Number(0, 1),
    a: Number(0, 1),
    b: Number(0, 1),
    c: Number(0, 1),
    d: Number(0, 1),
):
    r"""(8), (11), (12) of Domingues et al. (2021) as this paper uses them, for every algorithm with C = K' = 2:
    \frac1C\sum R = x\epsilon K'(1 - \frac1{CK'}\sum_c E_c N_c), E_c N_c \le E_0 N_c + \sqrt2\epsilon K'\sqrt{E_0 N_c} (Pinsker, kl \le
    4\epsilon^2), so \frac1C\sum R \ge x\epsilon K'(1 - \frac1C - \sqrt2\epsilon\sqrt{K'/C}) (Cauchy-Schwarz); in units of x"""
    on_0, on_1, on_none = two_rounds(eps, first, ((a, b), (c, d)))
    own, root = on_0[0] + on_1[1], sqrt(2 + 0 * eps)
    regret = eps * (4 - own) / 2
    moved = [on_none[k] + 2 * root * eps * sqrt(on_none[k]) for k in range(2)]
    return every(
        equal(eps * (on_0[1] + on_1[0]) / 2, regret, "(8)"),
        at_most(on_0[0], moved[0], "(11)"),
        at_most(on_1[1], moved[1], "(11)"),
        at_least(regret, eps * (4 - moved[0] - moved[1]) / 2, "(11) in (8)"),
        at_least(eps * (4 - moved[0] - moved[1]) / 2, eps * (1 - 2 * root * eps), "(12)"),
    )
