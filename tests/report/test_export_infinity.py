"""Infinite sides in exported evidence: decided and printed as in the library, void where it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.exporting import (
    QUICK,
    bare,
    disagreements,
    draw,
    loaded,
    plant,
    written,
)
from theorylab.claims import Claim
from theorylab.engines.judging import Judged, rigorous
from theorylab.errors import HypothesisFailed
from theorylab.loading import load
from theorylab.recheck import check_record
from theorylab.report.export import export
from theorylab.run import verify
from theorylab.verdicts import Outcome
from theorylab.worlds.io import decode

CLAIMS = """
import numpy as np

from theorylab import *
from theorylab.arithmetic import absolute, maximum, minimum, positive, ratio, sup, x_log_ratio
from theorylab.arithmetic import exp, log, solve, sqrt
from theorylab.notation import *
from theorylab.theory.tabular import *


@claim("coverage")
def covered(M: MDP, pi: Policy, nu: StateActionDistribution, x: Number(0, 2)):
    C, B = coverage(D(M, pi), nu), coverage(M.c, nu)
    return every(
        at_most(C, 7), at_most(7, C), at_most(J(M, pi), C * (1 + x)), at_least(3 - C, -2),
        equal(C, B), at_most(C, B), at_most(-C, -B), at_most(x - 1, -C), at_most(-C, x - 9),
        at_most(ratio(D(M, pi), nu), 2 + 0 * nu), equal(1 / (1 + C), x), equal(C**2, 4 * C),
        at_most(maximum(C, x), minimum(C, 3)), at_most(positive(-C), x), at_most(C**-1, x),
        at_most(absolute(-C) / 3, sup(C + nu)), at_most(nu - C, 0 * nu), equal(C + nu, nu),
        at_most((1 + x) * C, 3), at_most((1 + x - C) ** 3, C), equal(x / C, 0 * x),
        equal(C, -B), at_most(-3 * C, x), at_least(x, -3 * B),
    )


@claim("divergences")
def divergences(p: StateDistribution, q: StateDistribution, x: Number(0, 2)):
    k = KL(p, q)
    return every(
        at_most(k, 100 * TV(p, q)), at_most(TV(p, q), sqrt(k / 2)), equal(exp(-k), x),
        at_most(log(1 + k), k), at_most(sqrt(1 + k), 1), equal(KL(p, p), 0 * x), equal(k, exp(k)),
        at_most(x_log_ratio(p, q), q), at_most(k, ratio(p, q).sum()), equal(sup(ratio(p, q)), x),
        at_most(sqrt(x * x), x + k), equal(sqrt(x) * sqrt(x) + k, k), at_most(2 - k, log(2 + x)),
        equal(k + log(2 + x), 3 - k), equal(k / log(2 + x), 1 + x), equal(exp(0 * x), 1 + TV(p, p)),
    )


@claim("a proof")
def proof(p: StateDistribution, q: StateDistribution, x: Number(0, 1)):
    C = coverage(p, q)
    return (
        chain(C).at_least(1, "mass").at_most(C * C, "C >= 1").at_least(sup(p), "C > p")
        .at_least(1 / C, "order").at_most(0 * x)
    )


@claim("assumed")
def assumed(p: StateDistribution, q: StateDistribution):
    assume(at_most(coverage(p, q), 2), "covered")
    return at_least(coverage(q, p), 1)


@claim("void")
def void(p: StateDistribution, q: StateDistribution):
    C, B = coverage(p, q), coverage(q, p)
    return every(at_most(C - B, 7), at_most(C / B, 9))


@claim("in a system")
def system(p: StateDistribution, q: StateDistribution):
    C = coverage(p, q)
    return at_most(solve(np.array([[C]]), np.array([C])), 1 + 0 * p[:1])
"""


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Claim]:
    file = tmp_path_factory.mktemp("mine") / "mine.py"
    file.write_text(CLAIMS)
    return {c.name: c for c in load(file).claims}


@pytest.fixture
def unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Instances at which a bound is void are kept, to be compared."""
    monkeypatch.setattr(Judged, "checked", lambda self: self)


COMPARED = ("covered", "divergences", "proof", "assumed")


@pytest.mark.usefixtures("unchecked")
def test_infinite_sides_agree(mine: dict[str, Claim], tmp_path: Path) -> None:
    """Same decisions, void or not, and same sides, with infinities on the left and on the right."""
    claims = [mine[name] for name in COMPARED]
    count, wrong = disagreements(claims, 30, tmp_path)
    assert count == 120
    assert not wrong, wrong[:3]
    for seed, claim in enumerate(claims[:2]):
        judged = [j for _, j in draw(claim, 30, seed)]
        pairs = [p for j in judged for p in zip(j.links, j.decisions, strict=True)]
        assert any(decision.void and decision.holds for _, decision in pairs)
        assert any(str(link.lhs) == "infinity" and d.holds is False for link, d in pairs)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("infinity", "False if larger", "False if not larger"),
        ("infinity", "all(infinite) and x == y", "all(infinite)"),
        ("infinity", "self.sign * sign(other))", "self.sign)"),
        ("infinity", "return 0 * other", "return other"),
        ("infinity", "else Infinity(sign(x))", "else Infinity(-sign(x))"),
        ("infinity", "self.sign < getattr", "self.sign > getattr"),
        ("relations", "at_most(right, self.last", "at_most(self.last, right"),
        ("reals", 'y.limit(f) if hasattr(y, "limit") else f(y)', "f(y)"),
    ],
)
def test_broken_infinity_is_noticed(
    mine: dict[str, Claim], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    file: str, old: str, new: str,
) -> None:  # fmt: skip
    plant(monkeypatch, file, old, new)
    names = ("divergences",) if file == "reals" else ("covered", "proof")
    _, wrong = disagreements([mine[name] for name in names], 12, tmp_path)
    assert wrong


@pytest.mark.parametrize("name", ["void", "system", "assumed"])
def test_what_is_void_or_not_assumed_is_refused(
    mine: dict[str, Claim], tmp_path: Path, name: str
) -> None:
    """Where the library finds no value, or no hypothesis, the checker finds none either."""
    claim = mine[name]
    checker = loaded(written(claim, tmp_path))
    ends = {
        "0": {"kind": "table", "entries": ["1", "0"]},
        "1": {"kind": "table", "entries": ["0", "1"]},
        "h": {"kind": "table", "entries": ["1/2", "1/2"]},
    }
    outcomes = set()
    for p in ends.values():
        for q in ends.values():
            record = {"instance": {"p": p, "q": q}, "sizes": {"S": 2}}
            theirs = library(claim, record)
            try:
                lines = checker["judged"](record, checker["DOMAIN"], checker["CLAIM"])
                ours = [line[-1] for line in lines]
                ours = None if "void" in ours and False not in ours else ours
            except ValueError:
                ours = None
            assert ours == theirs, (p, q)
            outcomes.add(str(theirs))
    assert "None" in outcomes and len(outcomes) > 1


def library(claim: Claim, record: dict[str, Any]) -> list[Any] | None:
    """The library's decisions, or None where the instance does not count."""
    instance = {name: decode(data, name) for name, data in record["instance"].items()}
    try:
        return [d.holds for d in rigorous(QUICK)(claim, instance).decisions]
    except HypothesisFailed:
        return None


REFUTED = """
from theorylab import *
from theorylab.notation import *


@claim("cov")
def cov(M: MDP, pi: Policy, nu: StateActionDistribution):
    return at_most(coverage(D(M, pi), nu), 10**9)


@claim("kl")
def kl(p: StateDistribution, q: StateDistribution):
    return at_most(KL(p, q), 100 * TV(p, q))
"""


@pytest.mark.parametrize("name", ["cov", "kl"])
def test_a_refutation_by_infinity_is_confirmed(tmp_path: Path, name: str) -> None:
    file = tmp_path / "mine.py"
    file.write_text(REFUTED)
    claim = next(c for c in load(file).claims if c.name == name)
    verdict = verify(claim, engines=["ball"], budget="quick")
    assert verdict.outcome is Outcome.REFUTED
    folder = export(claim, verdict, file, tmp_path / "out", QUICK)
    done = bare(folder / "check.py")
    assert (done.returncode, done.stderr) == (0, "")
    assert "  left  = infinity" in done.stdout.splitlines()
    record = json.loads((folder / "counterexample.json").read_text())
    assert record["lhs"] == "infinity" and check_record(claim, record).confirmed
    for lhs in ("-infinity", "7", "inf"):
        (tmp_path / "wrong.json").write_text(json.dumps({**record, "lhs": lhs}))
        assert bare(folder / "check.py", str(tmp_path / "wrong.json")).returncode == 1


@pytest.mark.usefixtures("unchecked")
def test_a_void_bound_is_confirmed_as_nothing(mine: dict[str, Claim], tmp_path: Path) -> None:
    """An infinite right side neither fails nor holds: no file of either kind is confirmed."""
    file = tmp_path / "mine.py"
    false, void = (
        "at_most(coverage(D(M, pi), nu), 10**9)",
        "at_most(0 * M.gamma, coverage(M.c, nu))",
    )
    file.write_text(REFUTED.replace(false, void))
    claim = next(c for c in load(file).claims if c.name == "cov")
    instance = next(record for record, judged in draw(claim, 30, 0) if judged.decisions[0].void)
    for kind in ("counterexample", "instance"):
        checker = loaded(written(claim, tmp_path / kind, kind))
        record = {**checker["ABOUT"], **instance, "line": 1, "because": "", "relation": "at_most"}
        record |= {"lhs": "0", "rhs": "infinity"}
        with pytest.raises(ValueError, match=r"does not fail here|fail or are void here: \[1\]"):
            checker["check"](record, checker["CLAIM"], checker["DOMAIN"], checker["ABOUT"])
