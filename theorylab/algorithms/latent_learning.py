r"""Learning a latent MDP with context in hindsight: doubling counts, a solver at each update.

Each episode plays the policy pi_k, then is told its context m_k. Counts n_m(s, a) and
n_m(s' | s, a); when n_m(s, a) reaches a power of two, N and P_hat of (m, s, a) are set anew and the
solver is called after the episode (LMDP, Algorithm 1). The first policy, arbitrary there, is the
solver's for no data. TRIGGERED is read as reset each episode; printed, it never is, and the
solver is called after every episode from the first on: with a solver that does not draw this
changes no policy, as N and P_hat change with the updates only, so `Run.literal_calls` says all that
differs.

Regret, values, rewards are per episode, undiscounted; values of played policies are exact.

>>> from theorylab.algorithms.mvp_solver import mvp_solver
>>> from theorylab.theory.latent_bounds import log_factor
from theorylab.worlds.latent_mdp import LatentMDP
>>> W = LatentMDP([1], [[1]], [[[[1], [1]]]], [0, "1/2"], [[[0, 1]]], 2)
>>> run = learn(W, mvp_solver(), episodes=100, delta=0.1, seed=0)
>>> run.episodes, run.regret_at([1, 100]).tolist()
(100, [1.0, 100.0])
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from theorylab.algorithms.latent_estimates import (
    Solver,
    estimates,
    frame_of,
    optimal_graph,
)
from theorylab.algorithms.latent_kernels import play
from theorylab.algorithms.latent_plans import Floats, Integers, Plan, Worth, worth
from theorylab.errors import InvalidArgument
from theorylab.theory.latent_bounds import log_factor
from theorylab.worlds.latent_mdp import LatentMDP


@dataclass(frozen=True, eq=False)
class Stretch:
    """Episodes first, ..., first + episodes - 1 (from 0), all played with one plan.

    known (M, S, A, S): transitions counted in P_hat, before them. before (nodes, M): visits with
    (k, t) not in X; moves (nodes, M, S): visits with (k, t+1) not in X by next state; X are the
    steps after the first update of an episode (Section B.3). triggered: whether the last of them
    had an update.
    """

    first: int
    episodes: int
    plan: Plan
    worth: Worth
    known: Integers
    before: Integers
    moves: Integers
    triggered: bool

    @property
    def after(self) -> Integers:
        """Visits with (k, t+1) not in X, (nodes, M)."""
        return np.asarray(self.moves.sum(-1))


@dataclass(frozen=True, eq=False)
class Run:
    """A run of Algorithm 1: its stretches in order, contexts (K,), iota and V* of the truth."""

    world: LatentMDP
    iota: float
    delta: float
    best: float
    stretches: tuple[Stretch, ...]
    contexts: Integers

    @property
    def episodes(self) -> int:
        """K."""
        return len(self.contexts)

    @property
    def literal_calls(self) -> int:
        """Solver calls if TRIGGERED is never reset: after each episode from the first update on."""
        first = self.stretches[0]
        return self.episodes - (first.episodes - 1) if first.triggered else 0

    def policy_at(self, k: int) -> int:
        """The index of the stretch of episode k = 0, 1, ..."""
        firsts = [it.first for it in self.stretches]
        return int(np.searchsorted(firsts, k, side="right")) - 1

    def regret_at(self, counts: Sequence[int]) -> Floats:
        """Regret, the sum of V* - V^{pi_k}, of the first so many episodes."""
        ends = np.cumsum([0] + [it.episodes for it in self.stretches])
        paid = np.cumsum(
            [0] + [it.episodes * (self.best - it.worth.value) for it in self.stretches]
        )
        if min(counts) < 0 or max(counts) > ends[-1]:
            raise InvalidArgument(f"counts {list(counts)} leave the range 0..{ends[-1]}")
        return np.interp(counts, ends, paid)


def learn(
    W: LatentMDP,
    solver: Solver,
    *,
    episodes: int,
    delta: float,
    seed: int | np.random.SeedSequence,
    best: float | None = None,
) -> Run:
    """Run Algorithm 1 with a solver; `best` is V* where it is known already.

    Raises: InvalidArgument for no episodes, delta outside (0, 1], or what the solver raises.
    """
    if isinstance(episodes, bool) or not isinstance(episodes, int) or episodes < 1:
        raise InvalidArgument(f"episodes is {episodes!r}, expected an integer of at least 1")
    if not 0 < delta <= 1:
        raise InvalidArgument(f"delta is {delta!r}, expected a number in (0, 1]")
    frame = frame_of(W)
    iota = float(log_factor(*frame.sizes, frame.H, episodes, float(delta)))
    root = seed if isinstance(seed, np.random.SeedSequence) else np.random.SeedSequence(seed)
    world_rng, solver_rng = (np.random.Generator(np.random.PCG64(it)) for it in root.spawn(2))
    sums = tuple(_running(np.asarray(table, dtype=float)) for table in (W.w, W.nu, W.P))
    shape = (W.M, W.S, W.A, W.S)
    seen, known = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    contexts, done, stretches = np.zeros(episodes, dtype=np.int64), 0, []
    while done < episodes:
        plan = solver(estimates(frame, known, iota, solver_rng))
        before = np.zeros((plan.nodes, W.M), dtype=np.int64)
        moves = np.zeros((plan.nodes, W.M, W.S), dtype=np.int64)
        used = known.copy()
        graph = (plan.start, plan.state, plan.action, plan.following, W.H)
        counted = (seen, known, before, moves, contexts[done:])
        count = int(play(world_rng, *sums, W.labels, *graph, *counted))  # type: ignore[call-arg]
        changed = bool((used != known).any())
        found = Stretch(done, count, plan, worth(W, plan), used, before, moves, changed)
        stretches.append(found)
        done += count
    value = optimal_graph(W)[1].value if best is None else best
    return Run(W, iota, delta, value, tuple(stretches), contexts)


def _running(table: Floats) -> Floats:
    """Running sums along the last axis, infinite from the last positive entry on."""
    sums = np.cumsum(table, -1)
    last = table.shape[-1] - 1 - np.argmax(table[..., ::-1] > 0, axis=-1)
    past = np.arange(table.shape[-1]) >= last[..., None]
    return np.where(past, np.inf, sums)
