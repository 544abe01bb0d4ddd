"""Latent givens: what is drawn lies in the domain, and forged instances do not."""

from typing import Any

import flint
import numpy as np
import pytest

from theorylab import DeterministicHistoryPolicy, HistoryPolicy, LatentMDP, LatentModel
from theorylab.errors import ClaimError, ModelError
from theorylab.givens import Parameter, build_instance, check_domain, shapes
from theorylab.latent_givens import code_of, label_codes, labels_of
from theorylab.points import ExactSource, random_integers
from theorylab.weaker import weaker
from theorylab.worlds.latent_mdp import largest_total
from theorylab.worlds.mdp import unchecked

KINDS = {"W": LatentMDP, "W_hat": LatentModel, "pi": DeterministicHistoryPolicy}
PARAMETERS = tuple(Parameter(name, kind) for name, kind in KINDS.items())
SIZES = {"S": 2, "A": 2, "M": 2, "H": 2, "labels": 0b01100101}


def instance(seed: int = 0, parameters: tuple[Parameter, ...] = PARAMETERS) -> dict[str, Any]:
    """A random instance of these parameters."""
    return build_instance(
        parameters, ExactSource(random_integers(np.random.default_rng(seed))), SIZES
    )


def forged(name: str, **fields: Any) -> dict[str, Any]:
    """An instance of which one object has other fields, unchecked."""
    found = instance()
    value = found[name]
    return {**found, name: unchecked(type(value), **{**vars(value), **fields})}


def exact(*numbers: Any) -> np.ndarray:
    """Exact rationals p/q, given as pairs."""
    table = np.empty(len(numbers), dtype=object)
    table[:] = [flint.fmpq(*number) for number in numbers]
    return table


FORGED = {
    "a weight of 0": ("W", {"w": exact((0, 1), (1, 1))}, "positive weight"),
    "an equal palette": ("W", {"palette": exact((1, 4), (1, 4))}, "different rewards"),
    "a total above 1": ("W", {"palette": exact((3, 4), (1, 1))}, "a total of at most 1"),
    "a model's own palette": ("W_hat", {"palette": exact((0, 1), (1, 9))}, "W_hat.palette is an"),
    "a model's own labels": ("W_hat", {"labels": labels_of(3, 2, 2, 2)}, "W_hat.labels is another"),
    "a policy of another tree": ("pi", {"probabilities": exact((1, 1))[:, None]}, "pi has shape"),
}  # fmt: skip


@pytest.mark.parametrize("case", FORGED)
def test_a_forged_instance_is_outside_the_domain(case: str) -> None:
    """As a witness from a file would be."""
    name, fields, words = FORGED[case]
    with pytest.raises(ModelError) as error:
        check_domain(PARAMETERS, forged(name, **fields))
    assert words in str(error.value)


@pytest.mark.parametrize("seed", range(5))
def test_what_is_drawn_is_in_the_domain(seed: int) -> None:
    """The palette is capped, so that no trajectory pays more than 1; a model shares all but P."""
    drawn = instance(seed)
    sizes = check_domain(PARAMETERS, drawn)
    assert {key: sizes[key] for key in SIZES} == SIZES
    assert largest_total(drawn["W"]) <= 1


def test_a_model_or_policy_needs_a_latent_mdp_before_it() -> None:
    """The error names the kind."""
    for kind in (LatentModel, HistoryPolicy, DeterministicHistoryPolicy):
        with pytest.raises(ClaimError, match=f"a {kind.__name__} parameter needs a LatentMDP"):
            instance(parameters=(Parameter("x", kind),))


def test_labels_and_their_code_are_inverse() -> None:
    """Bit (m S + s) A + a; a third label has no code."""
    for code in (0, 1, 0b1101, 255):
        assert code_of(labels_of(code, 2, 2, 2)) == code
    assert labels_of(1 << 6, 2, 2, 2)[1, 1, 0] == 1
    with pytest.raises(ModelError, match="two rewards are drawn"):
        code_of(np.array([[[2]]]))


def test_every_labelling_is_visited_at_small_shapes() -> None:
    """All of them where they are few; else one reward, a spike, context or action told."""
    assert label_codes(2, 1, 2, wide=True) == list(range(16))
    assert set(label_codes(2, 2, 2, wide=False)) == {0, 0b10000000, 0b11110000, 0b10101010}
    drawn = list(shapes(PARAMETERS, [(1, 1), (1, 2), (2, 1), (2, 2)]))
    assert {n["M"] for n in drawn} == {1, 2, 3} and {n["H"] for n in drawn} >= {1, 2}


def test_each_hypothesis_of_the_types_can_be_dropped() -> None:
    """The changed object is outside its domain where the hypothesis is more than a name."""
    words = {p.name: [w for w, _ in weaker(p)] for p in PARAMETERS}
    assert words["W"] == [
        f"W: {w}"
        for w in (
            "rewards at least 0", "total at most 1", "rows of P sum to 1", "rows of nu sum to 1",
            "weights sum to 1",
        )
    ]  # fmt: skip
    assert (
        "pi: deterministic" in words["pi"]
        and "W_hat: the palette of the latent MDP" in words["W_hat"]
    )
    for place, parameter in enumerate(PARAMETERS):
        for _, dropped in weaker(parameter):
            changed = [*PARAMETERS]
            changed[place] = dropped
            outside = 0
            for seed in range(8):
                try:
                    check_domain(PARAMETERS, instance(seed, tuple(changed)))
                except ModelError:
                    outside += 1
            assert outside, dropped
