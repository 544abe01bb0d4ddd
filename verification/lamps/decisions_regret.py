"""Mutants of the statements around model fitting and regret: a decision for each kind of change.

As in `decisions`; `paper` joins both.
"""

SAME_MODEL = "no statement of interest: both sides are then the same, or one is 0"
CANCELS = "the truth's own entropy stands on both sides and cancels"
WEAKER = "weaker: a larger right side or a smaller left one of the same inequality"
TRUTH_LEADS = "registered as truth_leads: the loss with its sign mended"

DECIDED_REGRET = {
    # Algorithm 2
    "truth_leads_as_printed: turn the relation round": TRUTH_LEADS,
    "truth_leads_as_printed/log_likelihood: sign before KL(M.P, N.P) in *": TRUTH_LEADS,
    "truth_leads*: M -> N in log_likelihood(M, data, M)": SAME_MODEL,
    "truth_leads*: N -> M in log_likelihood(M, data, N)": SAME_MODEL,
    "truth_leads*/log_likelihood: drop term KL(M.P, N.P) of *": SAME_MODEL,
    "truth_leads*/log_likelihood: M.P -> N.P": SAME_MODEL,
    "truth_leads*/log_likelihood: N.P -> M.P": SAME_MODEL,
    "truth_leads/log_likelihood: drop term truth of *": CANCELS,
    "truth_leads/log_likelihood: sum -> mean in x_log_ratio(M.P, 1).sum(-1)": CANCELS,
    # footnote 1
    "pinsker*: 2 -> 3": WEAKER,
    "pinsker*: sum -> mean in l1_norm(M_hat.P - M.P)": WEAKER,
    "pinsker*: M_hat.P -> M.P": SAME_MODEL,
    "pinsker*: M.P -> M_hat.P": SAME_MODEL,
}
