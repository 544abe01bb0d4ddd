"""Mutants of Section 5 and of Appendices B.3 and B.4 that were not broken: one decision for each kind.

A pattern is a glob on the words of the change, on "function: change" or on "claim/function: change".
"""

DECIDED_SECOND: dict[str, str] = {}
