r"""Appendix F, Lemma 17 and the lines of its proof up to the entropy numbers.

The kernel's matrix is K = R^2, R drawn positive definite, so that T_k^{1/2} = R is rational. Features
phi are the rows of a model's latents; ||phi||_{H_k} <= 1 and tr T_k <= 1 are not assumed: lines are
stated with their powers of R_0 = max ||phi||_{H_k}^2 and of the trace, which is sharper. Where the
text has lost a tilde, phi~ = T_k^{-1/2} phi and Sigma~ = T_k^{-1/2} Sigma T_k^{-1/2} are meant.

The proof falls at its entropy numbers (see appendix_f17_entropy); the statement stands with less, by
a matrix-martingale bound, which Remark 9 names: for all n and x, with L = log(2 |Z| / delta), free of N
(Ville's inequality for the supermartingale Tr exp(...)), and rho = max phi' K phi,

    (1 - 1/e) n Sigma_n - rho L K^{-1} <= sum phi phi' <= (e - 1) n Sigma_n + rho L K^{-1}

How loose: each side is judged with L = log(|Z| / delta), both having delta / 2. With up to 4 draws they fail
for a constant below 0.95 in place of e - 1 = 1.72, and above 1.05 in place of 1 - 1/e = 0.63; what fixes the two
is the exponential moment of one feature, which is tight (`exponential_moments`). The step from it to the
bounds is Tropp's (Lieb's theorem), cited.
"""

from theorylab import (
    Integer,
    KernelMatrix,
    LatentVariableModel,
    Number,
    StateActionDistribution,
    StateDistribution,
    StateFunction,
    at_least,
    at_most,
    draw,
    every,
    with_probability,
)
from theorylab.arithmetic import det, exp, inverse, log, sup
from theorylab.theory.features import second_moments, squared_norm
from verification.lvrep.paper import lvrep

# ---- the statement -------------------------------------------------------------------------------


def is_psd(A):
    """Every principal minor of a symmetric matrix is at least 0; sizes 1 to 3."""
    n = len(A)
    lines = [at_least(A[i, i], 0 * A[i, i]) for i in range(n)]
    for i in range(n):
        for j in range(i + 1, n):
            lines.append(at_least(A[i, i] * A[j, j], A[i, j] * A[j, i]))
    return every(*lines, *[at_least(det(A), 0 * A[0, 0]) for _ in range(n // 3)])


def sampled(T, law):
    """A feature drawn with its pair from the law."""
    return T.latents[draw(law)]


def outer(phi):
    """phi phi'."""
    return phi[:, None] * phi[None, :]


def within_bound(T, K, features, laws, delta, above):
    """One matrix bound for one n, with L = log(|Z| / delta): from below (0) or from above (1)."""
    found, mean = (
        sum(outer(phi) for phi in features),
        sum(second_moments(p, T.latents) for p in laws),
    )
    unit = sup(squared_norm(T.latents, K)) * log(T.Z / delta) * inverse(K)
    e = exp(1 + 0 * delta)
    sides = (found + unit - (1 - 1 / e) * mean, (e - 1) * mean + unit - found)
    return is_psd(sides[above])


# With Theta's constants e this is a matrix Chernoff bound for adapted sequences (Tropp), without the
# entropy numbers at which the printed proof falls; log(2 |Z|) takes the place of the net.
@lvrep.claim("Lemma 17", reading="explicit")
def covariance_concentrates(
    T: LatentVariableModel,
    K: KernelMatrix,
    first: StateActionDistribution,
    laws: tuple[StateActionDistribution, StateActionDistribution],
    delta: Number("1/10", "19/20"),
    above: Integer(0, 1),
):
    r"""With probability at least 1-\delta, \forall n, x: \langle x, \sum\phi_i\phi_i^\top x\rangle \le (e - 1)\langle x, n\Sigma_nx\rangle + \varrho L\langle x,
    T_k^{-1}x\rangle, and so \ge (1 - 1/e)\langle x, n\Sigma_nx\rangle - \varrho L\langle x, T_k^{-1}x\rangle, L = \log(|Z|/\delta) for one of them; n \le 2,
    the second law chosen by the first feature's state"""
    s, a = draw(first)
    second = laws[s % 2]
    features = [T.latents[s, a], sampled(T, second)]
    one = within_bound(T, K, features[:1], [first], delta, above)
    both = within_bound(T, K, features, [first, second], delta, above)
    return with_probability(1 - delta, every(one, both))


@lvrep.claim("Lemma 17", reading="explicit, one value, N draws")
def mass_concentrates(
    f: StateFunction,
    p: StateDistribution,
    delta: Number("1/100", "19/20"),
    N: Integer(1, 4),
    above: Integer(0, 1),
):
    r"""The same for |Z| = 1 and N draws of \phi^2 = f^2 from one law: for all n \le N"""
    values, labels, e = f**2, draw(p, N), exp(1 + 0 * delta)
    unit, mean = sup(values) * log(1 / delta), (p * values).sum()
    lines = []
    for n in range(1, N + 1):
        total = sum(values[k] for k in labels[:n])
        below = total + unit - (1 - 1 / e) * n * mean
        slack = (below, (e - 1) * n * mean + unit - total)[above]
        lines.append(at_least(slack, 0 * slack))
    return with_probability(1 - delta, every(*lines))


@lvrep.claim("Lemma 17", reading="explicit, the exponential moment of one feature")
def exponential_moments(share: Number(0, 1, below_high=True)):
    r"""E e^X \preceq I + (e - 1)E X and E e^{-X} \preceq I - (1 - 1/e)E X for X = \psi\psi^\top/\varrho, \psi = T_k^{1/2}\phi: as e^{\pm X} = I +
    (e^{\pm w} - 1)\psi\psi^\top/|\psi|^2, w = |\psi|^2/\varrho \le 1, at each \psi e^w - 1 \le (e - 1)w and (1 - 1/e)w \le 1 - e^{-w}, equal at w
    = 1"""
    e = exp(1 + 0 * share)
    return every(
        at_most(exp(share) - 1, (e - 1) * share),
        at_most((1 - 1 / e) * share, 1 - exp(-share)),
    )


@lvrep.claim("Lemma 17", reading="second claim from the first")
def inverses_turn_round(
    T: LatentVariableModel, R: KernelMatrix, nu: StateActionDistribution, regular: Number(0, 5)
):
    r""" "In the same event above": A \preceq B gives B^{-1} \preceq A^{-1}, here A = n\Sigma + T_k^{-1}, B = A +
    \phi\phi^\top with multiples, at the features x"""
    A = second_moments(nu, T.latents) + inverse(R)
    B = A + regular * outer(T.latents[0, 0])
    return at_most(squared_norm(T.latents, inverse(B)), squared_norm(T.latents, inverse(A)))
