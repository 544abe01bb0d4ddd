"""LAMPS: The Virtues of Laziness in Model-based RL (Vemula, Song, Singh, Bagnell, Choudhury, 2023).

Costs in [0, 1]; M is the real world M*, M_hat the learned model. J and V are totals of discounted
cost; d and D are normalised occupancies with D^0 = start x pi (see section_3 for the other reading).
One module per section of the paper, in its order; `paper` lists every numbered statement.
"""
