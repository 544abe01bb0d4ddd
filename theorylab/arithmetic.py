"""Number systems: one spelling for floats, rationals, a prime field, balls, symbols and tapes.

Numbers live in NumPy arrays: `float64`, or `object` arrays whose elements know `+ - * /`
(python-flint's rationals, prime-field elements and real balls, sympy expressions, tape nodes,
lanes of floats). Ring arithmetic, `@` and `.sum()` need nothing from here. What is not ring
arithmetic goes through this module: `solve`, `det`, `inverse`, `sqrt`, `log`, `exp`, `absolute`,
`maximum`, `sup`, ... An operation that a system lacks raises `Unsupported`, which says so.
Python integers are the universal constants.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import flint
import numpy as np

from theorylab import extended
from theorylab.errors import Undefined, Unsupported, VoidBound
from theorylab.extended import Infinity, sign_of

Array = np.ndarray
Element = Any


@dataclass(frozen=True)
class NumberSystem:
    """What a number system can do beyond ring arithmetic.

    `functions` maps a name ("sqrt", "log", "exp", "abs", "max", "min", "ratio", "x_log_ratio")
    to a function of elements; what is missing raises `Unsupported` with `lacks` as the reason.
    `infinite` says that x / 0 is an `Infinity` beside its elements (floats have their own),
    `rationals` that its functions take rationals and keep them exact where they can.
    """

    name: str
    element: type
    solve: Callable[[Array, Array], Array]
    det: Callable[[Array], Element]
    functions: Mapping[str, Callable[..., Element]] = field(default_factory=dict)
    lacks: str = ""
    infinite: bool = False
    rationals: bool = False

    def function(self, name: str) -> Callable[..., Element]:
        """The element function of that name; raises Unsupported when the system lacks it."""
        if name not in self.functions:
            raise Unsupported(f"{name} does not exist in {self.name}: {self.lacks}")
        return _extended(name, self.functions[name]) if self.infinite else self.functions[name]


def _extended(name: str, function: Callable[..., Element]) -> Callable[..., Element]:
    """The function, which also takes infinity where the system's own elements are finite."""

    def apply(*arguments: Element) -> Element:
        if any(type(a) is Infinity for a in arguments):
            return extended.FUNCTIONS[name](*arguments)
        return function(*arguments)

    return apply


_SYSTEMS: dict[type, NumberSystem] = {}
_CURRENT: ContextVar[NumberSystem | None] = ContextVar("number system", default=None)


def register(system: NumberSystem) -> NumberSystem:
    """Make a number system known by the type of its elements."""
    _SYSTEMS[system.element] = system
    return system


@contextmanager
def using(system: NumberSystem) -> Iterator[None]:
    """Within: functions of plain integers, such as log(2), belong to this number system."""
    token = _CURRENT.set(system)
    try:
        yield
    finally:
        _CURRENT.reset(token)


@contextmanager
def collecting(place: ContextVar[list[Any] | None]) -> Iterator[list[Any]]:
    """Within: what a number system notes in this place is collected in the list."""
    found: list[Any] = []
    token = place.set(found)
    try:
        yield found
    finally:
        place.reset(token)


def system_of(*values: Any) -> NumberSystem:
    """The number system of the arguments. Integers and rationals are constants of every system.

    Where there are only constants it is the system in use (`using`), or the rationals. A system in
    use that computes with rationals exactly (balls do) takes them, too.

    >>> system_of(flint.fmpq(1, 3)).name
    'the rationals'
    """
    found, current = _system_of_elements(values), _CURRENT.get()
    if found is RATIONALS and current is not None and current.rationals:
        return current
    return found or current or RATIONALS


def _system_of_elements(values: tuple[Any, ...]) -> NumberSystem | None:
    """The system of the first argument that holds more than constants; rationals for rationals."""
    rational = None
    for value in values:
        array = np.asarray(value)
        if array.dtype.kind == "f":
            return FLOATS
        for kind in set(map(type, array.flat)) if array.dtype == object else ():
            system = _system_of_kind(kind, array)
            if system is not None and system is not RATIONALS:
                return system
            rational = system or rational
    return rational


def _system_of_kind(kind: type, array: Array) -> NumberSystem | None:
    if kind in _SYSTEMS:
        return _SYSTEMS[kind]
    if issubclass(kind, int | np.integer | flint.fmpz | Infinity):
        return None
    for known, system in _SYSTEMS.items():
        if issubclass(kind, known):
            return system
    value = next(e for e in array.flat if type(e) is kind)
    raise Unsupported(f"{kind.__name__} {value!r} is in no known number system")


def as_array(value: Any) -> Array:
    """The value as an array: `float64` if its entries are floats, `object` otherwise."""
    array = value if isinstance(value, np.ndarray) else np.asarray(value)
    if array.dtype == object or array.dtype == np.float64:
        return array
    return array.astype(object if array.dtype.kind in "iub" else np.float64)


def _unwrap(value: Any) -> Any:
    return value.item() if isinstance(value, np.ndarray) and value.ndim == 0 else value


# ---- operations -------------------------------------------------------------------------------


def solve(A: Array, b: Array) -> Array:
    """x with A x = b. Shapes: A (..., n, n), b (..., n); leading axes in float64 only.

    Raises ZeroDivisionError when A is singular in an exact system.
    """
    system = _system_of_elements((A, b)) or RATIONALS
    return system.solve(as_array(A), as_array(b))


def det(A: Array) -> Element:
    """The determinant of A, shape (n, n)."""
    return (_system_of_elements((A,)) or RATIONALS).det(as_array(A))


def inverse(A: Array) -> Array:
    """The inverse of A, shape (n, n)."""
    n = A.shape[-1]
    columns = [solve(A, unit) for unit in np.eye(n, dtype=int).astype(object)]
    return np.stack(columns, axis=-1)


def identity(n: int) -> Array:
    """The n by n identity, of Python integers, which mix with every number system."""
    return np.eye(n, dtype=int).astype(object)


def _elementwise(name: str, *values: Any) -> Any:
    system = system_of(*values)
    function = system.function(name)
    if system is FLOATS:
        return function(*(np.asarray(v, dtype=float) for v in values))
    if not any(isinstance(v, np.ndarray) for v in values):
        return function(*values)
    return _unwrap(np.frompyfunc(function, len(values), 1)(*values))


def sqrt(x: Any) -> Any:
    """Square root, elementwise; not in the rationals or a prime field."""
    return _elementwise("sqrt", x)


def log(x: Any) -> Any:
    """Natural logarithm, elementwise; not in the rationals or a prime field."""
    return _elementwise("log", x)


def exp(x: Any) -> Any:
    """Exponential, elementwise; not in the rationals or a prime field."""
    return _elementwise("exp", x)


def absolute(x: Any) -> Any:
    """Absolute value, elementwise; not in a prime field, which has no order."""
    return _elementwise("abs", x)


def maximum(x: Any, y: Any) -> Any:
    """The larger of x and y, elementwise; sound for balls; not in a prime field."""
    return _elementwise("max", x, y)


def minimum(x: Any, y: Any) -> Any:
    """The smaller of x and y, elementwise; sound for balls; not in a prime field."""
    return _elementwise("min", x, y)


def positive(x: Any) -> Any:
    """The positive part max(x, 0), elementwise."""
    return maximum(x, 0)


def sup(x: Array, axis: int | None = None) -> Any:
    """The largest entry, of all entries or along an axis."""
    return _reduce("max", x, axis)


def inf(x: Array, axis: int | None = None) -> Any:
    """The smallest entry, of all entries or along an axis."""
    return _reduce("min", x, axis)


def _reduce(name: str, x: Array, axis: int | None) -> Any:
    system = system_of(x)
    array = as_array(x)
    if array.size == 0:
        raise Undefined(f"{name} over an empty set, shape {array.shape}")
    if system is FLOATS:
        return array.max(axis) if name == "max" else array.min(axis)
    combine = np.frompyfunc(system.function(name), 2, 1)
    return combine.reduce(array.ravel() if axis is None else array, 0 if axis is None else axis)


def sup_norm(x: Array) -> Any:
    """The sup norm of an array, over all its entries."""
    return sup(absolute(as_array(x)))


def l1_norm(x: Array) -> Any:
    """The l1 norm along the last axis: shape (..., n) to (...)."""
    return absolute(x).sum(-1)


def ratio(x: Any, y: Any) -> Any:
    """x / y elementwise with 0/0 = 0; x/0 is infinite, with the sign of x."""
    return _elementwise("ratio", x, y)


def x_log_ratio(x: Any, y: Any) -> Any:
    """x log(x / y) elementwise, 0 at x = 0; infinite where y = 0 < x."""
    return _elementwise("x_log_ratio", x, y)


# Spellings a reader of a formula expects; they replace the builtins on purpose.
abs = absolute
max = maximum


# ---- the systems ------------------------------------------------------------------------------


def _column(values: Array) -> list[list[Element]]:
    return [[v] for v in values]


def _to_object(entries: list[Element]) -> Array:
    out = np.empty(len(entries), dtype=object)
    out[:] = entries
    return out


def refuse_infinite(*tables: Array) -> None:
    """Raise VoidBound at an infinite entry, which a linear system cannot have."""
    if any(Infinity in set(map(type, table.flat)) for table in tables):
        raise VoidBound("a linear system with an infinite entry")


def _solve_with(matrix: Callable[[list[list[Element]]], Any]) -> Callable[[Array, Array], Array]:
    def solve_exactly(A: Array, b: Array) -> Array:
        refuse_infinite(A, b)
        solution = matrix(A.tolist()).solve(matrix(_column(b)))
        return _to_object(solution.entries())

    return solve_exactly


def _det_with(matrix: Callable[[list[list[Element]]], Any]) -> Callable[[Array], Element]:
    return lambda A: matrix(A.tolist()).det()


def exact_ratio(x: Element, y: Element) -> Element:
    """x / y with 0/0 = 0, infinite at x/0."""
    if y == 0:
        return x * 0 if x == 0 else Infinity(sign_of(x))
    return x / y


def _modulus(*tables: Array) -> int:
    return next(e.modulus() for t in tables for e in t.flat if isinstance(e, flint.nmod))


def _residues(table: Array, p: int) -> list[int]:
    """The entries as integers modulo p; exact rationals are divided out, never truncated."""
    return [int(e if isinstance(e, flint.nmod) else flint.nmod(0, p) + e) for e in table.flat]


def _prime_det(A: Array) -> flint.nmod:
    p = _modulus(A)
    return flint.nmod_mat(len(A), len(A), _residues(A, p), p).det()


def _prime_solve(A: Array, b: Array) -> Array:
    p = _modulus(A, b)
    left = flint.nmod_mat(len(A), len(A), _residues(A, p), p)
    right = flint.nmod_mat(len(b), 1, _residues(b, p), p)
    return _to_object(left.solve(right).entries())


def laplace(rows: Sequence[Sequence[Any]]) -> Any:
    """The determinant by expansion along the first row: ring operations only, for small sizes."""
    if len(rows) == 1:
        return rows[0][0]
    total: Any = 0
    for j, entry in enumerate(rows[0]):
        minor = laplace([[e for k, e in enumerate(row) if k != j] for row in rows[1:]])
        total = total + entry * minor if j % 2 == 0 else total - entry * minor
    return total


def _float_ratio(x: Array, y: Array) -> Array:
    zero = y == 0
    with np.errstate(divide="ignore", invalid="ignore"):
        infinite = np.where(x == 0, 0.0, np.copysign(np.inf, x))
        return np.where(zero, infinite, x / np.where(zero, 1.0, y))


def float_x_log_ratio(x: Array, y: Array) -> Array:
    """x log(x / y) in floats, 0 at x = 0 and inf where y = 0 < x."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(x == 0, 0.0, x * np.log(_float_ratio(x, y)))


FLOATS = register(
    NumberSystem(
        name="floats",
        element=float,
        solve=lambda A, b: np.linalg.solve(A.astype(float), b.astype(float)[..., None])[..., 0],
        det=lambda A: np.linalg.det(A.astype(float)),
        functions={
            "sqrt": np.sqrt,
            "log": np.log,
            "exp": np.exp,
            "abs": np.abs,
            "max": np.maximum,
            "min": np.minimum,
            "ratio": _float_ratio,
            "x_log_ratio": float_x_log_ratio,
        },
    )
)


def ordered(element: Callable[[int], Any]) -> dict[str, Callable[..., Any]]:
    """abs, max and min of a system with an order.

    An integer that is picked becomes an element: positive(x) / 3 with Python's 0 would be a float.
    """

    def lifted(x: Any) -> Any:
        return element(x) if type(x) is int else x

    return {
        "abs": lambda x: lifted(x if x >= 0 else -x),
        "max": lambda x, y: lifted(x if x >= y else y),
        "min": lambda x, y: lifted(x if x <= y else y),
    }


RATIONALS = register(
    NumberSystem(
        name="the rationals",
        element=flint.fmpq,
        solve=_solve_with(flint.fmpq_mat),
        det=_det_with(flint.fmpq_mat),
        functions={**ordered(flint.fmpq), "ratio": exact_ratio},
        infinite=True,
        lacks="its values are irrational; the ball and sweep engines remain",
    )
)

PRIME_FIELD = register(
    NumberSystem(
        name="a prime field",
        element=flint.nmod,
        solve=_prime_solve,
        det=_prime_det,
        lacks="it has no order and no limits; the exact, ball and sweep engines remain",
    )
)


def symbols_system() -> NumberSystem:
    """Register and return sympy's expressions as a number system (sympy is imported here)."""
    import sympy

    if sympy.Expr in _SYSTEMS:
        return _SYSTEMS[sympy.Expr]
    functions = {
        "sqrt": sympy.sqrt,
        "log": sympy.log,
        "exp": sympy.exp,
        "abs": sympy.Abs,
        "max": sympy.Max,
        "min": sympy.Min,
        "ratio": exact_ratio,
        "x_log_ratio": lambda x, y: 0 if x == 0 else x * sympy.log(exact_ratio(x, y)),
    }
    return register(
        NumberSystem(
            name="symbols",
            element=sympy.Expr,
            solve=lambda A, b: _to_object(list(sympy.Matrix(A).LUsolve(sympy.Matrix(list(b))))),
            det=lambda A: sympy.Matrix(A).det(),
            functions=functions,
        )
    )
