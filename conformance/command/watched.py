"""What is watched: a program that was started for it, if any, and for how long."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from conformance.command.failure import SetUpFailure

WAKE_S = 0.2  # a wait without end cannot be interrupted on Windows
LEAVE_S = 5.0

Goes = Callable[[], bool]


@contextmanager
def watched(
    run: Sequence[str], told: Mapping[str, str], after_s: float | None, now_s: Callable[[], float]
) -> Iterator[Goes]:
    """What says whether to go on: not when ``after_s`` have passed, nor when the program has ended.

    The program finds ``told`` in its environment, and is ended with the watch. Raises SetUpFailure when it cannot be
    started.
    """
    ends_s = None if after_s is None else now_s() + after_s
    program = _started(run, told)
    try:
        yield lambda: (ends_s is None or now_s() < ends_s) and (program is None or program.poll() is None)
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
