"""Latent-variable givens: what is drawn lies in the domain, and forged instances do not."""

from typing import Any

import flint
import numpy as np
import pytest

from theorylab import KernelMatrix, LatentVariableEstimate, LatentVariableModel
from theorylab.errors import ClaimError, ModelError
from theorylab.givens import Parameter, build_instance, check_domain
from theorylab.points import ExactSource, random_integers
from theorylab.weaker import weaker
from theorylab.worlds.io import decode, encode
from theorylab.worlds.mdp import unchecked

KINDS = {"T": LatentVariableModel, "T_hat": LatentVariableEstimate, "K": KernelMatrix}
PARAMETERS = tuple(Parameter(name, kind) for name, kind in KINDS.items())
SIZES = {"S": 3, "A": 2, "Z": 4}


def instance(seed: int = 0, parameters: tuple[Parameter, ...] = PARAMETERS) -> dict[str, Any]:
    """A random instance of these parameters."""
    source = ExactSource(random_integers(np.random.default_rng(seed)))
    return build_instance(parameters, source, SIZES)


def forged(name: str, **fields: Any) -> dict[str, Any]:
    """An instance of which one object has other fields, unchecked."""
    found = instance()
    value = found[name]
    return {**found, name: unchecked(type(value), **{**vars(value), **fields})}


def table(numbers: Any) -> np.ndarray:
    """Exact rationals from integers."""
    return np.vectorize(flint.fmpq, otypes=[object])(np.array(numbers))


@pytest.mark.parametrize("seed", range(5))
def test_what_is_drawn_is_in_the_domain_and_survives_a_file(seed: int) -> None:
    """Sizes are those asked for; JSON gives the same objects back."""
    drawn = instance(seed)
    assert check_domain(PARAMETERS, drawn) == SIZES
    again = {name: decode(encode(value), name) for name, value in drawn.items()}
    assert check_domain(PARAMETERS, again) == SIZES
    assert (again["T"].P == drawn["T"].P).all() and (again["K"] == drawn["K"]).all()
    assert (drawn["T"].P == drawn["T"].mdp.P).all() and (drawn["T"].P.sum(-1) == 1).all()


FORGED = {
    "latents": ("T", {"latents": table(np.ones((3, 2, 4), int))}, "latents[0, 0] sums to 4"),
    "reward": ("T_hat", {"payoff": table(np.ones((3, 2), int))}, "T_hat.payoff is another one"),
    "too dear": ("T", {"payoff": table(np.full((3, 2), 2))}, "entries in [0, 1]"),
    "other size": ("T_hat", {"latents": table(np.ones((3, 2, 1), int)),
                             "emissions": table([[1, 0, 0]])}, "Z = 1, expected 4"),
}  # fmt: skip


@pytest.mark.parametrize("case", FORGED)
def test_a_forged_instance_is_outside_the_domain(case: str) -> None:
    """As a witness from a file would be."""
    name, fields, words = FORGED[case]
    with pytest.raises(ModelError) as error:
        check_domain(PARAMETERS, forged(name, **fields))
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("entries", "words"),
    [([[1, 2], [0, 1]], "symmetric"), ([[1, 1], [1, 1]], "positive definite")],
)
def test_a_kernel_is_symmetric_and_positive_definite(entries: Any, words: str) -> None:
    """A singular one is refused, too: its norm would be infinite."""
    parameters = (Parameter("K", KernelMatrix),)
    with pytest.raises(ModelError, match=words):
        check_domain(parameters, {"K": table(entries)})


def test_an_estimate_needs_a_model_before_it() -> None:
    """The error names both kinds."""
    with pytest.raises(ClaimError, match="needs a LatentVariableModel parameter before it"):
        instance(parameters=(Parameter("x", LatentVariableEstimate),))


def test_each_hypothesis_of_the_types_can_be_dropped() -> None:
    """Without it an instance is outside the domain somewhere."""
    for place, parameter in enumerate(PARAMETERS[:2]):
        for words, other in weaker(parameter):
            changed = (*PARAMETERS[:place], other, *PARAMETERS[place + 1 :])
            outside = 0
            for seed in range(8):
                try:
                    check_domain(PARAMETERS, instance(seed, changed))
                except ModelError:
                    outside += 1
            assert outside, words
