"""The examples in the docstrings of the report's modules are true."""

import doctest
import importlib

import pytest

MODULES = ["claim_view", "findings", "graph", "histogram", "maths", "tables", "typeset", "view"]


@pytest.mark.parametrize("name", MODULES)
def test_examples_hold(name):
    found = doctest.testmod(importlib.import_module(f"theorylab.report.{name}"))
    assert found.failed == 0 < found.attempted
