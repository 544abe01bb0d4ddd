"""Checkers and library agree: on random instances, on domains, on what has a standalone form."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.exporting import (
    LAMPS,
    QUICK,
    bare,
    disagreements,
    draw,
    leaves,
    loaded,
    plant,
    refutation,
    replaced,
    written,
)
from theorylab.claims import Claim
from theorylab.errors import EngineError, TheorylabError
from theorylab.givens import check_domain
from theorylab.loading import load
from theorylab.report.export import export
from theorylab.run import verify
from theorylab.verdicts import Outcome
from theorylab.worlds.io import decode

CLAIMS = '''
import numpy as np

from theorylab import *
from theorylab import arithmetic
from theorylab.arithmetic import (
    absolute, det, exp, identity, inf, inverse, log, maximum, minimum, ratio, solve, sqrt, x_log_ratio,
)
from theorylab.notation import *
from theorylab.theory import tabular
from theorylab.theory.finite_horizon import *
from theorylab.theory.information import cross_entropy
from theorylab.theory.online import *
from theorylab.theory.planning import *
from theorylab.theory.tabular import *

WEIGHTS = (2, 3)


@claim("values and occupancies")
def discounted(M: MDP, N: Model, pi: Policy, n: Integer(0, 2)):
    """All functions of a policy, each on one line."""
    shifted = N.with_start(d_at(M, pi, n))
    return every(
        equal(V(M, pi), V(N, pi)), equal(Q(M, pi), Q(N, pi)), at_most(Adv(M, pi), Adv(N, pi)),
        equal(d(M, pi), d(shifted, pi)), equal(D(M, pi), D(shifted, pi)),
        equal(D_at(M, pi, n), D_at(N, pi, n)), at_most(J(M, pi), J(shifted, pi)),
        equal(unnormalised_occupancy(M, pi), unnormalised_occupancy(N, pi)),
        equal(T_pi(M, pi, M.start), T_pi(N, pi, M.start)), equal(T(M, M.start), T(N, M.start)),
        equal(policy_transitions(M, pi), policy_transitions(N, pi)),
        equal(tabular.policy_payoff(M, pi), 0 * M.start),
        equal(state_marginal(D(M, pi)), d(M, pi)),
        equal(identity_minus(M, policy_transitions(M, pi)), lift(M.gamma, 2) * identity(M.S)),
        equal(next_value(M.P, V(M, pi)), backup(M, V(M, pi))),
        equal(E(pi, M.c), E(M.P, M.start)[:, 0]),
    )


@claim("optimal")
def optimal(M: MDP, R: RewardMDP, pi: DeterministicPolicy, Pi: Several(Policy)):
    """Costs and rewards; policies and values."""
    return (
        at_most(J_star(M), J(M, pi)), at_least(J_star(R), J(R, pi)), equal(V_star(M), V_star(R)),
        equal(optimal_policy(M).probabilities, pi.probabilities),
        equal(greedy_policy(R, V(R, pi)).probabilities, optimal_policy(R).probabilities),
        equal(best_performance(M, (pi, *Pi)), best_performance(R, Pi)),
        equal(R.r, M.c), equal(V(M.with_transitions(R.P), pi), V(R, pi)),
    )


@claim("finite horizon")
def finite(M: FiniteHorizonMDP, R: RewardFiniteHorizonMDP, pi: NonstationaryPolicy):
    """Values, occupancies and optima."""
    best = finite_horizon_optimal_values(M)
    return every(
        equal(finite_horizon_performance(M, pi), finite_horizon_performance(R, pi)),
        equal(np.stack(finite_horizon_values(M, pi)), np.stack(best)),
        equal(np.stack(finite_horizon_optimal_values(R)), np.stack(best)),
        equal(np.stack(finite_horizon_action_values(M, pi)), M.payoff),
        equal(np.stack(finite_horizon_occupancies(M, pi)), R.payoff),
        at_least(sum(E(D, M.payoff[h]) for h, D in enumerate(finite_horizon_occupancies(R, pi))), 1),
    )


@claim("proof")
def proof(M: MDP, N: Model, pi: Policy, f: StateFunction):
    """A chain with a broken line in the middle."""
    gap = M.P @ f - N.P @ f
    return (
        chain(J(M, pi) - J(N, pi))
        .equal(E(M.start, V(M, pi) - V(N, pi)), "definition")
        .equal(E(D(M, pi), gap), "wrong: V for f, no gamma")
        .at_most(sup_norm(f) * E(D(M, pi), l1_norm(M.P - N.P)), "Hoelder")
    )


@claim("entropies")
def entropies(p: StateDistribution, q: StateDistribution):
    """Pinsker with a wrong constant, and its relatives."""
    return every(
        at_most(3 * TV(p, q) ** 2, KL(p, q)),
        at_most(-x_log_ratio(p, 1 + 0 * p).sum(), log(3 + 0 * sup(p))),
    )


@claim("roots")
def roots(x: Number(0, 2), y: Number("1/3", None), p: StateDistribution):
    """Roots, exponentials and logarithms on scalars and tables."""
    return every(
        at_most(sqrt(x) * sqrt(y), (x + y) / 2), equal(sqrt(x * x), x), at_most(exp(-x), 1 - x / 2),
        at_most(log(1 + x), x / (1 + y)), at_most(sqrt(p).sum(), exp(p).sum() / 3),
        at_most(maximum(sqrt(x), sqrt(y)), x + y), at_most(absolute(log(y)), minimum(x, exp(y))),
        equal(cross_entropy(p + y, p + y), 0 * x), at_most(inf(exp(p)), sqrt(2 * x / x)),
    )


@claim("learners")
def learners(M: MDP, f: StateActionFunction, rate: Number(0, 2)):
    """Hedge, its regret, the leader."""
    weights = hedge_weights(f, rate)
    paid = (weights * f).sum(-1)
    return every(
        equal(leader(f.sum(0)), leader(-f[0])), equal(regret(paid, f), paid.sum()),
        at_most(paid.sum(), best_fixed_loss(f)), at_most(weights[-1], exponential_weights(f[0], rate)),
        at_most(J(M, exponential_weights_policy(f, rate)), 1 / (1 - M.gamma) / 2),
    )


@claim("algebra")
def algebra(M: MDP, f: StateActionFunction, two: tuple[StateDistribution, Policy]):
    """Linear algebra, ratios, norms and signs."""
    p, pi = two
    A = 2 * identity(M.S) + policy_transitions(M, pi)
    return every(
        equal(solve(A, p), inverse(A) @ M.start), equal(det(A), det(A.T)),
        at_most(ratio(p, 1 + M.start), positive(p - M.start)), at_most(inf(f, 1), sup(f, 1)),
        equal(l1_norm(f), abs_rows(f)), at_most(sup_norm(f), arithmetic.sup(f)),
        equal(p @ A @ p, WEIGHTS[0] * E(p, p)), at_least(coverage(1 + p, 1 + M.start), 1),
    )


def row_of(f, s):
    """A helper's helper, with another part of numpy."""
    return np.take(f, [s], 0)[0]


def abs_rows(f):
    """A helper, with a list and a loop of its own."""
    rows = []
    for s in range(len(f)):
        rows.append(sum(absolute(row_of(f, s)[a]) for a in range(f.shape[1])))
    return np.array(rows)


@claim("hypotheses")
def hypotheses(M: MDP, pi: Policy, other: Policy):
    """Only where one policy is the better one."""
    assume(at_most(J(M, pi), J(M, other)), "better")
    return at_most(V(M, pi), V(M, other))


@claim("arrays")
def arrays(M: MDP, f: StateActionFunction, g: StateActionFunction):
    """What a claim may use of numpy: every line is false, its left side is what is looked at."""
    P, x, y = M.P, f[0], g[:, 0]
    square, rows = P[:, 0], [f, g]
    return every(*(equal(a, 3 * a + 1) for a in (
        np.einsum("sap,sa->p", P, f), np.einsum("sap,p", P, y), np.einsum("sap->pas", P),
        np.einsum("ss->s", square), np.einsum("s,a->sa", y, x), np.stack(rows, 1),
        np.stack(rows, axis=-1), np.concatenate(rows, 1), np.concatenate(rows), np.hstack(rows),
        np.vstack([x, x + 1]), np.hstack([x, y]), np.cumsum(f), np.cumsum(f, 1), f.cumsum(0),
        np.cumprod(g, axis=0), g.cumprod(1), np.outer(x, y), np.kron(f, P[0]), np.inner(f, g),
        np.dot(f.T, g), np.dot(x, x), np.tensordot(P, g, axes=([2], [0])),
        np.tensordot(P, g, 1), np.tensordot(P, f, axes=([0, 1], [0, 1])), np.matmul(y, square),
        np.trace(square), square.trace(), np.diag(y), np.diag(square), np.diagonal(P),
        P.diagonal(), np.roll(f, 1), np.roll(g, -1, 1), np.transpose(P, (2, 0, 1)), P.transpose(2, 0, 1),
        np.transpose(P), P.T, np.swapaxes(P, 0, 1), P.swapaxes(-1, 0), np.moveaxis(P, 0, 2),
        np.moveaxis(P, -1, 1), np.reshape(f, -1), P.reshape(M.S, -1), np.repeat(f, 2, 1), f.repeat(2),
        np.tile(f, 2), np.flip(f), np.flip(f, 0), np.triu(square), np.tril(square, -1),
        np.triu(f, 1), np.tril(g), np.expand_dims(f, 1), np.expand_dims(f, -1),
        np.broadcast_to(y[:, None], f.shape), np.squeeze(f[:, None]), np.prod(f), f.prod(axis=1),
        np.prod(f, 0), np.sum(f, axis=1), f.sum(-1, keepdims=True), np.sum(P, (0, 2)), np.take(f, [0], 1),
        f.take([0]), f[:, [-1]], f[::-1], f[-1:None:-1, ::2], f.mean(), P.mean(0), np.ravel(f),
        np.ndim(P) * f.ndim * f.flatten(), f.size * np.shape(P)[0] * f, np.arange(M.S) * y,
        (f.T @ f) ** 2, (-g).T.dot(g), x @ P, x @ P[0], P @ y, P @ P[:, 0], P @ P.swapaxes(1, 2),
        2 - f, f - 2 / (3 + g), f / (3 + g), f + y[:, None], f.copy(), P[..., 0], P[0, ..., :1],
        f[None, ..., None], P[0, np.newaxis], P[-1, :, 0], f[:, :][...], np.asarray([[x, x], [x, 0 * x]]),
        sum(row for row in f), len(f) * f, np.array([f[0, 0], y[0], 1]),
    )))
'''  # noqa: E501


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Claim]:
    """The claims above, by name."""
    file = tmp_path_factory.mktemp("mine") / "mine.py"
    file.write_text(CLAIMS)
    return {c.name: c for c in load(file).claims}


def test_two_hundred_random_instances_agree(mine: dict[str, Claim], tmp_path: Path) -> None:
    """Same decision on every line, identical fractions on both sides, enclosures that meet."""
    paper = {c.name: c for c in load(LAMPS).claims}
    names = ("pdpm_bound", "pdam_recurrence", "pdam_exploration_proof", "linear_loss_corrected")
    theirs = [paper[n] for n in names]
    count, wrong = disagreements([*mine.values(), *theirs], 17, tmp_path)
    assert count >= 200
    assert not wrong, wrong[:3]


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("vocabulary", "rows[s, a] * M.P[s, a, t] for a", "rows[s, a] * M.P[t, a, s] for a"),
        ("vocabulary", "P[s, t] for s in S] for t", "P[t, s] for s in S] for t"),
        ("vocabulary", "(1 - M.gamma) * M.start", "M.start"),
        ("tables", "lambda x, y: y - x", "lambda x, y: x - y"),
        ("relations", "else x <= y", "else x < y"),
    ],
)
def test_broken_standalone_code_is_noticed(
    mine: dict[str, Claim], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    file: str, old: str, new: str,
) -> None:  # fmt: skip
    """One change in a definition (a transposed P, a lost factor, ...) and the two disagree."""
    plant(monkeypatch, file, old, new)
    claims = [mine["proof"], mine["discounted"], mine["arrays"]]
    _, wrong = disagreements(claims, 8, tmp_path)
    assert wrong


def test_a_checker_that_disagrees_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = next(c for c in load(LAMPS).claims if c.name == "action_value_as_printed")
    plant(monkeypatch, "vocabulary", "pi), policy_payoff(M, pi))", "pi), 2 * policy_payoff(M, pi))")
    with pytest.raises(EngineError, match=r"as_printed: .* disagree \(rejected"):
        export(claim, refutation(claim), LAMPS, tmp_path, QUICK)
    assert list(tmp_path.iterdir()) == []


# ---- domains -----------------------------------------------------------------------------------

DOMAINS = """
from theorylab import *


@claim("everything")
def discounted(
    M: MDP, N: Model, R: RewardMDP, pi: Policy, sure: DeterministicPolicy, x: Number("1/3", 2),
    y: Number(0, 1, below_high=True), z: Number(0, None), n: Integer(1, 3), S: Integer(0, 1),
):
    return equal(M.gamma, N.gamma)


@claim("tables")
def tables(
    F: FiniteHorizonMDP, G: RewardFiniteHorizonMDP, pi: NonstationaryPolicy, p: StateDistribution,
    nu: StateActionDistribution, f: StateFunction, g: StateActionFunction, few: Several(Policy, 2),
    two: tuple[StateDistribution, Policy],
):
    return equal(p.sum(), 1)
"""


@pytest.mark.parametrize("name", ["discounted", "tables"])
def test_both_accept_the_same_instances(tmp_path: Path, name: str) -> None:
    """Every leaf of an instance is changed: the checker refuses it where the library does."""
    file = tmp_path / "mine.py"
    file.write_text(DOMAINS)
    claim = next(c for c in load(file).claims if c.name == name)
    checker = loaded(written(claim, tmp_path))
    refused = accepted = 0
    for record, _ in draw(claim, 3, 5):
        for path, value in leaves(record):
            for other in ("0", "1/2", "1", "2", "-1", 1, 4, True, 0.5, "1/0", "x", None, []):
                if other == value and (type(other) is type(value) or path[0] == "sizes"):
                    continue
                tampered = replaced(record, path, other)
                theirs = accepts(claim, tampered)
                assert accepted_by(checker, tampered) is theirs, (path, value, other)
                refused, accepted = refused + (not theirs), accepted + theirs
    assert refused > 500 and accepted > 20


def accepts(claim: Claim, record: Any) -> bool:
    """Whether the library takes an instance as one of the claim's domain."""
    try:
        instance = {name: decode(data, name) for name, data in record["instance"].items()}
        sizes = check_domain(claim.parameters, instance)
        return sizes == record["sizes"] and all(type(k) is int for k in record["sizes"].values())
    except (TheorylabError, ValueError, TypeError):
        return False


def accepted_by(checker: dict[str, Any], record: Any) -> bool:
    """Whether a checker takes it; a failure of the checker is a refusal."""
    try:
        checker["judged"](record, checker["DOMAIN"], checker["CLAIM"])
    except Exception:
        return False
    return True


def test_an_irrational_refutation_is_confirmed(mine: dict[str, Claim], tmp_path: Path) -> None:
    claim = mine["entropies"]
    verdict = verify(claim, engines=["ball"])
    assert verdict.outcome is Outcome.REFUTED
    folder = export(claim, verdict, Path("mine.py"), tmp_path, QUICK)
    assert "..." in bare(folder / "check.py").stdout
    record = json.loads((folder / "counterexample.json").read_text())
    digits = record["rhs"].replace("[0.", "[0.9", 1)
    assert digits != record["rhs"]
    (tmp_path / "wrong.json").write_text(json.dumps({**record, "rhs": digits}))
    assert bare(folder / "check.py", str(tmp_path / "wrong.json")).returncode == 1
