"""What is said while a recording goes on: each finding as it comes, and how many calls there were."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from rich.console import Console
from rich.status import Status
from rich.text import Text

from conformance.judge import Judgement, Monitor, Standing
from conformance.report.words import STANDING_MARKS
from conformance.rules import Result
from conformance.spec import Binds, Obligation
from conformance.trace import Event, Recorded

MOST_TOLD = 3  # findings of one requirement; the report has them all
EVERY_CALLS = 100  # how often a pipe is told how far it has come
WHOSE: Mapping[Binds, str] = {Binds.PMS: "PMS", Binds.SERVER: "server", Binds.BOTH: "either side"}


class Live:
    """Judges what it hears and tells what is broken; a listener for the recorder, and safe to ask from any thread."""

    def __init__(self, monitor: Monitor, console: Console, on_call: Callable[[int], object]) -> None:
        """``on_call`` is told the number of calls after each one."""
        self._monitor = monitor
        self._console = console
        self._on_call = on_call
        self._status: Status | None = console.status("no calls yet") if console.is_terminal else None
        self._told: Counter[str] = Counter()
        self._shown: set[tuple[str, str, str]] = set()
        self._findings = 0
        self._lock = threading.Lock()
        self.calls = 0

    def __enter__(self) -> Self:
        if self._status is not None:
            self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._status is not None:
            self._status.stop()

    def hear(self, event: Event) -> None:
        """Judges the event; tells what it broke."""
        for judgement in self._monitor.feed(event):
            if judgement.verdict.result in (Result.FAIL, Result.ERROR):
                self._findings += 1
                self._tell(judgement)
        if isinstance(event, Recorded):
            self.calls += 1
            self._beware(event)
            self._count()
            self._on_call(self.calls)

    def say(self, text: str, style: str = "") -> None:
        """One line, without what a terminal would obey: some of it was sent by strangers."""
        plain = "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)
        with self._lock:
            self._console.print(Text(plain, style), highlight=False, soft_wrap=True)

    def _tell(self, judgement: Judgement) -> None:
        row, verdict = judgement.requirement, judgement.verdict
        expected, observed = verdict.expected.removeprefix("expected "), verdict.observed.removeprefix("observed ")
        if (row, expected, observed) in self._shown or self._told[row] == MOST_TOLD:
            return
        self._shown.add((row, expected, observed))
        self._told[row] += 1
        broken = verdict.result is Result.FAIL
        requirement = self._monitor.spec.requirement[row]
        must = requirement.obligation is Obligation.MUST
        standing = (Standing.FAIL if must else Standing.ADVISORY) if broken else Standing.ERROR
        whose = WHOSE[requirement.binds] if broken else "harness"
        wanted = f"expected {expected}, " if expected else ""
        last = "; its last line here, the report has all" if self._told[row] == MOST_TOLD else ""
        found = f"{row} ({whose}): {wanted}observed {observed} (exchange {judgement.number}{last})"
        self.say(f"{STANDING_MARKS[standing]} {found}", "red" if standing is Standing.FAIL else "yellow")

    def _beware(self, event: Recorded) -> None:
        """Tells of answers after which the recording may miss something."""
        reply = event.reply
        if reply is None:
            self.say(f"! exchange {event.number} has no answer: {event.lost}", "yellow")
            return
        place = urlsplit(reply.headers.get("location", "")).netloc if 300 <= reply.http_status < 400 else ""
        if place and place != event.request.headers.get("host"):
            past = f"sends the PMS on to {place}: what it calls there is not recorded"
            self.say(f"! exchange {event.number} {past}", "yellow")
        if reply.http_status == 101:
            self.say(f"! exchange {event.number} leaves HTTP: what follows on its connection is not recorded", "yellow")

    def _count(self) -> None:
        told = f"{self.calls} calls, {self._findings} findings"
        if self._status is not None:
            self._status.update(Text(told))
        elif self.calls % EVERY_CALLS == 0:
            self.say(told)
