"""The lint: what would make a verdict unsound is refused with its line; what is fine passes."""

import importlib.util
import textwrap

import pytest

from theorylab.claims import make_claim
from theorylab.errors import ClaimError
from theorylab.loading import load

HEADER = """\
import cmath
import math
import random

import numpy as np

from theorylab import MDP, Integer, Model, Policy, at_most, chain, equal, every
from theorylab.arithmetic import inf, l1_norm, maximum, minimum, positive, sup, sup_norm
from theorylab.notation import D, E, J, Q, V

"""
REFUSED = {
    "a float literal": ("x = V(M, pi) * 0.5", "the float 0.5"),
    "a float in scientific notation": ("x = J(M, pi) + 1e-9", "the float 1e-09"),
    "a complex literal": ("x = J(M, pi) * 2j", "the float 2j"),
    "a power of a half": ("x = M.gamma ** 0.5", "the float 0.5"),
    "a literal quotient": ("x = J(M, pi) * (1 / 2)", "1 / 2 is int/int"),
    "a literal quotient in a call": ("x = sup_norm(V(M, pi) * (2 / 3))", "2 / 3 is int/int"),
    "max": ("x = max(M.gamma, J(M, pi))", "builtin max"),
    "min": ("x = min(M.gamma, J(M, pi))", "builtin min"),
    "abs": ("x = abs(J(M, pi))", "Use absolute"),
    "round": ("x = round(J(M, pi))", "builtin round"),
    "float": ("x = float(J(M, pi))", "builtin float"),
    "complex": ("x = complex(J(M, pi))", "builtin complex"),
    "sorted": ("x = sorted(V(M, pi))[0]", "builtin sorted"),
    "any": ("x = any(V(M, pi))", "builtin any"),
    "all": ("x = all(V(M, pi))", "builtin all"),
    "np.sqrt": ("x = np.sqrt(J(M, pi))", "np.sqrt is"),
    "np.log": ("x = np.log(J(M, pi))", "np.log is"),
    "np.where": ("x = np.where(V(M, pi), V(M, pi), 0)", "np.where"),
    "np.maximum": ("x = np.maximum(V(M, pi), 0)", "np.maximum"),
    "np.maximum.reduce": ("x = np.maximum.reduce(V(M, pi))", "np.maximum.reduce"),
    "np.abs": ("x = np.abs(V(M, pi))", "np.abs"),
    "np.linalg.solve": ("x = np.linalg.solve(M.P[0], M.c)", "np.linalg.solve"),
    "np.random": ("x = np.random.default_rng(0).random()", "np.random"),
    "np.eye": ("x = np.eye(2) @ V(M, pi)", "np.eye"),
    "np.clip": ("x = np.clip(V(M, pi), 0, 1)", "np.clip"),
    "np.allclose": ("x = np.allclose(V(M, pi), 0)", "np.allclose"),
    ".max()": ("x = V(M, pi).max()", ".max(...) compares numbers"),
    ".min()": ("x = (M.c - V(M, pi)[:, None]).min(1)", ".min(...) compares numbers"),
    ".argmax()": ("x = V(M, pi)[Q(M, pi).argmax()]", ".argmax(...)"),
    ".argmin()": ("x = M.c.argmin()", ".argmin(...)"),
    ".sort()": ("x = V(M, pi).sort()", ".sort(...)"),
    ".clip()": ("x = V(M, pi).clip(0, 1)", ".clip(...)"),
    ".round()": ("x = V(M, pi).round()", ".round(...)"),
    ".astype()": ("x = V(M, pi).astype(int)", ".astype(...)"),
    "math.sqrt": ("x = math.sqrt(J(M, pi))", "math.sqrt is"),
    "math.log": ("x = math.log(2) * J(M, pi)", "math.log"),
    "cmath.exp": ("x = cmath.exp(J(M, pi))", "cmath.exp"),
    "random": ("x = random.random() * J(M, pi)", "random.random"),
    "if": ("if M.gamma:\n    x = 1", "'M.gamma' decides on a number"),
    "if with a comparison": ("if J(M, pi) > 0:\n    x = 1", "'J(M, pi) > 0' decides"),
    "elif": ("if n > 1:\n    x = 1\nelif M.gamma:\n    x = 2", "'M.gamma' decides"),
    "if expression": ("x = 1 if J(M, pi) else 2", "decides on a number"),
    "a comparison": ("x = (V(M, pi) > 0) * V(M, pi)", "'V(M, pi) > 0' decides"),
    "equality as a number": ("x = (M.c == 0).sum()", "'M.c == 0' decides"),
    "or": ("x = M.gamma or 1", "'M.gamma or 1' decides"),
    "and": ("x = M.gamma and J(M, pi)", "decides on a number"),
    "while": ("x = n\nwhile M.gamma:\n    x = x - 1", "'M.gamma' decides"),
    "assert": ("assert M.gamma", "'M.gamma' decides"),
    "in a lambda": ("f = lambda y: y * 0.5\nx = f(J(M, pi))", "the float 0.5"),
    "in an inner function": ("def f(y):\n    return abs(y)\nx = f(J(M, pi))", "builtin abs"),
    "in a comprehension": ("x = sum(v for v in V(M, pi) if v > 0)", "'v > 0' decides"),
    "in an argument": ("x = E(pi, M.c * 0.5)", "the float 0.5"),
    "a bare number in a comprehension": ("x = sum(1 for v in V(M, pi) if v)", "decides"),
    "not": ("x = (not M.gamma) * J(M, pi)", "decides"),
    "int": ("x = int(J(M, pi))", "int(...)"),
    "bool": ("x = bool(J(M, pi)) * 1", "bool(...)"),
    "match": ("match M.gamma:\n    case 0:\n        x = 1\n    case _:\n        x = 2", "match"),
}
"""Bodies in which the first offence stands on the last line that names it, and the message."""
ALLOWED = {
    "range loop": "x = 0\nfor h in range(n):\n    x = x + M.gamma ** h",
    "range in a comprehension": "x = sum(M.gamma ** (h + 1) for h in range(1, n + 1) if h != 1)",
    "if on an Integer": "x = M.gamma\nif n > 1:\n    x = x * 2",
    "if expression on an Integer": "x = M.gamma if n == 1 else J(M, pi)",
    "if on a size": "x = M.gamma if M.S * M.A > 2 else J(M, pi)",
    "if on a shape": "x = M.gamma if M.P.shape[0] == 1 and M.c.ndim == 2 else J(M, pi)",
    "if on len": "x = M.gamma if len(M.start) > 1 else J(M, pi)",
    "while on an Integer": "x = M.gamma\nwhile n > 9:\n    x = x * 2",
    "assert on an Integer": "assert 1 <= n <= 3\nx = M.gamma",
    "is None": "y = None\nx = M.gamma if None is None else J(M, pi)",
    "sizes as numbers": "x = M.gamma * M.S / M.A",
    "len and sum": "x = sum(M.start) * len(M.start)",
    "a quotient of an element": "x = J(M, pi) / 2 + 1 / (1 - M.gamma) + M.gamma / 3 * 2",
    "powers": "x = M.gamma ** 2 - M.gamma ** n",
    "arithmetic's own functions": "x = maximum(sup_norm(V(M, pi)), positive(J(M, pi)))",
    "sup and inf": "x = sup(V(M, pi)) - inf(Q(M, pi))",
    "sums and reshapes": "x = np.sum(M.c) + M.c.sum(1).mean() + M.c.reshape(-1)[0]",
    "numpy that only arranges": "x = np.concatenate([M.start, M.start]).sum() + np.ravel(M.c)[0]",
    "masks by step": "x = sum(D(M, pi)[s, 0] for s in range(M.S) if s > 0) + M.gamma",
    "strings": 'x = M.gamma\ny = "0.5 and max(1/2)"',
}


def module(tmp_path, text):
    """The text as a module of its own."""
    file = tmp_path / "mine.py"
    file.write_text(text)
    spec = importlib.util.spec_from_file_location("mine", file)
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def body(text):
    """A claim with this body, whose last line relates x, after the header."""
    head = (
        'def subject(M: MDP, pi: Policy, n: Integer(1, 3)):\n    """Its statement: 0.5, max."""\n'
    )
    return f"{HEADER}\n{head}{textwrap.indent(text, '    ')}\n    return equal(x, x)\n"


def line_of(text, offence):
    """The number of the line on which the offence's code stands."""
    lines = text.splitlines()
    return next(k for k, line in enumerate(lines, 1) if offence in line and "Its" not in line)


def refused(tmp_path, text):
    """The lint's message."""
    with pytest.raises(ClaimError) as caught:
        make_claim(module(tmp_path, text).subject, "mine", "a lemma")
    return str(caught.value)


SPOTS = {
    "a literal quotient in a call": "2 / 3", "elif": "elif", "while": "while", "if": "if M",
    "in a lambda": "0.5", "in an inner function": "abs(", "match": "match",
    "if with a comparison": "if J", "assert": "assert",
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_unsound_is_refused_with_its_line(tmp_path, name):
    """The message names the claim, the line of the file and what to do about it."""
    code, words = REFUSED[name]
    text = body(code)
    message = refused(tmp_path, text)
    assert words in message
    spot = SPOTS.get(name, code.splitlines()[0])
    assert message.startswith(f"mine.subject line {line_of(text, spot)}: ")


@pytest.mark.parametrize("name", ALLOWED)
def test_what_is_sound_passes(tmp_path, name):
    """Branching on integers, sizes and steps, and the library's own functions."""
    made = make_claim(module(tmp_path, body(ALLOWED[name])).subject, "mine", "a lemma")
    assert made.name == "subject"


@pytest.mark.parametrize(
    "name",
    ["a float literal", "a literal quotient", "max", "np.where", ".max()", "math.sqrt", "random",
     "a comparison", "if expression"],
)  # fmt: skip
def test_helpers_of_the_same_file_are_read_too(tmp_path, name):
    """The same offence in a function that a helper calls is refused at its own line."""
    code, words = REFUSED[name]
    helpers = (
        f"\ndef inner(M, pi):\n    {code}\n    return x\n"
        "\ndef outer(M, pi):\n    return inner(M, pi)\n"
        "\ndef subject(M: MDP, pi: Policy):\n    return equal(outer(M, pi), 0)\n"
    )
    text = HEADER + helpers
    message = refused(tmp_path, text)
    assert words in message
    assert message.startswith(f"mine.subject line {line_of(text, code)}: ")


def test_helpers_that_are_not_called_are_not_read(tmp_path):
    """A float in another function of the file concerns nobody."""
    text = body("x = J(M, pi)") + "\ndef other(M):\n    return M.gamma * 0.5\n"
    assert make_claim(module(tmp_path, text).subject, "mine", "a lemma").name == "subject"


def test_an_integers_name_is_a_number_in_a_helper(tmp_path):
    """A helper's parameter is no Integer because the claim has one of the same name."""
    text = (
        f"{HEADER}\ndef helper(n):\n    return n if n > 0 else 0\n"
        "\ndef subject(M: MDP, pi: Policy, n: Integer(1, 2)):\n"
        "    return equal(n * helper(J(M, pi)), 0)\n"
    )
    assert "'n > 0' decides on a number" in refused(tmp_path, text)


def test_a_function_that_shadows_a_builtin_is_the_authors(tmp_path):
    """`from theorylab.arithmetic import max` makes max(...) sound."""
    text = body("x = max(J(M, pi), M.gamma) - abs(M.gamma)")
    text = text.replace("import maximum", "import maximum").replace(
        "from theorylab.notation",
        "from theorylab.arithmetic import abs, max\nfrom theorylab.notation",
    )
    assert make_claim(module(tmp_path, text).subject, "mine", "a lemma").name == "subject"


def test_the_first_offence_is_named_in_reading_order(tmp_path):
    """Two offences: the earlier line is in the message."""
    text = body("x = J(M, pi)\nx = x * 0.25\nx = abs(x)")
    assert f"line {line_of(text, '0.25')}: the float" in refused(tmp_path, text)


def test_only_plain_functions_are_claims():
    """A lambda, a builtin and a callable object are refused with words."""
    with pytest.raises(ClaimError, match="plain function"):
        make_claim(print, "mine", "a lemma")
    with pytest.raises(ClaimError, match="plain function"):
        make_claim(object(), "mine", "a lemma")
    scope = {}
    exec("from theorylab import MDP, equal\ndef f(M: MDP): return equal(1, 1)", scope)
    with pytest.raises(ClaimError, match="source of f is not available"):
        make_claim(scope["f"], "mine", "a lemma")


def test_a_method_by_its_inner_name_is_refused(tmp_path):
    """x.__eq__(y) decides on a number, whatever it is called."""
    file = tmp_path / "mine.py"
    file.write_text(
        "from theorylab import Number, claim, equal\n\n\n@claim('x')\n"
        "def inner(x: Number(0, 1)):\n    return equal(1 * x.__eq__(1), 0)\n"
    )
    with pytest.raises(ClaimError, match="__eq__ has no place in a formula"):
        load(file)
