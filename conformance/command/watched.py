"""What is watched: a program that was started for it, if any, and for how long."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from conformance.command.failure import SetUpFailure
from conformance.judge import COMMAND
from conformance.trace import NoteKind, Recorder

WAKE_S = 0.2  # a wait without end cannot be interrupted on Windows
LEAVE_S = 5.0


class Going:
    """Called, it says whether to go on."""

    def __init__(
        self, program: subprocess.Popen[bytes] | None, ends_s: float | None, now_s: Callable[[], float]
    ) -> None:
        self._program, self._ends_s, self._now_s = program, ends_s, now_s

    def __call__(self) -> bool:
        in_time = self._ends_s is None or self._now_s() < self._ends_s
        return in_time and (self._program is None or self._program.poll() is None)

    def note(self, recorder: Recorder, at_s: float, say: Callable[[str], object]) -> None:
        """Says, and has on record, how the program ended where that was by itself and not well."""
        told = _how_it_ended(self._program.poll() if self._program is not None else None)
        if told:
            say(f"  the command of --run {told}")
            recorder.note(NoteKind.RUN, at_s, **{COMMAND: told})


def _how_it_ended(code: int | None) -> str:
    if not code:
        return ""
    return f"ended with exit code {code}" if code > 0 else f"was ended by signal {-code}"


@contextmanager
def watched(
    run: Sequence[str], told: Mapping[str, str], after_s: float | None, now_s: Callable[[], float]
) -> Iterator[Going]:
    """What says whether to go on: not when ``after_s`` have passed, nor when the program has ended.

    The program finds ``told`` in its environment, and is ended with the watch. Raises SetUpFailure when it cannot be
    started.
    """
    ends_s = None if after_s is None else now_s() + after_s
    program = _started(run, told)
    try:
        yield Going(program, ends_s, now_s)
    finally:
        if program is not None and program.poll() is None:
            program.terminate()
            with suppress(subprocess.TimeoutExpired):
                program.wait(LEAVE_S)


def _started(run: Sequence[str], told: Mapping[str, str]) -> subprocess.Popen[bytes] | None:
    if not run:
        return None
    try:
        return subprocess.Popen(list(run), env={**os.environ, **told})
    except OSError as wrong:
        raise SetUpFailure(f"--run: {run[0]} cannot be started ({wrong.strerror}); correct it.") from wrong
