"""Records for the tests of reports, and pages as a browser's parser finds them.

full_record()                       a small run, as one of before tightness and mutants
enriched(record)                    the same with the values that longer runs fill in
everywhere(canary)                  the same with the canary in every text
tightness(INSTANCE)                 an entry of claim["tightness"]
HISTOGRAM, MUTANTS, CERTIFICATE     values of claim["histogram"], claim["mutants"], evidence
hypotheses(counterexample)          a value of claim["hypotheses"]
"""

from html.parser import HTMLParser

from theorylab.report.html import write_report

CANARY = '<script>alert(1)</script>"><img onerror=x>'
VOID = {"meta", "img", "br", "path", "circle", "rect"}


class Page(HTMLParser):
    """The elements of a page, as a browser's parser finds them."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.open = [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert tag in VOID or self.open.pop() == tag

    def all(self, name):
        return [a[name] for _, a in self.elements if name in a]


def made(record, out):
    text = write_report(record, out).read_text(encoding="utf-8")
    return text, Page(text)


def section(text, begin, end):
    """What stands between two texts."""
    return text[text.index(begin) : text.index(end)]


def evidence(engine, outcome, **more):
    known = {
        "engine": engine,
        "outcome": outcome,
        "note": "360 instances not refuted",
        "tried": 400,
        "kept": 360,
        "undecided": 0,
        "undefined": 0,
        "worst_slack": -0.0,
        "failure_probability": None,
        "shapes": [{"A": 2, "S": 1}],
        "broken_lines": [],
        "seed": 0,
    }
    return {**known, **more}


INSTANCE = {
    "M": {
        "kind": "MDP",
        "P": [[["1/2", "1/2"]], [["0", "1"]]],
        "payoff": [["1"], ["0"]],
        "gamma": "1/2",
        "start": ["1", "0"],
        "sense": "cost",
    },
    "pi": {"kind": "Policy", "probabilities": [["1"], ["1"]]},
    "nu": {"kind": "table", "entries": [["1/4"], ["3/4"]]},
    "Pi": {"kind": "tuple", "items": [{"kind": "Policy", "probabilities": [["1"], ["1"]]}]},
    "n": {"kind": "integer", "value": 3},
}
CODE = '''
@paper.claim("Lemma 1")
def lemma(M: MDP, pi: Policy, n: Integer(1, 3)):
    r"""J \\\\le V"""
    x = J(M, pi)
    return chain(x).equal(x + 0, "add").at_most(x - 1, because="wrong")
'''


def claim(name, **more):
    return {
        "id": f"mine.{name}",
        "paper": "mine",
        "label": "Lemma 1",
        "title": "a lemma",
        "reading": "printed",
        "statement": r"J(\pi) \le \frac{1}{1-\gamma}",
        "statement_hash": "0",
        "parameters": {"n": "Integer(low=1, high=3)", "M": "MDP", "pi": "Policy"},
        "code": CODE,
        "verdict": "supported",
        "grade": "exact: 360 instances not refuted",
        "evidence": [evidence("exact", "supported"), evidence("sweep", "supported")],
        "ledger": {"status": "same", "note": ""},
        **more,
    }


def refuted(name, **more):
    found = {
        "sizes": {"A": 1, "S": 2},
        "instance": INSTANCE,
        "line": 2,
        "because": "wrong",
        "relation": "at_most",
        "lhs": "5/7",
        "rhs": "-11/13",
    }
    return claim(name, verdict="refuted", counterexample=found, broken_lines=[2], **more)


def run(*claims, papers=()):
    return {
        "schema": 1,
        "budget": "quick",
        "seed": 0,
        "versions": {"numpy": "2", "theorylab": "0.1.0"},
        "claims": list(claims),
        "papers": list(papers),
    }


def full_record():
    paper = {
        "name": "mine",
        "title": "On lemmas",
        "statements": {"Lemma 1": "a lemma", "(2)": "two", "(10)": "ten", "(3)": "three"},
        "waived": {"(10)": "a definition", "(2)": "a name"},
    }
    corrected = claim("right", reading="corrected", corrects="wrong", because=r"\gamma is missing")
    false = [refuted("wrong"), refuted("other", reading="reading B")]
    return run(claim("first"), *false, corrected, papers=[paper])


HISTOGRAM = {
    "edges": [-0.25, 0.0, 0.25, 0.5, 0.75, 1.0],
    "counts": [2, 31, 5000, 0, 120],
}

MUTANTS = {
    "killed": 3,
    "equivalent": 1,
    "implied": 1,
    "sharper": 1,
    "survived": 1,
    "open": 1,
    "list": [
        {
            "change": "drop factor gamma",
            "line": 12,
            "fate": "killed",
            "by": "exact",
            "decision": None,
            "counterexample": {"sizes": {"A": 1, "S": 2}, "numbers": [0, 1, 2]},
        },
        {
            "change": "3 -> 2",
            "line": 13,
            "fate": "survived",
            "by": "certificate",
            "decision": None,
            "counterexample": None,
        },
        {
            "change": "tighten the bound by 1 %",
            "line": 14,
            "fate": "sharper",
            "by": "slack",
            "decision": "the sharper form is a claim of its own",
            "counterexample": None,
        },
    ],
}

CERTIFICATE = {
    "kind": "bernstein",
    "shape": {"S": 2, "A": 1},
    "coefficients": 10368,
    "cases": [
        {"signs": "+-", "coefficients": 2592, "smallest": "0", "largest": "3/4"},
        {"signs": "--", "coefficients": 2592, "smallest": "1/8", "largest": "1"},
    ],
}

LIMIT = {
    "parameter": "gamma -> 1",
    "ratio": 0.998,
    "interval": [0.99, 1.003],
    "path": [{"at": "1/2", "ratio": 0.5}, {"at": "9/10", "ratio": 0.9}],
}


def tightness(instance, **more):
    """An entry of claim["tightness"]."""
    known = {
        "line": 1,
        "because": "",
        "ratio": 0.5,
        "attained": False,
        "sizes": {"A": 1, "S": 2},
        "instance": instance,
        "lhs": "17/19",
        "rhs": "34/19",
        "effort": 28800,
        "limit": None,
    }
    return {**known, **more}


def hypotheses(counterexample):
    """Entries of claim["hypotheses"]: one needed, one idle, one undecided."""
    return [
        {
            "name": "nu covers the expert",
            "status": "needed",
            "note": "broken at S=2 A=1 without it",
            "counterexample": counterexample,
        },
        {"name": "costs are at most 1", "status": "idle", "note": "", "counterexample": None},
        {"name": "A is odd", "status": "undecided", "note": "", "counterexample": None},
    ]


def enriched(record):
    """A run in which every claim has been searched, mutated and so on; the numbers are made up."""
    return {**record, "claims": [_enriched(k, c) for k, c in enumerate(record["claims"])]}


def _enriched(k, claim):
    found = claim.get("counterexample")
    instance = found["instance"] if found else {}
    entries = [
        tightness(instance, ratio=1.0, attained=True, lhs="3/4", rhs="3/4"),
        tightness(instance, line=2, because="Hoelder", limit=LIMIT),
    ]
    return {
        **claim,
        "tightness": entries if k % 3 == 0 else entries[:1],
        "histogram": HISTOGRAM,
        "hypotheses": hypotheses(found) if k % 2 == 0 else [],
        "mutants": MUTANTS,
        "evidence": [
            {**e, "certificate": CERTIFICATE if e["engine"] == "exact" else None}
            for e in claim["evidence"]
        ],
    }


def poisoned(value, canary=CANARY):
    """The same record with the canary in every text: keys of open mappings and values."""
    if isinstance(value, dict):
        return {k: poisoned(v, canary) for k, v in value.items()}
    if isinstance(value, list):
        return [poisoned(v, canary) for v in value]
    return f"{value}{canary}" if isinstance(value, str) else value


def everywhere(canary=CANARY):
    """Two records: words keep their meaning in one; in the other each text is poisoned."""
    record = enriched(full_record())
    kept = poisoned(record, canary)
    for bad, good in zip(kept["claims"], record["claims"], strict=True):
        bad["verdict"], bad["parameters"] = good["verdict"], {canary: canary}
        bad["reading"] = good["reading"] if good["reading"] == "printed" else bad["reading"]
        for e in bad["evidence"]:
            e["outcome"], e["shapes"] = "supported", [{canary: 1}]
        if "counterexample" in good:
            bad["counterexample"]["instance"] = {canary: INSTANCE["M"], "M": canary}
            bad["counterexample"]["sizes"] = {canary: 2}
        bad["mutants"]["list"][0]["fate"], bad["mutants"]["list"][1]["fate"] = "killed", "survived"
        bad["tightness"][0]["sizes"], bad["tightness"][0]["instance"] = (
            {canary: 1},
            {canary: canary},
        )
    kept["versions"], kept["papers"][0]["waived"] = {canary: canary}, {canary: canary}
    kept["papers"][0]["statements"] = {canary: canary, f"missing {canary}": ""}
    return [kept, poisoned(record, canary)]
