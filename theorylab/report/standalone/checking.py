"""The check of an instance, which check.py prints."""

import json
import os
import sys

from theorylab.report.standalone.relations import decide, every, same, shown
from theorylab.report.standalone.tables import require

SIGNS = {"equal": "=", "at_most": "<="}
WORDS = {True: "holds", False: "FAILS", None: "is left open", "void": "is void: infinite"}


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
    for k, (relation, left, right, because, outcome) in enumerate(lines, 1):
        head = f"line {k} of {len(lines)} {because!a}: left {SIGNS[relation]} right"
        print(f"{head} {WORDS[outcome]}\n  left  = {shown(left)}\n  right = {shown(right)}")
    require(record["line"] in range(1, len(lines) + 1), f"the statement has {len(lines)} lines")
    relation, left, right, because, outcome = lines[record["line"] - 1]
    alike = (record["relation"], record["because"]) == (relation, because)
    require(alike, "the file names another line or relation")
    alike = same(left, record["lhs"]) and same(right, record["rhs"])
    require(alike, "the sides in the file are not those of its instance")
    if about["kind"] == "counterexample":
        require(outcome is False, "the line that the file names does not fail here")
    else:
        bad = [k for k, line in enumerate(lines, 1) if line[-1] in (False, "void")]
        require(not bad, f"lines that fail or are void here: {bad}")


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
