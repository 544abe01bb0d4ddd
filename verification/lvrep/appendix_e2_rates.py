r"""Appendix E.2: the rates of Lemma 8 and the number of episodes of Theorems 4 and 9.

A rate with a hidden constant is judged along a family. What both sides share, such as N^{1/2}, C or
(1-gamma)^{-2}, is divided out; lambda = Theta(...) stands for its dominating term. "The proof's last
display" is the product of its lines: alpha_n^2 = |A| log(N|P|/delta) + lambda C, the bonus
(alpha_n^2 G + lambda C)^{1/2} with G the bound on the log-determinant, times (N G)^{1/2}. Unless they run,
|A| = C = 1, gamma = 1/2, |P|/delta = e. The theorems' N is judged against the displayed gaps of their own
proof. Whether these hold is another matter: Lemma 7 falls at the clip 2, and mends at a price of 1/(1-gamma).
"""

from theorylab import (
    Along,
    Integer,
    LatentVariableModel,
    Number,
    Policy,
    Several,
    at_most,
    bounded_by,
    equal,
)
from theorylab.arithmetic import exp, log
from theorylab.notation import E, J
from theorylab.theory.features import mixture, visited_pairs
from theorylab.theory.latent_variable_parts import build_policy
from verification.lvrep.paper import lvrep

DERIVED = "the proof ends with this; the statement's display is smaller and is derived nowhere"

# ---- rates of the log-determinant ----------------------------------------------------------------


@lvrep.claim("Lemma 8, proof", reading="n / lambda, polynomial")
def samples_over_regular(x: Number(1, 3), more: Number(0, 2), beta: Integer(2, 4)):
    r"""n/\lambda \le n^{\beta/(1+\beta)}/C_{poly} for \lambda \ge C_{poly}N^{1/(1+\beta)}, n = x^{1+\beta} \le N = (x + more)^{1+\beta}; N/\lambda at more =
    0"""
    return at_most(x ** (1 + beta) / (x + more), x**beta)


@lvrep.claim("Lemma 8, proof", reading="log det, finite")
def log_det_finite(n: Integer(2, 12), beta: Integer(1, 4), regular: Number(1, 5)):
    r"""\beta\log(1 + \frac{n}{\lambda\beta}) \le 2\beta\log n for n \ge 2, \lambda \ge 1: O(\beta\log n), which is 0 at n = 1"""
    one = regular / regular
    return at_most(beta * log(1 + n / (regular * beta)), 2 * beta * log(n * one))


@lvrep.claim("Lemma 8, proof", reading="log det, polynomial")
def log_det_polynomial(y: Number(1, 3), beta: Integer(2, 4)):
    r"""\alpha^{1/(2\beta)} = n^{1/(2(1+\beta))} and \log\alpha \le \log n, \alpha = n^{\beta/(1+\beta)}, n = y^{2(1+\beta)}; (2\beta)-th powers"""
    alpha, n = y ** (2 * beta), y ** (2 * (1 + beta))
    powers = equal(alpha ** (1 + beta), n**beta)
    return powers, at_most(alpha, n)


# ---- alpha_n -------------------------------------------------------------------------------------


def width_of_the_error(gamma, log_term, regular):
    """(n gamma |A| zeta + 4 lambda gamma^2 C)/(1-gamma)^2 at n zeta = log_term."""
    return (gamma * log_term + 4 * regular * gamma**2) / (1 - gamma) ** 2


@lvrep.claim("Lemma 8, proof", reading="<~ alpha_n, uniformly in gamma")
def width_below_alpha(gamma: Along(0), log_term: Number(1, 5), regular: Number(1, 5)):
    r"""\frac{n\gamma|A|\zeta_n}{(1-\gamma)^2} + \frac{4\lambda\gamma^2C}{(1-\gamma)^2} \lesssim \alpha_n^2 = \frac{\gamma^2}{(1-\gamma)^2}(|A|\log(n|P|/\delta) + \lambda C), n\zeta_n = \log(n|P|/\delta)"""
    alpha_squared = (gamma / (1 - gamma)) ** 2 * (log_term + regular)
    return bounded_by(width_of_the_error(gamma, log_term, regular), alpha_squared)


@lvrep.claim(
    "Lemma 8, proof",
    reading="<~ alpha_n, corrected",
    corrects="width_below_alpha",
    because="Lemma 6 has gamma |A| under its root, and so has zeta_n: one gamma only",
)
def width_below_alpha_corrected(
    gamma: Number(0, 1, below_high=True), log_term: Number(1, 5), regular: Number(1, 5)
):
    r"""The same with \alpha_n^2 = \frac{4\gamma}{(1-\gamma)^2}(|A|\log(n|P|/\delta) + \gamma\lambda C)"""
    alpha_squared = 4 * gamma / (1 - gamma) ** 2 * (log_term + gamma * regular)
    return at_most(width_of_the_error(gamma, log_term, regular), alpha_squared)


# ---- from the lines to the last display, and to the statement ------------------------------------


def product_of_lines(regular, log_det, log_term):
    """((alpha^2 G + lambda C) G, the square of the regret over N."""
    return ((log_term + regular) * log_det + regular) * log_det


@lvrep.claim(
    "Lemma 8, proof",
    reading="last display, finite",
    corrects="regret_finite_short_root",
    because=DERIVED,
)
def last_display_finite(x: Along(0), beta: Integer(1, 4)):
    r"""The product of the lines is O(\beta^{3/2}|A|\log N\sqrt{CN\log(N|P|/\delta)}), squared, over N; \log N = 1/x"""
    y = 1 / x
    lines = product_of_lines(beta * y + y + 1, beta * y, y + 1)
    return bounded_by(lines, beta**3 * y**2 * (y + 1))


@lvrep.claim("Lemma 8, proof", reading="last display, polynomial")
def last_display_polynomial(x: Along(0)):
    r"""The same is O(|A|N^{1/2 + 1/(1+\beta)}\log N\sqrt{C\log(N|P|/\delta)}): powers of N alone, N = x^{-4(1+\beta)}"""
    lines = product_of_lines(1 / x**4, 1 / x**2, 1)
    return bounded_by(lines, (1 / x**4) ** 2)


@lvrep.claim("Lemma 8, proof", reading="last display, exponential")
def last_display_exponential(x: Along(0), b: Integer(1, 4)):
    r"""The same is O(|A|\sqrt{CN\log(N|P|/\delta)}(\log N)^{(3+2\beta)/(2\beta)}), \beta = 1/b: \log N = 1/x"""
    y = 1 / x
    lines = product_of_lines(y**b + y + 1, y ** (1 + b), y + 1)
    return bounded_by(lines, y ** (3 * b + 2) * (y + 1))


@lvrep.claim("Lemma 8", reading="finite, against its proof")
def regret_finite(x: Along(0)):
    r"""The proof's \beta^{3/2}|A|\log N\sqrt{CN\log(N|P|/\delta)} is O(\beta^{3/2}|A|\sqrt{CN\log(N|P|/\delta)}), as stated: over what they
    share, \log N = 1/x"""
    return bounded_by(1 / x, x / x)


@lvrep.claim("Lemma 8", reading="polynomial, against its proof")
def regret_polynomial(x: Along(0)):
    r"""The proof's N^{1/2 + 1/(1+\beta)}\log N is O(N^{1/2 + 1/(2(1+\beta))}), as stated: over N^{1/2}, N = x^{-2(1+\beta)}, without the
    logarithm"""
    return bounded_by(1 / x**2, 1 / x)


@lvrep.claim("Lemma 8", reading="finite, against its proof, root over CN alone")
def regret_finite_short_root(x: Along(0)):
    r"""The proof's \log N\sqrt{\log(N|P|/\delta)} is O(\log(N|P|/\delta)), should the statement be \beta^{3/2}|A|\sqrt{CN}\log(N|P|/\delta):
    squares, \log N = 1/x, |P|/\delta = e"""
    y = 1 / x
    return bounded_by(y**2 * (y + 1), (y + 1) ** 2)


@lvrep.claim("Lemma 8", reading="exponential, against its proof")
def regret_exponential(x: Along(0), b: Integer(1, 4)):
    r"""The product of the lines is O(|A|\sqrt{CN}(\log N)^{(3+2\beta)/(2\beta)}\log(N|P|/\delta)), \beta = 1/b: squared, over N, \log N =
    1/x; the proof's last display has the root of the last logarithm"""
    y = 1 / x
    lines = product_of_lines(y**b + y + 1, y ** (1 + b), y + 1)
    return bounded_by(lines, y ** (3 * b + 2) * (y + 1) ** 2)


@lvrep.claim("Lemma 8", reading="finite, corrected", corrects="regret_finite", because=DERIVED)
def regret_finite_corrected(x: Along(0), beta: Integer(1, 4)):
    r"""\sum_n V^{\pi^*} - V^{\pi_n} = O(\beta^{3/2}|A|\log N\sqrt{CN\log(N|P|/\delta)}): the product of the lines of the proof, squared,
    over N, also as |A| = 1/x^2 runs with \log N"""
    y = 1 / x
    A = y**2
    lines = ((A * (y + 1) + beta * y) * A * beta * y + beta * y) * beta * y
    return bounded_by(lines, beta**3 * A**2 * y**2 * (y + 1))


@lvrep.claim(
    "Lemma 8", reading="polynomial, corrected", corrects="regret_polynomial", because=DERIVED
)
def regret_polynomial_corrected(x: Along(0)):
    r"""\sum_n V^{\pi^*} - V^{\pi_n} = O(|A|N^{1/2 + 1/(1+\beta)}\log N\sqrt{C\log(N|P|/\delta)}), N = x^{-4(1+\beta)}, squared, over N; at \beta \le 1 it
    is more than the trivial N/(1-\gamma)"""
    return bounded_by(product_of_lines(1 / x**4, 1 / x**2, 1), (1 / x**4) ** 2)


# ---- Theorems 4 and 9 ----------------------------------------------------------------------------


@lvrep.claim(
    "Theorem 9, proof",
    reading="uniform policy, drawn once",
    corrects="mean_of_policies",
    because="the value is linear in the occupancy, not in the action probabilities: pi_i is drawn once, at the start of an episode",
)
def mixture_of_policies(M: LatentVariableModel, policies: Several(Policy, 3)):
    r""" "the uniform policy over \pi_i", drawn at the start of an episode: its value is the mean of the V^{\pi_i}, so
    that its gap is the regret over N"""
    value = E(visited_pairs(M, policies), M.r) / (1 - M.gamma)
    return equal(value, mixture(J(M, pi) for pi in policies))


@lvrep.claim("Theorem 9, proof", reading="uniform policy, drawn at every step")
def mean_of_policies(M: LatentVariableModel, policies: tuple[Policy, Policy]):
    r"""The same read as the Markov policy \frac1N\sum_i\pi_i(a|s): at least the mean of the values, up to the order"""
    first, second = policies
    rule = build_policy((first.probabilities + second.probabilities) / 2)
    return equal(J(M, rule), (J(M, first) + J(M, second)) / 2)


@lvrep.claim("Theorem 9, proof", reading="polynomial, the displayed gap")
def gap_with_the_sign_lost(y: Number(1, 3), beta: Integer(2, 4)):
    r"""The gap of the uniform policy, N^{1/2 + 1/(1+\beta)}/N, is N^{\frac{\beta-1}{2(1+\beta)}}: powers of N = y^{2(1+\beta)} alone.
    (|A| is lost as well, and the bullet ends with "exponential decay")"""
    N = y ** (2 * (1 + beta))
    return equal(y ** (3 + beta) / N, y ** (beta - 1))


@lvrep.claim(
    "Theorem 9, proof",
    reading="polynomial, the displayed gap, corrected",
    corrects="gap_with_the_sign_lost",
    because="as printed the gap grows with N; N of the theorem and Theorem 15 have (1-beta)/(2(1+beta))",
)
def gap_with_the_sign(y: Number(1, 3), beta: Integer(2, 4)):
    r"""It is N^{-\frac{\beta-1}{2(1+\beta)}}"""
    N = y ** (2 * (1 + beta))
    return equal(y ** (3 + beta) / N, 1 / y ** (beta - 1))


@lvrep.claim("Theorem 9, proof", reading="log log x")
def log_log(x: Number(2, None)):
    r"""\log\log x = O(\log x): \log\log x \le \frac1e\log x for x > 1, equal at x = e^e"""
    return at_most(exp(1 + 0 * x) * log(log(x)), log(x))


def squared_gap(log_N, y, power, own):
    """(gap / eps)^2 at N = (1/eps)^2 y^own, y = log(1/eps^2): (log N)^power (log N + 1) / y^own."""
    return log_N**power * (log_N + 1) / y**own


@lvrep.claim("Theorem 9", reading="finite, N against the displayed gap")
def episodes_finite(x: Along(0)):
    r"""\frac{\beta^{3/2}|A|\log N\sqrt{C\log(N|P|/\delta)}}{(1-\gamma)^2\sqrt N} = O(\varepsilon) at N = D\log^3D, D = \frac{C\beta^3|A|^2\log(|P|/\delta)}{(1-\gamma)^4\varepsilon^2},
    squared; \log D = 1/x"""
    y = 1 / x
    return bounded_by(squared_gap(y - 3 * log(x), y, 2, 3), x / x)


@lvrep.claim("Theorem 9", reading="polynomial, N against the displayed gap")
def episodes_polynomial(x: Along(0)):
    r"""N^{-\frac{\beta-1}{2(1+\beta)}}\log N\sqrt{C\log(N|P|/\delta)} = O(\varepsilon) at N = (K\log^{3/2}K)^{2(1+\beta)/(\beta-1)}, K = \sqrt C/\varepsilon, \beta = 3, squared;
    \log K = 1/x. The sign of the exponent and |A| were lost in the display"""
    y = 1 / x
    log_N = 4 * (y - 3 * log(x) / 2)
    return bounded_by(squared_gap(log_N, y, 2, 3), x / x)


@lvrep.claim("Theorem 9", reading="exponential, N against the displayed gap")
def episodes_exponential(x: Along(0)):
    r"""\frac{\sqrt{C\log(N|P|/\delta)}(\log N)^{(3+2\beta)/(2\beta)}}{(1-\gamma)^2\sqrt N} = O(\varepsilon) at N = D\log^{(3+2\beta)/\beta}D, D = \frac{C|A|^2\log(|P|/\delta)}{(1-\gamma)^4\varepsilon^2}, \beta = 1,
    squared; \log D = 1/x"""
    y = 1 / x
    return bounded_by(squared_gap(y - 5 * log(x), y, 5, 5), x / x)


@lvrep.claim(
    "Theorem 9",
    reading="exponential, corrected",
    corrects="episodes_exponential",
    because="log(N|P|/delta) brings one more logarithm: N = D log^{(3+3 beta)/beta} D",
)
def episodes_exponential_corrected(x: Along(0)):
    r"""The same at N = D\log^{(3+3\beta)/\beta}D, \beta = 1"""
    y = 1 / x
    return bounded_by(squared_gap(y - 6 * log(x), y, 5, 6), x / x)


def squared_gap_beside(log_N, y, event):
    """The same over D = event / eps^2 or K^2 with log(|P|/delta) = event, powers 2 and 3."""
    return log_N**2 * (log_N + event) / (event * y**3)


@lvrep.claim("Theorem 4", reading="finite, N against the displayed gap")
def episodes_finite_formal(x: Along(0), event: Number(1, 5)):
    r"""As at Theorem 9, \log(|P|/\delta) = event: N = D\log^3D, \log D = 1/x"""
    y = 1 / x
    return bounded_by(squared_gap_beside(y - 3 * log(x), y, event), x / x)


@lvrep.claim("Theorem 4", reading="polynomial, N against the displayed gap")
def episodes_polynomial_formal(x: Along(0), event: Number(1, 5)):
    r"""The same for N = (K\log^{3/2}K)^{2(1+\beta)/(\beta-1)}, K = \sqrt{C\log(|P|/\delta)}/\varepsilon, \beta = 2, \log K = 1/x; with the right
    sign of the gap's exponent"""
    y = 1 / x
    return bounded_by(squared_gap_beside(6 * (y - 3 * log(x) / 2), y, event), x / x)


@lvrep.claim("Theorem 4", reading="exponential, N against the displayed gap")
def episodes_exponential_formal(x: Along(0)):
    r"""Theorem 4 prints the same N: with \beta = 3/2 the power is 4 and the gap is (\log N)^4\log(N|P|/\delta)/N, squared"""
    y = 1 / x
    return bounded_by(squared_gap(y - 4 * log(x), y, 4, 4), x / x)


@lvrep.claim(
    "Theorem 4",
    reading="exponential, corrected",
    corrects="episodes_exponential_formal",
    because="log(N|P|/delta) brings one more logarithm: N = D log^{(3+3 beta)/beta} D",
)
def episodes_exponential_formal_corrected(x: Along(0)):
    r"""The same at N = D\log^{(3+3\beta)/\beta}D, \beta = 3/2"""
    y = 1 / x
    return bounded_by(squared_gap(y - 5 * log(x), y, 4, 5), x / x)
