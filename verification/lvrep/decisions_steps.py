"""Mutants of Appendices E.2, E.3 and F.2 that were not broken: as in `decisions`."""

ANY_LAW = "the same statement for another law of pairs: the line is for any"
AT_MOST_ONE = (
    "no statement of interest: |g| is at most 1, so the left side is at most 1 (times t), which is below"
    " the right side as soon as a distance in it is 1 or more"
)
OTHER_G = "the same statement for another g with values in an interval of length at most 1"
NORM_ABOVE_ONE = (
    "differs only where the l1 distance exceeds 1, where the bound is trivial: |g| <= 1"
)
ONE_MODEL = "compares a model with itself, with 1 or with nothing: no statement of interest"
AFTER_ALL = "repairs the print: {}"
OTHER_BEHAVIOUR = (
    "the same line for another pi_b, as rows that need not sum to one: 1/omega is their least entry"
)
ROOM = (
    "the lemma's own room: the mean of g^2 bounds the first step and the later ones, which cannot both be"
    " tight; the proof's lines, each judged by itself, have none: first step, change of the model, last lines"
)
RATIO_OF_MEANS = "a ratio of two sums is that of the two means"

DECIDED_STEPS = {
    # E.2
    "data_law_as_printed: drop factor 0 of *": AFTER_ALL.format("pi_0 counts, as in data_law"),
    "true_expansion_as_printed: T_hat -> T *": AFTER_ALL.format("it is true_expansion"),
    "true_expansion_as_printed: T -> T_hat *": AFTER_ALL.format(
        "all of it about the learned model"
    ),
    "true_expansion/true_expansion_with: pi_0 -> pi *": ANY_LAW,
    "true_middle_lines: pi_0 -> pi *": ANY_LAW,
    "learned_expansion: T -> T_hat in data_pairs(T, pis)": ANY_LAW,
    "step_back_true_empty_data: *": AFTER_ALL.format("rho_1 is a distribution"),
    "step_back_true_empty_data/*: *": AFTER_ALL.format("the data count although there are none"),
    "first_step_literal: drop factor moment *": AFTER_ALL.format("by a bound for g = 1"),
    "regularised_norm_literal: *": AFTER_ALL.format("it is regularised_norm_forced"),
    "model_change_literal: *": ONE_MODEL,
    "model_change_literal/squared_distance: *": ONE_MODEL,
    "model_change_literal_positive: * 1 + g": OTHER_G,
    "model_change_literal_positive/squared_distance: *T*": AT_MOST_ONE,
    "model_change_literal_positive/squared_distance: *": NORM_ABOVE_ONE,
    "model_change_forced: *": ONE_MODEL,
    "model_change_forced/squared_distance: *": ONE_MODEL,
    "model_change_corrected: drop factor square *": AT_MOST_ONE,
    "model_change_corrected: *": ONE_MODEL,
    "model_change_corrected/squared_distance: * T*": AT_MOST_ONE,
    "model_change_corrected/squared_distance: *": NORM_ABOVE_ONE,
    "step_back_learned_forced/squared_distance: * -> 1": AFTER_ALL.format(
        "it is step_back_learned_literal, which stands"
    ),
    "step_back_learned_forced/squared_distance: power *": AFTER_ALL.format(
        "it is step_back_learned_literal, which stands"
    ),
    "step_back_learned_forced/squared_distance: *": ONE_MODEL,
    "step_back_learned_forced*: *": AFTER_ALL.format(
        "a larger norm or radius, or models that differ by something else than q"
    ),
    "step_back_learned_*/squared_distance: * T*": AT_MOST_ONE,
    "step_back_learned_*/squared_distance: *": NORM_ABOVE_ONE,
    "step_back_learned_*/step_back_learned: T -> T_hat *": ROOM,
    "step_back_learned_positive: *": OTHER_G,
    "samples_over_regular: drop term more of x + more": "lambda at n in the place of N: the equality of more = 0",
    "log_log: drop term 1 of *": "a factor below e: weaker from x = e on, where log log x is above 0",
    "log_log: drop factor exp*": "a factor below e: weaker from x = e on, where log log x is above 0",
    # E.3
    "coverage_at_least_one: sum -> mean *": "x = 1/|Z| in the place of x = 1: the same ratio",
    "distribution_shift*/largest_ratio: sum -> mean *": RATIO_OF_MEANS,
    "offline_first_step: pi_b -> pi *": OTHER_BEHAVIOUR,
    "offline_first_step/behaviour: *": OTHER_BEHAVIOUR,
    "offline_learned_corrected: *": ROOM,
    "offline_learned_corrected/*: *": ROOM,
    "offline_expansion: * in D(T, pi_b)": ANY_LAW,
    "offline_last_lines: pi_b -> pi *": OTHER_BEHAVIOUR,
    "offline_last_lines/behaviour: *": OTHER_BEHAVIOUR,
    "offline_true_corrected: *": ROOM,
    "offline_true_corrected/behaviour: *": OTHER_BEHAVIOUR,
    "offline_true_printed: *": AFTER_ALL.format("one gamma less, as offline_true_corrected has it"),
    "offline_true_printed/one_of_all: *": AFTER_ALL.format("rewards of gamma in the place of 1"),
    "offline_true_stationary: *": AFTER_ALL.format("rho is no law any more: it has mass 2 or more"),
    "offline_learned_printed: drop factor gamma *": AFTER_ALL.format(
        "one gamma less, as offline_learned_corrected has it"
    ),
    "offline_learned_printed/one_of_all: *": AFTER_ALL.format("rewards of gamma in the place of 1"),
    # F.1
    "union_levels_corrected: *": "the sum is delta (1 - 1/(N + 1)): equal as N grows; N is at most 12",
    "union_levels: *": AFTER_ALL.format("one level only, or their mean: delta"),
    # F.2
    "ball_below_sphere/entropy_of_two_points: *": AFTER_ALL.format(
        "two points by one ball for every i"
    ),
    "conjugation: *": "the same identity for another symmetric operator: it is for any",
    "second_claim_substitution_corrected/inverse_forms: *": "the same identity for another operator: it is for any",
    "covering_polynomial: *": (
        "sharper: log 2 in the place of log 4 does, as i < (a/eps)^{1/beta} in the range; the print takes"
        " Lemma 6.21's constant"
    ),
    "entropy_finite: *": AFTER_ALL.format("a bound that does not fall with i"),
    # Lemmas 7 and 8, Theorem 15
    "bonus_up_to_a_constant: drop term more *": "the same statement at more = 0, where it is tight",
    "optimism_radius_printed: *": AFTER_ALL.format("for one action, or with |A|^2"),
    "half_power_as_printed/trace: *": "1'K1 ||p||^2 is at least <1, p>^2 = 1, which a law's p'p is not above",
    "trace_of_a_quotient/trace: *": "the same statement for means, or of the number of latent values alone",
    "log_det_finite: *": (
        "room in a constant that the print hides in O(.): log 3/log 2 in the place of 2 does, at n = 2"
    ),
    "offline_discount_slip: *": AFTER_ALL.format(
        "the square outside, as offline_discount has it, or none"
    ),
    "offline_discount: drop factor part *": "the same statement at part = 1: equal",
    "occupancy_of_a_mixture: drop term law.sum*": "a rule of x/0 and 0/0: void where a policy goes",
    "occupancy_of_a_mixture: *": "where neither policy goes the rule may be anything",
    "carl_on_one_axis*: *": "room: the cited constant c_p is for any operator; on one axis e_i falls like 2^-i",
    "covered_alike: *": "other bonuses, scales and clips: any two that fall as visits grow, at such shares",
    "offline_coverage: *": "a policy against itself: equal",
    "affinity_is_the_mean: *": "the root of the product is 0 where either law is",
    "affinity_is_the_mean/likelihood: *": "a factor of both likelihoods, which their ratio loses",
    "inverses_turn_round: *": "the same statement for two other matrices, one below the other",
    "width_below_regular: *share*": "C is at most c here, so that c^2/C^2 is the larger of the two",
    "width_below_regular: tighten *": "room: 7/12 of this lambda is enough, by the inequality of means and 1/3",
    "width_below_regular/bernstein_width: *": "room: 7/12 of this lambda is enough, by the inequality of means and 1/3",
    "telescoping_without_the_first: *": AFTER_ALL.format(
        "pi_0 counts, or what concavity gives, the other way"
    ),
}
