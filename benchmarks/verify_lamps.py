"""The time of `theorylab verify verification/lamps --budget quick --jobs 2`, and what takes it.

The command runs with an empty cache of machine code; then each engine's CPU seconds in one process,
again without kept code. Wanted: under 2 minutes on 2 idle cores. On a loaded machine only CPU
seconds say much.

Run: PYTHONPATH=. OMP_NUM_THREADS=1 python benchmarks/verify_lamps.py
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from theorylab.loading import load
from theorylab.run import Task, verify_all

PAPER = Path("verification/lamps")
WORKERS = 2


def command(folder: str) -> tuple[float, float, int]:
    """Wall and CPU seconds of the command, all its processes together, and its exit status."""
    arguments = ["verify", str(PAPER), "--budget", "quick", "--jobs", str(WORKERS), "--quiet"]
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "theorylab", *arguments, "--out", f"{folder}/results"],
        env={**os.environ, "THEORYLAB_CACHE": f"{folder}/cache", "OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        check=False,
    )
    wall, used = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, used.ru_utime + used.ru_stime, done.returncode


def by_engine() -> Counter[str]:
    """CPU seconds of each engine on all claims, and of the hunt for smaller counterexamples."""
    library, seconds = load(PAPER), Counter[str]()
    last = time.process_time()

    def note(name: str) -> None:
        nonlocal last
        now = time.process_time()
        seconds[name] += now - last
        last = now

    def progress(task: Task) -> None:
        note(task.engine)

    claims = [(library, list(library.claims))]
    verify_all(claims, budget="quick", seed=0, progress=progress)
    note("smaller counterexamples")
    return seconds


def main() -> None:
    """Print the times."""
    with tempfile.TemporaryDirectory() as folder:
        wall, cpu, status = command(folder)
        print(f"{WORKERS} jobs: {wall:.0f} s wall, {cpu:.0f} s CPU, exit {status}", flush=True)
    os.environ["THEORYLAB_CACHE"] = ""
    seconds = by_engine()
    for name, spent in seconds.most_common():
        print(f"{name:24} {spent:7.1f} s  {100 * spent / seconds.total():5.1f} %")
    print(f"{'in all':24} {seconds.total():7.1f} s")


if __name__ == "__main__":
    main()
