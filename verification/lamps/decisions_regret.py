"""Mutants of the statements around model fitting and regret: a decision for each kind of change.

As in `decisions`; `paper` joins both.
"""

SAME_MODEL = "no statement of interest: both sides are then the same, or one is 0"
CANCELS = "the truth's own entropy stands on both sides and cancels"
WEAKER = "weaker: a larger right side or a smaller left one of the same inequality"
TRUTH_LEADS = "registered as truth_leads: the loss with its sign mended"

ROOT = (
    "weaker, or within the slack of the printed 2 T sqrt(eps): sqrt(2) T sqrt(eps) is needed, and"
    " lamps_regret_restated_corrected is stated with it"
)
HALF = (
    "values are at least 0, so half of V_hat_max bounds a difference of means"
    " (lamps_regret_restated_corrected is stated with it)"
)
IN_MODEL = "registered as planning_advantage_in_model: the states are visited in the model"
EXPERT_IN_MODEL = "registered as planning_disadvantage_corrected: the expert's states, in the model"

DECIDED = {
    # Algorithm 2
    "truth_leads_as_printed: turn the relation round": TRUTH_LEADS,
    "truth_leads_as_printed/log_likelihood: sign before KL(M.P, N.P) in *": TRUTH_LEADS,
    "truth_leads*: M -> N in log_likelihood(M, data, M)*": SAME_MODEL,
    "truth_leads*: N -> M in log_likelihood(M, data, N)": SAME_MODEL,
    "truth_leads*/log_likelihood: drop term KL(M.P, N.P) of *": SAME_MODEL,
    "truth_leads*/log_likelihood: M.P -> N.P*": SAME_MODEL,
    "truth_leads*/log_likelihood: N.P -> M.P": SAME_MODEL,
    "truth_leads/log_likelihood: drop term truth of *": CANCELS,
    "truth_leads/log_likelihood: sum -> mean in x_log_ratio(M.P, 1).sum(-1)": CANCELS,
    # footnote 2
    "planning_advantage: M -> M_hat in d(M, pi_hat)": IN_MODEL,
    "planning_disadvantage_in_model: pi_hat -> pi_star in d(M_hat, pi_hat)": EXPERT_IN_MODEL,
    # Theorem A.1, the first lines of its proof
    "regret_first_lines_corrected/disadvantage: sign before Q(N, pi) in *": WEAKER,
    "model_distances: drop term ?.P of N.P - M.P": HALF,
    "model_distances: sum -> mean in sum(terms)": HALF,
    # footnote 1
    "pinsker*: 2 -> 3": WEAKER,
    "pinsker*: sum -> mean in l1_norm(M_hat.P - M.P)": WEAKER,
    "pinsker*: M_hat.P -> M.P*": SAME_MODEL,
    "pinsker*: M.P -> M_hat.P*": SAME_MODEL,
    # Theorem A.1, the last root of its proof
    "last_root_to_the_truth: drop *": ROOT,
    "last_root_to_the_truth: double *": ROOT,
    "last_root_to_the_truth: 2 -> *": ROOT,
    # footnote 1, likelihood against KL(M || M*)
    "likelihood_is_kl_from_the_model: N_2 -> M in log_likelihood(M, data, N_2)": (
        "no statement of interest: N_1 is then as likely as the truth, so it is the truth there"
    ),
    "likelihood_is_kl_from_the_model: *.P -> *.P": SAME_MODEL,
    # the comparison of both bounds
    "lazy_bound_is_tighter/disadvantage: drop term V(N, pi)[[]:, None] of *": (
        "no statement of interest: the policy's part is then 0 or less"
    ),
    "two_bounds: drop term C * E(nu, disadvantage(M_hat, pi_hat)) of *": (
        "the models' part alone: V_hat_max is at most max{V_max, V_hat_max}; the paper's own point"
    ),
    # Corollary A.4, the first lines of its proof
    "explored_first_lines_corrected: M_hat -> M in integrands(M, M_hat, pi_hat)": (
        "the disadvantage in the real world alone bounds the left side: the performance difference"
        " lemma with coverage"
    ),
    "explored_first_lines_corrected: drop factor E(nu, positive(policy)) of *": (
        "costs are at most 1: a bound on all later costs, which says nothing of the policy"
    ),
    # Algorithm 2 without the truth in the class
    "printed_leader_is_near: turn the relation round*": (
        "registered as likelihood_is_kl: the more likely model has the smaller KL(M* || M)"
    ),
    "printed_leader_is_near/log_likelihood: sign before KL(M.P, N.P) in *": (
        "registered as likelihood_is_kl: the loss with the sign of the divergence mended"
    ),
    "printed_leader_is_near: *.P -> *.P": SAME_MODEL,
    # the identity between log loss and divergence
    "kl_lines_corrected/mixed: *": "the identity holds for any weights in place of D_t",
    "kl_lines_corrected/least: *": "the identity holds for any model of the class as comparator",
    "kl_lines_corrected/log_likelihood: *": CANCELS,
}
