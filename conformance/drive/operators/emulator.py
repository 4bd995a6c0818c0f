"""The operator of an emulator: told what to press through its control API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener
from uuid import UUID

from conformance.drive.operators.attending import OperatorError

_DIRECT = build_opener(ProxyHandler({}))  # a proxy for the web is no way to a port on this computer


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
        wish = {"station": str(station), "operation": str(operation), "dialog": str(dialog), "button": str(button)}
        self._post("decisions", wish)

    def gather(self, calls: int) -> None:
        """Has the next ``calls``, made at once, served in an order of their own. Raises OperatorError."""
        self._post("crowd", {"calls": calls})

    def check(self) -> None:
        """Asks for something harmless. Raises OperatorError when no control port is there, or it refuses the token."""
        try:
            self._ask("faults", None)
        except HTTPError as refused:
            refused.close()
            if refused.code in _WRONG_TOKEN:
                problem = f"the control port {self.control_url} refuses the token (HTTP {refused.code})"
                raise OperatorError(f"{problem}; set the variable that holds it, by default {_VARIABLE}.") from refused

    def _post(self, what: str, wish: Mapping[str, object]) -> None:
        try:
            self._ask(what, wish)
        except HTTPError as refused:
            text = refused.read(300).decode("utf-8", "replace")
            raise OperatorError(f"{self.control_url} refused {wish}: HTTP {refused.code} {text}".rstrip()) from refused

    def _ask(self, what: str, wish: Mapping[str, object] | None) -> None:
        """Posts a wish, or reads where there is none. Raises HTTPError, or OperatorError when nobody is there."""
        try:
            request = Request(
                f"{self.control_url.rstrip('/')}/{what}",
                data=json.dumps(wish).encode("utf-8") if wish is not None else None,
                headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
                method="GET" if wish is None else "POST",
            )
            with _DIRECT.open(request, timeout=self.timeout_s):
                return
        except HTTPError:
            raise
        except URLError as lost:
            problem = f"{self.control_url} cannot be reached ({lost.reason}); is the emulator running?"
            raise OperatorError(problem) from lost
        except (OSError, HTTPException, ValueError) as odd:
            raise OperatorError(
                f"{self.control_url} is no control port ({odd}); give its address (http://...), not the service's."
            ) from odd


_WRONG_TOKEN = frozenset({401, 403})
_VARIABLE = "THREEDD_CONTROL_TOKEN"
