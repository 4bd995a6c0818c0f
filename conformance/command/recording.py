"""One recording, from the open port to the last file in its folder."""

from __future__ import annotations

import ipaddress
import secrets
import socket
import ssl
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rich.console import Console

from conformance import __version__
from conformance.command.closing import leave_report
from conformance.command.failure import SetUpFailure
from conformance.command.folder import JOURNAL, new_folder
from conformance.command.interruption import until_ctrl_c
from conformance.command.live import Live
from conformance.drive import Outgoing, Place, Prober, Refused, Trust
from conformance.drive.guard import Admitted
from conformance.drive.proxy import Entrance, Proxy, Watcher, listening
from conformance.emulator.tls import VERSIONS, Protection, TlsSettings, protect
from conformance.judge import IN_CLEAR, RAW, Monitor, Terms, about_from, journal_header
from conformance.spec import Profile, Service, Spec
from conformance.trace import NoteKind, Recorder, Redactor
from conformance.trace.har import write_har
from conformance.trace.journal import Journal

AUTHORITY_NAME = "threedd recording proxy root CA"
WAKE_S = 0.2  # a wait without end cannot be interrupted on Windows


@dataclass(frozen=True)
class Door:
    """Where the PMS is to call."""

    host: str
    port: int | None
    """None for the port of the spec, or any other where that one is taken."""
    hostnames: tuple[str, ...] = ()
    """Names, besides loopback, under which it will call."""
    certificates: Path | None = None
    """A folder that keeps them from recording to recording; None for new ones each time."""


@dataclass(frozen=True)
class Ending:
    """What ends a recording besides Ctrl-C; None for nothing."""

    after_s: float | None = None
    calls: int | None = None


@dataclass(frozen=True)
class Order:
    """What is to be recorded, how it is judged, and where the report goes."""

    spec: Spec
    profile: Profile | None
    url: str
    place: Place
    trust: Trust
    door: Door
    ending: Ending
    out: Path
    har: Path | None
    now: datetime
    raw: bool
    shared: bool
    strict: bool
    rename_host: bool


def carry_out(order: Order, console: Console) -> int:
    """Records until it is to end, judges and reports; the exit code. Raises SetUpFailure, OSError or ValueError."""
    if order.har is not None:
        order.har.parent.mkdir(parents=True, exist_ok=True)
    terms = Terms(profile=order.profile, strict=order.strict, on=f"{order.now:%Y-%m-%d}")
    header = journal_header(order.spec, terms, _about(order))
    monitor = Monitor(order.spec, terms=terms, about=about_from(header))
    with _protection(order) as protection, closing(_opened(order)) as entered:
        folder = new_folder(order.out, f"record-{order.place.authority}", order.now)
        entrance = Entrance(entered, protection.context if protection else None)
        try:
            with Journal(folder / JOURNAL, header) as journal:
                _greet(order, entrance, protection, journal.path, console)
                _record(order, entrance, journal, monitor, console)
                journal.close(monitor.finish().verdict.value)
        except _BrokeOff as broken:
            monitor.finish(cut_short=True)
            console.print(str(broken), markup=False, highlight=False, soft_wrap=True)
    ledger = monitor.finish()
    events = leave_report(ledger, order.spec, folder, console, tells_left=False)
    if order.har is not None:
        write_har(events, order.har, order.spec, __version__, order.now)
        console.print(f"archive: {order.har}", markup=False, highlight=False, soft_wrap=True)
    return ledger.exit_code


class _BrokeOff(Exception):
    """The recording is not whole; its journal shall have no footer."""


def _about(order: Order) -> dict[str, str]:
    about = {"harness": f"threedd-conformance {__version__}", "subject": f"a PMS, recorded on its way to {order.url}"}
    return {**about, RAW: IN_CLEAR} if order.raw else about


# -- the side of the PMS --------------------------------------------------------------------------------------


@contextmanager
def _protection(order: Order) -> Iterator[Protection | None]:
    """What the PMS is shown when it shakes hands: as old a version as the service speaks; None for a plain service."""
    if order.place.scheme == "http":
        yield None
        return
    door = order.door
    names = [*door.hostnames, *([] if _is_anywhere(door.host) else [door.host])]
    settings = TlsSettings(
        minimum=_oldest(order.spec.service),
        hostnames=tuple(dict.fromkeys(name for name in names if not _is_ip(name))),
        ips=tuple(dict.fromkeys(name for name in names if _is_ip(name))),
        authority_name=AUTHORITY_NAME,
    )
    with tempfile.TemporaryDirectory(prefix="threedd-") as folder:
        yield protect(settings, door.certificates or Path(folder), keep=door.certificates is not None)


def _oldest(service: Service) -> ssl.TLSVersion:
    return min(TlsSettings().minimum, VERSIONS.get(service.minimum_tls, TlsSettings().minimum))


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_anywhere(host: str) -> bool:
    return _is_ip(host) and ipaddress.ip_address(host).is_unspecified


def _opened(order: Order) -> socket.socket:
    """The listening socket. Raises SetUpFailure."""
    door = order.door
    for port in (order.spec.service.port, 0) if door.port is None else (door.port,):
        try:
            return listening(door.host, port)
        except OSError as wrong:
            refused = f"cannot listen on {door.host} port {port} ({wrong.strerror or wrong})"
    raise SetUpFailure(f"{refused}; end the program that holds it, or choose another (--host, --port).")


def _greet(order: Order, entrance: Entrance, protection: Protection | None, journal: Path, console: Console) -> None:
    """Says where the PMS is to call, and whom it is to trust."""
    lines = [
        ("address", f"{order.place.scheme}://{entrance.authority}{order.place.base_path}   (have the PMS call it)")
    ]
    if protection is not None:
        lines.append(("authority", f"{protection.paths.authority_pem}   (have it trust this certificate)"))
        lines.append(("thumbprint", f"{protection.thumbprint}   (or this one)"))
    lines.append(("journal", str(journal)))
    for name, text in lines:
        console.print(f"  {name:<12} {text}", markup=False, highlight=False, soft_wrap=True)
    console.print("Recording; Ctrl-C ends it.", highlight=False)


# -- the recording --------------------------------------------------------------------------------------------


def _record(order: Order, entrance: Entrance, journal: Journal, monitor: Monitor, console: Console) -> None:
    """Returns when the recording is to end and all of it is recorded. Raises _BrokeOff."""
    done, clock = threading.Event(), _from_zero()
    live = Live(monitor, console, lambda calls: done.set() if calls == order.ending.calls else None)
    redactor = Redactor(order.spec, secrets.token_bytes(32), raw=order.raw)
    recorder = Recorder(order.spec, redactor, [journal.append, live.hear])
    if order.place.scheme == "https":
        Prober(order.place, recorder, clock, _never).chain(order.trust.thumbprint, order.trust.authority_pem)
    if order.shared:
        recorder.note(NoteKind.FOREIGN, clock(), why="others are said to use the server during the recording")
    watcher = Watcher(recorder.exchange, lambda text: live.say(f"! {text}", "yellow"))
    proxy = Proxy(entrance, order.place, order.trust.context, watcher, clock, rename_host=order.rename_host)
    with live, proxy:
        _wait(proxy, done, clock, order.ending.after_s)
    if proxy.failure is not None:
        raise _BrokeOff(f"the recording broke off: {type(proxy.failure).__name__}: {proxy.failure}") from proxy.failure


def _wait(proxy: Proxy, done: threading.Event, clock: Callable[[], float], after_s: float | None) -> None:
    """Returns when enough was recorded, when nothing can be recorded any more, or on Ctrl-C."""
    with until_ctrl_c() as stopped:
        while not (done.wait(WAKE_S) or stopped()) and proxy.failure is None and (after_s is None or clock() < after_s):
            pass


def _never(outgoing: Outgoing) -> Admitted:
    raise Refused("a recording sends nothing of its own")


def _from_zero() -> Callable[[], float]:
    """A clock that begins with the recording."""
    start = time.perf_counter()
    return lambda: time.perf_counter() - start
