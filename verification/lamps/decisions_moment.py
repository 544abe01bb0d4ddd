"""Mutants of the statements around LAMPS-MM that were not broken: one decision for each kind.

A pattern is a glob on the words of the change, on "function: change" or on "claim/function: change".
These stand before those of `decisions`, whose patterns are wider.
"""

NOTHING_LEFT = "the two worlds or the two policies are the same then: the left side is 0 or less"
ANY_VALUES = "holds for the values of any model: nothing but that they are kept fixed is used"
ANY_DATA = "holds for any distribution of the data: the change is on both sides alike"
ZERO = "the best loss is 0 at M* in the class, whatever the data are"
ITSELF = "a loss is at most twice itself, or the class is that of another model: the same statement"
FOUR_STATES = (
    "an unweighted sum over the next states: not broken up to three states, false from four on"
    " (values 0, 0, 0, 1 and a true model that leads to the last: 3 against 2 at the model of 0)"
)
LINEAR_INSIDE = "any such function of M V is convex in M"
SAME_HYPOTHESIS = (
    "another spelling of the hypothesis that the world is deterministic, or a stronger one"
)
DETERMINISTIC = "a deterministic M* is its own square"
BY_PARTS = (
    "a part of the proof: the policy's term, the learned policy's and the expert's are each bounded"
    " by their own term of the right side, so sums of some of them are as well"
)
OWN_WORLD = "in the real world the disadvantage is the regret: the performance difference lemma"
MERGED = "makes the middle line larger: it is then equal to the line after it"
NEGATIVE = "differs only where the left side is negative; the right side never is"
COSTS_AT_MOST_ONE = (
    "costs are at most 1, so is (1 - gamma) times a regret: it says nothing of the run"
)
SIGNED_LINE = "the first line of this chain says it: the learned policy's half needs no |.|"
LARGER = "V + Q is at least V - Q: a larger bound in every line"
TWO_SIDED = (
    "registered as signed_regret_corrected: the regret less the policy error is gamma times the signed"
    " loss, so it is bounded from below as well"
)
ANY_LINEAR = (
    "any part of (15), and any sum of its parts, is linear in M: no other statement is meant"
)
ANY_GAP = "both sides are the same functional of the gap: the identity is one of its coefficients"
ANY_SLOPES = "FTRL's guarantee holds for any linear losses, whatever their slopes are made of"
MODEL_BY_MODEL = (
    "holds model by model, for each half of (15) and any gap: larger and smaller sums alike"
)
TWICE = "registered as loss_bounds_the_model_terms_corrected: twice the average is the sum"
WITHOUT_THE_FACTOR = (
    "repairs (13) by leaving 1/(1-gamma) out on the left, where the display has it: a mean is at most"
    " the largest; policy_error_in_13_corrected has the factor on both sides"
)
TRIVIAL = "no statement of interest: both sides are the same, or a loss is at least 0"

DECIDED = {
    # (6) + (7) against (9)
    "loss_bounds_the_model_terms*: * in terms_6_and_7(*": NOTHING_LEFT,
    "loss_bounds_the_model_terms*/terms_6_and_7: M -> M_hat in moment_gap(*": NOTHING_LEFT,
    "loss_bounds_the_model_terms*/terms_6_and_7: M_hat.P -> M.P": NOTHING_LEFT,
    "loss_bounds_the_model_terms*/terms_6_and_7: D(M, pi_*) -> D(M, pi_*": NOTHING_LEFT,
    "loss_bounds_the_model_terms*/terms_6_and_7: double factor M.gamma*": NEGATIVE,
    "loss_bounds_the_model_terms_corrected: sign before D(M, pi_star)*": MERGED,
    # whose values
    "double_sampling_bias: M_hat -> ? in V(M_hat, pi_hat)": ANY_VALUES,
    "loss_is_*: M_hat -> ? in V(M_hat, pi_hat)": ANY_VALUES,
    "true_model_is_within_twice: M_hat -> ? in V(M_hat, pi_hat)": ANY_VALUES,
    # the loss (9)
    "true_model_is_within_twice: * -> *": ITSELF,
    "true_model_is_within_twice/sampled_loss: drop factor M.P*": FOUR_STATES,
    "true_model_is_within_twice/sampled_loss: *": ITSELF,
    "loss_is_convex/sampled_loss: *": LINEAR_INSIDE,
    "loss_is_unbiased_in_a_deterministic_world/sampled_loss: double*": DETERMINISTIC,
    "loss_is_unbiased_in_a_deterministic_world: *": SAME_HYPOTHESIS,
    "realizable_error_vanishes_corrected/*": ZERO,
    "realizable_error_vanishes_corrected: *": ZERO,
    "bound_is_tighter_corrected/mixed: *": ANY_DATA,
    "realizable_regret_by_the_moment_loss/realizable_regret: * best_loss(*": ZERO,
    "realizable_regret_by_the_moment_loss/realizable_regret: M_hat -> M in dis*": OWN_WORLD,
    "realizable_regret_by_the_moment_loss/realizable_regret: M -> M_hat in J(*": BY_PARTS,
    # the theorems
    "policy_error_in_13: drop * 1 - M.gamma*": WITHOUT_THE_FACTOR,
    "policy_error_in_13/disadvantage: drop term V(N, pi)*": (
        "the left side is then 0 or less, and 1/(1-gamma) times as low: no statement"
    ),
    "lamps_mm_proof_corrected: sign before expert in *": MERGED,
    "lamps_mm_regret_*: double factor 1 - M.gamma*": NEGATIVE,
    "lamps_mm_regret_corrected: drop factor eps_po of*": COSTS_AT_MOST_ONE,
    "lamps_mm_regret_corrected: drop factor best / T*": COSTS_AT_MOST_ONE,
    "lamps_mm_regret_squared_loss: drop positive of*": TWO_SIDED,
    "lamps_mm_regret_term_by_term: drop absolute of gap": SIGNED_LINE,
    "lamps_mm_regret_term_by_term/disadvantage: sign before Q*": LARGER,
    # the learner and the signed loss
    "learner_regret_with_values: * -> *": ANY_VALUES,
    "signed_loss_is_linear: M_hat -> ? in V(M_hat, pi_hat)": ANY_VALUES,
    "signed_loss_is_linear: M -> * in D(M, pi_hat)": ANY_DATA,
    "signed_loss_is_linear/moment_gap: *": ANY_LINEAR,
    "signed_loss_is_linear/signed_loss: *": ANY_LINEAR,
    "signed_loss_is_the_model_terms/moment_gap: *": ANY_GAP,
    "signed_loss_is_unbiased: * in V(M_hat, pi_hat)": ANY_VALUES,
    "signed_loss_is_unbiased: * in D(M, pi_*)": ANY_DATA,
    "signed_regret_under_exploration_corrected: drop factor E(nu, positive(-gap))*": COSTS_AT_MOST_ONE,
    "ftrl_regret_with_values: *": ANY_SLOPES,
    "ftrl_regret_with_values/moment_gap: *": ANY_SLOPES,
    "ftrl_regret_with_values/signed_loss: *": ANY_SLOPES,
    "signed_error_below_twice_the_absolute/*": MODEL_BY_MODEL,
    # repairs of what is false
    "loss_bounds_the_model_terms/mixed: *": TWICE,
    "realizable_error_vanishes: turn the relation round": TRIVIAL,
    "true_model_minimises_the_loss: *": TRIVIAL,
    "true_model_minimises_the_loss/sampled_loss: *": TRIVIAL,
    "realizable_regret_by_the_sampled_loss/realizable_regret: * best_loss(*": (
        "the whole of (9), not its excess over M*: by Jensen's inequality above the moment loss"
    ),
}
