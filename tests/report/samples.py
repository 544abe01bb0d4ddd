"""Values for the keys of a record that engines fill only in longer runs, as those would fill them.

entry = tightness(INSTANCE)         in claim["tightness"]
HISTOGRAM, MUTANTS, CERTIFICATE     in claim["histogram"], claim["mutants"], evidence
hypotheses(counterexample)          in claim["hypotheses"]
"""

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
    "parameter": "gamma",
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
