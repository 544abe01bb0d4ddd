"""One straight path: plan, run, judge, compare.

    plan (claims x engines) -> tasks -> Evidence (in-process, or on dask workers) -> Verdict

A task is named by claim, engine, budget and seed alone, so its evidence is the same whichever
process runs it, and the verdicts do not depend on the number of workers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from theorylab.claims import Claim, make_claim
from theorylab.engines import BUDGETS, ENGINES, Budget
from theorylab.engines.smallest import smallest
from theorylab.errors import ClaimError, EngineError, InvalidArgument, TheorylabError
from theorylab.loading import Library, load
from theorylab.verdicts import Evidence, Outcome, Verdict, judge


@dataclass(frozen=True)
class Task:
    """One engine on one claim."""

    path: Path
    claim: str
    engine: str
    budget: str
    seed: int


@dataclass(frozen=True)
class Result:
    """A claim with its verdict, and the file or folder that it came from."""

    claim: Claim
    verdict: Verdict
    source: Path


def verify(
    claim: Any, *, budget: str = "quick", seed: int = 0, engines: Sequence[str] | None = None
) -> Verdict:
    """Judge one claim in this process: a claim, or a plain function that returns a relation.

    Raises ClaimError when it is not written as a claim.
    """
    label = getattr(claim, "__name__", "")
    subject = claim if isinstance(claim, Claim) else make_claim(claim, "mine", label)
    names = check_engines(engines)
    limits = BUDGETS[check_budget(budget)]
    check_seed(seed)
    verdict = judge([_run_engine(name, subject, limits, seed) for name in names])
    return smallest(subject, verdict, limits, seed)


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
    jobs: int = 1,
    progress: Callable[[Task], None] = lambda task: None,
) -> list[Result]:
    """Judge all claims; `jobs` above 1 runs on a local dask cluster, with the same evidence."""
    names = check_engines(engines)
    check_budget(budget)
    check_seed(seed)
    libraries = list(libraries)
    _LOADED.update({library.path: library for library, _ in libraries})
    chosen = [(library, claim) for library, claims in libraries for claim in claims]
    tasks = [
        Task(library.path, claim.id, name, budget, seed)
        for library, claim in chosen
        for name in names
    ]
    evidence = run_tasks(tasks, jobs, progress)
    results = []
    for k, (library, claim) in enumerate(chosen):
        own = evidence[k * len(names) : (k + 1) * len(names)]
        verdict = smallest(claim, judge(own), BUDGETS[budget], seed)
        results.append(Result(claim, verdict, library.path))
    return results


def run_tasks(
    tasks: list[Task], jobs: int, progress: Callable[[Task], None] = lambda task: None
) -> list[Evidence]:
    """The evidence of each task, in the order of the tasks."""
    if jobs < 1:
        raise InvalidArgument(f"jobs is {jobs}, expected at least 1")
    if jobs == 1:
        return [_reported(task, run_task(task), progress) for task in tasks]
    return _run_on_cluster(tasks, jobs, progress)


def _reported(task: Task, evidence: Evidence, progress: Callable[[Task], None]) -> Evidence:
    progress(task)
    return evidence


_LOADED: dict[Path, Library] = {}


def run_task(task: Task) -> Evidence:
    """Run one engine on one claim; a crash of the engine is evidence of nothing, with its cause.

    A claim at fault is evidence, too, so that the other claims are still judged.
    """
    if task.path not in _LOADED:
        _LOADED[task.path] = load(task.path)
    claim = next(c for c in _LOADED[task.path].claims if c.id == task.claim)
    try:
        return _run_engine(task.engine, claim, BUDGETS[task.budget], task.seed)
    except (ClaimError, InvalidArgument) as error:
        note = str(error) if str(error).startswith(claim.id) else f"{claim.id}: {error}"
        return Evidence(task.engine, Outcome.UNDECIDED, note, seed=task.seed, faulty=True)


def _run_engine(name: str, claim: Claim, budget: Budget, seed: int) -> Evidence:
    try:
        return ENGINES[name](claim, budget, seed)
    except TheorylabError:
        raise
    except Exception as error:
        return _crashed(name, seed, f"{type(error).__name__}: {error}")


def _crashed(engine: str, seed: int, cause: str) -> Evidence:
    return Evidence(engine, Outcome.UNDECIDED, f"crashed ({cause})", seed=seed)


def _run_on_cluster(
    tasks: list[Task], jobs: int, progress: Callable[[Task], None]
) -> list[Evidence]:
    with _client(jobs) as client:
        absolute = [replace(task, path=task.path.resolve()) for task in tasks]
        futures = client.map(run_task, absolute, pure=False, retries=1)
        places = {future.key: k for k, future in enumerate(futures)}
        evidence: list[Any] = [None] * len(tasks)
        for future in _as_completed(futures):
            k = places[future.key]
            evidence[k] = _gathered(future, tasks[k])
            progress(tasks[k])
        return evidence


def _gathered(future: Any, task: Task) -> Evidence:
    try:
        return future.result()
    except TheorylabError:
        raise
    except Exception as error:  # a worker that died: the task is named, the others go on
        return _crashed(task.engine, task.seed, f"{type(error).__name__}: {error}")


def _as_completed(futures: list[Any]) -> Iterator[Any]:
    from distributed import as_completed

    return iter(as_completed(futures))


@contextmanager
def _client(jobs: int) -> Iterator[Any]:
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        raise InvalidArgument(
            f'jobs is {jobs}, which needs dask: pip install "theorylab[cluster]"'
        ) from None
    options = {"threads_per_worker": 1, "dashboard_address": "127.0.0.1:0", "silence_logs": 50}
    with (
        LocalCluster(n_workers=jobs, host="127.0.0.1", **options) as cluster,
        Client(cluster) as client,
    ):
        yield client
