"""Budgets: how much each engine may try. Counts, not seconds, so that a run repeats exactly."""

from __future__ import annotations

from dataclasses import dataclass

from theorylab.givens import WORLD_SIZES


@dataclass(frozen=True)
class Budget:
    """What the engines may spend.

    `examples` instances per shape by hypothesis (exact), `balls` instances per shape, `lanes`
    instances per shape (sweep), `shapes` sizes (S, A) visited by exact and ball, `wide` by sweep,
    `trials` primes per shape, `terms` of a polynomial that the symbolic engine may expand to,
    `bits` the largest precision of balls, `combinations` how many shapes beyond one per (S, A),
    `generations` how often the search engine's population varies at each shape, `compiled` how many
    instances per shape the sweep generates and judges in machine code (0: it stays with batches).
    """

    name: str
    examples: int
    balls: int
    lanes: int
    shapes: int
    trials: int
    terms: int
    bits: int
    combinations: int
    generations: int
    compiled: int

    def worlds(self) -> list[tuple[int, int]]:
        """The sizes (S, A) visited."""
        return WORLD_SIZES[: self.shapes]


BUDGETS = {
    "quick": Budget("quick", 60, 16, 2_000, 6, 2, 20_000, 512, 8, 12, 0),
    "normal": Budget("normal", 200, 40, 10_000, 8, 3, 100_000, 1024, 16, 40, 2**20),
    "deep": Budget("deep", 2_000, 200, 100_000, 11, 5, 2_000_000, 4096, 48, 200, 2**24),
}
