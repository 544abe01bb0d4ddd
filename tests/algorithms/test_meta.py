"""Algorithm 1, its record, its bounds, and LAMPS, LAMPS-MM and SysID as a whole."""

import math
from dataclasses import fields, is_dataclass
from pathlib import Path

import numpy as np
import pytest

from theorylab.algorithms.bounds import lamps_bound, lamps_mm_bound, signed_bound, sysid_bound
from theorylab.algorithms.disadvantage import disadvantage
from theorylab.algorithms.fitting import Counts, InfiniteLoss
from theorylab.algorithms.lamps import lamps, lamps_mm, sysid, uniform_model
from theorylab.algorithms.meta import model_based
from theorylab.algorithms.planners import PolicyIteration
from theorylab.algorithms.search import NRPI
from theorylab.algorithms.work import Work
from theorylab.claims import evaluate
from theorylab.errors import InvalidArgument, ModelError, Undefined
from theorylab.loading import load
from theorylab.theory.information import kl_divergence
from theorylab.theory.planning import optimal_performance, optimal_policy
from theorylab.theory.tabular import occupancy, performance, value
from theorylab.worlds import MDP, Policy

from .worlds import covering, random_models, random_policy, random_world, two_states

RUNS = {
    "lamps": lamps,
    "sysid": sysid,
    "expected": lambda *a, **k: lamps_mm(*a, form="expected", **k),
    "sampled": lambda *a, **k: lamps_mm(*a, form="sampled", **k),
    "signed": lambda *a, **k: lamps_mm(*a, form="signed", **k),
}


def arrays(thing):
    """Every array in a record, worlds and policies included."""
    if isinstance(thing, np.ndarray):
        yield thing
    elif isinstance(thing, tuple):
        for item in thing:
            yield from arrays(item)
    elif is_dataclass(thing):
        for field in fields(thing):
            yield from arrays(getattr(thing, field.name))


def bits(run):
    return [array.tobytes() for array in arrays(run)]


@pytest.mark.parametrize("finite", [False, True])
@pytest.mark.parametrize("samples", [None, 7])
@pytest.mark.parametrize("name", list(RUNS))
def test_same_seed_same_bits_and_read_only(name, samples, finite):
    world = random_world(0)
    models = random_models(world, 4) if finite else None
    make = lambda seed: RUNS[name](  # noqa: E731
        world, covering(world), models, rounds=6, samples=samples, seed=seed
    )
    first, again, other = make(3), make(3), make(4)
    assert bits(first) == bits(again) and len(bits(first)) > 30
    assert all(not array.flags.writeable for array in arrays(first))
    if samples and not finite:
        assert bits(first) != bits(other)


@pytest.mark.parametrize("sense", ["cost", "reward"])
@pytest.mark.parametrize("name", list(RUNS))
def test_measures_from_scratch(name, sense):
    """Each number of the record from its definition, by the library's exact functions."""
    world = random_world(1, sense=sense)
    nu, models, sign = covering(world), random_models(world, 3), 1 if sense == "cost" else -1
    run = RUNS[name](world, nu, models, rounds=5, samples=4)
    found, best = run.measures, optimal_performance(world)
    assert (run.rounds, len(run.models), len(run.policies)) == (5, 6, 6)
    for t in range(5):
        M, pi = run.models[t], run.policies[t]
        V, D = value(M, pi), occupancy(world, pi)
        assert found.performance[t] == pytest.approx(performance(world, pi))
        assert found.regret[t] == pytest.approx(sign * (performance(world, pi) - best))
        assert found.eps_po[t] == disadvantage(M, pi, nu)
        assert found.V_hat_max[t] == pytest.approx(np.abs(V).max())
        assert found.V_max[t] == pytest.approx(np.abs(value(M, run.expert)).max())
        missed = sign * (performance(M, pi) - optimal_performance(M))
        assert found.eps_oc[t] == pytest.approx(missed, abs=1e-12)
        for k, N in enumerate([*models, M]):
            gap, mean = (world.P - N.P) @ V, (D + nu) / 2
            expected = {
                "kl": (mean * kl_divergence(world.P, N.P)).sum(),
                "reverse_kl": (mean * kl_divergence(N.P, world.P)).sum(),
                "moment": (mean * np.abs(gap)).sum(),
                "signed": sign * ((D - nu) * gap).sum(),
                "l1": (mean * np.abs(world.P - N.P).sum(-1)).sum(),
            }
            for loss, number in expected.items():
                losses = getattr(found, loss)
                entry = losses.played[t] if k == 3 else losses.candidates[t, k]
                assert entry == pytest.approx(number, rel=1e-9, abs=1e-12), loss
    for loss in ("kl", "reverse_kl", "moment", "signed", "l1"):
        losses = getattr(found, loss)
        least = min(losses.candidates.sum(0))
        assert losses.eps_model == pytest.approx(least / 5)
        assert losses.regret == pytest.approx(losses.played.sum() - least)
    D_star = occupancy(world, run.expert)
    assert found.coverage == pytest.approx((D_star / nu).max())
    assert found.state_coverage == pytest.approx((D_star.sum(-1) / nu.sum(-1)).max())


@pytest.mark.parametrize("name", ["lamps", "expected"])
def test_the_best_tabular_model_is_found_in_closed_form(name):
    """With all tabular models, 0 for a divergence; for the signed loss, below every model tried
    and met by its vertices."""
    world = random_world(1)
    nu = covering(world)
    run = RUNS[name](world, nu, rounds=4)
    assert run.measures.kl.eps_model == run.measures.moment.eps_model == 0
    V = [value(M, pi) for M, pi in zip(run.models[:4], run.policies[:4], strict=True)]
    D = [occupancy(world, pi) for pi in run.policies[:4]]

    def total(P):
        return sum(((d - nu) * ((world.P - P) @ v)).sum() for d, v in zip(D, V, strict=True))

    slopes = sum((d - nu)[..., None] * v for d, v in zip(D, V, strict=True))
    vertices = np.eye(world.S)[slopes.argmax(-1)]
    assert run.measures.signed.best == pytest.approx(total(vertices))
    assert all(run.measures.signed.best <= total(M.P) for M in random_models(world, 30))


@pytest.mark.parametrize("sense", ["cost", "reward"])
@pytest.mark.parametrize("samples", [None, 3])
@pytest.mark.parametrize("finite", [False, True])
@pytest.mark.parametrize("name", list(RUNS))
@pytest.mark.parametrize("seed", range(4))
def test_the_bounds_hold_on_every_run(name, seed, finite, samples, sense):
    """Realizable (tabular) and agnostic classes, exact and sampled: no bound is broken."""
    world = random_world(seed, sense=sense)
    models = random_models(world, 5, seed) if finite else None
    run = RUNS[name](world, covering(world), models, rounds=12, samples=samples, seed=seed)
    bounds = [lamps_bound(run), lamps_mm_bound(run), sysid_bound(run)]
    bounds += [lamps_bound(run, "best_action"), lamps_mm_bound(run, "best_action")]
    assert all(bound.holds is not False for bound in bounds)
    assert all(not bound.void for bound in bounds if finite)
    assert bounds[1].holds and bounds[1].regret == pytest.approx(run.measures.regret.mean())


@pytest.mark.parametrize("mixed", [False, True])
def test_the_bounds_are_their_formulas(mixed):
    """Both parts of each, from the measures; payoffs of both signs double the square root."""
    world = random_world(1)
    if mixed:
        world = MDP(world.P, world.payoff - 0.5, world.gamma, world.start)
    nu = covering(world)
    bad = NRPI(nu, rounds=1)  # nu's own policy: both forms of eps_po are above zero
    run = lamps(world, nu, random_models(world, 4), rounds=6, search=bad)
    found, scale = run.measures, world.gamma / (1 - world.gamma)
    root = (2 if mixed else 1) * math.sqrt(2 * found.kl.played.mean())
    positive, best = (found.eps(form).mean() for form in ("positive", "best_action"))
    model = scale * found.coverage * found.V_hat_max.max() * root
    both = max(found.V_hat_max.max(), found.V_max.max())
    expected = {
        lamps_bound(run): (found.coverage * positive / (1 - world.gamma), model),
        lamps_bound(run, "best_action"): (found.state_coverage * best / (1 - world.gamma), model),
        lamps_mm_bound(run): (
            found.coverage * positive / (1 - world.gamma),
            2 * scale * found.coverage * found.moment.played.mean(),
        ),
        sysid_bound(run): (found.eps_oc.mean(), scale * found.coverage * both * root),
    }
    assert min(positive, best, found.eps_oc.mean(), model) > 0
    for bound, parts in expected.items():
        assert (bound.policy_part, bound.model_part) == pytest.approx(parts)


def test_hedge_runs_at_the_rate_for_its_rounds():
    world = random_world(0)
    run = lamps_mm(world, covering(world), random_models(world, 5), rounds=40)
    span = (world.payoff.max() - world.payoff.min()) / (1 - world.gamma)
    assert run.learner.rate == pytest.approx(math.sqrt(8 * math.log(5) / 40) / span)


@pytest.mark.parametrize("sense", ["cost", "reward"])
@pytest.mark.parametrize("seed", range(4))
def test_the_signed_bound_is_an_equality_under_the_expert(seed, sense):
    world = random_world(seed, sense=sense)
    expert = random_policy(world, seed)
    nu = occupancy(world, expert)
    run = lamps_mm(world, nu, rounds=5, form="signed", expert=expert)
    bound = signed_bound(run)
    assert bound.value == pytest.approx(bound.regret, abs=1e-9) and bound.holds
    other = lamps_mm(world, covering(world), rounds=5, form="signed")
    assert "not the expert's" in signed_bound(other).void and signed_bound(other).holds is None


CLAIMS = {c.name: c for c in load(Path(__file__).parents[2] / "verification" / "lamps").claims}


@pytest.mark.parametrize("name", ["lamps", "sysid", "expected"])
def test_the_claims_of_the_paper_on_the_worlds_of_a_run(name):
    """A run's worlds, models and policies are what claims take; PDAM and its corrected corollary
    hold in every round, and the mean of the signed terms is the run's regret."""
    world = random_world(4)
    run = RUNS[name](world, covering(world), random_models(world, 3), rounds=4, samples=9)
    for t in range(run.rounds):
        given = {"M": run.world, "M_hat": run.models[t], "pi_hat": run.policies[t]}
        given["pi_star"] = run.expert
        (same,), _ = evaluate(CLAIMS["pdam"], given)
        assert same.lhs == pytest.approx(same.rhs, abs=1e-12)
        assert same.lhs == pytest.approx((1 - run.world.gamma) * run.measures.regret[t], abs=1e-12)
        (bound,), _ = evaluate(CLAIMS["pdam_bound_corrected"], {**given, "nu": run.nu})
        assert bound.lhs <= bound.rhs
        ours = run.measures.coverage * run.measures.eps_po[t].positive
        assert ours <= bound.rhs + 1e-12


def test_exact_lamps_finds_the_optimum_at_once():
    """After one exact round the tabular counts are the truth where nu covers."""
    world = random_world(4)
    run = lamps(world, covering(world), rounds=4)
    assert run.measures.regret[1:] == pytest.approx(0, abs=1e-9)
    assert run.measures.kl.played[1:] == pytest.approx(0, abs=1e-12)
    assert run.measures.regret[0] > 0


def test_two_states_by_hand():
    """The first model is uniform: both actions look alike, so action 0 stays; then the truth."""
    world = two_states()
    run = sysid(world, np.full((2, 2), 0.25), rounds=2)
    assert run.policies[0].probabilities[0].tolist() == [1.0, 0.0]
    assert run.policies[1].probabilities[0].tolist() == [0.0, 1.0]
    assert run.measures.performance == pytest.approx([2.0, 1.0])
    assert run.measures.regret == pytest.approx([1.0, 0.0])
    assert run.measures.expert_performance == pytest.approx(1.0)
    assert run.measures.coverage == pytest.approx(2.0)
    assert run.measures.kl.played == pytest.approx([math.log(2), 0.0])


@pytest.mark.parametrize("sense", ["cost", "reward"])
def test_plain_functions_serve_as_parts(sense):
    """What each part receives: the state it returned, data of the model and policy played."""
    world = random_world(0, sense=sense)
    nu, seen, models = covering(world), [], random_models(world, 3)

    def fit(state, data, rng):
        seen.append((state, data))
        return (0 if state is None else state) + 1, models[len(seen) - 1]

    run = model_based(
        world, nu, first=uniform_model(world), fit_model=fit,
        compute_policy=PolicyIteration(nu), rounds=3, candidates=models,
    )  # fmt: skip
    assert [state for state, _ in seen] == [None, 1, 2] and run.learner == 3
    for t, (_, data) in enumerate(seen):
        assert data.model is run.models[t] and data.policy is run.policies[t]
        V = value(run.models[t], run.policies[t]) * (1 if sense == "cost" else -1)
        assert pytest.approx(V) == data.V
    assert [M is N for M, N in zip(run.models[1:], models, strict=True)] == [True] * 3


def test_every_round_draws_anew():
    """The same policy in two rounds meets other data; so does the same round with another seed."""
    world = random_world(0)
    nu, seen = covering(world), []

    def fit(state, data, rng):
        seen.append((data.joint, rng.random()))
        return state, data.model

    for seed in (0, 1):
        model_based(
            world, nu, first=world, fit_model=fit, compute_policy=PolicyIteration(nu),
            rounds=2, samples=50, seed=seed,
        )  # fmt: skip
    assert len({joint.tobytes() for joint, _ in seen}) == 4
    assert len({number for _, number in seen}) == 4


def test_work_is_counted_by_round():
    world = random_world(0)
    nu = covering(world)
    run = lamps(world, nu, rounds=3, samples=10, search=NRPI(nu, rounds=4))
    assert run.work == sum(run.works, Work()) and len(run.works) == 3
    assert run.work.linear_solves == 4 * 4 and run.work.solver_calls == 4
    assert run.work.backups == 4 * 4 * world.S * world.A
    assert run.works[0].linear_solves == 8 and run.works[1].linear_solves == 4
    assert all(work.environment_steps >= 10 for work in run.works)
    assert lamps(world, nu, rounds=3).work.environment_steps == 0


def test_no_rounds():
    run = lamps(random_world(0), covering(random_world(0)), rounds=0)
    assert run.rounds == 0 and len(run.policies) == 1 and run.work == Work()
    assert run.measures.kl.regret == run.measures.kl.eps_model == 0
    with pytest.raises(InvalidArgument, match="no rounds"):
        lamps_bound(run)


def test_an_exact_world_is_cast():
    world = MDP([[[0, 1]], [["1/3", "2/3"]]], [[1], [0]], "1/2", [1, 0])
    run = lamps(world, [["1/2"], ["1/2"]], rounds=2)
    assert run.world.P.dtype == np.float64 and run.nu.dtype == np.float64
    assert all(M.P.dtype == np.float64 for M in run.models)


def test_an_uncovered_expert_makes_the_bound_void():
    """nu never visits the action that the expert takes: C is infinite, and no bound is claimed."""
    world = two_states()
    nu = np.array([[0.5, 0.0], [0.25, 0.25]])
    run = lamps(world, nu, rounds=3)
    assert run.measures.coverage == math.inf and run.measures.state_coverage < math.inf
    for bound in (lamps_bound(run), lamps_mm_bound(run), sysid_bound(run)):
        assert bound.void == "nu does not cover the expert: C is infinite"
        assert bound.value == math.inf and bound.vacuous and bound.holds is None


def test_infinite_divergences_are_no_nan():
    """A class of which one model lacks the support: its losses are infinite, the best one's not."""
    world = two_states()
    P = np.array(world.P)
    P[0, 1] = [1.0, 0.0]
    models = [world.with_transitions(P), world.with_transitions(world.P)]
    with pytest.warns(InfiniteLoss):
        run = lamps(world, np.full((2, 2), 0.25), models, rounds=3)
    kl = run.measures.kl
    assert (
        kl.played.tolist() == [math.inf, 0.0, 0.0] and kl.eps_model == 0 and kl.regret == math.inf
    )
    assert lamps_bound(run).void.startswith("a model of the run excludes")
    assert lamps_mm_bound(run).holds
    assert not any(np.isnan(array).any() for array in arrays(run.measures))
    with pytest.warns(InfiniteLoss), pytest.raises(Undefined):
        lamps(world, np.full((2, 2), 0.25), models[:1], rounds=1)


def test_a_class_without_the_support_has_infinite_regret_not_nan():
    """Moments do not mind a missing successor; the divergences are infinite for every model."""
    world = two_states()
    P = np.array(world.P)
    P[0, 1] = [1.0, 0.0]
    run = lamps_mm(world, np.full((2, 2), 0.25), [world.with_transitions(P)], rounds=2)
    assert run.measures.kl.regret == run.measures.kl.eps_model == math.inf
    assert run.measures.moment.regret == pytest.approx(0, abs=1e-12)
    assert lamps_bound(run).void and lamps_mm_bound(run).holds


WORLD = two_states()
NU = np.full((2, 2), 0.25)
OTHER = random_world(0)
COSTLIER = MDP(WORLD.P, 2 * WORLD.payoff, 0.5, [1.0, 0.0])


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: lamps(WORLD, NU, [], rounds=1), "models is empty, expected at least one"),
        (lambda: lamps_mm(WORLD, NU, [], rounds=1), "models is empty"),
        (lambda: lamps(WORLD, NU, [WORLD, OTHER], rounds=1), r"models\[1\].P has shape \(4"),
        (lambda: lamps(WORLD, NU, [COSTLIER], rounds=1), r"models\[0\].payoff is not the world's"),
        (lambda: lamps(WORLD, NU, [3], rounds=1), r"models\[0\] is a int"),
        (lambda: lamps(WORLD, NU / 2, rounds=1), r"nu sums to 0.5, expected 1"),
        (lambda: lamps(WORLD, -NU, rounds=1), r"nu\[0\] is -0.25"),
        (lambda: lamps(WORLD, NU[0], rounds=1), r"nu has shape \(2,\), expected \(S, A\)"),
        (lambda: lamps(WORLD, NU, rounds=-1), "rounds is -1, expected an integer of at least 0"),
        (lambda: lamps_mm(WORLD, NU, [WORLD], rounds=-1), "rounds is -1"),
        (lambda: lamps(WORLD, NU, rounds=2.0), "rounds is 2.0"),
        (lambda: lamps(WORLD, NU, rounds=1, samples=0), "samples is 0"),
        (lambda: lamps(WORLD, NU, rounds=1, seed=-1), "seed is -1"),
        (lambda: lamps(WORLD, NU, rounds=1, seed=1.5), "seed is 1.5"),
        (lambda: lamps(WORLD, NU, rounds=1, smoothing=-1.0), "smoothing is -1.0"),
        (lambda: lamps_mm(WORLD, NU, rounds=1, form="ninth"), "form is 'ninth'"),
        (lambda: lamps(WORLD, NU, rounds=1, expert=Policy(np.eye(3))), r"expert has shape \(3"),
        (lambda: lamps(3, NU, rounds=1), "world is a int, expected an MDP"),
        (lambda: lamps_bound(lamps(WORLD, NU, rounds=1), "printed"), "form is 'printed'"),
        (
            lambda: model_based(
                WORLD, NU, first=WORLD, fit_model=Counts(), rounds=1,
                compute_policy=lambda M, rng: optimal_policy(M),
            ),
            "compute_policy returned a Policy, expected a Computed",
        ),
    ],
)  # fmt: skip
def test_bad_input(call, said):
    with pytest.raises((InvalidArgument, ModelError), match=said) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_a_batch_of_worlds_is_refused():
    batch = MDP(np.stack([WORLD.P] * 2), np.stack([WORLD.payoff] * 2), 0.5, [[1.0, 0.0]] * 2)
    with pytest.raises(InvalidArgument, match="run worlds one by one"):
        lamps(batch, NU, rounds=1)
