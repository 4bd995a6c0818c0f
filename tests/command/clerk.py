"""A certification at a terminal, and the person before it, whose PMS is a few calls over HTTP."""

from __future__ import annotations

import http.client
import os
import re
import select
import ssl
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from conformance.spec import Spec

START = "from conformance.command.main import main; main()"
LONG_S = 60.0
SET_UP, BEGIN, KEYS, CANNOT_TELL = "it is set up   q: stop", "begin   q: stop", "?: all keys", "Enter: I cannot tell"
STOPPED, REPORT = '--resume "', "report: "
TASK = re.compile(r"^\d+\. ", re.MULTILINE)


class Terminal:
    """A program in a pseudo-terminal."""

    def __init__(self, *options: object) -> None:
        self.here, there = os.openpty()
        environment = {**os.environ, "PYTHONUTF8": "1", "TERM": "dumb", "COLUMNS": "300", "NO_COLOR": "1"}
        command = [sys.executable, "-c", START, *map(str, options)]
        self.program = subprocess.Popen(command, stdin=there, stdout=there, stderr=there, env=environment)
        os.close(there)
        self.text = ""

    def until(self, *marks: str) -> str:
        """What was written since the last time, up to the first of ``marks`` that comes."""
        ends_s = time.monotonic() + LONG_S
        while True:
            places = [(place, mark) for mark in marks if (place := self.text.find(mark)) >= 0]
            if places:
                place, mark = min(places)
                found, self.text = self.text[: place + len(mark)], self.text[place + len(mark) :]
                return found
            if time.monotonic() > ends_s or not self._more():
                raise AssertionError(f"none of {marks} in:\n{self.text}")

    def types(self, line: str) -> None:
        os.write(self.here, f"{line}\n".encode())

    def ends(self) -> tuple[int, str]:
        """Exit code, and what was written at last."""
        while self._more():
            pass
        return self.program.wait(LONG_S), self.text

    def _more(self) -> bool:
        """False when the program has gone."""
        if not select.select([self.here], [], [], LONG_S)[0]:
            return False
        with suppress(OSError):  # Linux says so when the other end is closed
            data = os.read(self.here, 65_536)
            self.text += data.decode("utf-8", "replace").replace("\r", "")
            return bool(data)
        return False

    def close(self) -> None:
        self.program.kill()
        self.program.wait()
        os.close(self.here)


@contextmanager
def terminal(*options: object) -> Iterator[Terminal]:
    opened = Terminal(*options)
    try:
        yield opened
    finally:
        opened.close()


class Clerk:
    """Does what is asked and says what came of it. Keeps integration ids as a PMS does, from run to run."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._ids: dict[str, str] = {}
        self._record: dict[str, str] = {}
        self.address = ""

    def works(self, at: Terminal, *, tasks: int = 1000) -> str:
        """Until the run ends or stops, or so many tasks were told, the last of which is not done; what was told."""
        told = ""
        while True:
            text = at.until(SET_UP, BEGIN, KEYS, CANNOT_TELL, STOPPED, REPORT)
            told += text
            if text.endswith((STOPPED, REPORT)):
                return told
            if text.endswith(SET_UP):
                self._set_up(text)
            if text.endswith(KEYS):
                tasks -= 1
                if not tasks:
                    return told
                self._do(TASK.split(text)[-1])
            at.types(_answer(text))

    def _set_up(self, text: str) -> None:
        words = {line.split()[0]: line.split()[1:] for line in text.splitlines() if line.startswith("  ")}
        self.address = words["address"][0]
        self._user, self._password = re.findall(r"^  user +(.+?)   password (.+)$", text, re.MULTILINE)[-1]
        self._context = ssl.create_default_context(cafile=words["authority"][0])

    def _do(self, task: str) -> None:
        if "A new patient:" in task:
            self._record = _record(task)
        if "the stations" in task:
            self.call("list_stations")
        elif "Create the patient" in task:
            key = " ".join(self._record.values())
            values = {**self._record, "integration_id": self._ids.setdefault(key, str(uuid4()))}
            self._operate("create_patient", values)
        elif "the cases of" in task:
            self.call("find_cases", integration_id=self._ids[" ".join(self._record.values())])

    def _operate(self, role: str, values: dict[str, str]) -> None:
        operation = str(uuid4())
        self.call(role, operation=operation, **values)
        ends_s = time.monotonic() + LONG_S
        final = tuple(f">{status.code}<".encode() for status in self._spec.statuses if status.final)
        while time.monotonic() < ends_s and not any(f in self.call("get_status", operation=operation) for f in final):
            select.select([], [], [], 0.05)

    def call(self, role: str, **values: str) -> bytes:
        method = self._spec.method[role]
        url = urlsplit(self.address)
        query = urlencode({method.by_role[name].name: text for name, text in values.items()})
        secret = b64encode(f"{self._user}:{self._password}".encode()).decode()
        connection = http.client.HTTPSConnection(url.hostname or "", url.port, context=self._context, timeout=LONG_S)
        headers = {"Authorization": f"Basic {secret}", "Accept": "application/xml"}
        connection.request("GET", f"{url.path}/{method.name}?{query}", headers=headers)
        body = connection.getresponse().read()
        connection.close()
        return body


def _record(task: str) -> dict[str, str]:
    """What is to be typed, line by line; what is to be left empty is absent."""
    found = re.findall(r"^ +(last name|first name|birth date|patient id) +(.+)$", task, re.MULTILINE)
    return {label.replace(" ", "_"): text for label, text in found if text != "(leave empty)"}


def _answer(text: str) -> str:
    question = text.rstrip().splitlines()[-1]
    if not question.endswith(CANNOT_TELL):
        return ""
    return "n" if "other" in question else "y"


def run_folder(out: Path) -> Path:
    """Of the only run."""
    (only,) = (path for path in out.iterdir() if path.name != "latest")
    return only
