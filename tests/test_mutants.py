"""Mutants: a claim is worth what its mutants cost."""

import json
from dataclasses import replace
from textwrap import dedent

import pytest

from theorylab import (
    MDP,
    Integer,
    Model,
    Policy,
    StateActionDistribution,
    StateDistribution,
    almost_surely,
    assume,
    at_least,
    at_most,
    chain,
    claim,
    draw,
    equal,
    in_expectation,
)
from theorylab.arithmetic import inf, sqrt
from theorylab.cli import main
from theorylab.engines.budget import BUDGETS
from theorylab.engines.compared import Witness, differs
from theorylab.engines.mutation import (
    Bench,
    Fate,
    decision,
    fates,
    findings,
    simplified,
    tally,
)
from theorylab.loading import load
from theorylab.mutants import mutants
from theorylab.notation import D, D_at, E, J, Q, V, coverage, l1_norm, positive, sup_norm
from theorylab.report.mutant_ledger import (
    entry,
    mutants_path,
    read_mutants,
    replay,
)

BUDGET = BUDGETS["quick"]


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


@claim("the recursion with a discount too many")
def twice_discounted(M: MDP, pi: Policy):
    return equal(V(M, pi), E(pi, M.c + M.gamma * M.gamma * (M.P @ V(M, pi))))


@claim("a proof whose middle line changes both links")
def middle(M: MDP, pi: Policy, other: Policy):
    return chain(J(M, pi)).equal(E(M.start, V(M, pi)), "J").equal(E(M.start, E(pi, Q(M, pi))), "Q")


@claim("one of everything")
def rich(M: MDP, pi: Policy, pi_b: Policy, nu: StateActionDistribution, n: Integer(1, 2)):
    assume(at_least(M.gamma, 0), "a discount")
    first = sum(M.gamma**h * E(D_at(M, pi, h), M.c) for h in range(n))
    C = coverage(D(M, pi), nu)
    best = inf(Q(M, pi), 1)[0]
    rest = sqrt(M.gamma) * -E(nu, positive(M.c)) + M.c.sum() / 2
    return chain(first).at_most(C + best + rest + J(M, pi_b), "no theorem")


EXPECTED = [
    "drop assume(at_least(M.gamma, 0), 'a discount')",
    "drop factor M.gamma ** h of M.gamma ** h * E(D_at(M, pi, h), M.c)",
    "power h + 1 in M.gamma ** h",
    "sum -> mean in M.c.sum()",
    "step + 1 of D_at(M, pi, h)",
    "step - 1 of D_at(M, pi, h)",
    "end one late in range(n)",
    "begin one late in range(n)",
    "D(M, pi) -> nu in coverage(D(M, pi), nu)",
    "nu -> D_at(M, pi, h) in E(nu, positive(M.c))",
    "pi -> pi_b in Q(M, pi)",
    "pi_b -> pi in J(M, pi_b)",
    "inf -> sup in inf(Q(M, pi), 1)",
    "index + 1 of inf(Q(M, pi), 1)[0]",
    "drop sqrt of M.gamma",
    "drop positive of M.c",
    "sign of -E(nu, positive(M.c))",
    "drop term best of C + best",
    "sign before best in C + best",
    "2 -> 3",
    "drop divisor 2 of M.c.sum() / 2",
    "turn line 'no theorem' round",
    "tighten line 'no theorem' by 1 %",
    "turn the relation round",
]


@pytest.mark.parametrize("change", EXPECTED)
def test_each_operator_changes_its_place(change):
    """Every operator of the list finds the place made for it."""
    assert change in [m.change for m in mutants(rich)]


def test_factors_are_dropped_and_doubled():
    """gamma / (1 - gamma): without either, with either twice, with the quotient turned."""
    changes = {m.change for m in mutants(simulation)}
    assert changes >= {
        "drop factor gamma of gamma / (1 - gamma)",
        "drop divisor 1 - gamma of gamma / (1 - gamma)",
        "double divisor 1 - gamma of gamma / (1 - gamma)",
        "double factor gamma / (1 - gamma) of gamma / (1 - gamma) * gap",
        "times 1 - gamma for over it in gamma / (1 - gamma)",
    }


def test_shared_fields_are_not_swapped():
    """A model has its MDP's discount: swapping the two there is no mutant."""
    swaps = [m.change for m in mutants(simulation) if m.change.startswith(("M.", "M_hat."))]
    assert sorted(swaps) == ["M.P -> M_hat.P", "M_hat.P -> M.P"]


def both_sides(M, pi):
    """Two values, the second one larger."""
    return J(M, pi), J(M, pi) + 1


@claim("both sides from a helper")
def unpacked(M: MDP, pi: Policy):
    return at_most(*both_sides(M, pi))


def test_sides_that_a_helper_returns_are_turned_round():
    """at_most(*pair) has a turned mutant, which falls; which side to tighten is not written."""
    found = {f.mutant.change: f.fate for f in fates(unpacked)}
    assert found["turn the relation round"] == "killed"
    assert "tighten the bound by 1 %" not in found


@claim("a table that the claim fills itself")
def filled(M: MDP, pi: Policy):
    values = [M.gamma * entry for entry in V(M, pi)]
    values[0] = V(M, pi)[0]
    return equal(values[0], V(M, pi)[0])


def test_an_entry_that_is_assigned_moves_too():
    """`values[0] = ...` is no expression that is read: its mutant assigns the next entry."""
    fate = fate_of(filled, "index + 1 of values[0]")
    assert (fate.fate, fate.witness.sizes["S"]) == ("killed", 2)


def test_mutants_change_one_thing_and_say_what():
    """Each diff is one line that names the change; no mutant and no key stands twice."""
    found = list(mutants(simulation))
    assert len(found) >= 15
    assert all("\n" not in m.diff and m.diff.startswith("line ") for m in found)
    assert len({m.key for m in found}) == len(found)


def fate_of(subject, change):
    """The fate of the one mutant with these words."""
    chosen = next(m for m in mutants(subject) if m.change == change)
    return Bench.of(subject, BUDGET, 0).fate(chosen)


# ---- fates -------------------------------------------------------------------------------------


def test_every_mutant_of_an_identity_dies_at_an_exact_instance():
    """Killed mutants carry the integers of an instance that breaks them."""
    found = fates(simulation)
    assert tally(found)["killed"] == len(found) >= 15
    assert all(f.witness is not None for f in found)


def test_an_idle_part_is_found_out():
    """A part of a check that does nothing leaves mutants that are the same claim, certified."""
    found = [f for f in fates(idle_model) if f.fate == "equivalent"]
    assert "M_hat -> M in V(M_hat, pi)" in {f.mutant.change for f in found}
    assert all(f.by == "certificate" for f in found)


def test_a_loose_bound_is_found_sharper_with_an_instance():
    """The simulation gap with constant 1 survives a bound 1 % tighter: a finding, not a pass."""
    sharper = fate_of(loose, "tighten the bound by 1 %")
    assert sharper.fate == "sharper" and findings([sharper]) == [sharper]
    there = differs(loose, sharper.mutant.claim, sharper.witness, BUDGET)
    assert there == {"tighter"}


@claim("a bound by a number alone")
def numeral(M: MDP, pi: Policy):
    return at_most((1 - M.gamma) * J(M, pi), 2)


def test_a_bound_by_a_number_alone_is_compared_in_lanes():
    """2 - |2| / 100 is one constant beside a thousand instances."""
    sharper = fate_of(numeral, "tighten the bound by 1 %")
    assert (sharper.fate, sharper.by) == ("sharper", "climb")


@claim("a bound that is a root")
def rooted(M: MDP, pi: Policy):
    return at_most((1 - M.gamma) * J(M, pi), sqrt(2 + M.gamma))


def test_bounds_that_are_irrational_are_compared_in_balls():
    """A root 1 % smaller is tighter, that of 3 + gamma looser: neither is a bare survivor."""
    changed = [fate_of(rooted, change) for change in ("tighten the bound by 1 %", "2 -> 3")]
    assert [f.fate for f in changed] == ["sharper", "implied"]
    assert differs(rooted, changed[1].mutant.claim, changed[1].witness, BUDGET) == {"looser"}


@claim("what is drawn is a probability")
def drawn(p: StateDistribution):
    return almost_surely(at_most(p[draw(p)], 3 * p.sum()))


@claim("its mean")
def drawn_mean(p: StateDistribution):
    return in_expectation(at_most(p[draw(p)], 3 * p.sum()))


@pytest.mark.parametrize("subject", [drawn, drawn_mean])
def test_claims_that_draw_are_compared_along_their_outcomes(subject):
    """Lanes do not draw: 2 is tighter than 3, and 4 looser, on each path of outcomes."""
    tighter, looser = (fate_of(subject, f"3 -> {bound}") for bound in (2, 4))
    assert (tighter.fate, looser.fate, looser.by) == ("sharper", "implied", "exact")
    assert differs(subject, tighter.mutant.claim, tighter.witness, BUDGET) == {"tighter"}


def test_other_outcomes_are_no_weaker_statement():
    """A draw from another law is another statement, whatever its sides are."""
    other = claim("other")(drawn_elsewhere)
    point = Witness({"S": 2}, (1, 2))
    assert differs(drawn, other, point, BUDGET) == {"other"}


def drawn_elsewhere(p: StateDistribution):
    return almost_surely(at_most(p[draw(p[::-1])], 3 * p.sum()))


@claim("a hypothesis on the sizes alone")
def shaped(M: MDP, pi: Policy, n: Integer(1, 2)):
    assume(at_most(n, M.S), "n <= S")
    return equal(n * E(M.start, V(M, pi)), n * J(M, pi))


def test_a_hypothesis_on_the_sizes_alone_is_one_for_all_instances():
    """n <= S - |S| / 100 holds in all of a batch or in none; it assumes more, so it is implied."""
    assert fate_of(shaped, "tighten the bound by 1 %").fate == "implied"


def test_a_bound_too_tight_from_three_states_on_is_killed():
    """l1 / S in place of l1 is true up to S = 2 (V >= 0 gives half): the climb finds S = 3."""
    mean = fate_of(loose, "sum -> mean in l1_norm(M.P - M_hat.P)")
    assert (mean.fate, mean.witness.sizes["S"]) == ("killed", 3)


def test_a_true_mutant_of_a_false_claim_is_a_repair():
    """Taking the second discount away repairs the recursion; any other change does not."""
    found = fates(twice_discounted)
    repairs = {f.mutant.change for f in found if f.fate == "repair"}
    assert (
        repairs
        == {
            "drop factor M.gamma of M.gamma * M.gamma * (M.P @ V(M, pi))",
            "drop factor M.gamma of M.gamma * M.gamma",
        }
        & {m.change for m in mutants(twice_discounted)}
        and repairs
    )
    assert all(f.open for f in found if f.fate == "repair")


def test_a_mutant_of_a_middle_line_says_which_link_broke():
    """A changed middle line breaks the link before it, or only the one after it."""
    links = [
        fate_of(middle, f"pi -> other in {at}").witness.link for at in ("J(M, pi)", "Q(M, pi)")
    ]
    assert links == [0, 1]
    assert fate_of(middle, "pi -> other in V(M, pi)").witness.link in (0, 1)


def test_a_mutant_without_a_formula_is_stillborn():
    """An index out of range tells nothing of the check, and is not counted as killed."""
    assert fate_of(idle_model, "index + 1 of V(M_hat, pi)[0]").fate == "stillborn"


def test_a_decision_closes_a_finding():
    """A glob on the change's words gives the reason; other findings stay open."""
    decided = replace(loose, decided={"tighten*": "registered as better"})
    tightened = next(m for m in mutants(decided) if m.change.startswith("tighten"))
    fate = Fate(tightened, "sharper", "climb")
    assert not fate.open and fate.decision == "registered as better"
    assert decision(loose, tightened.key) is None


def test_instances_are_simplified_to_zeros_and_ones():
    """One pass: each integer 0, or else 1, where the property is kept."""
    assert simplified((7, 0, 5, 9), lambda n: n[0] >= 3 and n[2] >= 1) == (7, 0, 1, 0)


# ---- a check weakened on purpose ---------------------------------------------------------------

WEAKENED = {
    "nothing is compared": ("J(M, pi) - J(M_hat, pi)", "0 * J(M, pi)", "gamma / (1 - gamma)", "0"),
    "a side with itself": ("M.P @ V_hat - M_hat.P @ V_hat", "M.P @ V_hat - M.P @ V_hat",
                           "J(M, pi) - J(M_hat, pi)", "J(M, pi) - J(M, pi)"),
    "the model on both sides": ("J(M, pi) - J(M_hat, pi)", "J(M_hat, pi) - J(M_hat, pi)",
                                "M.P @ V_hat - M_hat.P", "M_hat.P @ V_hat - M_hat.P"),
}  # fmt: skip

SOURCE = """
from theorylab import MDP, Model, Policy, claim, equal
from theorylab.notation import D, E, J, V

@claim("simulation lemma")
def simulation(M: MDP, M_hat: Model, pi: Policy):
    gamma, V_hat = M.gamma, V(M_hat, pi)
    gap = E(D(M, pi), M.P @ V_hat - M_hat.P @ V_hat)
    return equal(J(M, pi) - J(M_hat, pi), gamma / (1 - gamma) * gap)
"""


def loaded(tmp_path, source):
    """The one claim of a file with this source."""
    file = tmp_path / "lemma.py"
    file.write_text(dedent(source))
    return load(file).claims[0]


def test_the_strong_check_passes_its_own_replay(tmp_path):
    """The claim as it should be: its mutants die, and its ledger replays."""
    strong = loaded(tmp_path, SOURCE)
    found = fates(strong)
    assert tally(found)["killed"] == len(found)
    assert replay(strong, entry(strong, found)) == []


@pytest.mark.parametrize("how", WEAKENED)
def test_a_check_weakened_on_purpose_fails(tmp_path, how):
    """Weakened, the claim still holds; its mutants do not die, and its ledger does not replay."""
    strong = loaded(tmp_path, SOURCE)
    stored = entry(strong, fates(strong))
    old, new, also, other = WEAKENED[how]
    weak = loaded(tmp_path, SOURCE.replace(old, new).replace(also, other))
    alive = [f for f in fates(weak) if f.fate in ("equivalent", "survived")]
    assert len(alive) >= 3
    assert replay(weak, stored) == [f"{weak.id} is another statement: theorylab mutate --accept"]
    accepted = {**stored, "statement": weak.hash}  # even were the hash the same
    assert any("does not break there" in said for said in replay(weak, accepted))


# ---- the command -------------------------------------------------------------------------------


def test_the_command_prints_each_mutant_with_its_instance(tmp_path, capsys):
    """One line each: fate, line, change, engine and sizes; exit 0 when nothing is open."""
    loaded(tmp_path, SOURCE)
    assert main(["mutate", "simulation", str(tmp_path / "lemma.py"), "--verbose"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("lemma.simulation: ") and "killed" in out.splitlines()[0]
    assert "killed     line 7: M_hat -> M in V(M_hat, pi)  (exact, S=2 A=1, line 1)" in out
    assert "left  = " in out and "P[0]" in out


def test_the_command_accepts_and_writes_json(tmp_path, capsys):
    """--accept writes the ledger beside the file, --json the record; an open finding exits 1."""
    source = SOURCE.replace("equal", "at_most").replace("* gap", "* gap + gamma")
    subject = loaded(tmp_path, source)
    file = str(tmp_path / "lemma.py")
    assert main(["mutate", "simulation", file, "--accept", "--json", "-"]) == 1
    record = json.loads(capsys.readouterr().out)["claims"][0]
    assert record["id"] == "lemma.simulation" and record["open"] >= 1
    stored = read_mutants(mutants_path(tmp_path / "lemma.py", "lemma"))
    assert len(stored["lemma.simulation"]["mutants"]) == len(record["list"])
    assert all("has no decision" in said for said in replay(subject, stored["lemma.simulation"]))
