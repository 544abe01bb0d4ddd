"""Relations and their decision.

A line of a claim is a tuple (kind, left, right, reason). Its decision is True, False, None where
enclosures leave it open, or "void" where a side is infinite and nothing is said.
"""

from theorylab.report.standalone.tables import Table, entries, exact, require, shape_of


class Relation:
    """The lines of a relation; those of a chain follow from `last`."""

    def __init__(self, lines, last=None):
        self.lines, self.last = lines, last

    def equal(self, right, because=""):
        """The next line equals the last one."""
        return self.followed("equal", right, because)

    def at_most(self, right, because=""):
        """The last line is at most the next one."""
        return self.followed("at_most", right, because)

    def at_least(self, right, because=""):
        """The last line is at least the next one."""
        return Relation([*self.lines, *at_most(right, self.last, because).lines], right)

    def followed(self, kind, right, because):
        """The relation with one more line."""
        require(shape_of(self.last) == shape_of(right), "the sides have different shapes")
        _ = [exact(x) for x in entries(self.last) + entries(right)]
        return Relation([*self.lines, (kind, self.last, right, because)], right)


def chain(first):
    """A proof, from its first line."""
    return Relation([], first)


def equal(left, right, because=""):
    """left = right."""
    return chain(left).equal(right, because)


def at_most(left, right, because=""):
    """left <= right."""
    return chain(left).at_most(right, because)


def at_least(left, right, because=""):
    """left >= right."""
    return at_most(right, left, because)


def every(*relations):
    """All of the relations."""
    return Relation([line for relation in relations for line in relation.lines])


def assume(relation, name):
    """A hypothesis, which must certainly hold at the instance."""
    for kind, left, right, _ in relation.lines:
        require(decide(kind, left, right), f"the hypothesis {name!r} does not hold here")


def decide(kind, left, right):
    """Whether left = right, or left <= right, in all entries; None where one leaves it open."""
    found = [holds(kind, x, y) for x, y in zip(entries(left), entries(right))]
    return False if False in found else None if None in found else True


def holds(kind, x, y):
    """Whether x = y, or x <= y."""
    return x == y if kind == "equal" else x <= y


def shown(x):
    """A side as text: "3/4", or "['3/4', '1']"."""
    return str(nested(x)) if isinstance(x, Table) else str(x)


def nested(x):
    """A table as nested lists of texts."""
    return [nested(row) for row in x] if isinstance(x, Table) else shown(x)


def same(x, text):
    """Whether a side is the one of the file."""
    return shown(x) == text
