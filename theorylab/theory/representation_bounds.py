r"""One-step-back inequalities of LV-Rep and the bonus that they make, with explicit constants.

    E_{d_T_hat} g <= E_{d_T_hat} min(gamma ||p_hat|| R, gamma B) + sqrt((1-gamma) |A| E g^2)
        R^2 = (sqrt(n |A| E_rho' g^2) + B sqrt(n zeta))^2 + lambda B^2 C          (Lemma 5)
    E_{d_T} g <= E_{d_T} min(||p|| R, gamma B) + sqrt((1-gamma) |A| E g^2)
        R^2 = n gamma |A| E_rho g^2 + lambda gamma^2 B^2 C                        (Lemma 6)
    b = min(alpha ||p_hat||, gamma^2/(1-gamma)),   alpha = gamma^2 R/(1-gamma)    (Lemma 7)

||.|| is the norm of Sigma^{-1}, zeta a mean of squared total variations (half the l1 norm), and g
lies in [0, B]; for g in [-B, B] zeta is a mean of squared l1 norms. Offline (Lemmas 12 to 14)
omega/gamma takes the place of |A| in Lemma 5's R, omega elsewhere, and rho the place of all laws.
Constants are those of a derivation along Appendices E.2 and E.3; the print's are hidden in Theta.
Functions take numbers of any system with roots, tables entry by entry. Rewards are in [0, 1] per
step, values are totals, occupancies are normalised.
"""

from __future__ import annotations

from typing import Any

from theorylab.arithmetic import Array, log, minimum, sqrt


def learned_radius(moment: Any, error: Any, rest: Any) -> Any:
    """R of Lemma 5: sqrt((sqrt(moment) + sqrt(error))^2 + rest).

    moment = n |A| E_{rho' x U} g^2 (offline n omega/gamma E_rho g^2), error = n B^2 zeta,
    rest = lambda B^2 C.
    """
    return sqrt((sqrt(moment) + sqrt(error)) ** 2 + rest)


def true_radius(gamma: Any, moment: Any, rest: Any) -> Any:
    """R of Lemma 6: sqrt(gamma moment + gamma^2 rest), which holds the factor gamma.

    moment = n |A| E_{rho x U} g^2 (offline n omega E_rho g^2), rest = lambda B^2 C.
    """
    return sqrt(gamma * moment + gamma**2 * rest)


def first_step(gamma: Any, ratio: Any, moment: Any) -> Any:
    """sqrt((1-gamma) ratio E g^2): what the first step adds; `ratio` is |A|, offline omega."""
    return sqrt((1 - gamma) * ratio * moment)


def step_back(occupancy: Array, norms: Array, radius: Any, top: Any) -> Any:
    """E min(||p|| radius, top) over an occupancy; tables (S, A). `top` is gamma B."""
    return (occupancy * minimum(norms * radius, top)).sum()


def bonus_clip(gamma: Any) -> Any:
    """gamma^2/(1-gamma), at most what one unseen pair can be worth a step before."""
    return gamma**2 / (1 - gamma)


def bonus_scale(gamma: Any, radius: Any) -> Any:
    """alpha = gamma^2 R/(1-gamma), where R bounds the step back of the total variation (B = 1)."""
    return gamma**2 * radius / (1 - gamma)


def clipped_bonus(scale: Any, norms: Array, clip: Any) -> Array:
    """min(alpha ||p||, clip), entry by entry; LV-Rep prints clip = 2."""
    return minimum(scale * norms, clip)


def optimism_slack(gamma: Any, ratio: Any, zeta: Any) -> Any:
    """gamma/(1-gamma)^2 sqrt((1-gamma) ratio zeta): what almost optimism may lack.

    zeta = E_{rho x U} of the squared total variation; `ratio` is |A|, offline omega. In units of
    total reward per episode.
    """
    return gamma / (1 - gamma) ** 2 * first_step(gamma, ratio, zeta)


def likelihood_error(n: Any, models: int, delta: Any) -> Any:
    """2 log(|P|/delta)/n: bounds the mean squared total variation of maximum likelihood.

    Under the law of n draws, and under each half of two laws with n draws each (Lemma 16 with its
    constant). For all n at once take `every_episode(n, delta)` as delta.
    """
    return 2 * log(models / delta) / n


def every_episode(n: Any, delta: Any) -> Any:
    """delta/(2 n^2), which sums to less than delta over n = 1, 2, ...; delta/n does not."""
    return delta / (2 * n**2)


def scale_on_event(gamma: Any, ratio: Any, event: Any, rest: Any, spread: Any = 1) -> Any:
    """alpha_n = gamma^2/(1-gamma) sqrt(spread (2 (sqrt(ratio)+1)^2 event + rest)).

    `event` is L with n zeta, n zeta' <= 2 L (`likelihood_error`), rest = lambda C, `ratio` is |A|
    (offline omega/gamma), and Sigma_hat <= spread Sigma for the empirical operator (Lemma 17's
    second constant).
    """
    radius = learned_radius(2 * ratio * event, 2 * event, rest)
    return bonus_scale(gamma, sqrt(spread * radius**2))
