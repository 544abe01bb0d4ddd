"""pytest plugin: claims in test files are tests.

A `Claim` in a collected module is one test item: it passes when its verdict stands, and fails with
the first broken line and the smallest counterexample. Options: `--theorylab-budget`,
`--theorylab-seed`. Marker: `theorylab`. Nothing heavy is imported before a claim is met.
"""

from __future__ import annotations

import sys
from typing import Any

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of the plugin."""
    group = parser.getgroup("theorylab")
    group.addoption("--theorylab-budget", default="quick", help="quick (default), normal or deep")
    group.addoption("--theorylab-seed", type=int, default=0, help="root of all randomness")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, so that --strict-markers passes."""
    config.addinivalue_line("markers", "theorylab: a claim judged by theorylab")


def pytest_pycollect_makeitem(collector: Any, name: str, obj: Any) -> Any:
    """A claim of the module becomes one item."""
    if "theorylab.claims" not in sys.modules:  # no claim can exist yet
        return None
    from theorylab.claims import Claim

    if isinstance(obj, Claim) and obj.function.__module__ == collector.obj.__name__:
        item = ClaimItem.from_parent(collector, name=name)
        item.claim = obj
        item.add_marker(pytest.mark.theorylab)
        return item
    return None


class Refuted(Exception):
    """A claim whose verdict does not stand."""


class ClaimItem(pytest.Item):
    """One claim as a test."""

    claim: Any

    def runtest(self) -> None:
        """Judge the claim."""
        from theorylab.run import verify

        budget = self.config.getoption("--theorylab-budget")
        verdict = verify(self.claim, budget=budget, seed=self.config.getoption("--theorylab-seed"))
        if not verdict.outcome.stands:
            raise Refuted(verdict)

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        """The verdict and its counterexample in place of a traceback."""
        if not isinstance(excinfo.value, Refuted):
            return super().repr_failure(excinfo, style)
        return str(excinfo.value.args[0])

    def reportinfo(self) -> Any:
        """File, line and name, as pytest shows them."""
        line = self.claim.function.__code__.co_firstlineno
        return self.path, line - 1, f"{self.claim.label} [{self.claim.name}]"
