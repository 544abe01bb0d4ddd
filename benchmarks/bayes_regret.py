"""The Bayes-optimal regret on the hard instances: states a second, and how far it reaches.

    rate       states of the dynamic program a CPU second (a state: the minimum over all arms)
    reach      the largest number of rounds K whose sweep, at that rate, takes at most SECONDS and
               whose memory is at most BYTES; the sweep for it is run only with `--reach`

The sizes are those of the issue, 8 GiB and 5 minutes; a first sweep compiles and is not counted.
The rate falls a little as the tables leave the caches, so the reach is stated for the measured rate
at the size timed. Run: OMP_NUM_THREADS=1 python -m benchmarks.bayes_regret [--reach]
"""

from __future__ import annotations

import sys
import time

from theorylab.algorithms import bayes_regret

SECONDS, BYTES = 300.0, 8 * 2**30
TIMED = {2: 800, 3: 48, 4: 30, 5: 20, 6: 16, 8: 13}
"""C and the number of rounds timed."""


def rate(C: int, n: int) -> float:
    """States a CPU second of one sweep."""
    bayes_regret.guessing_regret(C, 2, 0.1)
    start = time.process_time()
    bayes_regret.guessing_regret(C, n, bayes_regret.printed_eps(C, n))
    return bayes_regret.states(C, n) / (time.process_time() - start)


def reach(C: int, n: int, states_a_second: float) -> int:
    """The largest number of rounds within SECONDS at this rate, and BYTES, from n up."""
    while (
        bayes_regret.states(C, n + 1) <= SECONDS * states_a_second
        and bayes_regret.memory(C, n + 1) <= BYTES
    ):
        n += 1 if C > 2 else 50
    return n


def main() -> None:
    """Print a row for each C."""
    print(f"{'C':>2} {'K':>5} {'states':>12} {'states/s':>10} {'reach K':>8} {'MiB there':>10}")
    for C, n in TIMED.items():
        own = rate(C, n)
        far = reach(C, n, own)
        print(f"{C:2d} {n:5d} {bayes_regret.states(C, n):12,d} {own:10.3g} {far:8d}"
              f" {bayes_regret.memory(C, far) / 2**20:10.0f}", flush=True)  # fmt: skip
        if "--reach" in sys.argv:
            start = time.process_time()
            eps = min(bayes_regret.printed_eps(C, far), 0.25)
            bayes_regret.guessing_regret(C, far, eps, limit=BYTES)
            print(f"   ran in {time.process_time() - start:.0f} CPU s", flush=True)


if __name__ == "__main__":
    main()
