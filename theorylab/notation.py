"""Short names for paper files: the symbols of the field, each with its word in the library.

    J performance      V value            Q action_value      Adv advantage
    d state_occupancy  D occupancy        E expectation       d_at, D_at  at one step
    T_pi bellman       T optimal_bellman   V_star, J_star optimal_value, optimal_performance
    sup, sup_norm, l1_norm, positive, KL kl_divergence, TV total_variation

In the library itself the words are used; in a paper's file the symbols, so that a claim reads like
the displayed formula.
"""

from theorylab.arithmetic import l1_norm, positive, sup, sup_norm
from theorylab.theory.information import kl_divergence as KL
from theorylab.theory.information import total_variation as TV
from theorylab.theory.planning import optimal_performance as J_star
from theorylab.theory.planning import optimal_value as V_star
from theorylab.theory.tabular import action_value as Q
from theorylab.theory.tabular import advantage as Adv
from theorylab.theory.tabular import bellman as T_pi
from theorylab.theory.tabular import coverage_coefficient as coverage
from theorylab.theory.tabular import expectation as E
from theorylab.theory.tabular import occupancy as D
from theorylab.theory.tabular import occupancy_at as D_at
from theorylab.theory.tabular import optimal_bellman as T
from theorylab.theory.tabular import performance as J
from theorylab.theory.tabular import state_occupancy as d
from theorylab.theory.tabular import state_occupancy_at as d_at
from theorylab.theory.tabular import value as V

__all__ = [
    "KL", "TV", "Adv", "D", "D_at", "E", "J", "J_star", "Q", "T", "T_pi", "V", "V_star",
    "coverage", "d", "d_at", "l1_norm", "positive", "sup", "sup_norm",
]  # fmt: skip
