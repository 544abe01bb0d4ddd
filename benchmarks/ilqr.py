"""The speed of iLQR at 20 states and 50 steps, against the same algorithm in numpy.

A chain of 10 pendulums with torques on 5 of them: plan from rest to upright, the same number of
iterations, backward passes and rollouts in both. The numpy form is what one would write: arrays
and @, a loop over steps, derivatives in closed form. Wanted: at least 5 times as fast, the same
costs.

    PYTHONPATH=. python benchmarks/ilqr.py
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

import numpy as np

from theorylab.algorithms.ilqr import Search, ilqr
from theorylab.worlds.smooth import (
    COST,
    COST_DERIVATIVES,
    FINAL_COST,
    FINAL_COST_DERIVATIVES,
    STEP,
    STEP_DERIVATIVES,
    SmoothSystem,
    check_derivatives,
    machine_code,
)

LINKS, TORQUES, HORIZON, DT, SPRING = 10, 5, 50, 0.05, 4.0
WANTED = 5.0
ITERATIONS = 10
STATES = 2 * LINKS
SEARCH = Search(ITERATIONS, tolerance=0.0, largest_regularisation=0.0)


# ---- the system in machine code ------------------------------------------------------------------


@machine_code(STEP)
def step(x, u, theta):
    out = np.empty(STATES)
    for i in range(LINKS):
        pull = theta[0] * np.sin(x[i])
        if i > 0:
            pull += SPRING * (x[i - 1] - x[i])
        if i < LINKS - 1:
            pull += SPRING * (x[i + 1] - x[i])
        if i % 2 == 0:
            pull += u[i // 2]
        out[i] = x[i] + DT * x[LINKS + i]
        out[LINKS + i] = x[LINKS + i] + DT * pull
    return out


@machine_code(STEP_DERIVATIVES)
def step_derivatives(x, u, theta):
    A, B = np.zeros((STATES, STATES)), np.zeros((STATES, TORQUES))
    for i in range(LINKS):
        row = LINKS + i
        A[i, i] = 1.0
        A[row, row] = 1.0
        A[i, row] = DT
        A[row, i] = DT * theta[0] * np.cos(x[i])
        if i > 0:
            A[row, i - 1] = DT * SPRING
            A[row, i] -= DT * SPRING
        if i < LINKS - 1:
            A[row, i + 1] = DT * SPRING
            A[row, i] -= DT * SPRING
        if i % 2 == 0:
            B[row, i // 2] = DT
    return A, B


@machine_code(COST)
def cost(x, u, theta):
    total = 0.0
    for i in range(LINKS):
        total += (1 - np.cos(x[i])) + 0.1 * x[LINKS + i] ** 2
    for i in range(TORQUES):
        total += 0.01 * u[i] ** 2
    return DT * total


@machine_code(COST_DERIVATIVES)
def cost_derivatives(x, u, theta):
    c_x, c_xx = np.zeros(STATES), np.zeros((STATES, STATES))
    for i in range(LINKS):
        c_x[i] = DT * np.sin(x[i])
        c_xx[i, i] = DT * np.cos(x[i])
        c_x[LINKS + i] = 0.2 * DT * x[LINKS + i]
        c_xx[LINKS + i, LINKS + i] = 0.2 * DT
    c_uu = 0.02 * DT * np.eye(TORQUES)
    return c_x, 0.02 * DT * u, c_xx, np.zeros((STATES, TORQUES)), c_uu


@machine_code(FINAL_COST)
def final_cost(x, theta):
    total = 0.0
    for i in range(STATES):
        total += x[i] ** 2
    return 10 * total


@machine_code(FINAL_COST_DERIVATIVES)
def final_cost_derivatives(x, theta):
    return 20 * x, 20 * np.eye(STATES)


def chain() -> SmoothSystem:
    """Ten pendulums near upright, at rest, coupled by springs."""
    return SmoothSystem(
        *(step, step_derivatives, cost, cost_derivatives, final_cost, final_cost_derivatives),
        start=np.concatenate([np.linspace(0.2, 1.0, LINKS), np.zeros(LINKS)]),
        controls=TORQUES,
        horizon=HORIZON,
        parameters=[3.0],
    )


# ---- the same in numpy ---------------------------------------------------------------------------

LAPLACE = SPRING * (np.eye(LINKS, k=1) + np.eye(LINKS, k=-1) - 2 * np.eye(LINKS))
LAPLACE[0, 0] = LAPLACE[-1, -1] = -SPRING
PUSH = np.zeros((LINKS, TORQUES))
PUSH[2 * np.arange(TORQUES), np.arange(TORQUES)] = 1.0
B_TABLE = np.concatenate([np.zeros((LINKS, TORQUES)), DT * PUSH])
C_UU, FINAL = 0.02 * DT * np.eye(TORQUES), 20 * np.eye(STATES)


def numpy_step(x: np.ndarray, u: np.ndarray) -> np.ndarray:
    """x'."""
    angles, rates = x[:LINKS], x[LINKS:]
    pull = 3.0 * np.sin(angles) + LAPLACE @ angles + PUSH @ u
    return np.concatenate([angles + DT * rates, rates + DT * pull])


def numpy_cost(x: np.ndarray, u: np.ndarray) -> float:
    """The cost of one step."""
    angles, rates = x[:LINKS], x[LINKS:]
    return DT * ((1 - np.cos(angles)).sum() + 0.1 * rates @ rates + 0.01 * u @ u)


def numpy_slopes(x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A, c_x, c_xx; the rest is constant or linear."""
    angles, rates = x[:LINKS], x[LINKS:]
    A = np.eye(STATES)
    A[:LINKS, LINKS:] = DT * np.eye(LINKS)
    A[LINKS:, :LINKS] = DT * (LAPLACE + np.diag(3.0 * np.cos(angles)))
    c_x = DT * np.concatenate([np.sin(angles), 0.2 * rates])
    c_xx = DT * np.diag(np.concatenate([np.cos(angles), np.full(LINKS, 0.2)]))
    return A, c_x, c_xx


def numpy_forward(X, U, K, k, alpha):
    """States, controls and cost of one rollout."""
    states, controls, total = [X[0]], [], 0.0
    for t in range(HORIZON):
        u = U[t] + alpha * k[t] + K[t] @ (states[-1] - X[t])
        total += numpy_cost(states[-1], u)
        controls.append(u)
        states.append(numpy_step(states[-1], u))
    return np.array(states), np.array(controls), total + 10 * states[-1] @ states[-1]


def numpy_backward(X, U):
    """Gains K, k along a trajectory; derivatives taken on the way."""
    K, k = np.empty((HORIZON, TORQUES, STATES)), np.empty((HORIZON, TORQUES))
    v, P = 20 * X[-1], FINAL
    for t in range(HORIZON - 1, -1, -1):
        A, c_x, c_xx = numpy_slopes(X[t])
        Q_x, Q_u = c_x + A.T @ v, 0.02 * DT * U[t] + B_TABLE.T @ v
        PB = P @ B_TABLE
        Q_xx, Q_uu, Q_ux = c_xx + A.T @ P @ A, C_UU + B_TABLE.T @ PB, PB.T @ A
        both = -np.linalg.solve(Q_uu, np.column_stack([Q_u, Q_ux]))
        k[t], K[t] = both[:, 0], both[:, 1:]
        v = Q_x + K[t].T @ Q_u
        P = Q_xx + K[t].T @ Q_ux
        P = 0.5 * (P + P.T)
    return K, k


def numpy_ilqr(start: np.ndarray, iterations: int) -> list[float]:
    """The costs of the trajectories taken, step sizes 1, 1/2, ..., without regularisation."""
    X, U = np.zeros((HORIZON + 1, STATES)), np.zeros((HORIZON, TORQUES))
    X[0] = start
    X, U, best = numpy_forward(X, U, np.zeros((HORIZON, TORQUES, STATES)), U, 1.0)
    costs = [best]
    for _ in range(iterations):
        K, k = numpy_backward(X, U)
        for alpha in SEARCH.step_sizes:
            states, controls, total = numpy_forward(X, U, K, k, alpha)
            if total < best:
                X, U, best = states, controls, total
                costs.append(best)
                break
        else:
            return costs
    numpy_backward(X, U)
    return costs


def seconds(work: Callable[[], object]) -> float:
    """CPU seconds of one call."""
    begin = time.process_time()
    work()
    return time.process_time() - begin


def run() -> bool:
    """Both forms in turn; whether ours is fast enough and right."""
    system = chain()
    check_derivatives(system, system.start, np.full(TORQUES, 0.3))
    plan = ilqr(system, search=SEARCH, check=False)
    iterations = len(plan.costs) - 1
    works = {
        "theorylab": lambda: ilqr(system, search=SEARCH, check=False),
        "numpy": lambda: numpy_ilqr(system.start, iterations),
    }
    spent = [{name: seconds(work) for name, work in works.items()} for _ in range(12)][1:]
    medians = {name: statistics.median(one[name] for one in spent) for name in works}
    ratio = medians["numpy"] / medians["theorylab"]
    error = np.abs(np.array(plan.costs) / numpy_ilqr(system.start, iterations) - 1).max()
    for name, median in medians.items():
        print(f"{name:10} {1e3 * median:8.2f} ms for {iterations} iterations")
    print(f"ratio {ratio:.1f} (wanted {WANTED:g}); costs differ by {error:.1e} relative")
    return ratio >= WANTED and error < 1e-9


if __name__ == "__main__":
    sys.exit(0 if run() else 1)
