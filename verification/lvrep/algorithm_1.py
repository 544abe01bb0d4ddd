r"""Algorithm 1 with its bonus clipped at 2 and rewards in [0, 1]: linear regret on five states.

States: 0 goes to 3 (action 0) or 1; 1 to 4 or 2; 2 pays 1 and stays; 3 pays 3/5 and stays (action 0) or
goes to 4; 4 stays and pays nothing. In the other model 2 goes to 4. Latent values are the next states, K
the identity, |P| = 2, \gamma = 9/10 where nothing else is said. (Assumption 3, with trace at most 1: four
copies of each latent value, p uniform on them, K = \sum_c u_c u_c', C = 64; every norm below is then the one
with 16 \lambda for \lambda.)

The models are equally likely until state 2 is a source of a transition in D or D'; ties go to the other one
(should they go to the truth, exchange the names). The bonus of an action is that of the next state z in the
model, b_z = \min(\alpha_n (N_z + \lambda)^{-1/2}, 2), N_z the data of D_n that went to z. The claims in turn:
- the first, uniform episode has such a source with probability \gamma/4 only;
- while 2 N_3 - 3 N_4 <= \lambda, whatever \alpha_n, the optimal policy for r + b in the other model goes to 3
  and stays: 2 b_4^2 <= 3 b_3^2, as (N_3 + \lambda)/(N_4 + \lambda) <= 3/2;
- that policy never has state 2 as source, and its regret is \gamma(\gamma - 3/5)/(1-\gamma) = 27/10;
- under it g^{2 N_3 - 3 N_4}, g = 11/10, is a supermartingale, so 2 N_3 - 3 N_4 ever exceeds \lambda with
  probability at most g^{2-\lambda} (the first episode adds at most 2).
So with probability at least 1 - \gamma/4 - g^{2-\lambda} the regret of every episode is 27/10.
"""

import numpy as np

from theorylab import Integer, Number, at_most, equal, every
from theorylab.arithmetic import exp, log, minimum
from theorylab.notation import J
from theorylab.theory.latent_variable_parts import build_model, build_policy
from theorylab.theory.tabular import state_occupancy
from theorylab.worlds import Policy
from verification.lvrep.paper import lvrep

AFTER = ((3, 1), (4, 2), (2, 2), (3, 4), (4, 4))
AWAY, OFF, BACK, THERE = (
    Policy.deterministic(actions, 2)
    for actions in ((0, 0, 0, 0, 0), (0, 0, 0, 1, 0), (1, 0, 0, 0, 0), (1, 1, 0, 0, 0))
)
"""Stay at 3; leave 3; go through 1 to 4; go through 1 to 2."""
BASE = 11
"""g = BASE / 10."""


def world(one, gamma, *, kept, after=AFTER):
    """The truth with payoff `kept` at 3 and discount gamma, or other next states, from numbers."""
    units = [[0 * one] * k + [one] + [0 * one] * (3 - k) for k in range(4)]
    latents = [[units[s - 1] for s in row] for row in after]
    emissions = [[0 * one, *unit] for unit in units]
    payoff = [[0 * one] * 2, [0 * one] * 2, [one] * 2, [kept] * 2, [0 * one] * 2]
    start = [one, *[0 * one] * 4]
    tables = {"latents": latents, "emissions": emissions, "payoff": payoff, "start": start}
    arrays = {key: np.array(table, dtype=object) for key, table in tables.items()}
    return build_model(**arrays, gamma=gamma)


def with_bonus(T, b):
    """T with the bonus b[z] of the next state z = 1, ..., 4 added to its reward."""
    table = np.array([[p @ np.array(b, dtype=object) for p in row] for row in T.latents])
    return T.with_reward(T.payoff + table)


@lvrep.claim("Theorem 4", reading="Algorithm 1 on five states, the first episode")
def first_episode_sees(gamma: Number(0, 1, below_high=True)):
    r"""P(s = 2 or s' = 2) = \gamma/4 for the uniform policy, s \sim d^{\pi_0}, a \sim U(A), s' \sim T^*"""
    one = gamma**0
    T = world(one, gamma, kept=one)
    uniform = build_policy(np.array([[one / 2] * 2] * 5, dtype=object))
    d = state_occupancy(T.mdp, uniform)
    arrives = (d[:, None] * T.P[:, :, 2] / 2).sum(-1)
    return equal(d[2] + arrives[0] + arrives[1] + arrives[3] + arrives[4], gamma / 4)


@lvrep.claim("Theorem 4", reading="Algorithm 1 on five states, two bonuses")
def covered_alike(
    visits: Number(0, None),
    share: Number(0, 1),
    regular: Number(0, None),
    scale: Number(0, None),
):
    r"""2 b_4^2 \le 3 b_3^2 where 2 N_3 \le 3 N_4 + \lambda: for N_4 >= 0, N_3 a share of (3 N_4 + \lambda)/2, \lambda
    \ge 1 and \alpha^2 \ge 0"""
    least = regular + 1
    third = share * (3 * visits + least) / 2
    b3, b4 = (minimum(scale / (N + least), 4) for N in (third, visits))
    return at_most(2 * b4, 3 * b3)


@lvrep.claim("Theorem 4", reading="Algorithm 1 on five states, the policy")
def turns_away(b1: Number(0, 2), b2: Number(0, 2), b3: Number(0, 2), share: Number(0, 1)):
    r"""Let b_4 \le (49/40) b_3, as holds where 2 b_4^2 \le 3 b_3^2, and all b_z \le 2. In the other model with r + b,
    going to 3 and staying is worth at least 3/4 more than leaving 3, than going through 1 to 4, and than going
    through 1 to 2"""
    one = 0 * b1 + 1
    other = world(one, 9 * one / 10, kept=3 * one / 5, after=(*AFTER[:2], (4, 4), *AFTER[3:]))
    paid = with_bonus(other, (b1, b2, b3, 49 * share * b3 / 40))
    stays = J(paid, AWAY)
    return every(*[at_most(J(paid, pi) + 3 * one / 4, stays) for pi in (OFF, BACK, THERE)])


@lvrep.claim("Theorem 4", reading="Algorithm 1 on five states, what it sees and loses")
def stays_blind(gamma: Number(0, 1, below_high=True), kept: Number(0, 1)):
    r"""Under the policy that stays at 3, P(s = 2) = 0 and P(s' = 2) = 0 whatever a is; it is worse than the one that
    goes to 2 by \gamma(\gamma - r(3))/(1-\gamma)"""
    one = gamma**0
    T = world(one, gamma, kept=kept)
    d = state_occupancy(T.mdp, AWAY)
    sources = (d[:, None] * T.P[:, :, 2]).sum()
    loss = gamma * (gamma - kept) / (1 - gamma)
    return every(equal(d[2] + sources, 0 * one), equal(J(T, THERE) - J(T, AWAY), loss))


@lvrep.claim("Theorem 4", reading="Algorithm 1 on five states, the counts")
def counts_drift(gamma: Number("17/20", 1, below_high=True)):
    r"""E[g^{2 \cdot 1[z = 3] - 3 \cdot 1[z = 4]}] \le 1, g = 11/10, for the next state z of (s, a), s from the policy that
    stays at 3 and a uniform; \gamma \ge 17/20"""
    one = gamma**0
    T = world(one, gamma, kept=one)
    d = state_occupancy(T.mdp, AWAY)
    law = (d[:, None, None] * T.P / 2).sum((0, 1))
    g = BASE * one / 10
    return at_most(law[3] * g**2 + law[4] / g**3 + law[1] + law[2], one)


@lvrep.claim("Theorem 4", reading="Algorithm 1 on five states")
def online_guarantee(delta: Number("1/1000", 1), N: Integer(2, 100)):
    r"""With probability at least 1 - \delta an \varepsilon-optimal policy is obtained, for every \varepsilon < 27/10: then
    that of regret 27/10 in every episode, at least 1 - \gamma/4 - g^{2-\lambda}, is at most \delta; \gamma = 9/10. \lambda =
    4\log N + \log(2N/\delta), and g^{2-\lambda} tends to 0 with N for any constants in \Theta; \alpha_n is any, and the rest is
    what the claims above show"""
    one = 0 * delta + 1
    regular = 4 * log(N * one) + log(2 * N / delta)
    seldom = exp((2 - regular) * log(BASE * one / 10))
    return at_most(one - 9 * one / 40 - seldom, delta)


@lvrep.claim(
    "Theorem 4",
    reading="Algorithm 1 on five states, clip gamma^2/(1-gamma)",
    corrects="online_guarantee",
    because="a bonus of at most 2 cannot make up for a reward of up to 1 at each later step",
)
def clip_is_enough(
    gamma: Number(0, 1, below_high=True),
    b1: Number(0, None),
    b3: Number(0, None),
    b4: Number(0, None),
):
    r"""While state 2 is unseen b_2 is the clip; with \gamma^2/(1-\gamma) going to 2 is worth in the other model with r + b at
    least what it is worth in the truth, and exactly that at b_1 = b_3 = b_4 = 0: no smaller clip will do"""
    one = gamma**0
    T = world(one, gamma, kept=one)
    other = world(one, gamma, kept=one, after=(*AFTER[:2], (4, 4), *AFTER[3:]))
    clip = gamma**2 / (1 - gamma)
    bare = with_bonus(other, (0 * one, clip, 0 * one, 0 * one))
    paid = with_bonus(other, (b1, clip, b3, b4))
    return every(equal(J(bare, THERE), J(T, THERE)), at_most(J(T, THERE), J(paid, THERE)))
