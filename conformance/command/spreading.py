"""Work spread over processes of this computer, or over a cluster of Dask. What comes of an item depends on neither.

Items are independent: each is done from itself and from what all have in common, wherever and in whatever order. So
results are told with the number of their item, and whoever asked puts them into order. What keeps one item from being
done is told in its place; the others go on.
"""

from __future__ import annotations

import importlib
import multiprocessing
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any, TypeVar

from conformance.command.failure import SetUpFailure

C = TypeVar("C")
I = TypeVar("I")  # noqa: E741
R = TypeVar("R")
MOST_WORKERS = 61
"""What Windows lets one program wait for."""
ANSWER_S = 15.0
"""How long a scheduler and its first worker may take to answer."""
DIED = "the process that was at it died; it may have run out of memory. Do it alone, or with fewer workers."


@dataclass(frozen=True)
class Failure:
    """Why nothing came of an item: the machine's fault or ours."""

    why: str


def on_processes(
    work: Callable[[C, I], R], common: C, items: Sequence[I], workers: int
) -> Iterator[tuple[int, R | Failure]]:
    """Number and result of each item, as they are done. ``work`` is found by its name, so it is no inner function.

    One worker, or one item, needs no other process. An item during which a process died is done once more by itself,
    since it may have been another one that killed it.
    """
    if workers == 1 or len(items) < 2:
        for number, item in enumerate(items):
            yield number, _tried(work, common, item)
        return
    interrupted = []
    for number, done in _pooled(work, common, dict(enumerate(items)), min(workers, len(items), MOST_WORKERS)):
        if isinstance(done, BrokenProcessPool):
            interrupted.append(number)
        else:
            yield number, done
    for number in sorted(interrupted):
        for _, done in _pooled(work, common, {number: items[number]}, 1):
            yield number, Failure(DIED) if isinstance(done, BrokenProcessPool) else done


def on_cluster(
    work: Callable[[C, I], R], common: C, items: Sequence[I], address: str
) -> Iterator[tuple[int, R | Failure]]:
    """The same on the workers of the scheduler at ``address``. They need this build, and see the same files.

    Raises SetUpFailure when Dask is not installed, when nobody answers, or when the scheduler has no worker.
    """
    distributed = _distributed()
    with _client(distributed, address) as client:
        shared = client.scatter(common, broadcast=True)
        numbers = {client.submit(work, shared, item, pure=False): number for number, item in enumerate(items)}
        for future in distributed.as_completed(list(numbers)):
            failed = future.status != "finished"
            yield numbers[future], Failure(_told(future.exception())) if failed else future.result()


def _tried(work: Callable[[C, I], R], common: C, item: I) -> R | Failure:
    try:
        return work(common, item)
    except Exception as error:
        return Failure(_told(error))


def _told(error: BaseException | None) -> str:
    return f"{type(error).__name__}: {error}"


def _pooled(
    work: Callable[[C, I], R], common: C, items: Mapping[int, I], workers: int
) -> Iterator[tuple[int, R | Failure | BrokenProcessPool]]:
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _leave_interrupts_to_the_parent)
    try:
        futures = {pool.submit(work, common, item): number for number, item in items.items()}
        for future in as_completed(futures):
            error = future.exception()
            yield futures[future], future.result() if error is None else _failed(error)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _failed(error: BaseException | None) -> Failure | BrokenProcessPool:
    return error if isinstance(error, BrokenProcessPool) else Failure(_told(error))


def _leave_interrupts_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _distributed() -> Any:
    try:
        return importlib.import_module("distributed")
    except ImportError as error:
        raise SetUpFailure('--scheduler needs Dask; pip install "threedd-conformance[dask]".') from error


def _client(distributed: Any, address: str) -> Any:
    try:
        client = distributed.Client(address, timeout=ANSWER_S)
    except (OSError, ValueError, RuntimeError) as error:  # TimeoutError is an OSError
        raise SetUpFailure(
            f"no Dask scheduler answers at {address} ({error}); expected an address such as tcp://host:8786. Start"
            ' "dask scheduler" there, or leave out --scheduler.'
        ) from error
    try:
        client.wait_for_workers(1, timeout=ANSWER_S)
    except OSError as error:
        client.close()
        raise SetUpFailure(
            f'the scheduler at {address} has no worker; start "dask worker {address}" where the journals can be read.'
        ) from error
    return client
