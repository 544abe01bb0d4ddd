"""Mutants of Appendices D, E.1 and F.3 (Lemma 19) that were not broken: as in `decisions`."""

OTHER_SPECTRUM = "the same statement for another spectrum of the kind: it is for all of them"
OTHER_BASIS = "the same statement in the basis of the axes, one of those drawn: other claims need the rotation"
OTHER_FORM = (
    "the same statement for another inner product, or for means: it is for all bilinear forms"
)
ONE_TERM = "no triangle inequality: of one function, or of f - g, which is f + (-g)"
ORTHONORMAL = "each column of the basis has norm 1: the same number"
NO_SIGN = "eigenvalues that are not negative are their own absolute values"
MORE_ENTRIES = "asks for more entries, or takes more of them where d = 1 or the table ends"
ZERO = "0 in the place of 0 times an entry"
ANOTHER_SCALE = "the same statement for another scale: it is for all c = 2/scale^2 in a range"
ONE_OF_THE_SERIES = (
    "a term of the series of exp against all of it, and the n-th against a bound of the n-th tail: slack,"
    " as only the exponent -C_2 n matters"
)
OTHER_CENTRES = "the same statement for fewer centres, or for centres at -y"
POINTS_ARE_NEAR = "the points lie in [-1, 1]: any of them is within 2 of the others"
PARSEVAL = "what is dropped is 0 in the range; of any b it gives Parseval's equality"
OTHER_WEIGHTS = "the same statement for other weights of the measure"
HALF_OF_IT = "weaker where the product is positive; where it is negative -b in the place of b is the better choice"
AXES_BELOW_ONE = (
    "sharper: the spectrum is idle here, only its length and that no axis exceeds 1 matter; so the bound"
    " holds in the unit ball of L2, too"
)
OTHER_LAW = "the same statement for another law: 11' or M's squared entries in the place of M, trace at most 1"
SMALLER_ALPHA = "the same statement for a smaller alpha: i_0 need not be the least that is allowed"
LARGE_N = "false for large n only: at beta = 2 from n = 27 on at t = 4, from n = 106 on at t = 1"
ROOM_IN_C = (
    "room at the few axes that are run, in a constant that the print hides in O(.); the rate is what"
    " law_on_the_kernel_ball and law_on_the_power_ball attain"
)
LARGER_N = "false for large n only: the law has at most 5 axes here"
HALF_OF_A_SUM = "the first line loses nothing of what it says with alpha itself, the second is then alpha <= alpha"
ANY_TWO = "the same statement for two other positive semi-definite matrices"
CHOSEN_Y = "b'y = 0 by the choice of y: what multiplies it is 0"
MAY_BE_ANY = (
    "the masses need not be optimal for the line to hold; that they are is water_filling_is_optimal"
)
GROWS = (
    "the same statement for other squared axes, or for the same twice: the log det grows with each"
)
LARGEST = "sharper: needs that no eigenvalue exceeds c, not that they sum to c; c = mu_1 is Remark 6's norms"

DECIDED_APPENDIX = {
    # Appendix D
    "*_norm_is_a_norm/is_a_norm: *": ONE_TERM,
    "kernel_norm_is_a_norm/*: *": OTHER_SPECTRUM,
    "operator_norm: * sup((E * E).sum(0))*": ORTHONORMAL,
    "cauchy_schwarz: * above_zero(p) *": OTHER_SPECTRUM,
    "adjoint_of_the_embedding/inner: *": OTHER_FORM,
    "spectral_operators_are_self_adjoint/inner: *": OTHER_FORM,
    "hilbert_schmidt_in_any_basis/inner: *": OTHER_FORM,
    "positive_definite_off_zero/inner: *": OTHER_FORM,
    "nuclear_norm_is_the_trace: drop absolute of mu": "repairs the print: it is no norm of T any more",
    "nuclear_norm_of_a_positive_operator: drop absolute of p": NO_SIGN,
    "feature_kernels_are_semidefinite: tighten *": "a square less 1 % of it is not negative either",
    "norm_of_any_representation/inner: *": "repairs the print: 1 = 1",
    "norm_is_the_least: double factor law *": "the same statement for another law on one side: see the next line",
    "norm_is_the_least: *": HALF_OF_IT,
    "entropy_numbers: drop factor wide *": POINTS_ARE_NEAR,
    "entropy_numbers: drop term 1 of i + 1": "e_i <= e_i, which says nothing",
    "entropy_numbers: *": OTHER_CENTRES,
    "mercer_of_a_definite_kernel: * 2 + s": OTHER_WEIGHTS,
    "mercer_of_a_definite_kernel: 2 -> 3": OTHER_WEIGHTS,
    "mercer_of_a_definite_kernel/inner: *": OTHER_FORM,
    "mercer_of_a_semidefinite_kernel: *": "repairs the print: with all e_i, also where mu_i = 0",
    "mercer_on_the_range: *": PARSEVAL,
    "reproducing_without_the_bar: *": "repairs the print by leaving the kernel out",
    "norms_without_roots: *": "repairs the print: kernel_norm_above_l2",
    "kernel_norm_above_l2: drop factor a [*] a *": (
        "|a_i| is at most ||f||, so 1/mu_1 is far from it: f lies in a box"
    ),
    "trace_is_the_integral: * 2 + s": OTHER_WEIGHTS,
    "trace_is_the_integral: 2 -> 3": OTHER_WEIGHTS,
    "integral_operator_of_the_kernel: * 2 + s": OTHER_WEIGHTS,
    "integral_operator_of_the_kernel: 2 -> 3": OTHER_WEIGHTS,
    "integral_operator_of_the_kernel/inner: *": OTHER_FORM,
    "kernel_norm_without_root: *": "repairs the print: kernel_norm_by_the_operator",
    "kernel_norm_by_the_operator: * 2 + s": OTHER_WEIGHTS,
    "kernel_norm_by_the_operator: 2 -> 3": OTHER_WEIGHTS,
    "power_kernel_norm: * 2 + s": OTHER_WEIGHTS,
    "power_kernel_norm: 2 -> 3": OTHER_WEIGHTS,
    "powers_of_the_operator/inner: *": OTHER_FORM,
    "root_is_an_isometry/inner: *": OTHER_FORM,
    "*/above_zero: *": OTHER_SPECTRUM,
    "*/basis_of: drop term 1 of 1 + 0 * u": OTHER_BASIS,
    # Appendix E.1
    "trace_bounds_the_eigenvalues: * 2 + s": OTHER_WEIGHTS,
    "trace_bounds_the_eigenvalues: 2 -> 3": OTHER_WEIGHTS,
    "trace_bounds_the_eigenvalues: double factor k of k * w": (
        "the kernel k(x, x')^2, psd as k is, on a smaller trace: the same statement"
    ),
    "norms_under_a_larger_trace: drop factor above_zero(p) *": LARGEST,
    "norms_under_a_larger_trace/kernel_square: *": LARGEST,
    "rank_of_the_*_kernel: drop factor X[[]0, 0] of 0 * *": ZERO,
    "rank_of_the_*_kernel/points_of: * of count * d*": MORE_ENTRIES,
    "gaussian_kernel_decays: * scale * scale*": ANOTHER_SCALE,
    "gaussian_kernel_decays: 2 -> 1": ANOTHER_SCALE,
    "gaussian_kernel_decays: *": ONE_OF_THE_SERIES,
    # Lemma 19
    "finite_spectrum_in_the_power_ball: drop factor q of q [*] q": "registered as finite_spectrum_in_the_kernel_ball",
    "finite_spectrum_in_the_*_ball/potential: drop factor axes*": AXES_BELOW_ONE,
    "finite_spectrum_in_the_*_ball/potential: *": OTHER_LAW,
    "law_on_the_kernel_ball: power beta + 1 in i [*][*] beta": LARGE_N,
    "polynomial_decay_in_the_power_ball: *": SMALLER_ALPHA,
    "polynomial_decay_in_the_kernel_ball_corrected: *": ROOM_IN_C,
    "polynomial_decay_in_the_kernel_ball_corrected/*: *": ROOM_IN_C,
    "law_on_the_power_ball: *": LARGER_N,
    "polynomial_decay_sharper: *": ROOM_IN_C,
    "polynomial_decay_sharper/*: *": ROOM_IN_C,
    "exponential_decay: *": SMALLER_ALPHA,
    "exponential_rate: *": "1/n only lowers the left side: n log(1 + e^{2n}) is at most 2 n^2 + 1/7 as well",
    "small_alpha: *": HALF_OF_A_SUM,
    "small_alpha/potential: *": HALF_OF_A_SUM,
    "approximation_numbers_are_eigenvalues: 2 -> 3": "the same statement for three eigenvalues or more",
    "approximation_numbers_are_eigenvalues: *": CHOSEN_Y,
    "approximation_numbers_are_eigenvalues/inner: sum -> mean *": OTHER_FORM,
    "approximation_numbers_are_eigenvalues/*: *": "no other statement: 0 times a table, or weights of 1",
    "log_det_is_concave: *": ANY_TWO,
    "inverse_is_at_most_alpha: *": "E = 0, where both sides are the same",
    "multiplier_with_a_minus*: sign before *": "repairs the print: the sign of its other displays",
    "multiplier: drop factor share *": "the idle axis with share = 1",
    "weyl_bound: drop term spectral*": "E = 0, where both sides are the same",
    "weyl_bound: *": "the same statement for another spectrum: C/mu_i^2 is on both sides",
    "multiplier_is_not_small/*: *": MAY_BE_ANY,
    "support_of_the_optimum/*: *": MAY_BE_ANY,
    "jensen_on_the_support/*: *": OTHER_LAW,
    "jensen_on_the_support: *": AXES_BELOW_ONE,
    "log_det_grows_with_the_spectrum: *": GROWS,
    "log_det_grows_with_the_spectrum/*: *": GROWS,
}
