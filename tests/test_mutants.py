"""Mutants: a claim is worth what its mutants cost."""

from pathlib import Path

import pytest

from theorylab import MDP, Model, Policy, at_most, claim, equal
from theorylab.engines.mutation import fates, findings, tally
from theorylab.loading import load
from theorylab.mutants import mutants
from theorylab.notation import D, E, J, V, l1_norm, sup_norm

LAMPS = load(Path(__file__).parent.parent / "verification" / "lamps")
IDENTITIES = [
    c
    for c in LAMPS.claims
    if c.name
    in {
        "value_recursion", "action_value_corrected", "occupancy_from_steps", "occupancy_flow",
        "performance_through_occupancy", "pdpm", "pdam", "simulation", "simulation_recurrence",
        "simulation_unrolled", "pdpm_restated", "pdpm_proof", "pdam_restated", "pdam_first_step",
        "pdam_recurrence", "pdam_unrolled", "pdam_recurrence_solved",
    }
]  # fmt: skip


DECIDED = {
    ("pdam_first_step", "V(M, pi_star) -> V(M_hat, pi_star)"): "(12) holds for any function there",
    ("pdam_first_step", "V(M, pi_star) -> V(M, pi_hat)"): "(12) holds for any function there",
}
"""Surviving mutants that were looked at: true statements, with the reason."""


@claim("simulation lemma")
def simulation(M: MDP, M_hat: Model, pi: Policy):
    gamma, V_hat = M.gamma, V(M_hat, pi)
    gap = E(D(M, pi), M.P @ V_hat - M_hat.P @ V_hat)
    return equal(J(M, pi) - J(M_hat, pi), gamma / (1 - gamma) * gap)


@claim("a check that ignores the model")
def idle_model(M: MDP, M_hat: Model, pi: Policy):
    return equal(J(M, pi) + 0 * V(M_hat, pi)[0], E(M.start, V(M, pi)))


@claim("simulation gap with its loose constant")
def loose(M: MDP, M_hat: Model, pi: Policy):
    distance = l1_norm(M.P - M_hat.P)
    norm = sup_norm(V(M_hat, pi))
    bound = M.gamma / (1 - M.gamma) * norm * E(D(M, pi), distance)
    return at_most(J(M, pi) - J(M_hat, pi), bound)


@pytest.mark.parametrize("claim", IDENTITIES, ids=lambda c: c.name)
def test_every_mutant_of_an_identity_dies(claim):
    """No changed factor, sign, index or argument of LAMPS' identities goes unnoticed."""
    found = fates(claim)
    assert tally(found)["killed"] >= 3
    open_findings = [f.mutant.change for f in findings(found)]
    assert [c for c in open_findings if (claim.name, c) not in DECIDED] == []


def test_the_identities_are_all_there():
    """The list above names claims that exist."""
    assert len(IDENTITIES) == 17


def test_an_idle_part_is_found_out():
    """A part of a check that does nothing leaves mutants that are no other claim."""
    assert tally(fates(idle_model))["equivalent"] >= 1


def test_mutants_change_one_thing_and_say_what():
    """Each diff is one line that names the change, and no mutant stands twice."""
    diffs = [m.diff for m in mutants(simulation)]
    assert len(diffs) >= 15
    assert all("\n" not in d and d.startswith("line ") for d in diffs)
    assert any("drop divisor 1 - gamma" in d for d in diffs)
    assert any("D(M, pi) -> D(M_hat, pi)" in d for d in diffs)


def test_killed_mutants_carry_their_instance():
    """A mutant killed by an engine comes with the exact instance that breaks it."""
    killed = [f for f in fates(simulation) if f.fate == "killed"]
    assert killed
    assert all(f.counterexample is not None for f in killed)


def test_a_loose_bound_is_found_sharper():
    """The simulation gap with constant 1 survives a bound 1 % tighter: a finding, not a pass."""
    sharper = [f.mutant.change for f in fates(loose) if f.fate == "sharper"]
    assert "tighten the bound by 1 %" in sharper
