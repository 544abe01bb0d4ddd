"""The two variants of Figure 2(e), and each with one choice changed; told in `lds`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .lds_world import Setting
from .shared import single_changes

TEXT = Setting("text", 1.0, 0.01, 0.0, "zero", "sum", "own", "relative")
RELEASED = Setting("released", 0.5, 0.01, 0.0, "zero", "mean", "all", "absolute")
SETTINGS = {setting.name: setting for setting in (RELEASED, TEXT)}
OTHER_VALUES: dict[str, tuple[Any, ...]] = {
    "regulariser_lamps": (0.0, 1e-6),
    "regulariser_sysid": (0.01,),
    "centre": ("initial",),
    "pairing": ("last",),
    "tolerance": (1e-8,),
    "optimiser": ("CG",),
    "gradient": ("differences",),
    "fit_from": ("last",),
    "value_at": ("h",),
    "value_factor": (0.5, 0.0),
    "initial_A": (0.5, 0.0),
    "start": ("first", "normal"),
    "scale": (1.0, 10.0),
    "B": ("ones", "cycling"),
    "noise": (0.01, 0.1),
}


def changes(base: Setting) -> Iterator[tuple[str, Setting]]:
    """One choice at a time: the other variant's, then the values tried in neither."""
    return single_changes(base, TEXT if base is RELEASED else RELEASED, OTHER_VALUES)
