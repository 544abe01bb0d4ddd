"""A lemma of one's own, and a false variant of it: `theorylab verify examples/my_lemma.py`."""

from theorylab import MDP, Model, Policy, at_most, claim, equal
from theorylab.notation import D, E, J, V, l1_norm, sup_norm


@claim("simulation lemma")
def simulation(M: MDP, M_hat: Model, pi: Policy):
    gamma, V_hat = M.gamma, V(M_hat, pi)
    gap = E(D(M, pi), M.P @ V_hat - M_hat.P @ V_hat)
    return equal(J(M, pi) - J(M_hat, pi), gamma / (1 - gamma) * gap)


@claim("simulation lemma, occupancy of the model")
def wrong_occupancy(M: MDP, M_hat: Model, pi: Policy):
    gamma, V_hat = M.gamma, V(M_hat, pi)
    gap = E(D(M_hat, pi), M.P @ V_hat - M_hat.P @ V_hat)
    return equal(J(M, pi) - J(M_hat, pi), gamma / (1 - gamma) * gap)


@claim("simulation gap, half the norm")
def half_norm(M: MDP, M_hat: Model, pi: Policy):
    gamma, distance = M.gamma, l1_norm(M.P - M_hat.P)
    bound = gamma / (1 - gamma) * sup_norm(V(M_hat, pi)) / 2 * E(D(M, pi), distance)
    return at_most(J(M, pi) - J(M_hat, pi), bound)
