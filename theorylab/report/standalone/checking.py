"""Relations, their decision, and the check of an instance: what check.py does.

A line of a claim is a tuple (kind, left, right, reason), to which its decision is joined: True,
False, or None where enclosures leave it open.
"""

import json
import os
import sys

from theorylab.report.standalone.tables import Table, entries, exact, require, shape_of

SIGNS = {"equal": "=", "at_most": "<="}


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
    """Whether left = right, or left <= right, in all entries."""
    pairs = zip(entries(left), entries(right))
    return all(x == y if kind == "equal" else x <= y for x, y in pairs)


def shown(x):
    """A side as text: "3/4", or "['3/4', '1']"."""
    return str(nested(x)) if isinstance(x, Table) else str(x)


def nested(x):
    """A table as nested lists of texts."""
    return [nested(row) for row in x] if isinstance(x, Table) else shown(x)


def same(x, text):
    """Whether a side is the one of the file."""
    return shown(x) == text


def judged(record, domain, claim):
    """The claim's lines with their decisions at a file's instance, which must lie in its domain."""
    instance, sizes = record["instance"], {}
    require(set(instance) == set(domain), f"the instance does not have {', '.join(domain)}")
    objects = {n: read(instance[n], n, sizes, instance) for n, read in domain.items()}
    require(sizes == record["sizes"], f"the sizes are {sizes}")
    relation = claim(**objects)
    lines = every(*relation).lines if isinstance(relation, tuple) else relation.lines
    return [(*line, decide(*line[:3])) for line in lines]


def check(record, claim, domain, about):
    """Print every line of the claim; ValueError unless the file says the same of them."""
    alike = all(record[key] == text for key, text in about.items())
    require(alike, "the file is for another statement, or of another kind")
    lines = judged(record, domain, claim)
    for k, (relation, left, right, because, holds) in enumerate(lines, 1):
        words = {True: "holds", False: "FAILS", None: "left open by the enclosures"}
        head = f"line {k} of {len(lines)} {because!a}: left {SIGNS[relation]} right"
        print(f"{head} {words[holds]}")
        print(f"  left  = {shown(left)}\n  right = {shown(right)}")
    require(record["line"] in range(1, len(lines) + 1), f"the statement has {len(lines)} lines")
    relation, left, right, because, _ = lines[record["line"] - 1]
    alike = (record["relation"], record["because"]) == (relation, because)
    require(alike, "the file names another line or relation")
    alike = same(left, record["lhs"]) and same(right, record["rhs"])
    require(alike, "the sides in the file are not those of its instance")
    failed = [k for k, line in enumerate(lines, 1) if line[-1] is False]
    as_stated = record["line"] in failed if about["kind"] == "counterexample" else not failed
    require(as_stated, f"lines that fail here: {failed}")


def main(claim, domain, about):
    """Check the file beside this one, or the one named: 0 when it is confirmed, else 1."""
    beside = os.path.join(os.path.dirname(__file__), f"{about['kind']}.json")
    try:
        with open(sys.argv[1] if len(sys.argv) > 1 else beside, "rb") as file:
            check(json.load(file), claim, domain, about)
    except Exception as error:  # whatever a file may hold, it is rejected
        print(f"rejected: {type(error).__name__}: {ascii(str(error))[1:-1]}")
        return 1
    print(f"confirmed: the {about['kind']} for {about['label']!a} is as stated")
    return 0
