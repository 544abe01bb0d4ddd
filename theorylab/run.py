"""One straight path: plan, run, judge, compare.

    plan (claims x engines) -> tasks -> Evidence (in-process, or on dask workers) -> Verdict

A task is named by claim, engine, budget and seed alone, so its evidence is the same whichever
process runs it, and the verdicts do not depend on the number of workers. The engines that sample
run after the others, and only where these have left something to find (`engines.needless`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from theorylab.claims import Claim, make_claim
from theorylab.engines import ANALYSES, BUDGETS, ENGINES, Budget
from theorylab.engines.needless import LATER, needless
from theorylab.engines.smallest import smaller, smallest, with_smaller
from theorylab.errors import ClaimError, EngineError, InvalidArgument, TheorylabError
from theorylab.loading import Library, load
from theorylab.verdicts import Counterexample, Evidence, Outcome, Verdict, judge
from theorylab.workers import Workers, workers


@dataclass(frozen=True)
class Task:
    """One engine on one claim."""

    path: Path
    claim: str
    engine: str
    budget: str
    seed: int


@dataclass(frozen=True)
class Shrinking:
    """The hunt for a smaller counterexample to one claim than the one known."""

    path: Path
    claim: str
    budget: str
    seed: int
    known: Counterexample


@dataclass(frozen=True)
class Result:
    """A claim with its verdict, and the file or folder that it came from."""

    claim: Claim
    verdict: Verdict
    source: Path


def verify(
    claim: Any,
    *,
    budget: str = "quick",
    seed: int = 0,
    engines: Sequence[str] | None = None,
    hypotheses: bool = False,
) -> Verdict:
    """Judge one claim in this process: a claim, or a plain function that returns a relation.

    `hypotheses` asks also which hypotheses the claim needs. Raises ClaimError when it is not
    written as a claim.
    """
    label = getattr(claim, "__name__", "")
    subject = claim if isinstance(claim, Claim) else make_claim(claim, "mine", label)
    names = _names(engines, hypotheses)
    limits = BUDGETS[check_budget(budget)]
    check_seed(seed)
    evidence: list[Evidence] = []
    for name in names:
        reason = needless(name, evidence)
        evidence.append(
            _run_engine(name, subject, limits, seed)
            if reason is None
            else _left_out(name, reason, seed)
        )
    return smallest(subject, judge(evidence), limits, seed)


def _names(engines: Sequence[str] | None, hypotheses: bool) -> list[str]:
    """The engines and analyses to run on each claim."""
    return check_engines(engines) + (list(ANALYSES) if hypotheses else [])


def check_engines(names: Sequence[str] | None) -> list[str]:
    """The engines of these names, all when None; EngineError for an unknown one."""
    for name in names or ():
        if name not in ENGINES:
            raise EngineError(f"engine {name!r} is unknown, expected one of {', '.join(ENGINES)}")
    return [name for name in ENGINES if not names or name in names]


def check_budget(name: str) -> str:
    """The budget's name; InvalidArgument for an unknown one."""
    if name not in BUDGETS:
        raise InvalidArgument(f"budget {name!r} is unknown, expected one of {', '.join(BUDGETS)}")
    return name


def check_seed(seed: int) -> int:
    """The seed; InvalidArgument for a negative one."""
    if seed < 0:
        raise InvalidArgument(f"seed is {seed}, expected at least 0")
    return seed


def select(library: Library, pattern: str | None) -> list[Claim]:
    """The claims whose id, name or label matches a glob; InvalidArgument when none does."""
    if pattern is None:
        return list(library.claims)
    found = [
        c for c in library.claims if any(fnmatchcase(n, pattern) for n in (c.id, c.name, c.label))
    ]
    return found


def verify_all(
    libraries: Iterable[tuple[Library, list[Claim]]],
    *,
    budget: str,
    seed: int,
    engines: Sequence[str] | None = None,
    hypotheses: bool = False,
    jobs: int = 1,
    progress: Callable[[Task], None] = lambda task: None,
) -> list[Result]:
    """Judge all claims; `jobs` above 1 runs on a local dask cluster, with the same evidence."""
    names = _names(engines, hypotheses)
    check_budget(budget)
    check_seed(seed)
    libraries = list(libraries)
    _LOADED.update({library.path.resolve(): library for library, _ in libraries})
    chosen = [(library, claim) for library, claims in libraries for claim in claims]
    tasks = [
        Task(library.path, claim.id, name, budget, seed)
        for library, claim in chosen
        for name in names
    ]
    with workers(jobs) as pool:
        evidence = _all_evidence(pool, [_absolute(task) for task in tasks], progress)
        own = (evidence[k : k + len(names)] for k in range(0, len(evidence), len(names)))
        verdicts = _made_smaller(pool, chosen, [judge(found) for found in own], budget, seed)
    return [
        Result(claim, verdict, library.path)
        for (library, claim), verdict in zip(chosen, verdicts, strict=True)
    ]


def _all_evidence(
    pool: Workers, tasks: list[Task], progress: Callable[[Task], None]
) -> list[Evidence]:
    """The evidence of each task; the engines of `LATER` only where the others left something."""
    first = [task for task in tasks if task.engine not in LATER]
    evidence = dict(zip(first, _run(pool, first, progress), strict=True))
    earlier: dict[tuple[Path, str], list[Evidence]] = {}
    for task, found in evidence.items():
        earlier.setdefault((task.path, task.claim), []).append(found)
    later = []
    for task in tasks:
        reason = needless(task.engine, earlier.get((task.path, task.claim), ()))
        if task.engine in LATER and reason is not None:
            evidence[task] = _left_out(task.engine, reason, task.seed)
            progress(task)
        elif task.engine in LATER:
            later.append(task)
    evidence.update(zip(later, _run(pool, later, progress), strict=True))
    return [evidence[task] for task in tasks]


def _left_out(engine: str, reason: str, seed: int) -> Evidence:
    return Evidence(engine, None, reason, seed=seed)


def _made_smaller(
    pool: Workers,
    chosen: list[tuple[Library, Claim]],
    verdicts: list[Verdict],
    budget: str,
    seed: int,
) -> list[Verdict]:
    """The verdicts with smaller counterexamples where they are found."""
    places = [k for k, verdict in enumerate(verdicts) if verdict.counterexample is not None]
    hunts = [
        _absolute(Shrinking(chosen[k][0].path, chosen[k][1].id, budget, seed, known))
        for k in places
        if (known := verdicts[k].counterexample) is not None
    ]
    found = dict(zip(places, pool.each(run_shrinking, hunts), strict=True))
    return [with_smaller(verdict, found.get(k)) for k, verdict in enumerate(verdicts)]


def run_tasks(
    tasks: list[Task], jobs: int, progress: Callable[[Task], None] = lambda task: None
) -> list[Evidence]:
    """The evidence of each task, in the order of the tasks."""
    with workers(jobs) as pool:
        return _run(pool, [_absolute(task) for task in tasks], progress)


LONGEST = ("probability", "positivity", "exact", "search", "sweep", "exhaustive")
"""Engines whose tasks may take long, in the order in which workers begin them."""


def _run(pool: Workers, tasks: list[Task], progress: Callable[[Task], None]) -> list[Evidence]:
    """The evidence of each task. Workers begin with what takes long, so that all end together."""
    order = list(range(len(tasks)))
    if pool.client is not None:
        order.sort(key=lambda k: (*LONGEST, tasks[k].engine).index(tasks[k].engine))
    evidence: list[Any] = [None] * len(tasks)
    for place, result in pool.completed(run_task, [tasks[k] for k in order]):
        task = tasks[order[place]]
        evidence[order[place]] = _gathered(result, task)
        progress(task)
    return evidence


def _absolute(task: Any) -> Any:
    """The task with a path that every process understands."""
    return replace(task, path=task.path.resolve())


_LOADED: dict[Path, Library] = {}


def run_task(task: Task) -> Evidence:
    """Run one engine on one claim; a crash of the engine is evidence of nothing, with its cause.

    A claim at fault is evidence, too, so that the other claims are still judged.
    """
    claim = _claim_of(task)
    try:
        return _run_engine(task.engine, claim, BUDGETS[task.budget], task.seed)
    except (ClaimError, InvalidArgument) as error:
        note = str(error) if str(error).startswith(claim.id) else f"{claim.id}: {error}"
        return Evidence(task.engine, Outcome.UNDECIDED, note, seed=task.seed, faulty=True)


def run_shrinking(hunt: Shrinking) -> Counterexample | None:
    """A counterexample at a smaller shape, if one is found."""
    return smaller(_claim_of(hunt), hunt.known, BUDGETS[hunt.budget], hunt.seed)


def _claim_of(task: Task | Shrinking) -> Claim:
    """The claim that a task names; its file is loaded once in each process."""
    if task.path not in _LOADED:
        _LOADED[task.path] = load(task.path)
    return next(c for c in _LOADED[task.path].claims if c.id == task.claim)


def _run_engine(name: str, claim: Claim, budget: Budget, seed: int) -> Evidence:
    try:
        return {**ENGINES, **ANALYSES}[name](claim, budget, seed)
    except TheorylabError:
        raise
    except Exception as error:
        return _crashed(name, seed, f"{type(error).__name__}: {error}")


def _crashed(engine: str, seed: int, cause: str) -> Evidence:
    return Evidence(engine, Outcome.UNDECIDED, f"crashed ({cause})", seed=seed)


def _gathered(result: Callable[[], Evidence], task: Task) -> Evidence:
    try:
        return result()
    except TheorylabError:
        raise
    except Exception as error:  # a worker that died: the task is named, the others go on
        return _crashed(task.engine, task.seed, f"{type(error).__name__}: {error}")
