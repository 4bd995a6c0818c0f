"""Who may use the console: whoever has the token, from a page of ours, under a name of this machine.

The token comes once, in the printed address or in the form for it, and becomes a cookie that scripts cannot read and
that other sites cannot send. Each form carries a second secret besides. The name in the Host header has to be one of
loopback, so that a foreign name that was made to point here (DNS rebinding) gets nothing.
"""

from __future__ import annotations

import hashlib
import hmac
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from conformance.emulator.protocol import Request

OWN_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
COOKIE = "threedd-console"


class Gate:
    """Knows the token of one emulator."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._session = self._derived("session")
        self.form_secret = self._derived("form")
        """What every form has to bring back."""

    def knows(self, request: Request) -> bool:
        """True when the request came under a name of this machine, and no foreign page sent it."""
        host = request.header("host") or ""
        origin = request.header("origin")
        return _hostname(f"//{host}") in OWN_NAMES and origin in (None, f"http://{host}")

    def accepts(self, token: str) -> bool:
        """True when the token is the right one."""
        return _same(token, self._token)

    def admits(self, request: Request) -> bool:
        """True when the request brings the cookie."""
        cookies: SimpleCookie = SimpleCookie()
        try:
            cookies.load(request.header("cookie") or "")
        except CookieError:
            return False
        name = _cookie_name(request)
        return name in cookies and _same(cookies[name].value, self._session)

    def trusts(self, secret: str) -> bool:
        """True when a form brought what it was given."""
        return _same(secret, self.form_secret)

    def cookie(self, request: Request) -> tuple[str, str]:
        """The header that signs the browser in."""
        return "Set-Cookie", f"{_cookie_name(request)}={self._session}; Path=/console; HttpOnly; SameSite=Strict"

    def _derived(self, use: str) -> str:
        return hmac.new(self._token.encode("utf-8", "replace"), f"console {use}".encode(), hashlib.sha256).hexdigest()


def _cookie_name(request: Request) -> str:
    """One for each port: browsers share cookies among the ports of a machine."""
    return f"{COOKIE}-{(request.header('host') or '').rpartition(':')[2]}"


def _hostname(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))
