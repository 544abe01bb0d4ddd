"""The probability engine: exact weights, true and false statements, valid replications."""

import json
from dataclasses import replace
from itertools import product
from math import comb

import flint
import numpy as np
import pytest
from scipy import stats

import theorylab
from theorylab import (
    MDP,
    Integer,
    Number,
    Outcome,
    Policy,
    StateActionFunction,
    StateDistribution,
    StateFunction,
    almost_surely,
    assume,
    at_least,
    at_most,
    chain,
    draw,
    draw_counts,
    equal,
    every,
    in_expectation,
    so_far,
    with_probability,
)
from theorylab.arithmetic import absolute, exp, inf, log, maximum, ratio, sqrt
from theorylab.claims import make_claim
from theorylab.cli import main
from theorylab.engines import ENGINES
from theorylab.engines.budget import BUDGETS, QUICK
from theorylab.engines.judging import rigorous
from theorylab.engines.outcomes import binomial, weigh
from theorylab.engines.probability import probability
from theorylab.engines.replications import (
    Sampler,
    clopper_pearson,
    empirical_bernstein,
    look_level,
    looks,
    replicate,
    status_of_failure,
)
from theorylab.errors import ClaimError, TooManyOutcomes, Undefined

SMALL = replace(QUICK, shapes=5, examples=25, outcomes=2_000, paths=400, generations=6, runs=1_024)
HALF = flint.fmpq(1, 2)
SMALL_DELTA = Number("1/100", "1/2")
DELTA = Number("1/100", "9/10")


def table(*entries) -> np.ndarray:
    """Exact entries from texts."""
    return np.array([flint.fmpq(*map(int, f"{e}/1".split("/")[:2])) for e in entries], dtype=object)


def verdict(function, **options):
    """The claim judged by the probability engine alone."""
    return probability(make_claim(function, "mine", function.__name__), SMALL, 0, **options)


# ---- claims --------------------------------------------------------------------------------------


def hoeffding(p: StateDistribution, f: StateFunction, n: Integer(1, 8), delta: DELTA):
    mean = draw_counts(p, n) @ f / n
    width = 2 * sqrt(log(2 / delta) / (2 * n))
    return with_probability(1 - delta, at_most(absolute(mean - p @ f), width))


def hoeffding_without_2(p: StateDistribution, f: StateFunction, n: Integer(1, 8), delta: DELTA):
    mean = draw_counts(p, n) @ f / n
    width = 2 * sqrt(log(1 / delta) / (2 * n))
    return with_probability(1 - delta, at_most(absolute(mean - p @ f), width))


def hoeffding_without_root(
    p: StateDistribution, f: StateFunction, n: Integer(8, 12), delta: SMALL_DELTA
):
    mean = draw_counts(p, n) @ f / n
    width = 2 * log(2 / delta) / n
    return with_probability(1 - delta, at_most(absolute(mean - p @ f), width))


def empirical_row(M: MDP, n: Integer(1, 2)):
    return in_expectation(equal(draw_counts(M.P[0, 0], n) / n, M.P[0, 0]))


def smoothed_row(M: MDP, n: Integer(1, 2)):
    return in_expectation(equal((draw_counts(M.P[0, 0], n) + 1) / (n + M.S), M.P[0, 0]))


def max_of_means(p: StateDistribution, f: StateFunction, g: StateFunction):
    k = draw(p)
    return in_expectation(at_least(maximum(f[k], g[k]), maximum(p @ f, p @ g)))


def max_of_means_turned(p: StateDistribution, f: StateFunction, g: StateFunction):
    k = draw(p)
    return in_expectation(at_most(maximum(f[k], g[k]), maximum(p @ f, p @ g)))


def importance(mu: Policy, pi: Policy, f: StateActionFunction, n: Integer(1, 2)):
    actions, estimate = draw(mu.probabilities[0], n), 0
    for a in actions:
        estimate = estimate + ratio(pi.probabilities[0, a], mu.probabilities[0, a]) * f[0, a] / n
    return in_expectation(equal(estimate, pi.probabilities[0] @ f[0]))


def importance_covered(mu: Policy, pi: Policy, f: StateActionFunction, n: Integer(1, 2)):
    assume(at_least(100 * inf(mu.probabilities[0]), 1), "coverage")
    actions, estimate = draw(mu.probabilities[0], n), 0
    for a in actions:
        estimate = estimate + pi.probabilities[0, a] / mu.probabilities[0, a] * f[0, a] / n
    return in_expectation(equal(estimate, pi.probabilities[0] @ f[0]))


def rows_at_once(M: MDP, f: StateFunction, n, delta, rows):
    """Every row's mean within the width for `rows` rows, each estimated from n draws."""
    width = 2 * sqrt(log(2 * rows / delta) / (2 * n))
    gaps = [
        absolute(draw_counts(M.P[s, a], n) @ f / n - M.P[s, a] @ f)
        for s in range(M.S)
        for a in range(M.A)
    ]
    return with_probability(1 - delta, every(*(at_most(gap, width) for gap in gaps)))


def union_bound(M: MDP, f: StateFunction, n: Integer(2, 2), delta: DELTA):
    return rows_at_once(M, f, n, delta, M.S * M.A)


def no_union_bound(M: MDP, f: StateFunction, n: Integer(2, 2), delta: DELTA):
    return rows_at_once(M, f, n, delta, 1)


Losses = tuple[StateFunction, StateFunction, StateFunction]


def hedge_regret(losses, eta, bound):
    """Hedge with an expert drawn in each round, on losses in [0, 1]."""
    total, paid = 0 * losses[0], 0 * eta
    for f in losses:
        weights = exp(-eta * total)
        paid = paid + (1 + f[draw(weights / weights.sum())]) / 2
        total = total + (1 + f) / 2
    return in_expectation(at_most(paid - inf(total), bound))


def hedge(losses: Losses, eta: Number("1/10", 2)):
    return hedge_regret(losses, eta, log(len(losses[0])) / eta + eta * len(losses) / 8)


def hedge_without_entropy(losses: Losses, eta: Number("1/10", 2)):
    return hedge_regret(losses, eta, eta * len(losses) / 8)


def martingale_difference(p: StateDistribution, T: Integer(1, 3)):
    """The noise of an online estimator whose gain depends on what it has seen."""
    estimate, lines = 0 * p[0], []
    for _ in range(T):
        past = so_far()
        noise = ((draw(p) == 0) - p[0]) * (1 + estimate)
        lines.append(in_expectation(equal(noise, 0 * noise), given=past))
        estimate = estimate + noise
    return every(*lines)


def mean_zero_only(p: StateDistribution):
    """Zero in expectation, and not given the first draw."""
    first = draw(p)
    past = so_far()
    noise = (first == 0) - p[0] + 0 * draw(p)
    return every(
        in_expectation(equal(noise, 0 * noise)), in_expectation(equal(noise, 0 * noise), given=past)
    )


def sure(p: StateDistribution):
    counts = draw_counts(p, 2)
    return every(equal(counts.sum(), 2 + 0 * p[0]), almost_surely(at_most(counts[0], 2)))


def nearly_sure(p: StateDistribution):
    return almost_surely(at_most(draw_counts(p, 2)[0], 1))


def proof(p: StateDistribution, f: StateFunction):
    """Second moments: a chain in expectation, line by line."""
    x = f[draw(p)]
    return in_expectation(chain(x**2).equal(x * x, "a square").at_most(x, "not for f < 0"))


TRUE = [
    hoeffding, empirical_row, max_of_means, importance_covered, union_bound, hedge,
    martingale_difference, sure,
]  # fmt: skip
FALSE = {
    hoeffding_without_2: 0, hoeffding_without_root: 0, smoothed_row: 0, max_of_means_turned: 0,
    importance: 0, no_union_bound: 0, hedge_without_entropy: 0, mean_zero_only: 1, nearly_sure: 0,
    proof: 1,
}  # fmt: skip


@pytest.mark.parametrize("function", TRUE, ids=lambda f: f.__name__)
def test_true_statements_are_supported_never_proved(function) -> None:
    found = verdict(function)
    assert found.outcome is Outcome.SUPPORTED and found.kept > 20 and not found.broken
    assert "all outcomes enumerated" in found.note


@pytest.mark.parametrize("function", FALSE, ids=lambda f: f.__name__)
def test_false_statements_are_refuted_exactly(function) -> None:
    """The line that is false, and no other, with sides that another evaluation confirms."""
    found = verdict(function)
    assert found.outcome is Outcome.REFUTED
    assert [c.link for c in found.broken] == [FALSE[function]]


def test_smallest_counterexample() -> None:
    """One fair coin: |X - 1/2| is 1/2 surely, beyond the width once delta > e^(-1/2)."""
    (found,) = verdict(hoeffding_without_2).broken
    assert dict(found.sizes) == {"S": 2, "n": 1}
    assert found.lhs == "1" and found.because == "failure probability"


# ---- weights by hand -----------------------------------------------------------------------------


def weighed(function, paths=10_000, **instance):
    """Both weighed sides and the decision of every line at an instance."""
    links, decisions = weigh(make_claim(function, "mine", "x"), instance, paths=paths, bits=512)
    return [(link.lhs, link.rhs, d.holds) for link, d in zip(links, decisions, strict=True)]


def test_failure_probability_of_a_binomial_by_hand() -> None:
    """n = 8 fair coins, f = -1, 1: the mean is beyond 2 sqrt(log 4 / 16) = 0.589 iff at most one
    or at least seven come up: 18 / 256."""
    got = weighed(hoeffding, p=table("1/2", "1/2"), f=table(1, -1), n=8, delta=HALF)
    assert got == [(flint.fmpq(18, 256), HALF, True)]


def test_a_probability_equal_to_delta_is_enough() -> None:
    """At least 1 - delta: at equality the statement holds, exactly."""

    def heads(p: StateDistribution, delta: Number(0, 1)):
        return with_probability(1 - delta, at_most(draw(p) + 0 * delta, 0))

    for delta, holds in [("1/3", True), ("33333/100000", False)]:
        (got,) = weighed(heads, p=table("2/3", "1/3"), delta=table(delta)[0])
        assert got == (flint.fmpq(1, 3), table(delta)[0], holds)


def test_counts_have_the_law_of_ordered_draws() -> None:
    """The multinomial by binomials against all sequences."""
    p, n = table("1/2", "1/3", 0, "1/6"), 3

    def moment(p: StateDistribution):
        return in_expectation(equal(draw_counts(p, n) ** 2, 0 * p))

    expected = np.array([0, 0, 0, 0], dtype=object)
    for labels in product(range(4), repeat=n):
        chance = p[labels[0]] * p[labels[1]] * p[labels[2]]
        expected = expected + chance * np.array(
            [labels.count(k) ** 2 for k in range(4)], dtype=object
        )
    ((got, _, _),) = weighed(moment, p=p)
    assert got.tolist() == expected.tolist()


def test_binomial_law() -> None:
    law = binomial(5, flint.fmpq(1, 3))
    assert list(law) == [comb(5, k) * flint.fmpq(2 ** (5 - k), 3**5) for k in range(6)]


def test_a_loop_whose_length_is_drawn() -> None:
    """A coin until heads, at most four times: the tree is not balanced, the weights are right."""

    def until_heads(p: StateDistribution):
        tosses = 0 * p[0]
        for _ in range(4):
            tosses = tosses + 1
            if draw(p) == 0:
                return in_expectation(equal(tosses, 0 * tosses))
        return in_expectation(equal(tosses, 0 * tosses))

    ((mean, _, _),) = weighed(until_heads, p=table("1/2", "1/2"))
    assert mean == flint.fmpq(15, 8)


def test_an_endless_loop_ends_in_words() -> None:
    def for_ever(p: StateDistribution):
        label = 1
        while label > 0:
            label = draw(p)
        return almost_surely(at_most(label + 0 * p[0], 0))

    with pytest.raises(TooManyOutcomes, match="more than 50 outcomes"):
        weighed(for_ever, paths=50, p=table("1/2", "1/2"))
    with pytest.raises(TooManyOutcomes, match="draws"):
        weighed(for_ever, paths=50, p=table(0, 1))


def test_undefined_outcomes_count_against_the_statement_only_where_they_matter() -> None:
    """log 0 on a path of probability q: broken if the others fail too often, else undefined."""

    def partly(p: StateDistribution, delta: Number(0, 1)):
        k = draw(p)
        return with_probability(1 - delta, at_most(1, 2 * log(k + 0 * delta)))

    p = table("1/4", "1/2", "1/4")  # undefined, false, true
    assert weighed(partly, p=p, delta=table("3/4")[0])[0][2] is True
    assert weighed(partly, p=p, delta=table("49/100")[0])[0][::2] == (HALF, False)
    with pytest.raises(Undefined):
        weighed(partly, p=p, delta=table("6/10")[0])


def test_a_hypothesis_on_what_is_drawn_is_refused() -> None:
    def conditioned(p: StateDistribution):
        k = draw(p)
        assume(at_most(k + 0 * p[0], 0), "heads")
        return almost_surely(at_most(k + 0 * p[0], 0))

    with pytest.raises(ClaimError, match="'heads' does not hold on some outcomes"):
        weighed(conditioned, p=table("1/2", "1/2"))


def test_a_level_that_depends_on_the_draws_is_refused() -> None:
    def wavering(p: StateDistribution):
        k = draw(p)
        return with_probability(p[k], equal(p[0], p[0]))

    with pytest.raises(ClaimError, match="states other things on other outcomes"):
        weighed(wavering, p=table("1/3", "2/3"))


def test_a_probability_given_the_past_is_that_of_its_worst_past() -> None:
    """After a 1 the next is 1 with probability 3/4, after a 0 with 1/4; each past weighs 1/2."""

    def sticky(p: StateDistribution, delta: Number(0, 1)):
        past, second = draw_two(p)
        return with_probability(1 - delta, at_most(second + 0 * delta, 0), given=past)

    for delta, holds in [("3/4", True), ("74/100", False)]:
        (got,) = weighed(sticky, p=table("1/4", "3/4"), delta=table(delta)[0])
        assert got == (flint.fmpq(3, 4), table(delta)[0], holds)


def draw_two(p):
    """A fair first label; then p itself, or p turned round."""
    first = draw(0 * p + p.sum() / 2)
    past = so_far()
    return past, draw(p if first > 0 else p[::-1])


def test_a_past_that_is_chosen_later_is_refused() -> None:
    def hindsight(p: StateDistribution):
        early = so_far()
        first = draw(p)
        late = so_far()
        past = late if draw(p) > 0 else early
        return in_expectation(equal(first + 0 * p[0], p[1]), given=past)

    with pytest.raises(ClaimError, match="must be known when"):
        weighed(hindsight, p=table("1/2", "1/2"))


def test_sizes_at_which_nothing_is_random_support_nothing() -> None:
    """40 draws in order are enumerated only where each has one outcome: that is no support."""

    def ordered(p: StateDistribution):
        return in_expectation(equal(draw(p, 40)[0] + 0 * p[0], 1 - p[0] + sum(p[2:])))

    found = verdict(ordered)
    assert found.outcome is Outcome.UNDECIDED and found.kept > 0 and not found.broken


def test_a_claim_with_a_memory_is_refused() -> None:
    calls = []

    def remembers(p: StateDistribution):
        calls.append(1)
        row = p if len(calls) == 1 else p[::-1]
        return almost_surely(at_most(0, 1 + draw(row) + 0 * p[0]))

    claim = make_claim(remembers, "mine", "x")
    with pytest.raises(ClaimError, match="expected 1: it depends on"):
        weigh(claim, {"p": table("1/3", "2/3")}, paths=10, bits=64)


# ---- together with the rest ----------------------------------------------------------------------


@pytest.mark.parametrize("name", [n for n in ENGINES if n not in ("probability", "growth")])
def test_other_engines_leave_draws_to_this_one(name: str) -> None:
    for function in (max_of_means, sure):
        found = ENGINES[name](make_claim(function, "mine", "x"), SMALL, 0)
        assert found.outcome is None and "the probability engine judges it" in found.note


def test_claims_without_draws_are_not_for_it() -> None:
    def plain(p: StateDistribution):
        return equal(p.sum(), 1 + 0 * p[0])

    found = verdict(plain)
    assert found.outcome is None and "no draws" in found.note


def test_a_draw_behind_a_hypothesis_is_found() -> None:
    """The simplest instance is outside the hypotheses; the claim draws all the same."""
    assert verdict(importance_covered).tried > verdict(importance_covered).kept > 0


def test_sizes_that_were_not_visited_are_counted() -> None:
    def many_sizes(p: StateDistribution, n: Integer(1, 40)):
        return almost_surely(at_most(draw_counts(p, n)[0], n))

    # S = 1, 2 and forty n are 80 sizes; 13 + 13 are visited
    assert "54 sizes between were not visited" in verdict(many_sizes).note
    assert "not visited" not in verdict(sure).note


def test_the_same_seed_gives_the_same_bits() -> None:
    assert verdict(hoeffding_without_root) == verdict(hoeffding_without_root)


CLAIMS = '''
from theorylab import *
from theorylab.arithmetic import *

@claim("Lemma 1")
def loose(p: StateDistribution, f: StateFunction, n: Integer(1, 2), delta: Number("1/100", "9/10")):
    """A concentration bound without its 2."""
    gap = absolute(draw_counts(p, n) @ f / n - p @ f)
    width = 2 * sqrt(log(1 / delta) / (2 * n))
    return with_probability(1 - delta, at_most(gap, width), because="H")

@claim("Lemma 2")
def family(gamma: Along(1)):
    """A horizon is too few."""
    return bounded_by(1 / (1 - gamma) ** 2, 1 / (1 - gamma), "horizons")
'''


@pytest.mark.parametrize("name", ["loose", "family"])
def test_counterexamples_are_rechecked_from_their_files(name: str, tmp_path, capsys) -> None:
    """The failure probability, or the member of the family, is computed anew from the tables."""
    source = tmp_path / "mine.py"
    source.write_text(CLAIMS)
    assert main(["verify", str(source), "--out", str(tmp_path), "--quiet"]) == 1
    file = tmp_path / "counterexamples" / f"mine.{name}.json"
    assert main(["recheck", str(file)]) == 0
    assert f"confirmed: mine.{name}" in capsys.readouterr().out
    record = json.loads(file.read_text())
    file.write_text(json.dumps({**record, "lhs": record["lhs"] + "0"}))
    assert main(["recheck", str(file)]) != 0


# ---- replications --------------------------------------------------------------------------------


def test_clopper_pearson_is_scipys_interval() -> None:
    for fails, runs in [(0, 10), (3, 50), (50, 50), (1, 4096)]:
        interval = stats.binomtest(fails, runs).proportion_ci(0.98, method="exact")
        assert clopper_pearson(fails, runs, 0.01) == pytest.approx(tuple(interval), abs=1e-12)


@pytest.mark.parametrize("p", [0.01, 0.05, 0.3, 0.5])
def test_clopper_pearson_covers_by_enumeration(p: float) -> None:
    """Over all 41 outcomes of 40 runs, each end is wrong with probability at most the level."""
    law = [comb(40, k) * p**k * (1 - p) ** (40 - k) for k in range(41)]
    bounds = [clopper_pearson(k, 40, 0.05) for k in range(41)]
    assert sum(w for w, (low, _) in zip(law, bounds, strict=True) if low > p) <= 0.05
    assert sum(w for w, (_, high) in zip(law, bounds, strict=True) if high < p) <= 0.05


def test_looks_spend_the_level_once() -> None:
    assert looks(1_000) == [64, 128, 256, 512, 1_000]
    assert sum(look_level(0.1, k) for k in range(1, 10_000)) <= 0.1


@pytest.mark.parametrize(("truth", "wrong"), [(0.1, "suspected"), (0.1001, "supported")])
def test_false_alarms_of_the_sequential_rule(truth: float, wrong: str) -> None:
    """A fair case at the edge, 1,500 times to 8,192 runs each: at level 0.2 at most 20 % err."""
    rng, level, alarms = np.random.default_rng(7), 0.2, 0
    for _ in range(1_500):
        fails = done = 0
        for look, runs in enumerate(looks(8_192), 1):
            fails += int(rng.binomial(runs - done, truth))
            done = runs
            status, _, _ = status_of_failure(fails, 0, runs, 0.1, look_level(level, look))
            if status != "open":
                alarms += status == wrong
                break
    assert 0 < alarms <= 0.2 * 1_500


def test_empirical_bernstein_covers() -> None:
    """Skewed coins, 4,000 times: neither end errs more often than its level."""
    rng, runs, level = np.random.default_rng(1), 64, 0.1
    for p in (0.02, 0.5):
        draws = rng.random((4_000, runs)) < p
        bounds = [empirical_bernstein(d.mean(), d.var(ddof=1), runs, 1.0, level) for d in draws]
        assert np.mean([low > p for low, _ in bounds]) <= level
        assert np.mean([high < p for _, high in bounds]) <= level


def test_the_sampler_has_the_law_of_the_row() -> None:
    """20,000 draws: frequencies within five standard errors, impossible labels never."""
    row = list(table("1/2", 0, "1/3", "1/6", 0))
    counts = np.array(Sampler(np.random.default_rng(3)).counts(row, 20_000))
    expected = np.array([0.5, 0, 1 / 3, 1 / 6, 0])
    error = np.sqrt(expected * (1 - expected) / 20_000)
    assert (abs(counts / 20_000 - expected) <= 5 * error).all() and counts[[1, 4]].sum() == 0


def coins(n: int):
    """Claims with far too many outcomes: n biased coins in order."""

    def tail(delta: Number("1/100", "1/2"), p: StateDistribution):
        heads = sum(label == 0 for label in draw(p, n))
        width = sqrt(log(1 / delta) * n / 2)
        return with_probability(1 - delta, at_most(heads - n * p[0], width))

    return tail


@pytest.mark.parametrize(("delta", "status"), [("1/10", "supported"), ("1/1000", "open")])
def test_replications_support_at_a_level(delta: str, status: str) -> None:
    claim = make_claim(coins(60), "mine", "x")
    instance = {"delta": table(delta)[0], "p": table("1/2", "1/2")}
    (found,) = replicate(claim, instance, np.random.SeedSequence(5), limit=512, level=1e-6)
    assert found.status == status and found.runs <= 512
    truth = stats.binom.sf(30 + np.floor(np.sqrt(np.log(1 / eval(delta)) * 30)), 60, 0.5)
    assert found.low <= truth <= found.high


def test_replications_alone_never_refute() -> None:
    """False at a size that cannot be enumerated: a suspicion with both numbers, undecided."""

    def rarely(p: StateDistribution, delta: Number("1/10", "1/5")):
        labels = draw(p, 40)
        return with_probability(1 - delta, at_most(labels[0] + labels[1] + 0 * delta, -1))

    found = verdict(rarely)
    assert found.outcome is Outcome.REFUTED  # one label has one outcome, which is enumerated

    def rarely_dense(p: StateDistribution, delta: Number("1/10", "1/5")):
        assume(at_least(100 * p[0] * p[-1], 1), "two labels")
        assume(at_most(p[0], 1 - p[-1] + 0 * delta), "they differ")
        assume(at_most(3 * p[0], 2), "dense")
        return with_probability(1 - delta, at_most(draw(p, 40)[0] + 0 * delta, -1))

    found = verdict(rarely_dense)
    assert found.outcome is Outcome.UNDECIDED and not found.broken
    assert "suspected false by replications only" in found.note and "delta = 0." in found.note


def test_the_level_is_shared_by_the_claims() -> None:
    def many(p: StateDistribution, delta: Number("2/5", "1/2")):
        assume(at_least(10 * p[0] * p[-1], 1), "spread")
        assume(at_most(3 * p[0], 2), "dense")
        heads = sum(label == 0 for label in draw(p, 40))
        return with_probability(1 - delta, at_most(heads - 40 * p[0], 10 + 0 * delta))

    def sizes(p: StateDistribution, delta: Number("2/5", "1/2"), n: Integer(40, 45)):
        assume(at_least(10 * p[0] * p[-1], 1), "spread")
        assume(at_most(3 * p[0], 2), "dense")
        heads = sum(label == 0 for label in draw(p, n))
        return with_probability(1 - delta, at_most(heads - n * p[0], 10 + 0 * delta))

    note = verdict(sizes, claims=1).note  # three sizes share it
    assert note.count("at level 3e-07") == 3 and "n=40" in note and "n=45" in note
    few, all_claims = verdict(many, claims=1), verdict(many)
    assert few.outcome is all_claims.outcome is Outcome.SUPPORTED
    assert "at level 1e-06" in few.note and "at level 1e-09" in all_claims.note


def test_expectations_are_bounded_where_their_range_is_promised() -> None:
    """Supported with room, suspected when false, open without a range or for an equality."""

    def means(p: StateDistribution):
        x = sum(draw(p, 40)) + 0 * p[0]
        return every(
            in_expectation(at_most(x, 40 * p[1] + 30), within=(-40, 80)),
            in_expectation(at_most(x, 40 * p[1] - 20), within=(-80, 40)),
            in_expectation(equal(x, 40 * p[1]), within=(-40, 40)),
            in_expectation(at_most(x, 40 * p[1] + 30)),
        )

    claim, instance = make_claim(means, "mine", "x"), {"p": table("1/2", "1/2")}
    found = replicate(claim, instance, np.random.SeedSequence(5), limit=256, level=1e-3)
    assert [f.status for f in found] == ["supported", "suspected", "open", "open"]
    assert all(f.level == pytest.approx(1e-3 / 4) for f in found)
    assert found[0].low <= 30 <= found[0].high


def test_a_broken_promise_of_a_range_is_refused() -> None:
    def means(p: StateDistribution):
        return in_expectation(at_most(draw(p) + 0 * p[0], p[1]), within=(0, 1))

    claim, seeds = make_claim(means, "mine", "x"), np.random.SeedSequence(5)
    with pytest.raises(ClaimError, match=r"promised within \[0, 1\], met \[-0.5"):
        replicate(claim, {"p": table("1/2", "1/2")}, seeds, limit=64, level=1e-3)


def test_deep_budget_confirms_what_others_find() -> None:
    """Re-evaluation enumerates at least what any budget does."""
    claim = make_claim(nearly_sure, "mine", "x")
    for name in BUDGETS:
        judged = rigorous(BUDGETS[name])(claim, {"p": table("1/2", "1/2")})
        assert judged.links[0].lhs == flint.fmpq(1, 4) and judged.broken() == [0]


def test_verdict_of_all_engines_together() -> None:
    found = theorylab.verify(max_of_means_turned)
    assert found.outcome is Outcome.REFUTED and "exactly at S=2" in found.grade
