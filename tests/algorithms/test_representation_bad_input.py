"""LV-Rep with bad input: every mistake has its own one-line error that names it."""

import math
from typing import Any

import flint
import numpy as np
import pytest

from theorylab.algorithms.latent_variable_fit import fit_class, fit_latents
from theorylab.algorithms.latent_variable_identification import check_identified
from theorylab.algorithms.representation_bonus import Bonus, constants
from theorylab.algorithms.representation_classes import ListedClass, RowClass, lock_class
from theorylab.algorithms.representation_lcb import exploit
from theorylab.algorithms.representation_terms import explicit_bound
from theorylab.algorithms.representation_ucb import explore, plan
from theorylab.algorithms.variational_fit import elbo_of
from theorylab.errors import TheorylabError
from theorylab.theory import kernels as operators
from theorylab.theory import water_filling
from theorylab.worlds import LatentVariableModel, kernels, random_features, spectra
from theorylab.worlds.latent_variable_instances import (
    clipped_bonus_pair,
    combination_lock,
    in_floats,
    random_low_rank,
)

FIELDS: dict[str, Any] = {
    "latents": [[["1/2", "1/2"]], [[0, 1]]],
    "emissions": [[1, 0], ["1/3", "2/3"]],
    "payoff": [[1], [0]],
    "gamma": "9/10",
    "start": [1, 0],
}
TRUTH, OTHER = (in_floats(it) for it in clipped_bonus_pair())
CLASS = ListedClass((OTHER, TRUTH))
SMALL = in_floats(random_low_rank((5, 0), S=4, A=2, Z=3))
LOCK = in_floats(combination_lock((0, 1)))
EVEN = np.full((5, 2), 0.5)
ROWS = np.ones((1, 2, 1, 4)) / 4
GROUP = np.zeros(5, dtype=int)
GAUSS = kernels.GaussianKernel(1.0)
COUNTS = np.ones((2, 1, 2))


def model(**changed):
    return LatentVariableModel(**{**FIELDS, **changed})


def online(candidates=CLASS, bonus: Any = None, **options):
    chosen = Bonus() if bonus is None else bonus
    return explore(TRUTH, candidates, chosen, **{"episodes": 2, "seed": 0, **options})


def offline(behaviour=EVEN, **options):
    return exploit(TRUTH, CLASS, behaviour, Bonus(), **{"samples": 5, "seed": 0, **options})


def numbers(K, **options):
    return constants(Bonus(), CLASS, K, **{"gamma": 0.9, "ratio": 2, "N": 50, **options})


def bound(q, counts=COUNTS):
    return elbo_of(model(), counts, q)


BAD = {
    # worlds
    "no latent value": (lambda: model(latents=np.zeros((2, 1, 0))), r"latents has shape \(2, 1, 0"),
    "Z differs": (lambda: model(emissions=[[1, 0]]), r"emissions has shape \(1, 2\), .*\(2, 2\)"),
    "Z of the instance": (lambda: random_low_rank(0, S=2, A=1, Z=0), "Z is 0, expected an integer"),
    "seed": (lambda: random_low_rank(-1, S=2, A=1, Z=1), "seed is -1, expected an integer"),
    "kept": (lambda: clipped_bonus_pair(kept=2), "kept is 2, expected a reward in"),
    # bonuses
    "lambda true": (lambda: Bonus(regular=True), "lambda is True, expected above 0"),
    "lambda text": (lambda: Bonus(regular="1"), "lambda is '1', expected above 0"),
    "lambda": (lambda: Bonus(regular=-1e-9), r"lambda is -1e-09, .* would be singular"),
    "scale text": (lambda: Bonus(scale="1"), "scale is '1', expected at least 0"),
    "scale true": (lambda: Bonus(scale=True), "scale is True, expected at least 0"),
    "delta text": (lambda: Bonus(delta="x"), "delta is 'x', expected between 0 and 1"),
    "clip": (lambda: Bonus(clip=math.inf), "clip is inf, expected above 0"),
    # eigendecays
    "values": (lambda: spectra.check_spectrum([1, 1]), "values is a list, expected a numpy array"),
    "inf": (lambda: spectra.check_spectrum(np.array([np.inf, 1.0])), r"values\[0\] is inf"),
    "finite": (lambda: water_filling.finite_bound(1.0, 0), "beta is 0, expected a positive int"),
    "polynomial": (
        lambda: water_filling.polynomial_bound(1.0, 1.0, 0.5),
        r"beta is 0.5, expected a number above 1/2: the sum .* diverges",
    ),
    "sharper": (lambda: water_filling.sharper_polynomial_bound(1.0, 1.0, 0.1), "beta is 0.1"),
    "exponential": (lambda: water_filling.exponential_bound(1.0, 1, 1, 0), "beta is 0, expected"),
    "C_2": (lambda: water_filling.exponential_bound(1.0, 1, -1, 1), "C2 is -1, expected"),
    "alpha": (lambda: water_filling.finite_bound(math.nan, 2), "alpha is nan, expected"),
    # kernels
    "gram list": (lambda: kernels.check_gram([[1, 2], [2, 1]]), "gram is a list, expected a numpy"),
    "nu zero": (lambda: kernels.MaternKernel("1/0", 1), "smoothness is '1/0', expected a number"),
    "nu none": (lambda: kernels.MaternKernel(None, 1), "smoothness is None, expected a number"),
    "scale none": (lambda: kernels.GaussianKernel(None), "scale is None, expected a number"),
    "points": (lambda: kernels.gram(GAUSS, [[1.0, math.nan]]), r"points x\[0, 1\] is nan"),
    "interval": (lambda: operators.nystrom(GAUSS, 8, 0, math.inf), "interval is .*both finite"),
    "weight": (
        lambda: operators.sample_eigenvalues(np.eye(1), np.array([np.inf])),
        "weights have shape .* finite and at least 0",
    ),
    "weights": (
        lambda: operators.sample_eigenvalues(np.eye(2), [1.0, 1.0]),
        "weights is a list, expected a numpy array",
    ),
    "features": (
        lambda: random_features.fourier_features(GAUSS, np.ones(2), 2, 0),
        r"points have shape \(2,\), expected \(m, d\)",
    ),
    "psi": (lambda: random_features.FiniteFeatures([[1, math.nan]], [0.5, 0.5]), "psi.*is nan"),
    "sample axes": (
        lambda: operators.nystrom_of_sample(GAUSS, np.ones(5)),
        r"points have shape \(5,\), expected \(n, d\)",
    ),
    "bound text": (lambda: operators.sample_bound(5, 1.0, "x"), "delta 'x', expected"),
    "rule text": (lambda: operators.normal_rule("1"), "deviation is '1', expected a number"),
    "ends": (lambda: operators.interval_rule("0", 1), r"interval is \[0, 1\], expected"),
    "entropy": (
        lambda: operators.entropy_number(np.ones((2, 2)), range(2), 1.5),
        "i is 1.5 and there are 2 centres",
    ),
    "steps": (lambda: water_filling.greedy_counts(np.ones(2), -1), "steps is -1 and there are 2"),
    "regular": (
        lambda: water_filling.log_det_of_counts(np.ones(2), np.ones(2), 0.0),
        "regular is 0.0, expected a number above 0",
    ),
    "constants K": (lambda: numbers(np.eye(3)), r"K has shape \(3, 3\), expected .* Z = 4"),
    "constants rank": (lambda: numbers(np.ones((4, 4))), "K has rank 1 of 4: norms are infinite"),
    "constants N": (lambda: numbers(np.eye(4), N=0), "N is 0 and gamma 0.9, expected at least 1"),
    "constants gamma": (lambda: numbers(np.eye(4), gamma=1.0), "gamma 1.0, expected .*in"),
    "alpha of no episode": (lambda: numbers(np.eye(4)).alpha(0), "n is 0, expected an episode"),
    "bound of none": (
        lambda: explicit_bound(numbers(np.eye(4)), 4, 0),
        "N is 0, expected at least",
    ),
    # runs
    "K psd": (
        lambda: online(K=np.diag([1.0, 1, 1, -0.5])),
        "least eigenvalue -0.5, expected above",
    ),
    "K nan": (lambda: online(K=np.full((4, 4), math.nan)), r"K\[0, 0\] is nan, expected a finite"),
    "K text": (lambda: online(K="x"), "K is 'x', expected"),
    "K symmetric": (
        lambda: online(K=np.eye(4) + np.eye(4, k=1)),
        r"K\[0, 1\] is 1.0 and K\[1, 0\]",
    ),
    "run seed": (lambda: online(seed=-1), "seed is -1, expected an integer of at least 0"),
    "run seed text": (lambda: online(seed="x"), "seed is 'x', expected an integer of at least 0"),
    "until": (lambda: online(until=math.nan), "until is nan, expected a regret"),
    "class": (lambda: online([TRUTH]), "candidates is a list, expected a ListedClass"),
    "class size": (
        lambda: online(ListedClass((SMALL,))),
        r"\(4, 2, 3\), expected those of the wor",
    ),
    "bonus": (lambda: online(bonus="operator"), "bonus is a str, expected a Bonus"),
    "plan nan": (lambda: plan(TRUTH, np.full((5, 2), math.nan)), r"addition\[0, 0\] is nan"),
    "plan shape": (lambda: plan(TRUTH, np.zeros((4, 2))), r"addition has shape \(4, 2\), expected"),
    "plan actions": (lambda: plan(TRUTH, EVEN, np.full(5, 7)), "actions leave the range 0..1"),
    "pi_b shape": (lambda: offline(EVEN[:4]), r"pi_b has shape \(4, 2\), expected \(S, A\)"),
    "pi_b text": (lambda: offline("uniform"), "pi_b is 'uniform', expected"),
    "pi_b zero": (lambda: offline(np.eye(2)[[0] * 5]), r"pi_b\(1\|0\) is 0: omega .* infinite"),
    "samples": (lambda: offline(samples=2.5), "samples is 2.5, expected an integer"),
    # classes
    "no row": (lambda: RowClass(ROWS[:, :, :0], GROUP, TRUTH), r"rows has shape \(1, 2, 0, 4\)"),
    "axes": (lambda: RowClass(ROWS[0], GROUP, TRUTH), r"rows has shape \(2, 1, 4\), expected \(G"),
    "group": (
        lambda: RowClass(ROWS, np.zeros(5), TRUTH),
        "group has float64 entries, not integers",
    ),
    "no lock": (lambda: lock_class(TRUTH), "lock has S = 5 and Z = 4, expected a combination lock"),
    "noise": (lambda: lock_class(LOCK, noise=1.0), "noise is 1.0, expected at least 0 and below 1"),
    # fits
    "no data": (lambda: fit_latents(0 * COUNTS, 1), "counts hold no transition"),
    "counts text": (lambda: fit_latents("x", 1), "counts is 'x', expected"),
    "Z zero": (lambda: fit_latents(COUNTS, 0), "Z is 0, expected an integer of at least 1"),
    "fit seed": (lambda: fit_latents(COUNTS, 1, "a"), "seed is 'a', expected an integer"),
    "class counts": (
        lambda: fit_class([SMALL], COUNTS),
        r"models\[0\] has transitions \(4, 2, 4\)",
    ),
    "q sum": (lambda: bound(np.ones((2, 1, 2, 2))), r"q\[0, 0, 0\] sums to 2.0, expected 1"),
    "q shape": (
        lambda: bound(np.ones((2, 1, 2, 3))),
        r"q has shape \(2, 1, 2, 3\), expected \(S, A",
    ),
    "q counts": (
        lambda: bound(0.5, np.ones((3, 1, 3))),
        r"those of counts, \(3, 1, 3\)",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_named_in_one_line(case):
    make, words = BAD[case]
    with pytest.raises(TheorylabError, match=words) as caught:
        make()
    assert "\n" not in str(caught.value)


# ---- data that do not identify the model -------------------------------------------------------


def table(latents, emissions):
    S = len(latents)
    rest = {"payoff": np.zeros((S, 1)), "gamma": 0.5, "start": np.eye(S)[0]}
    return LatentVariableModel(latents, emissions, **rest)


ANCHORED = table(
    [[[1.0, 0.0]], [[0.0, 1.0]], [[0.5, 0.5]]], [[1.0, 0.0, 0.0], [0.0, 0.5, 0.5]]
)  # fmt: skip
MIXED = table([[[0.6, 0.4]], [[0.3, 0.7]], [[0.5, 0.5]]], [[0.5, 0.3, 0.2], [0.2, 0.2, 0.6]])
EQUAL = table([[[0.6, 0.4]], [[0.3, 0.7]], [[0.5, 0.5]]], [[0.5, 0.3, 0.2], [0.5, 0.3, 0.2]])
ALL = np.ones((3, 1))


def test_what_the_data_determine_is_not_refused():
    check_identified(ANCHORED, ALL)
    check_identified(MIXED, ALL, known="emissions")
    check_identified(MIXED, [[1], [1], [0]], known="latents")


@pytest.mark.parametrize(
    ("world", "visits", "known", "said"),
    [
        (MIXED, ALL, "nothing", "the data determine 5 of the 7 free numbers"),
        (EQUAL, ALL, "emissions", r"p\(s' \| z\) has rank 1 of \|Z\| = 2"),
        (MIXED, [[1], [0], [0]], "latents", r"visited pairs' .* has rank 1 of \|Z\| = 2"),
        (MIXED, 0 * ALL, "latents", r"visited pairs' .* has rank 0 of \|Z\| = 2"),
        (MIXED, [[1], [0], [1]], "emissions", r"pair \(1, 0\) was never visited"),
        (MIXED, [[1], [-1], [1]], "latents", r"visits\[1, 0\] is -1, expected at least 0"),
        (MIXED, np.ones((2, 1)), "latents", r"visits has shape \(2, 1\), expected \(S, A\)"),
        (MIXED, ALL, "both", "known is 'both', expected one of"),
    ],
)
def test_what_they_do_not_is_told_with_its_rank(world, visits, known, said):
    with pytest.raises(TheorylabError, match=said) as caught:
        check_identified(world, visits, known=known)
    assert "\n" not in str(caught.value)


def test_a_model_that_is_not_determined_has_others_beside_it():
    """MIXED: p R and R^{-1} e have the same transitions; two numbers move R, so 5 of 7."""
    R = np.array([[1.02, -0.02], [0.01, 0.99]])
    other = table(MIXED.latents @ R, np.linalg.inv(R) @ MIXED.emissions)
    assert np.allclose(other.P, MIXED.P, rtol=1e-12) and not np.allclose(
        other.latents, MIXED.latents
    )


def test_the_evidence_bound_is_the_likelihood_at_the_posterior_or_less():
    """And -infinity, not NaN, where q has mass that the model excludes."""
    counts = np.array([[[3.0, 1.0]], [[2.0, 5.0]]])
    world = model()
    joint = np.array(in_floats(world).latents)[:, :, None] * in_floats(world).emissions.T
    posterior = joint / joint.sum(-1, keepdims=True)
    P = np.array([[[float(flint.fmpq(e).p) / float(flint.fmpq(e).q) for e in row] for row in rows]
                  for rows in world.P])  # fmt: skip
    likelihood = (counts * np.log(P)).sum()
    assert elbo_of(world, counts, posterior) == pytest.approx(likelihood)
    other = 0.5 * posterior + 0.5 * posterior[:, :, ::-1]
    assert elbo_of(world, counts, other) == -math.inf
    assert elbo_of(world, counts, np.full((2, 1, 2, 2), 0.5)) == -math.inf
    softer = posterior.copy()
    softer[0, 0, 0] = [0.5, 0.5]
    assert -math.inf < elbo_of(world, counts, softer) < likelihood - 0.1
