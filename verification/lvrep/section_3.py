r"""Section 3: latent-variable models as linear MDPs, their planning, simulation and sampling.

The evidence lower bound (5) stands in `section_3_elbo`, random features and the bonus (7) in
`section_3_features`. The Gaussian example is judged in closed form, exponent by exponent, for states in R^1 to R^3
(up to R^24 in floats): no grid, hence no resolution.
"""

import numpy as np

from theorylab import (
    Integer,
    KernelMatrix,
    LatentVariableModel,
    Number,
    Policy,
    RewardMDP,
    StateFunction,
    at_least,
    at_most,
    chain,
    draw,
    equal,
    every,
    in_expectation,
)
from theorylab.arithmetic import identity, inverse
from theorylab.notation import E, Q, V, d, d_at
from theorylab.theory.features import mean_over_signs, squared_norm
from theorylab.theory.tabular import policy_transitions
from theorylab.worlds import LinearMDP
from verification.lvrep.paper import lvrep
from verification.lvrep.terms import inside

# ---- the model -----------------------------------------------------------------------------------


@lvrep.claim("(3)")
def transitions_through_latents(T: LatentVariableModel):
    r"""T^*(s'|s, a) = \int_Z p^*(z|s, a) p^*(s'|z) d\mu is a transition: not negative, its rows sum to one"""
    through = sum(T.latents[:, :, z, None] * T.emissions[z] for z in range(T.Z))
    return every(
        equal(T.P, through),
        at_least(through, 0 * T.P),
        equal(through.sum(-1), 1 + 0 * T.r),
    )


@lvrep.claim("(4)")
def latents_are_features(T: LatentVariableModel, pi: Policy):
    r"""T^*(s'|s, a) = <p^*(.|s, a), p^*(s'|.)>_{L_2(\mu)}: a linear MDP with \phi^*(s, a) = p^*(.|s, a) and \mu^*(s') =
    p^*(s'|.), its transitions and values those of the model"""
    M = LinearMDP.of_latents(T)
    return every(equal(M.P, T.P), equal(V(M, pi), V(T, pi)))


# ---- the Gaussian example ------------------------------------------------------------------------


def squared(x):
    """|x|^2."""
    return (x * x).sum()


def completed(rate, f, z, s):
    """rate (|z - f|^2 + |z - s|^2), and the same where only the first part still depends on z."""
    middle = (f + s) / 2
    return (
        rate * (squared(z - f) + squared(z - s)),
        2 * rate * squared(z - middle) + rate * squared(s - f) / 2,
    )


@lvrep.claim("Section 3, Gaussian example")
def gaussian_example(f: StateFunction, z: StateFunction, s: StateFunction):
    r"""p^*(z|s, a) \propto \exp(-2|z - f^*(s, a)|^2/\sigma^2) and p^*(s'|z) \propto \exp(-2|z - s'|^2/\sigma^2) make T^*(s'|s, a) =
    (2\pi\sigma^2)^{-d/2} \exp(-|s' - f^*(s, a)|^2/(2\sigma^2)): the exponents add up to one in z, whose integral is the
    same for all s', and that of T^*; here times \sigma^2, states being vectors"""
    first, second = completed(2, f, z, s)
    in_z = 4 * squared(z - (f + s) / 2)
    return chain(first).equal(second, "squares completed").equal(in_z + squared(s - f) / 2, "T^*")


@lvrep.claim(
    "Section 3, Gaussian example",
    corrects="gaussian_example",
    because="exp(-2x^2/\\sigma^2) has variance \\sigma^2/4; two such add up to \\sigma^2/2, half of what is said."
    " With the exponents -|z - f|^2/\\sigma^2 and -|z - s'|^2/\\sigma^2 each has \\sigma^2/2",
)
def gaussian_example_corrected(f: StateFunction, z: StateFunction, s: StateFunction):
    r"""the same for p^*(z|s, a) \propto \exp(-|z - f^*|^2/\sigma^2) and p^*(s'|z) \propto \exp(-|z - s'|^2/\sigma^2)"""
    first, second = completed(1, f, z, s)
    in_z = 2 * squared(z - (f + s) / 2)
    return chain(first).equal(second, "squares completed").equal(in_z + squared(s - f) / 2, "T^*")


# ---- block MDPs and ranks ------------------------------------------------------------------------


def block_mdp(T, decoder):
    """A block MDP of the model's numbers: labels of the states, moves p(z'|z, a) (Z, A, Z), weights
    q(s'|z') (Z, S) on the states of label z' (rows need not sum to one), labels as rows (Z, S)."""
    labels = [decoder // T.Z**s % T.Z for s in range(T.S)]
    rows = T.latents.reshape(-1, T.Z)
    moves = np.stack([rows[k % len(rows)] for k in range(T.Z * T.A)]).reshape(T.Z, T.A, T.Z)
    own = identity(T.Z)[:, labels]
    return labels, moves, own * T.start, own


@lvrep.claim("Section 3, block MDPs")
def block_mdps_have_latents(T: LatentVariableModel, decoder: Integer(0, 26)):
    r"""T(s'|s, a) = p(z'|z, a) q(s'|z') with z, z' decoded from s, s' is (3) with the latent z' drawn by p(z'|s, a) =
    \sum_z p(z|s) p(z'|z, a), p(z|s) deterministic"""
    labels, moves, q, own = block_mdp(T, decoder)
    block = np.stack([moves[z][:, labels] for z in labels]) * q.sum(0)
    composed = np.tensordot(own.T, moves, axes=1)
    return equal(block, composed @ q)


@lvrep.claim("Section 3, low rank", reading="rectangles")
def one_latent_covers_a_rectangle(T: LatentVariableModel):
    r"""where z leads from pair i to its own s_i and from j to s_j, it leads across as well:
    p(z|i)p(s_i|z) p(z|j)p(s_j|z) \le T(s_j|i) T(s_i|j). So pairs with T(s_i|i) > 0 and T(s_j|i) T(s_i|j) = 0 need one
    latent value each"""
    i, j = T.latents[0, 0], T.latents[T.S - 1, T.A - 1]
    own, other = T.emissions[:, 0], T.emissions[:, T.S - 1]
    left = (i * own) * (j * other)
    return at_most(left, 0 * left + (i @ other) * (j @ own))


def three_features(a, b, c):
    """phi (4, 3) and mu (3, 4) with products >= 0: four laws of a cycle, one dependent."""
    p, q = a * b * c, (1 - a) * (1 - b) * (1 - c)
    first = p / (p + q) / a
    last = [first, -first * (1 - a) / b, first * (1 - a) * (1 - b) / (b * c)]
    phi = np.concatenate([identity(3), np.stack(last)[None]])
    mu = np.stack([a, 1 - a, 0 * a, 0 * a, 0 * a, b, 1 - b, 0 * a, 0 * a, 0 * a, c, 1 - c])
    return phi, mu.reshape(3, 4)


@lvrep.claim("Section 3, low rank")
def three_features_for_four_latents(
    a: Number("1/8", "7/8"), b: Number("1/8", "7/8"), c: Number("1/8", "7/8")
):
    r"""the low-rank representation relaxes the simplex constraint on p^*(z|s, a) and thus can be more compact: four
    laws on a cycle, i to i and i + 1, have three features (one entry at most -1/7), and need four latent values, as
    T(s_i|i) \ge 1/344 and T(s_j|i) T(s_i|j) = 0 for i \ne j (`one_latent_covers_a_rectangle`)"""
    phi, mu = three_features(a, b, c)
    P = phi @ mu
    crossed = P * P.T * (1 - identity(4))
    return every(
        equal(P.sum(-1), 1 + 0 * P[0]),
        at_least(P, 0 * P),
        equal(crossed, 0 * crossed),
        at_least((P * identity(4)).sum(-1), (1 + 0 * P[0]) / 344),
        at_most(phi[3, 1], -(1 + 0 * a) / 7),
    )


# ---- simulation ----------------------------------------------------------------------------------


@lvrep.claim("Section 3, simulation")
def simulated_by_two_draws(T: LatentVariableModel, s: Integer(0, 2), a: Integer(0, 1)):
    r"""first z \sim p(z|s, a), then s' \sim p(s'|z): s' has the law T(s'|s, a)"""
    s, a = s % T.S, a % T.A
    following = draw(T.emissions[draw(T.latents[s, a])])
    return in_expectation(equal(identity(T.S)[following], T.P[s, a]))


def occupancies_from_states(M, pi):
    """d^pi from each state, rows (S, S): (1 - gamma) (I - gamma P_pi)^{-1}."""
    return (1 - M.gamma) * inverse(identity(M.S) - M.gamma * policy_transitions(M, pi))


@lvrep.claim(
    "Algorithm 1, sampling",
    reading="forced: s_0 drawn from d_0",
    corrects="stopping_from_a_later_law",
    because="a slip for d_0, from which Section 2.1 starts: only then has s_t the law d^pi for every pi",
)
def stopping_samples_the_occupancy(M: RewardMDP, pi: Policy, n: Integer(1, 2)):
    r"""starting from s_0 \sim d_0, executing \pi, stopping with probability 1-\gamma at each time step t \ge 0 and returning
    s_t: s_t has the law d^\pi. Here n steps are drawn; who has not stopped returns a state of d^\pi from s_n"""
    s, moves, goes_on = draw(M.start), policy_transitions(M, pi), 0
    for _ in range(n):
        goes_on = draw(np.stack([1 - M.gamma, M.gamma]))
        if not goes_on:
            break
        s = draw(moves[s])
    returned = occupancies_from_states(M, pi)[s] if goes_on else identity(M.S)[s]
    return in_expectation(equal(returned, d(M, pi)))


@lvrep.claim("Algorithm 1, sampling", reading="literal, s_0 drawn from d_t")
def stopping_from_a_later_law(T: LatentVariableModel, pi: Policy, t: Integer(0, 2)):
    r"""the same starting from s_0 \sim d_t, as printed, if d_t is the law of the state at step t: a slip for d_0"""
    M = inside(T).mdp
    return equal(d(M.with_start(d_at(M, pi, t)), pi), d(M, pi))


# ---- (6): planning -------------------------------------------------------------------------------


@lvrep.claim("(6)", reading="printed, z given s' by Bayes' rule from uniform z")
def action_value_by_inverted_emissions(T: LatentVariableModel, pi: Policy):
    r"""Q^\pi(s, a) = r(s, a) + \gamma E_{p^*(z|s, a)}[w^\pi(z)] with w^\pi(z) = \int p^*(z|s') V^\pi(s') ds', as printed; the model
    has no p(z|s') of its own"""
    inverted = T.emissions / T.emissions.sum(0)
    return equal(Q(T, pi), T.r + T.gamma * (T.latents @ (inverted @ V(T, pi))))


@lvrep.claim(
    "(6)",
    corrects="action_value_by_inverted_emissions",
    because="the arguments of p^*(s'|z) are exchanged; p^*(s'|.) is the feature that (4) names",
)
def action_value_through_latents(T: LatentVariableModel, pi: Policy):
    r"""Q^\pi(s, a) = r(s, a) + \gamma E_{p^*(z|s, a)}[w^\pi(z)] with w^\pi(z) = \int p^*(s'|z) V^\pi(s') ds'; z enumerated"""
    w = [E(T.emissions[z], V(T, pi)) for z in range(T.Z)]
    return equal(Q(T, pi), T.r + T.gamma * sum(T.latents[:, :, z] * w[z] for z in range(T.Z)))


@lvrep.claim("(6), norm")
def latent_value_is_in_the_space(T: LatentVariableModel, pi: Policy, inverse_K: KernelMatrix):
    r"""under Assumption 2, w^\pi \in H_k, with \|w^\pi\|_{H_k}^2 \le C/(1-\gamma)^2: (1-\gamma)V^\pi is a g with |g| \le 1, and its norm
    is at most the mean over signs of mean g, hence C (`squared_norms_of_functions`); K^{-1} is any positive
    definite matrix"""
    g = (1 - T.gamma) * V(T, pi)
    w, one = T.emissions @ V(T, pi), squared_norm(T.emissions.T, inverse_K)
    over_signs = mean_over_signs(T.emissions, inverse_K, g)
    short = ((1 - g * g) * one).sum()
    return every(
        chain(0 * g).at_most(g).at_most(1 + 0 * g),
        equal((1 - T.gamma) ** 2 * squared_norm(w, inverse_K) + short, over_signs),
    )
