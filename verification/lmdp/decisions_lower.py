"""Mutants of Section 6 and of Appendix B.5, the lower bound, that were not broken: as in `decisions`."""

OTHER_SIZES = "the same statement at another size: no size but the least ones allowed is special"
FEWER_DEPTHS = (
    "the same statement for fewer values of d_1, or of A, on which d_1, d_2 and L do not depend"
)
FEWER_CONTEXTS = "the same statement for fewer M"
FACTORIAL_TWICE = (
    "1 in place of n! both ends the range of M and bounds it: what is left is M = 1; factorials are"
    " tried by hand in tests/verification/test_lmdp_lower.py"
)
ZERO_OR_ONE = "the entries are 0 and 1, as is claimed: they are their own squares"
NO_CHOICE = (
    "an answer that is no choice: the context without a better one, whose rows are there as well"
)
NO_RETURN = (
    "no way leads from g to g, so the recursion stays 0 whatever its steps are, as many as there are, and"
    " for the least favourable action; what a world pays where one does is `largest_total`'s to find"
)
NO_LEARNING = (
    "(9) falls because the printed right side is the regret of one who never learns, at C = 2: a smaller"
    " right side, another C on one side, or an epsilon for which more or less is learnt, repairs it"
)
ROOM = "the printed constant leaves room: sqrt(n) (1/8 - sqrt(2)/48) = 0.0955 sqrt(n) against 0.0884 sqrt(n)"
FAR_FROM_A_QUARTER = (
    "at K' >= SA and C <= (S - 2)A/2 the printed epsilon is below 1/4 with room for other constants"
)

DECIDED_LOWER = {
    "context_is_told: 6 -> 7": OTHER_SIZES,
    "context_is_told: 2 -> 3": OTHER_SIZES,
    "context_is_told: * factor b of b * b": ZERO_OR_ONE,
    "two_successors: 2 -> 1": OTHER_SIZES,
    "two_successors: * 1 * layout.C - 1": NO_CHOICE,
    "leaves_in_proportion: * in range(1, S // 2 + 1)": FEWER_DEPTHS,
    "leaves_in_proportion: * 1 * S // 2 + 1": FEWER_DEPTHS,
    "leaves_in_proportion: 2 -> 3*": FEWER_DEPTHS,
    "d_1_exists: * in range(1, factorial(S // 2) + 1)": FEWER_CONTEXTS,
    "d_1_exists: * 1 * factorial(S // 2) + 1": FEWER_CONTEXTS,
    "d_1_exists: 2 -> 3*": FEWER_CONTEXTS,
    "d_1_exists/factorial: *": FACTORIAL_TWICE,
    "d_2_exists: * in range(1, S // 2 + 1)": FEWER_DEPTHS,
    "d_2_exists: * 1 * S // 2 + 1": FEWER_DEPTHS,
    "d_2_exists: 2 -> 3*": FEWER_DEPTHS,
    "pays_once: 2 -> ?*": OTHER_SIZES,
    "pays_once: drop term longer of layout.steps + longer": OTHER_SIZES,
    "pays_once: *": NO_RETURN,
    # B.5
    "regret_in_one_mdp_second: *": NO_LEARNING,
    "regret_in_one_mdp_second/*": NO_LEARNING,
    "regret_in_one_mdp: *": NO_LEARNING,
    "regret_in_one_mdp/*": NO_LEARNING,
    "constant_of_two_choices: *": ROOM,
    "constant_of_two_choices/printed_eps: 8 -> 9": ROOM,
    "advantage_at_most_a_quarter: *": FEWER_DEPTHS,
    "advantage_at_most_a_quarter/printed_eps: *": FAR_FROM_A_QUARTER,
}
