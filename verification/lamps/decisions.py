"""Mutants of LAMPS' statements that were not broken: one decision for each kind of change.

A pattern is a glob on the words of the change, on "function: change" or on "claim/function: change";
the first that matches decides. `theorylab mutate` prints what each of them covers.
"""

HALF = (
    "registered as pdpm_bound_half: values are at least 0, so V_max / 2 times the l1 distance, which"
    " is at most V_max, bounds a difference of means (pdam_bound_half for PDAM)"
)
COUPLED = (
    "registered as pdpm_bound_by_coupling: with costs at least 0 the two worlds may be run together"
    " until they part, under the occupancy of either, and only what is paid after that counts"
)
PARTS = (
    "a part of the proof: the planning error, the learned policy's term and the expert's are each"
    " bounded by their own term of the right side, so sums of two of them, or of none, are as well"
)
TRIVIAL = "no statement of interest: the left side is 0 or less, or the right side bounds any cost"
ANY_FUNCTION = "holds for any function of the state there, as the step only adds and subtracts it"
OWN_WORLD = (
    "the planning or policy error taken in the real world bounds the left side alone: it is the"
    " performance difference lemma, or the definition of the best policy"
)
WHOLE = (
    "repairs the false reading by a bound on the whole cost in the model; the corrected reading,"
    " (1 - gamma) times the planning error with the expert in the class, is the sharp one"
)
EXPERT = "the expert's own occupancy needs no C, and C is at least 1: weaker than PDAM itself"
LATER_COSTS = (
    "costs are at most 1: the bound without this integrand is one on all later costs, which says"
    " nothing of the model or the policy"
)

DECIDED = {
    # (12) for other functions of the state
    "pdam_first_step: M -> M_hat in V(M, pi_star)": ANY_FUNCTION,
    "pdam_first_step: pi_star -> pi_hat in V(M, pi_star)": ANY_FUNCTION,
    # the constants of the norms
    "drop term M.P of M_hat.P - M.P": HALF,
    "drop term M_hat.P of M_hat.P - M.P": HALF,
    "drop factor E(D(M, pi_*), distance) of *": HALF,
    "drop factor E(D(M, pi_hat), l1_norm(M_hat.P - M.P)) of *": HALF,
    "hoelder_step: tighten the bound by 1 %": HALF,
    # whose values, under whose occupancy
    "hoelder_step: M_hat -> M in V(M_hat, pi_hat)": (
        "Hoelder's inequality for other values: nothing but their sign is used"
    ),
    "M_hat -> M in V(M_hat, pi_hat)": COUPLED,
    "pi_star -> pi_hat in V(M_hat, pi_star)": COUPLED,
    "M -> M_hat in D(M, pi_star)": COUPLED,
    "pdam_bound_best_action: M -> M_hat in d(M, pi_star)": (
        "by the same coupling: until the worlds part, the expert's law is below its occupancy in"
        " either, so C may be taken from the model's"
    ),
    # sums of some of the three terms
    "M -> M_hat in J(M, pi_*)": PARTS,
    "M -> M_hat in V(M, pi_*)": PARTS,
    "pi_* -> pi_* in J(M, pi_*)": PARTS,
    "pi_* -> pi_* in V(M, pi_*)": PARTS,
    "M_hat -> M in J(M_hat, pi_hat)": PARTS,
    "M_hat -> M in optimal_performance(M_hat)": PARTS,
    "M_hat -> M in best_performance(*": PARTS,
    "double factor 1 - M.gamma of (1 - M.gamma) * (J(M, pi_hat) - J(M, pi_star))": (
        "differs only where the left side is negative, and the right side never is"
    ),
    # the error of planning or of the policy
    "drop term best_performance(*": WHOLE,
    "sign before best_performance(*": WHOLE,
    "M_hat -> M in corollary_a_1(M, M_hat, pi_hat, pi_star)": OWN_WORLD,
    "M_hat -> M in corollary_a_3(M, M_hat, pi_hat, pi_star)": OWN_WORLD,
    "M_hat -> M in disadvantage(M_hat, pi_hat)": OWN_WORLD,
    # an exploration distribution
    "nu -> D(M, pi_star) in E(nu, *": EXPERT,
    "nu -> d(M, pi_star) in E(nu, *": EXPERT,
    "pdam_exploration_corrected: drop factor E(nu, positive(model)) of *": LATER_COSTS,
    "pdam_exploration_sharper: drop factor E(nu, positive(*": LATER_COSTS,
    "pdam_exploration_sharper: drop factor together of *": LATER_COSTS,
    "corollary_a_3: drop factor E(d(M, pi_star), V_hat - *": LATER_COSTS,
    "corollary_a_2: drop factor model_part of *": LATER_COSTS,
    "corollary_a_2: drop factor policy_part of *": LATER_COSTS,
    "pdam_bound_best_action: drop factor E(nu, disadvantage_of_best) of *": LATER_COSTS,
    "pdam_bound_corrected: drop factor eps_po of C * eps_po": LATER_COSTS,
    "coverage_at_least_one: *": "C of a distribution against itself is exactly 1",
    # bounds of nothing
    "pdpm_bound_outside_the_class/corollary_3_1: sign before M.P in M_hat.P - M.P": TRIVIAL,
    "pdpm_bound_without_the_expert/corollary_3_1: drop term J(M, pi_hat) of *": TRIVIAL,
    "pdam_bound_with_coverage: drop factor E(nu, *": TRIVIAL,
    "pdam_bound_with_coverage/disadvantage: sign before Q(N, pi) in *": TRIVIAL,
    "hoelder_step: M.P -> M_hat.P": TRIVIAL,
    "hoelder_step: M_hat.P -> M.P": TRIVIAL,
}
