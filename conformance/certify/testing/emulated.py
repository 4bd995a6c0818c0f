"""An emulated Dental Desktop within a test: real sockets, real TLS, stepped time, and what it says of the PMS.

Everything that the control port offers is here as a method; ``control_url`` and ``token`` are for a PMS or a tool in
another process.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener
from uuid import UUID

from conformance.certify.reached import environment, server_of
from conformance.certify.testing.recorded import PmsCall, PmsFinding, Tape
from conformance.emulator.clock import SteppedClock
from conformance.emulator.declared import declared
from conformance.emulator.embedded import Embedded, brisk_policy
from conformance.emulator.faults import select
from conformance.emulator.policies import named
from conformance.emulator.seed import load_seed
from conformance.emulator.snapshot import snapshot
from conformance.spec import Spec, default_folder, load
from conformance.trace import NoteKind, Recorder, Redactor, to_json

_DIRECT = build_opener(ProxyHandler({}))  # a proxy for the web is no way to a port on this computer
_PATIENTS = frozenset({"patient", "unmapped_patient"})


@dataclass(frozen=True)
class Wishes:
    """How the emulator shall behave; the default is quiet: the same answer each time."""

    policies: tuple[str, ...] = ()
    readings: Mapping[str, str] = field(default_factory=dict)
    seed: int = 0
    seed_data: Path | None = None
    """A folder with seed.json; None for the one of the package."""


def reading(text: str) -> tuple[str, str]:
    """Id and name of what was written ID=NAME. ValueError for any other text."""
    point, equals, name = text.partition("=")
    if not (equals and point.strip() and name.strip()):
        raise ValueError(f"{text!r} is no reading; write ID=NAME, for example XML-BOM=present.")
    return point.strip(), name.strip()


class Emulated:
    """A running emulator, as a context manager. Times are those of the emulator: each call takes it a second."""

    def __init__(self, wishes: Wishes | None = None, spec: Spec | None = None) -> None:
        """Raises ValueError for a policy or a reading that does not exist."""
        self._wishes = wishes or Wishes()
        self.spec = spec or load(default_folder())
        start = brisk_policy(self._wishes.seed)
        policy = named(self._wishes.policies, start)
        self._running = Embedded(
            self.spec,
            replace(policy, readings={**policy.readings, **self._wishes.readings}),
            SteppedClock(),
            seed=load_seed(self.spec, self._wishes.seed_data),
        )
        self._tape = Tape(self.spec)
        self._key = secrets.token_bytes(32)

    def __enter__(self) -> Self:
        """Opens both ports. Raises ListenError, SeedError or ValueError: the set-up's fault."""
        self._running.__enter__()
        self._record()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._running.__exit__(kind, error, trace)

    # -- how to reach it --------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """The base address of the methods, without a slash at its end."""
        return self._running.url

    @property
    def user(self) -> str:
        return self._running.users[0].user

    @property
    def password(self) -> str:
        return self._running.users[0].password

    @property
    def users(self) -> Sequence[tuple[str, str]]:
        """Every user with its password."""
        return [(each.user, each.password) for each in self._running.users]

    @property
    def authority_pem(self) -> Path:
        """The certificate that a PMS has to trust."""
        return self._running.authority_pem

    @property
    def thumbprint(self) -> str:
        """SHA-1 of that certificate, forty lower-case hex digits."""
        return self._running.thumbprint

    @property
    def control_url(self) -> str:
        return self._running.control_url

    @property
    def token(self) -> str:
        """Of the control port."""
        return self._running.token

    def environment(self) -> Mapping[str, str]:
        """How to reach it, as environment variables for a program in another process."""
        return environment(server_of(self._running))

    # -- what happens at the stations -------------------------------------------------------------------------

    def decide(
        self,
        dialog: str,
        button: str,
        *,
        times: int = 1,
        patient: str = "",
        station: str | UUID | None = None,
        operation: str | UUID | None = None,
    ) -> None:
        """Has a button pressed in the next dialogs that fit, also in one that stands open.

        ``patient`` is the name or patient id of the suggestion to take in a merge. ValueError for what does not exist.
        """
        self._running.decide(
            dialog, button, operation=_guid(operation), station=_guid(station), patient=patient, times=times
        )

    def hold(self, station: str | UUID | None = None) -> None:
        """The station (None: every one) takes no operations until it is released."""
        self._running.emulator.hold(_guid(station))

    def release(self, station: str | UUID | None = None) -> None:
        self._running.emulator.release(_guid(station))

    def advance(self, seconds: float) -> None:
        """Moves the emulator's time on, and lets happen what is due."""
        self._running.emulator.advance(seconds)

    # -- how it behaves ---------------------------------------------------------------------------------------

    def policy(self, *names: str) -> None:
        """Goes on by these policies; none: by those it was started with. ValueError for what does not exist."""
        first = self._running.emulator.first_policy
        self._running.emulator.reconfigure(policy=named(names, first) if names else first)

    def faults(self, *names: str) -> None:
        """Goes on with these faults and no others. ValueError for what does not exist or needs another handshake."""
        self._running.emulator.reconfigure(faults=select(*names))

    def readings(self, readings: Mapping[str, str] | None = None, /, **more: str) -> None:
        """Goes on by these readings, by id with _ for -, and by the spec's defaults else. ValueError likewise."""
        told = {**(readings or {}), **{name.replace("_", "-"): take for name, take in more.items()}}
        self._running.emulator.reconfigure(readings=told)

    def disturb(self, what: str, *, method: str = "", times: int = 1, after: int = 0, seconds: float = 0.0) -> None:
        """Has something befall the answers to come: ``reset-after``, ``http-503``, ``truncated`` ...

        ``method`` by name, '' for any; ``after`` so many fitting calls. ValueError for what does not exist.
        """
        self._running.emulator.disturb(what, method=method, times=times, after=after, seconds=seconds)

    def reset(self) -> None:
        """As at the start: data, policy, faults, readings, decisions and disturbances; and an empty record."""
        self._running.emulator.reset()
        self._record()

    # -- what is there ----------------------------------------------------------------------------------------

    def seed(self, rows: Mapping[str, Any], *, replace: bool = False) -> None:
        """Adds patients, cases and stations, as POST /seed of the control port takes them.

        ``replace``: instead of all that is there, with an empty record. ValueError for rows that cannot be.
        """
        self.control("POST", "/seed", {**rows, "replace": replace})
        if replace:
            self._record()
        else:
            self._note_fixtures()

    def patients(self) -> Sequence[Mapping[str, str]]:
        """Every patient: names, birth_date, patient_id, and integration_id where the patient is mapped."""
        return [dict(row) for row in self._facts() if row["what"] in _PATIENTS]

    def patient(self, integration_id: str) -> Mapping[str, str] | None:
        """The patient that is mapped under this id."""
        return next((row for row in self.patients() if row.get("integration_id") == integration_id), None)

    def state(self) -> Mapping[str, Any]:
        """Stations, operations, open dialogs, time, readings and faults, as GET /state of the control port has them."""
        with self._running.emulator.lock:
            self._running.emulator.advance()
            return dict(snapshot(self._running.emulator))

    def control(self, verb: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """What the control port answers. ValueError with its words when it refuses."""
        text = None if body is None else json.dumps(body).encode("utf-8")
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        request = Request(self.control_url + path, data=text, headers=headers, method=verb)
        try:
            with _DIRECT.open(request, timeout=30.0) as answer:
                return json.loads(answer.read() or b"null")
        except HTTPError as refused:
            with refused:
                raise ValueError(f"{verb} {path}: {refused.read(2000).decode('utf-8', 'replace')}") from None

    # -- what the PMS did -------------------------------------------------------------------------------------

    def calls(self, method: str = "") -> Sequence[PmsCall]:
        """The calls since the last reset, in clear, in the order of their answers; '' for all methods."""
        with self._running.emulator.lock:
            return [call for call in self._tape.calls if method in ("", call.method)]

    def journal(self) -> Sequence[Mapping[str, Any]]:
        """Everything since the last reset as the rules see it, patients and passwords replaced by tokens."""
        with self._running.emulator.lock:
            return [to_json(event) for event in self._tape.events]

    def findings(self, *, advice: bool = False) -> Sequence[PmsFinding]:
        """What a certification would hold against the PMS; with ``advice`` what the guide only recommends, too.

        Call it last: some requirements are about what should have happened by then.
        """
        with self._running.emulator.lock:
            events = tuple(self._tape.events)
        return self._tape.findings(events, advice=advice)

    # -- the record -------------------------------------------------------------------------------------------

    def _record(self) -> None:
        emulator = self._running.emulator
        with emulator.lock:
            self._tape.clear()
            self._recorder = Recorder(self.spec, Redactor(self.spec, self._key), [self._tape.events.append])
            emulator.listeners[:] = [self._recorder, self._tape]
            for user in self._running.users:
                self._note(NoteKind.CREDENTIALS, {"user": user.user, "password": user.password, "complete": "yes"})
            self._note_fixtures()

    def _note_fixtures(self) -> None:
        for facts in self._facts():
            self._note(NoteKind.FIXTURE, facts)

    def _note(self, kind: NoteKind, data: Mapping[str, str]) -> None:
        self._recorder.note(kind, self._running.clock.now_s(), **data)

    def _facts(self) -> Sequence[Mapping[str, str]]:
        emulator = self._running.emulator
        with emulator.lock:
            emulator.advance()
            return list(declared(emulator.state))


def _guid(value: str | UUID | None) -> UUID | None:
    return UUID(value) if isinstance(value, str) else value
