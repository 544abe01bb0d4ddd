"""FitModel: Algorithms 2, 4 and 6 against brute force, their regret, and infinite losses."""

import math
import warnings

import numpy as np
import pytest

from theorylab.algorithms.fitting import (
    Counts,
    FollowTheLeader,
    GradientFit,
    HedgeFit,
    InfiniteLoss,
    OnAllData,
    ProjectedFit,
    hedge_start,
)
from theorylab.algorithms.ftrl import regret_bound
from theorylab.algorithms.hedge import rate_for, weights
from theorylab.algorithms.hedge import regret_bound as hedge_bound
from theorylab.algorithms.losses import (
    expected_moment_gradient,
    expected_moment_loss,
    log_loss,
    mistake_loss,
    sampled_moment_gradient,
    sampled_moment_loss,
    signed_gradient,
    signed_loss,
    value_span,
)
from theorylab.algorithms.rounds import Round, expected_data, sampled_data
from theorylab.algorithms.simplex import regret_bound as projected_bound
from theorylab.errors import InvalidArgument, Undefined
from theorylab.theory.tabular import value

from .worlds import covering, random_models, random_policy, random_world, two_states


def some_round(world, model, seed, samples=None):
    """A round of a random policy, with its value in the given model."""
    pi, nu = random_policy(world, seed), covering(world)
    if samples is None:
        data = expected_data(world, nu, pi)
    else:
        data = sampled_data(world, nu, pi, samples, np.random.default_rng(seed))[:2]
    return Round(*data, value(model, pi), model, pi, samples or 0)


def fold(fit, world, first, rounds, samples=None):
    """(models played in each round, the rounds, the last state)."""
    model, state, played, seen = first, None, [], []
    for t in range(rounds):
        data = some_round(world, model, t, samples)
        played.append(model)
        seen.append(data)
        state, model = fit(state, data, np.random.default_rng(t))
    return played, seen, state, model


@pytest.mark.parametrize("samples", [None, 5])
@pytest.mark.parametrize("loss", [log_loss, expected_moment_loss, sampled_moment_loss])
def test_leader_is_the_least_total(loss, samples):
    world = random_world(0)
    models = tuple(random_models(world, 7))
    _, seen, _, last = fold(FollowTheLeader(models, loss), world, models[0], 12, samples)
    totals = [sum(float(loss(M.P, data)) for data in seen) for M in models]
    assert last is models[int(np.argmin(totals))]


def test_leader_ties_go_to_the_lowest_index():
    world = random_world(0)
    twin = random_models(world, 1)[0]
    models = (twin, world.with_transitions(twin.P), world.with_transitions(twin.P))
    assert fold(FollowTheLeader(models), world, models[2], 3)[3] is models[0]


def test_leader_finds_the_truth():
    world = random_world(2)
    models = (*random_models(world, 5), world.with_transitions(world.P))
    assert fold(FollowTheLeader(models), world, models[0], 1)[3] is models[5]
    assert fold(FollowTheLeader(models), world, models[0], 30, 100)[3] is models[5]


def impossible(world, place=(0, 1)):
    """A model that is wrong for certain at one pair of `two_states`."""
    P = np.array(world.P)
    P[place] = P[place][::-1]
    return world.with_transitions(P)


def test_a_model_without_the_support_is_reported_once_and_never_leads():
    world = two_states()
    models = (impossible(world), world.with_transitions(world.P))
    with pytest.warns(InfiniteLoss, match=r"models\[0\] .* \(s, a, s'\) = \(0, 1, 1\)") as caught:
        *_, state, last = fold(FollowTheLeader(models), world, models[0], 5)
    assert len(caught) == 1 and last is models[1] and not np.isnan(state.totals).any()
    assert state.totals.tolist() == [math.inf, 0.0]


def test_a_class_without_the_support_is_undefined():
    world = two_states()
    models = (impossible(world), impossible(world, (0, 0)))
    with pytest.warns(InfiniteLoss), pytest.raises(Undefined, match="every expert has an infinite"):
        fold(FollowTheLeader(models), world, models[0], 1)


def test_hedge_over_the_log_loss_drops_it_too():
    world = two_states()
    models = (impossible(world), world.with_transitions(world.P))
    start = hedge_start(models, rate=1.0, high=math.inf)
    with pytest.warns(InfiniteLoss):
        *_, state, last = fold(HedgeFit(models, log_loss, start), world, models[0], 3)
    assert last is models[1] and weights(state).tolist() == [0.0, 1.0]


def test_counts_are_the_maximum_of_likelihood():
    """Frequencies by hand; no other tabular model has a smaller total log loss."""
    world = random_world(1)
    first = random_models(world, 1)[0]
    _, seen, _, last = fold(Counts(), world, first, 6, 40)
    n = sum(data.joint for data in seen)
    assert (n.sum(-1) > 0).all()
    assert pytest.approx(n / n.sum(-1, keepdims=True), abs=1e-15) == last.P
    total = sum(log_loss(last.P, data) for data in seen)
    for M in random_models(world, 40, 7):
        near = 0.99 * last.P + 0.01 * M.P
        assert total < sum(log_loss(near, data) for data in seen)


def test_counts_with_exact_data_are_the_truth_and_keep_what_is_unseen():
    world = two_states()
    first = random_models(world, 1)[0]
    pi = random_policy(world, 0)
    nu = np.array([[1.0, 0.0], [0.0, 0.0]])
    action = type(pi)(np.array([[1.0, 0.0], [1.0, 0.0]]))
    data = Round(*expected_data(world, nu, action), value(first, action), first, action)
    _, last = Counts()(None, data, np.random.default_rng(0))
    assert last.P[0, 0].tolist() == [1.0, 0.0]
    assert (last.P[0, 1] == first.P[0, 1]).all() and (last.P[1] == first.P[1]).all()


def test_counts_smoothed_by_hand():
    """Three data at one pair, two of one successor; smoothing 1/2 over two states."""
    world = two_states()
    joint = np.zeros((2, 2, 2))
    joint[0, 0] = [2 / 3, 1 / 3]
    data = Round(joint, 0 * joint, np.zeros(2), world, random_policy(world, 0), 3)
    _, last = Counts(smoothing=0.5)(None, data, np.random.default_rng(0))
    assert last.P[0, 0] == pytest.approx([2.5 / 4, 1.5 / 4])
    assert last.P[1, 1] == pytest.approx([0.5, 0.5])


FORMS = {
    "expected": (expected_moment_loss, expected_moment_gradient, 1),
    "sampled": (sampled_moment_loss, sampled_moment_gradient, 1),
    "signed": (signed_loss, signed_gradient, 4),
}


@pytest.mark.parametrize("samples", [None, 4])
@pytest.mark.parametrize("regulariser", ["l2", "entropy"])
@pytest.mark.parametrize("form", list(FORMS))
def test_gradient_fit_has_the_regret_of_its_bound(form, regulariser, samples):
    """Against every constant model tried, the truth among them."""
    loss, gradient, scale = FORMS[form]
    world = random_world(3)
    first = world.with_transitions(np.full(world.P.shape, 1 / world.S))
    largest = scale * value_span(world) * math.sqrt(world.S)
    fit = GradientFit(gradient, largest, regulariser)
    played, seen, state, _ = fold(fit, world, first, 60, samples)
    paid = sum(float(loss(M.P, data)) for M, data in zip(played, seen, strict=True))
    for M in [world, *random_models(world, 30)]:
        other = sum(float(loss(M.P, data)) for data in seen)
        assert paid - other <= regret_bound(state) + 1e-9
    assert state.spent > 0 and all(np.isclose(M.P.sum(-1), 1).all() for M in played)


def test_gradient_fit_learns_the_moments():
    world = random_world(3)
    first = world.with_transitions(np.full(world.P.shape, 1 / world.S))
    fit = GradientFit(expected_moment_gradient, value_span(world) * math.sqrt(world.S) / 2)
    played, seen, *_ = fold(fit, world, first, 300)
    losses = [float(expected_moment_loss(M.P, data)) for M, data in zip(played, seen, strict=True)]
    assert np.mean(losses[-50:]) < 0.2 * losses[0]


@pytest.mark.parametrize("form", list(FORMS))
def test_projected_fit_has_the_regret_of_its_bound(form):
    loss, gradient, _ = FORMS[form]
    world = random_world(3)
    first = world.with_transitions(np.full(world.P.shape, 1 / world.S))
    played, seen, state, _ = fold(ProjectedFit(gradient), world, first, 60)
    paid = sum(float(loss(M.P, data)) for M, data in zip(played, seen, strict=True))
    for M in [world, *random_models(world, 30)]:
        other = sum(float(loss(M.P, data)) for data in seen)
        assert paid - other <= projected_bound(state) + 1e-9


def test_all_data_are_the_mean_of_the_rounds():
    """The last of three rounds sees the mean of all, and this round's values."""
    world = random_world(0)
    given = []

    def fit(state, data, rng):
        given.append(data)
        return state, data.model

    _, seen, *_ = fold(OnAllData(fit), world, world, 3, 8)
    assert given[2].joint == pytest.approx(sum(data.joint for data in seen) / 3)
    assert given[2].explored == pytest.approx(sum(data.explored for data in seen) / 3)
    assert given[2].samples == 24 and given[2].V is seen[2].V
    assert (given[0].joint == seen[0].joint).all()


def test_hedge_on_mistakes_has_the_warm_up_bound():
    """B.1 on a realizable class: models that err lose 1 in each round, the truth nothing."""
    world = random_world(2)
    models = (*random_models(world, 3), world.with_transitions(world.P))
    data = some_round(world, models[0], 0)
    stack = np.stack([M.P for M in models])
    assert mistake_loss(stack, data).tolist() == [1, 1, 1, 0]
    fit = HedgeFit(models, mistake_loss, hedge_start(models, rate=rate_for(4, 200), high=1.0))
    *_, state, last = fold(fit, world, models[0], 200)
    assert last is models[3] and weights(state)[3] > 0.99


def test_hedge_draws_from_the_weights_after_the_round():
    """At a huge rate the model drawn after one round is the one of least loss in it."""
    world = random_world(2)
    models = (*random_models(world, 3), world.with_transitions(world.P))
    fit = HedgeFit(models, mistake_loss, hedge_start(models, rate=1e3, high=1.0))
    assert all(fold(fit, world, models[0], 1)[3] is models[3] for _ in range(3))


@pytest.mark.parametrize(
    ("models", "said"),
    [
        ((), "models is empty"),
        ((random_world(0), random_world(0, S=3)), r"models\[1\].P has shape \(3, 3, 3\)"),
        ((random_world(0, S=3),), r"expected the data's \(4, 3, 4\)"),
    ],
)
def test_bad_classes(models, said):
    world = random_world(0)
    start = hedge_start(models or (world,), rate=1.0, high=1.0)
    for fit in (FollowTheLeader(models), HedgeFit(models, log_loss, start)):
        with pytest.raises(InvalidArgument, match=said):
            fold(fit, world, world, 1)


@pytest.mark.parametrize("play", ["draw", "mixture"])
def test_hedge_fit_has_the_regret_of_its_bound(play):
    """The weights' mean loss; a mixture's convex loss is at most that."""
    world = random_world(4)
    models = (*random_models(world, 6), world.with_transitions(world.P))
    span = value_span(world)
    rate = rate_for(7, 50, loss_range=(0.0, span))
    fit = HedgeFit(models, expected_moment_loss, hedge_start(models, rate=rate, high=span), play)
    state, model, paid, mixed, totals = None, models[0], 0.0, 0.0, np.zeros(7)
    for t in range(50):
        data = some_round(world, model, t)
        shares = np.full(7, 1 / 7) if state is None else weights(state)
        losses = expected_moment_loss(fit.stack, data)
        paid, totals = paid + shares @ losses, totals + losses
        mixed += float(expected_moment_loss(np.einsum("k,ksax->sax", shares, fit.stack), data))
        state, model = fit(state, data, np.random.default_rng(t))
        if play == "mixture":
            expected = np.einsum("k,ksax->sax", weights(state), fit.stack)
            assert pytest.approx(expected, abs=1e-15) == model.P
        else:
            assert model in models
    assert paid - totals.min() <= hedge_bound(7, 50, rate=rate, loss_range=(0.0, span)) + 1e-12
    assert mixed <= paid + 1e-12


def test_a_loss_out_of_its_declared_range_is_an_error():
    world = random_world(4)
    models = tuple(random_models(world, 3))
    fit = HedgeFit(models, expected_moment_loss, hedge_start(models, rate=1.0, high=1e-6))
    with pytest.raises(InvalidArgument, match=r"losses\[0\] is .*, expected a number in \[0"):
        fold(fit, world, models[0], 1)
    with pytest.raises(InvalidArgument, match="dual norm"):
        fold(GradientFit(expected_moment_gradient, 1e-6), world, models[0], 1)


@pytest.mark.parametrize("smoothing", [-1.0, math.nan, math.inf])
def test_bad_smoothing(smoothing):
    with pytest.raises(InvalidArgument, match="smoothing is"):
        Counts(smoothing)


def test_no_warning_where_nothing_is_infinite():
    world = random_world(0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fold(FollowTheLeader(tuple(random_models(world, 3))), world, world, 3)
