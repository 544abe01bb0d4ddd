"""The speed of machine code, as ratios within one run on one core.

The claim is the simulation lemma as a user writes it. Its rivals are what a user would write
instead: numpy on whole batches (`batched`: stacked LAPACK solves, at the batch size that suits it
best), and the claim evaluated instance by instance in floats (`one by one`). Medians of CPU seconds
over alternating repetitions, so that other load on the machine harms all alike.

    tables given      both sides of tables given in blocks of eight instances; wanted S=4, A=2: 40 x
                      batched; S=10, A=3: 15 x batched, 200 x one by one, half of dgemm's rate
    fused             instances drawn and checked; wanted S=4, A=2: 30 x a numpy pipeline that draws
                      from the same distribution; S=10, A=3: 8 x
    compile           tracing and compiling; wanted under 1 s up to S=10, kept after

Run: OMP_NUM_THREADS=1 python -m benchmarks.compiled
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from theorylab.arithmetic import Array
from theorylab.claims import Claim, evaluate
from theorylab.engines.compiled import compiled, traced
from theorylab.givens import build_instance, fmap
from theorylab.lanes import Lanes
from theorylab.machine import WIDTH, blocks
from theorylab.machine import evaluate as machine_code
from theorylab.points import DISCOUNTS, FRACTIONS, LIMITS, MAGNITUDES, OVERALL, random_lanes
from theorylab.simd import objects
from verification.lamps.appendix_a1 import simulation
from verification.lamps.section_4 import pdam

SMALL, LARGE = {"S": 4, "A": 2}, {"S": 10, "A": 3}
BATCHES = (32, 128, 512, 2_048, 8_192)
SINGLE = 20
Tables = tuple[Array, ...]


def seconds(work: Callable[[], object]) -> float:
    """CPU seconds of one call."""
    start = time.process_time()
    work()
    return time.process_time() - start


def rates(works: dict[str, tuple[Callable[[], object], int]], repetitions: int = 9) -> dict:
    """Instances for each CPU second of each (work, instances), run in turn, as medians. Each is
    repeated until it takes a hundredth of a second; the first round warms up."""
    times = {name: max(1, int(0.02 / max(1e-7, seconds(w)))) for name, (w, _) in works.items()}
    found: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(repetitions + 1):
        for name, (work, count) in works.items():
            spent = seconds(lambda: [work() for _ in range(times[name])])  # noqa: B023
            found[name].append(times[name] * count / spent)
    return {name: statistics.median(values[1:]) for name, values in found.items()}


# ---- the rival: numpy on batches -----------------------------------------------------------------


def batched(P: Array, c: Array, gamma: Array, start: Array, P_hat: Array, pi: Array) -> Array:
    """Both sides of the simulation lemma on a batch, in plain numpy; their greatest difference."""
    g, eye = gamma[:, None, None], np.eye(P.shape[1])
    flow = eye - g * (pi[..., None] * P).sum(2)
    flow_hat = eye - g * (pi[..., None] * P_hat).sum(2)
    paid = (pi * c).sum(2)[..., None]
    V, V_hat = (np.linalg.solve(A, paid)[..., 0] for A in (flow, flow_hat))
    right = ((1 - gamma)[:, None] * start)[..., None]
    d = np.linalg.solve(flow.swapaxes(1, 2), right)[..., 0]
    gap = ((P - P_hat) @ V_hat[:, None, :, None])[..., 0]
    left = (start * (V - V_hat)).sum(1)
    return left - gamma / (1 - gamma) * (d[..., None] * pi * gap).sum((1, 2))


class Draws:
    """Tables from the distribution of `points.random_lanes`, drawn as arrays."""

    def __init__(self, rng: np.random.Generator, n: int):
        self.rng, self.n, self.overall = rng, n, rng.choice(MAGNITUDES, size=n)

    def integers(self, kind: str, shape: tuple[int, ...]) -> Array:
        """Integers (n, ...) of one table."""
        own = self.rng.choice(MAGNITUDES, size=self.n)
        top = np.where(self.rng.random(self.n) < OVERALL, self.overall, own)
        bound = np.minimum(top, LIMITS[kind]).reshape(-1, *(1 for _ in shape)) + 1
        return (self.rng.random((self.n, *shape)) * bound).astype(np.int64)

    def rows(self, *shape: int) -> Array:
        """Distributions along the last axis."""
        weights = self.integers("weight", shape).astype(float)
        weights[..., 0] += weights.sum(-1) == 0
        return weights / weights.sum(-1, keepdims=True)

    def tables(self, S: int, A: int) -> Tables:
        """What the simulation lemma takes, in the order in which a claim draws it."""
        P, c = self.rows(S, A, S), FLOATS[self.integers("fraction", (S, A))]
        gamma = DISCOUNT_FLOATS[self.rng.integers(len(DISCOUNTS), size=self.n)]
        return P, c, gamma, self.rows(S), self.rows(S, A, S), self.rows(S, A)


FLOATS, DISCOUNT_FLOATS = (np.array([float(f) for f in t]) for t in (FRACTIONS, DISCOUNTS))


def pipeline(rng: np.random.Generator, n: int, S: int, A: int) -> float:
    """Draw and check n instances."""
    return float(np.abs(batched(*Draws(rng, n).tables(S, A))).max())


# ---- works ---------------------------------------------------------------------------------------


def one_by_one(claim: Claim, instances: list[dict[str, Any]]) -> None:
    """Both sides, one instance after the other, in plain floats."""
    for instance in instances:
        evaluate(claim, instance)


def single_instances(sizes: dict[str, int]) -> list[dict[str, Any]]:
    """Instances of the lemma as plain float tables."""
    lanes = build_instance(
        simulation.parameters, random_lanes(np.random.default_rng(0), SINGLE), sizes
    )

    def lane(k: int) -> Callable[[Array], Array]:
        pick = np.frompyfunc(lambda x: x.values[k] if isinstance(x, Lanes) else float(x), 1, 1)
        return lambda table: np.asarray(pick(table), dtype=float)

    return [{name: fmap(v, lane(k)) for name, v in lanes.items()} for k in range(SINGLE)]


def best_batch(work: Callable[[int], Callable[[], object]]) -> tuple[int, float]:
    """The batch size at which numpy is fastest, and its rate."""
    found = rates({str(n): (work(n), n) for n in BATCHES}, repetitions=3)
    best = max(found, key=lambda name: found[name])
    return int(best), found[best]


def given(sizes: dict[str, int]) -> None:
    """Print the ratios for tables given."""
    S, A = sizes["S"], sizes["A"]
    rng = np.random.default_rng(0)

    def numpy_work(n: int) -> Callable[[], object]:
        return partial(batched, *Draws(rng, n).tables(S, A))

    batch, _ = best_batch(numpy_work)
    found = traced(simulation, sizes)
    code, inputs = machine_code(found.program), found.program.inputs()
    count = max(WIDTH, 2**19 // inputs // WIDTH * WIDTH)  # four megabytes of tables
    tables = Draws(rng, count).tables(S, A)
    values = np.concatenate([t.reshape(count, -1) for t in tables], axis=1).T.copy()
    together = blocks(count // WIDTH, inputs)
    together[:] = values.reshape(inputs, -1, WIDTH).transpose(1, 0, 2)
    sides = code(values)
    assert np.allclose(sides[-2], sides[-1], atol=1e-6)
    square = np.random.default_rng(0).random((512, 512))
    result = rates(
        {
            "code": (partial(code, together), count),
            "code, rows": (partial(code, values), count),
            "batched": (numpy_work(batch), batch),
            "one by one": (partial(one_by_one, simulation, single_instances(sizes)), SINGLE),
            "dgemm": (lambda: square @ square, 2 * 512**3),
        }
    )
    share = result["code"] * found.program.count() / result["dgemm"]
    where = f"S={S} A={A}"
    wanted = {4: ("40", ""), 10: ("15", "200")}[S]
    rows = [
        ("tables given", f"{result['code'] / 1e6:8.2f} million/s"),
        ("  given as rows", f"{result['code, rows'] / 1e6:8.2f} million/s"),
        (
            f"  / batched ({batch})",
            f"{result['code'] / result['batched']:8.1f}   wanted {wanted[0]}",
        ),
        ("  / one by one (floats)", f"{result['code'] / result['one by one']:8.0f}   {wanted[1]}"),
        ("  operations / dgemm", f"{share:8.2f}   wanted 0.5 at S=10"),
    ]
    for name, text in rows:
        print(f"{name:26} {where:10} {text}")


def fused(sizes: dict[str, int]) -> None:
    """Print the ratios for instances drawn and checked."""
    S, A = sizes["S"], sizes["A"]
    rng, code, count = np.random.default_rng(0), compiled(simulation, sizes).code, 2**12

    def numpy_work(n: int) -> Callable[[], object]:
        return partial(pipeline, rng, n, S, A)

    batch, _ = best_batch(numpy_work)
    result = rates(
        {
            "code": (partial(code.run, 0, 0, count // WIDTH), count),
            "numpy": (numpy_work(batch), batch),
        }
    )
    ratio, wanted = result["code"] / result["numpy"], 30 if S == 4 else 8
    print(f"{'drawn and checked':26} S={S} A={A:<5} {result['code'] / 1e6:8.2f} million/s")
    print(f"{f'  / numpy ({batch})':26} S={S} A={A:<5} {ratio:8.1f}   wanted {wanted}")


def compile_times(claim: Claim, sizes: dict[str, int]) -> None:
    """Print the CPU seconds of tracing and compiling, first and kept."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["THEORYLAB_CACHE"] = folder
        spent = []
        for _ in range(2):
            objects.load.cache_clear()
            spent.append(seconds(partial(compiled, claim, sizes)))
        del os.environ["THEORYLAB_CACHE"]
    where = " ".join(f"{k}={v}" for k, v in sizes.items())
    print(f"{f'compile {claim.name}':26} {where:10} {spent[0]:8.3f} s   kept {spent[1]:.3f} s")


def main() -> None:
    """Print the table."""
    for sizes in (SMALL, LARGE):
        given(sizes)
        fused(sizes)
    for claim in (simulation, pdam):
        for sizes in (SMALL, LARGE):
            compile_times(claim, sizes)


if __name__ == "__main__":
    main()
