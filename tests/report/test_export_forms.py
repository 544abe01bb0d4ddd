"""What has a standalone form, and how export names what has none."""

from __future__ import annotations

import builtins
import importlib
from pathlib import Path
from types import FunctionType

import pytest

from tests.exporting import QUICK, STANDS
from theorylab.errors import EngineError, Unsupported
from theorylab.lint import NUMPY
from theorylab.loading import load
from theorylab.report import definitions as shaking
from theorylab.report.checker import checker_files
from theorylab.report.export import export
from theorylab.report.formula import HOMES

WITHOUT = {
    "inner workings": {"register", "using", "system_of", "laplace", "exact_ratio", "symbols_system",
                       "float_x_log_ratio", "hypotheses", "compare", "number", "unchecked",
                       "map_tables", "set_fields", "collecting", "ordered", "normalised",
                       "refuse_infinite"},
    "floats only": {"value_iteration", "optimal_value_by_linear_program", "discounted_riccati",
                    "spectral_radius"},
    "linear systems, of claims that stand": {
        "averaged", "best_control", "check_stable", "closed_loop", "discounted_next_value",
        "discounted_pair_occupancy", "discounted_quadratic_action_value",
        "discounted_quadratic_performance", "discounted_quadratic_value",
        "discounted_state_occupancy", "discounted_step_cost", "final_cost", "on_pairs",
        "pair_moments", "performance_by_moments", "policy_average", "quadratic_action_values",
        "quadratic_at", "quadratic_function", "quadratic_parts", "quadratic_performance",
        "quadratic_values", "riccati", "riccati_policy", "second_moments", "squared_deviation",
        "stacked", "start_moments", "state_occupancies", "stationary_average", "stein",
        "step_cost", "step_matrix", "joint_cost", "check_convex", "shared_costs",
    },
}  # fmt: skip
NO_ARRAYS = {"block", "ix_", "split", "vdot", "newaxis"}
"""Without a form; vdot does not exist on exact numbers, and newaxis is None."""


def test_no_definition_hides_a_builtin() -> None:
    """A claim that says `sum` or `len` means Python's."""
    assert set(shaking.definitions(*shaking.OPTIONAL)) & set(dir(builtins)) == set()


def test_every_public_function_has_a_standalone_form() -> None:
    """Of the library's vocabulary and of what the lint lets a claim use of numpy."""
    known, excepted = set(shaking.definitions(*shaking.OPTIONAL)), set().union(*WITHOUT.values())
    missing = set()
    for home in HOMES:
        for name, value in vars(importlib.import_module(home)).items():
            own = isinstance(value, FunctionType) and value.__module__ == home
            if own and name[0] != "_" and value.__name__ not in known | excepted:
                missing.add(f"{home}.{name}")
    assert missing == set()
    assert {name for name in NUMPY if f"np_{name}" not in known} == NO_ARRAYS


def test_no_two_homes_have_functions_of_one_name() -> None:
    """A standalone form goes by the function's name alone."""
    homes = [importlib.import_module(home) for home in HOMES]
    names = [
        name
        for home in homes
        for name, value in vars(home).items()
        if isinstance(value, FunctionType | type) and value.__module__ == home.__name__
        if name == value.__name__ and name[0] != "_"
    ]
    assert sorted(names) == sorted(set(names))


HEAD = """
import numpy as np
from theorylab import *
from theorylab.notation import *
from theorylab.theory.planning import value_iteration
from theorylab.theory import planning
TABLE = np.eye(2)
"""


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ("equal(value_iteration(M).lower, M.start)", "value_iteration"),
        ("equal(planning.value_iteration(M).lower, M.start)", "planning.value_iteration"),
        ("equal(np.block([M.start]), M.start)", "numpy.block"),
        ("equal(M.start.tolist(), M.start)", ".tolist"),
        ("equal(M.start @ TABLE, M.start)", "TABLE"),
        ("equal(nothing(M), M.start)", "nothing, which is not defined"),
    ],
)
def test_what_has_no_standalone_form_is_named(tmp_path: Path, body: str, named: str) -> None:
    file = tmp_path / "mine.py"
    file.write_text(f'{HEAD}\n\n@claim("x")\ndef lemma(M: MDP):\n    return {body}\n')
    (claim,) = load(file).claims
    with pytest.raises(Unsupported, match=r"export cannot write mine\.lemma: it uses ") as error:
        checker_files(claim, "instance")
    assert named in str(error.value)


def test_an_assignment_to_an_entry_is_named(tmp_path: Path) -> None:
    """Tables of a checker never change, arrays do."""
    file = tmp_path / "mine.py"
    body = "    x = 1 * M.start\n    x[0] = M.gamma\n    return equal(x, M.start)\n"
    file.write_text(f'{HEAD}\n\n@claim("x")\ndef lemma(M: MDP):\n{body}')
    with pytest.raises(Unsupported, match=r"an assignment to x\[0\]"):
        checker_files(load(file).claims[0], "instance")


def test_an_augmented_assignment_to_an_array_is_named(tmp_path: Path) -> None:
    """`y = x; x += 1` changes y where x is an array, not where it is a table."""
    file = tmp_path / "mine.py"
    body = "    x = 1 * M.start\n    y = x\n    x += 1\n    return equal(y, x)\n"
    file.write_text(f'{HEAD}\n\n@claim("x")\ndef lemma(M: MDP):\n{body}')
    claim = load(file).claims[0]
    with pytest.raises(EngineError, match="disagree"):
        export(claim, STANDS, file, tmp_path / "out", QUICK)
