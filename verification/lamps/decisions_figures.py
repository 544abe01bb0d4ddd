"""Mutants of the claims about Figures 1 and 5 that were not broken, and why they may stand."""

MORE_LEAVES = "more leaves, which nothing leads to"

DECIDED = {
    "tree: end one late in range(inner, states)": "one more leaf, which nothing leads to",
    "smaller_error_uniform/tree: * 2 ** (depth + 1)*": MORE_LEAVES,
    "smaller_error_uniform/tree: 2 -> 3*": MORE_LEAVES,
    "uniform_above: drop factor 0 of 0 * share": (
        "no model errs at a leaf, so the weight of the leaves does not enter"
    ),
    "smaller_error_visited_corrected: tighten the bound by 1 %": (
        "both sides are equal at H = 3 where \\gamma^2 + \\gamma = 1, about 0.618: the claim starts at 2/3"
        " and leaves some room there"
    ),
}
