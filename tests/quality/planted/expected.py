"""What is known of the planted lemmas, by hand: the first false line, and the smallest shape.

`line` counts from 1, as theorylab prints. `smallest` comes with the reason why all smaller shapes
satisfy the line. `thin` says where alone the line is false, if that is a thin region.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Planted:
    """One planted error: `<name>_planted` in `file`, whose true form is `name`."""

    file: str
    name: str
    line: int
    smallest: dict[str, int]
    smaller: str
    thin: str = ""

    @property
    def false(self) -> str:
        return f"{self.name}_planted"


ONE_STATE = "one state: true and model transitions are the same"
ONE_LAW = "one state: p = q = 1"
PLANTED = [
    Planted("discounted", "performance_difference", 2, {"S": 1, "A": 1}, "none is smaller"),
    Planted("discounted", "disadvantage", 3, {"S": 1, "A": 2}, "one action: advantages are 0"),
    Planted("discounted", "simulation_by_state", 2, {"S": 2, "A": 1}, ONE_STATE),
    Planted("discounted", "performance_by_occupancy", 3, {"S": 2, "A": 1}, "one state: d = start"),
    Planted(
        "discounted", "successor_expansion", 3, {"S": 2, "A": 2},
        "one state or one action: both policies move alike",
    ),
    Planted(
        "discounted", "truncated_occupancy", 2, {"S": 2, "A": 1, "n": 1},
        "one state: every step has the same law",
    ),
    Planted(
        "discounted", "return_variance", 2, {"S": 2, "A": 2},
        "one state: PV is the same for all actions; one action: nothing is averaged",
    ),
    Planted(
        "discounted", "determinant", 2, {"S": 3, "A": 1},
        "P has the eigenvalue 1, for S = 2 the other is tr P - 1, for S = 1 the trace is 1",
        thin="only from three states on",
    ),
    Planted("finite_horizon", "horizon_simulation", 2, {"S": 2, "A": 1, "H": 1}, ONE_STATE),
    Planted(
        "finite_horizon", "horizon_difference", 2, {"S": 2, "A": 2, "H": 2},
        "H = 1: Q is the cost; one state: both Q differ by a constant; one action: pi = mu",
    ),
    Planted(
        "finite_horizon", "horizon_gap", 4, {"S": 2, "A": 1, "H": 2},
        "H = 1: both sides are 0; one state: no distance",
    ),
    Planted(
        "finite_horizon", "mean_cost", 2, {"S": 1, "A": 2, "H": 2},
        "H = 1: one step is its mean; one state and action: the occupancy is 1",
    ),
    Planted(
        "finite_horizon", "horizon_regret", 2, {"S": 1, "A": 2, "H": 1},
        "one action: every term is 0",
    ),
    Planted(
        "information", "pinsker", 2, {"S": 2}, ONE_LAW,
        thin="only for |p - q| < 0.13 near (1/2, 1/2)",
    ),
    Planted("information", "hoelder", 4, {"S": 2}, ONE_LAW),
    Planted(
        "information", "total_variation", 2, {"S": 4},
        "up to three states one side of p - q >= 0, <= 0 is a single state",
        thin="only from four states on",
    ),
    Planted(
        "information", "kl_of_occupancies", 3, {"S": 2, "A": 2},
        "one state: both averages are the same; one action: pi = mu",
    ),
    Planted(
        "information", "kl_of_marginals", 3, {"S": 2, "A": 2},
        "one state or one action: every law is a product",
    ),
    Planted("information", "model_error", 3, {"S": 2, "A": 1}, ONE_STATE),
    Planted("information", "chi_square", 2, {"S": 2}, ONE_LAW),
    Planted("information", "change_of_measure", 2, {"S": 2}, ONE_LAW),
    Planted(
        "information", "two_laws", 2, {"S": 2}, ONE_LAW,
        thin="only where p is not covered by q: the divergence is infinite, or above 1000",
    ),
    Planted(
        "coverage", "two_sided", 2, {"S": 2}, ONE_LAW,
        thin="only where a state has no mass under both laws",
    ),
    Planted(
        "coverage", "behaviour", 2, {"S": 2, "A": 1}, "one state: its mass is 1",
        thin="only where a state has no mass",
    ),
    Planted("coverage", "covered_advantage", 2, {"S": 1, "A": 2}, "one action: advantages are 0"),
    Planted(
        "coverage", "concentrability", 4, {"S": 2, "A": 2},
        "one state: all occupancies are 1; one action: there is no gain",
    ),
    Planted(
        "coverage", "support", 2, {"S": 1, "A": 2}, "one action: its probability is 1",
        thin="only where an action has probability 0",
    ),
    Planted(
        "optimality", "greedy_loss", 2, {"S": 2, "A": 2},
        "one state: every greedy action is the best; one action: there is one policy",
        thin="the constant is 2 per cent too small",
    ),
    Planted(
        "optimality", "improvement", 2, {"S": 2, "A": 2},
        "one state: the model is true; one action: there is one policy",
    ),
    Planted(
        "optimality", "contraction", 2, {"S": 2, "A": 2},
        "one state or one action: the differences are the same for all actions",
    ),
    Planted(
        "optimality", "better_of_two", 2, {"S": 2, "A": 2},
        "one state: no average; one action: the policies are the same",
    ),
    Planted("optimality", "optimism", 3, {"S": 1, "A": 2}, "one action: pi = mu"),
    Planted("optimality", "subsolution", 3, {"S": 1, "A": 2}, "one action: V_pi is V*"),
    Planted(
        "models", "simulation_gap", 2, {"S": 2, "A": 1}, ONE_STATE,
        thin="only where gamma times the distance is below (1 - gamma) / 49",
    ),
    Planted(
        "models", "simulation_horizon", 2, {"S": 2, "A": 1}, ONE_STATE,
        thin="only for gamma > 98 % and models that differ by less than 2 %",
    ),
    Planted("models", "occupancy_gap", 3, {"S": 2, "A": 1}, ONE_STATE),
    Planted(
        "models", "clipped_gap", 1, {"S": 2, "A": 1}, ONE_STATE,
        thin="only for gamma > 98 % and models that differ by less than 2 %",
    ),
    Planted("models", "between", 2, {"S": 2, "A": 1}, ONE_STATE),
    Planted(
        "online", "hedge", 3, {"S": 2, "|losses|": 1},
        "one state: the potential is minus the loss",
        thin="the constant is 2 per cent too small, false only for eta < 0.35 near (1/2, 1/2)",
    ),
    Planted("online", "three_points", 2, {"S": 2}, ONE_LAW),
    Planted(
        "online", "best_iterate", 2, {"S": 1, "A": 2, "|iterates|": 2},
        "one action: all policies are the same; one iterate: it is the last",
    ),
    Planted(
        "latent", "clipped_bonus", 2, {"S": 2, "A": 1, "Z": 1},
        ONE_STATE, thin="where the total variation is above gamma alone",
    ),
    Planted(
        "latent", "two_steps_back", 2, {"S": 1, "A": 1, "Z": 1}, "none is smaller",
    ),
    Planted(
        "latent", "mean_value", 2, {"S": 3, "A": 1},
        "E_d[V] is linear in the start and the reward: from one of two states, paid in the other,"
        " it is (2 - d(other)) J; paid in the first, at most J",
        thin="only from three states on",
    ),
]  # fmt: skip
