"""The emulator in the foreground: says where it is and how to reach it, then serves until Ctrl-C."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from conformance.emulator.clock import RealClock
from conformance.emulator.embedded import Embedded, Ports
from conformance.emulator.faults import select
from conformance.emulator.listener import LOOPBACK
from conformance.emulator.policy import ASKS_A_PERSON, WORKS_BY_ITSELF, Freedom, Policy
from conformance.emulator.seed import load_seed
from conformance.emulator.tls import TlsSettings
from conformance.spec import Spec

Say = Callable[[str], object]

ANY_ADDRESS = frozenset({"0.0.0.0", "::"})
PICK_UP_S, PROCESSING_S = 0.7, 1.0
FREEDOMS = frozenset(Freedom) - {Freedom.UNKNOWN_ELEMENTS}
"""All but strange elements, so that answers validate against the schema; the reading UNKNOWN-ELEMENTS adds them."""


@dataclass(frozen=True)
class Settings:
    """What the command line can choose."""

    host: str = LOOPBACK
    port: int | None = None
    """None for the port of the spec."""
    control_port: int = 0
    faults: Sequence[str] = ()
    readings: Mapping[str, str] = field(default_factory=dict)
    seed: int = 0
    freedoms: frozenset[Freedom] = FREEDOMS
    asks: bool = False
    """True: dialogs wait for a decision through the control port. False: they are answered by themselves."""
    pick_up_delay_s: float = PICK_UP_S
    processing_delay_s: float = PROCESSING_S
    certificates: Path | None = None
    data: Path | None = None
    """A folder with seed.json; None for the one of the package."""
    hostnames: tuple[str, ...] = ()
    """Names, besides loopback, under which clients will call."""


def embedded(spec: Spec, settings: Settings) -> Embedded:
    """The emulator of these settings, not started. ValueError for a fault or a reading that does not exist."""
    policy = Policy(
        seed=settings.seed,
        pick_up_delay_s=settings.pick_up_delay_s,
        processing_delay_s=settings.processing_delay_s,
        operator=ASKS_A_PERSON if settings.asks else WORKS_BY_ITSELF,
        readings=settings.readings,
        freedoms=settings.freedoms,
    )
    port = spec.service.port if settings.port is None else settings.port
    return Embedded(
        spec,
        policy,
        RealClock(),
        select(*settings.faults),
        seed=load_seed(spec, settings.data),
        ports=Ports(settings.host, port, settings.control_port),
        tls=TlsSettings(hostnames=settings.hostnames),
        certificates=settings.certificates,
    )


def serve(
    spec: Spec,
    settings: Settings | None = None,
    say: Say = print,
    wait: Callable[[Embedded], object] = lambda running: running.loop.wait(),
) -> None:
    """Serves until ``wait`` returns, or Ctrl-C. Raises ListenError, SeedError or ValueError: the set-up's fault."""
    with embedded(spec, settings or Settings()) as running:
        for line in greeting(running):
            say(line)
        try:
            wait(running)
        except KeyboardInterrupt:
            say("Stopped.")


def greeting(running: Embedded) -> Iterator[str]:
    """The lines that tell a developer how to reach it."""
    yield "Dental Desktop emulator. Not a 3DD, not for clinical use; its patients are made up."
    yield f"  address      {running.url}"
    for user in running.users:
        yield f"  user         {user.user}   password {user.password}"
    yield f"  authority    {running.authority_pem}   (trust this certificate)"
    yield f"  thumbprint   {running.thumbprint}"
    yield f"  control      {running.control_url}   Authorization: Bearer {running.token}"
    for fault in running.faults:
        yield f"  fault        {fault.name}: {fault.does}"
    for station in running.emulator.state.stations.values():
        if station.connected:
            yield f"  station      {station.id}   {station.hostname}"
    yield from _patient_with_most_cases(running)
    yield "Try it:"
    yield f"  {curl(running)}"


def _patient_with_most_cases(running: Embedded) -> Iterator[str]:
    """A line about one mapped patient, to have something to look up; none where no mapped patient has a case."""
    state = running.emulator.state
    cases = {p.integration_id: len(tuple(state.cases_of(p))) for p in state.patients.values() if p.integration_id}
    most = max(cases, key=lambda each: cases[each], default="")
    if cases.get(most):
        yield f"  patient      {most}   {cases[most]} cases"


def curl(running: Embedded) -> str:
    """A command that lists the stations, to be pasted into a shell."""
    method = running.spec.method["list_stations"].name
    user = running.users[0]
    url = running.url
    host = urlsplit(url).hostname or ""
    if host in ANY_ADDRESS:
        url = url.replace(str(running.address), f"localhost:{running.address.port}", 1)
    return f'curl --cacert "{running.authority_pem}" --user "{user.user}:{user.password}" "{url}/{method}"'
