"""What the text says of Figure 1, by hand in plain fractions: where it falls and stands."""

from fractions import Fraction

from tests.verification.lamps import CLAIMS, refuted


def children(s):
    return (2 * s + 1, 2 * s + 2)


def visits(depth, gamma):
    """The discounted weight of each state above the leaves under a policy that always takes l."""
    weights, s = {}, 0
    for h in range(depth):
        weights[s] = (1 - gamma) * gamma**h
        s = children(s)[0]
    return weights


def errors(depth, gamma):
    """(M_bad, M_good): rows of deterministic models that differ are 2 apart."""
    weights = visits(depth, gamma)
    return 2 * weights[0], 2 * sum(w for s, w in weights.items() if s)


def test_prediction_error_under_visits_falls():
    """With two steps M_bad's error 2(1-gamma) is above M_good's 2(1-gamma)gamma for every gamma."""
    found = refuted("smaller_error_visited")
    assert found.sizes["depth"] == 2
    gamma = Fraction(found.instance["gamma"]["value"])
    bad, good = errors(2, gamma)
    assert bad > good
    assert (bad, good) == tuple(Fraction(str(side)) for side in (found.lhs, found.rhs))


def test_prediction_error_under_visits_needs_a_long_horizon():
    """H = 3: the sign changes at gamma^2 + gamma = 1, about 0.618."""
    for gamma, smaller in ((Fraction(61, 100), False), (Fraction(62, 100), True)):
        bad, good = errors(3, gamma)
        assert (bad < good) is smaller
    assert all(errors(H, Fraction(2, 3))[0] < errors(H, Fraction(2, 3))[1] for H in range(3, 9))


def test_value_moment_loss_falls_where_mistakes_predict_b():
    """Below A all but B are worth one value, so each mistake costs 1 - eps: M_good pays more."""
    found = refuted("smaller_value_loss_with_any_mistakes")
    assert found.sizes["depth"] == 3
    gamma, eps = (Fraction(found.instance[key]["value"]) for key in ("gamma", "eps"))
    lost = {s: w * (1 - eps) for s, w in visits(3, gamma).items()}
    good, bad = sum(w for s, w in lost.items() if s), lost[0]
    assert good > bad
    assert (good, bad) == tuple(Fraction(str(side)) for side in (found.lhs, found.rhs))


def test_operations_by_hand():
    """Three steps: 2 + 4 + 8 pairs; along the expert's path 2 (1 + 2 + 3) queries."""
    (planning, _, disadvantage) = CLAIMS["operations_counted"].function(3, Fraction(1)).links
    assert planning.lhs == 14 == 2 + 4 + 8
    assert disadvantage.lhs == 12 == 2 * (1 + 2 + 3)
