"""Three refuted statements of LAMPS and their corrections, by hand in plain fractions."""

from tests.oracle import dot as mean
from tests.verification.lamps import CLAIMS, LAMPS, refuted, tables
from theorylab.engines import BUDGETS
from theorylab.engines.judging import rigorous
from theorylab.errors import VoidBound
from theorylab.worlds.io import decode


def one_state(found):
    """gamma, costs, policies and nu of a counterexample with one state, where P is 1."""
    instance = tables(found.instance)
    M = instance["M"]
    assert M["P"] == [[[1]] * len(M["payoff"][0])] and M["start"] == [1]
    drawn = {k: v.get("probabilities", v.get("entries")) for k, v in instance.items()}
    return M["gamma"], M["payoff"][0], {k: v[0] for k, v in drawn.items() if v is not None}


def values(gamma, costs, policies):
    """J of both policies, and the disadvantages V - Q(a) of pi_hat, with one state."""
    learned, expert = (mean(policies[k], costs) / (1 - gamma) for k in ("pi_hat", "pi_star"))
    return learned, expert, [learned - (c + gamma * learned) for c in costs]


def test_section_3_q_by_hand():
    """With one state V = c / (1 - gamma), and Q as printed averages to c + V, not to V."""
    found = refuted("action_value_as_printed")
    gamma, costs, policies = one_state(found)
    value = mean(policies["pi"], costs) / (1 - gamma)
    printed = mean(policies["pi"], [c + value for c in costs])
    assert value != printed
    assert (found.lhs, found.rhs) == (f"['{value}']", f"['{printed}']")


def test_corollary_5_1_by_hand():
    """With one state both models agree, and (8) under nu says nothing of the expert's actions."""
    found = refuted("pdam_bound")
    gamma, costs, policies = one_state(found)
    learned, expert, disadvantages = values(gamma, costs, policies)
    eps_po = mean(policies["nu"], disadvantages)
    assert (1 - gamma) * (learned - expert) > eps_po
    assert (found.lhs, found.rhs) == (str((1 - gamma) * (learned - expert)), str(eps_po))


def test_corollary_a_2_by_hand():
    """With one state only the disadvantage under nu is left, times C / (1 - gamma): too small."""
    found = refuted("pdam_exploration")
    gamma, costs, policies = one_state(found)
    learned, expert, disadvantages = values(gamma, costs, policies)
    pairs = [(d, n) for d, n in zip(policies["pi_star"], policies["nu"], strict=True) if d]
    bound = max(d / n for d, n in pairs) / (1 - gamma) * mean(policies["nu"], disadvantages)
    assert learned - expert > bound
    assert (found.lhs, found.rhs) == (str(learned - expert), str(bound))


def broken_links(claim, instance):
    """The links that fail there; none where the bound is infinite."""
    try:
        return rigorous(BUDGETS["quick"])(claim, instance).broken()
    except VoidBound:
        return []


def test_the_corrections_hold_where_the_printed_ones_fall():
    """At these counterexamples the corrected forms hold; an infinite C makes no false bound."""
    for printed in ("pdam_bound", "pdam_exploration", "action_value_as_printed"):
        found = refuted(printed)
        instance = {key: decode(data, key) for key, data in found.instance.items()}
        corrections = [c for c in LAMPS.claims if c.corrects == printed]
        same = [c for c in corrections if c.parameters == CLAIMS[printed].parameters]
        assert same
        assert [broken_links(c, instance) for c in same] == [[]] * len(same)


def test_the_proof_of_corollary_a_2_breaks_at_importance_sampling():
    """The first lines of the proof hold; the last, "by importance sampling", does not."""
    found = refuted("pdam_exploration_proof")
    assert (found.link, found.because) == (2, "importance sampling")
