r"""The terms of Lemma 8 and Theorem 15 along a run, and the inequalities of the proof on them.

Half the l1 distance t = |T^ - T*|_1 / 2; zeta = E_{rho x U} t^2, zeta' = E_{rho' x U} t^2;
normalised occupancies, rho_n the mean of those of pi_0, ..., pi_{n-1}; B the clip;
V1 = (1 + B) / (1-gamma):

    MLE          zeta, zeta' <= 2 log(4 n^2 |P| / delta) / n             (event, Lemma 16)
    operator     (1 - 1/e) Sigma <= Sigma^ <= (e - 1) Sigma               (event, Lemma 17)
    optimism     V^{pi*}_{T^, r+b} - V* >= -slack                         (Lemma 7)
    simulation   regret <= (E_d b + gamma V1 E_d t) / (1-gamma) + slack   (Lemma 18)
    trace        n E_{rho x U} |p^|^2_{Sigma^{-1}} <= G = log det(Sigma K / lambda)
    bonus        E_d b <= E_d |p*| sqrt(gamma A alpha^2 G / c1 + lambda gamma^2 B^2 C)
                          + sqrt((1-gamma) A alpha^2 G / (c1 n))          (Lemma 6)
    distance     E_d t <= E_d |p*| sqrt(n gamma A zeta + lambda gamma^2 C) + sqrt((1-gamma) A zeta)
    potential    sum_n E_{d_n} |p*|^2 <= c G*, c = x / log(1 + x), x = R / lambda
    slack = gamma / (1-gamma)^2 sqrt((1-gamma) A zeta),   |p*| in Sigma_{rho_n, p*}^{-1}

d the occupancy of pi_n in T*. The lines are sure where both events hold and the bonus is the
corrected one, by the exact operator. The same offline, omega for A, rho for rho x U and rho'.
`explicit_bound` puts the events' right sides in and sums.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from theorylab.algorithms.representation_bonus import Constants
from theorylab.algorithms.representation_classes import Floats
from theorylab.algorithms.representation_lcb import Offline
from theorylab.algorithms.representation_ucb import Online, policy_of
from theorylab.errors import InvalidArgument
from theorylab.theory.features import covariance, squared_norm
from theorylab.theory.planning import optimal_policy
from theorylab.theory.tabular import occupancy, performance
from theorylab.worlds.latent_variable import LatentVariableModel
from theorylab.worlds.mdp import Policy

ROUNDING = 1e-9


@dataclass(frozen=True)
class Line:
    """A line at one episode: lhs at most rhs; `event` if it holds with probability only."""

    name: str
    n: int
    lhs: float
    rhs: float
    event: bool = False

    @property
    def holds(self) -> bool:
        """Whether it holds, up to rounding."""
        return self.lhs <= self.rhs + ROUNDING * max(1.0, abs(self.lhs), abs(self.rhs))


@dataclass(frozen=True, eq=False)
class Place:
    """What the lines of one episode see. pairs: the law of data (rho x U, or rho), shape (S, A);
    after: that of rho' x U; sources: rho (S, A); visits: the data's counts; d: the occupancy of
    the policy compared, in the truth."""

    known: Constants
    K: Floats
    n: int
    truth: LatentVariableModel
    learned: LatentVariableModel
    bonus: Floats
    pairs: Floats
    after: Floats
    sources: Floats
    visits: Floats
    d: Floats

    @property
    def distance(self) -> Floats:
        """t(s, a), half the l1 distance."""
        return np.asarray(np.abs(self.learned.P - self.truth.P).sum(-1) / 2)

    @property
    def zeta(self) -> float:
        """E over the data's law of t^2."""
        return float((self.pairs * self.distance**2).sum())

    @property
    def slack(self) -> float:
        """gamma / (1-gamma)^2 sqrt((1-gamma) A zeta)."""
        return slack(self.known, self.zeta)

    @property
    def sigma(self) -> Floats:
        """Sigma of the learned features under the data's law."""
        return covariance(self.pairs, self.learned.latents, self.K, self.n, self.known.regular)

    @property
    def true_norms(self) -> Floats:
        """|p*(. | s, a)|^2 in Sigma_{rho, p*}^{-1}, shape (S, A)."""
        known = (self.sources, self.truth.latents, self.K, self.n, self.known.regular)
        return np.asarray(squared_norm(self.truth.latents, np.linalg.inv(covariance(*known))))


def slack(known: Constants, zeta: float) -> float:
    """gamma / (1-gamma)^2 sqrt((1-gamma) A zeta), omega for A offline."""
    return known.gamma * math.sqrt((1 - known.gamma) * known.ratio * zeta) / (1 - known.gamma) ** 2


def span(known: Constants) -> float:
    """V1: values of r + b, or of r - b, differ by at most this."""
    return (1 + known.clip) / (1 - known.gamma)


def log_det(sigma: Floats, K: Floats, regular: float) -> float:
    """log det(Sigma K / lambda)."""
    return float(np.linalg.slogdet(sigma @ K / regular)[1])


def lines_at(at: Place, shortfall: float, regret: float) -> list[Line]:
    """The lines of one episode. shortfall: V* - V^{pi*}_{T^, r+b} (offline V^{pi^}_{T^, r-b} -
    V^{pi^}); regret: V* - V^{pi_n}."""
    known, n, gamma = at.known, at.n, at.known.gamma
    after = float((at.after * at.distance**2).sum())
    E_b, E_t = float((at.d * at.bonus).sum()), float((at.d * at.distance).sum())
    G = log_det(at.sigma, at.K, known.regular)
    potential = squared_norm(at.learned.latents, np.linalg.inv(at.sigma))
    low, high = _between(at)
    rhs = (E_b + gamma * span(known) * E_t) / (1 - gamma) + at.slack
    norm = float((at.d * np.sqrt(at.true_norms)).sum())
    return [
        Line("MLE", n, max(at.zeta, after), 2 * known.log_term(n) / n, True),
        Line("operator, below", n, known.c1, low, True),
        Line("operator, above", n, high, known.c2, True),
        Line("optimism", n, shortfall, at.slack),
        Line("simulation", n, regret, rhs),
        Line("trace", n, n * float((at.pairs * potential).sum()), G),
        Line("bonus", n, E_b, bonus_bound(known, n, G, norm)),
        Line("distance", n, E_t, distance_bound(known, n, at.zeta, norm)),
    ]


def _between(at: Place) -> tuple[float, float]:
    """The least and greatest eigenvalue of Sigma^ relative to Sigma."""
    empirical = covariance(at.visits, at.learned.latents, at.K, 1, at.known.regular)
    root = np.linalg.inv(np.linalg.cholesky(at.sigma))
    values = np.linalg.eigvalsh(root @ empirical @ root.T)
    return float(values[0]), float(values[-1])


def bonus_bound(known: Constants, n: int, G: float, norm: float) -> float:
    """The right side of "bonus" where E_d |p*| is `norm`."""
    gamma, paid = known.gamma, known.ratio * known.alpha(n) ** 2 * G / known.c1
    inside = gamma * paid + known.regular * (gamma * known.clip) ** 2 * known.C
    return norm * math.sqrt(inside) + math.sqrt((1 - gamma) * paid / n)


def distance_bound(known: Constants, n: int, zeta: float, norm: float) -> float:
    """The right side of "distance" where E_d |p*| is `norm`."""
    gamma, seen = known.gamma, known.ratio * zeta
    inside = n * gamma * seen + known.regular * gamma**2 * known.C
    return norm * math.sqrt(inside) + math.sqrt((1 - gamma) * seen)


def online_lines(run: Online, every: int = 1) -> list[Line]:
    """All lines of a run of Algorithm 1, at every so manieth episode; the potential of all."""
    M, A = run.world.mdp, run.world.A
    best = optimal_policy(M)
    uniform = Policy(np.full((run.world.S, A), 1 / A))
    total, visits = occupancy(M, uniform), np.zeros((run.world.S, A))
    lines, potential = [], 0.0
    for n in range(1, run.episodes + 1):
        s, a = run.samples[n - 1, :2]
        visits[s, a] += 1
        pi = policy_of(run.actions[n - 1], A)
        d, sources = occupancy(M, pi), total / n
        states = sources.sum(-1)
        pairs = np.repeat(states[:, None], A, 1) / A
        after = np.tensordot(pairs, run.world.P, axes=2)
        learned = run.candidates.pick(run.index[n - 1])
        shared = (run.constants, run.K, n, run.world, learned, run.bonuses[n - 1], pairs)
        at = Place(*shared, np.repeat(after[:, None], A, 1) / A, sources, visits, d)
        potential += float((d * at.true_norms).sum())
        total = total + d
        if n % every == 0:
            model = learned.with_reward(learned.payoff + at.bonus).mdp
            short = run.best - float(performance(model, best))
            lines += lines_at(at, short, float(run.regret[n - 1]))
    x = run.constants.R / run.constants.regular
    sigma = covariance(total, run.world.latents, run.K, 1, run.constants.regular)
    bound = x / math.log1p(x) * log_det(sigma, run.K, run.constants.regular)
    return [*lines, Line("potential", run.episodes, potential, bound)]


def offline_lines(run: Offline) -> list[Line]:
    """All lines of a run of Algorithm 2, against the optimal policy."""
    M, known, n = run.world.mdp, run.constants, run.constants.N
    best, visits = optimal_policy(M), run.visits.astype(float)
    shared = (known, run.K, n, run.world, run.choice.model, run.penalty)
    at = Place(*shared, run.rho, run.rho, run.rho, visits, occupancy(M, best))
    lines = lines_at(at, run.claimed - run.value, run.gap)
    norms, sigma = at.true_norms, covariance(run.rho, run.world.latents, run.K, n, known.regular)
    C_star = coverage(at.d, run.rho, run.world.latents)
    reached = C_star * log_det(sigma, run.K, known.regular) / n
    return [*lines, Line("coverage", n, float((at.d * norms).sum()), reached)]


def coverage(d: Floats, rho: Floats, latents: Floats) -> float:
    """C*_pi = sup over x of E_d <p*, x>^2 / E_rho <p*, x>^2, infinite where rho misses some x."""

    def moments(law: Floats) -> Floats:
        flat = latents.reshape(-1, latents.shape[-1])
        return np.asarray((flat * law.reshape(-1, 1)).T @ flat)

    values, vectors = np.linalg.eigh(moments(rho))
    seen = values > 1e-13 * values[-1]
    target = vectors.T @ moments(d) @ vectors
    if target[~seen][:, ~seen].trace() > 1e-12:
        return math.inf
    root = 1 / np.sqrt(values[seen])
    return float(np.linalg.eigvalsh(root[:, None] * target[np.ix_(seen, seen)] * root)[-1])


def explicit_bound(known: Constants, Z: int, N: int) -> float:
    """The bound on the regret of N episodes (Lemma 8 with its constants), on both events.

    Sums of the right sides with zeta_n = 2 log(4 n^2 |P| / delta) / n, G_n = Z log(1 + n R /
    (lambda Z)), and E_d |p*| by Cauchy-Schwarz over n and the potential.
    """
    if N < 1:
        raise InvalidArgument(f"N is {N}, expected at least 1 episode")
    gamma, regular = known.gamma, known.regular
    x = known.R / regular
    norms = math.sqrt(N * x / math.log1p(x) * _volume(known, Z, N + 1))
    leading = norms * (
        _slope(bonus_bound, known, N, _volume(known, Z, N))
        + gamma * span(known) * _slope(distance_bound, known, N, _zeta(known, N))
    )
    rest = lower = 0.0
    for n in range(1, N + 1):
        G, zeta = _volume(known, Z, n), _zeta(known, n)
        rest += bonus_bound(known, n, G, 0.0)
        rest += gamma * span(known) * distance_bound(known, n, zeta, 0.0)
        lower += slack(known, zeta)
    return (leading + rest) / (1 - gamma) + lower


def _slope(
    bound: Callable[[Constants, int, float, float], float], known: Constants, n: int, term: float
) -> float:
    """How much a right side grows with E_d |p*|."""
    return bound(known, n, term, 1.0) - bound(known, n, term, 0.0)


def _volume(known: Constants, Z: int, n: int) -> float:
    return Z * math.log1p(n * known.R / (known.regular * Z))


def _zeta(known: Constants, n: int) -> float:
    return 2 * known.log_term(n) / n
