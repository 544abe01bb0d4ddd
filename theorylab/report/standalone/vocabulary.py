"""The library's functions, each by a method of its own.

    value           the S Bellman equations, written out and solved
    action_value    the S A equations of Q itself, solved (not from V)
    performance     through the occupancy, E_D payoff / (1 - gamma)
    state_occupancy the flow equations, written out and solved; steps by powers of P_pi
    optimal_value   every deterministic policy is evaluated, where they are few
    finite horizon  matrix products forward from each state; the optimum by trying every action

Costs or rewards, normalisation and the clock are the library's: see docs/conventions.md there.
"""

from itertools import product

from theorylab.report.standalone.arithmetic import (
    absolute,
    identity,
    larger,
    ratio,
    smaller,
    solve,
    sup,
    x_log_ratio,
)
from theorylab.report.standalone.reals import exp, log
from theorylab.report.standalone.tables import fold, require, shape_of, table
from theorylab.report.standalone.worlds import Policy

ENUMERATED = 50_000
FEW = 256


def kl_divergence(p, q):
    """KL(p || q) = sum p log(p / q) along the last axis."""
    return x_log_ratio(p, q).sum(-1)


def total_variation(p, q):
    """Half the l1 distance along the last axis."""
    return absolute(p - q).sum(-1) / 2


def cross_entropy(p, q):
    """-E_p log q along the last axis."""
    return -(p * log(q)).sum(-1)


def exponential_weights(totals, rate):
    """One weight is 1 / sum_j exp(rate (L_i - L_j))."""
    N = range(len(totals))
    return table([1 / sum(exp(rate * (totals[i] - totals[j])) for j in N) for i in N])


def exponential_weights_policy(totals, rate):
    """Each state's row of weights; enclosures of irrational rows do not sum to 1 exactly."""
    S, A = totals.shape
    pi = Policy.deterministic([0] * S, A)
    pi.probabilities = table([exponential_weights(row, rate) for row in totals])
    return pi


def hedge_weights(losses, rate):
    """Each round's weights from the sums of the columns above it."""
    T, N = losses.shape
    before = [[sum((losses[u, i] for u in range(t)), 0) for i in range(N)] for t in range(T)]
    return table([exponential_weights(totals, rate) for totals in before])


def best_fixed_loss(losses):
    """The smallest total of a column."""
    return fold(smaller, losses.sum(0), 0)


def regret(paid, losses):
    """The largest excess of what is paid over a column."""
    T, N = losses.shape
    return fold(larger, table([sum(paid[t] - losses[t, i] for t in range(T)) for i in range(N)]), 0)


def leader(totals):
    """One at the first of the smallest totals."""
    least = fold(smaller, totals, 0)
    first = next(k for k in range(len(totals)) if totals[k] == least)
    return table([int(k == first) for k in range(len(totals))])


def lift(x, axes):
    """A number scales every table as it is."""
    return x


def expectation(law, values):
    """E over `law`; a policy takes (S, A) to (S,), a kernel (S, A, S) takes (S,) to (S, A)."""
    weights = getattr(law, "probabilities", law)
    kernel = len(weights.shape) == 3 and len(shape_of(values)) == 1
    fits = kernel or shape_of(values) in ((), weights.shape)
    require(fits, "E of values of another shape than the law")
    return (weights * values).sum(None if weights is law and not kernel else -1)


def next_value(P, V):
    """E[V(s') | s, a]."""
    return (P * V).sum(-1)


def policy_transitions(M, pi):
    """P_pi(s, t) = sum_a pi(a|s) P(t|s, a)."""
    S, A, rows = range(M.S), range(M.A), pi.probabilities
    return table([[sum(rows[s, a] * M.P[s, a, t] for a in A) for t in S] for s in S])


def policy_payoff(M, pi):
    """The expected payoff of a step from each state."""
    S, A, rows = range(M.S), range(M.A), pi.probabilities
    return table([sum(rows[s, a] * M.payoff[s, a] for a in A) for s in S])


def identity_minus(M, P_pi):
    """I - gamma P_pi."""
    return identity(M.S) - M.gamma * P_pi


def value(M, pi):
    """V: the S equations V(s) - gamma sum_t P_pi(s, t) V(t) = payoff_pi(s), solved."""
    return solve(identity(M.S) - M.gamma * policy_transitions(M, pi), policy_payoff(M, pi))


def action_value(M, pi):
    """Q: the S A equations Q(s,a) - gamma sum P(t|s,a) pi(b|t) Q(t,b) = payoff(s,a), solved."""
    pairs, rows = list(product(range(M.S), range(M.A))), pi.probabilities
    after = [[M.gamma * M.P[s, a, t] * rows[t, b] for t, b in pairs] for s, a in pairs]
    Q = solve(identity(len(pairs)) - table(after), [M.payoff[pair] for pair in pairs])
    return table([[Q[M.A * s + a] for a in range(M.A)] for s in range(M.S)])


def advantage(M, pi):
    """Q - V."""
    return action_value(M, pi) - value(M, pi)[:, None]


def backup(M, V):
    """payoff + gamma E V(s')."""
    return M.payoff + M.gamma * next_value(M.P, V)


def bellman(M, pi, V):
    """payoff_pi + gamma P_pi V."""
    return policy_payoff(M, pi) + M.gamma * (policy_transitions(M, pi) @ V)


def best(M):
    """The smaller of two costs, the larger of two rewards."""
    return smaller if M.sense == "cost" else larger


def optimal_bellman(M, V):
    """The best action's backup in each state."""
    return fold(best(M), backup(M, V), -1)


def state_occupancy(M, pi):
    """d: the S flow equations d(t) - gamma sum_s d(s) P_pi(s, t) = (1 - gamma) start(t), solved."""
    S, P = range(M.S), policy_transitions(M, pi)
    flow = [[int(s == t) - M.gamma * P[s, t] for s in S] for t in S]
    return solve(flow, (1 - M.gamma) * M.start)


def with_actions(d, pi):
    """d(s) pi(a|s)."""
    return d[:, None] * pi.probabilities


def occupancy(M, pi):
    """D(s, a) = d(s) pi(a|s); sums to one."""
    return with_actions(state_occupancy(M, pi), pi)


def unnormalised_occupancy(M, pi):
    """D / (1 - gamma)."""
    return occupancy(M, pi) / (1 - M.gamma)


def performance(M, pi):
    """J = E_D payoff / (1 - gamma)."""
    return (occupancy(M, pi) * M.payoff).sum() / (1 - M.gamma)


def state_occupancy_at(M, pi, h):
    """d^h = start P_pi^h."""
    require(h >= 0, f"step {h} is below 0")
    power = identity(M.S)
    for _ in range(h):
        power = power @ policy_transitions(M, pi)
    return M.start @ power


def occupancy_at(M, pi, h):
    """D^h(s, a) = d^h(s) pi(a|s)."""
    return with_actions(state_occupancy_at(M, pi, h), pi)


def coverage_coefficient(target, nu):
    """sup target / nu."""
    return sup(ratio(target, nu))


def state_marginal(nu):
    """The law of the state."""
    return nu.sum(-1)


def deterministic(actions, A, like=None):
    """The policy that takes actions[s] in state s."""
    return Policy.deterministic(actions, A)


def optimal_value(M):
    """V*: the best of all deterministic policies in each state, all of them evaluated where they
    are few."""
    if M.A**M.S > FEW:
        return improved(M, value(M, deterministic([0] * M.S, M.A)))
    every_one = product(range(M.A), repeat=M.S)
    return fold(best(M), table([value(M, deterministic(a, M.A)) for a in every_one]), 0)


def improved(M, V):
    """V* by policy iteration from a policy's V: where the greedy policy gains nothing, V solves the
    optimality equation."""
    while True:
        better = value(M, greedy_policy(M, V))
        if all(better[s] == V[s] for s in range(M.S)):
            return V
        V = better


def optimal_performance(M):
    """J* = E_start V*."""
    return (M.start * optimal_value(M)).sum()


def best_performance(M, policies):
    """The best J of some policies."""
    return fold(best(M), table([performance(M, pi) for pi in policies]), 0)


def greedy(M, V):
    """The best action of each state for values V; of equal ones the first."""
    Q = backup(M, V) if M.sense == "cost" else -backup(M, V)
    return [min(range(M.A), key=lambda a: Q[s, a]) for s in range(M.S)]


def greedy_policy(M, V):
    """The policy that takes the best actions for values V."""
    return deterministic(greedy(M, V), M.A)


def optimal_policy(M):
    """The best actions for V*; of equal ones the first."""
    return greedy_policy(M, optimal_value(M))


def step(M, pi, h):
    """P_pi and payoff_pi of step h."""
    rows, S, A = pi.probabilities[h], range(M.S), range(M.A)
    P = [[sum(rows[s, a] * M.P[h, s, a, t] for a in A) for t in S] for s in S]
    return table(P), table([sum(rows[s, a] * M.payoff[h, s, a] for a in A) for s in S])


def finite_horizon_values(M, pi):
    """V_h = sum_{k >= h} P_h ... P_{k-1} payoff_k, for h = 0, ..., H."""
    values = []
    for h in range(M.H + 1):
        total, between = 0 * M.start, identity(M.S)
        for k in range(h, M.H):
            P, payoff = step(M, pi, k)
            total, between = total + between @ payoff, between @ P
        values.append(total)
    return values


def finite_horizon_action_values(M, pi):
    """Q_h = payoff_h + P_h V_{h+1}, for h = 0, ..., H - 1."""
    V = finite_horizon_values(M, pi)
    return [M.payoff[h] + next_value(M.P[h], V[h + 1]) for h in range(M.H)]


def finite_horizon_performance(M, pi):
    """J = sum_h E_{D^h} payoff_h."""
    D = finite_horizon_occupancies(M, pi)
    return sum((D[h] * M.payoff[h]).sum() for h in range(M.H))


def finite_horizon_occupancies(M, pi):
    """D^h(s, a) = (start P_0 ... P_{h-1})(s) pi_h(a|s), for h = 0, ..., H - 1."""
    tables = []
    for h in range(M.H):
        before = M.start
        for k in range(h):
            before = before @ step(M, pi, k)[0]
        tables.append(before[:, None] * pi.probabilities[h])
    return tables


def finite_horizon_optimal_values(M):
    """V*_h(s) for h = 0, ..., H: every action is tried at every state that can follow."""
    require((M.S * M.A) ** M.H <= ENUMERATED, "too many courses to try them all")

    def optimal(h, s):
        if h == M.H:
            return 0
        return fold(
            best(M),
            table(
                [
                    M.payoff[h, s, a]
                    + sum(
                        M.P[h, s, a, t] * optimal(h + 1, t)
                        for t in range(M.S)
                        if M.P[h, s, a, t] != 0
                    )
                    for a in range(M.A)
                ]
            ),
        )

    return [table([optimal(h, s) for s in range(M.S)]) for h in range(M.H + 1)]


# ---- linear systems: functions and second moments are matrices on (1, x) or (1, x, u) ------------


def outer(x, y):
    """The products x_i y_j."""
    return x[:, None] * y[None, :]


def bordered(corner, side, matrix):
    """[[corner, side'], [side, matrix]]."""
    return table([[corner, *side], *([s, *row] for s, row in zip(side, matrix))])


def quadratic_expectation(moments, f):
    """E f under a law with these second moments."""
    return (moments * f).sum()


def pair_occupancies(M, pi):
    """The second moments of (1, x_h, u_h), from the means and covariances of x_h."""
    mean, spread, tables = M.mean, M.covariance, []
    for h in range(M.H):
        K, A, B = pi.K[h], M.A[h], M.B[h]
        u, mixed = K @ mean + pi.k[h], spread @ K.T
        uu = K @ mixed + pi.covariance[h]
        z = table([*mean, *u])
        rows = [[*a, *b] for a, b in zip(spread, mixed)] + [[*a, *b] for a, b in zip(mixed.T, uu)]
        tables.append(bordered(1, z, table(rows) + outer(z, z)))
        crossed = A @ mixed @ B.T
        spread = A @ spread @ A.T + crossed + crossed.T + B @ uu @ B.T + M.W[h]
        mean = A @ mean + B @ u + M.a[h]
    return tables


def quadratic_next_value(M, h, V):
    """E V(x') = E[x'Px + 2 p'x + c] as a function of (x, u)."""
    c, p, P = V[0, 0], V[1:, 0], V[1:, 1:]
    G, a = table([[*x, *u] for x, u in zip(M.A[h], M.B[h])]), M.a[h]
    constant = c + 2 * (p * a).sum() + (a * (P @ a)).sum() + (P * M.W[h]).sum()
    return bordered(constant, G.T @ (P @ a + p), G.T @ P @ G)


def optimal_quadratic_values(M):
    """V*_0, ..., V*_H: the controls are eliminated from Q_h one at a time."""
    values = [bordered(M.constant[M.H], M.q_final, M.Q_final)]
    for h in reversed(range(M.H)):
        rows = [[*x, *n] for x, n in zip(M.Q[h], M.N[h])]
        rows += [[*n, *u] for n, u in zip(M.N[h].T, M.R[h])]
        cost = bordered(M.constant[h], [*M.q[h], *M.r[h]], rows)
        Q = cost + quadratic_next_value(M, h, values[0])
        for _ in range(M.U):
            require(Q[-1, -1] > 0, "no control is best")
            Q = (Q - outer(Q[-1], Q[-1]) / Q[-1, -1])[:-1, :-1]
        values.insert(0, Q)
    return values
