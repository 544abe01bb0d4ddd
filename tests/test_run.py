"""A run: the same seed gives the same bytes, whoever runs it, and a crash is never a pass."""

import json
from pathlib import Path

import pytest

import theorylab
from theorylab import MDP, Model, Outcome, Policy, at_most, claim, equal
from theorylab.cli import main
from theorylab.engines import ENGINES
from theorylab.errors import ClaimError, EngineError, InvalidArgument
from theorylab.loading import load
from theorylab.notation import D, E, J, V
from theorylab.run import Task, run_task, run_tasks, select, verify_all

CLAIMS = """
from theorylab import MDP, Model, Policy, StateDistribution, at_most, claim, equal
from theorylab.notation import D, E, J, KL, TV, V


@claim("Lemma 1")
def simulation(M: MDP, N: Model, pi: Policy):
    gap = E(D(M, pi), M.P @ V(N, pi) - N.P @ V(N, pi))
    return equal(J(M, pi) - J(N, pi), {factor} / (1 - M.gamma) * gap)


@claim("Lemma 2")
def bounded(M: MDP, pi: Policy):
    return at_most(J(M, pi), 1)


@claim("Lemma 3")
def pinsker(p: StateDistribution, q: StateDistribution):
    return at_most(2 * TV(p, q) ** 2, KL(p, q))
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A file of three claims."""
    file = tmp_path / "mine.py"
    file.write_text(CLAIMS.replace("{factor}", "M.gamma"))
    return file


def run(source: Path, *options: str) -> bytes:
    """The bytes of verdicts.json after a run into a folder of its own."""
    out = source.parent / f"results {' '.join(options)}"
    main(["verify", str(source), "--out", str(out), "--quiet", *options])
    return (out / "verdicts.json").read_bytes()


FEW = ("--engine", "certificate", "--engine", "ball")


def test_the_same_seed_gives_the_same_bytes(source: Path) -> None:
    """A second run repeats the first, another seed does not."""
    again = source.parent / "again"
    first = run(source, *FEW)
    main(["verify", str(source), "--out", str(again), "--quiet", *FEW])
    assert (again / "verdicts.json").read_bytes() == first
    other = json.loads(run(source, *FEW, "--seed", "1"))
    assert other["claims"][1]["evidence"] != json.loads(first)["claims"][1]["evidence"]
    words = [c["verdict"] for c in other["claims"]]
    assert words == [c["verdict"] for c in json.loads(first)["claims"]]


def test_two_workers_give_the_bytes_of_one(source: Path) -> None:
    """Verdicts, counts and counterexamples do not depend on --jobs."""
    assert run(source, *FEW, "--jobs", "2") == run(source, *FEW, "--jobs", "1")


@pytest.mark.nightly
def test_two_workers_give_the_bytes_of_one_with_every_engine() -> None:
    """The same for a whole paper and all engines."""
    lamps = Path(__file__).parents[1] / "verification" / "lamps"
    files = [Path("results") / f"jobs {n}" for n in (1, 2)]
    for n, out in enumerate(files, 1):
        main(["verify", str(lamps), "--out", str(out), "--quiet", "--jobs", str(n)])
    assert files[0].joinpath("verdicts.json").read_bytes() == (
        files[1].joinpath("verdicts.json").read_bytes()
    )


def test_evidence_does_not_depend_on_its_neighbours(source: Path) -> None:
    """A claim judged alone has the evidence that it has among others."""
    together = {c["id"]: c for c in json.loads(run(source, *FEW))["claims"]}
    alone = json.loads(run(source, *FEW, "--claim", "bounded"))["claims"]
    assert alone == [together["mine.bounded"]]


def test_an_edited_file_is_judged_as_it_is_now(source: Path) -> None:
    """In one process, too, a verdict is about the statement that its hash names."""
    options = ("--claim", "simulation", "--engine", "exact")
    assert json.loads(run(source, *options))["claims"][0]["verdict"] == "supported"
    source.write_text(CLAIMS.replace("{factor}", "1"))
    assert json.loads(run(source, *options))["claims"][0]["verdict"] == "refuted"
    source.write_text(CLAIMS.replace("def bounded", "def renamed"))
    assert b"mine.renamed" in run(source, "--claim", "renamed", "--engine", "exact")


def test_a_crash_is_evidence_of_nothing_with_its_cause(source: Path, monkeypatch) -> None:
    """An engine that raises leaves "undecided" and the error's text, and the others go on."""

    def crash(claim, budget, seed):
        raise MemoryError("no room")

    monkeypatch.setitem(ENGINES, "exact", crash)
    tasks = [Task(source, "mine.bounded", e, "quick", 0) for e in ("exact", "ball")]
    crashed, other = run_tasks(tasks, 1)
    assert (crashed.outcome, other.outcome) == (Outcome.UNDECIDED, Outcome.REFUTED)
    assert "MemoryError: no room" in crashed.note
    verdict = theorylab.verify(never_paid, engines=["exact"])
    assert verdict.outcome is Outcome.UNDECIDED and "no room" in verdict.grade


@claim("never paid")
def never_paid(M: MDP, pi: Policy):
    return at_most(0, J(M, pi))


def test_a_negative_seed_is_refused(source: Path, capsys) -> None:
    """A seed that no generator takes is an error of the user, not a crash of every engine."""
    assert main(["verify", str(source), "--seed", "-1", "--quiet", *FEW]) == 2
    assert "seed" in capsys.readouterr().err
    with pytest.raises(InvalidArgument, match="seed is -1"):
        theorylab.verify(never_paid, seed=-1)


def test_progress_sees_every_task(source: Path) -> None:
    """Each claim and engine is reported once, in the order of the plan."""
    from theorylab.loading import load

    library, seen = load(source), []
    options = {"budget": "quick", "seed": 0, "engines": ["certificate", "symbolic"]}
    results = verify_all([(library, list(library.claims))], **options, progress=seen.append)
    assert [(t.claim, t.engine) for t in seen] == [
        (c.id, engine) for c in library.claims for engine in ("certificate", "symbolic")
    ]
    assert [r.claim.name for r in results] == ["simulation", "bounded", "pinsker"]
    assert results[0].source == source
    assert run_task(seen[0]).outcome is Outcome.CERTIFIED


@pytest.mark.parametrize("pattern", ["mine.bounded", "bounded", "Lemma 2", "*ound*", "Lemma [2]"])
def test_claims_are_selected_by_id_name_or_label(source: Path, pattern: str) -> None:
    """Each of the three names matches, as a glob."""
    from theorylab.loading import load

    assert [c.name for c in select(load(source), pattern)] == ["bounded"]


def simulation(M: MDP, M_hat: Model, pi: Policy):
    """The plain function of the README."""
    gap = E(D(M, pi), M.P @ V(M_hat, pi) - M_hat.P @ V(M_hat, pi))
    return equal(J(M, pi) - J(M_hat, pi), M.gamma / (1 - M.gamma) * gap)


def test_a_plain_function_is_judged_in_a_notebook() -> None:
    """verify takes a function or a claim, and prints its verdict in words."""
    verdict = theorylab.verify(simulation, engines=["exact", "certificate", "symbolic"])
    assert verdict.outcome is Outcome.PROVED and str(verdict).startswith("proved: ")
    assert {e.engine for e in verdict.evidence} == {"exact", "certificate", "symbolic"}


def test_wrong_names_are_told_with_the_right_ones() -> None:
    """An unknown engine and an unknown budget are answered with the list of known ones."""
    with pytest.raises(EngineError, match=r"engine 'prover' is unknown, expected one of exact"):
        theorylab.verify(simulation, engines=["prover"])
    with pytest.raises(InvalidArgument, match=r"budget 'huge' is unknown, expected .* deep"):
        theorylab.verify(simulation, budget="huge")
    with pytest.raises(InvalidArgument, match="jobs is 0, expected at least 1"):
        run_tasks([], 0)
    with pytest.raises(ClaimError, match="plain function"):
        theorylab.verify(3)


FAULTY = """
from theorylab import MDP, Policy, chain, claim, equal
from theorylab.notation import E, J, V

@claim("sides of two shapes")
def faulty(M: MDP, pi: Policy):
    return equal(J(M, pi), V(M, pi))

@claim("stands")
def stands(M: MDP, pi: Policy):
    return equal(J(M, pi), E(M.start, V(M, pi)))
"""


def test_a_claim_at_fault_does_not_stop_the_others(tmp_path: Path) -> None:
    """It has no verdict, its fault is named, and the claim beside it is judged."""
    (tmp_path / "mine.py").write_text(FAULTY)
    library = load(tmp_path / "mine.py")
    chosen = [(library, list(library.claims))]
    results = verify_all(chosen, budget="quick", seed=0, engines=["exact"])
    at_fault, stands = sorted((r.verdict for r in results), key=lambda v: v.outcome.stands)
    assert at_fault.outcome is Outcome.UNDECIDED and stands.outcome is Outcome.SUPPORTED
    assert at_fault.grade.startswith("the claim is at fault: mine.faulty: left side is a number")
