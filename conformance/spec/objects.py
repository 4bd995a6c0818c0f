"""The guide as frozen values: methods, parameters, documents, statuses, requirements, readings.

Wire names (what travels) and roles (what a thing is for) are kept apart: code speaks of roles
only, so that a spec folder with another spelling gives another emulator, suite and report without
a change of code. Every value here comes from a folder under specs/; nothing has a default of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conformance.spec.command_line import CommandLineFacts
    from conformance.spec.dialects import Dialect
    from conformance.spec.vdds_media import VddsFacts


class Kind(StrEnum):
    """How a parameter or a field is written on the wire."""

    TEXT = "text"
    GUID = "guid"
    BOOLEAN = "boolean"
    DATE = "date"
    INTEGER = "integer"
    BYTES = "bytes"
    RECORDS = "records"


class RunsOn(StrEnum):
    """Where a method does its work.

    ``answer`` means that the call itself brings the result; the other two start an operation
    whose result is told by its status.
    """

    ANSWER = "answer"
    STATION = "station"
    EITHER = "either"


class Condition(StrEnum):
    """The closed vocabulary of reasons for which an operation ends without being carried out."""

    MISSING = "missing"  # the parameter is absent or empty
    UNKNOWN = "unknown"  # nothing with that id exists
    TAKEN = "taken"  # another patient already has that value
    NO_STATION = "no_station"  # a station-only operation that names no station


@dataclass(frozen=True)
class Parameter:
    name: str
    role: str
    kind: Kind
    mandatory: bool
    default: str
    sensitive: bool
    """True when the value tells who a patient is; such values are never stored in clear."""
    example: str
    misspelt: tuple[str, ...] = ()
    """Names by which the guide itself calls it by mistake, in an example."""


@dataclass(frozen=True)
class Outcome:
    """One refusal the guide foresees: condition -> status name. Order in a method is the emulator's default order."""

    condition: Condition
    parameter: str
    """Role of the parameter the condition is about."""
    status: str
    """Name of the status (statuses.yaml)."""
    reading: str
    """Id of the reading that leaves the code open, or '' where the guide speaks."""


@dataclass(frozen=True)
class Method:
    name: str
    role: str
    runs_on: RunsOn
    parameters: tuple[Parameter, ...]
    answer: str
    """Role of the document it answers with, or '' for a method without output."""
    outcomes: tuple[Outcome, ...]
    heading: str

    @cached_property
    def by_role(self) -> Mapping[str, Parameter]:
        return {p.role: p for p in self.parameters}

    @cached_property
    def by_folded_name(self) -> Mapping[str, Parameter]:
        """Parameters by case-folded wire name: names are not case sensitive."""
        return {p.name.casefold(): p for p in self.parameters}

    def misspelt(self, name: str) -> Parameter | None:
        """The parameter that the guide itself calls so by mistake."""
        alike = name.casefold()
        return next((p for p in self.parameters if alike in map(str.casefold, p.misspelt)), None)

    @property
    def starts_operation(self) -> bool:
        return self.runs_on is not RunsOn.ANSWER


class Presence(StrEnum):
    """What the guide says of a field being there.

    ``listed`` fields stand in the field list; ``shown`` fields stand in a sample only.
    Whether a listed field may be left out (null strings, null lists) is said by ``nullable``.
    """

    LISTED = "listed"
    SHOWN = "shown"


@dataclass(frozen=True)
class Field:
    name: str
    role: str
    kind: Kind
    presence: Presence
    nullable: bool
    sensitive: bool
    record: str
    """Role of the record type of the items, for RECORDS; else ''."""
    values: tuple[str, ...]
    """The closed list of values, where the guide gives one."""
    minimum: int | None
    maximum: int | None


@dataclass(frozen=True)
class RecordType:
    name: str
    role: str
    fields: tuple[Field, ...]

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        return {f.name: f for f in self.fields}

    @cached_property
    def by_role(self) -> Mapping[str, Field]:
        return {f.role: f for f in self.fields}


@dataclass(frozen=True)
class DocumentType:
    """An XML document: a list of records, one record, or one primitive value."""

    root: str
    role: str
    item: str
    """Role of the record type it holds, or '' for a primitive."""
    many: bool
    kind: Kind
    """RECORDS, or the kind of the primitive."""


@dataclass(frozen=True)
class Status:
    code: int
    name: str
    text: str
    """The guide's wording; ``<exception>`` stands for a text of the server's own."""
    assigned_by: str
    """server, station, operator or nobody."""
    final: bool
    follows: tuple[str, ...]
    """Names of the statuses from which it is directly reached; 'start' for a new operation."""
    meaning: str
    provoke: str


class Binds(StrEnum):
    SERVER = "server"
    PMS = "pms"
    BOTH = "both"


class Obligation(StrEnum):
    MUST = "must"
    SHOULD = "should"


class JudgedBy(StrEnum):
    """Who gives verdicts on a row."""

    RULE = "rule"
    SHAPE = "shape"
    """The spec itself: field or parameter named in ``target``, judged by one function for all such rows."""
    NOBODY = "nobody"
    """Untestable; ``reason`` says why."""


class Axis(StrEnum):
    """What a row rests on. The two are never mixed in a verdict."""

    GUIDE = "guide"
    FIELD = "field"
    """What practice shows where the guide is silent: a breach is worth a warning, and never fails anybody."""


class Mark(StrEnum):
    """How sure a fact is, or the emulator's default."""

    DOCUMENTED = "documented"
    OBSERVED = "observed"
    GUESSED = "guessed"


@dataclass(frozen=True)
class Requirement:
    id: str
    text: str
    binds: Binds
    obligation: Obligation
    heading: str
    judged_by: JudgedBy
    target: str
    """For shapes: ``RecordName.FieldName`` or ``MethodName.ParameterName`` as the wire spells it."""
    reason: str
    """Why nobody judges it, when nobody does."""
    needs: tuple[str, ...]
    """What must be at hand to see it: writes, operator, fixtures, tls ... (printed when it was not observed)."""
    readings: tuple[str, ...]
    """Readings that bear on its verdict."""
    harm: str
    """erased, mixed-up, leaked, lost, misled or nuisance: what a breach does to a patient or clinic."""
    file: str
    moot_under: tuple[tuple[str, str], ...] = ()
    """Readings and takes that leave nothing to judge: a server that takes one of them need not show this."""
    moot_without: tuple[str, ...] = ()
    """Parameters and fields, spelt as targets are: nothing to judge for a PMS that could give or show one of them, in
    a whole run, and never did."""
    axis: Axis = Axis.GUIDE
    limits: tuple[tuple[str, int], ...] = ()
    """Numbers that its rule goes by, by name: ``calls``, ``seconds`` ..."""
    mark: Mark = Mark.DOCUMENTED
    """How sure it is; what the guide does not say itself is not documented."""

    def limit(self, name: str) -> int:
        """The number of that name. Raises KeyError for a row without it."""
        return dict(self.limits)[name]


@dataclass(frozen=True)
class Reading:
    """One point at which the guide is silent, ambiguous or contradicts itself."""

    id: str
    question: str
    heading: str
    takes: Mapping[str, str]
    """Every reading by name -> what it means."""
    default: str
    """The one the emulator takes."""
    conforming: tuple[str, ...]
    """Those a conforming server may take."""
    mark: Mark
    why: str


@dataclass(frozen=True)
class Profile:
    """A named set of requirements that a subject is certified for."""

    name: str
    title: str
    binds: Binds
    requirements: tuple[str, ...]
    mandatory: frozenset[str]


@dataclass(frozen=True)
class Service:
    """Where the service lives and what protects it."""

    scheme: str
    port: int
    base_path: str
    authority_thumbprint: str
    minimum_tls: str
    authentication_scheme: str
    other_ports: tuple[int, ...] = ()
    """Where installations are known to serve it besides; good for a hint, never for a verdict."""


@dataclass(frozen=True)
class Spec:
    """One folder under specs/, whole and checked."""

    name: str
    folder: Path = field(compare=False)
    digest: str
    service: Service
    methods: tuple[Method, ...]
    documents: tuple[DocumentType, ...]
    records: tuple[RecordType, ...]
    statuses: tuple[Status, ...]
    kept_operations: int
    """How many of the newest operations keep their status."""
    requirements: tuple[Requirement, ...]
    readings: tuple[Reading, ...]
    profiles: tuple[Profile, ...]
    headings: tuple[str, ...]
    dialects: tuple[Dialect, ...] = ()
    """What other generations do; outside the guide, for emulators only."""
    command_line: CommandLineFacts | None = None
    """The command line interface; None for a guide without one."""
    vdds: VddsFacts | None = None
    """VDDS media; None for a guide without it."""

    @cached_property
    def method(self) -> Mapping[str, Method]:
        """Methods by role."""
        return {m.role: m for m in self.methods}

    @cached_property
    def method_by_folded_name(self) -> Mapping[str, Method]:
        return {m.name.casefold(): m for m in self.methods}

    @cached_property
    def document(self) -> Mapping[str, DocumentType]:
        """Document types by role."""
        return {d.role: d for d in self.documents}

    @cached_property
    def document_by_root(self) -> Mapping[str, DocumentType]:
        return {d.root: d for d in self.documents}

    @cached_property
    def record(self) -> Mapping[str, RecordType]:
        """Record types by role."""
        return {r.role: r for r in self.records}

    @cached_property
    def status(self) -> Mapping[str, Status]:
        """Statuses by name."""
        return {s.name: s for s in self.statuses}

    @cached_property
    def status_by_code(self) -> Mapping[int, Status]:
        return {s.code: s for s in self.statuses}

    @cached_property
    def requirement(self) -> Mapping[str, Requirement]:
        return {r.id: r for r in self.requirements}

    @cached_property
    def reading(self) -> Mapping[str, Reading]:
        return {r.id: r for r in self.readings}

    @cached_property
    def profile(self) -> Mapping[str, Profile]:
        return {p.name: p for p in self.profiles}

    @cached_property
    def dialect(self) -> Mapping[str, Dialect]:
        return {d.name: d for d in self.dialects}

    @cached_property
    def successors(self) -> Mapping[str, frozenset[str]]:
        """Status name -> every name that may be seen later for the same operation (transitive)."""
        direct: dict[str, set[str]] = {s.name: set() for s in self.statuses}
        for status in self.statuses:
            for name in status.follows:
                if name != "start":
                    direct[name].add(status.name)
        return {name: frozenset(_reachable(name, direct)) for name in direct}

    def code(self, name: str) -> int:
        """The number of the status called ``name``."""
        return self.status[name].code

    @cached_property
    def empty_guid(self) -> str:
        return "00000000-0000-0000-0000-000000000000"


def _reachable(start: str, direct: Mapping[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    todo = [start]
    while todo:
        for name in direct[todo.pop()] - seen:
            seen.add(name)
            todo.append(name)
    return seen
