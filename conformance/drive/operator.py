"""Who presses the buttons at the stations: the emulator's control API, or nobody."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener
from uuid import UUID

_DIRECT = build_opener(ProxyHandler({}))  # a proxy for the web is no way to a port on this computer


class OperatorError(RuntimeError):
    """The operator could not be told: the set-up's fault."""


@dataclass(frozen=True)
class NoOperator:
    """Nobody is at the stations; what needs a person is skipped and counted as such."""

    def available(self) -> bool:
        return False

    def decide(self, station: UUID, operation: UUID, dialog: str, button: str) -> None:
        """Raises OperatorError."""
        raise OperatorError("nobody is at the stations; name an operator, or leave out what needs one.")


@dataclass(frozen=True)
class EmulatorOperator:
    """Decides through the control API of an emulator."""

    control_url: str
    """``http://host:port`` of the control API, never the protocol port."""
    token: str = field(repr=False)
    timeout_s: float = 10.0

    def available(self) -> bool:
        return True

    def decide(self, station: UUID, operation: UUID, dialog: str, button: str) -> None:
        """Arranges what will be pressed for ``operation`` at ``station``. Raises OperatorError when that is refused."""
        wish = {"station": str(station), "operation": str(operation), "dialog": dialog, "button": button}
        self._post("decisions", wish)

    def gather(self, calls: int) -> None:
        """Has the next ``calls``, made at once, served in an order of their own. Raises OperatorError."""
        self._post("crowd", {"calls": calls})

    def _post(self, what: str, wish: Mapping[str, object]) -> None:
        request = Request(
            f"{self.control_url.rstrip('/')}/{what}",
            data=json.dumps(wish).encode("utf-8"),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
            method="POST",
        )
        try:
            with _DIRECT.open(request, timeout=self.timeout_s):
                return
        except HTTPError as refused:
            text = refused.read(300).decode("utf-8", "replace")
            raise OperatorError(f"{self.control_url} refused {wish}: HTTP {refused.code} {text}".rstrip()) from refused
        except URLError as lost:
            problem = f"{self.control_url} cannot be reached ({lost.reason}); is the emulator running?"
            raise OperatorError(problem) from lost
