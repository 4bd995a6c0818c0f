"""What a PMS has set going is waited for: it may start a program and answer before that has done anything.

Nobody has to wait for a program that it starts. So after the answer to an order over an interface beside REST the run
goes on when the use of that interface has come; and before it ends it hears what still comes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from conformance.certify.pms import UNSAID, Answer, Reply, Step, Task
from conformance.certify.sightings import Sightings
from conformance.trace import Event

OFTEN = 2
"""After so many orders for which nothing came, none is waited for until something does."""
SHORTER = 20
"""So many times shorter is the wait where the record of an order before came, which most likely was the use, and where
nothing was ever late and some waits were in vain."""
_CLAIMS = frozenset({Answer.DONE, UNSAID})
_USES = frozenset({Step.SEND_BY_COMMAND_LINE, Step.SEND_BY_VDDS, Step.IMAGE_INFO_BY_VDDS})


class Arrivals:
    """``hear`` is a listener for the recorder, behind that of ``seen``; the rest is for the thread of the run."""

    def __init__(self, seen: Sightings, limit_s: float) -> None:
        self._seen, self._limit_s = seen, limit_s
        self._heard = threading.Condition()
        self._in_vain = self._ever_in_vain = 0
        self._late = False
        """True once a use came after the answer: then the next one may well."""

    def hear(self, event: Event) -> None:
        with self._heard:
            self._heard.notify_all()

    def after(self, task: Task, reply: Reply) -> None:
        """Waits until what the PMS says it has done was seen, or the limit is over."""
        if task.does not in _USES or reply.answer not in _CLAIMS:
            return
        before, limit_s = self._seen.came(), self._patience_s()
        came = self._until(lambda: self._seen.came() or self._seen.another_came(), limit_s)
        if came and not self._seen.came():
            came = self._until(self._seen.came, limit_s / SHORTER)
        self._late = self._late or (came and not before)
        self._in_vain = 0 if came else self._in_vain + 1
        self._ever_in_vain += not came

    def _patience_s(self) -> float:
        if self._in_vain >= OFTEN:
            return 0.0
        return self._limit_s if self._late or self._ever_in_vain < OFTEN else self._limit_s / SHORTER

    def at_end(self) -> None:
        """Waits for what was never seen, as long as for one order."""
        self._until(self._seen.all_came, self._limit_s)

    def _until(self, condition: Callable[[], bool], limit_s: float) -> bool:
        with self._heard:
            return self._heard.wait_for(condition, limit_s)
