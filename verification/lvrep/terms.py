"""What LV-Rep's claims on one step back share: steps, laws of data, and models made by hand.

g is a table (S, A); T is the true model or the learned one; pis are pi_0, ..., pi_{n-1}, n their
number. All norms are squared unless a name says otherwise.
"""

import numpy as np

from theorylab import Policy
from theorylab.notation import D, E, V, l1_norm
from theorylab.theory.features import (
    bonus_squared,
    covariance,
    kernel_norm_squared,
    next_states,
    visited_pairs,
    visited_states,
    with_uniform_actions,
)
from theorylab.theory.latent_variable_parts import build_model, build_policy


def first(T, pi, g):
    """E_{s ~ d_0, a ~ pi}[g(s, a)], a number."""
    return E(T.start, E(pi, g))


def ahead(T, pi, g):
    """E_{s ~ T(. | s~, a~), a ~ pi}[g(s, a)] of each pair (s~, a~), a table (S, A)."""
    return T.P @ E(pi, g)


def latent_mean(T, pi, g):
    """The function int sum_a p(s | .) pi(a | s) g(s, a) ds of the latent value, shape (Z,)."""
    return T.emissions @ E(pi, g)


def own_bound(T, pi, g, K):
    """||int sum_a p(s | .) pi(a | s) g(s, a) ds||_{H_k}^2: at most Assumption 2's C where |g| <= 1."""
    return kernel_norm_squared(latent_mean(T, pi, g), K)


def data_pairs(T, pis):
    """rho_n x U(A), shape (S, A)."""
    return with_uniform_actions(visited_states(T, pis), T.A)


def data_pairs_after(T, pis):
    """rho'_n x U(A), shape (S, A): s' of (s, a, s') ~ rho_n x U(A) x T*, then a uniform action."""
    return with_uniform_actions(next_states(T, data_pairs(T, pis)), T.A)


def data_occupancy(T, pis):
    """rho_n(s, a), shape (S, A)."""
    return visited_pairs(T, pis)


def squared_distance(T, T_hat):
    """||T_hat(s, a) - T*(s, a)||_1^2, a table (S, A)."""
    return l1_norm(T_hat.P - T.P) ** 2


def norms(T, law, K, n, regular):
    """||p(. | s, a)||^2 in the norm of Sigma^{-1}, Sigma = n E_law[p p'] + lambda T_k^{-1}."""
    return bonus_squared(T.latents, covariance(law, T.latents, K, n, regular))


def gap_of_next_values(T, T_hat, pi, value):
    """E_{d^pi_T_hat}[E_T_hat V(s') - E_T* V(s')] for a function V of the state."""
    return E(D(T_hat, pi), T_hat.P @ value - T.P @ value)


def value_gap(T_hat, bonus, T, pi):
    """V^pi_{T_hat, r + b} - V^pi_{T*, r} at the start; b is a table (S, A), negative offline."""
    paid = T_hat.with_reward(T_hat.payoff + bonus)
    return E(T.start, V(paid, pi) - V(T, pi))


def model(latents, emissions, payoff, gamma, start):
    """A latent-variable model of nested lists of numbers, unchecked: for instances made by hand."""
    rows = {"latents": latents, "emissions": emissions, "payoff": payoff, "start": start}
    tables = {key: np.array(value, dtype=object) for key, value in rows.items()}
    return build_model(**tables, gamma=gamma)


def inside(T):
    """T with the discount (1 + gamma)/2: the paper's are in (0, 1), at 0 nothing is refuted."""
    tables = {"latents": T.latents, "emissions": T.emissions, "payoff": T.payoff, "start": T.start}
    return build_model(**tables, gamma=(1 + T.gamma) / 2)


def always(action, S, A):
    """The policy that takes one of A actions in each of S states."""
    return Policy.deterministic([action] * S, A)


def stationary(rows):
    """A policy of nested lists of numbers, unchecked."""
    return build_policy(np.array(rows, dtype=object))
