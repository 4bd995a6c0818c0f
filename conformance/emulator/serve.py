"""The emulator in the foreground: says where it is and how to reach it, then serves until Ctrl-C."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

from conformance.emulator.clock import RealClock
from conformance.emulator.dialects import chosen as chosen_dialects
from conformance.emulator.embedded import Embedded, Ports
from conformance.emulator.equipment import announcement
from conformance.emulator.faults import select
from conformance.emulator.listener import LOOPBACK
from conformance.emulator.policies import POLICIES, named
from conformance.emulator.policy import ASKS_A_PERSON, WORKS_BY_ITSELF, Freedom, Policy
from conformance.emulator.seed import load_seed
from conformance.emulator.store import Store
from conformance.emulator.temporary import sweep
from conformance.emulator.tls import VERSIONS, TlsSettings
from conformance.spec import Spec
from conformance.trace import NoteKind, Recorder

Say = Callable[[str], object]

ANY_ADDRESS = frozenset({"0.0.0.0", "::"})
CERTIFICATES = "certificates"
"""Folder for them within a data folder."""
DEFAULT_TLS = "1.2"
TLS_VERSIONS = tuple(name.removeprefix("TLSv") for name in VERSIONS)
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
    seed_data: Path | None = None
    """A folder with seed.json; None for the one of the package."""
    hostnames: tuple[str, ...] = ()
    """Names, besides loopback, under which clients will call."""
    policies: tuple[str, ...] = ()
    """Named policies; they begin with a server that uses no freedom, whatever ``freedoms`` says."""
    dialects: tuple[str, ...] = ()
    """What it speaks besides what the guide says, by the names of the spec."""
    tls_minimum: str = ""
    """As 1.2; '' for what the readings say."""
    tls_maximum: str = ""
    data: Path | None = None
    """Where patients, cases, stations and operations are kept from run to run; None keeps them in memory."""
    fresh: bool = False
    """True: what ``data`` holds is replaced by the seed data."""


def embedded(spec: Spec, settings: Settings, recorder: Recorder | None = None, store: Store | None = None) -> Embedded:
    """The emulator of these settings, not started; ``store`` is that of its data folder.

    ValueError for a fault or a reading that does not exist, and for data that cannot be used.
    """
    policy = Policy(
        seed=settings.seed,
        pick_up_delay_s=settings.pick_up_delay_s,
        processing_delay_s=settings.processing_delay_s,
        operator=ASKS_A_PERSON if settings.asks else WORKS_BY_ITSELF,
        readings=settings.readings,
        freedoms=settings.freedoms,
        dialects=settings.dialects,
    )
    if settings.policies:
        policy = named(settings.policies, policy)
    port = settings.port
    if port is None:
        spoken = (dialect.port for dialect in chosen_dialects(spec, settings.dialects) if dialect.port is not None)
        port = next(spoken, spec.service.port)
    tls = _as_dialect(_tls(settings), spec, settings.dialects)
    made = Embedded(
        spec,
        policy,
        RealClock(_from_zero()),
        select(*settings.faults),
        recorder,
        seed=load_seed(spec, settings.seed_data),
        ports=Ports(settings.host, port, settings.control_port),
        tls=tls,
        certificates=_certificates(settings, tls),
        opening=announce,
    )
    if store is None:
        return made
    return replace(made, keep=store.save, resumed=None if settings.fresh else store.load(spec))


def _certificates(settings: Settings, tls: TlsSettings) -> Path | None:
    """Where they are kept: in a folder of their own, or beside the data, each kind by itself; None for nowhere."""
    if settings.certificates is not None or settings.data is None:
        return settings.certificates
    return settings.data / (f"{CERTIFICATES}-self-signed" if tls.self_signed else CERTIFICATES)


def _as_dialect(tls: TlsSettings, spec: Spec, names: tuple[str, ...]) -> TlsSettings:
    """With a certificate that vouches for itself, where a dialect has one."""
    name = next((each.certificate for each in chosen_dialects(spec, names) if each.certificate), "")
    return replace(tls, self_signed=True, leaf_name=name) if name else tls


def _tls(settings: Settings) -> TlsSettings:
    """ValueError for a lowest version above the highest."""
    minimum = settings.tls_minimum or min(DEFAULT_TLS, settings.tls_maximum or DEFAULT_TLS)
    chosen = TlsSettings(hostnames=settings.hostnames)
    if settings.tls_maximum:
        if minimum > settings.tls_maximum:
            raise ValueError(
                f"the lowest TLS version is {minimum} and the highest {settings.tls_maximum}; expected the lowest not"
                " to be above the highest. Change either."
            )
        chosen = replace(chosen, maximum=VERSIONS[f"TLSv{settings.tls_maximum}"])
    return replace(chosen, minimum=VERSIONS[f"TLSv{minimum}"], fixed=bool(settings.tls_minimum))


def announce(running: Embedded) -> None:
    """Has on record by what the emulator runs and what it holds, before anybody calls."""
    recorder = running.recorder
    if recorder is not None:
        now_s = running.clock.now_s()
        data = "as seeded" if running.resumed is None else "from an earlier run"
        recorder.note(NoteKind.RUN, now_s, data=data, **announcement(running.policy, running.faults))
        for facts in running.fixtures():
            recorder.note(NoteKind.FIXTURE, now_s, **facts)


def _from_zero() -> Callable[[], float]:
    """A recording tells how long things took, not when this computer was started."""
    start_s = time.monotonic()
    return lambda: time.monotonic() - start_s


def serve(
    spec: Spec,
    settings: Settings | None = None,
    say: Say = print,
    wait: Callable[[Embedded], object] = lambda running: running.loop.wait(),
    recorder: Recorder | None = None,
    overhear: Callable[[Embedded], object] = lambda running: running.console.overhear(),
) -> None:
    """Serves until ``wait`` returns, or Ctrl-C. Raises ListenError, SeedError or ValueError: the set-up's fault.

    ``recorder`` gets every exchange. ``overhear`` says what the console tells of the traffic: by default no remarks.
    """
    settings = settings or Settings()
    sweep(Path(tempfile.gettempdir()), time.time())
    with ExitStack() as stack:
        store = None if settings.data is None else stack.enter_context(Store(settings.data))
        running = stack.enter_context(embedded(spec, settings, recorder, store))
        overhear(running)
        for line in greeting(running, store):
            say(line)
        try:
            wait(running)
        except KeyboardInterrupt:
            say("Stopped.")


def greeting(running: Embedded, store: Store | None = None) -> Iterator[str]:
    """The lines that tell a developer how to reach it."""
    yield "Dental Desktop emulator. Not a 3DD, not for clinical use; its patients are made up."
    yield f"  address      {running.url}"
    for user in running.users:
        yield f"  user         {user.user}   password {user.password or '(none)'}"
    yield f"  authority    {running.authority_pem}   (trust this certificate)"
    yield f"  thumbprint   {running.thumbprint}"
    yield f"  console      {running.console_url}   (play the dentist in a browser)"
    yield f"  control      {running.control_url}   Authorization: Bearer {running.token}"
    if store is not None:
        state, came = running.emulator.state, "as seeded" if running.resumed is None else "from an earlier run"
        counted = f"{len(state.patients)} patients, {len(state.cases)} cases, {len(state.operations)} operations"
        yield f"  data         {store.path}   ({counted}, {came})"
    for fault in running.faults:
        yield f"  fault        {fault.name}: {fault.does}"
    for name in running.policy.names:
        yield f"  policy       {name}: {POLICIES[name].why}"
    for dialect in chosen_dialects(running.spec, running.policy.dialects):
        yield f"  dialect      {dialect.name}: {dialect.title} ({dialect.mark.value}, outside the guide)"
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
