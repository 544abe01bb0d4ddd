"""Planted errors: verdict, first false line and time of each lemma, false and true.

    PYTHONPATH=. python benchmarks/planted.py [quick normal]    (quick when none is named)

CPU seconds on one core, each lemma judged once by all engines. Wanted: no false verdict, the first
false line right, median under 1 s and worst under 20 s.
"""

from __future__ import annotations

import statistics
import sys
import time

from tests.quality.planted.expected import PLANTED
from tests.quality.test_planted import library
from theorylab.run import verify
from theorylab.verdicts import Verdict, shape_text


def timed(file: str, name: str, budget: str) -> tuple[Verdict, float]:
    """The verdict and its CPU seconds."""
    start = time.process_time()
    verdict = verify(library(file)[name], budget=budget)
    return verdict, time.process_time() - start


def row(name: str, verdict: Verdict, line: int, seconds: float) -> bool:
    """Print one lemma; whether it was judged rightly. `line` is 0 for a true form."""
    found = verdict.broken_links[0] + 1 if verdict.broken_links else 0
    wanted = verdict.outcome.word == "refuted" if line else verdict.outcome.stands
    right = wanted and found == line
    at = shape_text(verdict.counterexample.sizes) if verdict.counterexample else ""
    mark = "" if right else "   WRONG"
    word = verdict.outcome.word
    print(f"{name:34} {word:10} line {found} of {line}  {seconds:6.2f} s  {at}{mark}", flush=True)
    return right


def run(budget: str) -> bool:
    """All lemmas at one budget; whether all were judged rightly."""
    print(f"-- {budget}")
    right, seconds = [], []
    for planted in PLANTED:
        for name, line in ((planted.false, planted.line), (planted.name, 0)):
            verdict, spent = timed(planted.file, name, budget)
            right.append(row(name, verdict, line, spent))
            seconds.append(spent)
    median, worst = statistics.median(seconds), max(seconds)
    print(f"{sum(right)} of {len(right)} right; median {median:.2f} s, worst {worst:.2f} s")
    return all(right)


if __name__ == "__main__":
    wrong = [budget for budget in sys.argv[1:] or ["quick"] if not run(budget)]
    sys.exit(1 if wrong else 0)
