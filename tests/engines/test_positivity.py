"""Positivity: inequalities proved for whole shapes, with certificates that a second code checks."""

import json
import random
import re
from copy import deepcopy
from dataclasses import replace
from fractions import Fraction
from functools import cache
from itertools import product
from pathlib import Path

import flint
import pytest

from theorylab import (
    MDP,
    Integer,
    Model,
    Number,
    Outcome,
    Policy,
    StateActionDistribution,
    StateFunction,
    assume,
    at_least,
    at_most,
    chain,
    claim,
    equal,
    every,
    verify,
)
from theorylab.arithmetic import absolute, maximum, minimum, ratio, sqrt, sup
from theorylab.engines.budget import QUICK
from theorylab.engines.exact import exact
from theorylab.engines.judging import exactly
from theorylab.engines.positivity import positivity
from theorylab.loading import load
from theorylab.notation import D, E, J, V, d, l1_norm, sup_norm
from theorylab.positivity_check import CertificateError, check
from theorylab.verdicts import judge

LAMPS = Path(__file__).parents[2] / "verification" / "lamps"
SMALL = [{"S": 1, "A": 1}, {"S": 1, "A": 2}, {"S": 2, "A": 1}]


def gap_bound(M, M_hat, pi, percent):
    """percent of gamma / (1 - gamma)^2 E_D ||P - P_hat||_1."""
    factor = M.gamma / ((1 - M.gamma) * (1 - M.gamma)) * percent / 100
    return factor * E(D(M, pi), l1_norm(M.P - M_hat.P))


@claim("half-span bound")
def half_span(M: MDP, M_hat: Model, pi: Policy):
    gap = absolute(J(M, pi) - J(M_hat, pi))
    return at_most(gap, gap_bound(M, M_hat, pi, 50))


@claim("half-span bound, 2 percent too small")
def half_span_too_small(M: MDP, M_hat: Model, pi: Policy):
    gap = absolute(J(M, pi) - J(M_hat, pi))
    return at_most(gap, gap_bound(M, M_hat, pi, 49))


def values_bound(M, M_hat, pi, percent):
    """percent of gamma / (1 - gamma) V_max E_D ||P - P_hat||_1."""
    distance = E(D(M, pi), l1_norm(M.P - M_hat.P))
    return M.gamma / (1 - M.gamma) * percent / 100 * sup_norm(V(M_hat, pi)) * distance


@claim("half of V_max")
def half_of_values(M: MDP, M_hat: Model, pi: Policy):
    gap = absolute(J(M, pi) - J(M_hat, pi))
    return at_most(gap, values_bound(M, M_hat, pi, 50))


@claim("half of V_max, 2 percent too small")
def half_of_values_too_small(M: MDP, M_hat: Model, pi: Policy):
    gap = absolute(J(M, pi) - J(M_hat, pi))
    return at_most(gap, values_bound(M, M_hat, pi, 49))


@cache
def lamps() -> dict:
    """The claims of the first paper by name."""
    return {c.name: c for c in load(LAMPS).claims}


@cache
def found(name: str):
    """Evidence on a claim of this file or of the paper, once."""
    return positivity(globals().get(name) or lamps()[name], QUICK, 0)


def claimed(name: str):
    """A claim of this file or of the paper."""
    return globals().get(name) or lamps()[name]


HOELDER = [
    "half_span",
    "half_of_values",
    "pdpm_bound",
    "pdpm_bound_half",
    "pdpm_bound_in_a_class",
    "pdpm_bound_outside_the_class_corrected",
    "pdam_bound_corrected",
    "pdam_bound_best_action",
    "pdam_bound_under_the_expert",
    "pdam_bound_half",
    "pdpm_bound_restated",
    "pdpm_bound_proof",
    "hoelder_step",
    "pdam_exploration_corrected",
    "pdam_exploration_sharper",
    "coverage_at_least_one",
]


@pytest.mark.parametrize("name", HOELDER)
def test_hoelder_type_claims_are_proved_and_rechecked(name):
    """At S=1 A=1, S=1 A=2 and S=2 A=1; the certificate survives JSON and a second code."""
    evidence = found(name)
    assert evidence.outcome is Outcome.PROVED, evidence.note
    worlds = [{k: n for k, n in s.items() if k in "SA"} for s in evidence.shapes]
    assert [s for s in SMALL if s not in worlds] == []
    checked = check(claimed(name), json.loads(json.dumps(evidence.certificate)))
    assert checked.shapes == evidence.shapes
    assert checked.leaves == int(re.search(r"\((\d+) sign cases", evidence.note).group(1))


def test_the_note_counts_cases_and_coefficients():
    assert found("half_span").note == (
        "proved for S=1 A=1, S=1 A=2, S=2 A=1 (10 sign cases, 10,368 coefficients)"
    )


@pytest.mark.parametrize("name", ["half_span_too_small", "half_of_values_too_small"])
def test_a_constant_two_percent_too_small_is_refuted(name):
    evidence = found(name)
    assert evidence.outcome is Outcome.REFUTED
    (broken,) = evidence.broken
    assert broken.sizes == {"S": 2, "A": 1}
    assert judge([evidence]).outcome is Outcome.REFUTED


FALSE = [
    "pdpm_bound_outside_the_class",
    "pdpm_bound_without_the_expert",
    "pdam_bound",
    "pdam_bound_with_coverage",
    "pdam_exploration",
]


@pytest.mark.parametrize("name", FALSE)
def test_false_printed_forms_are_not_proved_where_they_break(name):
    """Where an exact instance breaks a claim the engine does not prove it: no conflict."""
    evidence = found(name)
    hunted = exact(lamps()[name], replace(QUICK, shapes=3, combinations=1, examples=30), 0)
    assert hunted.outcome is Outcome.REFUTED
    assert hunted.broken[0].sizes not in [dict(s) for s in evidence.shapes]
    assert judge([evidence, hunted]).outcome is Outcome.REFUTED


def test_a_mixed_chain_is_proved_as_a_whole():
    """Lines that are equalities are expanded, the last is an inequality: proved at its shapes, all
    lines, which is support beyond them."""
    verdict = verify(lamps()["pdpm_bound_proof"], engines=["symbolic", "positivity"])
    assert verdict.evidence[1].outcome is Outcome.PROVED
    assert verdict.outcome is Outcome.SUPPORTED
    assert "positivity: proved for S=1 A=1, S=1 A=2, S=2 A=1" in verdict.grade


@claim("a chain with a false equality")
def false_step(x: Number(0, 1)):
    return chain(x * x).equal(x, "wrong").at_most(2 * x + 1)


@claim("a chain with a false inequality")
def false_last_step(x: Number(0, 1)):
    return chain(x * x - 1).equal((x - 1) * (x + 1)).at_most(x * x - 1 - x)


@pytest.mark.parametrize("broken", [false_step, false_last_step])
def test_one_false_line_spoils_a_chain(broken):
    evidence = positivity(broken, QUICK, 0)
    assert evidence.outcome is not Outcome.PROVED
    assert evidence.shapes == ()
    assert verify(broken).outcome is Outcome.REFUTED


# ---- the edges of the domain -------------------------------------------------------------------


@claim("a discount is below 1")
def finite_factor(g: Number(0, 1, below_high=True), x: Number(0, 1)):
    return at_most(x, x / (1 - g))


@claim("a number is not below 1")
def infinite_factor(g: Number(0, 1), x: Number(0, 1)):
    return at_most(x, x / (1 - g))


@claim("0 / 0 hides in a fold")
def hidden_division(x: Number(0, 1)):
    return at_most(0 / x, 1)


@claim("no upper end")
def unbounded(x: Number(1, None)):
    return every(at_least(x, 1), at_least(x * x, x), at_most(1 / x, 1))


@claim("no upper end, false far out")
def unbounded_false(x: Number(1, None)):
    return at_most(x, 20)


@claim("ranges")
def ranges(x: Number("1/2", 3), y: Number(-2, -1)):
    return every(at_most(x * y, -x / 2), at_most(absolute(x + y), 2))


@claim("signed functions")
def signed(f: StateFunction):
    return at_most(sup_norm(f), 1)


@claim("signed functions, false")
def signed_false(f: StateFunction):
    return at_most(sup(f), 0)


@claim("strict at the end only")
def nearly_one(g: Number(0, 1, below_high=True)):
    return at_most(100 * g, 99)


@claim("only below a middle")
def dips(x: Number(0, 1), y: Number(0, 1)):
    return at_least(100 * (x * x - x) + 26, y * 0)


@claim("a dip too deep")
def dips_too_deep(x: Number(0, 1), y: Number(0, 1)):
    return at_least(100 * (x * x - x) + 24, y * 0)


@claim("a maximum that is never positive")
def negative_maximum(x: Number(0, 1), y: Number(0, 1), z: Number(0, 1)):
    return at_least(z * maximum(x * y - 1, x * x * z - 1), 0)


@claim("a product of bounds of negative maxima")
def negative_product(x: Number(0, 1), y: Number(0, 1), z: Number(0, 1)):
    first = maximum(x * y - 1, x * x * z - 1)
    second = maximum(y * y - 1, z * z * x - 1)
    return at_least(first * second, (x * y - 1) * (y * y - 1))


@claim("a maximum is not its first argument")
def one_argument(x: Number(0, 1), y: Number(0, 1), z: Number(0, 1)):
    return at_most(maximum(x * y, x * x * z), x * y)


@claim("a maximum is at most its bounds")
def both_arguments(x: Number(0, 1), y: Number(0, 1), z: Number(0, 1)):
    return at_most(maximum(x * y, x * x * z), x)


@claim("a maximum with a factor of both signs")
def both_signs(x: Number(0, 1), y: Number(0, 1), z: Number(0, 1)):
    return at_least((2 * z - 1) * maximum(x * y, x * x * z), (2 * z - 1) * x * y)


@claim("a minimum between")
def between(x: Number(0, 1), y: Number(0, 1), z: Number(0, 1)):
    least = minimum(x * y, x * x * z)
    return every(at_most(2 * least, x * y + x * x * z), at_least(least, 0))


@claim("a minimum above its mean")
def above_its_mean(x: Number(0, 1), y: Number(0, 1), z: Number(0, 1)):
    return at_least(2 * minimum(x * y, x * x * z), x * y + x * x * z)


EDGES = {
    dips: True,
    dips_too_deep: False,
    negative_maximum: False,
    negative_product: False,
    one_argument: False,
    both_arguments: True,
    both_signs: False,
    between: True,
    above_its_mean: False,
    finite_factor: True,
    infinite_factor: False,
    hidden_division: False,
    unbounded: True,
    unbounded_false: False,
    ranges: True,
    signed: True,
    signed_false: False,
    nearly_one: False,
}


@pytest.mark.parametrize("subject", EDGES, ids=lambda c: c.name)
def test_edges_of_the_domain(subject):
    evidence = positivity(subject, QUICK, 0)
    assert (evidence.outcome is Outcome.PROVED) is EDGES[subject], evidence.note
    if EDGES[subject]:
        assert check(subject, evidence.certificate).shapes == evidence.shapes
    assert (exact(subject, QUICK, 0).outcome is Outcome.SUPPORTED) is EDGES[subject]


def test_a_region_is_bisected_where_it_must_be():
    """100 (x^2 - x) + 26 has coefficients 26, -24, 26 on [0, 1]; halves suffice."""
    evidence = positivity(dips, QUICK, 0)
    assert '"move": "bisect"' in json.dumps(evidence.certificate)
    assert "2 sign cases" in evidence.note
    few = positivity(dips, replace(QUICK, regions=1), 0)
    assert few.outcome is Outcome.UNDECIDED
    assert few.note == "undecided at its only shape: coefficients of both signs in region 1"


@claim("tight at a third")
def tight_inside(x: Number(0, 1), y: Number(0, 1)):
    return at_least((3 * x - 1) * (3 * x - 1), 0 * y)


def test_bisection_ends_where_it_cannot_help():
    """A zero at 1/3 is no corner of any half of a half: undecided, after 11 regions and not 300."""
    evidence = positivity(tight_inside, replace(QUICK, regions=300), 0)
    assert evidence.outcome is Outcome.UNDECIDED
    assert int(evidence.note.rsplit(" ", 1)[1]) <= 21


@claim("coverage transfers what is not negative")
def transfer(M: MDP, pi: Policy, nu: StateActionDistribution):
    return at_most(E(D(M, pi), M.c), sup(ratio(D(M, pi), nu)) * E(nu, M.c))


@claim("coverage does not transfer what has a sign")
def transfer_signed(M: MDP, pi: Policy, nu: StateActionDistribution):
    return at_most(E(D(M, pi), 2 * M.c - 1), sup(ratio(D(M, pi), nu)) * E(nu, 2 * M.c - 1))


@claim("a ratio may be 0 where its denominator is")
def zero_over_zero(x: Number(0, 1), y: Number(0, 1)):
    return at_least(ratio(x, y), x)


@claim("a ratio is below its bound only away from 0 / 0")
def ratio_below(x: Number(0, 1)):
    return at_least(ratio(x, x), 1)


def test_ratios_with_zeros_and_void_bounds():
    """C nu >= D also where both are 0; ratio(x, x) is 0 and not 1 at x = 0."""
    for subject in (transfer, zero_over_zero):
        evidence = positivity(subject, QUICK, 0)
        assert evidence.outcome is Outcome.PROVED, evidence.note
        assert check(subject, evidence.certificate).shapes == evidence.shapes
    for subject in (transfer_signed, ratio_below):
        evidence = positivity(subject, QUICK, 0)
        assert evidence.outcome is not Outcome.PROVED or {"S": 1, "A": 2} not in evidence.shapes
    assert positivity(ratio_below, QUICK, 0).shapes == ()
    assert exact(ratio_below, QUICK, 0).outcome is Outcome.REFUTED


# ---- what does not apply -----------------------------------------------------------------------


@claim("an identity")
def identity(x: Number(0, 1)):
    return equal((1 - x) * (1 + x), 1 - x * x)


@claim("a root")
def root(x: Number(0, 1)):
    return at_least(sqrt(x), x)


@claim("a hypothesis on numbers")
def assumed(x: Number(0, 1), y: Number(0, 1)):
    assume(at_most(x, y), "order")
    return at_most(x, y)


@claim("a hypothesis on sizes")
def assumed_size(n: Integer(1, 3), x: Number(0, 1)):
    assume(at_least(n, 2), "two steps")
    return at_most(x**n, x)


NOT_APPLICABLE = {
    identity: "no inequality",
    root: "sqrt is not algebraic",
    assumed: "the tape decides no relation",
}


@pytest.mark.parametrize("subject", NOT_APPLICABLE, ids=lambda c: c.name)
def test_what_is_not_applicable_says_why(subject):
    evidence = positivity(subject, QUICK, 0)
    assert evidence.outcome is None
    assert NOT_APPLICABLE[subject] in evidence.note


def test_a_hypothesis_on_sizes_is_decided():
    evidence = positivity(assumed_size, QUICK, 0)
    assert evidence.outcome is Outcome.PROVED
    assert evidence.shapes == ({"n": 2}, {"n": 3})
    assert "not applicable at n=1" in evidence.note


def test_budgets_are_counts_and_are_said():
    few = positivity(half_span, replace(QUICK, coefficients=500), 0)
    assert few.shapes == ({"S": 1, "A": 1}, {"S": 1, "A": 2})
    assert "not applicable at S=2 A=1: 864 coefficients" in few.note
    again = positivity(half_span, QUICK, 0)
    assert again == found("half_span")


# ---- known-false statements, by the dozen ----------------------------------------------------


GRID = [Fraction(k, 6) for k in range(7)]
FALSE_COUNT = 30


def expression(chance: random.Random, depth: int) -> str:
    """A random formula of x, y and g."""
    if depth == 0:
        return chance.choice(["x", "y", "g", "x", "y", "1", "2"])
    a, b = expression(chance, depth - 1), expression(chance, depth - 1)
    return chance.choice(
        [
            f"({a} + {b})",
            f"({a} - {b})",
            f"({a} * {b})",
            f"({a} * ({b} - 1))",
            f"absolute({a} - {b} + 0 * x)",
            f"maximum({a}, {b} + 0 * x)",
            f"minimum({a} + 0 * y, {b})",
            f"({a}) / (1 + x + g)",
            f"({a} - {b}) / (2 - g)",
        ]
    )


def largest(text: str) -> Fraction:
    """The largest value on a grid, in rationals."""
    names = {"absolute": absolute, "maximum": maximum, "minimum": minimum}
    values = []
    for point in product(GRID, GRID, GRID[:-1]):
        numbers = [flint.fmpq(v.numerator, v.denominator) for v in point]
        value = eval(text, names, dict(zip("xyg", numbers, strict=True)))
        values.append(Fraction(str(value)))
    return max(values)


def written(folder: Path, seed: int) -> list[tuple[str, bool]]:
    """A file of random claims `text <= bound`, and which are false at a point of the grid."""
    chance, kinds = random.Random(seed), []
    lines = ["from theorylab import Number, at_most, claim"]
    lines.append("from theorylab.arithmetic import absolute, maximum, minimum")
    for number in range(2 * FALSE_COUNT):
        text = expression(chance, 3)
        false = number % 2 == 0
        bound = largest(text) + (Fraction(-1, 50) if false else Fraction(1, 4))
        lines += [
            "",
            f'@claim("number {number}")',
            f"def c{number}(x: Number(0, 1), y: Number(0, 1), g: Number(0, 1, below_high=True)):",
            f"    return at_most({bound.denominator} * ({text}) + 0 * x, {bound.numerator})",
        ]
        kinds.append((f"c{number}", false))
    (folder / "random_claims.py").write_text("\n".join(lines) + "\n")
    return kinds


def test_random_false_inequalities_are_never_proved(tmp_path):
    """30 false by 1/50 at a grid point: none proved. Of 30 that leave room, most are proved, and
    what is proved is checked, and holds at random exact instances."""
    kinds = written(tmp_path, 3)
    claims = {c.name: c for c in load(tmp_path / "random_claims.py").claims}
    proved, refuted = [], []
    for name, false in kinds:
        evidence = positivity(claims[name], QUICK, 0)
        refuted += [name] if evidence.outcome is Outcome.REFUTED else []
        if evidence.outcome is Outcome.PROVED:
            assert not false, (name, claims[name].source)
            proved.append(name)
            check(claims[name], evidence.certificate)
            for x, y, g in product(GRID[::2], GRID[::3], GRID[:-1:2]):
                point = {"x": x, "y": y, "g": g}
                numbers = {k: flint.fmpq(v.numerator, v.denominator) for k, v in point.items()}
                assert not exactly(claims[name], numbers).broken()
    assert sum(false for _, false in kinds) == FALSE_COUNT
    assert len(proved) >= 20
    assert len(refuted) >= 15


# ---- certificates ------------------------------------------------------------------------------


def leaves(node: dict) -> list[dict]:
    """The leaves of a proof tree."""
    if "move" not in node:
        return [node]
    return [leaf for part in node["parts"] for leaf in leaves(part)]


def last(data: dict) -> dict:
    """The proof of the last shape."""
    return data["shapes"][-1]["proof"]


def drop_case(data):
    last(data)["parts"].pop()


def repeat_case(data):
    last(data)["parts"][0] = last(data)["parts"][1]


def weaken_denominator(data):
    terms = leaves(last(data))[0]["denominators"][-1]
    terms[0][1] = str(2 * int(terms[0][1]))


def drop_denominator(data):
    leaves(last(data))[0]["denominators"].pop()


def vanishing_denominator(data):
    leaf = leaves(last(data))[0]
    width = len(leaf["denominators"][0][0][0])
    leaf["denominators"].append([[[0] * (width - 1) + [1], "1"]])


def flip_coefficient(data):
    line = leaves(last(data))[0]["lines"][0]
    line["least"] = str(int(line["least"]) + 1)


def other_digest(data):
    line = leaves(last(data))[0]["lines"][0]
    line["sha256"] = line["sha256"][::-1]


def other_decision(data):
    choices = leaves(last(data))[0]["choices"]
    choice = next(c for c in choices if c["decision"] in ("first", "second"))
    choice["decision"] = {"first": "second", "second": "first"}[choice["decision"]]


def call_it_zero(data):
    leaves(last(data))[0]["lines"][0]["by"] = "zero"


def other_proof(data):
    leaves(last(data))[0]["lines"][0]["by"] = "authority"


def no_lines(data):
    leaves(last(data))[0]["lines"] = []


def stale_hash(data):
    data["hash"] = "0" * 64


def larger_shape(data):
    data["shapes"][-1]["sizes"] = {"S": 2, "A": 2}


def odd_shape(data):
    data["shapes"][-1]["sizes"]["A"] = 0


def no_shapes(data):
    data["shapes"] = []


def other_move(data):
    last(data)["blocks"] = last(data)["blocks"][::-1]
    last(data)["detail"] = [1 - last(data)["detail"][0]]


def nonsense(data):
    last(data)["parts"][0] = 7


TAMPERED = [
    drop_case, repeat_case, weaken_denominator, drop_denominator, vanishing_denominator,
    flip_coefficient, other_digest, other_decision, other_proof, call_it_zero, no_lines, stale_hash,
    larger_shape, odd_shape, no_shapes, other_move, nonsense,
]  # fmt: skip


@pytest.mark.parametrize("tamper", TAMPERED, ids=lambda f: f.__name__)
def test_tampered_certificates_are_rejected(tamper):
    data = deepcopy(found("half_span").certificate)
    check(half_span, data)
    tamper(data)
    with pytest.raises(CertificateError):
        check(half_span, data)


def heavier(used):
    used["weight"] = "2"


def negative(used):
    used["weight"] = "-1"


def other_bound(used):
    used["bounds"] = [1 - used["bounds"][0], *used["bounds"][1:]]


def negative_index(used):
    used["bounds"] = [-1, *used["bounds"][1:]]


@pytest.mark.parametrize("tamper", [heavier, negative, other_bound, negative_index])
def test_tampered_bounds_are_rejected(tamper):
    data = deepcopy(found("pdam_bound_corrected").certificate)
    lines = [line for leaf in leaves(data["shapes"][1]["proof"]) for line in leaf["lines"]]
    tamper(next(line for line in lines if line.get("used"))["used"][0])
    with pytest.raises(CertificateError):
        check(lamps()["pdam_bound_corrected"], data)


@claim("the least of 0 and |t|")
def least_of_zero(t: StateFunction):
    """A minimum on the left, and nothing else."""
    zero = 0 * t[0]
    return at_most(minimum(zero, absolute(t[0])), zero)


def test_lines_without_coefficients_are_no_crash():
    """Beside the bounds of the minimum nothing is left to weigh: all else is 0."""
    assert positivity(least_of_zero, QUICK, 0).outcome is Outcome.PROVED


def test_every_branch_of_a_maximum_is_needed():
    """max on the left: a certificate with one branch less is rejected."""
    data = deepcopy(positivity(signed, QUICK, 0).certificate)
    check(signed, data)
    line = next(k for k in leaves(last(data))[0]["lines"] if k["by"] == "branches")
    line["cases"].pop()
    with pytest.raises(CertificateError, match="branches"):
        check(signed, data)


def forged(subject, choices: list, denominators: list, line: dict) -> dict:
    """A certificate of one leaf that says what it likes."""
    leaf = {
        "choices": [{"kind": kind, "decision": decision} for kind, decision in choices],
        "denominators": denominators,
        "lines": [{"line": 0, "entry": 0, **line}],
    }
    data = {"format": "theorylab.positivity/1", "claim": subject.id, "hash": subject.hash}
    return data | {"shapes": [{"sizes": {}, "proof": leaf}]}


@claim("twice a difference")
def twice(x: Number(0, 1), y: Number(0, 1), z: Number(0, 1)):
    return at_least(absolute(x * y - z), 2 * (z - x * y))


ZERO = {"by": "zero"}
DOUBLE_NEGATIVE = {"choices": [0], "bounds": [0], "at": [], "weight": "-2"}
FORGED = {
    "a max is not its first argument": forged(one_argument, [("max", "first")], [], ZERO),
    "another kind": forged(one_argument, [("min", "second")], [], ZERO),
    "no choice": forged(one_argument, [], [], ZERO),
    "an unknown decision": forged(one_argument, [("max", "third")], [], ZERO),
    "one branch of two": forged(
        one_argument, [("max", "open")], [], {"by": "branches", "choice": 0, "cases": [ZERO]}
    ),
    "0 / 0 is not 1": forged(ratio_below, [("ratio", "divide")], [[[[0], "1"]]], ZERO),
    "0 / 0 is not x": forged(ratio_below, [("ratio", "divide")], [[[[1], "-1"], [[0], "1"]]], ZERO),
    "a constant factor": forged(ratio_below, [("ratio", "divide")], [[[[0], "2"]]], ZERO),
    "a denominator that vanishes": forged(infinite_factor, [], [[[[1, 0], "1"]]], ZERO),
    "a negative weight": forged(
        twice,
        [("abs", "open")],
        [],
        {"by": "bounds", "count": 1, "used": [DOUBLE_NEGATIVE], "rest": ZERO},
    ),
    "an identity that is none": forged(nearly_one, [], [], ZERO),
}
SUBJECTS = {c.id: c for c in (one_argument, ratio_below, infinite_factor, nearly_one, twice)}


@pytest.mark.parametrize("name", FORGED)
def test_forged_certificates_of_false_claims_are_rejected(name):
    data = FORGED[name]
    with pytest.raises(CertificateError):
        check(SUBJECTS[data["claim"]], data)


def test_the_certificate_of_another_claim_is_rejected():
    """Also when it is relabelled: the true claim's proof does not prove the false one."""
    data = deepcopy(found("half_span").certificate)
    with pytest.raises(CertificateError, match="claim"):
        check(half_span_too_small, data)
    data |= {"claim": half_span_too_small.id, "hash": half_span_too_small.hash}
    with pytest.raises(CertificateError):
        check(half_span_too_small, data)


def test_an_overused_bound_is_rejected():
    """C nu >= D may be used once for each C that stands there."""
    data = deepcopy(found("coverage_at_least_one").certificate)
    line = leaves(data["shapes"][1]["proof"])[0]["lines"][0]
    line["used"].append(dict(line["used"][0]))
    with pytest.raises(CertificateError, match="more often"):
        check(lamps()["coverage_at_least_one"], data)


def test_state_occupancy_is_a_law():
    """Entry by entry: every entry of a line must be proved."""

    @claim("a law")
    def law(M: MDP, pi: Policy):
        return every(at_least(d(M, pi), 0 * M.start), equal(d(M, pi).sum(), 1))

    evidence = positivity(law, QUICK, 0)
    assert evidence.shapes == tuple(SMALL)
    assert check(law, evidence.certificate).leaves == 3
