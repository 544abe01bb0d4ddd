"""The fold of evidence into one of seven outcomes: what each engine's word is worth."""

from itertools import permutations

import pytest

from theorylab.verdicts import (
    OUTCOMES,
    Counterexample,
    Evidence,
    Outcome,
    instance_lines,
    judge,
    shape_text,
)

P, C, S, R, U, V, X = (
    Outcome.PROVED,
    Outcome.CERTIFIED,
    Outcome.SUPPORTED,
    Outcome.REFUTED,
    Outcome.UNDECIDED,
    Outcome.VACUOUS,
    Outcome.CONFLICT,
)
ONE, TWO = {"S": 1, "A": 1}, {"S": 2, "A": 1}


def broken(sizes=ONE, link=0, numbers=(), because="", kind="equal"):
    """A counterexample as an engine hands it in."""
    instance = {"x": {"kind": "number", "value": "1/2"}}
    return Counterexample(sizes, instance, link, because, kind, "1", "2", tuple(numbers))


def says(engine, outcome, *counterexamples, shapes=(), note="what it did", **more):
    """Evidence of one engine."""
    return Evidence(engine, outcome, note, shapes=tuple(shapes), broken=counterexamples, **more)


FOLDS = {
    "nothing applies": ([says("exact", None)], U),
    "no evidence at all": ([], U),
    "proved is the strongest": ([says("symbolic", P), says("certificate", C), says("exact", S)], P),
    "certified before supported": ([says("certificate", C), says("exact", S)], C),
    "exact support": ([says("exact", S), says("certificate", None)], S),
    "support in balls": ([says("exact", None), says("ball", S), says("sweep", S)], S),
    "sweep alone": ([says("sweep", S)], U),
    "search alone": ([says("search", S)], U),
    "sweep and search alone": ([says("sweep", S), says("search", S), says("exact", None)], U),
    "exact undecided, floats support": ([says("exact", U), says("sweep", S)], U),
    "exact undecided, balls support": ([says("exact", U), says("ball", S)], S),
    "one undecided": ([says("ball", U)], U),
    "all vacuous": ([says("exact", V), says("sweep", V), says("certificate", None)], V),
    "one engine kept none": ([says("exact", V), says("ball", S)], S),
    "vacuous beside an undecided": ([says("exact", V), says("ball", U)], U),
    "vacuous, floats support": ([says("exact", V), says("sweep", S), says("ball", V)], V),
    "only floats, all vacuous": ([says("sweep", V), says("search", V)], V),
    "only floats, one vacuous": ([says("sweep", V), says("search", S)], U),
    "refuted": ([says("exact", R, broken())], R),
    "refuted by floats, confirmed exactly": ([says("sweep", R, broken()), says("exact", S)], R),
    "refuted beside vacuous": ([says("exact", V), says("sweep", R, broken())], R),
    "refuted beats undefined": ([says("exact", R, broken()), says("ball", U, undefined=3)], R),
    "refuted at another shape than proved": (
        [says("symbolic", P, shapes=[ONE]), says("exact", R, broken(TWO))],
        R,
    ),
    "refuted at another shape than certified": (
        [says("certificate", C, shapes=[ONE]), says("exact", R, broken(TWO))],
        R,
    ),
    "proved and refuted at one shape": (
        [says("symbolic", P, shapes=[ONE, TWO]), says("exact", R, broken({"A": 1, "S": 2}))],
        X,
    ),
    "certified and refuted at one shape": (
        [says("certificate", C, shapes=[TWO]), says("sweep", R, broken(TWO))],
        X,
    ),
    "a sampled shape may have a counterexample": (
        [says("exact", S, shapes=[ONE]), says("search", R, broken(ONE))],
        R,
    ),
    "an engine in conflict": ([says("certificate", X), says("exact", S)], X),
    "an engine in conflict beside a refutation": (
        [says("certificate", X), says("exact", R, broken())],
        X,
    ),
    "suspected, never found": ([says("symbolic", S, suspected=(ONE,)), says("exact", S)], X),
    "suspected, found": ([says("symbolic", S, suspected=(ONE,)), says("exact", R, broken())], R),
    "undefined somewhere": ([says("exact", S, undefined=1)], U),
    "proved, undefined somewhere": ([says("symbolic", P), says("exact", U, undefined=2)], U),
    "undefined in floats, certified": ([says("certificate", C), says("sweep", U, undefined=1)], U),
}


@pytest.mark.parametrize("name", FOLDS)
def test_the_fold_of_evidence(name):
    """Each row of the table above, whatever the order of the engines."""
    evidence, outcome = FOLDS[name]
    for order in permutations(evidence):
        assert judge(order).outcome is outcome


def test_every_outcome_is_reached():
    """The table above has all seven words, and each word finds its outcome."""
    assert {outcome for _, outcome in FOLDS.values()} == set(Outcome)
    assert {word: o.word for word, o in OUTCOMES.items()} == {o.word: o.word for o in Outcome}
    assert len(OUTCOMES) == 7


def test_only_three_outcomes_stand():
    """A claim may be relied on when proved, certified or supported, and never else."""
    assert {o for o in Outcome if o.stands} == {P, C, S}


@pytest.mark.parametrize("name", [n for n, (_, outcome) in FOLDS.items() if outcome is not P])
def test_the_grade_of_what_is_not_proved_never_says_proved(name):
    """Certified and supported grades quote their engines and do not say "proved"."""
    evidence, _ = FOLDS[name]
    verdict = judge(evidence)
    assert "proved" not in verdict.grade
    assert "proved" not in f"{verdict.outcome.word}"
    assert "proved" not in verdict.outcome.sentence


def test_the_grade_quotes_engines_that_apply_and_no_others():
    """Notes of engines that do not apply stay out of the grade; with none left, it says so."""
    verdict = judge([says("exact", S, note="10 tried"), says("symbolic", None, note="an order")])
    assert verdict.grade == "exact: 10 tried"
    assert judge([says("symbolic", None, note="an order")]).grade == "no engine applies"


def test_the_smallest_counterexample_of_a_link_is_kept():
    """Fewer pairs (s, a) first, then smaller other sizes, then smaller integers."""
    large, wide = broken({"S": 2, "A": 2}), broken({"S": 2, "A": 1, "n": 3})
    heavy, light = broken({**TWO, "n": 1}, numbers=(9, 9)), broken({**TWO, "n": 1}, numbers=(1,))
    for order in permutations([large, wide, heavy, light]):
        verdict = judge([says("exact", R, c) for c in order])
        assert verdict.counterexample is light
    assert judge([says("exact", R, wide), says("sweep", R, large)]).counterexample is wide


def test_the_first_broken_line_is_shown():
    """A proof is judged by its first false line, though a later one has a smaller instance."""
    first, later = broken(TWO, 1, because="Hoelder"), broken(ONE, 3, because="Jensen")
    verdict = judge([says("exact", R, later), says("sweep", R, first)])
    assert verdict.counterexample is first
    assert verdict.broken_links == (1, 3)
    assert verdict.grade == "refuted exactly at S=2 A=1: line 2: Hoelder"


def test_the_refuted_grade_names_the_instance_that_is_shown():
    """Grade and counterexample speak of the same shape."""
    verdict = judge([says("exact", R, broken(TWO)), says("search", R, broken(ONE))])
    assert verdict.counterexample.sizes == ONE
    assert verdict.grade == "refuted exactly at S=1 A=1"


def test_a_verdict_without_counterexample_has_none():
    """What stands shows no instance and no broken line."""
    verdict = judge([says("exact", S)])
    assert verdict.counterexample is None
    assert verdict.broken_links == ()
    assert str(verdict) == "supported: exact: what it did"


def test_a_counterexample_reads_as_text():
    """Both sides, the sign of the relation, the reason and the tables."""
    table = {"kind": "table", "entries": [["1/2", "1"], ["0", "1/3"]]}
    pair = {"kind": "tuple", "items": [{"kind": "integer", "value": 2}] * 2}
    found = Counterexample(ONE, {"f": table, "n": pair}, 2, "Jensen", "at_most", "3", "2")
    assert found.lines() == [
        "line 3 (Jensen) claims  left <= right,  but",
        "  left  = 3",
        "  right = 2",
        "f (table)",
        "  entries[0] = [1/2, 1]",
        "  entries[1] = [0, 1/3]",
        "n[0] = 2",
        "n[1] = 2",
    ]
    assert broken().lines()[0] == "line 1 claims  left = right,  but"
    assert str(judge([says("exact", R, found)])).splitlines()[1:] == found.lines()


def test_a_model_shows_its_transitions_only():
    """What a model shares with its MDP is not printed twice."""
    model = {"kind": "Model", "P": [[["1"]]], "payoff": [["1"]], "gamma": "0", "sense": "cost"}
    assert instance_lines({"M_hat": model}) == ["M_hat (Model)", "  P[0][0] = [1]"]
    assert "  gamma = 0" in instance_lines({"M": {**model, "kind": "MDP"}})
    assert not any("sense" in line for line in instance_lines({"M": {**model, "kind": "MDP"}}))


def test_shapes_are_named():
    """Sizes as text, and a shape without sizes in words."""
    assert shape_text({"S": 2, "A": 1, "n": 3}) == "S=2 A=1 n=3"
    assert shape_text({}) == "its only shape"
