r"""Section 3, the Gaussian control example on grids, at growing resolution.

The closed forms stand in `section_3`: two Gaussian factors of rate c, exp(-c|z - f|^2/\sigma^2) and
exp(-c|z - s'|^2/\sigma^2), make N(f, \sigma^2/c). Here Z and S are the same m = 4n^2 points of a line,
5\sigma/(2\sqrt m) apart, m = 4, 16, 36, 64, |f| \le \sigma/2, and every density is normalised on them. Distances are l1,
over all s'; the limit of infinitely many points is the example itself.
"""

from theorylab import Integer, Number, at_least, at_most, chain
from theorylab.arithmetic import exp
from theorylab.worlds import centred_grid, distance_to_normal
from verification.lvrep.paper import lvrep

Mean = Number("-1/2", "1/2")


def distance(f, n, rate, variance):
    """Of the law of s' on the grid to N(f, variance), sigma = 1."""
    one = 1 + 0 * f
    return distance_to_normal(centred_grid(n, one), f, rate * one, variance * one)


def decaying(f, n, share):
    """exp(-m share)."""
    return exp(-4 * n * n * share * (1 + 0 * f))


@lvrep.claim("Section 3, Gaussian example", reading="on grids, as printed")
def gaussian_grid_as_printed(f: Mean, n: Integer(1, 4)):
    r"""with the printed factors, c = 2, the law of s' on the grid comes to N(f, \sigma^2): within 4e^{-m/2}"""
    return at_most(distance(f, n, 2, 1), 4 * decaying(f, n, 1 / (2 + 0 * f)))


@lvrep.claim(
    "Section 3, Gaussian example",
    reading="on grids, corrected",
    corrects="gaussian_grid_as_printed",
    because="the printed factors have variance \\sigma^2/4 each; c = 1 gives \\sigma^2/2 each",
)
def gaussian_grid_comes_to_the_example(f: Mean, n: Integer(1, 4)):
    r"""with c = 1 the law of s' on the grid comes to N(f, \sigma^2), exponentially fast in m: its distance is between
    e^{-m}/4 and 4e^{-m/2}"""
    return (
        chain(decaying(f, n, 1) / 4)
        .at_most(distance(f, n, 1, 1), "no faster")
        .at_most(4 * decaying(f, n, 1 / (2 + 0 * f)), "no slower")
    )


@lvrep.claim("Section 3, Gaussian example", reading="on grids, the printed factors' own law")
def gaussian_grid_comes_to_half_the_variance(f: Mean, n: Integer(1, 4)):
    r"""with the printed c = 2 it comes to N(f, \sigma^2/2), half the variance: within 4e^{-m/3}"""
    half = 1 / (2 + 0 * f)
    return at_most(distance(f, n, 2, half), 4 * decaying(f, n, 1 / (3 + 0 * f)))


@lvrep.claim("Section 3, Gaussian example", reading="on grids, how far the printed factors stay")
def gaussian_grid_stays_away(f: Mean, n: Integer(1, 4)):
    r"""and stays at least 1/4 away from N(f, \sigma^2), at every m; the distance of the two normal laws is 2(erf((\log 2)^{1/2}) -
    erf((\log 2/2)^{1/2})) = 0.332"""
    return at_least(distance(f, n, 2, 1), 1 / (4 + 0 * f))
