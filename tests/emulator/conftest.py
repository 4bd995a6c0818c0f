"""An emulator without sockets, spoken to by role, whose answers come back decoded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import pytest

from conformance.emulator.clock import SteppedClock
from conformance.emulator.policy import Policy
from conformance.emulator.protocol import Request, Response
from conformance.emulator.seed import Seed, load_seed
from conformance.emulator.server import Emulator
from conformance.spec import Spec, load
from conformance.wire import Document, Record, decode, encode_basic, encode_query


@dataclass
class Practice:
    """A PMS that talks to one emulator."""

    emulator: Emulator
    spec: Spec
    """The guide's facts, which a fault may have changed for the emulator."""
    seed: Seed

    def request(self, role: str, **parameters: str) -> Request:
        method = self.spec.method[role]
        query = encode_query((method.by_role[name].name, text) for name, text in parameters.items())
        user = self.seed.users[0]
        headers = (("host", "localhost"), ("authorization", encode_basic(user.user, user.password)))
        return Request("GET", f"{self.spec.service.base_path}/{method.name}?{query}", headers, b"", 1, "[::1]:9", 0.0)

    def ask(self, role: str, **parameters: str) -> Response:
        return self.emulator.handle(self.request(role, **parameters))

    def document(self, role: str, **parameters: str) -> Document:
        response = self.ask(role, **parameters)
        document = decode(response.body, self.spec.method[role].answer, self.spec, response.headers[0][1])
        assert isinstance(document, Document), (response, document)
        return document

    def records(self, role: str, **parameters: str) -> tuple[Record, ...]:
        return self.document(role, **parameters).records

    def status(self, operation: object = 0) -> str:
        """Name of the status that one poll shows."""
        code = self.records("get_status", operation=_guid(operation))[0].number("code")
        assert code is not None
        return self.spec.status_by_code[code].name

    def path(self, operation: object, polls: int = 20) -> list[str]:
        """The statuses that so many polls show, each once."""
        return list(dict.fromkeys(self.status(operation) for _ in range(polls)))

    def start(self, role: str, operation: object, station: object = 0, **parameters: str) -> int:
        return self.ask(role, operation=_guid(operation), station=_guid(station), **parameters).http_status

    def decide(self, operation: int, dialog: str, button: str) -> None:
        self.emulator.decide(dialog, button, operation=UUID(int=operation))


def _guid(value: object) -> str:
    return str(UUID(int=value) if isinstance(value, int) else value)


@pytest.fixture(scope="session")
def spec() -> Spec:
    return load()


@pytest.fixture(scope="session")
def seed(spec: Spec) -> Seed:
    return load_seed(spec)


@pytest.fixture(scope="session")
def opened(spec: Spec, seed: Seed) -> Callable[..., Practice]:
    """Opens a practice with this policy and these faults; without a policy no freedom is used."""

    def open_(policy: Policy | None = None, faults: tuple[object, ...] = (), **others: object) -> Practice:
        chosen = policy or Policy(freedoms=frozenset())
        emulator = Emulator(spec, chosen, SteppedClock(), seed.users, seed.state, faults, **others)  # type: ignore[arg-type]
        return Practice(emulator, spec, seed)

    return open_


@pytest.fixture
def practice(opened: Callable[..., Practice]) -> Practice:
    return opened()


@pytest.fixture
def station(seed: Seed) -> UUID:
    """One that is connected."""
    return next(s.id for s in seed.state.stations.values() if s.connected)


@pytest.fixture
def absent_station(seed: Seed) -> UUID:
    return next(s.id for s in seed.state.stations.values() if not s.connected)
