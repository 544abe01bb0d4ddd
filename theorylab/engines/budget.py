"""Budgets: how much each engine may try. Counts, not seconds, so that a run repeats exactly."""

from __future__ import annotations

from dataclasses import dataclass

from theorylab.givens import WORLD_SIZES


@dataclass(frozen=True)
class Budget:
    """What the engines may spend; counts are per shape.

    shapes        how many sizes (S, A) are visited, smallest first
    combinations  how many shapes beyond one per (S, A), for claims with further sizes
    examples      instances drawn (exact)
    balls         the same (ball), and `bits` its largest precision
    trials        primes (certificate)
    terms         how large a polynomial may grow (symbolic)
    lanes         instances in batches (sweep)
    compiled      instances in machine code (sweep), at shapes with S * A <= `compiled_size`
    generations   how often the population varies (search), for each inequality
    ascents       instances that then climb by their gradient (search), in so many `slopes`
    grid          instances of small grids (exhaustive), in all
    coefficients  how many terms or Bernstein coefficients a polynomial may have (positivity)
    regions       into how many parts a shape may be split (positivity)
    paths         outcomes enumerated at one instance, and `outcomes` at all of a claim's
                  (probability); both count runs of the claim
    runs          replications at one instance at most (probability)
    steps         members of a family that runs (growth)
    """

    name: str
    shapes: int
    combinations: int
    examples: int
    balls: int
    bits: int
    trials: int
    terms: int
    lanes: int
    compiled: int
    compiled_size: int
    generations: int
    ascents: int
    slopes: int
    grid: int
    coefficients: int
    regions: int
    paths: int = 1_000
    outcomes: int = 8_000
    runs: int = 2**12
    steps: int = 10

    def worlds(self) -> list[tuple[int, int]]:
        """The sizes (S, A) visited."""
        return WORLD_SIZES[: self.shapes]


QUICK = Budget(
    "quick", shapes=6, combinations=8, examples=40, balls=16, bits=512, trials=2, terms=20_000,
    lanes=500, compiled=2**18, compiled_size=4, generations=16, ascents=24, slopes=30,
    grid=2_000, coefficients=20_000, regions=40,
)  # fmt: skip
NORMAL = Budget(
    "normal", shapes=8, combinations=16, examples=200, balls=40, bits=1024, trials=3,
    terms=100_000, lanes=4_000, compiled=2**20, compiled_size=6, generations=60,
    ascents=48, slopes=120, grid=100_000, coefficients=100_000, regions=100,
    paths=4_000, outcomes=80_000, runs=2**15, steps=12,
)  # fmt: skip
DEEP = Budget(
    "deep", shapes=11, combinations=48, examples=2_000, balls=200, bits=4096, trials=5,
    terms=2_000_000, lanes=100_000, compiled=2**24, compiled_size=9, generations=200,
    ascents=100, slopes=400, grid=5_000_000, coefficients=6_000_000, regions=4_000,
    paths=2**16, outcomes=10**7, runs=2**18, steps=16,
)  # fmt: skip
BUDGETS = {budget.name: budget for budget in (QUICK, NORMAL, DEEP)}
