"""LAMPS' claims and its ledger as loaded once, and counterexamples as plain fractions."""

import re
from fractions import Fraction
from functools import cache
from pathlib import Path

from theorylab import Outcome, verify
from theorylab.loading import load
from theorylab.report.ledger import ledger_path, read_ledger

FOLDER = Path(__file__).parents[2] / "verification" / "lamps"
LAMPS = load(FOLDER)
CLAIMS = {claim.name: claim for claim in LAMPS.claims}
LEDGER = read_ledger(ledger_path(FOLDER, "lamps"))


@cache
def refuted(name):
    """The counterexample of a claim, by the exact engine."""
    verdict = verify(CLAIMS[name], engines=["exact"])
    assert verdict.outcome is Outcome.REFUTED
    return verdict.counterexample


def recorded(name):
    """The counterexample of a claim in the ledger."""
    return LEDGER[CLAIMS[name].id]["counterexample"]


def tables(data):
    """An encoded object with fractions in place of texts."""
    if isinstance(data, dict):
        return {key: tables(value) for key, value in data.items()}
    if isinstance(data, list):
        return [tables(value) for value in data]
    return Fraction(data) if re.fullmatch(r"-?\d+(/\d+)?", str(data)) else data
