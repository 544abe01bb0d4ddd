"""Hedge: its arithmetic, its regret bound, and what it refuses."""

import math

import numpy as np
import pytest

from theorylab.algorithms.hedge import (
    anytime_hedge,
    anytime_regret_bound,
    hedge,
    log_weights,
    pick,
    rate_for,
    regret_bound,
    updated,
    weights,
)
from theorylab.errors import InvalidArgument, Undefined


def regret(losses_of_round, experts, rounds, rate, loss_range=(0.0, 1.0)):
    """Hedge's loss minus the best expert's, against an adversary who sees the weights."""
    state, paid, total = hedge(experts, rate=rate, loss_range=loss_range), 0.0, np.zeros(experts)
    for t in range(rounds):
        w = weights(state)
        losses = losses_of_round(t, w)
        paid, total = paid + w @ losses, total + losses
        state = updated(state, losses)
    return paid - total.min()


def random_losses(seed, experts, low=0.0, high=1.0):
    rng = np.random.default_rng(seed)
    return lambda t, w: rng.uniform(low, high, experts)


def punish_the_heaviest(t, w):
    return (np.arange(len(w)) == w.argmax()).astype(float)


def alternate(t, w):
    """The first half favours one expert, the second half another."""
    return np.array([t % 2, (t + 1) % 2], dtype=float)


def test_starts_with_equal_weights():
    assert weights(hedge(4, rate=1.0)).tolist() == [0.25] * 4


def test_two_experts_exactly():
    """After total losses L the weights are 1 / (1 + exp(rate (L_0 - L_1))) and the rest."""
    state = hedge(2, rate=0.9)
    for losses in ([1.0, 0.25], [0.5, 0.0], [0.0, 1.0]):
        state = updated(state, losses)
    assert weights(state)[0] == pytest.approx(1 / (1 + math.exp(0.9 * (1.5 - 1.25))), rel=1e-15)
    assert log_weights(state)[1] == pytest.approx(
        -math.log1p(math.exp(0.9 * (1.25 - 1.5))), rel=1e-14
    )


def test_a_common_loss_changes_nothing():
    before = updated(hedge(3, rate=0.7), [0.1, 0.4, 0.9])
    after = updated(before, [0.5, 0.5, 0.5])
    assert weights(after) == pytest.approx(weights(before), rel=1e-14)


def test_weights_stay_numbers_after_ten_thousand_nats():
    state = hedge(2, rate=1.0)
    for _ in range(10_000):
        state = updated(state, [1.0, 0.0])
    assert log_weights(state).tolist() == [-10_000.0, 0.0]
    assert weights(state).tolist() == [0.0, 1.0]


@pytest.mark.parametrize("rate", [0.05, 0.4, 3.0])
@pytest.mark.parametrize("experts", [1, 2, 7])
@pytest.mark.parametrize("seed", range(5))
def test_regret_bound_on_random_losses(experts, rate, seed):
    found = regret(random_losses(seed, experts), experts, 60, rate)
    assert found <= regret_bound(experts, 60, rate=rate) + 1e-12


@pytest.mark.parametrize("adversary", [punish_the_heaviest, alternate])
@pytest.mark.parametrize("rate", [0.02, 0.3, 2.0])
def test_regret_bound_on_adversarial_losses(adversary, rate):
    found = regret(adversary, 2, 400, rate)
    assert 0 < found <= regret_bound(2, 400, rate=rate)


def test_the_bound_is_within_a_factor_of_its_first_term():
    """Always (1, 0): learning which expert is better costs nearly ln(2) / rate, half the bound."""
    rate = math.sqrt(8 * math.log(2) / 400)
    bound = regret_bound(2, 400, rate=rate)
    assert bound == pytest.approx(math.sqrt(400 * math.log(2) / 2))
    assert 0.45 * bound < regret(lambda t, w: np.array([1.0, 0.0]), 2, 400, rate) < 0.55 * bound


def test_regret_bound_scales_with_the_range():
    wide = regret_bound(5, 30, rate=0.1, loss_range=(-2.0, 4.0))
    assert wide == pytest.approx(math.log(5) / 0.1 + 0.1 * 30 * 36 / 8)
    found = regret(random_losses(1, 5, -2, 4), 5, 30, 0.1, (-2.0, 4.0))
    assert found <= wide


def test_leading_axes_are_independent_runs():
    rng = np.random.default_rng(0)
    losses = rng.random((3, 4, 2))
    together = hedge(2, rate=0.9)
    for t in range(4):
        together = updated(together, losses[:, t])
    for run in range(3):
        alone = hedge(2, rate=0.9)
        for t in range(4):
            alone = updated(alone, losses[run, t])
        assert weights(together)[run].tolist() == weights(alone).tolist()
    assert pick(together, rng.random(3)).shape == (3,)


def test_a_state_never_changes():
    state = hedge(2, rate=0.9)
    updated(state, [1.0, 0.0])
    assert weights(state).tolist() == [0.5, 0.5]
    with pytest.raises(ValueError, match="read-only"):
        state.scores[0] = 1


def test_pick_inverts_the_weights():
    state = updated(hedge(3, rate=math.log(2)), [0, 1, 1])  # weights 1/2, 1/4, 1/4
    uniforms = (np.arange(1000) + 0.5) / 1000
    counts = np.bincount([int(pick(state, u)) for u in uniforms], minlength=3)
    assert counts.tolist() == [500, 250, 250]


def test_an_infinite_loss_is_for_ever():
    state = updated(hedge(3, rate=0.9, loss_range=(0.0, math.inf)), [1.0, math.inf, 0.0])
    state = updated(state, [0.0, 0.0, 1.0])
    assert weights(state) == pytest.approx([0.5, 0.0, 0.5])
    assert weights(state)[1] == 0
    assert {int(pick(state, u)) for u in np.linspace(0, 1 - 1e-16, 99)} == {0, 2}


def test_all_infinite_is_undefined():
    state = updated(hedge(2, rate=0.9, loss_range=(0.0, math.inf)), [math.inf, math.inf])
    with pytest.raises(Undefined, match="every expert has an infinite loss"):
        weights(state)


@pytest.mark.parametrize("rate", [0, -1.0, math.inf, -math.inf, math.nan])
def test_bad_rate(rate):
    with pytest.raises(InvalidArgument, match=r"rate is .*, expected a finite number above 0"):
        hedge(2, rate=rate)


@pytest.mark.parametrize("experts", [0, -3, 2.0, True, "2"])
def test_bad_experts(experts):
    with pytest.raises(InvalidArgument, match="expected an integer of at least 1"):
        hedge(experts, rate=0.9)


@pytest.mark.parametrize("bounds", [(1.0, 1.0), (1.0, 0.0), (math.nan, 1.0), (-math.inf, 0.0)])
def test_bad_range(bounds):
    with pytest.raises(InvalidArgument, match="expected low < high"):
        hedge(2, rate=0.9, loss_range=bounds)


@pytest.mark.parametrize(
    ("losses", "said"),
    [
        ([0.0, 1.5], r"losses\[1\] is 1.5, expected a number in \[0.0, 1.0\]"),
        ([-0.1, 0.0], r"losses\[0\] is -0.1"),
        ([0.0, math.nan], r"losses\[1\] is nan"),
        ([math.inf, 0.0], r"losses\[0\] is inf"),
        ([[0.0, 0.0], [0.0, 7.0]], r"losses\[1, 1\] is 7.0"),
        ([0.0, 0.0, 0.0], r"shape \(3,\), expected \(..., 2\)"),
        (0.5, r"shape \(\), expected"),
    ],
)
def test_bad_losses(losses, said):
    with pytest.raises(InvalidArgument, match=said) as caught:
        updated(hedge(2, rate=0.9), losses)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("uniform", [-0.1, 1.0, math.nan])
def test_bad_uniform(uniform):
    with pytest.raises(InvalidArgument, match=r"expected a number in \[0, 1\)"):
        pick(hedge(2, rate=0.9), uniform)


def test_bad_rounds():
    with pytest.raises(InvalidArgument, match="rounds is -1"):
        regret_bound(2, -1, rate=0.9)


def test_one_run_in_which_all_is_infinite_is_undefined():
    """A batch of runs is refused when any one of them has no weights; none becomes NaN."""
    state = updated(hedge(2, rate=1.0, loss_range=(0.0, math.inf)), [[0.0, 1.0], [math.inf] * 2])
    with pytest.raises(Undefined, match="every expert has an infinite loss"):
        weights(state)


def test_a_large_common_loss_leaves_the_weights_numbers():
    """Scores of -5000 for every expert are equal weights, though exp(-5000) is 0 in floats."""
    state = updated(hedge(2, rate=1.0, loss_range=(0.0, 10_000.0)), [5_000.0, 5_000.0])
    assert weights(state).tolist() == [0.5, 0.5]


def test_one_bad_uniform_number_among_good_ones_is_named():
    """0 is fine, 2 is not, and the message says which."""
    with pytest.raises(InvalidArgument, match=r"uniform is 2\.0, expected"):
        pick(hedge(2, rate=1.0), [0.0, 2.0])


def test_an_expert_of_weight_zero_is_not_picked_at_either_end():
    """At 0 the first expert with any weight is drawn; just below 1 the last one with any."""
    state = updated(hedge(3, rate=1.0, loss_range=(0.0, math.inf)), [math.inf, 0.0, math.inf])
    assert pick(state, 0.0) == 1 and pick(state, np.nextafter(1.0, 0.0)) == 1


def test_rounding_never_picks_an_expert_that_is_none():
    """Sums of weights end a rounding below or above 1; the pick stays among the experts."""
    ends = []
    for experts in range(2, 80):
        state = updated(hedge(experts, rate=1.0), np.random.default_rng(experts).random(experts))
        ends.append(np.cumsum(weights(state))[-1])
        assert pick(state, np.nextafter(1.0, 0.0)) < experts
    assert min(ends) < np.nextafter(1.0, 0.0)


def test_no_round_leaves_the_price_of_the_experts():
    """ln(N) / rate for no round at all."""
    assert regret_bound(2, 0, rate=0.5) == pytest.approx(2 * math.log(2))


@pytest.mark.parametrize("experts", [1, 2, 7])
@pytest.mark.parametrize("adversary", ["random", "heaviest"])
@pytest.mark.parametrize("rounds", [0, 1, 10, 300])
def test_anytime_regret_bound(experts, adversary, rounds):
    """The same state serves any number of rounds, within the bound for that number."""
    make = random_losses(3, experts, -1, 2) if adversary == "random" else None
    state, paid, total = anytime_hedge(experts, loss_range=(-1.0, 2.0)), 0.0, np.zeros(experts)
    for t in range(rounds):
        w = weights(state)
        losses = make(t, w) if make else 3 * punish_the_heaviest(t, w) - 1
        paid, total, state = paid + w @ losses, total + losses, updated(state, losses)
    found = paid - total.min()
    assert found <= anytime_regret_bound(experts, rounds, loss_range=(-1.0, 2.0)) + 1e-12
    assert state.rounds == rounds


def test_anytime_rate_by_hand():
    """Two experts, losses (1, 0) twice: in round 3 the rate is sqrt(8 ln 2 / 3)."""
    state = updated(updated(anytime_hedge(2), [1.0, 0.0]), [1.0, 0.0])
    rate = math.sqrt(8 * math.log(2) / 3)
    assert weights(state)[1] == pytest.approx(1 / (1 + math.exp(-2 * rate)), rel=1e-14)


def test_anytime_bound_is_about_root_t():
    bound = anytime_regret_bound(10, 10_000)
    assert bound == pytest.approx(1.06 * math.sqrt(10_000 * math.log(10)), rel=0.01)
    rates = [math.sqrt(8 * math.log(10) / t) for t in range(1, 10_001)]
    assert math.log(10) / rates[-1] + sum(rates) / 8 <= bound


def test_the_rate_for_t_rounds_has_the_least_bound():
    best = rate_for(5, 300, loss_range=(-1.0, 3.0))
    bound = regret_bound(5, 300, rate=best, loss_range=(-1.0, 3.0))
    assert bound == pytest.approx(4 * math.sqrt(300 * math.log(5) / 2))
    for factor in (0.9, 1.1):
        assert bound < regret_bound(5, 300, rate=factor * best, loss_range=(-1.0, 3.0))
    assert rate_for(1, 300) == 1.0


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: anytime_hedge(2, loss_range=(0.0, math.inf)), "expected a finite one"),
        (lambda: anytime_hedge(0), "experts is 0"),
        (lambda: rate_for(2, 0), "rounds is 0"),
        (lambda: anytime_regret_bound(2, -1), "rounds is -1"),
        (lambda: updated(anytime_hedge(2), [0.0, 1.5]), r"losses\[1\] is 1.5"),
    ],
)
def test_bad_anytime(call, said):
    with pytest.raises(InvalidArgument, match=said):
        call()
