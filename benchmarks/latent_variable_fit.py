"""The speed of EM for latent-variable models: compiled against arrays.

    plain      `theorylab.theory.elbo.em_step`, tables of shape (S, A, S, Z)
    compiled   one step of `latent_variable_kernels.run`, over the transitions that were seen

S A = 200 pairs, Z = 8; counts are those of 20 transitions from every pair. CPU seconds a step,
medians of five; compiling is not counted.

Run: OMP_NUM_THREADS=1 python -m benchmarks.latent_variable_fit
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

from theorylab.algorithms import latent_variable_kernels as kernels
from theorylab.theory.elbo import em_step

S, A, Z, DRAWS, STEPS = 100, 2, 8, 20, 20


def median_time(run: Callable[[], object]) -> float:
    """The median CPU time of five runs, after one that is not counted."""
    run()
    times = []
    for _ in range(5):
        begun = time.process_time()
        run()
        times.append(time.process_time() - begun)
    return statistics.median(times)


def main() -> None:
    rng = np.random.default_rng(0)
    latents, emissions = rng.dirichlet(np.ones(Z), (S, A)), rng.dirichlet(np.ones(S), Z)
    counts = rng.multinomial(DRAWS, latents @ emissions).astype(float)
    seen = np.argwhere(counts > 0)
    data = (seen[:, 0] * A + seen[:, 1], seen[:, 2].copy(), counts[tuple(seen.T)])

    def compiled() -> None:
        p, e = latents.reshape(S * A, Z).copy(), emissions.T.copy()
        kernels.run(*data, p, e, STEPS, 0.0)

    plain = median_time(lambda: em_step(latents, emissions, counts))
    fast = median_time(compiled) / STEPS
    print(f"{S * A} pairs, Z = {Z}, {len(seen)} transitions of {int(counts.sum())} seen")
    print(f"plain {plain * 1e3:.2f} ms, compiled {fast * 1e3:.3f} ms a step: {plain / fast:.0f} x")


if __name__ == "__main__":
    main()
