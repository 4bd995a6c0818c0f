"""Ctrl-C as something that can be asked about: what breaks in at any moment may get lost where nobody can catch it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType


@contextmanager
def until_ctrl_c() -> Iterator[Callable[[], bool]]:
    """What says whether Ctrl-C was pressed since the block began. A second one breaks in, and ends the block."""
    pressed = threading.Event()

    def press(number: int, frame: FrameType | None) -> None:
        if pressed.is_set():
            raise KeyboardInterrupt
        pressed.set()

    if threading.current_thread() is not threading.main_thread():  # only the main thread hears of it
        yield pressed.is_set
        return
    before = signal.signal(signal.SIGINT, press)
    try:
        with suppress(KeyboardInterrupt):
            yield pressed.is_set
    finally:
        signal.signal(signal.SIGINT, before or signal.default_int_handler)
