"""The emulator's data on disk, so that they outlive the process: one SQLite file in a folder of the user's.

Laws. Everything that one call changed is one transaction, and it is committed before the answer's first byte leaves:
a process that is killed loses nothing that it told anybody. (The file is not waited for at every call, so that a power
failure may take the last moments with it; it does not damage the file.) A call that changes nothing writes nothing.
What was read back equals what was saved, the order of every list included.

Kept are patients, cases with their images, stations, operations with their calls and statuses, which statuses can
still be asked for, and the serials given out. Not kept are time, open dialogs, decisions arranged beforehand, stations
told to hold and random choices: they belong to a run. Whoever uses a resumed state lets the stations go on with it,
``Stations.resume`` says how.

The entries of a state are frozen, so that its four dictionaries see every change. ``save`` puts dictionaries of its own
in their place that remember which keys were set or deleted; whoever changes the state need not know.

The file holds everything in clear: it is for made-up patients only.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, Self, TypeVar, cast
from uuid import UUID

from conformance.emulator import store_rows as rows
from conformance.model import Case, State
from conformance.spec import Spec

FILE = "emulator.sqlite"
APPLICATION = 0x33444445
"""Stands in the file's header; tells our files from other people's."""
VERSION = 1
BUSY_S = 0.25
"""How long to wait for a process that is just ending."""

KINDS = ("patients", "stations", "cases", "operations")
"""Names of the dictionaries of a state, and of the tables. Cases need patients, so those come first."""
SCHEMA = (
    *(
        f"CREATE TABLE {kind}"
        " (place INTEGER PRIMARY KEY, key NOT NULL UNIQUE, turn INTEGER NOT NULL, body TEXT NOT NULL)"
        for kind in KINDS
    ),
    "CREATE TABLE images (case_key TEXT, position INTEGER, content BLOB NOT NULL, PRIMARY KEY (case_key, position))",
    "CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    f"PRAGMA application_id={APPLICATION}",
    f"PRAGMA user_version={VERSION}",
)
"""``place`` orders entries as they were first put, ``turn`` as they were last put: lists of a state follow either."""
_WRITERS: dict[str, Callable[[Any], str]] = {
    "patients": rows.write_patient,
    "stations": rows.write_station,
    "cases": rows.write_case,
    "operations": rows.write_operation,
}

K = TypeVar("K")
V = TypeVar("V")


class StoreError(ValueError):
    """The folder's data cannot be used: the set-up's fault. The text says what to do."""


class Tracked(dict[K, V], Generic[K, V]):
    """A dictionary that remembers which keys were set or deleted."""

    def __init__(self, entries: Iterable[tuple[K, V]]) -> None:
        super().__init__(entries)
        self.touched: dict[K, bool] = {}
        """The key touched last at the end; True for one that was away meanwhile, and so lost its place."""

    def __setitem__(self, key: K, value: V) -> None:
        self._touch(key)
        super().__setitem__(key, value)

    def __delitem__(self, key: K) -> None:
        super().__delitem__(key)
        self._touch(key, away=True)

    def pop(self, key: K, *default: Any) -> Any:
        found = super().pop(key, *default)
        self._touch(key, away=True)
        return found

    def popitem(self) -> tuple[K, V]:
        key, value = super().popitem()
        self._touch(key, away=True)
        return key, value

    def clear(self) -> None:
        for key in list(self):
            del self[key]

    def setdefault(self, key: K, default: Any = None) -> Any:
        if key not in self:
            self[key] = default
        return self[key]

    def update(self, *others: Any, **named: Any) -> None:
        for key, value in dict(*others, **named).items():
            self[key] = value

    def __ior__(self, other: Any) -> Self:  # type: ignore[override,misc]
        self.update(other)
        return self

    def _touch(self, key: K, away: bool = False) -> None:
        self.touched[key] = self.touched.pop(key, False) or away


class Store:
    """The data in one folder, for this process alone. To be called by one thread at a time, whichever."""

    def __init__(self, folder: Path, *, busy_s: float = BUSY_S) -> None:
        """Opens the folder's file, or makes folder and file. Raises StoreError, or OSError for the folder."""
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / FILE
        self._watched: State | None = None
        self._facts: dict[str, object] = {}
        self._turn = 0
        try:
            self._file = sqlite3.connect(
                self.path, timeout=busy_s, isolation_level=None, check_same_thread=False, cached_statements=64
            )
        except sqlite3.Error as error:
            raise self._unusable(error) from error
        try:
            with self._told():
                self._open()
        except StoreError:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Lets others have the file. Nothing is written that was not saved."""
        self._file.close()

    def load(self, spec: Spec) -> State | None:
        """What was saved last; None when nothing ever was.

        Raises StoreError for what cannot be read, and for operations of which ``spec`` knows nothing.
        """
        with self._told():
            facts = dict(self._file.execute("SELECT name, value FROM facts"))
            if not facts:
                return None
            try:
                state = self._state({name: json.loads(value) for name, value in facts.items()})
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                raise self._damaged(f"{type(error).__name__}: {error}") from error
        self._check(state, spec)
        self._watch(state)
        return state

    def save(self, state: State) -> None:
        """Has on disk what ``state`` holds: what changed since the last time, or all of it if it is another state.

        Raises StoreError when it cannot be written; the next call tries again.
        """
        tables = self._tables(state)
        if state is not self._watched or not all(isinstance(table, Tracked) for table in tables.values()):
            with self._told(), self._transaction():
                self._write_all(state)
            self._watch(state)
            return
        facts = _facts(state)
        changed = {kind: table.touched for kind, table in tables.items() if table.touched}
        if not changed and facts == self._facts:
            return
        with self._told(), self._transaction():
            for kind, touched in changed.items():
                for key, away in touched.items():
                    self._write(kind, key, tables[kind].get(key), anew=away)
            if facts != self._facts:
                self._write_facts(facts)
        self._facts = facts
        for kind in changed:
            tables[kind].touched.clear()

    # -- opening ----------------------------------------------------------------------------------------------

    def _open(self) -> None:
        run = self._file.execute
        run("PRAGMA locking_mode=EXCLUSIVE")  # until it is closed; then no second emulator writes into the same file
        application, version = self._number("application_id"), self._number("user_version")
        empty = not run("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if not empty and application != APPLICATION:
            raise StoreError(f"{self.path} is a database, but no emulator's; name another folder.")
        if version > VERSION:
            raise StoreError(
                f"{self.path} has version {version}, and this build reads up to {VERSION}."
                " Use a newer build, or name another folder."
            )
        run("PRAGMA journal_mode=WAL")
        run("PRAGMA synchronous=NORMAL")
        with self._transaction("EXCLUSIVE"):
            for statement in SCHEMA if empty else ():
                run(statement)
        flaw = run("PRAGMA quick_check(1)").fetchone()[0]
        if flaw != "ok":
            raise self._damaged(flaw)

    def _number(self, pragma: str) -> int:
        return int(self._file.execute(f"PRAGMA {pragma}").fetchone()[0])

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turns what SQLite says into a StoreError."""
        try:
            yield
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def _unusable(self, error: sqlite3.Error) -> StoreError:
        if "locked" in str(error):
            return StoreError(
                f"{self.path} is in use, probably by a second emulator; stop that one, or name another folder."
            )
        if isinstance(error, sqlite3.OperationalError):
            return StoreError(f"{self.path} cannot be used ({error}); check the path, who may write it, and the disk.")
        return self._damaged(str(error))

    def _damaged(self, why: str) -> StoreError:
        return StoreError(
            f"{self.path} is damaged or no file of an emulator ({why});"
            " put back a copy, delete it to begin anew, or name another folder."
        )

    # -- reading ----------------------------------------------------------------------------------------------

    def _state(self, facts: dict[str, Any]) -> State:
        state = State(kept=tuple(facts["kept"]))
        for station in self._bodies("stations", "place"):
            found = rows.read_station(station)
            state.stations[found.id] = found
        for patient in self._bodies("patients"):
            state.put_patient(rows.read_patient(patient))
        for case in self._bodies("cases"):
            state.put_case(rows.read_case(case, self._images(json.loads(case)["id"])))
        for operation in self._bodies("operations"):
            state.put_operation(rows.read_operation(operation))
        state.last_serial, state.last_patient = int(facts["last_serial"]), int(facts["last_patient"])
        if any(serial not in state.operations for serial in state.kept):
            raise ValueError(f"statuses are kept of {state.kept}, and there is {list(state.operations)}")
        state.patients = self._in_place("patients", state.patients, int)
        state.cases = self._in_place("cases", state.cases, UUID)
        state.operations = self._in_place("operations", state.operations, int)
        turns = [self._file.execute(f"SELECT max(turn) FROM {kind}").fetchone()[0] for kind in KINDS]
        self._turn = max((turn for turn in turns if turn is not None), default=0)
        return state

    def _bodies(self, kind: str, order: str = "turn") -> list[str]:
        return [body for (body,) in self._file.execute(f"SELECT body FROM {kind} ORDER BY {order}")]

    def _images(self, case_key: str) -> list[bytes]:
        found = self._file.execute("SELECT content FROM images WHERE case_key=? ORDER BY position", (case_key,))
        return [content for (content,) in found]

    def _in_place(self, kind: str, entries: dict[K, V], read_key: Callable[[Any], K]) -> dict[K, V]:
        """The same in the order in which they were first put."""
        keys = (read_key(key) for (key,) in self._file.execute(f"SELECT key FROM {kind} ORDER BY place"))
        return {key: entries[key] for key in keys}

    def _check(self, state: State, spec: Spec) -> None:
        for operation in state.operations.values():
            if operation.role not in spec.method or operation.status not in spec.status:
                raise StoreError(
                    f"{self.path} holds an operation {operation.role!r} with the status {operation.status!r}, which"
                    f" {spec.name} does not know: it was written with another spec. Use that one, another folder, or"
                    " --fresh."
                )

    def _watch(self, state: State) -> None:
        """From now on what changes in ``state`` is known."""
        for kind in KINDS:
            setattr(state, kind, Tracked(getattr(state, kind).items()))
        self._watched, self._facts = state, _facts(state)

    # -- writing ----------------------------------------------------------------------------------------------

    @contextmanager
    def _transaction(self, kind: str = "IMMEDIATE") -> Iterator[None]:
        self._file.execute(f"BEGIN {kind}")
        try:
            yield
            self._file.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):  # a full disk has rolled back already
                self._file.execute("ROLLBACK")
            raise

    def _tables(self, state: State) -> dict[str, Tracked[Any, Any]]:
        return {kind: cast("Tracked[Any, Any]", getattr(state, kind)) for kind in KINDS}

    def _write_all(self, state: State) -> None:
        """In the order of its dictionaries."""
        for table in (*KINDS, "images", "facts"):
            self._file.execute(f"DELETE FROM {table}")
        for kind, entries in self._tables(state).items():
            for key, entry in entries.items():
                self._write(kind, key, entry)
        self._write_facts(_facts(state))

    def _write(self, kind: str, key: int | UUID, entry: object, *, anew: bool = False) -> None:
        """The entry under that key; None deletes it. ``anew`` gives it a place after all others."""
        stored_key = key if isinstance(key, int) else str(key)
        if entry is None or anew:
            self._file.execute(f"DELETE FROM {kind} WHERE key=?", (stored_key,))
        if kind == "cases":
            self._write_images(str(stored_key), cast("Case | None", entry))
        if entry is not None:
            self._turn += 1
            self._file.execute(
                f"INSERT INTO {kind} (key, turn, body) VALUES (?, ?, ?)"
                " ON CONFLICT (key) DO UPDATE SET turn=excluded.turn, body=excluded.body",
                (stored_key, self._turn, _WRITERS[kind](entry)),
            )

    def _write_images(self, case_key: str, case: Case | None) -> None:
        self._file.execute("DELETE FROM images WHERE case_key=?", (case_key,))
        for position, image in enumerate(case.images if case is not None else ()):
            self._file.execute("INSERT INTO images VALUES (?, ?, ?)", (case_key, position, image.content))

    def _write_facts(self, facts: dict[str, object]) -> None:
        for name, value in facts.items():
            self._file.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, json.dumps(value)))


def _facts(state: State) -> dict[str, object]:
    return {"kept": state.kept, "last_serial": state.last_serial, "last_patient": state.last_patient}
