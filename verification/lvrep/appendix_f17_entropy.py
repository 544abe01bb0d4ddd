r"""Appendix F, Lemma 17: the lines on entropy and covering numbers.

The text writes id: H_k -> L_2 but bounds its entropy numbers by mu_i(T_k), which belongs to the unit
ball of the power space, with axes mu_i; H_k's own ball has axes mu_i^{1/2} and larger numbers. So every
line here is judged for the smaller ball. Volumes give the lower bound: 2^{i-1} balls of radius e_i cover
an ellipsoid with axes mu_1, ..., mu_m only if

    e_i >= 2^{-(i-1)/m} (mu_1 ... mu_m)^{1/m}                                           (volume)

which is stated as powers of integers. On one axis e_i = mu_1 / 2^{i-1} exactly. Resolutions: (volume) with up to 32 axes
refutes, 6 for exponential decay; further axes only enlarge e_i, so that what falls, falls in the limit.
"""

import numpy as np

from theorylab import Along, Integer, Number, at_most, bounded_by, equal, every
from theorylab.arithmetic import exp, log, sqrt, sup
from verification.lvrep.paper import lvrep

SIGN = (
    "(beta/i)^{1/p} at p = beta/i is (beta/i)^{i/beta}: the power is i/beta, not -i/beta, and the"
    " bound grows with i"
)
VOLUME = "a ball of dimension beta has covering numbers (1 + 2 mu_1 / eps)^beta at most"
POWER = "i^{1/p} e_i <= c_p C_0 at 1/p = beta, where the maximum of i^{1/p} i^{-beta} is at 1"


def factorial(m, one):
    """m! in the number system of one."""
    product = one
    for j in range(2, m + 1):
        product = product * j
    return product


# ---- (A.36) and Carl's inequality ----------------------------------------------------------------


def entropy_of_interval(radius, i):
    """e_i of [-radius, radius]: 2^{i-1} intervals of half-length e_i."""
    return radius / 2 ** (i - 1)


def entropy_of_two_points(radius, i):
    """e_i of {-radius, radius}, centres among them (Definition 14): two balls of radius 0 from i = 2 on."""
    return 2 * radius * (1 // i)


@lvrep.claim("Lemma 17, proof, entropy", reading="(A.36), first half")
def ball_below_sphere(mu: Number(0, 1), i: Integer(1, 4)):
    r"""e_i(B_{H_k}) \le e_i(S_{H_k}) for one axis: the sphere is two points"""
    return at_most(entropy_of_interval(mu, i), entropy_of_two_points(mu, i))


@lvrep.claim(
    "Lemma 17, proof, entropy",
    reading="(A.36), second half",
    corrects="ball_below_sphere",
    because="only the second half is used; it holds since a part of a set is covered by as many balls"
    " of twice the radius with centres in the part",
)
def sphere_below_ball(mu: Number(0, 1), i: Integer(1, 4)):
    r"""e_i(S_{H_k}) \le 2e_i(B_{H_k}) for one axis, equal at i = 1: one ball about a point of the sphere"""
    return at_most(entropy_of_two_points(mu, i), 2 * entropy_of_interval(mu, i))


@lvrep.claim("Lemma 17, proof, entropy", reading="Carl's inequality, one axis")
def carl_on_one_axis(mu: Number(0, 1), i: Integer(1, 6), power: Integer(1, 4)):
    r"""i^{1/p}e_i \le c_p\sup_j j^{1/p}\mu_j, c_p = 128(32 + 16/p)^{1/p}, for one axis and 1/p = power"""
    return at_most(i**power * entropy_of_interval(mu, i), 128 * (32 + 16 * power) ** power * mu)


@lvrep.claim("Lemma 17, proof, entropy", reading="mu_i^{1/2}(T_k^2) = mu_i(T_k)")
def eigenvalues_of_the_square(mu: Number(0, 1)):
    r"""\mu_i^{1/2}(T_k^2) = \mu_i(T_k), squared, on one axis"""
    return equal(mu * mu, mu**2)


# ---- finite spectrum -----------------------------------------------------------------------------


@lvrep.claim("Lemma 17, proof, entropy", reading="finite, fixed p")
def entropy_finite_fixed_p(
    mu: Number(0, 1), i: Integer(1, 6), power: Integer(1, 4), beta: Integer(1, 3)
):
    r"""e_i \le 128(32 + 16/p)^{1/p}(\beta/i)^{1/p} for a fixed p, \beta axes: by \mu_j \le 1, times \mu_1; judged on
    one axis, 1/p = power"""
    bound = 128 * (32 + 16 * power) ** power * ((1 - mu + mu) * beta / i) ** power * mu
    return at_most(entropy_of_interval(mu, i), bound)


def at_p(one, beta, m):
    """128 (32 + 16 / p)^{1/p} (beta / i)^{1/p} at p = beta / i, i = m beta: 1/p = m."""
    return 128 * (32 + 16 * m) ** m * (one / m) ** m


@lvrep.claim("Lemma 17, proof, entropy", reading="finite, p = beta / i")
def entropy_finite_substituted(one: Number(1, 1), beta: Integer(1, 3), m: Integer(1, 3)):
    r""" "take p = \beta/i": 128(32 + 16/p)^{1/p}(\beta/i)^{1/p} = 128(32\beta + 16)^{-i/\beta}, at i = m\beta"""
    return equal(at_p(one, beta, m), 128 * one / (32 * beta + 16) ** m)


@lvrep.claim(
    "Lemma 17, proof, entropy",
    reading="finite, p = beta / i, corrected",
    corrects="entropy_finite_substituted",
    because=SIGN,
)
def entropy_finite_substituted_corrected(one: Number(1, 1), beta: Integer(1, 3), m: Integer(1, 3)):
    r"""128(32 + 16/p)^{1/p}(\beta/i)^{1/p} = 128(32\beta/i + 16)^{i/\beta}, at i = m\beta"""
    return equal(at_p(one, beta, m), 128 * (32 * beta * one / (m * beta) + 16) ** m)


@lvrep.claim("Lemma 17, proof, entropy", reading="finite")
def entropy_finite(mu: Number(0, 1), i: Integer(1, 6)):
    r"""e_i(id: H_k \to L_2(\mu)) \le 128(32\beta + 16)^{-i/\beta} for \beta = 1, a rank-one kernel"""
    return at_most(entropy_of_interval(mu, i), (1 - mu + mu) * 128 / 48**i)


@lvrep.claim(
    "Lemma 17, proof, entropy",
    reading="finite, corrected",
    corrects="entropy_finite",
    because=VOLUME,
)
def covering_finite(mu: Number("1/100", 1), balls: Integer(1, 12), dimension: Integer(1, 3)):
    r"""\log N(\varepsilon) \le \beta\log(1 + 2\mu_1/\varepsilon) for a cube of half-length \mu_1 in the sup norm, \varepsilon =
    \mu_1/balls: N = balls^\beta; and e_i \le 4\mu_12^{-(i-1)/\beta} on one axis"""
    one = mu / mu
    covering = at_most(log(one * balls**dimension), dimension * log(one * (1 + 2 * balls)))
    entropy = at_most(entropy_of_interval(mu, balls), 4 * mu / 2 ** (balls - 1))
    return every(covering, entropy)


# ---- polynomial decay ----------------------------------------------------------------------------


@lvrep.claim("Lemma 17, proof, entropy", reading="polynomial, p = 2 / beta")
def entropy_polynomial_substituted(x: Along(0)):
    r""" "take p = 2/\beta": c_pi^{-1/p}\sup_jj^{1/p}\mu_j = O(i^{-\beta}), \mu_j = j^{-\beta}, \beta = 2, i = 1/x; the
    supremum is at j = 1"""
    return bounded_by(x, x**2)


def carl_bound(one, power, beta, i):
    """c_p i^{-1/p} max_{j <= i} j^{1/p} j^{-beta} with 1/p = power."""
    largest = sup(np.stack([one * j**power / j**beta for j in range(1, i + 1)]))
    return 128 * (32 + 16 * power) ** power * largest / i**power


@lvrep.claim(
    "Lemma 17, proof, entropy",
    reading="polynomial, p = 2 / beta, corrected",
    corrects="entropy_polynomial_substituted",
    because=POWER
    + "; at 1/p = beta/2 it gives i^{-beta/2} only, at 1/p > beta no more than i^{-beta}",
)
def entropy_polynomial_at_inverse_beta(
    one: Number(1, 1), beta: Integer(2, 4), more: Integer(0, 2), i: Integer(1, 6)
):
    r"""c_pi^{-1/p}\max_{j \le i}j^{1/p}\mu_j, \mu_j = j^{-\beta}, is 128(32 + 16\beta)^\beta i^{-\beta} at p = 1/\beta, and 128(32 + 16/p)^{1/p}i^{-\beta} at
    every smaller p: the power of i is never better than \beta"""
    power = beta + more
    constant = 128 * (32 + 16 * power) ** power
    return equal(carl_bound(one, power, beta, i), constant * one / i**beta)


@lvrep.claim("Lemma 17, proof, entropy", reading="polynomial")
def entropy_polynomial(one: Number(1, 1), k: Integer(1, 8)):
    r"""e_i \le 128C_0(32 + 8\beta)^{\beta/2}i^{-\beta} for \mu_j = j^{-\beta}, \beta = 4k, against (volume) with m = \beta axes at
    i = 3\beta^2/2: the m-th powers"""
    beta = 4 * k
    i = 24 * k**2
    volume = one / (2 ** (i - 1) * factorial(beta, one) ** beta)
    return at_most(volume, (128 * (32 + 8 * beta) ** (2 * k) * one / i**beta) ** beta)


@lvrep.claim(
    "Lemma 17, proof, entropy",
    reading="polynomial, corrected",
    corrects="entropy_polynomial",
    because=POWER,
)
def entropy_polynomial_corrected(one: Number(1, 1), k: Integer(1, 8), shift: Integer(1, 4)):
    r"""e_i \le 128C_0(32 + 16\beta)^\beta i^{-\beta} (p = 1/\beta) is above (volume), \beta = 4k, i = shift \cdot 6k\beta: the
    m-th powers, m = \beta"""
    beta = 4 * k
    i = shift * 24 * k**2
    volume = one / (2 ** (i - 1) * factorial(beta, one) ** beta)
    return at_most(volume, (128 * (32 + 16 * beta) ** beta * one / i**beta) ** beta)


@lvrep.claim("Lemma 17, proof, entropy", reading="polynomial, covering")
def covering_polynomial(i: Integer(2, 12), beta: Integer(1, 3), constant: Number("1/4", 4)):
    r"""\log N(\varepsilon) \le \log(4)(a/\varepsilon)^{1/\beta} from e_i \le ai^{-\beta} (Lemma 6.21): for a(i+1)^{-\beta} \le \varepsilon < ai^{-\beta},
    N \le 2^i, and i\log2 \le \log(4)(a/\varepsilon)^{1/\beta} at \varepsilon = ai^{-\beta}, \beta-th powers"""
    eps = constant / i**beta
    return at_most(i**beta * constant / constant, 2**beta * constant / eps)


# ---- exponential decay ---------------------------------------------------------------------------


@lvrep.claim("Lemma 17, proof, entropy", reading="exponential")
def entropy_exponential(one: Number(1, 1), i: Integer(1, 16), m: Integer(1, 6)):
    r"""e_i \le 128C_1\exp(-C_2i^\beta) for \mu_j = 2^{-j}, \beta = 1, against (volume) with m axes: the 2m-th powers"""
    volume = one / 2 ** (2 * (i - 1) + m * (m + 1))
    return at_most(volume, (128 * one / 2**i) ** (2 * m))


@lvrep.claim(
    "Lemma 17, proof, entropy",
    reading="exponential, corrected",
    corrects="entropy_exponential",
    because="e_i decays like exp(-c i^{beta/(1 + beta)}), not exp(-c i^beta): a net of radius 2^{-m} needs"
    " m(m - 1)/2 bits for the first m axes",
)
def entropy_exponential_corrected(one: Number(1, 1), m: Integer(1, 12), axes: Integer(1, 16)):
    r"""e_i \le \frac54 2^{-\sqrt i} for \mu_j = 2^{-j}, \beta = 1: the grid of 2^{m(m-1)/2} points with |x_j - y_j| \le 2^{-m}, j \le m, is
    within 2^{-m}\sqrt{m + 1/4} of the ellipsoid, which bounds e_i for all i > m(m-1)/2; judged at the last i before the next
    grid, m(m+1)/2 (within 1 % of tight at m = 2), and against (volume) at the first"""
    grid = sqrt(one * (4 * m + 1)) / 2 ** (m + 1)
    first, last = m * (m - 1) // 2, m * (m + 1) // 2
    power = exp(-log(2 * one) * sqrt(one * last))
    volume = exp(-log(2 * one) * (one * first / axes + one * (axes + 1) / 2))
    return every(at_most(grid, 5 * power / 4), at_most(volume, grid, "(volume)"))


@lvrep.claim("Lemma 17, proof, entropy", reading="exponential, covering")
def covering_exponential(x: Along(0)):
    r"""\log N(\varepsilon) = O(C_{exp}\log(1/\varepsilon)^{1/\beta}), \mu_j = 2^{-j}, \beta = 1: at \varepsilon = 2^{-m}, m = 1/x, volumes give
    \log_2N \ge m^2 - m(m + 1)/2"""
    size = 1 / x
    return bounded_by(size**2 - size * (size + 1) / 2, size)


@lvrep.claim(
    "Lemma 17, proof, entropy",
    reading="exponential, covering, corrected",
    corrects="covering_exponential",
    because="the power is 1 + 1/beta: p may not be taken to infinity at a fixed i, where c_p"
    " i^{-1/p} max_j j^{1/p} mu_j is reached at j < i",
)
def covering_exponential_corrected(x: Along(0)):
    r"""\log_2N(2^{-m}) = O(m^{1 + 1/\beta}), \beta = 1, m = 1/x: the axes above \varepsilon = 2^{-m} are the first m, and
    \prod_{j\le m}(1 + 2\cdot2^{m-j}) \le \prod4\cdot2^{m-j} balls cover them"""
    size = 1 / x
    return bounded_by(2 * size + size * (size - 1) / 2, size**2)


# ---- the choice of eps ---------------------------------------------------------------------------


@lvrep.claim("Lemma 17, proof, entropy", reading="choice of eps, finite")
def regular_finite(x: Along(0)):
    r"""\varepsilon = \Theta(1/n): \log N(\varepsilon) + \log(N/\delta) = O(\beta\log N + \log(N/\delta)), \log N = \log n = 1/x, \delta = 1/e, \beta = 2"""
    return bounded_by(2 * (2 + 1 / x) + 1 / x + 1, 2 / x + 1 / x + 1)


@lvrep.claim("Lemma 17, proof, entropy", reading="choice of eps, polynomial")
def regular_polynomial(x: Along(0)):
    r"""\varepsilon = \Theta(n^{-\beta/(1 + \beta)}): \varepsilon^{-1/\beta} = n^{1/(1 + \beta)} = O(\lambda) and n\varepsilon = O(\lambda), \lambda = n^{1/(1 + \beta)}; n = x^{-1 - \beta},
    \beta = 2, \varepsilon = x^2"""
    n, eps, regular = 1 / x**3, x**2, 1 / x
    return every(bounded_by(1 / eps, regular**2), bounded_by(n * eps, regular))


@lvrep.claim("Lemma 17, proof, entropy", reading="choice of eps, exponential")
def regular_exponential(x: Along(0)):
    r"""\varepsilon = \Theta(1/n), \beta = 1, \mu_j = 2^{-j}: \log_2N(\varepsilon) \ge L^2/2 - L/2 with L = \log_2n = \log_2N = 1/x, while \lambda =
    \Theta(L^{1/\beta} + \log(N/\delta)), \delta = 1/2"""
    size = 1 / x
    return bounded_by(size**2 / 2 - size / 2, size + size + 1)


@lvrep.claim(
    "Lemma 17, proof, entropy",
    reading="choice of eps, exponential, corrected",
    corrects="regular_exponential",
    because="this proof needs (log N)^{1 + 1/beta}; the statement does not (covariance_concentrates)",
)
def regular_exponential_corrected(x: Along(0)):
    r"""The same with \lambda = \Theta((\log N)^{1 + 1/\beta} + \log(N/\delta)) and the covering numbers from above"""
    size = 1 / x
    return bounded_by(2 * size + size * (size - 1) / 2, size**2 + size + 1)
