"""Who is let in: the Basic scheme, with what HTTP leaves open about it."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.emulator import readings as points
from conformance.emulator.faults.overlay import Fault
from conformance.model.readings import Readings
from conformance.wire import Credentials, parse_authorization

REMEMBERED = 256


class Door:
    """Admits the users of one server."""

    def __init__(
        self, users: Sequence[Credentials], scheme: str, readings: Readings, faults: Sequence[Fault] = ()
    ) -> None:
        self._users = users
        self._known = {(user.user, user.password) for user in users}
        self._scheme = scheme.capitalize()
        charset = readings[points.CREDENTIAL_CHARSET]
        self._charsets = ("utf-8", "latin-1") if charset == "both" else (charset,)
        self._exact_scheme = readings[points.SCHEME_CASE] == "refused"
        self._faults = faults
        self._remembered: dict[str | None, bool] = {}
        self.challenge = self._challenge(readings)
        """Headers of the answer to those who stay outside."""

    def admits(self, header: str | None) -> bool:
        """True when the Authorization header (None: there is none) names a user and the password."""
        admitted = self._remembered.get(header)
        if admitted is None:
            if len(self._remembered) >= REMEMBERED:
                self._remembered.clear()
            admitted = self._remembered[header] = self._is_known(header)
        for fault in self._faults:
            admitted = fault.admits(header, admitted, self._users)
        return admitted

    def _is_known(self, header: str | None) -> bool:
        sent = parse_authorization(header)
        if not isinstance(sent, Credentials):
            return False
        if self._exact_scheme and (header or "").strip().partition(" ")[0] != self._scheme:
            return False
        read = (
            (_read(sent.user, sent.charset, own), _read(sent.password, sent.charset, own)) for own in self._charsets
        )
        return any(pair in self._known for pair in read)

    def _challenge(self, readings: Readings) -> tuple[tuple[str, str], ...]:
        if readings[points.CHALLENGE] == "absent":
            return ()
        return (("WWW-Authenticate", f'{self._scheme} realm="Dental Desktop emulator"'),)


def _read(text: str, charset: str, own: str) -> str:
    """The text as a server reads its bytes that takes them for ``own``; ``charset`` is how it was read so far."""
    if (own == "latin-1") == (charset == "latin-1"):
        return text
    return text.encode(charset).decode(own, "replace")
