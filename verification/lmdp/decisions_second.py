"""Mutants of Section 5 and of Appendices B.3 and B.4 that were not broken: as in `decisions`."""

MORE_COLUMNS = "more powers of two than can be reached: their counts are 0"
ONE = "the factor is 1, in the claim's own numbers"
SAME = "no other statement: 0 times a count, with either sign or twice"
OTHER_RUNS = "the same statement for another number of episodes"
NO_CALLS = "repairs the false statement by bounding 1 in place of the number of calls"
TRUTH_PAYS = "the truth in the place of the model: that its trajectories pay at most 1 is total_of_a_trajectory"
TRIVIAL = "no statement of interest: an indicator, or the least entry, is at most 1 anyhow"
SHARED_REWARDS = "W and its model have the same rewards: the same statement about W itself"
OTHER_HISTORY = "the same statement at another history: it is for one after another"
WHOLE_ROOT = "the largest x that satisfies the premise: the same statement at share = 1"
ANY_FORM = (
    "V may be any form with V(X + Y) <= 2V(X) + 2V(Y): its mean, its square, X - Y, or a part of it"
)
SHARPER_23 = "registered as models_of_the_set_sharper: 24, whose own mutants all die"

DECIDED_SECOND = {
    # Section 5
    "model_pays_at_most_one: M -> W in largest_total(M)": TRUTH_PAYS,
    "model_pays_at_most_one_bounded: M -> W in with_palette(*": SHARED_REWARDS,
    "optimistic_at_most_one_bounded: M -> W in with_palette(*": SHARED_REWARDS,
    "optimistic_at_most_one_bounded: M.palette -> W.palette": SHARED_REWARDS,
    "alpha_at_most_one*: sup -> inf in sup(*": TRIVIAL,
    "alpha_at_most_one*: drop factor alpha of support(*": TRIVIAL,
    "deterministic_is_enough: sign of -1": OTHER_HISTORY,
    "deterministic_is_enough/with_choice: index - 1 of rows*": OTHER_HISTORY,
    "deterministic_is_enough/with_choice: index - 1 of identity(W.A)[[]a]": (
        "the actions in another order: all of them are tried"
    ),
    # B.3, counts
    "visits_at_each_count: double factor ? of H * K": MORE_COLUMNS,
    "visits_at_each_count: drop factor one_of(p) of *": ONE,
    "visits_at_each_count: sign before 0 * seen in *": SAME,
    "visits_at_each_count: double factor seen of 0 * seen": SAME,
    "visits_at_each_count/run_of: * in range(K)": OTHER_RUNS,
    "solver_calls_are_few: drop factor run.calls of *": NO_CALLS,
    # B.4
    "square_root_inequality: drop factor share of *": WHOLE_ROOT,
    "variance_of_a_sum: *": ANY_FORM,
    "variance_of_a_sum/row_spread: *": ANY_FORM,
    "models_of_the_set: *": SHARPER_23,
    "models_of_the_set/tight_1: 5 -> 6": SHARPER_23,
}
