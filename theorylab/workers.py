"""Workers: this process, or processes of a local dask cluster; one code path for every task.

A task is a function of one item. What it returns depends on the item alone, so the number of
workers changes no result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from theorylab.errors import InvalidArgument, TheorylabError


@dataclass(frozen=True)
class Workers:
    """Where tasks run: in this process without a client, else on the client's workers."""

    client: Any = None

    def each(self, function: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
        """function(item) of each item, in the order of the items, as `map` gives them.

        Raises: what the function raises, of the first item that fails; TheorylabError for a
        worker that died.
        """
        if self.client is None:
            return map(function, items)
        return map(_result, self._submitted(function, list(items)))

    def completed(
        self, function: Callable[[Any], Any], items: Sequence[Any]
    ) -> Iterator[tuple[int, Callable[[], Any]]]:
        """(place, result) of each item as it ends; `result()` gives the value or raises."""
        if self.client is None:
            return ((k, partial(function, item)) for k, item in enumerate(items))
        return self._as_completed(self._submitted(function, items))

    def _submitted(self, function: Callable[[Any], Any], items: Sequence[Any]) -> list[Any]:
        return self.client.map(function, items, pure=False, retries=1) if items else []

    def _as_completed(self, futures: list[Any]) -> Iterator[tuple[int, Callable[[], Any]]]:
        from distributed import as_completed

        places = {future.key: k for k, future in enumerate(futures)}
        return ((places[future.key], future.result) for future in as_completed(futures))


HERE = Workers()


def _result(future: Any) -> Any:
    from distributed.scheduler import KilledWorker

    try:
        return future.result()
    except KilledWorker as error:
        reason = str(error).splitlines()[0]
        raise TheorylabError(f"a worker died: {reason} Use fewer --jobs.") from None


@contextmanager
def workers(jobs: int) -> Iterator[Workers]:
    """Workers for as long as the block runs: this process for one job, else a local cluster.

    Raises: InvalidArgument for no jobs, or several without dask.
    """
    if jobs < 1:
        raise InvalidArgument(f"jobs is {jobs}, expected at least 1")
    if jobs == 1:
        yield HERE
        return
    with _cluster(jobs) as client:
        yield Workers(client)


@contextmanager
def _cluster(jobs: int) -> Iterator[Any]:
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
