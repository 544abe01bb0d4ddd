"""Terms of Appendices D, E.1 and F: kernels drawn by their eigenvalues and eigenvectors.

The space is a finite set, its points are the states of the givens. An orthonormal basis is the Cayley
transform of u 1' - 1 u' for a drawn function u: rational, and every rotation of two axes.
"""

from theorylab.arithmetic import ratio
from theorylab.worlds import cayley, spectral


def basis_of(u):
    """Orthonormal vectors, the columns; shape (n,) to (n, n)."""
    return cayley(u, 1 + 0 * u)


def above_zero(p):
    """Eigenvalues above 0 that sum to one, from a distribution: (1 + n p) / 2n."""
    return (1 + len(p) * p) / (2 * len(p))


def inner(f, g, weights=1):
    """<f, g>_{L2}, with the measure's weights."""
    return (f * g * weights).sum()


def square(f, weights=1):
    """||f||_{L2}^2."""
    return inner(f, f, weights)


def kernel_square(f, mu, E):
    """||f||_{H_k}^2 = sum_i <f, e_i>^2 / mu_i on the counting measure."""
    return inner(f, spectral(1 / mu, E) @ f)


def is_nonzero(x):
    """1 where x is not 0, else 0."""
    return ratio(x, x)


def mercer(E, scale):
    """Eigenfunctions (columns) and weights of a measure: e_i = E_i / scale, weights scale^2."""
    return E / scale[:, None], scale * scale
