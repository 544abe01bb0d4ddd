r"""Algorithm 1 of LV-Rep: online exploration with a learned latent-variable model and a bonus.

Episode n = 1, ..., N: run pi_{n-1} from s_0 ~ d_0, stop with probability 1 - gamma before each step
and take the state s, so s ~ d^{pi_{n-1}} exactly; a ~ U(A), s' ~ T*(s, a), a' ~ U(A),
s'' ~ T*(s', a'). (s, a, s') goes to D_n and (s', a', s'') to D'_n; the most likely model of the
class on both is learned; Sigma^ is of D_n; pi_n is optimal for r + b_n in the learned model. pi_0
is uniform. (The box lost its lines in the extraction: rho x U(A) and rho' of Appendix E.2 force a,
s' and s''.) Regret is of pi_1, ..., pi_N, exact, discounted, rewards not normalised.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theorylab.algorithms.representation_bonus import (
    Bonus,
    Constants,
    bonus_table,
    constants,
    feature_map,
)
from theorylab.algorithms.representation_classes import Choice, Floats, ModelClass
from theorylab.algorithms.rounds import drawn
from theorylab.errors import InvalidArgument
from theorylab.theory.planning import optimal_policy
from theorylab.theory.tabular import performance
from theorylab.worlds.latent_variable import LatentVariableModel
from theorylab.worlds.latent_variable_instances import in_floats
from theorylab.worlds.mdp import Policy, unchecked

Integers = NDArray[np.int64]


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
) -> Online:
    """Run Algorithm 1; K is the kernel's matrix on the latent values, by default the identity.

    Raises: InvalidArgument for no episodes, a kernel of another size or not positive definite.
    """
    check_count("episodes", episodes)
    truth, kernel = in_floats(world), checked_kernel(K, world.Z)
    known = constants(
        bonus, candidates, kernel, gamma=float(truth.gamma), actions=truth.A, N=episodes
    )
    world_rng, bonus_rng = generators(seed)
    fm = feature_map(bonus, kernel, bonus_rng)
    sampler = Sampler(truth)
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
        b = bonus_table(known, fm, choice.model.latents, visits, n)
        pi, claimed = plan(choice, b)
        played = pi.probabilities
        rows.append((sample, played.argmax(-1), b, choice.index, choice.ties, pi, claimed))
    return _collected(truth, candidates, known, kernel, rows)


def _collected(
    truth: LatentVariableModel,
    candidates: ModelClass,
    known: Constants,
    K: Floats,
    rows: list[tuple[Any, ...]],
) -> Online:
    samples, actions, bonuses, index, ties, policies, claimed = zip(*rows, strict=True)
    M = truth.mdp
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
        values=np.array([performance(M, pi) for pi in policies]),
        claimed=np.array(claimed),
        best=float(performance(M, optimal_policy(M))),
    )


def plan(choice: Choice, addition: Floats) -> tuple[Policy, float]:
    """An optimal policy of the learned model with reward r + addition, and its value."""
    model = choice.model.with_reward(choice.model.payoff + addition).mdp
    pi = optimal_policy(model)
    return pi, float(performance(model, pi))


class Sampler:
    """Draws from a world, by inverting running sums."""

    def __init__(self, truth: LatentVariableModel) -> None:
        self.gamma = float(truth.gamma)
        self.start = np.cumsum(truth.start)
        self.move = np.cumsum(truth.P, -1)

    def state(self, policy: Floats, rng: np.random.Generator) -> int:
        """s ~ d^pi: run the policy, stopping with probability 1 - gamma before each step."""
        choose = np.cumsum(policy, -1)
        s = _draw(self.start, rng)
        for _ in range(int(rng.geometric(1 - self.gamma)) - 1):
            s = _draw(self.move[s, _draw(choose[s], rng)], rng)
        return s

    def step(self, s: int, a: int, rng: np.random.Generator) -> int:
        """s' ~ T(. | s, a)."""
        return _draw(self.move[s, a], rng)

    def episode(self, policy: Floats, rng: np.random.Generator) -> tuple[int, int, int, int, int]:
        """s, a, s', a', s'' of one episode of Algorithm 1."""
        s = self.state(policy, rng)
        a, a1 = (int(k) for k in rng.integers(policy.shape[1], size=2))
        s1 = self.step(s, a, rng)
        return s, a, s1, a1, self.step(s1, a1, rng)


def _draw(sums: Floats, rng: np.random.Generator) -> int:
    return int(drawn(sums, np.asarray(rng.random())))


def generators(
    seed: int | np.random.SeedSequence,
) -> tuple[np.random.Generator, np.random.Generator]:
    """The random numbers of the world and of the bonus."""
    root = seed if isinstance(seed, np.random.SeedSequence) else np.random.SeedSequence(seed)
    first, second = (np.random.Generator(np.random.PCG64(it)) for it in root.spawn(2))
    return first, second


def check_count(name: str, value: int) -> None:
    """Raise InvalidArgument unless the number is an integer of at least 1."""
    if type(value) is not int or value < 1:
        raise InvalidArgument(f"{name} is {value!r}, expected an integer of at least 1")


def checked_kernel(K: Any, Z: int) -> Floats:
    """The kernel's matrix in floats: the identity for None, else positive definite."""
    matrix = np.eye(Z) if K is None else np.asarray(K, dtype=np.float64)
    if matrix.shape != (Z, Z):
        raise InvalidArgument(f"K has shape {matrix.shape}, expected ({Z}, {Z})")
    least = float(np.linalg.eigvalsh((matrix + matrix.T) / 2)[0])
    if least <= 0 or not np.allclose(matrix, matrix.T):
        raise InvalidArgument(f"K has least eigenvalue {least:.3g}, expected symmetric, above 0")
    return matrix


def policy_of(actions: Integers, A: int) -> Policy:
    """The policy that takes these actions (S,), in floats."""
    return unchecked(Policy, probabilities=np.eye(A)[actions])
