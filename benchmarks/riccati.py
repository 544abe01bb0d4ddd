"""The speed of the compiled Riccati recursion, as ratios within one run on one core.

The rival is what a user would write instead: the recursion in plain numpy, a Python loop over the
steps with `@` and `np.linalg.solve`, affine and cross terms included; for rollouts a loop likewise.
Medians of CPU seconds over alternating repetitions, so that other load harms all alike; results are
compared before anything is timed, and compiling is not counted.

    one recursion      checks of the tables included; wanted at H=100, 5 states, 1 control: 20 x
    in a batch         64 instances in one call, per instance
    kernel             the same without checks, as compiled code calls it
    rollout and cost   64 noisy runs, against the loop for each

Run: OMP_NUM_THREADS=1 python -m benchmarks.riccati
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from theorylab.algorithms import riccati

Tables = dict[str, Any]
BATCH = 64
SIZES = ((100, 5, 1), (50, 20, 4), (100, 12, 4))
COSTS = ("Q", "R", "N", "q", "r", "Q_final", "q_final")


def problem(seed: int, H: int, n: int, m: int) -> Tables:
    """A random convex problem with affine and cross terms."""
    rng = np.random.default_rng(seed)
    L = rng.normal(size=(H + 1, n + m, n + m))
    C = L @ L.swapaxes(1, 2) + np.eye(n + m)
    return {
        "A": rng.normal(size=(H, n, n)) / np.sqrt(n),
        "B": rng.normal(size=(H, n, m)),
        "Q": C[:H, :n, :n].copy(),
        "R": C[:H, n:, n:].copy(),
        "N": C[:H, :n, n:].copy(),
        "a": rng.normal(size=(H, n)),
        "q": rng.normal(size=(H, n)),
        "r": rng.normal(size=(H, m)),
        "Q_final": C[H, :n, :n].copy(),
        "q_final": rng.normal(size=n),
    }


def plain(A, B, Q, R, N, a, q, r, Q_final, q_final):  # type: ignore[no-untyped-def]
    """The recursion in plain numpy: gains and the last P."""
    P, p, gains = Q_final, q_final, []
    for t in range(len(A) - 1, -1, -1):
        PA, PB = P @ A[t], P @ B[t]
        v = P @ a[t] + p
        hessian, mixed = R[t] + B[t].T @ PB, N[t].T + B[t].T @ PA
        right = np.concatenate([mixed, (r[t] + B[t].T @ v)[:, None]], axis=1)
        both = -np.linalg.solve(hessian, right)
        K, k = both[:, :-1], both[:, -1]
        P, p = Q[t] + A[t].T @ PA + mixed.T @ K, q[t] + A[t].T @ v + mixed.T @ k
        gains.append((K, k))
    return gains[::-1], P


def plain_run(given: Tables, gains: riccati.Gains, x: Any, noise: Any) -> float:
    """One run and its cost in plain numpy."""
    total = 0.0
    for t in range(len(noise)):
        u = gains.K[t] @ x + gains.k[t]
        total += x @ given["Q"][t] @ x + 2 * (x @ given["N"][t] @ u) + u @ given["R"][t] @ u
        total += 2 * (given["q"][t] @ x) + 2 * (given["r"][t] @ u)
        x = given["A"][t] @ x + given["B"][t] @ u + given["a"][t] + noise[t]
    return float(total + x @ given["Q_final"] @ x + 2 * (given["q_final"] @ x))


def seconds(work: Callable[[], object]) -> float:
    """CPU seconds of one call."""
    start = time.process_time()
    work()
    return time.process_time() - start


def medians(works: dict[str, Callable[[], object]], repetitions: int = 9) -> dict[str, float]:
    """Median CPU seconds of one call of each work, run in turn; the first round warms up."""
    times = {name: max(1, int(0.02 / max(1e-6, seconds(w)))) for name, w in works.items()}
    found: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(repetitions + 1):
        for name, work in works.items():
            spent = seconds(lambda: [work() for _ in range(times[name])])  # noqa: B023
            found[name].append(spent / times[name])
    return {name: statistics.median(values[1:]) for name, values in found.items()}


def kernel_work(given: Tables, H: int, n: int, m: int) -> Callable[[], object]:
    """The kernel on tables that are ready."""
    K, k = np.empty((H, m, n)), np.empty((H, m))
    P, p = np.empty((H + 1, n, n)), np.empty((H + 1, n))
    return lambda: riccati._backward(*given.values(), 0.0, K, k, P, p)


def measure(H: int, n: int, m: int) -> None:
    """Print the ratios at one size."""
    given = problem(0, H, n, m)
    many = {key: np.stack([table] * BATCH) for key, table in given.items()}
    gains, (expected, P) = riccati.backward_pass(**given), plain(**given)
    assert np.allclose(gains.K, [K for K, _ in expected]) and np.allclose(gains.P[0], P)
    rng = np.random.default_rng(1)
    starts, noise = rng.normal(size=(BATCH, n)), rng.normal(size=(BATCH, H, n))
    system, costs = [given[key] for key in "ABa"], [given[key] for key in COSTS]

    def runs() -> Any:
        paths = riccati.rollout(*system, gains.K, gains.k, starts, noise)
        return riccati.trajectory_cost(*costs, *paths)

    def plain_runs() -> list[float]:
        return [plain_run(given, gains, x, w) for x, w in zip(starts, noise, strict=True)]

    assert np.allclose(runs(), plain_runs())
    found = medians(
        {
            "plain": lambda: plain(**given),
            "one": lambda: riccati.backward_pass(**given),
            "batch": lambda: riccati.backward_pass(**many),
            "kernel": kernel_work(given, H, n, m),
            "runs": runs,
            "plain runs": plain_runs,
        }
    )
    where = f"H={H} n={n} m={m}"
    for name, spent, rival in (
        ("one recursion", found["one"], found["plain"]),
        ("in a batch", found["batch"] / BATCH, found["plain"]),
        ("kernel", found["kernel"], found["plain"]),
        ("rollout and cost", found["runs"] / BATCH, found["plain runs"] / BATCH),
    ):
        wanted = "   wanted 20" if (H, n, m, name) == (100, 5, 1, "one recursion") else ""
        print(f"{name:18} {where:16} {1e6 * spent:9.1f} us  {rival / spent:7.1f} x{wanted}")


def main() -> None:
    """Print the table."""
    for sizes in SIZES:
        measure(*sizes)


if __name__ == "__main__":
    main()
