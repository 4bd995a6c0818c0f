"""A killed emulator has lost nothing that it told anybody."""

from __future__ import annotations

import ssl
from base64 import b64encode
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPSConnection
from pathlib import Path
from urllib.parse import urlencode, urlsplit
from uuid import UUID

import pytest
from lxml import etree

from conformance.emulator.store import FILE, Store
from conformance.judge import RunVerdict, judge_recording
from conformance.model import Place
from conformance.trace import Recorded
from conformance.trace.journal import JournalError, read_journal

from .process import emulator_process

AT_ONCE, ROUNDS, KILLED_IN = 4, 250, 125
NEVER_TAKEN = ("--pick-up", "100000")


@dataclass
class Line:
    """One connection of a PMS: requests go out before the last answer was read."""

    said: dict[str, list[str]]
    acknowledged: list[int] = field(default_factory=list)
    """Numbers of the operations whose call was answered."""

    def __post_init__(self):
        address = urlsplit(self.said["address"][0])
        user, _, password, *_ = self.said["user"]
        self._path = address.path
        self._headers = {"Authorization": "Basic " + b64encode(f"{user}:{password}".encode()).decode("ascii")}
        trusted = ssl.create_default_context(cafile=self.said["authority"][0])
        self._connection = HTTPSConnection(address.hostname, address.port, context=trusted, timeout=30)

    def send(self, method, **parameters):
        self._connection.request("GET", f"{self._path}/{method}?{urlencode(parameters)}", headers=self._headers)

    def begin(self, number):
        """Every fourth is for a station that never takes it, the others make a patient."""
        operation = UUID(int=number + 1)
        if number % AT_ONCE:
            self.send("CreatePatient", IntegrationId=f"crash-{number}", LastName="Fox", RequestId=operation)
        else:
            patient, station = self.said["patient"][0], self.said["station"][0]
            self.send("SelectPatient", IntegrationId=patient, RequestId=operation, ClientId=station)

    def hear(self, number=-1):
        reply = self._connection.getresponse()
        body = reply.read()
        assert reply.status == 200
        self.acknowledged.append(number)
        return body

    def hear_perhaps(self, number):
        try:
            self.hear(number)
        except (HTTPException, OSError):
            self.close()

    def close(self):
        self._connection.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("crash")


@pytest.fixture(scope="module")
def acknowledged(folder):
    """What was answered before the process was killed with calls on their way to it."""
    with emulator_process("--data", folder, "--journal", folder / "journal.jsonl", *NEVER_TAKEN) as process:
        lines = [Line(process.said) for _ in range(AT_ONCE)]
        for turn in range(ROUNDS):
            for place, line in enumerate(lines):
                line.begin(turn * AT_ONCE + place)
            if turn == KILLED_IN:
                process.running.kill()
                break
            for place, line in enumerate(lines):
                line.hear(turn * AT_ONCE + place)
        for place, line in enumerate(lines):
            line.hear_perhaps(KILLED_IN * AT_ONCE + place)
            line.close()
        process.running.wait()
    return sorted(number for line in lines for number in line.acknowledged)


@pytest.fixture(scope="module")
def left(spec, folder, acknowledged):
    with Store(folder) as store:
        return store.load(spec)


def test_it_was_killed_in_the_middle(acknowledged):
    assert KILLED_IN * AT_ONCE <= len(acknowledged) <= (KILLED_IN + 1) * AT_ONCE


def test_every_patient_whose_creation_was_answered_is_there(left, acknowledged):
    told = {f"crash-{number}" for number in acknowledged if number % AT_ONCE}
    assert told <= set(left.mapped)


def test_every_operation_that_was_taken_waits_in_the_pool(left, acknowledged):
    told = {UUID(int=number + 1) for number in acknowledged if not number % AT_ONCE}
    assert told <= {operation.id for operation in left.operations.values() if operation.place is Place.POOL}


def test_the_journal_holds_every_answer_and_is_judged_in_part(spec, folder, acknowledged):
    journal = folder / "journal.jsonl"
    answered = [event for event in read_journal(journal, partial=True)[1] if isinstance(event, Recorded)]

    assert len(answered) >= len(acknowledged)
    with pytest.raises(JournalError, match="Judge it with --partial"):
        judge_recording(journal, spec)
    assert judge_recording(journal, spec, partial=True).ledger.verdict is RunVerdict.INCOMPLETE


def test_the_next_one_tells_the_status_of_the_last_operation(folder, left, acknowledged):
    with emulator_process("--data", folder, *NEVER_TAKEN) as process:
        line = Line(process.said)
        line.send("GetRequestStatusById", Id=UUID(int=acknowledged[-1] + 1))
        status = etree.fromstring(line.hear())
        line.close()

    assert status.findtext("StatusCode") == ("4" if acknowledged[-1] % AT_ONCE else "-1")
    assert Path(process.said["data"][0]).name == FILE
