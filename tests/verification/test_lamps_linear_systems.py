"""LAMPS for linear systems: verdicts, and the refuted statements by hand in plain fractions."""

from fractions import Fraction

import pytest

from tests.verification.lamps import CLAIMS, LAMPS, refuted, tables
from theorylab import Outcome, verify
from theorylab.claims import evaluate
from theorylab.worlds import AffinePolicy, LinearQuadratic
from theorylab.worlds.io import decode

FALLS = ("linear_loss_as_printed", "linear_loss_with_noisy_data")
IDENTITIES = [
    "linear_performance_two_ways",
    "linear_simulation",
    "linear_pdpm",
    "linear_pdam",
    "linear_value_as_printed",
    "linear_value_with_noise",
    "riccati_completes_the_square",
    "discounted_linear_performance_two_ways",
    "discounted_linear_simulation",
    "discounted_linear_pdpm",
    "discounted_linear_pdam",
    "linear_loss_with_noisy_data_corrected",
]


@pytest.mark.parametrize("name", IDENTITIES)
def test_the_identities_are_certified(name):
    verdict = verify(CLAIMS[name], engines=["certificate"])
    assert verdict.outcome is Outcome.CERTIFIED and verdict.evidence[0].failure < 1e-20


@pytest.mark.parametrize("name", FALLS)
def test_what_is_false_falls_at_the_smallest_size(name):
    found = refuted(name)
    assert dict(found.sizes) == {"X": 1, "U": 1, "H": 1} and found.link == 0


def scalars(found):
    """The tables of a counterexample with one state, one control and one step, as numbers."""

    def number(table):
        while isinstance(table, list):
            table = table[0]
        return table

    instance = tables(found.instance)
    return {name: {k: number(v) for k, v in o.items()} for name, o in instance.items()}


def test_the_loss_of_appendix_c_by_hand():
    """One step, V_1(x) = P x^2 with P the final cost: |gap| is not its square."""
    found = refuted("linear_loss_as_printed")
    drawn = scalars(found)
    M, M_hat, pi = drawn["M"], drawn["M_hat"], drawn["pi"]
    x = M["mean"]
    u = pi["K"] * x + pi["k"]
    real, predicted = (S["A"] * x + S["B"] * u for S in (M, M_hat))
    gap = M["Q_final"] * (real**2 - predicted**2)
    assert abs(gap) != gap**2
    assert (found.lhs, found.rhs) == (str(abs(gap)), str(gap**2))


def test_noisy_data_by_hand():
    """The true system predicts the mean successor, another model a value that fits better."""
    found = refuted("linear_loss_with_noisy_data")
    drawn = scalars(found)
    M, M_hat = drawn["M"], drawn["M_hat"]
    x, u, w, P = M["mean"], M["r"], M["a"], M["Q_final"]
    y, y_hat = M["A"] * x + M["B"] * u, M_hat["A"] * x + M_hat["B"] * u

    def loss(z):
        return sum((P * (y + sign * w) ** 2 - P * z**2) ** 2 for sign in (1, -1)) / 2

    assert loss(y) > loss(y_hat)
    assert (found.lhs, found.rhs) == (str(loss(y)), str(loss(y_hat)))


@pytest.mark.parametrize("name", FALLS)
def test_the_correction_holds_where_the_print_falls(name):
    found = refuted(name)
    instance = {key: decode(data, key) for key, data in found.instance.items()}
    (correction,) = [c for c in LAMPS.claims if c.corrects == name]
    for link in evaluate(correction, instance)[0]:
        assert link.lhs <= link.rhs if link.kind == "at_most" else link.lhs == link.rhs


# ---- the paper's own experiment, with one state --------------------------------------------------

H = 6
ALTERNATING = [Fraction(1, 2) if t % 2 == 0 else Fraction(3, 2) for t in range(H)]
START = Fraction(1, 10)


def matrices(A):
    """P_0, ..., P_H and the gains for x' = A_t x + u, cost u^2 and x_H^2 at the end."""
    P, K = [Fraction(1)], []
    for a in reversed(A):
        K.insert(0, -a * P[0] / (1 + P[0]))
        P.insert(0, a * a * P[0] / (1 + P[0]))
    return P, K


def run(A, K):
    """States and controls from the start."""
    states, controls = [START], []
    for a, k in zip(A, K, strict=True):
        controls.append(k * states[-1])
        states.append(a * states[-1] + controls[-1])
    return states, controls


def cost(A, K):
    states, controls = run(A, K)
    return sum(u * u for u in controls) + states[-1] ** 2


def experiment():
    """The real system, the model A = B = 1 that the experiment starts from, and its policy."""
    one = {"B": [[[1]]] * H, "Q": [[[0]]] * H, "R": [[[1]]] * H, "Q_final": [[1]]}
    real = LinearQuadratic(A=[[[a]] for a in ALTERNATING], mean=[START], **one)
    model = real.with_dynamics([[1]], [[1]])
    return real, model, AffinePolicy([[[k]] for k in matrices([Fraction(1)] * H)[1]])


def test_the_experiment_by_hand():
    """Values, costs, the loss printed in C.1.3 and (9), with A alternating and the model A = 1."""
    P, K = matrices([Fraction(1)] * H)
    states, controls = run(ALTERNATING, K)
    gaps = [P[h + 1] * (states[h + 1] ** 2 - (states[h] + controls[h]) ** 2) for h in range(H)]
    real, model, pi = experiment()
    links, _ = evaluate(CLAIMS["linear_loss_bounds_the_model_error"], {"M": real, "M_hat": model})
    difference = cost(ALTERNATING, K) - cost([Fraction(1)] * H, K)
    assert difference == sum(gaps)
    assert [str(links[0].lhs), str(links[1].rhs)] == [
        str(difference**2), str(H * sum(g * g for g in gaps))
    ]  # fmt: skip
    links, _ = evaluate(CLAIMS["linear_loss_as_printed"], {"M": real, "M_hat": model, "pi": pi})
    assert str(links[0].lhs) == str(sum(map(abs, gaps)))
    assert str(links[0].rhs) == str(sum(g * g for g in gaps))
    assert sum(map(abs, gaps)) ** 2 <= H * sum(g * g for g in gaps) < sum(map(abs, gaps))


def test_pdam_in_the_experiment_by_hand():
    """Learned: the model's policy, with V and Q in the model; expert: the real system's."""
    P, K = matrices([Fraction(1)] * H)
    _, K_star = matrices(ALTERNATING)

    def model_error(states, controls):
        return sum(
            P[h + 1] * (states[h + 1] ** 2 - (states[h] + controls[h]) ** 2) for h in range(H)
        )

    states, controls = run(ALTERNATING, K_star)
    disadvantage = sum(
        P[h] * states[h] ** 2 - controls[h] ** 2 - P[h + 1] * (states[h] + controls[h]) ** 2
        for h in range(H)
    )
    by_hand = disadvantage + model_error(*run(ALTERNATING, K)) - model_error(states, controls)
    assert cost(ALTERNATING, K) - cost(ALTERNATING, K_star) == by_hand
    real, model, pi_hat = experiment()
    pi_star = AffinePolicy([[[k]] for k in K_star])
    instance = {"M": real, "M_hat": model, "pi_hat": pi_hat, "pi_star": pi_star}
    links, _ = evaluate(CLAIMS["linear_pdam"], instance)
    assert str(links[0].lhs) == str(links[0].rhs) == str(by_hand)
