r"""The terms of Theorem 2's proof measured along a run, and its chain of inequalities on them.

With I_t = 1[(k, t) not in X] and zeta = alpha~ - alpha (LMDP, Section B.3.2), sums over k and t,

    X_1 = sum_k V~ - alpha~(s_1)             X_2 = sum r I_t - sum_k V^{pi_k}
    X_3 = sum I_{t+1} (P alpha~(h a r .) - alpha~(h_{t+1}))     X_4 = sum I_t min(beta, 1)
    X_5 = sum_k V(w o nu, alpha) + sum I_{t+1} V(P, alpha)      X_6: the same of zeta
    beta = 7 sqrt(Gamma V(P, alpha~) iota / N) + 30 S iota / N  (proof of Lemma 16; N = 0: infinite)

All from integer counts of visits and exactly evaluated vectors. The print's X_4 has beta itself,
infinite at a first visit; (8) has min(beta, 1), and so have we. A line of the chain is a left and a
right side; it holds or it does not, on this run. `sure` lines hold on every run of an optimistic
solver where Omega_1 and Omega_2 do; the others with the probability their source says. Constants
are those of the proofs; `explicit_bound` derives the theorem from them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np

from theorylab.algorithms.latent_learning import Run, Stretch
from theorylab.algorithms.latent_plans import Floats, means, next_vectors, variances
from theorylab.theory import latent_bounds as bounds
from theorylab.theory.latent import variance
from theorylab.worlds.latent_mdp import LatentMDP


@dataclass(frozen=True)
class Terms:
    """Sums over the episodes of a run, or of a stretch of it.

    regret, gap: of V* - V^pi and of V~ - V^pi; x1 to x6; errors: sum I_t (alpha~ - r - P alpha~);
    shift: sum (I_t - I_{t+1}) P alpha~; updates: |K^C|; visits: sum I_t / max(N, 1);
    optimistic_now, optimistic_next: sum I_t and sum I_{t+1} of V(P, alpha~); played: sum Var^pi.
    """

    regret: float
    gap: float
    x1: float
    x2: float
    x3: float
    x4: float
    x5: float
    x6: float
    errors: float
    shift: float
    updates: float
    visits: float
    optimistic_now: float
    optimistic_next: float
    played: float

    def __add__(self, other: Terms) -> Terms:
        return Terms(*(getattr(self, it.name) + getattr(other, it.name) for it in fields(self)))


@dataclass(frozen=True)
class Line:
    """A line of the chain: lhs at most rhs (or equal), its source, and whether it is sure."""

    name: str
    lhs: float
    rhs: float
    source: str
    sure: bool
    identity: bool = False

    @property
    def holds(self) -> bool:
        """Whether the line holds on this run, up to rounding."""
        rounding = 1e-9 * max(1.0, abs(self.lhs), abs(self.rhs))
        if self.identity:
            return abs(self.lhs - self.rhs) <= rounding
        return self.lhs <= self.rhs + rounding


def bellman_errors(W: LatentMDP, it: Stretch) -> Floats:
    """alpha~_m - R_m - P_m alpha~_m at the nodes and contexts of a stretch, shape (N, M)."""
    alpha = it.plan.alpha
    rewards = W.rewards.astype(float)[:, it.plan.state, it.plan.action].T
    return np.asarray(alpha[:-1] - rewards - means(W, it.plan, alpha))


def bellman_bounds(W: LatentMDP, it: Stretch, iota: float) -> Floats:
    """min(beta, 1) of Lemma 16 at the nodes and contexts of a stretch, shape (N, M)."""
    N = _counts(it)
    spread = variances(W, it.plan, it.plan.alpha)
    rate = iota / np.maximum(N, 1)
    beta = 7 * np.sqrt(W.degree * spread * rate) + 30 * W.S * rate
    return np.where(N > 0, np.minimum(beta, 1), 1.0)


def _counts(it: Stretch) -> Floats:
    return np.asarray(it.known.sum(-1)[:, it.plan.state, it.plan.action].T)


def stretch_terms(run: Run, it: Stretch) -> Terms:
    """The terms of the episodes of one stretch."""
    W, plan, n, now, after = run.world, it.plan, it.episodes, it.before, it.after
    alpha, true, value = plan.alpha, it.worth.alpha, it.worth.value
    zeta, start = alpha - true, np.ravel((W.w[:, None] * W.nu).astype(float))
    ahead, spread = means(W, plan, alpha), variances(W, plan, alpha)
    first, errors = plan.step == 1, bellman_errors(W, it)
    rewards = W.rewards.astype(float)[:, plan.state, plan.action].T

    def at_start(vectors: Floats) -> float:
        return n * float(variance(start, np.ravel(vectors[plan.start].T)))

    return Terms(
        regret=n * (run.best - value),
        gap=n * (plan.value - value),
        x1=n * plan.value - float((now * alpha[:-1])[first].sum()),
        x2=float((now * rewards).sum()) - n * value,
        x3=float((after * ahead).sum() - (it.moves * next_vectors(plan, W.labels, alpha)).sum()),
        x4=float((now * bellman_bounds(W, it, run.iota)).sum()),
        x5=at_start(true) + float((after * variances(W, plan, true)).sum()),
        x6=at_start(zeta) + float((after * variances(W, plan, zeta)).sum()),
        errors=float((now * errors).sum()),
        shift=float(((now - after) * ahead).sum()),
        updates=float(it.triggered),
        visits=float((now / np.maximum(_counts(it), 1)).sum()),
        optimistic_now=float((now * spread).sum()),
        optimistic_next=float((after * spread).sum()),
        played=n * it.worth.variance,
    )


def run_terms(run: Run) -> Terms:
    """The terms of a whole run."""
    first, *rest = (stretch_terms(run, it) for it in run.stretches)
    return sum(rest, first)


def good_events(run: Run, *, under_root: bool = False) -> tuple[bool, bool]:
    """Whether Omega_1 (6) and Omega_2 (7) held in every episode of the run.

    under_root: 5 iota / N and iota / N under the root, as (6) and (7) are printed; else beside it,
    as (2), the proof of Lemma 11 and all that uses them have it.
    """
    found = np.array([_good(run, it, under_root) for it in run.stretches])
    return bool(found[:, 0].all()), bool(found[:, 1].all())


def _good(run: Run, it: Stretch, under_root: bool) -> tuple[bool, bool]:
    N, P = it.known.sum(-1)[..., None], run.world.P.astype(float)
    P_hat, rate = it.known / np.maximum(N, 1), run.iota / np.maximum(N, 1)
    if under_root:
        widths = 2 * np.sqrt(P_hat * rate + 5 * rate), np.sqrt(2 * P * rate + rate)
    else:
        widths = 2 * np.sqrt(P_hat * rate) + 5 * rate, np.sqrt(2 * P * rate) + rate
    off = np.abs(P_hat - P)
    first, second = (bool(((off <= width) | (N == 0)).all()) for width in widths)
    return first, second


def chain(run: Run, *, largest: float) -> list[Line]:
    """The proof of Theorem 2 line by line on a run; `largest` is Var*, or a bound on it."""
    it, W, iota, K = run_terms(run), run.world, run.iota, run.episodes
    pairs, root = W.M * W.S * W.A, math.sqrt
    counted = bounds.most_updates(W.M, W.S, W.A, W.H, K, 2.0)
    split = it.x1 + it.x2 + it.errors + it.x3 + it.shift
    solved = 4 * root(2 * it.x6 * iota) + 5 * iota + 2 * it.x4 + it.updates
    weighed = 7 * root(W.degree * iota * 3 * pairs * iota * it.optimistic_now)
    full = explicit_bound(W, K, iota, largest)
    return [
        Line("optimism", it.regret, it.gap, "Section B.3.1, Lemma 15", True),
        Line("decomposition (i)", it.gap, split, "Section B.3.2", True, identity=True),
        Line("Bellman errors", it.errors, it.x4, "Lemma 16", True),
        Line("shift", it.shift, it.updates, "Section B.3.2 (iii)", True),
        Line("updates", it.updates, counted, "Section B.3, triggers", True),
        Line("updates, iota", counted, pairs * iota, "Section B.3, triggers", True),
        Line("visits", it.visits, 3 * pairs * iota, "Lemma 13, max(N, 1)", True),
        Line("X_1", it.x1, bounds.x_1_bound(it.x5, it.x6, iota), "Lemma 17", False),
        Line("X_2", it.x2, bounds.x_2_bound(it.played, 1, iota), "Lemma 18", False),
        Line("X_2, Var*", it.played, largest * K, "Definition 1", True),
        Line("X_3, printed", it.x3, 2 * root(2 * it.x4 * iota) + 5 * iota, "Lemma 19", False),
        Line("X_3, variance", it.x3, 2 * root(2 * it.optimistic_next * iota) + 5 * iota,
             "Lemma 19, by its own variance", False),
        Line("variance of alpha~", it.optimistic_next, 2 * (it.x5 + it.x6), "V(X + Y)", True),
        Line("variance of alpha~, now", it.optimistic_now, it.optimistic_next + it.updates,
             "Lemma 22", True),
        Line("X_5", it.x5, bounds.x_5_bound(largest, K, iota), "Lemma 20", False),
        Line("X_6", it.x6, solved, "Lemma 21", False),
        Line("X_4", it.x4, weighed + 90 * pairs * W.S * iota**2, "Lemma 22", True),
        Line("regret", it.regret, full, "Theorem 2, explicit", False),
    ]  # fmt: skip


def explicit_bound(W: LatentMDP, episodes: int, iota: float, largest: float) -> float:
    """Theorem 2 with the constants of its proof (probability at least 1 - 9 delta).

    `latent_bounds.regret_bound` with X_4 solved as one quadratic and X_3 under one root, which is
    a little smaller: with g = 7 iota sqrt(3 Gamma M S A) and u = M S A iota, X_4 <= g sqrt(2 X_5 +
    2 X_6 + u) + 90 S u iota, X_6 <= 42 iota + 4 X_4 + 2 u, and x <= b sqrt(x) + c gives x <= b^2 +
    2 c.
    """
    updates = W.M * W.S * W.A * iota
    g = 7 * iota * math.sqrt(3 * W.degree * W.M * W.S * W.A)
    x5 = bounds.x_5_bound(largest, episodes, iota)
    rest = g * math.sqrt(2 * x5 + 84 * iota + 5 * updates) + 90 * W.S * updates * iota
    x4 = 8 * g * g + 2 * rest
    x6 = bounds.x_6_bound(x4, updates, iota)
    x3 = 4 * math.sqrt((x5 + x6) * iota) + 5 * iota
    ends = bounds.x_1_bound(x5, x6, iota) + bounds.x_2_bound(largest, episodes, iota)
    return float(ends + x3 + x4 + updates)
