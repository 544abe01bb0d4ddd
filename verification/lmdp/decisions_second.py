"""Mutants of Section 5 and of Appendices B.3 and B.4 that were not broken: as in `decisions`."""

MORE_COLUMNS = "more powers of two than can be reached: their counts are 0"
ONE = "the factor is 1, in the claim's own numbers"
WEAKER = "weaker: a larger right side or a smaller left one, seen by hand; draws are not compared in lanes"
OTHER_RUNS = "the same statement for another number of episodes"
NO_CALLS = "repairs the false statement by bounding 1 in place of the number of calls"

DECIDED_SECOND = {
    "visits_at_each_count: double factor ? of H * K": MORE_COLUMNS,
    "visits_at_each_count: drop factor one_of(p) of *": ONE,
    "visits_at_each_count: *": WEAKER,
    "visits_at_each_count/one_of: sum -> mean in p.sum()": WEAKER,
    "visits_at_each_count/run_of: * in range(K)": OTHER_RUNS,
    "solver_calls_are_few: drop factor run.calls of *": NO_CALLS,
}
