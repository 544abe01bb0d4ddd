r"""Appendix B.2: what NRPI (Algorithm 5) gives for the disadvantage (8), line by line.

"The average policy" is drawn once per episode, as in the online-learning proofs it comes from
(Ross & Bagnell, 2014): then values average. Action by action it is another policy, and the first
display falls. The index i in Q^{\hat\pi_i} is n. The regret of cost-sensitive classification is
against one policy of \Pi for all states; the print takes the minimum inside E_{s\sim\nu}, state by
state, which is smaller unless \Pi is rich enough to hold the best action of every state.
"""

import numpy as np

from theorylab import (
    MDP,
    Integer,
    Number,
    Policy,
    Several,
    StateActionDistribution,
    StateDistribution,
    assume,
    at_most,
    chain,
    draw,
    equal,
    every,
    in_expectation,
)
from theorylab.arithmetic import identity, inf, log, positive
from theorylab.notation import E, Q, V
from theorylab.theory.online import exponential_weights_policy
from theorylab.theory.tabular import state_marginal
from verification.lamps.paper import lamps
from verification.lamps.terms import discounts_inside


def mean(terms):
    """(1/N) sum of a list of N terms."""
    return sum(terms) / len(terms)


def disadvantages(M, policies, nu):
    """(1/N) sum_n E_{s~nu}[V^{pi_n}(s) - E_{a~nu(.|s)} Q^{pi_n}(s, a)], a number: (8) averaged."""
    values = mean([V(M, pi) for pi in policies])
    action_values = mean([Q(M, pi) for pi in policies])
    return E(state_marginal(nu), values) - E(nu, action_values)


# ---- the first display: the average policy -------------------------------------------------------


def drawn_once(M, policies):
    """The world in which a policy is drawn at the start and kept: states (n, s), one policy there."""
    N = len(policies)
    rows = [[same * M.P for same in row] for row in identity(N)]
    P = np.concatenate([np.concatenate(row, axis=2) for row in rows])
    start = np.concatenate([M.start / N] * N)
    kept = MDP(P, np.concatenate([M.c] * N), M.gamma, start)
    return kept, Policy(np.concatenate([pi.probabilities for pi in policies]))


@lamps.claim(
    "(14)",
    reading="average policy drawn once per episode",
    corrects="average_policy_action_wise",
    because="values are not linear in the action probabilities: the average must be drawn once per"
    " episode, as Algorithm 5 leaves open; and Q^{\\hat\\pi_i} is Q^{\\hat\\pi_n}",
)
def average_policy(M: MDP, policies: Several(Policy, 2)):
    r"""V^{\bar\pi}_{\hat M} = \frac{1}{N}\sum_n V^{\hat\pi_n}_{\hat M} and Q^{\bar\pi}_{\hat M} =
    \frac{1}{N}\sum_n Q^{\hat\pi_n}_{\hat M} for \bar\pi = \hat\pi_n with probability 1/N, kept for the
    whole episode; \hat M is the world of this claim"""
    kept, drawn = drawn_once(M, policies)
    N, S, A = len(policies), M.S, M.A
    return every(
        equal(V(kept, drawn).reshape(N, S).sum(0) / N, mean([V(M, pi) for pi in policies])),
        equal(Q(kept, drawn).reshape(N, S, A).sum(0) / N, mean([Q(M, pi) for pi in policies])),
    )


def averaged_actions(policies):
    """The policy that averages the action probabilities in each state."""
    return Policy(mean([pi.probabilities for pi in policies]))


@lamps.claim("(14)", reading="average policy action by action")
def average_policy_action_wise(M: MDP, pi_1: Policy, pi_2: Policy, nu: StateActionDistribution):
    r"""E_{s\sim\nu}[V^{\bar\pi} - E_{a\sim\nu(a|s)}Q^{\bar\pi}] = \frac{1}{N}\sum_n E_{s\sim\nu}[V^{\hat\pi_n}
    - E_{a\sim\nu(a|s)}Q^{\hat\pi_n}] for \bar\pi(a|s) = \frac{1}{N}\sum_n\hat\pi_n(a|s), N = 2"""
    averaged = averaged_actions([pi_1, pi_2])
    return equal(disadvantages(M, [averaged], nu), disadvantages(M, [pi_1, pi_2], nu))


@lamps.claim("(14)", reading="the index i as printed")
def average_policy_printed_index(M: MDP, pi_1: Policy, pi_2: Policy, nu: StateActionDistribution):
    r"""\frac{1}{N}\sum_n E_{s\sim\nu}[V^{\hat\pi_n} - E_{a\sim\nu(a|s)}Q^{\hat\pi_n}] =
    \frac{1}{N}\sum_n E_{s\sim\nu}[V^{\hat\pi_n} - E_{a\sim\nu(a|s)}Q^{\hat\pi_i}] with i = 1, N = 2"""
    policies = [pi_1, pi_2]
    values = mean([V(M, pi) for pi in policies])
    printed = E(state_marginal(nu), values) - E(nu, Q(M, pi_1))
    return equal(disadvantages(M, policies, nu), printed)


# ---- the second display: the regret --------------------------------------------------------------


def classification(M, policies, Pi, nu):
    """E_{s~nu} of what is paid, of the best policy of Pi state by state, and of the best one."""
    Q_bar, d_nu = mean([Q(M, pi) for pi in policies]), state_marginal(nu)
    paid = mean([E(d_nu, E(pi, Q(M, pi))) for pi in policies])
    table = np.stack([E(pi, Q_bar) for pi in Pi])
    return paid, E(d_nu, inf(table, 0)), inf(np.stack([E(d_nu, row) for row in table]))


@lamps.claim("(14), proof")
def nrpi_proof(M: MDP, pi_1: Policy, pi_2: Policy, nu: StateActionDistribution):
    r"""\frac{1}{N}\sum_n E_{s\sim\nu}[V^{\hat\pi_n} - E_{a\sim\nu}Q^{\hat\pi_n}] \le
    \frac{1}{N}\sum_n E_{s\sim\nu}E_{a\sim\pi_n}Q^{\hat\pi_n} - E_{s\sim\nu}\min_{\pi\in\Pi}\frac{1}{N}\sum_n
    E_{a\sim\pi}Q^{\hat\pi_n} = \epsilon_{Reg} for \Pi all policies, \epsilon_{Reg} against the best
    deterministic one"""
    policies = [pi_1, pi_2]
    d_nu, Q_bar = state_marginal(nu), mean([Q(M, pi) for pi in policies])
    paid = mean([E(d_nu, E(pi, Q(M, pi))) for pi in policies])
    return (
        chain(disadvantages(M, policies, nu))
        .at_most(paid - E(d_nu, inf(Q_bar, 1)), "some policy is no worse than nu(.|s)")
        .equal(paid - best_deterministic(d_nu, Q_bar), "regret of cost-sensitive classification")
    )


def best_deterministic(d_nu, Q_bar):
    """min over deterministic policies, enumerated, of E_{s~nu} Q_bar(s, pi(s))."""
    S, A = Q_bar.shape
    choices = [()]
    for _ in range(S):
        choices = [(*chosen, a) for chosen in choices for a in range(A)]
    losses = [sum(d_nu[s] * Q_bar[s, chosen[s]] for s in range(S)) for chosen in choices]
    return inf(np.array(losses, dtype=object))


@lamps.claim("(14), proof", reading="Pi is a class of two")
def nrpi_proof_in_a_class(M: MDP, pi_1: Policy, pi_2: Policy, nu: StateActionDistribution):
    r"""The same for \Pi = \{\hat\pi_1, \hat\pi_2\}, the policies that were played, where one of them "achieves
    a smaller cost-to-go compared with \nu(\cdot|s)", as the paper assumes: the regret is another one"""
    discounts_inside(M)
    policies = [pi_1, pi_2]
    paid, inside, outside = classification(M, policies, policies, nu)
    assume(at_most(outside, E(nu, mean([Q(M, pi) for pi in policies]))), "Pi is rich enough")
    return (
        chain(disadvantages(M, policies, nu))
        .at_most(paid - inside, "some policy is no worse than nu(.|s)")
        .equal(paid - outside, "regret of cost-sensitive classification")
    )


@lamps.claim(
    "(14), proof",
    reading="corrected",
    corrects="nrpi_proof_in_a_class",
    because="what \\Pi lacks of nu(.|s) is added; and the regret is against one policy of \\Pi, so that"
    " the minimum stands outside of E_{s\\sim\\nu}",
)
def nrpi_proof_in_a_class_corrected(
    M: MDP, pi_1: Policy, pi_2: Policy, nu: StateActionDistribution
):
    r"""... \le \epsilon_{Reg} + \epsilon_\Pi, \epsilon_\Pi = (\min_{\pi\in\Pi} E_{s\sim\nu}E_{a\sim\pi}\bar Q -
    E_\nu\bar Q)_+, \bar Q = \frac{1}{N}\sum_n Q^{\hat\pi_n}, which is 0 under the paper's assumption;
    and \epsilon_{Reg} \le the second line as printed"""
    policies = [pi_1, pi_2]
    paid, inside, outside = classification(M, policies, policies, nu)
    lacking = positive(outside - E(nu, mean([Q(M, pi) for pi in policies])))
    return every(
        at_most(disadvantages(M, policies, nu), paid - outside + lacking),
        at_most(paid - outside, paid - inside),
    )


# ---- the data, and the regret of a learner -------------------------------------------------------


def rollout(M, pi, s, a, steps):
    """(what is paid, the state after) of `steps` steps: action a in state s, and then pi."""
    paid, discount = M.c[s, a], M.gamma
    s = draw(M.P[s, a])
    for _ in range(steps - 1):
        a = draw(pi.probabilities[s])
        paid, discount = paid + discount * M.c[s, a], discount * M.gamma
        s = draw(M.P[s, a])
    return paid, s


def one_example(M, pi_n, d_nu, steps):
    """(s, a, what is paid, the state after): s ~ nu, a uniform, then pi_n."""
    uniform = (0 * M.c[0] + 1) / M.A
    s, a = draw(d_nu), draw(uniform)
    return s, a, *rollout(M, pi_n, s, a, steps)


@lamps.claim(
    "Algorithm 5",
    reading="cost-sensitive data",
    corrects="classification_data_unweighted",
    because="a uniform action meets the policy's own with probability 1/|A|: the weight is |A|",
)
def classification_data(
    M: MDP, pi_n: Policy, pi: Policy, d_nu: StateDistribution, steps: Integer(1, 2)
):
    r"""E[|A|\,\pi(a|s)\hat Q] = E_{s\sim\nu}E_{a\sim\pi}Q^{\hat\pi_n}(s,a) for s \sim \nu, a uniform and
    \hat Q the cost of a rollout, whose rest after a few steps is paid by its mean"""
    s, a, paid, last = one_example(M, pi_n, d_nu, steps)
    Q_hat = paid + M.gamma**steps * V(M, pi_n)[last]
    target = E(d_nu, E(pi, Q(M, pi_n)))
    return in_expectation(equal(M.A * pi.probabilities[s, a] * Q_hat, target))


@lamps.claim("Algorithm 5", reading="cost-sensitive data without weight")
def classification_data_unweighted(M: MDP, pi_n: Policy, pi: Policy, d_nu: StateDistribution):
    r"""E[\pi(a|s)\hat Q] = E_{s\sim\nu}E_{a\sim\pi}Q^{\hat\pi_n}(s,a): a uniform action without the
    weight |A| gives 1/|A| of it, which leaves the minimiser as it is, and the regret not"""
    discounts_inside(M)
    s, a, paid, last = one_example(M, pi_n, d_nu, 1)
    Q_hat = paid + M.gamma * V(M, pi_n)[last]
    target = E(d_nu, E(pi, Q(M, pi_n)))
    return in_expectation(equal(pi.probabilities[s, a] * Q_hat, target))


@lamps.claim("Algorithm 5", reading="rollouts cut after a few steps")
def classification_data_cut(
    M: MDP, pi_n: Policy, pi: Policy, d_nu: StateDistribution, steps: Integer(1, 2)
):
    r"""A rollout cut after H steps is too cheap by at most \gamma^H/(1-\gamma) in the mean"""
    s, a, paid, _ = one_example(M, pi_n, d_nu, steps)
    target, weight = E(d_nu, E(pi, Q(M, pi_n))), M.A * pi.probabilities[s, a]
    rest = M.gamma**steps / (1 - M.gamma)
    return in_expectation(
        chain(weight * paid)
        .at_most(target, "costs are at least 0")
        .at_most(weight * paid + rest, "and at most 1")
    )


@lamps.claim("Algorithm 5")
def nrpi_by_hedge(M: MDP, nu: StateActionDistribution, rate: Number(0, None), N: Integer(1, 3)):
    r"""\frac{1}{N}\sum_n E_{s\sim\nu}[V^{\hat\pi_n} - E_{a\sim\nu}Q^{\hat\pi_n}] \le \frac{\ln|A|}{rate\,N} +
    \frac{rate}{8(1-\gamma)^2}, multiplied by the rate: \epsilon_{Reg} \to 0 in explicit constants, for
    exact Q and Hedge in each state, \hat\pi_{n+1}(a|s) \propto \exp(-rate\sum_{m\le n}Q^{\hat\pi_m}(s,a))"""
    totals, policies = 0 * M.c, []
    for _ in range(N):
        policies.append(exponential_weights_policy(totals, rate))
        totals = totals + Q(M, policies[-1])
    bound = log(M.A) / N + rate**2 / (8 * (1 - M.gamma) ** 2)
    return at_most(rate * disadvantages(M, policies, nu), bound)
