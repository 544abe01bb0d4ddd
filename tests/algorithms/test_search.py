"""ComputePolicy: eps_po in its forms, NRPI against brute force and its bounds, planners, work."""

import math
from itertools import product

import numpy as np
import pytest

from theorylab.algorithms.disadvantage import disadvantage
from theorylab.algorithms.planners import PolicyIteration, ValueIteration
from theorylab.algorithms.rollouts import rollout_costs
from theorylab.algorithms.search import NRPI, classifier_regret_bound
from theorylab.algorithms.work import Work
from theorylab.errors import InvalidArgument
from theorylab.theory.planning import optimal_policy, optimal_value
from theorylab.theory.tabular import action_value, performance, value
from theorylab.worlds import MDP, Policy

from .worlds import covering, random_policy, random_world, two_states

RNG = np.random.default_rng(0)


def every_deterministic(world):
    """All A^S deterministic policies."""
    eye = np.eye(world.A)
    return tuple(Policy(eye[list(a)]) for a in product(range(world.A), repeat=world.S))


def test_disadvantage_by_hand():
    """two_states at discount 1/2, staying in state 0: V(0) = 2, Q(0, 1) = 1; nu on state 0."""
    world = two_states()
    stay = Policy(np.array([[1.0, 0.0], [1.0, 0.0]]))
    nu = np.array([[0.25, 0.75], [0.0, 0.0]])
    found = disadvantage(world, stay, nu)
    assert (found.printed, found.positive, found.best_action) == (0.75, 0.75, 1.0)
    go = Policy(np.array([[0.0, 1.0], [1.0, 0.0]]))
    found = disadvantage(world, go, nu)  # V(0) = 1, Q(0, 0) = 3/2
    assert (found.printed, found.positive, found.best_action) == (-0.125, 0.0, 0.0)


@pytest.mark.parametrize("sense", ["cost", "reward"])
@pytest.mark.parametrize("seed", range(4))
def test_disadvantage_forms(seed, sense):
    """best_action is never negative, and 0 for an optimal policy; printed <= positive, best_action;
    a reward is minus a cost."""
    world, nu = random_world(seed, sense=sense), covering(random_world(seed))
    pi = random_policy(world, seed)
    found = disadvantage(world, pi, nu)
    assert found.printed <= min(found.positive, found.best_action) + 1e-12
    assert found.best_action > 0 and found.positive > 0
    assert disadvantage(world, optimal_policy(world), nu).best_action == pytest.approx(0, abs=1e-12)
    other = "reward" if sense == "cost" else "cost"
    mirrored = MDP(world.P, -world.payoff, world.gamma, world.start, other)
    assert disadvantage(mirrored, pi, nu).printed == pytest.approx(found.printed)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("learner", ["leader", "hedge"])
@pytest.mark.parametrize("finite", [False, True])
def test_nrpi_reaches_its_bound(seed, learner, finite):
    """The best iterate's (8) is at most the classifier's regret, Hedge's at most its bound. A class
    that holds every deterministic policy holds one no worse than nu(.|s)."""
    world = random_world(seed, S=3, A=2)
    nu = covering(world)
    policies = every_deterministic(world) if finite else None
    found = NRPI(nu, rounds=30, policies=policies, learner=learner)(world, RNG)
    assert found.disadvantage.printed <= found.classifier_regret + 1e-12
    assert found.disadvantage == disadvantage(world, found.policy, nu)
    if learner == "hedge":
        bound = classifier_regret_bound(world, 30, len(policies) if finite else None)
        assert found.classifier_regret <= bound + 1e-12


def test_the_regret_bound_falls_like_one_over_root_n():
    world = two_states()
    assert classifier_regret_bound(world, 8) == pytest.approx(2 * math.sqrt(math.log(2) / 16))
    assert classifier_regret_bound(world, 32) == pytest.approx(
        classifier_regret_bound(world, 8) / 2
    )


@pytest.mark.parametrize("seed", range(5))
def test_nrpi_with_a_leader_by_brute_force(seed):
    """Each iterate over the finite class of all deterministic policies minimises the total cost on
    nu's states of all Q so far; the tabular leader does the same state by state."""
    world = random_world(seed, S=3, A=2)
    nu = covering(world)
    policies = every_deterministic(world)
    total, pi = np.zeros((3, 2)), policies[0]
    for _ in range(4):
        total = total + nu.sum(-1)[:, None] * action_value(world, pi)
        pi = min(policies, key=lambda p: (p.probabilities * total).sum())
    found = NRPI(nu, rounds=5, policies=policies, returned="last")(world, RNG)
    assert (found.policy.probabilities == pi.probabilities).all()


@pytest.mark.parametrize("seed", range(5))
def test_tabular_nrpi_finds_the_optimum_where_nu_covers(seed):
    """Follow-the-Leader on exact Q, by best action: zero after enough rounds, and J is optimal."""
    world = random_world(seed)
    found = NRPI(covering(world), rounds=200, form="best_action", target=1e-9)(world, RNG)
    assert found.reached and found.iterates < 200
    assert performance(world, found.policy) == pytest.approx(
        performance(world, optimal_policy(world))
    )


def test_nrpi_starts_from_the_exploration_policy_and_never_looks_elsewhere():
    """nu on state 0 alone: state 1 keeps action 0 though 1 is cheaper; S A is not paid for."""
    world = MDP([[[1.0, 0.0], [0.0, 1.0]], [[0.0, 1.0], [1.0, 0.0]]], [[1, 1], [1, 0]], 0.5, [1, 0])
    nu = np.array([[0.5, 0.5], [0.0, 0.0]])
    one = NRPI(nu, rounds=1)(world, RNG)
    assert one.policy.probabilities.tolist() == [[0.5, 0.5], [0.5, 0.5]]
    more = NRPI(nu, rounds=6)(world, RNG)
    assert more.policy.probabilities[1].tolist() in ([0.5, 0.5], [1.0, 0.0])
    assert more.work == Work(backups=6 * 2, linear_solves=6, solver_calls=1)


def test_the_least_printed_form_need_not_be_the_best_policy():
    """(8) is signed: of all policies, the one that makes it least is not the optimal one."""
    world = random_world(37, S=3, A=2)
    nu, best = covering(world), optimal_policy(world)
    errors = [disadvantage(world, pi, nu) for pi in every_deterministic(world)]
    least = every_deterministic(world)[int(np.argmin([error.printed for error in errors]))]
    assert disadvantage(world, least, nu).printed < disadvantage(world, best, nu).printed - 1e-3
    assert performance(world, least) > performance(world, best) + 0.05


def test_a_target_stops_the_search():
    world = random_world(1)
    nu = covering(world)
    found = NRPI(nu, rounds=50, form="best_action", target=10.0)(world, RNG)
    assert found.iterates == 1 and found.reached
    hard = NRPI(nu, rounds=3, form="best_action", target=-1.0)(world, RNG)
    assert hard.iterates == 3 and not hard.reached


@pytest.mark.parametrize("returned", ["last", "average", "drawn"])
def test_nrpi_by_rollouts(returned):
    """Many rollouts: nearly optimal; its model steps are counted, its eps_po is exact."""
    world = random_world(1)
    nu = covering(world)
    search = NRPI(nu, rounds=8, samples=3_000, returned=returned)
    found = search(world, np.random.default_rng(5))
    again = search(world, np.random.default_rng(5))
    assert found.policy.probabilities.tobytes() == again.policy.probabilities.tobytes()
    assert found.disadvantage == disadvantage(world, found.policy, nu)
    assert found.work.linear_solves == found.work.backups == 0
    assert found.work.model_steps > 8 * 3_000 * 0.7 * world.gamma / (1 - world.gamma)
    if returned == "last":
        assert found.disadvantage.best_action < 0.05


def test_rollouts_of_rewards_are_made_large():
    world = random_world(1, sense="reward")
    search = NRPI(covering(world), rounds=8, samples=3_000, returned="last")
    assert search(world, np.random.default_rng(5)).disadvantage.best_action < 0.05


@pytest.mark.parametrize("finite", [False, True])
def test_hedge_as_classifier_by_hand(finite):
    """Uniform first, then exp(-rate Q), in each state or over the class, at the rate for N = 2."""
    world = random_world(3, S=3, A=2)
    nu, policies = covering(world), every_deterministic(world)
    first = Policy(np.full((3, 2), 0.5))
    Q = action_value(world, first)
    span = (world.payoff.max() - world.payoff.min()) / (1 - world.gamma)
    if finite:
        stack = np.stack([pi.probabilities for pi in policies])
        costs = (stack * nu.sum(-1)[:, None] * Q).sum((1, 2))
        shares = np.exp(-math.sqrt(8 * math.log(8) / 2) / span * costs)
        expected = (shares[:, None, None] * stack).sum(0) / shares.sum()
    else:
        weights = np.exp(-math.sqrt(8 * math.log(2) / 2) / span * Q)
        expected = weights / weights.sum(-1, keepdims=True)
    search = NRPI(nu, 2, policies if finite else None, learner="hedge", returned="last")
    assert search(world, RNG).policy.probabilities == pytest.approx(expected)


def test_the_average_mixes_the_iterates():
    world = random_world(3, S=3, A=2)
    nu = covering(world)
    two = [NRPI(nu, rounds=n, returned="last")(world, RNG).policy.probabilities for n in (1, 2)]
    found = NRPI(nu, rounds=2, returned="average")(world, RNG)
    assert found.policy.probabilities == pytest.approx((two[0] + two[1]) / 2)


def test_rollouts_are_unbiased_and_count_their_steps():
    world = random_world(2)
    pi, nu = random_policy(world, 0), covering(world)
    table, steps = rollout_costs(world, pi, nu, 200_000, np.random.default_rng(0))
    expected = nu.sum(-1)[:, None] * action_value(world, pi)
    assert table == pytest.approx(expected, rel=0.06)
    assert steps == pytest.approx(200_000 * world.gamma / (1 - world.gamma), rel=0.02)


@pytest.mark.parametrize("sense", ["cost", "reward"])
@pytest.mark.parametrize("seed", range(4))
def test_planners_are_optimal(seed, sense):
    world = random_world(seed, sense=sense)
    nu = covering(world)
    best = optimal_value(world)
    for planner in (PolicyIteration(nu), ValueIteration(nu), NRPI(nu, 100, form="best_action")):
        found = planner(world, RNG)
        assert value(world, found.policy) == pytest.approx(best, abs=1e-7)
        assert found.disadvantage.best_action == pytest.approx(0, abs=1e-7)
        assert found.disadvantage.printed <= 1e-7


def test_the_planners_work_by_hand():
    """two_states from action 0: two policies are evaluated, four backups each."""
    nu = covering(two_states())
    found = PolicyIteration(nu)(two_states(), RNG)
    assert found.work == Work(backups=8, linear_solves=2, solver_calls=1) and found.iterates == 2
    sweeps = ValueIteration(nu)(two_states(), RNG)
    assert sweeps.work == Work(backups=4 * (sweeps.iterates + 1), solver_calls=1)


def test_work_adds_up():
    total = Work(1, 2, 3, 4, 5) + Work(10, 20, 30, 40, 50)
    assert total == Work(11, 22, 33, 44, 55)


NU = np.full((2, 2), 0.25)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: NRPI(NU, rounds=0), "NRPI.rounds is 0"),
        (lambda: NRPI(NU, policies=()), "NRPI.policies is empty"),
        (lambda: NRPI(NU, samples=0, returned="last"), "NRPI.samples is 0"),
        (lambda: NRPI(NU, samples=5), "eps_po is known with exact Q only"),
        (lambda: NRPI(NU, samples=5, returned="last", target=0.1), "with exact Q only"),
        (
            lambda: NRPI(NU, policies=(Policy(np.eye(3)),))(two_states(), RNG),
            r"policies\[0\] has shape",
        ),
        (lambda: NRPI(NU, policies=(3,))(two_states(), RNG), r"policies\[0\] is a int"),
        (lambda: NRPI(NU / 2)(two_states(), RNG), "nu sums to 0.5, expected 1"),
        (lambda: NRPI(NU[:1])(two_states(), RNG), r"nu has shape \(1, 2\)"),
        (lambda: PolicyIteration(2 * NU)(two_states(), RNG), "nu sums to 2"),
        (lambda: ValueIteration(NU[0])(two_states(), RNG), r"nu has shape \(2,\)"),
        (lambda: classifier_regret_bound(two_states(), 0), "rounds is 0"),
    ],
)
def test_bad_input(call, said):
    with pytest.raises(InvalidArgument, match=said):
        call()
