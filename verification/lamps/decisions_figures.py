"""Mutants of the claims about Figures 1 and 5 that were not broken, and why they may stand."""

DECIDED = {
    "tree: end one late in range(inner, states)": "one more leaf, which nothing leads to",
    "uniform_above: drop factor 0 of 0 * share": (
        "no model errs at a leaf, so the weight of the leaves does not enter"
    ),
}
