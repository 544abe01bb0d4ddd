r"""Algorithm 3 by Algorithm 5: no-regret policy iteration (NRPI) under an exploration distribution.

    s ~ nu, a uniform, Q^{pi_n}(s, a) in the model  ->  a cost-sensitive classifier trained on all
    data so far gives pi_{n+1}

The classifier is an online learner of the linear losses l_n(pi) = E_{s~nu} E_{a~pi(s)} Q^{pi_n}:
Follow-the-Leader, or Hedge, over a finite policy class (Hedge mixes action probabilities) or, state
by state, over all policies. Only states that nu visits are looked at; elsewhere the leader takes
action 0 and Hedge is uniform. Q is exact, by one linear solve for each iterate, or a rollout for
each datum (`rollouts`).

If the class holds nu(.|s), the mean of (8) over the iterates is at most the classifier's regret per
round eps_Reg, so that of the best iterate is, too. Equation (14) is of the mean of the iterates'
values, not of the value of their mean; so one iterate is returned unless "average" is asked for.
Source: Ross & Bagnell (2014); LAMPS, Appendix B.2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from theorylab.algorithms.disadvantage import (
    Computed,
    Disadvantage,
    Form,
    disadvantage,
    disadvantage_of_values,
)
from theorylab.algorithms.hedge import log_normalised
from theorylab.algorithms.losses import value_span
from theorylab.algorithms.rollouts import rollout_costs
from theorylab.algorithms.spaces import Floats, exploration, float_policy, least_cost, whole_number
from theorylab.algorithms.work import Work
from theorylab.errors import InvalidArgument
from theorylab.theory.tabular import backup, value
from theorylab.worlds.checks import frozen
from theorylab.worlds.mdp import MDP, Policy, unchecked


@dataclass(frozen=True, eq=False)
class NRPI:
    """A ComputePolicy: Algorithm 5 under nu (S, A).

    rounds: N; policies: a finite class, None for all policies; learner: the classifier; samples:
    data drawn in each round, None for exact Q; returned: which iterate, or the average of their
    action probabilities ("best" needs exact Q); form: the eps_po by which "best" and `target`
    judge (of two policies the better one may have the larger printed one); target: stop as soon as
    an iterate's eps_po is at most this.
    """

    nu: Floats
    rounds: int = 10
    policies: tuple[Policy, ...] | None = None
    learner: Literal["leader", "hedge"] = "leader"
    samples: int | None = None
    returned: Literal["best", "last", "average", "drawn"] = "best"
    form: Form = "printed"
    target: float | None = None

    def __post_init__(self) -> None:
        whole_number(self.rounds, "NRPI.rounds", 1)
        if self.policies is not None and not self.policies:
            raise InvalidArgument("NRPI.policies is empty, expected at least one policy, or None.")
        if self.samples is not None:
            whole_number(self.samples, "NRPI.samples", 1)
            if self.returned == "best" or self.target is not None:
                raise InvalidArgument(
                    "NRPI.returned is 'best' (or target is given) with rollouts: eps_po is known"
                    " with exact Q only. Ask for 'last', 'average' or 'drawn'."
                )

    def __call__(self, model: MDP, rng: np.random.Generator) -> Computed:
        """The policy that was asked for, its exact eps_po, and eps_Reg."""
        search = _Search(replace(self, nu=exploration(self.nu, model)), model)
        for n in range(self.rounds):
            search.step(n, rng)
            if self.target is not None and search.best(self.form) <= self.target:
                break
        return search.result(rng)


class _Search:
    """One run of NRPI on one model: the iterates so far and what they cost."""

    def __init__(self, task: NRPI, model: MDP):
        self.task, self.model, self.sign = task, model, least_cost(model)
        self.states = np.flatnonzero(task.nu.sum(-1) > 0)
        self.stack = _stack(task.policies, model)
        self.total = np.zeros((model.S, model.A))
        self.paid = 0.0
        self.iterates: list[Policy] = []
        self.errors: list[Disadvantage] = []
        self.work = Work(solver_calls=1)

    def step(self, n: int, rng: np.random.Generator) -> None:
        """Evaluate the iterate n and add its costs to the classifier's data."""
        pi = self._next(n)
        costs = self._exact(pi) if self.task.samples is None else self._rolled(pi, rng)
        self.iterates.append(pi)
        self.paid += float((pi.probabilities * costs).sum())
        self.total = self.total + costs

    def _exact(self, pi: Policy) -> Floats:
        V = value(self.model, pi)
        Q = backup(self.model, V)
        self.work += Work(linear_solves=1, backups=len(self.states) * self.model.A)
        self.errors.append(disadvantage_of_values(self.model, V, Q, self.task.nu))
        return np.asarray(self.task.nu.sum(-1)[:, None] * (self.sign * Q))

    def _rolled(self, pi: Policy, rng: np.random.Generator) -> Floats:
        assert self.task.samples is not None
        costs, steps = rollout_costs(self.model, pi, self.task.nu, self.task.samples, rng)
        self.work += Work(model_steps=steps)
        return self.sign * costs

    def _next(self, n: int) -> Policy:
        if self.task.learner == "hedge":
            return self._hedged()
        if self.stack is None:
            return _conditional(self.task.nu) if n == 0 else self._least_actions()
        scores = (self.stack * self.total).sum((-2, -1))
        return _policy(self.stack[int(scores.argmin())])

    def _least_actions(self) -> Policy:
        chosen = self.total.argmin(-1)[:, None] == np.arange(self.model.A)
        return _policy(chosen.astype(float))

    def _hedged(self) -> Policy:
        """Hedge at the rate that suits N rounds of exact Q."""
        span = value_span(self.model)
        if self.stack is None:
            mass = self.task.nu.sum(-1)[:, None]
            scores = np.divide(-self.total, mass, out=np.zeros(self.total.shape), where=mass > 0)
            rate = _rate(self.model.A, self.task.rounds, span)
            return _policy(np.exp(log_normalised(rate * scores)))
        rate = _rate(len(self.stack), self.task.rounds, span)
        shares = np.exp(log_normalised(-rate * (self.stack * self.total).sum((-2, -1))))
        return _policy((shares[:, None, None] * self.stack).sum(0))

    def best(self, form: Form) -> float:
        """The least eps_po so far."""
        return min(getattr(error, form) for error in self.errors)

    def result(self, rng: np.random.Generator) -> Computed:
        """What the task asks for, with eps_Reg over the iterates tried."""
        pi, error = self._returned(rng)
        target, found = self.task.target, getattr(error, self.task.form)
        regret = (self.paid - self._least()) / len(self.iterates)
        reached = target is None or found <= target
        return Computed(pi, error, self.work, reached, len(self.iterates), regret)

    def _returned(self, rng: np.random.Generator) -> tuple[Policy, Disadvantage]:
        if self.task.returned == "average":
            mean = sum(pi.probabilities for pi in self.iterates) / len(self.iterates)
            pi = _policy(np.asarray(mean))
            return pi, disadvantage(self.model, pi, self.task.nu)
        if self.task.returned == "best":
            k = int(np.argmin([getattr(error, self.task.form) for error in self.errors]))
            return self.iterates[k], self.errors[k]
        drawn = int(rng.integers(len(self.iterates)))
        k = drawn if self.task.returned == "drawn" else len(self.iterates) - 1
        pi = self.iterates[k]
        return pi, self.errors[k] if self.errors else disadvantage(self.model, pi, self.task.nu)

    def _least(self) -> float:
        """The total cost of the best policy of the class in hindsight."""
        if self.stack is None:
            return float(self.total.min(-1).sum())
        return float((self.stack * self.total).sum((-2, -1)).min())


def classifier_regret_bound(model: MDP, rounds: int, policies: int | None = None) -> float:
    """Hedge's eps_Reg per round with exact Q: span sqrt(ln K / (2 N)), per episode.

    K: the size of the class, None for all policies, state by state, where K is A; span: the
    largest difference of values, (max payoff - min payoff) / (1 - gamma).
    """
    whole_number(rounds, "rounds", 1)
    K = model.A if policies is None else whole_number(policies, "policies", 1)
    return value_span(model) * math.sqrt(math.log(K) / (2 * rounds))


def _rate(count: int, rounds: int, span: float) -> float:
    return math.sqrt(8 * math.log(count) / rounds) / span if span > 0 else 1.0


def _stack(policies: tuple[Policy, ...] | None, model: MDP) -> Floats | None:
    if policies is None:
        return None
    named = [(pi, f"NRPI.policies[{k}]") for k, pi in enumerate(policies)]
    return np.stack([float_policy(pi, model, name).probabilities for pi, name in named])


def _conditional(nu: Floats) -> Policy:
    """nu(a|s), uniform in states that nu does not visit."""
    mass = nu.sum(-1, keepdims=True)
    uniform = np.full(nu.shape, 1 / nu.shape[-1])
    return _policy(np.divide(nu, mass, out=uniform, where=mass > 0))


def _policy(probabilities: Floats) -> Policy:
    return unchecked(Policy, probabilities=frozen(probabilities))
