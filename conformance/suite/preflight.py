"""The rungs over HTTP: is the service of the guide there, does it let the users in, is what was declared there.

Only what would make every play meaningless ends a run here. A server that misbehaves in any smaller way is what the
run is for: that becomes a remark, so that whoever set the run up can look for the mistake at their own end first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Protocol, runtime_checkable

from conformance.drive import Driver, OperatorError, Refused
from conformance.suite.ladder import Ladder, Rung, Unready
from conformance.suite.play import Identity, Send
from conformance.suite.prepared import look_at_fixtures, look_at_stations
from conformance.suite.stage import Stage
from conformance.trace import Exchange, NoteKind

__all__ = ["PLAY", "Unready", "preflight"]

PLAY = "prepare.preflight"
REFUSED = frozenset({401, 403})
GATEWAYS = frozenset({502, 504})
PROXY_WANTS_CREDENTIALS, STARTING_UP = 407, 503
CLOCKS_APART = timedelta(minutes=5)


def _utc_now() -> datetime:
    return datetime.now(UTC)


def preflight(stage: Stage, ladder: Ladder | None = None, now: Callable[[], datetime] = _utc_now) -> None:
    """Climbs the ladder; what is declared but not there is taken out of the stage's target.

    Raises Unready with what to do about the first rung that does not hold.
    """
    ladder = ladder or Ladder()
    climb = _Climb(stage, ladder)
    try:
        listing, answers = climb.first_calls()
        climb.let_in(answers)
        climb.service(answers)
        climb.other_users(listing)
        climb.readable(listing)
        climb.clock(answers, now())
        look_at_stations(stage, ladder, listing)
        look_at_fixtures(stage, ladder, listing)
    except Refused as refused:
        raise ladder.fail(Rung.SERVICE, f"{refused}. A run begins with a few calls; allow them.") from refused
    climb.operator()
    _keep_in_mind(stage, ladder)


def _keep_in_mind(stage: Stage, ladder: Ladder) -> None:
    """Records the remarks, naming nobody: who reads a finding shall know what was odd about the settings."""
    told = " ".join(f"[{step.rung.value}] {step.text}" for step in ladder.remarks)
    for user in stage.target.users:
        told = told.replace(f'"{user.user}"', "a user")
    if told:
        stage.note(NoteKind.RUN, {"set-up": _NAMED.sub(r"\1 that is declared", told)})


_NAMED = re.compile(r'(patient|of) ".*?"')
"""A patient by integration id, as remarks have it."""


@runtime_checkable
class Checkable(Protocol):
    """An operator that can be asked beforehand whether it is there."""

    def check(self) -> None:
        """Raises OperatorError when it is not."""
        ...


class _Climb:
    """One server, looked at with few calls that change nothing."""

    def __init__(self, stage: Stage, ladder: Ladder) -> None:
        self._stage = stage
        self._ladder = ladder
        self._where = stage.driver.place.authority

    # -- who answers ------------------------------------------------------------------------------------------

    def first_calls(self) -> tuple[Exchange, list[Exchange]]:
        """The list of stations, and it with another call: one of them may be broken in a server worth judging."""
        stranger = self._stage.send(Send("list_stations", {}, authorization=None), PLAY)
        listing = self._stage.send(Send("list_stations", {}), PLAY)
        status = self._stage.send(Send("get_status", {"operation": self._stage.desk(PLAY).operation_id()}), PLAY)
        answers = [each for each in (listing, status) if each.answered]
        if not answers:
            raise self._ladder.fail(Rung.SERVICE, self._no_answer(listing))
        self._strangers(stranger, answers)
        return listing, answers

    def _no_answer(self, exchange: Exchange) -> str:
        reason = exchange.event.lost
        return f"{self._where} gives no answer ({reason}): {_HINTS.get(reason, 'see what its log says')}."

    def _strangers(self, stranger: Exchange, answers: Sequence[Exchange]) -> None:
        if stranger.http_status in REFUSED:
            self._ladder.holds(Rung.STRANGERS, f"refused with HTTP {stranger.http_status}")
        elif stranger.answered and any(each.succeeded for each in answers):
            found = f"HTTP {stranger.http_status}"
            self._ladder.remark(Rung.STRANGERS, f"a call without credentials is answered {found}; the run will tell.")

    def let_in(self, answers: Sequence[Exchange]) -> None:
        """Raises Unready when nobody is let in."""
        if any(each.http_status not in REFUSED for each in answers):
            return
        users = self._stage.target.users
        if not users:
            raise self._ladder.fail(
                Rung.CREDENTIALS,
                "the server asks for credentials; set THREEDD_USER and THREEDD_PASSWORD to those of a 3DD user, or"
                " name a [[user]] in the target file.",
            )
        raise self._ladder.fail(Rung.CREDENTIALS, self._refused(users[0], answers[0]))

    def _refused(self, user: Identity, answer: Exchange) -> str:
        problem = (
            f'the server does not let the user "{user.user}" in; check THREEDD_USER and THREEDD_PASSWORD,'
            f" or the [[user]] of the target file{_odd_password(user)}."
        )
        asked = _header(answer, "www-authenticate")
        service = self._stage.spec.service
        if service.authentication_scheme.casefold() in asked.casefold():
            return problem
        ports = " or ".join(map(str, (service.port, *service.other_ports)))
        offered = f"it offers {asked.split()[0]}" if asked else "it names no way to log in (no WWW-Authenticate)"
        return (
            f"{problem} Or this is the wrong service: {offered}, as the newer (v3) service does, which takes tokens"
            f" only. The service of the guide is usually at port {ports}, its address ends with {service.base_path}."
        )

    # -- which service ----------------------------------------------------------------------------------------

    def service(self, answers: Sequence[Exchange]) -> None:
        """Raises Unready when something else answers than the service of the guide."""
        proxy = next((_header(each, "via") for each in answers if _header(each, "via")), "")
        if any(getattr(each.document, "role", "") for each in answers):
            self._found(proxy)
            return
        if any(each.succeeded and not _is_page(each) for each in answers):
            self._found(proxy)  # an answer that cannot be read is a finding
            return
        raise self._ladder.fail(Rung.SERVICE, self._other_service(answers, proxy))

    def _found(self, proxy: str) -> None:
        if proxy:
            self._ladder.remark(
                Rung.SERVICE,
                f"something stands in between (Via: {proxy}); what it changes is held against the server."
                " Go around it.",
            )
        user = next(
            (f'"{user.user}" is let in' for user in self._stage.target.users), "nobody is asked for credentials"
        )
        self._ladder.holds(Rung.CREDENTIALS, user)

    def _other_service(self, answers: Sequence[Exchange], proxy: str) -> str:
        statuses = [each.http_status for each in answers]
        told = ", ".join(f"HTTP {status}" for status in statuses)
        url = self._stage.target.url
        if PROXY_WANTS_CREDENTIALS in statuses or any(_header(each, "proxy-authenticate") for each in answers):
            return f"a proxy asks for credentials of its own ({told}); reach {self._where} without that proxy."
        if GATEWAYS & set(statuses):
            return (
                f"a proxy or gateway answers for {self._where} and does not reach the service behind it ({told});"
                " is the service running? Give its own address, if you can."
            )
        if STARTING_UP in statuses:
            return f"{self._where} is not available yet ({told}); wait until the service has started, and try again."
        if all(300 <= status < 400 for status in statuses):
            goal = _header(answers[0], "location")
            return f"{url} sends callers elsewhere ({told}, Location: {goal}); give the address of the service itself."
        if any(_is_page(each) for each in answers):
            stands = f" (Via: {proxy})" if proxy else ""
            return (
                f"a web page is at {url}{stands}, not the service ({told}); a log-in page or a proxy in between"
                f" answers so. {self._usual()}"
            )
        return f"nothing of the service is at {url} ({told}). {self._elsewhere() or self._usual()}"

    def _usual(self) -> str:
        return f"The address usually ends with {self._stage.spec.service.base_path}; check it."

    def _elsewhere(self) -> str:
        """Where else at this port the service is, or ''. Asked with no more right than to observe."""
        stage, place = self._stage, self._stage.driver.place
        for base in _neighbours(place.base_path, stage.spec.service.base_path):
            url = f"{place.scheme}://{place.authority}{base}"
            with closing(_observer(url, stage)) as driver:
                there = Stage(stage.target, driver, stage.spec)
                if getattr(there.send(Send("list_stations", {}), PLAY).document, "role", ""):
                    return f"It is at {url}: give that address."
        return ""

    # -- smaller things ---------------------------------------------------------------------------------------

    def other_users(self, listing: Exchange) -> None:
        """Whoever is not let in stays declared: whether that is the server's fault is for the run to find."""
        for user in self._stage.target.users[1:]:
            answer = self._stage.send(Send("list_stations", {}, identity=user), PLAY)
            if answer.http_status in REFUSED and listing.http_status not in REFUSED:
                self._ladder.remark(
                    Rung.CREDENTIALS,
                    f'"{user.user}" is not let in; check the name and the password{_odd_password(user)}. If they are'
                    " right, the run will tell; if not, what it says of several users is about your settings.",
                )

    def readable(self, listing: Exchange) -> None:
        if getattr(listing.document, "role", "") == "stations":
            self._ladder.holds(Rung.XML, "the list of stations can be read")
        else:
            self._ladder.remark(Rung.XML, "the list of stations cannot be read; the run will tell.")

    def clock(self, answers: Sequence[Exchange], now: datetime) -> None:
        """A clock that is far off is worth a remark: dates in answers are taken from it."""
        text = next((_header(each, "date") for each in answers if _header(each, "date")), "")
        try:
            there = parsedate_to_datetime(text)
        except ValueError:
            return
        apart = abs(there.astimezone(UTC) - now)
        if apart <= CLOCKS_APART:
            self._ladder.holds(Rung.CLOCK, "agrees with the one here")
            return
        self._ladder.remark(
            Rung.CLOCK,
            f"the server's clock says {there:%Y-%m-%d %H:%M} and the one here {now:%Y-%m-%d %H:%M} (UTC),"
            f" {_span(apart)} apart; set the one that is wrong. What is said of recent dates may be due to that.",
        )

    def operator(self) -> None:
        """Raises Unready when whoever shall press the buttons cannot be told."""
        operator = self._stage.target.operator
        if not operator.available():
            self._ladder.remark(Rung.OPERATOR, "nobody is at the stations; rows that need a person are not observed.")
            return
        try:
            if isinstance(operator, Checkable):
                operator.check()
        except OperatorError as wrong:
            raise self._ladder.fail(Rung.OPERATOR, str(wrong)) from wrong
        self._ladder.holds(Rung.OPERATOR, "can be told what to press")


_HINTS = {
    "refused": "nothing listens at that port; is the service running, and does a firewall allow it",
    "unreachable": "there is no way to that computer from here; check name, network and address",
    "timeout": "check address, port and firewall",
    "tls": "the handshake failed; if its certificate is not trusted, name its authority with --ca, or use --insecure;"
    " if it asks for a certificate of the client, it is another service: check the port",
    "reset": "the connection is closed at once; is it the right port, and https where https is spoken",
    "malformed-http": "something else than an HTTP service answers there; check the port",
}


def _observer(url: str, stage: Stage) -> Driver:
    """A driver for another address, with what is left of the run's allowance."""
    former = stage.driver
    return Driver(url, former.recorder, stage.target.context, clock=former.clock, allowance=former.allowance)


def _header(exchange: Exchange, name: str) -> str:
    return exchange.event.reply.headers.get(name, "") if exchange.event.reply else ""


def _is_page(exchange: Exchange) -> bool:
    """True for an answer that calls itself a web page and holds nothing that the service sends."""
    kind = _header(exchange, "content-type").casefold()
    return kind.startswith(("text/html", "application/xhtml")) and not getattr(exchange.document, "role", "")


def _odd_password(user: Identity) -> str:
    if not user.password:
        return " (the password is empty)"
    return " (the password begins or ends with a blank)" if user.password != user.password.strip() else ""


def _neighbours(given: str, usual: str) -> Iterator[str]:
    """Paths at which the service may be instead: one level up, one level down, and the usual one."""
    last = usual.rpartition("/")[2]
    found = [usual, given.rpartition("/")[0], f"{given}/{last}", given.rpartition("/")[0] + f"/{last}", ""]
    return (path for path in dict.fromkeys(found) if path != given)


def _span(apart: timedelta) -> str:
    minutes = int(apart.total_seconds() // 60)
    return f"{minutes // 1440} days" if minutes >= 2880 else f"{minutes} minutes"
