"""Mutants of Sections 3 and 4 and of Appendices B.1, B.2 and B.3.2 that were not broken.

A pattern is a glob on the words of the change, on "function: change" or on "claim/function: change";
the first that matches decides. `theorylab mutate` prints what each of them covers.
"""

TRIVIAL = (
    "no statement of interest: probabilities and totals of rewards are at most 1, so is that bound"
)
SAME = "no other statement: both sides are the same, or 0, at every instance"
SHARED_REWARDS = "W and its model have the same rewards: the same statement about W itself"
FEWER_STEPS = "the same statement for fewer steps, or for a part of them"
SURE = "a deterministic policy's probabilities are 0 and 1, which are their own squares"
SAME_AXIS = "the sum over the actions, the second of two axes: the same axis by another number"
SHIFT = "a variance is the same after a shift by a constant, and of -x: r is one, given m and h"
TRUTH_PAYS = "registered as total_of_a_trajectory: the truth's own alpha vectors are at most 1"
WEAKER = "weaker: the least entry, or fewer steps, in place of the largest"
FIRST_STEP = (
    "only the context and the first state of the episode enter here; which history, action, visit and"
    " model come later is tried where they enter (regret_decomposition, rewards_are_unbiased)"
)
NO_UPDATES = "which steps are in X does not enter a sum of rewards; it does in regret_decomposition"
ANY_PREDICTABLE = (
    "a martingale difference has mean zero whatever multiplies it, if that is known before the next state"
    " is drawn: kept at t or t + 1, the visits of another state or none at all"
)
ANY_VECTORS = "the mean is zero for the alpha vectors of any model, the truth's too"
ANY_LAW = "the mean is zero from any first state and for any action that does not look ahead"
TERM_BY_TERM = "zero step by step: so are the mean over the steps and the sums of some of them"
NO_SIGN_TO_TIGHTEN = "0 less 1 % of 0, or a sum that is not negative less 1 % of it: the same sign"
ONE_EPISODE = "one episode: its mean is its sum"
REFERENCE_CANCELS = (
    "rho_1 V* stands on both sides: any number in the place of V* gives the same difference, which is"
    " -rho_2 - (1 - rho_1) V^pi; that V* is the largest value is tried in greedy_in_beliefs_is_optimal"
)
NO_RHO_2 = "rho_1 <= 1 gives it without rho_2, or without the promise: V is at least 0"
OWN_IMPROVEMENT = (
    "one step of improvement of the policy that it is compared with: true of any policy"
)
UNBROKEN_INDICATOR = (
    "repairs the false line by making both indicators the same, or both sides at least 0: X is empty or"
    " everything, or what is dropped is no longer signed"
)

DECIDED = {
    # Section 3
    "total_of_a_trajectory/paid_before: drop term found[[]-1]*": (
        "weaker: only the last reward is counted before h, which differs from three steps on"
    ),
    "uniform_bounds_become_total_bounds: W_other -> W in largest_total(W_other)": SHARED_REWARDS,
    "greedy_in_beliefs_is_optimal/greedy_choices: sign of -1 #2": SAME_AXIS,
    "greedy_once_is_optimal: * -> * in *": OWN_IMPROVEMENT,
    "greedy_once_is_optimal/*: drop factor *": TRIVIAL,
    "regret_is_never_negative: sum -> mean in sum(*": NO_SIGN_TO_TIGHTEN,
    "regret_is_never_negative: tighten the bound by 1 %": NO_SIGN_TO_TIGHTEN,
    "regret_is_never_negative: * factor V_star of 0 * V_star": SAME,
    "regret_is_never_negative/greedy_choices: sign of -1 #2": SAME_AXIS,
    "rho_regret/best_value: *": REFERENCE_CANCELS,
    "rho_regret/greedy_choices: *": REFERENCE_CANCELS,
    "rho_regret/next_values: *": REFERENCE_CANCELS,
    "rho_regret/regrets: sum -> mean in sum(*": ONE_EPISODE,
    "rho_regret/regrets: drop term *rho_2 of *": NO_RHO_2,
    "largest_variance_is_at_most_one: tighten the bound by 1 %": (
        "registered as largest_variance_is_at_most_a_quarter: a total in [0, 1] has no more"
    ),
    # B.2
    "variance_by_induction: end one early in range(1, W.H)": FEWER_STEPS,
    "variance_of_a_step: drop factor 0 of 0 * found[[]-1]": SAME,
    "variance_of_a_step: * in range(1, W.H)": FEWER_STEPS,
    "variance_of_a_step/step_lines: double factor rows of rows * line": SURE,
    "variance_of_a_step/step_lines: * r + alpha #4": SHIFT,
    # B.3.2
    "optimistic_at_most_one: M -> W in alpha_vectors(M, pi)": TRUTH_PAYS,
    "optimistic_at_most_one: sup -> inf in sup(support(c) * alpha)": WEAKER,
    "optimistic_at_most_one: drop factor alpha of support(c) * alpha": TRIVIAL,
    "rewards_are_unbiased/episode_of: *": NO_UPDATES,
    "first_value_is_unbiased: W -> M in episode_of(W, pi)": FIRST_STEP,
    "first_value_is_unbiased/episode_of: *": FIRST_STEP,
    "first_value_is_unbiased/values_along: * of 0 * found[[]0]": FIRST_STEP,
    "indicator_dropped: *": UNBROKEN_INDICATOR,
    "indicator_dropped/episode_of: *": UNBROKEN_INDICATOR,
    "model_error_is_unbiased: * in same_support(W, M)": ANY_VECTORS,
    "model_error_is_unbiased/same_support: *": ANY_VECTORS,
    "model_error_is_unbiased: * e.kept[[]t + 1]*": ANY_PREDICTABLE,
    "model_error_is_unbiased: drop term * of t + 1": ANY_PREDICTABLE,
    "model_error_is_unbiased: * in range(W.H)": TERM_BY_TERM,
    "model_error_is_unbiased: sum -> mean in sum(*": TERM_BY_TERM,
    "model_error_is_unbiased: * latent_value(W, pi)*": SAME,
    "model_error_is_unbiased/episode_of: index - 1 of W.nu[[]m]": ANY_LAW,
    "model_error_is_unbiased/episode_of: index - 1 of rows*": ANY_LAW,
    "model_error_is_unbiased/episode_of: *": ANY_PREDICTABLE,
    "model_error_is_unbiased/next_values_along: * e.kept[[]0]": SAME,
    "model_error_is_unbiased/values_along: * of 0 * found[[]0]": SAME,
}
