"""What is shown while a run goes on: a moving line on a terminal, plain lines elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.status import Status
from rich.text import Text

REQUIREMENTS = "requirements"


class Progress:
    """Told of each item when it begins and when it is over; as a context manager it tidies the terminal."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status: Status | None = console.status("starting") if console.is_terminal else None
        self._counts: Counter[str] = Counter()
        self._group = ""

    def __enter__(self) -> Self:
        if self._status is not None:
            self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close_group()
        if self._status is not None:
            self._status.stop()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Leaves the terminal to somebody else inside."""
        if self._status is not None:
            self._status.stop()
        try:
            yield
        finally:
            if self._status is not None:
                self._status.start()

    def began(self, name: str) -> None:
        """A stimulus begins."""
        if self._status is not None:
            self._status.update(Text(name))

    def ended(self, nodeid: str, outcome: str, broken: Sequence[str]) -> None:
        """An item is over: ``passed``, ``failed`` or ``skipped``; the rows that it saw ``broken``."""
        group, _, name = nodeid.partition("::")
        if group != self._group:
            self._close_group()
            self._group = group
        self._counts[outcome] += 1
        if outcome == "failed" and group != REQUIREMENTS:  # those are told at the end, with everything known of them
            rows = f"{', '.join(broken)} broken" if broken else "broke down"
            self._console.print(Text(f"  {name}: {rows}"), highlight=False, soft_wrap=True)

    def _close_group(self) -> None:
        if self._counts:
            told = ", ".join(f"{count} {_WORDS[outcome]}" for outcome, count in sorted(self._counts.items()))
            self._console.print(Text(f"{self._group}: {told}"), highlight=False)
        self._counts.clear()


_WORDS = {"passed": "through", "failed": "with findings", "skipped": "left out"}
