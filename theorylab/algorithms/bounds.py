r"""The regret theorems with explicit constants, evaluated on a run; every quantity is measured.

From PDAM (Lemma 4.1), with C >= 1, D_t = 1/2 D_{pi_t} + 1/2 nu and eps_po the mean over the rounds
of the positive disadvantage under nu (times C), or of the best-action form (times C_s):

    LAMPS      (1-gamma) mean regret <= C eps_po + gamma C V_hat sqrt(2 (eps_kl + Reg_T / T))
    LAMPS-MM   (1-gamma) mean regret <= C eps_po + 2 gamma C (eps_mm + Reg_T / T)
    signed     (1-gamma) mean regret  = printed eps_po + gamma (eps_sn + Reg_T / T),  nu = D_expert
    SysID      (1-gamma) mean regret <= (1-gamma) eps_oc + gamma C V sqrt(2 (eps_kl + Reg_T / T))

eps_kl and Reg_T are of E_{D_t} KL(M* || M); V_hat is the largest sup norm of V_t, V that of V_t and
of the expert's values in M_t. Pinsker and Jensen make the square root; half of V_hat bounds a
difference of means where payoffs have one sign, else the constant is twice as large. Costs per
episode. A bound with C, or a divergence, that is infinite is void: it says nothing. A bound above
the largest regret possible is vacuous.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from theorylab.algorithms.losses import value_span
from theorylab.algorithms.measures import Losses
from theorylab.algorithms.meta import Run
from theorylab.errors import InvalidArgument
from theorylab.theory.tabular import occupancy

EPS_FORMS = Literal["positive", "best_action"]


@dataclass(frozen=True)
class Bound:
    """A bound on the mean regret of a run, per episode: its policy and its model part.

    void: why it says nothing ("" if it does); trivial: the largest regret that is possible.
    """

    regret: float
    policy_part: float
    model_part: float
    trivial: float
    void: str = ""

    @property
    def value(self) -> float:
        """The bound; infinite where it is void."""
        return math.inf if self.void else self.policy_part + self.model_part

    @property
    def vacuous(self) -> bool:
        """Whether the bound is void or at least the trivial one."""
        return self.value >= self.trivial

    @property
    def holds(self) -> bool | None:
        """Whether regret is at most the bound, up to rounding; None where it is void."""
        slack = 1e-9 * (1 + abs(self.policy_part) + abs(self.model_part))
        return None if self.void else bool(self.regret <= self.value + slack)


def lamps_bound(run: Run, form: EPS_FORMS = "positive") -> Bound:
    """Theorem 5.1 and Corollary A.4 in the form that stands; see the module."""
    found = run.measures
    V_hat = float(found.V_hat_max.max(initial=0.0))
    return _bound(run, form, V_hat * _pinsker(run, found.kl))


def lamps_mm_bound(run: Run, form: EPS_FORMS = "positive") -> Bound:
    """Theorem 6.1 in the form that stands; see the module. There is no square root."""
    return _bound(run, form, 2 * _mean(run.measures.moment))


def sysid_bound(run: Run) -> Bound:
    """Ross & Bagnell's bound with explicit constants; see the module."""
    found = run.measures
    V = float(np.maximum(found.V_hat_max, found.V_max).max(initial=0.0))
    gamma, C = float(run.world.gamma), found.coverage
    model = V * _pinsker(run, found.kl)
    void = _void(C, model)
    scale = 0.0 if void else gamma * C * model / (1 - gamma)
    policy = float(_rounds(run, found.eps_oc))
    return Bound(_regret(run), policy, scale, value_span(run.world), void)


def signed_bound(run: Run) -> Bound:
    """Theorem B.1: an equality, where nu is the expert's occupancy; else void."""
    found, gamma = run.measures, float(run.world.gamma)
    apart = np.abs(occupancy(run.world, run.expert) - run.nu).max()
    void = "" if apart <= 1e-9 else "nu is not the expert's occupancy: signed terms need it"
    policy = _rounds(run, found.eps("printed")) / (1 - gamma)
    model = gamma * _mean(found.signed) / (1 - gamma)
    return Bound(_regret(run), policy, model, value_span(run.world), void)


def _bound(run: Run, form: EPS_FORMS, model: float) -> Bound:
    if form not in ("positive", "best_action"):
        raise InvalidArgument(f"form is {form!r}, expected 'positive' or 'best_action'.")
    found, gamma = run.measures, float(run.world.gamma)
    C = found.coverage if form == "positive" else max(found.coverage, found.state_coverage)
    void = _void(C, model)
    if void:
        return Bound(_regret(run), 0.0, 0.0, value_span(run.world), void)
    share = found.coverage if form == "positive" else found.state_coverage
    policy = share * _rounds(run, found.eps(form)) / (1 - gamma)
    part = gamma * found.coverage * model / (1 - gamma)
    return Bound(_regret(run), policy, part, value_span(run.world))


def _void(C: float, model: float) -> str:
    if math.isinf(C):
        return "nu does not cover the expert: C is infinite"
    return (
        "a model of the run excludes a true successor: KL is infinite" if math.isinf(model) else ""
    )


def _pinsker(run: Run, kl: Losses) -> float:
    """sqrt(2 mean KL), twice it where payoffs have both signs."""
    one_sign = (run.world.payoff >= 0).all() or (run.world.payoff <= 0).all()
    return (1 if one_sign else 2) * math.sqrt(2 * max(_mean(kl), 0.0))


def _mean(losses: Losses) -> float:
    """eps_model + Reg_T / T: the mean loss of the models played."""
    return float(losses.played.mean()) if len(losses.played) else 0.0


def _rounds(run: Run, values: np.ndarray) -> float:
    if not run.rounds:
        raise InvalidArgument("run has no rounds, expected at least one: there is no mean regret.")
    return float(values.mean())


def _regret(run: Run) -> float:
    return _rounds(run, run.measures.regret)
