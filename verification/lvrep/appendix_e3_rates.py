r"""Appendix E.3: the rates of Theorems 10 and 15.

Conventions as in appendix_e2_rates: omega has |A|'s place, and what both sides share, such as
(C C*_pi / n)^{1/2} and (1-gamma)^{-2}, is divided out; |P|/delta = e and omega = C = C*_pi = 1 unless they
run. The product of the lines is E||p*|| (omega alpha^2 G + lambda C)^{1/2}, G the bound on the
log-determinant and alpha^2 = omega log(|P|/delta) + lambda C.
"""

from theorylab import Along, Integer, bounded_by
from theorylab.arithmetic import log
from verification.lvrep.paper import lvrep


@lvrep.claim("Theorem 15, proof", reading="combined, exponential")
def offline_combined_exponential(x: Along(0)):
    r"""The bonus line's (\log n)^{1 + 1/\beta} is O((\log n)^{1/\beta}\log\log n), as the combined line has it; \beta = 1, \log n = 1/x"""
    y = 1 / x
    return bounded_by(y**2, -y * log(x))


def offline_lines(regular, log_det, omega):
    """n/C* times the square of E||p*|| (omega alpha^2 G + lambda C)^{1/2}, |P|/delta = e."""
    return (omega * (omega + regular) * log_det + regular) * log_det


@lvrep.claim("Theorem 15", reading="finite, against its proof")
def offline_finite(x: Along(0)):
    r"""The product of the lines is O(\omega\beta^{3/2}\log n\sqrt{CC^*_\pi\log(|P|/\delta)/n}), \lambda = \Theta(\beta\log n + \log(|P|/\delta)), \beta = 1: squares,
    \log n = 1/x"""
    y = 1 / x
    return bounded_by(offline_lines(y + 1, y, x / x), y**2)


@lvrep.claim(
    "Theorem 15",
    reading="finite, corrected",
    corrects="offline_finite",
    because="lambda C in alpha^2 brings beta log n, which log(|P|/delta) does not bound: log(n|P|/delta), as"
    " online",
)
def offline_finite_corrected(x: Along(0), beta: Integer(1, 4)):
    r"""The same for O(\omega\beta^{3/2}\log n\sqrt{CC^*_\pi\log(n|P|/\delta)/n}), also as \omega = 1/x^2 runs with \log n = 1/x"""
    y = 1 / x
    lines = offline_lines(beta * y + 1, beta * y, y**2)
    return bounded_by(lines, (y**2) ** 2 * beta**3 * y**2 * (y + 1))


@lvrep.claim("Theorem 15", reading="polynomial")
def offline_polynomial(x: Along(0)):
    r"""The product of the lines is O(C_{poly}\omega n^{\frac{1-\beta}{2(1+\beta)}}\log n\sqrt{CC^*_\pi\log(|P|/\delta)}): powers of n alone, times n, squares; n =
    x^{-2(1+\beta)}"""
    return bounded_by(offline_lines(1 / x**2, 1 / x, x / x), (1 / x**2) ** 2)


@lvrep.claim(
    "Theorem 15",
    reading="exponential",
    corrects="offline_combined_exponential",
    because="(log n)^{1/beta} log log n is left over from a draft: with (log n)^{1 + 1/beta} of Lemma 19 in both lines the last display follows",
)
def offline_exponential(x: Along(0), b: Integer(1, 4)):
    r"""The product of the lines is O(C_{exp}\omega(\log n)^{\frac{3+2\beta}{2\beta}}\sqrt{CC^*_\pi\log(|P|/\delta)/n}), \beta = 1/b: squares, \log n = 1/x"""
    y = 1 / x
    return bounded_by(offline_lines(y**b + 1, y ** (1 + b), x / x), y ** (3 * b + 2))


@lvrep.claim("Theorem 10", reading="finite, against its proof")
def offline_guarantee_finite(x: Along(0)):
    r"""Theorem 10 prints the bound of Theorem 15: \omega\beta^{3/2}\log n\sqrt{CC^*_\pi\log(|P|/\delta)/n}; here \beta = 2, \log n = 1/x"""
    y = 1 / x
    return bounded_by(offline_lines(2 * y + 1, 2 * y, x / x), 8 * y**2)


@lvrep.claim(
    "Theorem 10",
    reading="finite, corrected",
    corrects="offline_guarantee_finite",
    because="lambda C in alpha^2 brings beta log n: log(n|P|/delta) for log(|P|/delta)",
)
def offline_guarantee_finite_corrected(x: Along(0)):
    r"""The same with \log(n|P|/\delta)"""
    y = 1 / x
    return bounded_by(offline_lines(2 * y + 1, 2 * y, x / x), 8 * y**2 * (y + 1))


def offline_lines_beside(regular, log_det, event):
    """The same for omega = 1 with log(|P|/delta) = event."""
    return ((event + regular + event) * log_det + regular + event) * log_det


@lvrep.claim("Theorem 10", reading="polynomial")
def offline_guarantee_polynomial(x: Along(0)):
    r"""The product of the lines is O(C_{poly}\omega n^{\frac{1-\beta}{2(1+\beta)}}\log n\sqrt{CC^*_\pi\log(|P|/\delta)}) also as \log(|P|/\delta) = 1/x
    grows: powers of n, times n, squares; n = x^{-2(1+\beta)}"""
    y = 1 / x
    return bounded_by(offline_lines_beside(y**2, y, y), y**4 * y)


@lvrep.claim("Theorem 10", reading="exponential, the root restored from Theorem 15")
def offline_guarantee_exponential(x: Along(0), b: Integer(1, 4)):
    r"""The product of the lines is O(C_{exp}\omega(\log n)^{\frac{3+2\beta}{2\beta}}\sqrt{CC^*_\pi\log(|P|/\delta)/n}), \beta = 1/b, as \log n =
    \log(|P|/\delta) = 1/x: squares. The extraction of Theorem 10 has lost the root with all under it"""
    y = 1 / x
    return bounded_by(offline_lines_beside(y**b, y ** (1 + b), y), y ** (3 * b + 2) * y)
