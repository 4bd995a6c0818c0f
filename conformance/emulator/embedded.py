"""An emulator within this process: real sockets, real TLS, virtual time."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import UUID

from conformance.emulator.both_ways import BothWays
from conformance.emulator.clock import Clock, SteppedClock
from conformance.emulator.control import Control
from conformance.emulator.crowd import Crowd
from conformance.emulator.declared import Facts, declared
from conformance.emulator.faults.overlay import Fault
from conformance.emulator.listener import LOOPBACK, Address, Listener, Loop
from conformance.emulator.policy import Policy
from conformance.emulator.seed import Seed, load_seed
from conformance.emulator.server import Emulator
from conformance.emulator.tls import Protection, TlsSettings, as_read, protect
from conformance.model import State
from conformance.spec import Spec
from conformance.trace import Recorder
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

    def __enter__(self) -> Self:
        """Opens both ports. Raises ListenError when one is not to be had."""
        seed = self.seed or load_seed(self.spec)
        self.users: tuple[Credentials, ...] = seed.users
        self.emulator = Emulator(self.spec, self.policy, self.clock, seed.users, seed.state, self.faults, self.recorder)
        self._crowd = Crowd(self.emulator.handle)
        self._declared: State = seed.state
        with ExitStack() as stack:
            folder = self.certificates or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="threedd-")))
            settings = self._settings()
            self.protection: Protection = protect(settings, folder, keep=self.certificates is not None)
            loop = stack.enter_context(Loop())
            wanted = self.ports
            self._address = self._open(loop, wanted, settings, stack)
            control = Control(self.emulator, self.token, self._crowd)
            self._control: Listener = loop.serve(control.handle, None, LOOPBACK, wanted.control_port)
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
            return loop.serve(handle, context, wanted.host, wanted.port, clock=clock).address
        protected = loop.serve(handle, context, LOOPBACK, 0, clock=clock).address
        both = BothWays(protected, loop.serve(handle, None, LOOPBACK, 0, clock=clock).address)
        stack.callback(lambda: loop.run(both.close()))
        return loop.run(both.open(wanted.host, wanted.port))

    def _settings(self) -> TlsSettings:
        settings = as_read(self.tls, self.emulator.spec.service, self.emulator.readings)
        for fault in self.faults:
            settings = fault.tls(settings)
        return settings
