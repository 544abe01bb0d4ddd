"""Slow twins for latent MDPs, history by history, in the standard library's fractions."""

from fractions import Fraction
from itertools import product


def plain(table):
    """A table of exact entries as nested lists of fractions."""
    if getattr(table, "ndim", 0):
        return [plain(row) for row in table]
    return Fraction(int(table.p), int(table.q)) if hasattr(table, "p") else Fraction(int(table))


class Plain:
    """A latent MDP as nested lists."""

    def __init__(self, W):
        self.w, self.nu, self.P = plain(W.w), plain(W.nu), plain(W.P)
        self.palette, self.labels = plain(W.palette), W.labels.tolist()
        self.M, self.S, self.A, self.H = W.M, W.S, W.A, W.H

    def starts(self):
        """Each first state that can happen, with its joint weights."""
        for s in range(self.S):
            joint = [self.w[m] * self.nu[m][s] for m in range(self.M)]
            if any(joint):
                yield s, joint

    def paid(self, s, joint, a):
        """The expected reward, times the weight."""
        return sum(c * self.palette[self.labels[m][s][a]] for m, c in enumerate(joint))

    def after(self, s, joint, a):
        """Each label and next state that can come, with its joint weights."""
        for label in range(len(self.palette)):
            for following in range(self.S):
                grown = [
                    c * self.P[m][s][a][following] * (self.labels[m][s][a] == label)
                    for m, c in enumerate(joint)
                ]
                if any(grown):
                    yield label, following, grown


def optimum(W):
    """The optimal value by expectimax over the tree of histories, nothing merged."""
    world = Plain(W)

    def best(t, s, joint):
        if t > world.H:
            return 0
        return max(
            world.paid(s, joint, a)
            + (t < world.H and sum(best(t + 1, x, c) for _, x, c in world.after(s, joint, a)))
            for a in range(world.A)
        )

    return sum(best(1, s, joint) for s, joint in world.starts())


def all_moments(W):
    """(E X, E X^2) of every deterministic history-dependent policy, as a set."""
    world = Plain(W)

    def pairs(t, s, joint, before):
        found = set()
        for a in range(world.A):
            if t == world.H:
                totals = [before + world.palette[world.labels[m][s][a]] for m in range(world.M)]
                both = zip(joint, totals, strict=True)
                found.add(tuple(map(sum, zip(*((c * x, c * x * x) for c, x in both), strict=True))))
                continue
            parts = [
                pairs(t + 1, x, c, before + world.palette[label])
                for label, x, c in world.after(s, joint, a)
            ]
            found |= added(parts)
        return found

    return added([pairs(1, s, joint, Fraction(0)) for s, joint in world.starts()])


def added(parts):
    """All sums of one pair of each part."""
    found = {(Fraction(0), Fraction(0))}
    for part in parts:
        found = {(x + u, y + v) for (x, y), (u, v) in product(found, part)}
    return found
