"""Mutants of Sections 2 to 4 that were not broken.

A pattern is a glob on the words of the change, on "function: change" or on "claim/function: change";
the first that matches decides. `theorylab mutate` prints what each of them covers.
"""

ZERO_SIDE = (
    "one side is 0: 1 % of it is 0, and of the other side, which has a sign, leaves the sign"
)
OWN_SIDE = "compares a side with itself, or with what the line before says that it is: no statement"
ANY_NUMBERS = "the same statement for other labels, moves and weights: all of them are drawn"
IDLE_SIXTEENTH = (
    "1/16 only keeps T(s'|s, a) away from 0, where the posterior is 0/0; the equality holds above 0"
)
ANY_JOINT = "the same statement for any joint law of z and s', normalised by its sum"
ANOTHER_PRINT = "repairs the printed statement by making both sides the same, or by saying nothing"
WITHOUT_SQUARES = "norm <= norm: the reading with C for the squared norm, which is forced"
L1_IS_ONE = (
    "sharper and well known: the l1 norm of a law is 1, above its l2 norm; f <= 1 as f f <= 1"
)

DECIDED = {
    # Section 2
    "ranges_of_values: tighten line '' by 1 % *": ZERO_SIDE,
    "ranges_of_values: drop factor 0 of 0 * *": OWN_SIDE,
    "occupancy_recursion: *": (
        "repairs the print: without 1-\\gamma the start counts once, as unnormalised_occupancy_recursion has it"
    ),
    "occupancy_recursion/printed_occupancy: *": (
        "repairs the print: with the normalised occupancy, as normalised_occupancy_recursion has it"
    ),
    "constraint_gives_a_transition: drop divisor *": "without a constraint: |mu| <= 1 as it is drawn",
    # Section 3
    "transitions_through_latents: drop factor 0 of 0 * T.P": OWN_SIDE,
    "gaussian_example: *": "repairs the print: twice the exponent, which is variance \\sigma^2/4 + \\sigma^2/4",
    "gaussian_example_corrected/squared: sum -> mean *": (
        "the same identity divided by the dimension: it holds coordinate by coordinate"
    ),
    "block_mdps_have_latents/block_mdp: *": ANY_NUMBERS,
    "three_features_for_four_latents: drop factor 0 of 0 * P*": (
        "P >= P; or P_ii >= (1 + P_0i)/344, and P_03 = 0 where 1/344 is attained"
    ),
    "stopping_samples_the_occupancy: end one late in range(n)": "the same statement for n + 1 steps",
    "action_value_by_inverted_emissions: drop divisor *": (
        "repairs the print: without Bayes' rule it is action_value_through_latents"
    ),
    "latent_value_is_in_the_space: tighten line '' by 1 % *": ZERO_SIDE,
    "latent_value_is_in_the_space: drop factor 0 of 0 * g*": OWN_SIDE,
    # Section 4
    "evidence_bound_at_the_posterior: drop factor T.*": ANY_JOINT,
    "evidence_bound_at_the_posterior: *": IDLE_SIXTEENTH,
    "norms_of_functions_at_most_the_constant: *": WITHOUT_SQUARES,
    "standard_normalisation: *": L1_IS_ONE,
    "more_general_than_standard: *": ANOTHER_PRINT,
    "all_densities_with_unit_diagonals: turn the relation round": (
        "true, and registered as densities_on_small_sets: every density has norm at least 1"
    ),
}
