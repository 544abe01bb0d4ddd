"""LV-Rep: Latent Variable Representation for Reinforcement Learning (Ren et al., 2023).

Rewards in [0, 1] per step, discounted; values are totals, in [0, 1/(1-gamma)]. Occupancies are
normalised, as in all proofs of the paper. T is the true model, T_hat the learned one; K is the
kernel's matrix on the latent values (T_k, counting measure), `regular` is lambda. rho_n is the mean
occupancy of pi_0, ..., pi_{n-1}. ||f||_{Sigma} stands for its root, which the text has lost, and so
is ||f||_{H_k}. One module per section of the paper, in its order; `paper` lists every statement.

The seed is an extraction that lost radical signs, hats, tildes and bars of fractions. A reading
"literal" is what is printed there; it is an erratum of the paper only where the reading that its
proof and the rest of the paper force falls, too.
"""
