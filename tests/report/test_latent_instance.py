"""A latent MDP in a report: contexts and rewards are named, a model shows its transitions only."""

from typing import Any

from theorylab.report.instance import items

WORLD: dict[str, Any] = {
    "kind": "LatentMDP",
    "w": ["1/3", "2/3"],
    "nu": [["1", "0"], ["1/2", "1/2"]],
    "P": [[[["1", "0"]], [["0", "1"]]], [[["1/2", "1/2"]], [["1", "0"]]]],
    "palette": ["0", "1/2"],
    "labels": [[[0], [1]], [[1], [0]]],
    "H": 2,
}


def test_transitions_are_shown_with_the_reward_of_each_context() -> None:
    """The column of rewards reads palette[label], not the label."""
    [item] = items({"W": WORLD})
    assert item.facts == (("w", "(1/3, 2/3)"), ("palette", "(0, 1/2)"), ("H", "2"))
    first, moves = item.tables
    assert (first.caption, first.heading) == ("nu", ("context", "state 0", "state 1"))
    assert moves.heading == ("context", "state", "action", "reward", "to 0", "to 1")
    assert [row[0] for _, row in moves.rows] == ["0", "1/2", "1/2", "0"]
    assert moves.rows[2] == (("1", "0", "0"), ("1/2", "1/2", "1/2"))


def test_a_model_shows_its_own_transitions_and_a_policy_its_histories() -> None:
    """All but P is that of the latent MDP above it."""
    policy = {"kind": "HistoryPolicy", "probabilities": [["1", "0"], ["0", "1"]]}
    model, pi = items({"W_hat": {**WORLD, "kind": "LatentModel"}, "pi": policy})
    assert [t.heading for t in model.tables] == [("context", "state", "action", "to 0", "to 1")]
    assert model.facts == ()
    assert pi.tables[0].heading == ("history", "action 0", "action 1")
