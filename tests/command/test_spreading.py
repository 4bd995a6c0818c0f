"""Work on several processes and on a cluster: the same results, and what happens when something dies."""

import sys

import pytest

from conformance.command import spreading
from conformance.command.failure import SetUpFailure
from conformance.command.judging_many import Wish, as_json, judge_many
from conformance.command.spreading import DIED, Failure, on_cluster, on_processes
from tests.bundles import BAD, GOOD, OTHER, record, spec_with
from tests.labour import DEADLY, share


@pytest.mark.parametrize("workers", [1, 2, 100])
def test_every_item_is_done_once_and_told_with_its_number(workers):
    assert dict(on_processes(share, 60, [5, 3, 4], workers)) == {0: 12, 1: 20, 2: 15}


@pytest.mark.parametrize("workers", [1, 2])
def test_what_goes_wrong_with_one_is_told_in_its_place(workers):
    done = dict(on_processes(share, 60, [5, 0, 4], workers))

    assert done == {0: 12, 1: Failure("ZeroDivisionError: integer division or modulo by zero"), 2: 15}


def test_what_kills_its_process_keeps_no_other_from_being_done():
    assert dict(on_processes(share, 60, [5, DEADLY, 4, 3], 2)) == {0: 12, 1: Failure(DIED), 2: 15, 3: 20}


def test_a_cluster_without_dask_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)

    with pytest.raises(SetUpFailure, match=r'needs Dask; pip install "threedd-conformance\[dask\]"'):
        list(on_cluster(share, 60, [5], "tcp://127.0.0.1:1"))


@pytest.fixture
def dask():
    return pytest.importorskip("distributed", reason="the extra dask is not installed")


@pytest.fixture
def cluster(dask):
    """A scheduler and two worker processes on the loopback interface."""
    with dask.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
    ) as started:
        yield started


@pytest.mark.usefixtures("dask")
def test_a_scheduler_that_does_not_answer_is_told(monkeypatch):
    monkeypatch.setattr(spreading, "ANSWER_S", 0.2)

    with pytest.raises(SetUpFailure, match=r"no Dask scheduler answers at tcp://127.0.0.1:9 "):
        list(on_cluster(share, 60, [5], "tcp://127.0.0.1:9"))


def test_a_scheduler_without_a_worker_is_told(dask, monkeypatch):
    monkeypatch.setattr(spreading, "ANSWER_S", 0.5)
    with (
        dask.LocalCluster(n_workers=0, host="127.0.0.1", dashboard_address=None) as idle,
        pytest.raises(SetUpFailure, match=r"has no worker; start \"dask worker"),
    ):
        list(on_cluster(share, 60, [5], idle.scheduler_address))


def test_a_cluster_does_what_processes_do(cluster):
    done = dict(on_cluster(share, 60, [5, 0, 4], cluster.scheduler_address))

    assert done == {0: 12, 1: Failure("ZeroDivisionError: integer division or modulo by zero"), 2: 15}


def test_journals_judged_by_a_cluster_have_the_ledgers_of_a_single_worker(cluster, tmp_path):
    tiny = spec_with(tmp_path)
    for name, sketch in (("a", GOOD), ("b", BAD), ("c", OTHER)):
        record(tmp_path / "runs" / name, tiny, sketch)
    alone = judge_many(Wish(tmp_path / "runs", tiny, "", False, tmp_path / "one", 1, ""), lambda done, of: None)
    spread = judge_many(
        Wish(tmp_path / "runs", tiny, "", False, tmp_path / "two", 1, cluster.scheduler_address), lambda done, of: None
    )

    assert as_json(spread) == as_json(alone)
    assert [(tmp_path / "two" / line.ledger).read_bytes() for line in spread] == [
        (tmp_path / "one" / line.ledger).read_bytes() for line in alone
    ]
