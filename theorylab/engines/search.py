"""The search engine: inequalities pushed to their worst case.

Uniform sampling misses bounds that are false by little or in a corner. For each inequality a
population of instances (as integers, so that every member is exact) climbs towards the smallest
slack in proportion to the sides. It begins with random and with structured ones (`population`); the
best are kept, and vary; then some climb by their gradient in continuous tables (`ascent`), are
rounded to integers again, and the population goes on from there (`climbing`). What looks broken is
judged exactly. The tightest instance is evaluated exactly, shrunk, and followed to the limits of
its parameters and to more states (`tightness`, `limits`, `growth`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from theorylab.claims import Claim
from theorylab.engines.budget import Budget
from theorylab.engines.climbing import Search, visit
from theorylab.engines.floats import CONFIRMED, judge_suspect
from theorylab.engines.judging import generator, rigorous, visited
from theorylab.engines.limits import followed
from theorylab.engines.many_states import grown
from theorylab.engines.tightness import shrunk, tightness, words
from theorylab.errors import Unsupported
from theorylab.verdicts import Evidence, Tightness


def search(claim: Claim, budget: Budget, seed: int) -> Evidence:
    """Climb towards the worst case of every inequality of the claim."""
    this = Search(claim, budget, generator(claim, "search", seed))
    try:
        for sizes in visited(claim, budget):
            visit(this, sizes)
    except Unsupported as error:
        return Evidence("search", None, str(error), seed=seed)
    if not this.at_work and not this.tally.broken:
        note = "nothing to climb: identities are for certificate and symbolic"
        return Evidence("search", None, note, seed=seed)
    found = _tightest(this)
    evidence = this.tally.evidence("search", seed, _words(this, found), CONFIRMED)
    return replace(evidence, tightness=found)


def _words(this: Search, found: Sequence[Tightness]) -> str:
    text = f"{this.tally.kept} climbing instances not refuted"
    if found:
        text += f", {words(found)}"
    if this.discounted:
        text += "; discounts up to 1 - 1e-6"
    return text + (f"; no gradient: {this.without_gradient}" if this.without_gradient else "")


def _tightest(this: Search) -> tuple[Tightness, ...]:
    """The tightest instance of each inequality that stands, shrunk, with its limit; a path to a
    limit on which the inequality breaks refutes it."""
    found, decide = [], rigorous(this.budget)
    for link in sorted(this.extremes):
        growth = None if link in this.tally.broken else grown(this, link)
        if link in this.tally.broken:
            continue
        small = shrunk(this.claim, this.extremes[link], link, decide)
        if small.entry.broken:
            judge_suspect(this.claim, small.sizes, [*small.numbers], link, this.budget, this.tally)
            continue
        path = followed(this.claim, small, link, decide)
        this.effort[link] += path.tried
        if path.broken is not None:
            this.tally.broken[link] = path.broken
            continue
        limit = max(filter(None, (growth, path.limit)), key=lambda x: x.ratio, default=None)
        found.append(tightness(this.claim, small, link, this.effort[link], limit))
    return tuple(found)
