"""A latent-variable model in a report: both of its laws by name, the reward beside the first."""

from typing import Any

from theorylab.report.instance import items

MODEL: dict[str, Any] = {
    "kind": "LatentVariableModel",
    "latents": [[["1/2", "1/2"], ["0", "1"]], [["1", "0"], ["1/3", "2/3"]]],
    "emissions": [["1", "0"], ["1/4", "3/4"]],
    "payoff": [["1", "0"], ["1/5", "0"]],
    "gamma": "1/2",
    "start": ["1", "0"],
}


def test_both_laws_are_shown_with_the_reward_of_each_pair() -> None:
    """Rows by state and action, then by latent value."""
    [item] = items({"T": MODEL})
    latents, emissions = item.tables
    assert latents.heading == ("state", "action", "reward", "latent 0", "latent 1")
    assert latents.rows[2] == (("1", "0"), ("1/5", "1", "0"))
    assert latents.caption == "p(z | s, a)" and emissions.caption == "p(s' | z)"
    assert emissions.heading == ("latent", "to 0", "to 1")
    assert emissions.rows[1] == (("1",), ("1/4", "3/4"))
    assert item.facts == (("γ", "1/2"), ("start", "(1, 0)"))


def test_an_estimate_shows_what_is_its_own() -> None:
    """Reward, discount and start are those of the model above it."""
    _, item = items({"T": MODEL, "T_hat": {**MODEL, "kind": "LatentVariableEstimate"}})
    assert item.facts == () and [t.caption for t in item.tables] == ["p(z | s, a)", "p(s' | z)"]
    assert item.tables[0].heading == ("state", "action", "latent 0", "latent 1")
