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
    "positive_definite_off_zero/above_zero: *": OTHER_SPECTRUM,
    "nuclear_norm_is_the_trace: drop absolute of mu": "repairs the print: it is no norm of T any more",
    "nuclear_norm_of_a_positive_operator: drop absolute of p": NO_SIGN,
    "*/basis_of: drop term 1 of 1 + 0 * u": OTHER_BASIS,
    # Appendix E.1
    "trace_bounds_the_eigenvalues: * 2 + s": "the same statement for other weights of the measure",
    "trace_bounds_the_eigenvalues: 2 -> 3": "the same statement for other weights of the measure",
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
}
