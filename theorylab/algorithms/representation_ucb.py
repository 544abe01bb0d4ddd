r"""Algorithm 1 of LV-Rep: online exploration with a learned latent-variable model and a bonus.

Episode n = 1, ..., N: run pi_{n-1} from s_0 ~ d_0, stop with probability 1 - gamma before each step
and take the state s, so s ~ d^{pi_{n-1}} exactly; a ~ U(A), s' ~ T*(s, a), a' ~ U(A),
s'' ~ T*(s', a'). (s, a, s') goes to D_n and (s', a', s'') to D'_n; the most likely model of the
class on both is learned; Sigma^ is of D_n; pi_n is optimal for r + b_n in the learned model. pi_0
is uniform. (The box lost its lines in the extraction: rho x U(A) and rho' of Appendix E.2 force a,
s' and s''.) Regret is of pi_1, ..., pi_N, exact, discounted, rewards not normalised.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theorylab.algorithms.representation_bonus import (
    Bonus,
    Constants,
    bonus_table,
    constants,
    feature_kernel,
)
from theorylab.algorithms.representation_classes import (
    Floats,
    ListedClass,
    ModelClass,
    RowClass,
)
from theorylab.errors import InvalidArgument
from theorylab.theory.planning import optimal_policy
from theorylab.theory.tabular import performance
from theorylab.worlds import checks
from theorylab.worlds.definite import check_symmetric
from theorylab.worlds.latent_variable import LatentVariableModel
from theorylab.worlds.latent_variable_instances import in_floats
from theorylab.worlds.mdp import Policy, unchecked

Integers = NDArray[np.int64]
ROUNDING = 1e-13
"""Actions tie within this times the size of Q over 1 - gamma: what a linear solve may err."""


@dataclass(frozen=True, eq=False)
class Online:
    """A run. samples (N, 5): s, a, s', a', s''; actions (N, S) of pi_1..pi_N; bonuses (N, S, A);
    index: which model was learned, one array per episode; ties (N,); values (N,) of pi_n in the
    truth, claimed (N,) in the learned model with its bonus; best: V* of the truth."""

    world: LatentVariableModel
    candidates: ModelClass
    constants: Constants
    K: Floats
    samples: Integers
    actions: Integers
    bonuses: Floats
    index: tuple[Integers, ...]
    ties: tuple[int, ...]
    values: Floats
    claimed: Floats
    best: float

    @property
    def episodes(self) -> int:
        """N."""
        return len(self.values)

    @property
    def regret(self) -> Floats:
        """V* - V^{pi_n} of each episode, shape (N,)."""
        return np.asarray(self.best - self.values)


def explore(
    world: LatentVariableModel,
    candidates: ModelClass,
    bonus: Bonus,
    *,
    episodes: int,
    seed: int | np.random.SeedSequence,
    K: Any = None,
    until: float | None = None,
) -> Online:
    """Run Algorithm 1; K is the kernel's matrix on the latent values, by default the identity.

    `until`: stop early after an episode whose policy's regret is at most this, up to rounding; the
    constants are those of all `episodes`.

    Raises: InvalidArgument for no episodes, a kernel of another size or not positive definite.
    """
    check_count("episodes", episodes)
    check_parts(world, candidates, bonus)
    if until is not None and not (type(until) in (int, float) and 0 <= until < np.inf):
        raise InvalidArgument(f"until is {until!r}, expected a regret of at least 0, or None")
    truth, kernel = in_floats(world), checked_kernel(K, world.Z)
    known = constants(
        bonus, candidates, kernel, gamma=float(truth.gamma), ratio=truth.A, N=episodes
    )
    world_rng, bonus_rng = generators(seed)
    gram = feature_kernel(bonus, kernel, bonus_rng)
    sampler, worth = Sampler(truth), Worth(truth)
    scores, visits = candidates.scores(), np.zeros((truth.S, truth.A), dtype=np.int64)
    played = np.full((truth.S, truth.A), 1 / truth.A)
    rows: list[tuple[Any, ...]] = []
    for n in range(1, episodes + 1):
        sample = sampler.episode(played, world_rng)
        s, a, s1, a1, s2 = sample
        visits[s, a] += 1
        candidates.add(scores, s, a, s1)
        candidates.add(scores, s1, a1, s2)
        choice = candidates.best(scores)
        b = bonus_table(known, gram, choice.model.latents, visits, n)
        actions, claimed = plan(choice.model, b, rows[-1][1] if rows else None)
        played, value = np.eye(truth.A)[actions], worth(actions)
        rows.append((sample, actions, b, choice.index, choice.ties, value, claimed))
        if until is not None and worth.best - value <= until + ROUNDING * (1 + worth.best):
            break
    return _collected(truth, candidates, known, kernel, rows, worth.best)


def _collected(
    truth: LatentVariableModel,
    candidates: ModelClass,
    known: Constants,
    K: Floats,
    rows: list[tuple[Any, ...]],
    best: float,
) -> Online:
    samples, actions, bonuses, index, ties, values, claimed = zip(*rows, strict=True)
    return Online(
        truth,
        candidates,
        known,
        K,
        np.array(samples),
        np.array(actions),
        np.array(bonuses),
        tuple(index),
        tuple(ties),
        values=np.array(values),
        claimed=np.array(claimed),
        best=best,
    )


class Worth:
    """Values of deterministic policies in a world, each computed once; best: V*."""

    def __init__(self, truth: LatentVariableModel) -> None:
        self.world, self.known = truth.mdp, dict[bytes, float]()
        self.best = float(performance(self.world, optimal_policy(self.world)))

    def __call__(self, actions: Integers) -> float:
        """The value of the policy that takes these actions (S,)."""
        key = actions.tobytes()
        if key not in self.known:
            pi = policy_of(actions, self.world.A)
            self.known[key] = float(performance(self.world, pi))
        return self.known[key]


def plan(
    model: LatentVariableModel, addition: Floats, actions: Integers | None = None
) -> tuple[Integers, float]:
    """Optimal actions (S,) for reward r + addition in a model, and their value.

    Raises InvalidArgument for an addition of another shape or not finite, and for no actions.
    Policy iteration from `actions`; ties, up to what a linear solve may err, go to the smallest
    action, so that the result does not depend on where it starts.
    """
    checks.check_shape(addition, "addition", (model.S, model.A), "(S, A)")
    checks.check_finite(addition, "addition")
    if actions is not None and not (actions.min() >= 0 and actions.max() < model.A):
        raise InvalidArgument(f"actions leave the range 0..{model.A - 1}")
    P, payoff, gamma = model.P, model.payoff + addition, float(model.gamma)
    states = np.arange(model.S)
    chosen = payoff.argmax(-1) if actions is None else actions
    while True:
        flow = np.eye(model.S) - gamma * P[states, chosen]
        V = np.linalg.solve(flow, payoff[states, chosen])
        Q = payoff + gamma * (P @ V)
        margin = ROUNDING * (1 + np.abs(Q).max()) / (1 - gamma)
        best = Q.max(-1)
        if (best <= Q[states, chosen] + margin).all():
            smallest = (best[:, None] - margin <= Q).argmax(-1)
            return smallest, float(model.start @ V)
        chosen = np.where(best > Q[states, chosen] + margin, Q.argmax(-1), chosen)


class Sampler:
    """Draws from a world, by inverting running sums."""

    def __init__(self, truth: LatentVariableModel) -> None:
        self.gamma = float(truth.gamma)
        self.start = _running(truth.start)
        self.move = [[_running(row) for row in rows] for rows in truth.P]

    def state(self, policy: Floats, rng: np.random.Generator) -> int:
        """s ~ d^pi: run the policy, stopping with probability 1 - gamma before each step."""
        choose: dict[int, list[float]] = {}
        steps = int(rng.geometric(1 - self.gamma)) - 1
        uniform = rng.random(2 * steps + 1).tolist()
        s = bisect_right(self.start, uniform[0])
        for first, second in zip(uniform[1::2], uniform[2::2], strict=True):
            if s not in choose:
                choose[s] = _running(policy[s])
            s = bisect_right(self.move[s][bisect_right(choose[s], first)], second)
        return s

    def episode(self, policy: Floats, rng: np.random.Generator) -> tuple[int, int, int, int, int]:
        """s, a, s', a', s'' of one episode of Algorithm 1."""
        s = self.state(policy, rng)
        a, a1 = rng.integers(policy.shape[1], size=2).tolist()
        first, second = rng.random(2).tolist()
        s1 = bisect_right(self.move[s][a], first)
        return s, a, s1, a1, bisect_right(self.move[s1][a1], second)


def _running(row: Floats) -> list[float]:
    """Running sums, infinite from the last positive entry on: no index of weight 0 is drawn."""
    sums, last = np.cumsum(row), np.flatnonzero(row > 0)[-1]
    sums[last:] = np.inf
    return list(sums.tolist())


def generators(
    seed: int | np.random.SeedSequence,
) -> tuple[np.random.Generator, np.random.Generator]:
    """The random numbers of the world and of the bonus."""
    root = checks.seed_sequence(seed)
    first, second = (np.random.Generator(np.random.PCG64(it)) for it in root.spawn(2))
    return first, second


def check_count(name: str, value: int) -> None:
    """Raise InvalidArgument unless the number is an integer of at least 1."""
    if type(value) is not int or value < 1:
        raise InvalidArgument(f"{name} is {value!r}, expected an integer of at least 1")


def checked_kernel(K: Any, Z: int) -> Floats:
    """The kernel's matrix in floats: the identity for None, else positive definite."""
    matrix = np.eye(Z) if K is None else checks.to_float(checks.table(K, "K"))
    if matrix.shape != (Z, Z):
        raise InvalidArgument(f"K has shape {matrix.shape}, expected ({Z}, {Z})")
    checks.check_finite(matrix, "K")
    check_symmetric(matrix, "K")
    least = float(np.linalg.eigvalsh((matrix + matrix.T) / 2)[0])
    if least <= 0:
        raise InvalidArgument(f"K has least eigenvalue {least:.3g}, expected above 0")
    return matrix


def check_parts(world: LatentVariableModel, candidates: ModelClass, bonus: Bonus) -> None:
    """Raise InvalidArgument unless the class is one of models of the world's size."""
    if not isinstance(candidates, ListedClass | RowClass):
        raise InvalidArgument(
            f"candidates is a {type(candidates).__name__}, expected a ListedClass or a RowClass"
        )
    if not isinstance(bonus, Bonus):
        raise InvalidArgument(f"bonus is a {type(bonus).__name__}, expected a Bonus")
    own = candidates.models[0] if isinstance(candidates, ListedClass) else candidates.like
    if own.latents.shape != world.latents.shape:
        raise InvalidArgument(
            f"candidates has latents of shape {own.latents.shape}, expected those of the world,"
            f" {world.latents.shape}"
        )


def policy_of(actions: Integers, A: int) -> Policy:
    """The policy that takes these actions (S,), in floats."""
    return unchecked(Policy, probabilities=np.eye(A)[actions])
