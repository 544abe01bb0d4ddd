"""LMDP: Horizon-Free and Variance-Dependent RL for Latent MDPs (Zhou, Wang, Du, 2023).

Rewards; the total of an episode is at most 1 on every trajectory. W is the latent MDP, its contexts
are m = 0, ..., M-1, steps are t = 1, ..., H. iota is written `iota`, an index of a row p, p_hat, n
stands for (m, s, a, k). One module per section of the paper, in its order; `paper` lists every
numbered statement.
"""
