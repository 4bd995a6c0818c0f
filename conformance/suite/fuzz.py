"""Schemathesis as one more producer of calls: it knows nothing but openapi.yaml, and judges nothing here.

Its strategies draw the calls, valid and invalid ones; our driver sends them, so that they are recorded and judged
like any others. Its engine and its checks stay unused: this service answers 2xx first and tells the truth later, which
generic checks take for failures. Importing it costs seconds, so nothing else may import this module at its head.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, cast

import schemathesis
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from conformance.drive import Outgoing, OutsideTier, basic, headers, made_up, target
from conformance.spec import Kind, Method, Spec
from conformance.spec.load import OPENAPI_FILE
from conformance.suite.budget import FUZZ
from conformance.suite.oracle import Oracle, rows
from conformance.suite.stage import Stage
from conformance.trace import NoteKind

MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
CALLS_PER_DRAW = 2  # the call itself, and a look at what became of it


@dataclass
class Fuzzer:
    """Sends a bounded number of generated calls."""

    stage: Stage
    oracle: Oracle
    calls: int
    """At most this many, looks included."""
    sent: int = 0
    refused: int = 0
    """Calls that would have gone further than the run may."""
    confirmed: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._random = Random(f"{self.stage.target.seed}/{self.stage.target.prefix}/{FUZZ}")
        self._known = self.oracle.known()

    def run(self) -> None:
        """Draws evenly for every method and mode. Raises only what is wrong with the harness."""
        kinds = [(operation, method, mode) for operation, method in self._operations() for mode in MODES]
        for index, (operation, method, mode) in enumerate(kinds):
            share = (self.calls - self.sent) // (len(kinds) - index) // CALLS_PER_DRAW
            if share > 0:
                self._draw(operation, method, mode, share)

    def _operations(self) -> Iterator[tuple[Any, Method]]:
        spec = self.stage.spec
        schema = schemathesis.openapi.from_path(spec.folder / OPENAPI_FILE)
        schema.config.generation.codec = None  # all that UTF-8 can write, without trying each of a million characters
        for found in schema.get_all_operations():
            operation: Any = cast(Any, found).ok()  # raises for a schema that our own loader would have refused
            method = spec.method_by_folded_name.get(operation.path.rsplit("/", 1)[-1].casefold())
            if method is not None and self._allowed(method):
                yield operation, method

    def _allowed(self, method: Method) -> bool:
        return self.stage.target.may_write or not method.starts_operation

    def _draw(self, operation: Any, method: Method, mode: GenerationMode, examples: int) -> None:
        @seed(f"{self.stage.target.seed}/{method.role}/{mode.value}")
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
            verbosity=Verbosity.quiet,
            print_blob=False,
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def send(case: Any) -> None:
            self._send(case, method)

        with contextlib.suppress(Unsatisfiable):  # nothing to negate, for one: then this kind sends nothing
            send()

    def _send(self, case: Any, method: Method) -> None:
        query = dict(case.query) if isinstance(case.query, Mapping) else {}
        asked = self._tame(query, method)
        try:
            self._call(method, case.method.upper(), extra=tuple(_pairs(query)))
        except OutsideTier:
            self.refused += 1
            return
        if asked:
            self._call(self.stage.spec.method["get_status"], "GET", operation=asked)

    def _tame(self, query: dict[str, Any], method: Method) -> str:
        """Gives operations an id that can be asked for, and every patient the run's prefix; returns the id."""
        spec, prefix = self.stage.spec, self.stage.target.prefix
        for parameter in method.parameters:
            value = query.get(parameter.name)
            if parameter.sensitive and parameter.kind is Kind.TEXT and isinstance(value, str) and value:
                query[parameter.name] = prefix + value
        if not method.starts_operation or "operation" not in spec.method[method.role].by_role:
            return ""
        operation = made_up(prefix, self._random.getrandbits(128))
        query[method.by_role["operation"].name] = operation
        return operation

    def _call(
        self, method: Method, verb: str, *, operation: str | None = None, extra: tuple[tuple[str, str], ...] = ()
    ) -> None:
        place = self.stage.driver.place
        user = self.stage.target.users[0] if self.stage.target.users else None
        authorization = basic(user.user, user.password) if user is not None else None
        outgoing = Outgoing(
            target=target(self.stage.spec, place.base_path, method.role, {"operation": operation}, extra=extra),
            headers=headers(place.authority, authorization, {}),
            verb=verb,
            connection="main",
            who=FUZZ,
            play=FUZZ,
        )
        self._send_and_confirm(outgoing)

    def _send_and_confirm(self, outgoing: Outgoing) -> None:
        self.stage.driver.send(outgoing)
        self.sent += 1
        broken = [row for row in rows(self.oracle.take()) if row not in self._known | self.confirmed]
        if not broken:
            return
        self.stage.driver.send(outgoing)
        self.sent += 1
        again = rows(self.oracle.take())
        for row in broken:
            self.confirmed.add(row)
            data = {"row": row, "play": FUZZ, "again": "yes" if row in again else "no"}
            self.stage.note(NoteKind.CONFIRMED, data)


def _pairs(query: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Names and texts; a list gives its name as often as it has entries."""
    for name, value in query.items():
        for text in value if isinstance(value, list) else [value]:
            yield str(name), "" if text is None else str(text)


def available(spec: Spec) -> bool:
    """True when the spec folder has the file that this producer lives on."""
    return (spec.folder / OPENAPI_FILE).is_file()
