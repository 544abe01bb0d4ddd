"""The speed of the foundation, as ratios within one run (medians of alternating repetitions).

* batched: both sides of PDAM at S=10, A=3 as lanes of floats, and in machine code (generation
  included), against the same claim run instance by instance in floats; wanted: at least 8 times
  the throughput.
* exact and prime: one evaluation of PDAM at S=3, A=2 in rationals and modulo a 61-bit prime,
  against one in floats; wanted: at most 2 times.
* certificate: PDAM at S=3, A=2, degree bound and trials included; wanted: under 50 ms.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial

import flint
import numpy as np

from theorylab.arithmetic import Array
from theorylab.claims import evaluate
from theorylab.engines import BUDGETS
from theorylab.engines.certificate import failing_links, gaps, random_prime, trace
from theorylab.engines.compiled import compiled
from theorylab.engines.judging import generator, random_points, rebuild
from theorylab.givens import build_instance, fmap
from theorylab.points import GenericSource, random_lanes
from theorylab.relations import compare
from theorylab.tape import degree_bound
from theorylab.worlds.checks import to_float
from verification.lamps.section_4 import pdam

SMALL, LARGE = {"S": 3, "A": 2}, {"S": 10, "A": 3}
LANES = 1_000
COMPILED = 2**14


def seconds(work: Callable[[], object]) -> float:
    """CPU seconds of one call."""
    start = time.process_time()
    work()
    return time.process_time() - start


def medians(works: dict[str, Callable[[], object]], repetitions: int = 7) -> dict[str, float]:
    """Median CPU seconds of each work, run in turn; the first round warms up."""
    rounds = [{name: seconds(work) for name, work in works.items()} for _ in range(repetitions + 1)]
    return {name: statistics.median(r[name] for r in rounds[1:]) for name in works}


def run_float(instances: list[dict]) -> None:
    """Both sides, one instance after the other, in plain floats."""
    for instance in instances:
        evaluate(pdam, instance)


def run_exact(instances: list[dict]) -> None:
    """Both sides and the decision, one instance after the other."""
    for instance in instances:
        compare(evaluate(pdam, instance)[0][0])


def points(sizes: dict[str, int], count: int) -> list[dict]:
    """Random exact instances of PDAM."""
    stream = random_points(pdam, sizes, generator(pdam, "benchmark", 0))
    return [rebuild(pdam, sizes, next(stream)) for _ in range(count)]


def floats(instance: dict) -> dict:
    """The same instance in floats."""

    def nearest(table: Array) -> Array:
        return to_float(np.asarray(table, dtype=object))

    return {name: fmap(value, nearest) for name, value in instance.items()}


def prime_points(count: int) -> list[dict]:
    """Generic instances modulo a random prime."""
    rng = np.random.default_rng(0)
    p = random_prime(rng)
    source = GenericSource(lambda: flint.nmod(int(rng.integers(p)), p), flint.nmod(1, p))
    return [build_instance(pdam.parameters, source, SMALL) for _ in range(count)]


def main() -> None:
    """Print the table."""
    exact_small = points(SMALL, 20)
    large = [floats(i) for i in points(LARGE, 20)]
    lanes = build_instance(pdam.parameters, random_lanes(np.random.default_rng(0), LANES), LARGE)
    found = medians(
        {
            "float": partial(run_float, [floats(i) for i in exact_small]),
            "rational": partial(run_exact, exact_small),
            "prime": partial(run_exact, prime_points(20)),
            "one by one": partial(run_float, large),
            "lanes": partial(evaluate, pdam, lanes),
            "compiled": partial(compiled(pdam, LARGE).code.run, 0, 0, COMPILED // 8),
            "certificate": partial(certify, SMALL),
        }
    )
    single = found["one by one"] / 20
    lanes_ratio, code_ratio = LANES / found["lanes"], COMPILED / found["compiled"]
    print(f"lanes / one by one,   S=10 A=3    {single * lanes_ratio:6.1f}   wanted >= 8 (batched)")
    print(f"compiled / one by one, S=10 A=3   {single * code_ratio:6.1f}")
    print(
        f"rational / float,     S=3 A=2    {found['rational'] / found['float']:6.2f}   wanted <= 2"
    )
    print(f"prime / float,        S=3 A=2    {found['prime'] / found['float']:6.2f}   wanted <= 2")
    print(f"certificate,          S=3 A=2    {1000 * found['certificate']:6.1f} ms  wanted < 50")


def certify(sizes: dict[str, int]) -> None:
    """One certificate at one shape."""
    tape, links = trace(pdam, sizes)
    degree_bound(tape, *gaps(links))
    rng = np.random.default_rng(0)
    assert not failing_links(pdam, sizes, rng, BUDGETS["normal"].trials)


if __name__ == "__main__":
    main()
