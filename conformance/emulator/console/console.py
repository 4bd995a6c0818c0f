"""The console's addresses: who may see them, what each shows, and what each form does.

    GET  /console?token=...          signs in and leads to the page without the token
    GET  /console                    at the chair: dialogs, stations, operations
    GET  /console/{traffic,patients,patients/KEY,faults,readings}
    GET  /console/fragment/NAME      a part of a page, for the script that keeps it fresh
    POST /console/...                a form; leads back to a page, which says what was done

Forms are plain: without the script everything works, but for the pages growing old.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import cached_property
from http import HTTPStatus
from typing import Any

from conformance.emulator.console import chair, records, switches
from conformance.emulator.console.actions import ACTIONS, Done
from conformance.emulator.console.form import Form
from conformance.emulator.console.gate import Gate
from conformance.emulator.console.ring import Remarks, Ring, Said, no_remarks
from conformance.emulator.console.traffic import Reel
from conformance.emulator.declared import declared
from conformance.emulator.protocol import Request, Response
from conformance.emulator.server import Emulator
from conformance.model import CaseState
from conformance.trace import NoteKind

HOME = "/console"
Values = Mapping[str, object]
Headers = tuple[tuple[str, str], ...]
AnyHandler = Callable[[Request], Response | Awaitable[Response]]

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
GUARDED: Headers = (
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cache-Control", "no-store"),
)
PAGE: Headers = (("Content-Type", "text/html; charset=utf-8"), *GUARDED)


class Console:
    """Serves the pages of one emulator. All its methods belong on the thread that serves the port."""

    def __init__(self, emulator: Emulator, token: str, address: str = "") -> None:
        """``address`` is what a PMS calls; it is shown."""
        self._emulator = emulator
        self._gate = Gate(token)
        self._address = address
        self._said: list[Done] = []
        self._reel = Reel(emulator, Ring(emulator.clock.ticks), no_remarks)
        self._pages: Mapping[str, Callable[[Form], Values]] = {
            "chair": self._chair,
            "traffic": self._traffic,
            "patients": self._patients,
            "faults": lambda query: {"switches": switches.switches(self._emulator, query.text("q"))},
            "readings": lambda query: {"choices": switches.choices(self._emulator, query.text("q"))},
        }
        self._fragments: Mapping[str, Callable[[Form], Values]] = {
            **dict.fromkeys(("dialogs", "stations", "operations"), self._chair),
            "traffic": self._traffic,
        }

    def overhear(self, judge: Callable[[Ring], Remarks] = lambda ring: no_remarks) -> Ring:
        """From now on the traffic is kept for the page, with the remarks of the judge of that ring."""
        ring = Ring(self._emulator.clock.ticks, lambda: _known(self._emulator))
        self._reel = Reel(self._emulator, ring, judge(ring))
        self._emulator.listeners.append(ring)
        return ring

    def before(self, rest: AnyHandler) -> AnyHandler:
        """A handler that serves the console's addresses, and has all others served by ``rest``."""

        def handle(request: Request) -> Response | Awaitable[Response]:
            path = request.target.partition("?")[0]
            mine = path in ("/", HOME) or path.startswith(f"{HOME}/")
            return self.handle(request) if mine else rest(request)

        return handle

    def handle(self, request: Request) -> Response:
        """The answer to one request for an address of the console."""
        path, _, query = request.target.partition("?")
        if not self._gate.knows(request):
            return self._problem(HTTPStatus.FORBIDDEN, "The console answers under localhost only, to pages of its own.")
        if request.method not in ("GET", "HEAD", "POST"):
            return self._problem(HTTPStatus.METHOD_NOT_ALLOWED, f"{request.method} is of no use here.")
        try:
            form = Form(request.body.decode("utf-8", "replace") if request.method == "POST" else query)
        except ValueError as error:
            return self._problem(HTTPStatus.BAD_REQUEST, str(error))
        part = path.removeprefix(HOME).strip("/")
        if part.startswith("static/"):
            return self._file(part.removeprefix("static/"))
        if part == "sign-in" or (not part and form.text("token")):
            return self._sign_in(request, form)
        if not self._gate.admits(request):
            return self._page("sign_in.html", HTTPStatus.UNAUTHORIZED, {"here": ""})
        with self._emulator.lock:
            self._emulator.advance()
            return self._act(part, form) if request.method == "POST" else self._show(part, form)

    # -- who ---------------------------------------------------------------------------------------------------

    def _sign_in(self, request: Request, form: Form) -> Response:
        if not self._gate.accepts(form.text("token")):
            refused = Done(
                "That is not the token of this emulator; it is printed where the emulator was started.", "", False
            )
            self._said = [refused]
            return self._page("sign_in.html", HTTPStatus.UNAUTHORIZED, {"here": ""})
        return _leads_to(HOME, self._gate.cookie(request))

    # -- forms -------------------------------------------------------------------------------------------------

    def _act(self, part: str, form: Form) -> Response:
        action = ACTIONS.get(part)
        if action is None:
            return self._problem(HTTPStatus.NOT_FOUND, f"No form leads to {HOME}/{part}.")
        if not self._gate.trusts(form.text("secret")):
            return self._problem(
                HTTPStatus.FORBIDDEN, "The form is not of this run of the emulator. Load its page again."
            )
        try:
            done = action(self._emulator, form)
        except ValueError as error:
            done = Done(f"Nothing was changed: {error}", _own_address(form.text("back")), False)
        self._said = [done]
        return _leads_to(HOME + done.leads_to)

    # -- pages -------------------------------------------------------------------------------------------------

    def _show(self, part: str, query: Form) -> Response:
        page, _, rest = part.partition("/")
        if page == "fragment":
            return self._fragment(rest, query)
        page = page or "chair"
        if page not in self._pages or (rest and page != "patients"):
            return self._problem(HTTPStatus.NOT_FOUND, f"There is no page at {HOME}/{part}.")
        values = {"here": page, "q": query.text("q"), **self._pages[page](query)}
        if not rest:
            return self._page(f"{page}.html", HTTPStatus.OK, values)
        patient = records.patient_of_page(self._emulator, rest)
        if patient is None:
            return self._problem(HTTPStatus.NOT_FOUND, "There is no such patient any more.")
        cases = list(self._emulator.state.cases_of(patient))
        return self._page("patient.html", HTTPStatus.OK, {**values, "patient": patient, "cases": cases})

    def _fragment(self, name: str, query: Form) -> Response:
        if name not in self._fragments:
            return self._problem(HTTPStatus.NOT_FOUND, f"There is no part called {name!r}.")
        text = self._templates.get_template(f"_{name}.html").render(**self._shared, **self._fragments[name](query))
        return Response(HTTPStatus.OK, PAGE, text.encode("utf-8", "replace"))

    def _chair(self, query: Form) -> Values:
        emulator = self._emulator
        return {
            "windows": chair.windows(emulator),
            "desks": chair.desks(emulator),
            "lines": chair.lines(emulator),
            "mode": chair.mode(emulator),
            "kept_operations": emulator.spec.kept_operations,
            "statuses": emulator.spec.status,
            "all_held": bool(emulator.state.stations) and all(map(emulator.stations.is_held, emulator.state.stations)),
            "mishaps": chair.MISHAPS,
            "faults": [fault.name for fault in emulator.faults],
            "policies": emulator.policy.names,
        }

    def _traffic(self, query: Form) -> Values:
        return {"rows": self._reel.rows(), "requirements": self._emulator.spec.requirement}

    def _patients(self, query: Form) -> Values:
        found = records.found(self._emulator, query.text("q"))
        return {"found": found, "states": [state.value for state in CaseState]}

    def _page(self, template: str, http_status: HTTPStatus, values: Values) -> Response:
        said, self._said = self._said, []
        text = self._templates.get_template(template).render(**self._shared, said=said, **values)
        return Response(http_status, PAGE, text.encode("utf-8", "replace"))

    def _problem(self, http_status: HTTPStatus, text: str) -> Response:
        return self._page("problem.html", http_status, {"here": "", "problem": text, "http_status": http_status})

    def _file(self, name: str) -> Response:
        from conformance.emulator.console.render import STATIC, static

        content = static(name)
        if content is None:
            return self._problem(HTTPStatus.NOT_FOUND, "There is no such file.")
        return Response(HTTPStatus.OK, (("Content-Type", STATIC[name]), *GUARDED), content)

    @property
    def _shared(self) -> dict[str, object]:
        return {"secret": self._gate.form_secret, "spec_name": self._emulator.spec.name, "address": self._address}

    @cached_property
    def _templates(self) -> Any:
        """Made when the first page is asked for: an emulator without a person shall start without them."""
        from conformance.emulator.console.render import environment

        return environment()


def _known(emulator: Emulator) -> Iterator[Said]:
    """Users, patients, cases and stations, as notes: what a judge has to know beforehand."""
    at_s = emulator.clock.now_s()
    for user in emulator.users:
        yield Said(NoteKind.CREDENTIALS, at_s, {"user": user.user, "password": user.password, "complete": "yes"})
    for fact in declared(emulator.state):
        yield Said(NoteKind.FIXTURE, at_s, fact)


def _own_address(back: str) -> str:
    """The rest of an address of the console, as a form names the page that it stands on; '' for anything else."""
    return back if back.startswith(("/", "#")) and json.dumps(back) == f'"{back}"' and "//" not in back else ""


def _leads_to(address: str, *headers: tuple[str, str]) -> Response:
    return Response(HTTPStatus.SEE_OTHER, (("Location", address), *GUARDED, *headers))
