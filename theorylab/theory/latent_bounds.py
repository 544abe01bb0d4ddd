r"""The regret bound of LMDP's Theorem 2 with its constants, derived along Appendices B.3 and B.4.

    Regret <= X_1 + X_2 + X_3 + X_4 + |K^C|                                     (B.3.2)
    |K^C| <= M S A (log2(H K) + 1) <= M S A iota
    X_1   <= 4 sqrt(X_5 iota) + 4 sqrt(X_6 iota) + 5 iota                       (Lemma 17)
    X_2   <= 2 sqrt(2 Var* K iota) + 5 iota                                     (Lemma 18)
    X_3   <= 4 sqrt(X_5 iota) + 4 sqrt(X_6 iota) + 5 iota                       (Lemma 19)
    X_5   <= 3 Var* K + 46 iota^2                                               (Lemma 20)
    X_6   <= 4 sqrt(2 X_6 iota) + 5 iota + 2 X_4 + |K^C|                        (Lemma 21)
    X_4   <= 7 sqrt(2 Gamma) iota (sqrt(3 M S A (X_5 + |K^C|)) + sqrt(3 M S A (X_6 + |K^C|)))
             + 90 M S^2 A iota^2                                                (Lemma 22)

give Regret <= C_1 sqrt(Var* M Gamma S A K) iota + C_2 M S^2 A iota^2 with C_1, C_2 below, where
Lemma 19 is the corrected one. All is a sum of rewards over K episodes, each of at most 1.
Functions take floats or balls.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from theorylab.arithmetic import log, sqrt
from theorylab.errors import ModelError


@dataclass(frozen=True)
class LatentProblem:
    """The sizes a bound depends on: contexts, states, actions, steps, episodes, largest degree."""

    M: int
    S: int
    A: int
    H: int
    K: int
    Gamma: int

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if type(value) is not int or value < 1:
                raise ModelError(
                    f"LatentProblem.{name} is {value!r}, expected an integer of at least 1"
                )
        if self.Gamma > self.S:
            raise ModelError(
                f"LatentProblem.Gamma is {self.Gamma}, expected at most S = {self.S}: the number of"
                " next states of a pair"
            )

    @property
    def pairs(self) -> int:
        """M S A."""
        return self.M * self.S * self.A


def log_factor(M: int, S: int, A: int, H: int, K: int, delta: Any) -> Any:
    """iota = 2 ln(2 M S A H K / delta) (Algorithm 1, line 2)."""
    return 2 * log(2 * M * S * A * H * K / delta)


def most_updates(M: int, S: int, A: int, H: int, K: int, two: Any) -> Any:
    """M S A (log2(H K) + 1): episodes with an update, at most. `two` is 2 in its number system."""
    return M * S * A * (log(H * K * two / 2) / log(two) + 1)


def x_1_bound(X_5: Any, X_6: Any, iota: Any) -> Any:
    """Lemma 17: 4 sqrt(X_5 iota) + 4 sqrt(X_6 iota) + 5 iota; for X_3 as well (Lemma 19)."""
    return 4 * sqrt(X_5 * iota) + 4 * sqrt(X_6 * iota) + 5 * iota


def x_2_bound(variance: Any, K: Any, iota: Any) -> Any:
    """Lemma 18: 2 sqrt(2 Var* K iota) + 5 iota."""
    return 2 * sqrt(2 * variance * K * iota) + 5 * iota


def x_5_bound(variance: Any, K: Any, iota: Any) -> Any:
    """Lemma 20: 3 Var* K + 46 iota^2."""
    return 3 * variance * K + 46 * iota**2


def x_6_bound(X_4: Any, updates: Any, iota: Any) -> Any:
    """Lemma 21 solved for X_6: 4 X_4 + 2 |K^C| + 42 iota."""
    return 4 * X_4 + 2 * updates + 42 * iota


def x_4_line(X_5: Any, X_6: Any, updates: Any, pairs: Any, S: Any, Gamma: Any, iota: Any) -> Any:
    """Lemma 22's first line: the sum of beta by Lemmas 13 and 16."""
    factor = 7 * sqrt(6 * Gamma * pairs * iota**2)
    return factor * (sqrt(X_5 + updates) + sqrt(X_6 + updates)) + 90 * pairs * S * iota**2


def x_4_bound(
    variance: Any, K: Any, updates: Any, pairs: Any, S: Any, Gamma: Any, iota: Any
) -> Any:
    """Lemma 22: x <= a + b sqrt(x) gives x <= b^2 + 2 a, with Lemmas 20 and 21 put in."""
    factor = 7 * sqrt(6 * Gamma * pairs * iota**2)
    roots = sqrt(x_5_bound(variance, K, iota) + updates) + sqrt(3 * updates + 42 * iota)
    return 4 * factor**2 + 2 * (factor * roots + 90 * pairs * S * iota**2)


def regret_bound(
    variance: Any, K: Any, updates: Any, pairs: Any, S: Any, Gamma: Any, iota: Any
) -> Any:
    """The sum of all terms, each by its lemma; shapes: numbers."""
    X_4 = x_4_bound(variance, K, updates, pairs, S, Gamma, iota)
    X_5, X_6 = x_5_bound(variance, K, iota), x_6_bound(X_4, updates, iota)
    return 2 * x_1_bound(X_5, X_6, iota) + x_2_bound(variance, K, iota) + X_4 + updates


C_1 = 136
"""At least 28 sqrt(18) + 8 sqrt(3) + 2 sqrt(2) = 135.48: 2 X_4, Lemmas 17 and 19, Lemma 18."""
C_2 = 3900
"""At least 8 D^2 + 4 D (sqrt(46) + 1 + sqrt(45)) + 8 sqrt(46) + 8 sqrt(44) + 440 = 3893.2, where
D = 7 sqrt(6)."""


def closed_form(variance: Any, K: Any, pairs: Any, S: Any, Gamma: Any, iota: Any) -> Any:
    """C_1 sqrt(Var* M Gamma S A K) iota + C_2 M S^2 A iota^2."""
    return C_1 * sqrt(variance * Gamma * pairs * K) * iota + C_2 * pairs * S * iota**2


def theorem_2_bound(
    M: int, S: int, A: int, H: int, K: int, Gamma: int, variance: float, delta: float
) -> float:
    """The explicit bound on the regret of K episodes, in float64; it may exceed K, the trivial one.

    `delta` is Algorithm 1's confidence parameter, `variance` is Var* (at most 1/4). The bound holds
    with probability at least 1 - 8 delta, in the form in which Theorem 2 stands: alpha~ in [0, 1].
    Raises ModelError for sizes, a variance or a delta out of range.

    >>> theorem_2_bound(1, 2, 1, 2, 10**10, 2, 0.25, 0.01) < 10**10
    True
    """
    sizes = LatentProblem(M, S, A, H, K, Gamma)
    if not 0 <= variance <= 1:
        raise ModelError(f"variance is {variance!r}, expected a number in [0, 1]: rewards sum to 1")
    if not 0 < delta < 1:
        raise ModelError(f"delta is {delta!r}, expected a probability in (0, 1)")
    iota = log_factor(M, S, A, H, K, float(delta))
    updates = most_updates(M, S, A, H, K, 2.0)
    tight = regret_bound(float(variance), K, updates, sizes.pairs, S, Gamma, iota)
    return float(tight)


def first_speaking_episodes(
    M: int, S: int, A: int, H: int, Gamma: int, variance: float, delta: float
) -> int:
    """The smallest power of two K at which the bound is below K: at fewer episodes it says nothing.

    Raises ModelError where none up to 2^200 is.
    """
    for exponent in range(200):
        if theorem_2_bound(M, S, A, H, 2**exponent, Gamma, variance, delta) < 2**exponent:
            return int(2**exponent)
    raise ModelError("the bound exceeds K up to K = 2^200: give sizes that fit")
