"""The guard: no request outside a run's tier reaches a socket, whoever asks for it and for whatever reason.

Theory. Reading and writing use one verb on this interface, nothing can be deleted, and a certifier sends wrong calls on
purpose, some of them made up by a generator. So the last hand on every request belongs to somebody who believes nobody:
the guard reads the very bytes that would be written, in every way that a forgiving server might (``lenient``), and lets
them through only when each of these readings stays within the tier. Connections write nothing but what it has let
through (``Admitted``). When in doubt it refuses; a refusal costs a skipped stimulus, with its reason in the report.

What it lets through, by tier:

- *observe*: the look-ups that tell nothing of patients, with a verb that changes nothing. Paths that name no method of
  the spec are refused here and in the next two tiers: what they name elsewhere is unknown.
- *read-only*: the other look-ups as well.
- *own-data*: operations too, as long as everything in them that could name somebody is of this run. Own are texts in
  which the run's prefix stands, or its number; GUIDs that begin with its mark; and cases that the server listed for own
  patients. What is absent or blank names nobody, so calls that lack something stay possible. A last name need not be
  own where an own integration id tells whose it is; it must be where a station would look for somebody of that name.
  Removed may be what has the mark; what has no id only if this run started such an operation and nobody else uses the
  server. Verbs other than GET, HEAD and OPTIONS may go to any method, but then even a look-up has to be about own
  things.
- *full*: everything.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from conformance.drive import lenient
from conformance.drive.lenient import Head, Unclear
from conformance.drive.refused import OutsideTier, Tier
from conformance.spec import Method, Spec
from conformance.wire import Document, decode

OBSERVING = frozenset({"list_stations", "get_status"})
READING = frozenset({"find_cases", "fetch_image"})
CHANGING = frozenset(
    {
        *("create_patient", "update_patient", "select_patient", "create_case", "select_case"),
        "remove_operation",
    }
)
"""Roles that the guard knows; a method of another role is for the full tier only."""
NAMING = frozenset({"integration_id", "patient_id"})
HARMLESS_VERBS = frozenset({"GET", "HEAD", "OPTIONS"})
KNOWN_HEADERS = frozenset(
    {
        *("host", "accept", "accept-charset", "accept-encoding", "accept-language"),
        *("authorization", "connection", "user-agent"),
    }
)
"""Others may tell a server, or what stands before it, to read the request as another one."""
SHORTEST_PREFIX = 4
MARK_DIGITS = 8
NUMBER_DIGITS = 14
_HEX = re.compile("[0-9a-f]")
_NO = frozenset({"", "false", "0", "no", "off", "f", "n"})


def mark(prefix: str) -> str:
    """How every GUID begins that a run with this prefix makes up: eight hex digits."""
    return hashlib.sha256(f"mark/{prefix}".encode()).hexdigest()[:MARK_DIGITS]


def number(prefix: str) -> str:
    """Digits that stand in every number which a run with this prefix uses as an id; the first is no zero."""
    digest = hashlib.sha256(f"number/{prefix}".encode()).hexdigest()
    return str(10 ** (NUMBER_DIGITS - 1) + int(digest, 16) % (9 * 10 ** (NUMBER_DIGITS - 1)))


def made_up(prefix: str, random_bits: int) -> str:
    """A GUID of a run with this prefix, out of 128 random bits."""
    low = random_bits & ((1 << (128 - 4 * MARK_DIGITS)) - 1)
    return str(UUID(int=int(mark(prefix), 16) << (128 - 4 * MARK_DIGITS) | low, version=4))


@dataclass(frozen=True)
class Admitted:
    """A request that may be sent, byte for byte. Made by the guard only."""

    data: bytes = field(repr=False)
    verb: str
    searched: bool = False
    """True for a search that is about own patients only: the cases it finds are own."""


Values = Mapping[str, Iterable[str]]


class Guard:
    """Admits requests of one run. Raises ValueError for a prefix that strangers' ids may hold by chance."""

    def __init__(
        self,
        spec: Spec,
        tier: Tier,
        *,
        prefix: str = "",
        base_path: str = "",
        authority: str = "",
        shared: bool = False,
    ) -> None:
        """``authority`` is what the Host header must say; ``shared`` tells that others use the server meanwhile."""
        if tier is Tier.OWN_DATA and len(prefix) < SHORTEST_PREFIX:
            raise ValueError(f'prefix "{prefix}" tells nothing apart; write at least {SHORTEST_PREFIX} characters.')
        self.spec = spec
        self.tier = tier
        self._prefix = prefix.casefold()
        self._mark = mark(prefix)
        self._number = number(prefix)
        self._bases = {lenient.segments(view) for view in lenient.views(base_path)}
        self._authority = authority.casefold()
        self._changing = {lenient.squeezed(m.name) for m in spec.methods if _may_change(m)}
        self._cases: set[str] = set()
        self._shared = shared
        self._started_without_id = False

    # -- asking -----------------------------------------------------------------------------------------------

    def admit(self, request: bytes, verb: str) -> Admitted:
        """The request, if it may be sent. Raises OutsideTier."""
        if self.tier is Tier.FULL:
            return Admitted(request, verb)
        try:
            head = lenient.head_of(request)
            return Admitted(request, verb, self._judge(head))
        except Unclear as unclear:
            raise OutsideTier(self.tier, f"{unclear}, so that nobody can say what it does") from unclear

    def learn(self, admitted: Admitted, http_status: int, body: bytes, content_type: str) -> None:
        """Takes note of the cases that a search for own patients found, if they are listed as theirs."""
        if not admitted.searched or not 200 <= http_status < 300 or not body:
            return
        document = decode(body, "cases", self.spec, content_type)
        for record in document.records if isinstance(document, Document) else ():
            case = record.guid("case")
            if case is not None and self._is_own(record.text("integration_id")):
                self._cases.add(case.hex)

    # -- judging ----------------------------------------------------------------------------------------------

    def _judge(self, head: Head) -> bool:
        """Whether it searches among own patients only. Raises OutsideTier or Unclear."""
        method = self._method(head)
        self._check_surroundings(head, method)
        looks = method.role in OBSERVING | READING and not method.starts_operation
        if looks and head.verb.upper() in HARMLESS_VERBS:
            self._demand(Tier.OBSERVE if method.role in OBSERVING else Tier.READ_ONLY, f"{method.name} reads patients")
            return method.role == "find_cases" and self._is_about_own(head, method)
        self._demand(Tier.OWN_DATA, f"{head.verb} {method.name} may change something")
        if method.role not in OBSERVING | READING | CHANGING:
            raise OutsideTier(self.tier, f"what {method.name} does is not known")
        values = _values(head, method)
        self._check_people(values, method)
        self._check_guids(values, method)
        if method.starts_operation and not self._shared:
            self._started_without_id |= not any(map(self._is_made_up, values.get("operation", ())))
        return False

    def _demand(self, tier: Tier, why: str) -> None:
        if not self.tier.allows(tier):
            raise OutsideTier(self.tier, why)

    def _method(self, head: Head) -> Method:
        """The method that every reading of the path names."""
        found: set[str] = set()
        for view in lenient.views(head.path):
            parts = lenient.segments(view)
            if not view.startswith("/") or not lenient.printable(view) or parts[:-1] not in self._bases:
                raise OutsideTier(self.tier, "it goes to another place than the service")
            found.add(parts[-1] if parts else "")
        names = found & self.spec.method_by_folded_name.keys()
        # An escaped name is no name until it is decoded; that leaves one name, and nothing else beside it.
        others = [each for each in found - names if "%" not in each]
        if len(names) != 1 or others:
            raise OutsideTier(self.tier, f'"{head.path[-60:]}" names no method of the spec')
        return self.spec.method_by_folded_name[names.pop()]

    def _check_surroundings(self, head: Head, method: Method) -> None:
        for name, value in head.headers:
            if name not in KNOWN_HEADERS:
                raise OutsideTier(self.tier, f'a server may take the header "{name}" for something else')
            if name == "host" and value.casefold() != self._authority:
                raise OutsideTier(self.tier, f'it asks for "{value[:60]}", another server')
        named = {lenient.squeezed(view) for view in lenient.views(head.query)}
        others = self._changing - {lenient.squeezed(method.name)}
        if any(other in text for other in others for text in named):
            raise OutsideTier(self.tier, "its query names another method")

    # -- own data ---------------------------------------------------------------------------------------------

    def _is_own(self, text: str) -> bool:
        said = lenient.before_separator(text).casefold()
        return bool(self._prefix) and (self._prefix in said or self._number in said)

    def _is_own_or_blank(self, text: str) -> bool:
        return lenient.is_blank(text) or self._is_own(text)

    def _is_about_own(self, head: Head, method: Method) -> bool:
        found = list(_values(head, method).get("integration_id", ()))
        return bool(found) and all(map(self._is_own, found))

    def _check_people(self, values: Values, method: Method) -> None:
        for role in NAMING:
            for text in values.get(role, ()):
                if not self._is_own_or_blank(text):
                    raise OutsideTier(self.tier, f"the {role} of {method.name} is not of this run")
        told = any(map(self._is_own, values.get("integration_id", ())))
        if told and not _looks_for_namesakes(values, method):
            return
        if not all(map(self._is_own_or_blank, values.get("last_name", ()))):
            raise OutsideTier(self.tier, f"the name in {method.name} is not of this run")

    def _check_guids(self, values: Values, method: Method) -> None:
        for role in ("case", "image", "operation"):
            for text in values.get(role, ()):
                if not self._may_stand(text):
                    raise OutsideTier(self.tier, f"the {role} of {method.name} is not of this run")
        if method.starts_operation or method.role in OBSERVING | READING or self._started_without_id:
            return
        found = list(values.get("operation", ()))
        if not found or not all(map(self._is_made_up, found)):
            raise OutsideTier(self.tier, "an operation without an id may be somebody else's")

    def _may_stand(self, text: str) -> bool:
        """True for a GUID of this run, and for what no server can take for one that says something."""
        digits = _digits(text)
        return len(digits) < 32 or not digits.strip("0") or self._is_made_up(text) or digits in self._cases

    def _is_made_up(self, text: str) -> bool:
        digits = _digits(text)
        return len(digits) == 32 and digits.startswith(self._mark)


def _may_change(method: Method) -> bool:
    return method.starts_operation or method.role not in OBSERVING | READING


def _looks_for_namesakes(values: Values, method: Method) -> bool:
    """True when a creation asks a person to choose among patients of that name."""
    if method.role != "create_patient":
        return False
    merges = any(lenient.squeezed(text) not in _NO for text in values.get("merge", ()))
    return merges or not all(map(lenient.is_blank, values.get("station", ())))


def _values(head: Head, method: Method) -> Values:
    """Every value that some reading of the query gives to a parameter, by role."""
    names = {parameter.role: lenient.squeezed(parameter.name) for parameter in method.parameters}
    found: dict[str, list[str]] = defaultdict(list)
    for name, value in lenient.pairs(head.query):
        strange = not name.isascii()  # who knows which letters that stands for
        for role, known in names.items():
            if strange or known in lenient.squeezed(name):
                found[role].append(value)
    return found


def _digits(text: str) -> str:
    """The hex digits of a GUID in any of its spellings, in lower case."""
    folded = text.casefold()
    try:
        return UUID(folded.strip()).hex
    except ValueError:
        return "".join(_HEX.findall(folded.replace("0x", "")))
