"""Machine code: what it computes of given inputs, and of instances that it draws itself."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

import theorylab as lab
from theorylab import (
    MDP,
    DeterministicPolicy,
    Model,
    Number,
    Policy,
    assume,
    at_most,
    claim,
    equal,
    every,
)
from theorylab.arithmetic import exp, log, sqrt
from theorylab.engines import judging
from theorylab.engines.budget import QUICK
from theorylab.engines.compiled import compiled, traced
from theorylab.engines.judging import integer_kinds, rebuild
from theorylab.errors import HypothesisFailed, InvalidArgument, TheorylabError, Unsupported
from theorylab.lowering import Program
from theorylab.machine import BINS, EDGES, Side, blocks, evaluate, slacks, swept
from theorylab.notation import KL, TV, D, E, J, T_pi, V, coverage, l1_norm, sup_norm
from theorylab.points import LIMITS
from theorylab.relations import number
from theorylab.simd.assembly import LENGTH
from theorylab.simd.generation import Draw, integers_of
from theorylab.tape import FUNCTIONS


@claim("Hoelder")
def hoelder(M: MDP, M_hat: Model, pi: Policy):
    V_hat = V(M_hat, pi)
    gap = E(D(M, pi), M.P @ V_hat - M_hat.P @ V_hat)
    return at_most(gap, sup_norm(V_hat) * E(D(M, pi), l1_norm(M.P - M_hat.P)) / 2)


@claim("recursion as an inequality")
def recursion(M: MDP, pi: Policy):
    return at_most(V(M, pi), T_pi(M, pi, V(M, pi)))


@claim("coverage")
def covered(M: MDP, pi: Policy, nu: lab.StateActionDistribution):
    return at_most(E(D(M, pi), M.c), coverage(D(M, pi), nu) * E(nu, M.c + 1))


@claim("coverage, 1 % too small")
def covered_thin(M: MDP, pi: Policy, nu: lab.StateActionDistribution):
    return at_most(100 * E(D(M, pi), M.c), 99 * coverage(D(M, pi), nu) * E(nu, M.c))


@claim("Pinsker")
def pinsker(p: lab.StateDistribution, q: lab.StateDistribution):
    return at_most(2 * TV(p, q) ** 2, KL(p, q))


@claim("roots and several links")
def roots(M: MDP, f: lab.StateFunction, x: Number(0, 1)):
    return every(at_most(x, sqrt(x)), at_most(f, sup_norm(f) + x * 0 + f * 0), equal(f + x, x + f))


@claim("with hypotheses")
def assumed(M: MDP, f: lab.StateFunction, pi: Policy, x: Number(0, 1)):
    assume(at_most(2 * M.gamma, 1), "short horizon")
    assume(at_most(f, f * 0 + x), "f below x")
    return at_most(J(M, pi), 1 + x)


@claim("with an infinite hypothesis")
def assumed_void(M: MDP, pi: Policy, nu: lab.StateActionDistribution):
    assume(at_most(1, coverage(D(M, pi), nu)), "covered")
    return at_most(E(D(M, pi), M.c), 1 - M.gamma)


@claim("with an equality for hypothesis")
def assumed_equal(M: MDP, f: lab.StateFunction):
    assume(equal(f[0], f[1]), "f is constant")
    return at_most(sup_norm(f), f[0])


@claim("choices")
def chosen(M: MDP, pi: DeterministicPolicy, mu: DeterministicPolicy):
    return at_most(J(M, pi), J(M, mu) + M.gamma / (1 - M.gamma))


CASES = [
    (hoelder, {"S": 2, "A": 1}), (hoelder, {"S": 3, "A": 2}), (recursion, {"S": 3, "A": 2}),
    (covered, {"S": 2, "A": 2}), (covered, {"S": 1, "A": 2}), (pinsker, {"S": 3}),
    (roots, {"S": 2, "A": 1}), (assumed, {"S": 2, "A": 2}), (assumed_void, {"S": 2, "A": 2}),
    (assumed_equal, {"S": 2, "A": 1}), (chosen, {"S": 3, "A": 2}), (chosen, {"S": 2, "A": 3}),
]  # fmt: skip
IDS = [f"{c.name} {' '.join(map(str, n.values()))}" for c, n in CASES]
SEED, FIRST, COUNT = 12345, 8, 96


def exact_slacks(claim, sizes, numbers):
    """The worst relative slack of each link in exact arithmetic, or "outside" or "void"."""
    decide = judging.rigorous(QUICK)
    try:
        links = decide(claim, rebuild(claim, sizes, numbers)).links
    except HypothesisFailed as failure:
        return "void" if "infinite" in str(failure) else "outside"
    return [min(relative(link.kind, *p) for p in pairs(link)) for link in links]


def pairs(link):
    """The sides of a link, entry by entry."""
    return zip(np.ravel(link.lhs), np.ravel(link.rhs), strict=True)


def relative(kind, lhs, rhs):
    """The slack of one entry over 1 + the larger size, as the machine code measures it."""
    gap = number(rhs - lhs)
    size = 1 + max(abs(number(lhs)), abs(number(rhs)))
    return (-abs(gap) if kind == "equal" else gap) / size


@pytest.fixture(scope="module", params=CASES, ids=IDS)
def twins(request):
    """A claim's code, one run of it, and its instances judged exactly."""
    code = compiled(*request.param)
    instances = range(FIRST, FIRST + COUNT)
    exact = [exact_slacks(*request.param, code.numbers(SEED, k)) for k in instances]
    return request.param, code, code.code.run(SEED, FIRST, COUNT // 8), exact


def test_a_dropped_hypothesis_is_no_mask():
    """Only the other one is left."""
    sizes = {"S": 2, "A": 2}
    both, one, none = (
        compiled(replace(assumed, dropped=frozenset(names)), sizes).code.run(0, 0, 64).kept
        for names in ((), ("f below x",), ("f below x", "short horizon"))
    )
    assert both < one < none == 512


def test_integers_are_of_their_kinds(twins):
    """As many as an exact instance takes, within the limits of their kinds, not all the same."""
    (claim, sizes), code, _, _ = twins
    numbers = integers_of(code.draws, SEED, np.arange(500))
    limits = [LIMITS[k] for k in integer_kinds(claim, sizes)]
    assert numbers.shape == (500, len(limits))
    assert (numbers >= 0).all() and (numbers <= limits).all()
    assert (numbers.max(0) > 1).all() and (numbers == 0).any(0).all()
    assert len(np.unique(numbers, axis=0)) > 100


def test_worst_instances_are_those_of_exact_arithmetic(twins):
    """Link by link and lane by lane, among the instances that count."""
    _, code, run, exact = twins
    for link, worst in enumerate(run.links):
        assert worst.strange == ()
        for lane in range(8):
            slack = min((r[link] for r in exact[lane::8] if isinstance(r, list)), default=np.inf)
            found = [s for s, instance in worst.suspects if instance % 8 == lane]
            assert found == pytest.approx([slack] if slack < np.inf else [], abs=1e-9)
        for slack, instance in worst.suspects:
            assert slack == pytest.approx(exact[instance - FIRST][link], abs=1e-9)
    assert len(run.links) == len(code.kinds)


def test_counts_are_those_of_exact_arithmetic(twins):
    """Kept, outside a hypothesis and void; a hypothesis x <= infinity holds."""
    (claim, _), _, run, exact = twins
    void = exact.count("void")
    outside = COUNT - void - sum(isinstance(r, list) for r in exact)
    assert (run.kept, run.outside, run.void) == (COUNT - void - outside, outside, void)
    assert run.strange == 0
    if claim in (assumed, assumed_equal):
        assert 0 < run.kept < COUNT
    if claim is assumed_void:
        assert run.kept == COUNT


def test_histograms_are_those_of_exact_arithmetic(twins):
    """Bin by bin, up to slacks within rounding of an edge; the counts sum to the kept."""
    _, _, run, exact = twins
    for link, worst in enumerate(run.links):
        values = np.array([r[link] for r in exact if isinstance(r, list)])
        wanted = np.histogram(np.where(np.abs(values) < 1e-11, 0, values), EDGES)[0]
        ratios = np.abs(values[:, None] / np.array(EDGES) - 1)
        assert np.abs(np.array(worst.histogram) - wanted).sum() <= 2 * (ratios < 1e-9).any(1).sum()
        assert sum(worst.histogram) == run.kept


def test_edges_are_symmetric_and_reach_every_slack():
    """Of a relative slack the size is below 2; the bin in the middle is that of zero."""
    assert len(EDGES) == BINS + 1 and list(EDGES) == sorted(EDGES)
    assert tuple(-e for e in reversed(EDGES)) == EDGES
    assert EDGES[-1] == 2 and EDGES[BINS // 2] < 0 < EDGES[BINS // 2 + 1] < 1e-10


def test_given_tables_have_the_slacks_that_exact_arithmetic_finds(twins):
    """The same instances given as tables of floats: slack, infinite where void, and who is kept."""
    (claim, sizes), code, _, exact = twins
    found = traced(claim, sizes)
    numbers = integers_of(code.draws, SEED, np.arange(FIRST, FIRST + COUNT))
    tables = np.stack([entries(code.draws, row) for row in numbers.tolist()], axis=1)
    slack, kept = slacks(found.program, found.sides)(tables[:, :-3])
    assert list(kept) == [isinstance(row, list) for row in exact[:-3]]
    for k in np.flatnonzero(kept):
        assert slack[:, k] == pytest.approx(exact[k], abs=1e-9)
    void = [k for k, row in enumerate(exact[:-3]) if row == "void"]
    assert np.isposinf(slack[:, void]).all()


def entries(draws, numbers):
    """The entries of an instance's tables in floats, from its integers."""
    from theorylab.points import TABLES

    remaining, out = iter(numbers), []
    for draw in draws:
        for _ in range(draw.rows):
            row = [next(remaining) for _ in range(draw.integers())]
            if draw.kind == "weight":
                total = sum(row)
                out += [w / total for w in row] if total else [1.0] + [0.0] * (len(row) - 1)
            elif draw.kind == "vertex":
                out += [float(k == row[0] % draw.length) for k in range(draw.length)]
            else:
                out += [float(TABLES[draw.kind][k]) for k in row]
    return out


def test_a_run_repeats_with_its_seed():
    """The same seed gives the same, another seed or other instances something else."""
    code = compiled(hoelder, {"S": 2, "A": 2}).code
    assert code.run(1, 0, 64) == code.run(1, 0, 64)
    assert code.run(2, 0, 64) != code.run(1, 0, 64) != code.run(1, 512, 64)


# ---- what is strange -----------------------------------------------------------------------------


def judged(program, relations, inputs=1):
    """All places of the table of fractions, 0 and 1 among them, through one relation."""
    return swept(program, relations, [Draw("fraction", 1, inputs)]).run(0, 0, 256)


def program(*operations):
    """A program of one relation, whose sides are the last two operations."""
    return Program(operations, (len(operations) - 2, len(operations) - 1))


ZERO, ONE, MINUS = (("constant", Fraction(k)) for k in (0, 1, -1))
X = ("input", "0")


def zeros(count=2048):
    """The instances whose one fraction is 0."""
    numbers = integers_of([Draw("fraction", 1, 1)], 0, np.arange(count))
    return set(np.flatnonzero(numbers[:, 0] == 0).tolist())


@pytest.mark.parametrize("kind", ["at_most", "equal"])
@pytest.mark.parametrize(
    ("name", "operations", "group"),
    [
        ("left infinite", (X, ONE, ("/", 1, 0), ("+", 0, 1)), "strange"),
        ("left minus infinite", (X, MINUS, ("/", 1, 0), ("*", 0, 0)), "strange"),
        ("right infinite", (X, ONE, ("*", 0, 0), ("/", 1, 0)), "void"),
        ("both infinite", (X, ONE, ("+", 0, 1), ("/", 2, 0), ("/", 1, 0)), "void"),
        ("right minus infinite", (X, MINUS, ("*", 0, 0), ("/", 1, 0)), "strange"),
        ("left not a number", (X, ONE, ("/", 0, 0), ("+", 0, 1)), "strange"),
        ("right not a number", (X, ONE, ("+", 0, 1), ("/", 0, 0)), "strange"),
    ],
)  # fmt: skip
def test_infinite_and_undefined_sides(name, operations, group, kind):
    """At x = 0 alone: an infinite bound is void; all else is strange and named."""
    group = "strange" if kind == "equal" else group  # an infinite side may break an equality
    run = judged(program(*operations), [Side(kind, 1)])
    assert getattr(run, group) == len(zeros()) > 8
    assert run.kept == 2048 - len(zeros()) == sum(run.links[0].histogram)
    assert not zeros() & {instance for _, instance in run.links[0].suspects}
    assert bool(run.links[0].strange) == (group == "strange")
    assert set(run.links[0].strange) <= zeros()
    slack, kept = slacks(program(*operations), [Side(kind, 1)])(np.array([[0.0, 0.5]]))
    assert list(kept) == [False, True] and np.isfinite(slack[0, 1])
    assert np.isposinf(slack[0, 0]) if group == "void" else np.isnan(slack[0, 0])


def test_infinite_comes_before_not_a_number():
    """0/0 at x = 0, and 1/0 at y = 0: of the two the latter may be a counterexample."""
    y = ("input", "1")
    operations = (X, y, ("/", 0, 0), ONE, ("/", 3, 1))
    found = Program(operations, (2, 3, 4, 3))
    run = judged(found, [Side("at_most", 2)], inputs=2)
    numbers = integers_of([Draw("fraction", 1, 2)], 0, np.arange(2048))
    lanes = {k % 8 for k in range(2048) if numbers[k, 1] == 0}
    odd = run.links[0].strange
    assert len(odd) == 8 and {k % 8 for k in odd if numbers[k, 1] == 0} == lanes == set(range(8))
    assert run.links[0].infinite == 8


def test_not_a_number_does_not_hide_a_broken_entry():
    """Of two entries one is 0/0, the other 1 <= 0: the instance is a suspect all the same."""
    found = Program((X, ("/", 0, 0), ONE, ZERO), (1, 2, 2, 3))
    run = judged(found, [Side("at_most", 2)])
    assert {slack for slack, _ in run.links[0].suspects} == {-0.5}
    assert run.kept == 2048 - len(zeros())


def test_an_instance_outside_its_hypothesis_is_nothing_else():
    """x <= 0 assumed: neither 0/0 nor 1 <= 0 is seen elsewhere, and NaN is outside."""
    found = Program((X, ZERO, ONE, ("/", 0, 0)), (0, 1, 2, 1))
    run = judged(found, [Side("at_most", 1, assumed=True), Side("at_most", 1)])
    assert (run.kept, run.outside) == (len(zeros()), 2048 - len(zeros()))
    assert {instance for _, instance in run.links[0].suspects} <= zeros()
    undefined = Program((X, ZERO, ONE, ("/", 0, 0)), (3, 2, 2, 1))
    assert judged(undefined, [Side("at_most", 1, assumed=True), Side("at_most", 1)]).outside == len(
        zeros()
    )


def test_void_instances_do_not_hide_false_ones():
    """A bound of infinity times 0 is void as infinity is; what is reported is the worst else."""
    found, sizes = compiled(covered_thin, {"S": 2, "A": 2}), {"S": 2, "A": 2}
    (worst,) = found.code.run(0, 0, 512).links
    exact = [exact_slacks(covered_thin, sizes, found.numbers(0, k)) for _, k in worst.suspects]
    assert any(isinstance(row, list) and row[0] < 0 for row in exact)


# ---- tables given --------------------------------------------------------------------------------

BINARY = {"+", "-", "*", "/", "max", "min", "ratio", "x_log_ratio"}
WANTED = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
    "/": lambda x, y: x / y,
    "max": np.maximum,
    "min": np.minimum,
    "ratio": lambda x, y: np.where(y == 0, np.where(x == 0, 0, np.inf), x / y),
    "x_log_ratio": lambda x, y: np.where(x == 0, 0, x * np.log(np.where(y == 0, np.inf, x / y))),
    "abs": np.abs,
    "sqrt": np.sqrt,
    "log": np.log,
    "exp": np.exp,
    "sign": np.sign,
}


@pytest.mark.parametrize("name", [*FUNCTIONS, "+", "-", "*", "/", "sign"])
def test_every_operation_is_numpys(name):
    """Zeros, infinities and NaN among the operands; ratios where they are defined."""
    some = np.array([0.0, 1.0, 2.5, 0.125, 700.0, np.inf, np.nan, -1.0, -3.5])
    if name in ("ratio", "x_log_ratio"):
        some = some[:5]
    x, y = (table.ravel() for table in np.meshgrid(some, some))
    operands = (0, 1) if name in BINARY else (0,)
    found = Program((X, ("input", "1"), (name, *operands)), (2,))
    with np.errstate(all="ignore"):
        wanted = WANTED[name](*(x, y)[: len(operands)])
    np.testing.assert_allclose(evaluate(found)(np.stack([x, y]))[0], wanted, rtol=1e-13)


def test_operations_keep_what_is_not_a_number():
    """0 times NaN is no reason to be 0: a function that looks at signs hides nothing."""
    given = np.array([[np.nan, 0.0, np.nan], [0.0, np.nan, np.nan]])
    for name in ("ratio", "x_log_ratio", "max", "min"):
        found = Program((X, ("input", "1"), (name, 0, 1)), (2,))
        assert np.isnan(evaluate(found)(given)).all(), name


@pytest.mark.parametrize("n", [0, 1, 7, 8, 9, 1000])
def test_any_number_of_instances(n):
    """Whole vectors and the rest; results may be inputs, constants, or the same twice."""
    found = Program((X, ("input", "2"), ONE, ("-", 0, 1)), (3, 1, 2, 3))
    values = np.random.default_rng(n).random((3, n))
    wanted = [values[0] - values[2], values[2], np.ones(n), values[0] - values[2]]
    np.testing.assert_array_equal(evaluate(found)(values), np.reshape(wanted, (4, n)))


@pytest.mark.parametrize("aligned", [True, False])
def test_tables_may_be_blocks(aligned):
    """Eight instances together: results and slacks are blocks of the same instances."""
    found = Program((X, ("input", "2"), ("/", 0, 1), ONE), (2, 0, 2, 3))
    rows, room = np.random.default_rng(0).random((3, 40)), np.zeros(5 * 3 * 8 + 1)
    given = blocks(5, 3) if aligned else room[1:].reshape(5, 3, 8)
    given[:] = rows.reshape(3, 5, 8).transpose(1, 0, 2)
    out = evaluate(found)(given)
    assert out.shape == (5, 4, 8) and (out[:, 3] == 1).all()
    np.testing.assert_array_equal(out[:, 0].ravel(), rows[0] / rows[2])
    slack, kept = slacks(found, [Side("at_most", 1, assumed=True), Side("at_most", 1)])(given)
    by_rows, kept_rows = slacks(found, [Side("at_most", 1, assumed=True), Side("at_most", 1)])(rows)
    np.testing.assert_array_equal(slack[:, 0].ravel(), by_rows[0])
    np.testing.assert_array_equal(kept.ravel(), kept_rows)


def test_tables_may_be_views():
    """Every second instance, transposed tables, more rows than are needed."""
    found, values = (
        Program((X, ("input", "1"), ("/", 0, 1)), (2,)),
        1 + np.random.default_rng(0).random((40, 5)),
    )
    for view in (values.T, values.T[:, ::2], np.asfortranarray(values.T), values[:2, :].copy()):
        np.testing.assert_array_equal(evaluate(found)(view)[0], view[0] / view[1])


def test_long_programs_are_cut_and_put_together():
    """A chain of many parts, whose first values are used again by the last."""
    operations, length = [X, ("input", "1")], 5 * LENGTH
    for k in range(length):
        operations.append(("+-"[k % 2], len(operations) - 1, k % 2 if k < length // 2 else k // 3))
    found, x = (
        Program(tuple(operations), (len(operations) - 1,)),
        np.random.default_rng(0).random((2, 20)),
    )
    values = list(x)
    for name, a, b in operations[2:]:
        values.append(values[a] + values[b] if name == "+" else values[a] - values[b])
    np.testing.assert_array_equal(evaluate(found)(x)[0], values[-1])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.zeros((1, 4)), "values has 1 rows, expected 2"),
        (np.zeros((2, 4), dtype=int), r"values is int64 \(2, 4\), expected float64 .*\(2, n\)"),
        (np.zeros((4, 2, 7)), r"values is float64 \(4, 2, 7\), expected .* or \(n, 2, 8\)"),
        (np.zeros((4, 1, 8)), "values has 1 rows, expected 2"),
        (np.zeros(2), r"values is float64 \(2,\), expected"),
        ([[1.0], [2.0]], r"values is list \(2, 1\), expected"),
    ],
)  # fmt: skip
def test_wrong_tables_are_refused(values, message):
    """Before any code runs on them."""
    with pytest.raises(InvalidArgument, match=message):
        evaluate(Program((X, ("input", "1"), ("/", 0, 1)), (2,)))(values)


def test_what_cannot_be_code_is_said():
    """An unknown operation, a constant beyond floats, relations that do not fit."""
    with pytest.raises(Unsupported, match="gamma_function is not compiled"):
        evaluate(Program((X, ("gamma_function", 0)), (1,)))
    with pytest.raises(Unsupported, match="too large for floats"):
        evaluate(Program((X, ("constant", Fraction(10) ** 400), ("*", 0, 1)), (2,)))
    with pytest.raises(InvalidArgument, match=r"relations have 2 entries, expected .* 2 / 2"):
        slacks(Program((X, ONE), (0, 1)), [Side("equal", 2)])
    with pytest.raises(InvalidArgument, match="hypotheses before links"):
        slacks(Program((X, ONE), (0, 1, 0, 1)), [Side("equal", 1), Side("equal", 1, assumed=True)])


def test_irrational_sides_are_computed():
    """Logarithms and exponentials, one call for each lane."""

    @claim("log and exp")
    def logs(f: lab.StateFunction, x: Number(0, 1)):
        return at_most(log(1 + x) + 0 * f, exp(f) + 1 + x)

    found = traced(logs, {"S": 2})
    values = np.random.default_rng(0).random((3, 16))
    slack, kept = slacks(found.program, found.sides)(values)
    f, x = 1 - 2 * values[:2], values[2]
    left, right = np.log(1 + x) + 0 * f, np.exp(f) + 1 + x
    wanted = ((right - left) / (1 + np.maximum(abs(left), abs(right)))).min(0)
    assert kept.all() and slack[0] == pytest.approx(wanted, abs=1e-12)
    assert issubclass(Unsupported, TheorylabError)
