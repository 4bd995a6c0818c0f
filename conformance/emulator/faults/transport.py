"""Faults of the transport: addresses, names, order, spelling, dates, and a service that goes down."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from http import HTTPStatus

from conformance.emulator.faults.overlay import Fault
from conformance.emulator.protocol import Request, Response, WireFault
from conformance.model.call import Call
from conformance.model.outcome import Outcome, turned_down
from conformance.model.state import State
from conformance.spec import Method, Spec


def refused(http_status: int) -> tuple[Outcome, ...]:
    """The outcome of a call that is turned down with an HTTP error and leaves nothing behind."""
    return (turned_down("refused", http_status),)


class KnowsItsSpec(Fault):
    """Remembers the spec, for faults that need names as they travel."""

    _spec: Spec

    def spec(self, spec: Spec) -> Spec:
        self._spec = spec
        return spec

    def method(self, request: Request) -> Method | None:
        path = request.target.partition("?")[0]
        return self._spec.method_by_folded_name.get(path.rpartition("/")[2].casefold())


class LacksAMethod(KnowsItsSpec):
    name = "lacks-a-method"
    does = "Does not know the method that updates patients: HTTP 404."
    breaks = ("TRN-001",)

    def response(self, request: Request, response: Response) -> Response:
        method = self.method(request)
        gone = method is not None and method.role == "update_patient" and response.http_status < 400
        return Response(HTTPStatus.NOT_FOUND) if gone else response


class RefusesBrowsers(Fault):
    name = "refuses-browsers"
    does = "Answers HTTP 406 to a caller whose Accept header puts HTML first."
    breaks = ("TRN-002",)

    def response(self, request: Request, response: Response) -> Response:
        html = (request.header("accept") or "").startswith("text/html")
        return Response(HTTPStatus.NOT_ACCEPTABLE) if html and response.http_status < 400 else response


class InsistsOnOptionalParameters(Fault):
    name = "insists-on-optional-parameters"
    does = "Refuses to make a patient without a first name: HTTP 400."
    breaks = ("PAT-002", "TRN-004")

    def outcomes(self, call: Call, outcomes: tuple[Outcome, ...], state: State) -> tuple[Outcome, ...]:
        short = call.role == "create_patient" and not call.has_value("first_name")
        return refused(HTTPStatus.BAD_REQUEST) if short else outcomes


class ReadsNamesByCase(KnowsItsSpec):
    name = "reads-names-by-case"
    does = "Ignores parameters whose names are not spelled as documented, letter by letter."
    breaks = ("TRN-005",)

    def request(self, request: Request) -> Request:
        method = self.method(request)
        known = {p.name for p in method.parameters} if method else set()
        return _rebuilt(request, lambda parts: [part for part in parts if part.partition("=")[0] in known])


class ReadsParametersInOrder(KnowsItsSpec):
    name = "reads-parameters-in-order"
    does = "Ignores a parameter that comes after one which is documented later."
    breaks = ("FND-003", "FND-032", "STAT-010", "TRN-006")

    def request(self, request: Request) -> Request:
        method = self.method(request)
        places = {p.name.casefold(): place for place, p in enumerate(method.parameters)} if method else {}

        def in_order(parts: list[str]) -> list[str]:
            kept: list[str] = []
            last = -1
            for part in parts:
                place = places.get(part.partition("=")[0].casefold(), last)
                if place >= last:
                    kept.append(part)
                    last = place
            return kept

        return _rebuilt(request, in_order)


class FoldsTheCaseOfIds(Fault):
    name = "folds-the-case-of-ids"
    does = "Finds integration ids and patient ids without regard to case."
    breaks = (
        "CASE-004",
        "FND-004",
        "FND-009",
        "PAT-020",
        "PAT-021",
        "SEL-006",
        "STAT-034",
        "STAT-036",
        "TRN-007",
        "UPD-014",
        "UPD-022",
    )

    def call(self, call: Call, state: State) -> Call:
        known: Mapping[str, Collection[str]] = {"integration_id": state.mapped, "patient_id": state.holders}
        folded = {
            role: _alike(value, known[role]) if role in known and isinstance(value, str) else value
            for role, value in call.values.items()
        }
        return replace(call, values=folded)


def _alike(value: str, known: Collection[str]) -> str:
    """The known text that differs in case only; the value itself where it is known, or none is."""
    found = (text for text in known if text.casefold() == value.casefold())
    return value if value in known else next(found, value)


class RefusesDatesWithTheYearFirst(Fault):
    name = "refuses-dates-with-the-year-first"
    does = "Answers HTTP 400 to a call with a date that begins with the year."
    breaks = ("FND-007", "FND-032", "FND-033", "PAT-001", "TRN-008")

    def outcomes(self, call: Call, outcomes: tuple[Outcome, ...], state: State) -> tuple[Outcome, ...]:
        dated = any(re.match(r"\d{4}-", text) and len(text) < 30 for text in call.texts.values())
        return refused(HTTPStatus.BAD_REQUEST) if dated else outcomes


class BreaksOnUnknownOperations(Fault):
    name = "breaks-on-unknown-operations"
    does = "Answers HTTP 500 when asked for the status of an operation it does not know."
    breaks = ("STAT-001", "TRN-011")

    def outcomes(self, call: Call, outcomes: tuple[Outcome, ...], state: State) -> tuple[Outcome, ...]:
        lost = call.role == "get_status" and state.newest(call.guid("operation")) is None
        return refused(HTTPStatus.INTERNAL_SERVER_ERROR) if lost else outcomes


class DiesOfMalformedValues(Fault):
    name = "dies-of-malformed-values"
    does = "Resets every connection once a call has held a value without meaning for its type."
    breaks = ("TRN-012",)
    _dead = False

    def call(self, call: Call, state: State) -> Call:
        self._dead = self._dead or bool(call.malformed)
        return call

    def response(self, request: Request, response: Response) -> Response:
        return replace(response, wire=WireFault.RESET) if self._dead else response


class ReadsUpperCaseEscapesOnly(Fault):
    name = "reads-upper-case-escapes-only"
    does = "Takes percent escapes with lower-case digits for text."
    breaks = ("MAP-006", "PAT-014", "PAT-015", "TRN-018")

    def request(self, request: Request) -> Request:
        return replace(request, target=re.sub(r"%(?=[0-9]?[a-f])", "%25", request.target))


class IsConfusedByUnknownParameters(KnowsItsSpec):
    name = "is-confused-by-unknown-parameters"
    does = "Finds no cases when a search has a parameter that the method does not have."
    breaks = ("TRN-019",)

    def request(self, request: Request) -> Request:
        method = self.method(request)
        known = method.by_folded_name if method is not None and method.role == "find_cases" else {}

        def for_nobody(parts: list[str]) -> list[str]:
            strangers = any(part.partition("=")[0].casefold() not in known for part in parts if part)
            return [f"{part}-nobody" for part in parts] if strangers else parts

        return _rebuilt(request, for_nobody) if known else request


def _rebuilt(request: Request, change: Callable[[list[str]], list[str]]) -> Request:
    path, mark, query = request.target.partition("?")
    parts = change(query.split("&")) if mark else []
    return replace(request, target=path + mark + "&".join(parts))
