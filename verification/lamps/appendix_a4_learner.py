r"""Appendix A.4: "the FTL result guarantees us that", and the rate under the root.

\ell_t is the loss with both expectations inside, D_t half of each occupancy; losses are in units of V
(squared for the squared loss), summed over the rounds.
"""

from theorylab import (
    MDP,
    Along,
    Model,
    Policy,
    StateActionDistribution,
    assume,
    at_most,
    bounded_by,
    equal,
)
from theorylab.arithmetic import inf, log, sup
from theorylab.notation import D, V
from verification.lamps.paper import lamps
from verification.lamps.value_moments import (
    HALF,
    TO_BAD,
    best_loss,
    doors,
    moment_loss,
    played_loss,
    rotating,
    rotating_losses,
    squared_loss,
)

# ---- the learner: "the FTL result guarantees us that" ------------------------------------------


def follow_the_leader(eps, loss):
    """(Reg_T, T) of Follow-the-Leader over two models, each wrong about the door that it advises,
    after 1 / eps pairs of rounds; by assumption it plays them in turn."""
    M = doors(HALF, TO_BAD, TO_BAD, [0, 0, 1])
    models = [rotating(1), rotating(0)]
    own, other = rotating_losses(M, models[0], 0, [models[1]], loss)
    later, first = rotating_losses(M, models[1], 1, [models[0]], loss)
    assume(at_most(other, own), "after the first round the second model leads")
    assume(equal(own + first, other + later), "after two rounds neither leads: again the first")
    pairs = 1 / eps
    return pairs * (own + later) - pairs * (own + first), 2 * pairs


@lamps.claim("Theorem A.2, proof, FTL")
def ftl_regret_is_logarithmic(eps: Along(0)):
    r"""\sum_t\ell_t(\hat M_t) \le \min_M\sum_t\ell_t(M) + O(\log T) for Follow-the-Leader over two
    models, each wrong about the door that it advises; T = 2/\epsilon"""
    regret, T = follow_the_leader(eps, moment_loss)
    return bounded_by(regret, log(T))


@lamps.claim("Theorem A.2, proof, FTL", reading="O(sqrt T)")
def ftl_regret_is_a_root(eps: Along(0)):
    r"""The next line, \sum_t\ell_t(\hat M_t) \le T\epsilon^{mm} + O(\sqrt T), in the same run"""
    regret, T = follow_the_leader(eps, moment_loss)
    return bounded_by(regret**2, T)


@lamps.claim("Theorem A.2, proof, FTL", reading="squared loss, O(sqrt T)")
def ftl_regret_of_the_squared_loss(eps: Along(0)):
    r"""The same with the squared loss: Follow-the-Leader needs a convex class, too"""
    regret, T = follow_the_leader(eps, squared_loss)
    return bounded_by(regret**2, T)


@lamps.claim("Theorem A.2, proof, FTL", reading="the range of the loss")
def learner_regret_without_values(gamma: Along(1)):
    r"""\ell_1(\hat M_1) \le \epsilon^{mm} + O(1) at T = 1: two states that change places, of costs 0 and 1, an
    initial model in which they do not, and \mathcal M = \{\hat M_1, M^\star\}"""
    M = MDP(P=[[[0, 1]], [[1, 0]]], payoff=[[0], [1]], gamma=gamma, start=[1, 0])
    first, pi = M.with_transitions([[[1, 0]], [[0, 1]]]), Policy([[1], [1]])
    run, expert = [(first, pi)], D(M, pi)
    best = best_loss(M, run, expert, (first, M), moment_loss)
    return bounded_by(played_loss(M, run, expert, moment_loss) - best, 1 + 0 * gamma)


@lamps.claim(
    "Theorem A.2, proof, FTL",
    corrects="learner_regret_without_values",
    because="what a learner loses in a round is measured by the span of the values",
)
def learner_regret_with_values(
    M: MDP, M_hat: Model, N: Model, pi_hat: Policy, D_t: StateActionDistribution
):
    r"""0 \le \ell_t(M) \le sp(V^{\hat\pi_t}_{\hat M_t}) for every model M, sp the largest minus the smallest
    value; so Reg_T \le \sum_t sp(V^{\hat\pi_t}_{\hat M_t}), whatever the learner does"""
    values = V(M_hat, pi_hat)
    return at_most(moment_loss(M, N.P, values, D_t), sup(values) - inf(values))


@lamps.claim("Theorem A.2, proof, squared loss")
def root_of_a_root_regret(eps: Along(0)):
    r"""From \sum_t\ell_t(\hat M_t) \le T\epsilon^{mm} + \sqrt T, Jensen's inequality gives
    \sqrt{T(T\epsilon^{mm} + \sqrt T)} = T\sqrt{\epsilon^{mm}} + \tilde O(\sqrt T): where \epsilon^{mm} = 0,
    with \log T as a factor, squared; T = \epsilon^{-2}"""
    root_T = 1 / eps
    return bounded_by(root_T**3, (root_T * log(root_T**2)) ** 2)


@lamps.claim(
    "Theorem A.2, proof, squared loss",
    corrects="root_of_a_root_regret",
    because="a regret of \\sqrt T gives T^{3/4} under the root; the first line's \\log T gives \\sqrt{T\\log T}",
)
def root_of_a_logarithmic_regret(eps: Along(0)):
    r"""From \sum_t\ell_t(\hat M_t) \le T\epsilon^{mm} + \log T: \sqrt{T\log T} = \tilde O(\sqrt T)"""
    root_T = 1 / eps
    return bounded_by(root_T**2 * log(root_T**2), (root_T * log(root_T**2)) ** 2)
