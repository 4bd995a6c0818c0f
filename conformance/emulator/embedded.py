"""An emulator within this process: real sockets, real TLS, virtual time."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import UUID

from conformance.emulator.both_ways import BothWays
from conformance.emulator.clock import Clock, SteppedClock
from conformance.emulator.console import Console
from conformance.emulator.control import Control
from conformance.emulator.crowd import Crowd
from conformance.emulator.declared import Facts, declared
from conformance.emulator.faults.overlay import Fault
from conformance.emulator.identities import Identities, Identity
from conformance.emulator.listener import LOOPBACK, Address, Listener, Loop
from conformance.emulator.policy import Policy
from conformance.emulator.protocol import Handler, Request, Response
from conformance.emulator.readings import resolved
from conformance.emulator.seed import Seed, load_seed
from conformance.emulator.server import Emulator
from conformance.emulator.temporary import temporary_folder
from conformance.emulator.tls import Protection, TlsSettings, as_read, protect
from conformance.model import State
from conformance.spec import Spec
from conformance.trace import NoteKind, Recorder
from conformance.wire import Credentials

BRISK_SILENCE_S = 8.0


def brisk_policy(seed: int = 0) -> Policy:
    """The default for a stepped clock: every freedom used, and a station given up after few polls."""
    return Policy(seed=seed, silence_limit_s=BRISK_SILENCE_S)


@dataclass(frozen=True)
class Ports:
    """Where to listen; port 0 lets the system choose. The control port is always on loopback."""

    host: str = LOOPBACK
    port: int = 0
    control_port: int = 0


@dataclass
class Embedded:
    """A running emulator, as a context manager. Everything but ``spec`` has a default that suits a test."""

    spec: Spec
    policy: Policy = field(default_factory=brisk_policy)
    clock: Clock = field(default_factory=SteppedClock)
    faults: Sequence[Fault] = ()
    recorder: Recorder | None = None
    seed: Seed | None = None
    ports: Ports = field(default_factory=Ports)
    tls: TlsSettings = field(default_factory=TlsSettings)
    certificates: Path | None = None
    """A folder whose certificates are kept from run to run; None for new ones each time."""
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    """Of the control port."""
    identified: bool = False
    """True makes ``identities``, so that the port can present another certificate while it is open."""
    keep: Callable[[State], object] = lambda state: None
    """Gets the state at the start, and whenever something was asked of either port before it is answered."""
    resumed: State | None = None
    """What an earlier run left; the seed then serves for users and for a reset."""
    opening: Callable[[Embedded], object] = lambda running: None
    """Called when all but the ports is there."""

    def __enter__(self) -> Self:
        """Opens both ports. Raises ListenError when one is not to be had."""
        seed = self.seed or load_seed(self.spec)
        self.users: tuple[Credentials, ...] = seed.users
        self._declared: State = seed.state if self.resumed is None else self.resumed.copy()
        self.emulator = Emulator(
            self.spec,
            self.policy,
            self.clock,
            seed.users,
            seed.state,
            self.faults,
            self.recorder,
            resumed=self.resumed,
            keep=self.keep,
        )
        if self.resumed is None:
            self._declared = self._declared.copy()
            for habit in self.emulator.habits:
                habit.state(self._declared)
        self.emulator.keep()
        self._crowd = Crowd(self.emulator.handle)
        with ExitStack() as stack:
            settings = self._settings()
            right = as_read(self.tls, self.spec.service, resolved(self.spec, self.policy.readings))
            kept = self.certificates if settings == right else None  # those of a fault shall not take their place
            folder = kept or stack.enter_context(temporary_folder())
            self.protection: Protection = self._protect(settings, folder, keep=kept is not None)
            self.emulator.protected = self.protection.context is not None
            self.opening(self)
            loop = stack.enter_context(Loop())
            wanted = self.ports
            self._address = self._open(loop, wanted, settings, stack)
            control = Control(self.emulator, self.token, self._crowd)
            self.console = Console(self.emulator, self.token, self.url)
            answer = self._kept(self.console.before(control.handle))
            self._control: Listener = loop.serve(answer, None, LOOPBACK, wanted.control_port)
            self.loop = loop
            self._running = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._running.close()

    @property
    def address(self) -> Address:
        """Of the protocol port."""
        return self._address

    @property
    def url(self) -> str:
        """The base address of the methods, without a slash at its end."""
        scheme = "http" if self.protection.context is None else self.spec.service.scheme
        return f"{scheme}://{self.address}{self.spec.service.base_path}"

    @property
    def control_url(self) -> str:
        return f"http://{self._control.address}"

    @property
    def console_url(self) -> str:
        """The page on which a person plays the dentist, with what signs the browser in."""
        return f"{self.control_url}/console?token={self.token}"

    @property
    def authority_pem(self) -> Path:
        """The certificate a client has to trust."""
        return self.protection.paths.authority_pem

    @property
    def thumbprint(self) -> str:
        """SHA-1 of the last certificate of the chain, forty lower-case hex digits."""
        return self.protection.thumbprint

    def fixtures(self) -> Iterator[Facts]:
        """What was there at the start, as the facts of FIXTURE notes."""
        return declared(self._declared)

    def decide(
        self,
        dialog: str,
        button: str,
        *,
        operation: UUID | None = None,
        station: UUID | None = None,
        patient: str = "",
        times: int = 1,
    ) -> None:
        """Has a button pressed; see ``Emulator.decide``."""
        self.emulator.decide(dialog, button, operation=operation, station=station, patient=patient, times=times)

    def _open(self, loop: Loop, wanted: Ports, settings: TlsSettings, stack: ExitStack) -> Address:
        """Opens the protocol port: one listener, or two behind a third that looks at what comes in."""
        handle, context, clock = self._crowd.handle, self.protection.context, self.clock.now_s
        if not settings.plain_too:
            self._protocol: tuple[Listener, ...] = (loop.serve(handle, context, wanted.host, wanted.port, clock=clock),)
            return self._protocol[0].address
        self._protocol = tuple(loop.serve(handle, each, LOOPBACK, 0, clock=clock) for each in (context, None))
        both = BothWays(*(listener.address for listener in self._protocol))
        stack.callback(lambda: loop.run(both.close()))
        return loop.run(both.open(wanted.host, wanted.port))

    def _protect(self, settings: TlsSettings, folder: Path, *, keep: bool) -> Protection:
        if not self.identified:
            return protect(settings, folder, keep=keep)
        self.identities = Identities(folder, settings, keep=keep)
        return self.identities.protection(lambda shown: self._note(NoteKind.HANDSHAKE, shown))

    def present(self, identity: str) -> None:
        """From now on that certificate is presented, and clients have to shake hands anew. ValueError for a name
        that does not exist."""
        shown = self.identities.present(identity)
        self._note(NoteKind.IDENTITY, shown)
        for listener in self._protocol:
            listener.drop()

    def _note(self, kind: NoteKind, shown: Identity) -> None:
        for hearer in self.emulator.listeners:
            grave = "yes" if shown.grave else "no"
            hearer.note(kind, self.clock.now_s(), name=shown.name, flaw=shown.flaw, grave=grave)

    def _kept(self, handle: Handler) -> Handler:
        """The same handler, but that what it changed is kept before it is answered."""

        def handled(request: Request) -> Response | Awaitable[Response]:
            with self.emulator.lock:
                response = handle(request)
                self.emulator.keep()
            return response

        return handled

    def _settings(self) -> TlsSettings:
        settings = as_read(self.tls, self.emulator.spec.service, self.emulator.readings)
        for fault in self.faults:
            settings = fault.tls(settings)
        return settings
