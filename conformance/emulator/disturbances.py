"""Disturbances: what may befall a PMS on the way, arranged for one answer or for some.

A fault is a server that is wrong, and somebody gets the blame. A disturbance is weather: a connection that breaks, a
proxy that answers in the server's stead, a document in another dress. Those that a conforming server might have
caused are ``allowed``; the others are ``hostile``, and say nothing of the server.

Here is what there is and in which order it comes; ``tampering`` does it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from uuid import UUID

from conformance.spec import Spec

LONGEST_S = 3600.0
MOST_TIMES = 1_000_000


class What(StrEnum):
    """Every disturbance there is."""

    HTTP_503 = "http-503"
    HTTP_503_LATER = "http-503-retry-after"
    HTTP_500 = "http-500"
    HTTP_400 = "http-400"
    HTTP_401 = "http-401"
    RESET_BEFORE = "reset-before"
    REDIRECT = "redirect-elsewhere"
    REDIRECT_IN_CLEAR = "redirect-in-clear"
    RESET_AFTER = "reset-after"
    HANG = "hang"
    SLOW = "slow"
    TRUNCATED = "truncated"
    WRONG_LENGTH = "wrong-length"
    MALFORMED = "malformed-xml"
    HTML = "html-instead"
    EMPTY = "empty-body"
    ENTITY_BOMB = "entity-bomb"
    EXTERNAL_ENTITY = "external-entity"
    HUGE = "huge-body"
    JSON = "json-instead"
    COMPACT = "compact"
    INDENTED = "indented"
    PADDED = "padded"
    OTHER_ORDER = "other-element-order"
    STRANGERS = "unknown-elements"
    LEFT_OUT = "optional-elements-left-out"
    AS_SAMPLED = "elements-of-the-sample"
    BOM = "byte-order-mark"
    DECLARATION = "declaration"
    NO_DECLARATION = "no-declaration"
    OTHER_PREFIXES = "other-namespace-prefixes"
    CHARACTER_REFERENCES = "character-references"
    CDATA = "cdata-sections"
    COMMENTS = "comments"
    OTHER_WORDS = "other-words"
    UNLISTED = "unlisted-status"
    OF_ANOTHER = "status-of-another"
    TOLD_UNSUPPORTED = "told-unsupported"
    TOLD_NO_PATIENT = "told-patient-unknown"
    TOLD_NO_CASE = "told-case-unknown"


class Harm(StrEnum):
    """What a disturbance says of the server."""

    ALLOWED = "allowed"  # a conforming server might do so, and a PMS has to cope
    HOSTILE = "hostile"  # no conforming server does so, and a PMS must not come to harm


class Stage(Enum):
    """Where it takes hold."""

    INSTEAD = "instead"  # the call never reaches the server: nothing is done
    WRITING = "writing"  # the answer is written in another way
    ON_THE_WAY = "on the way"  # the call is carried out, and its answer suffers


@dataclass(frozen=True)
class Nature:
    """What one disturbance is like."""

    stage: Stage
    harm: Harm
    does: str
    needs_document: bool = True
    """True where there is nothing to disturb in an answer without a document."""
    contradicts: bool = False
    """True where a server may do so always, but not now and then: one answer would contradict another."""
    lasting: bool = False
    """True where the operation that it befell is told of in that way from then on."""

    @property
    def is_the_servers_word(self) -> bool:
        """True when the answer can still be judged as the server's own."""
        return self.harm is Harm.ALLOWED and not self.contradicts


def _written(does: str) -> Nature:
    return Nature(Stage.WRITING, Harm.ALLOWED, does)


def _rewritten(does: str) -> Nature:
    """The same document for everybody who reads XML, though no reading of the emulator writes it so."""
    return Nature(Stage.ON_THE_WAY, Harm.ALLOWED, does)


def _spoilt(does: str, needs_document: bool = True) -> Nature:
    return Nature(Stage.ON_THE_WAY, Harm.HOSTILE, does, needs_document)


def _instead(does: str) -> Nature:
    return Nature(Stage.INSTEAD, Harm.HOSTILE, does, needs_document=False)


def _told(does: str) -> Nature:
    return Nature(Stage.ON_THE_WAY, Harm.HOSTILE, does, lasting=True)


NATURES: Mapping[What, Nature] = {
    What.HTTP_503: _instead("HTTP 503, nothing done."),
    What.HTTP_503_LATER: _instead("HTTP 503 with Retry-After (seconds), nothing done."),
    What.HTTP_500: _instead("HTTP 500 with a page of HTML, nothing done."),
    What.HTTP_400: _instead("HTTP 400, nothing done."),
    What.HTTP_401: _instead("HTTP 401 although the credentials are right, nothing done."),
    What.RESET_BEFORE: _instead("The connection is reset, nothing done."),
    What.REDIRECT: _instead("HTTP 302 to a computer that does not exist, nothing done."),
    What.REDIRECT_IN_CLEAR: _instead("HTTP 302 to the same address without TLS, nothing done."),
    What.RESET_AFTER: _spoilt("The call is carried out, then the connection is reset.", needs_document=False),
    What.HANG: _spoilt("The call is carried out, and its answer never comes (or: not for so many seconds).", False),
    What.SLOW: Nature(Stage.ON_THE_WAY, Harm.ALLOWED, "The answer drips in over so many seconds.", False),
    What.TRUNCATED: _spoilt("Half of the body, then the connection closes."),
    What.WRONG_LENGTH: _spoilt("Content-Length promises half of the body that is sent."),
    What.MALFORMED: _spoilt("The document breaks off, under a right Content-Length."),
    What.HTML: _spoilt("HTTP 200 with a page of HTML, as a proxy sends that wants a log-in.", needs_document=False),
    What.EMPTY: _spoilt("HTTP 200 with no body where a document belongs."),
    What.ENTITY_BOMB: _spoilt("A document whose entities unfold to gigabytes."),
    What.EXTERNAL_ENTITY: _spoilt("A document with an entity that refers to another address."),
    What.HUGE: _spoilt("The document with megabytes of blanks behind it."),
    What.JSON: Nature(Stage.WRITING, Harm.HOSTILE, "JSON whatever the caller accepts."),
    What.COMPACT: _written("The document on one line."),
    What.INDENTED: _written("The document on many lines."),
    What.PADDED: _written("Long texts with line breaks around them."),
    What.OTHER_ORDER: _written("The elements of a record in another order."),
    What.STRANGERS: _written("Records with an element that no guide knows."),
    What.LEFT_OUT: Nature(Stage.WRITING, Harm.ALLOWED, "Records without their empty elements.", contradicts=True),
    What.AS_SAMPLED: Nature(
        Stage.WRITING, Harm.ALLOWED, "Records with the elements only that the guide's sample has.", contradicts=True
    ),
    What.BOM: _written("A byte-order mark before the document."),
    What.DECLARATION: _written("An XML declaration before the document."),
    What.NO_DECLARATION: _written("No XML declaration."),
    What.OTHER_WORDS: Nature(Stage.ON_THE_WAY, Harm.ALLOWED, "Texts in another language.", contradicts=True),
    What.UNLISTED: _spoilt("A status with a number that no status of the guide has."),
    What.OF_ANOTHER: _spoilt("The status of another operation, by its id, which was processed."),
    What.TOLD_UNSUPPORTED: _told("A status that says that the operation is not supported, whatever became of it."),
    What.TOLD_NO_PATIENT: _told("A status that says that there is no such patient, whatever became of it."),
    What.TOLD_NO_CASE: _told("A status that says that there is no such case, whatever became of it."),
    What.OTHER_PREFIXES: _rewritten("Other prefixes for the namespaces of XML Schema."),
    What.CHARACTER_REFERENCES: _rewritten("Letters beyond ASCII, and the first of each text, as numbers."),
    What.CDATA: _rewritten("Texts in CDATA sections."),
    What.COMMENTS: _rewritten("Comments between the elements."),
}


@dataclass(frozen=True)
class Disturbance:
    """One disturbance for calls to come. ValueError for what cannot be."""

    what: What
    method: str = ""
    """Role of the method; '' for any."""
    times: int = 1
    after: int = 0
    """So many fitting calls are left alone first."""
    seconds: float = 0.0
    """How long a ``hang`` (0: until the client gives up) or a ``slow`` answer takes; what Retry-After says."""

    def __post_init__(self) -> None:
        if not 1 <= self.times <= MOST_TIMES:
            raise ValueError(f"times is {self.times}; expected from 1 to {MOST_TIMES}.")
        if not 0 <= self.after <= MOST_TIMES:
            raise ValueError(f"after is {self.after}; expected from 0 to {MOST_TIMES} calls.")
        if not 0 <= self.seconds <= LONGEST_S:
            raise ValueError(f"seconds is {self.seconds}; expected from 0 to {LONGEST_S:.0f}.")

    @property
    def nature(self) -> Nature:
        return NATURES[self.what]

    def fits(self, method: str, has_document: bool) -> bool:
        """True for a call of the method with that role ('' for no known one)."""
        return self.method in ("", method) and (has_document or not self.nature.needs_document)


def named(what: str) -> What:
    """The disturbance of that name; ValueError when there is none."""
    if what not in NATURES:
        raise ValueError(f"no disturbance is called {what!r}; expected one of {', '.join(What)}.")
    return What(what)


def role_of(method: str, spec: Spec) -> str:
    """The role of the method of that name or role; '' for ''. ValueError when there is none."""
    if method in ("", *spec.method):
        return method
    known = spec.method_by_folded_name.get(method.casefold())
    if known is None:
        raise ValueError(f"no method is called {method!r}; expected one of {', '.join(m.name for m in spec.methods)}.")
    return known.role


@dataclass
class Arranged:
    """A disturbance that waits."""

    disturbance: Disturbance
    times: int
    """How often it will still happen."""
    after: int
    """How many fitting calls come before."""


class Disturbances:
    """Those that are arranged, oldest first. At most one befalls an answer."""

    def __init__(self, arranged: tuple[Disturbance, ...] = ()) -> None:
        self._waiting: list[Arranged] = []
        self._lasting: dict[UUID, Disturbance] = {}
        for disturbance in arranged:
            self.arrange(disturbance)

    @property
    def idle(self) -> bool:
        """True when nothing can befall an answer."""
        return not self._waiting and not self._lasting

    def arrange(self, disturbance: Disturbance) -> None:
        """Has it happen to calls to come."""
        self._waiting.append(Arranged(disturbance, disturbance.times, disturbance.after))

    def choose(self, method: str, has_document: bool, operation: UUID | None = None) -> Arranged | None:
        """The first that is due for a call of that method; it stays until it is told to be ``spent``.

        ``operation`` is the one that the call asks about: what lasts comes again, and before anything else.
        """
        lasting = self._lasting.get(operation) if operation is not None else None
        if lasting is not None and lasting.fits(method, has_document):
            return Arranged(lasting, times=1, after=0)
        due = None
        for arranged in self._waiting:
            if arranged.disturbance.fits(method, has_document):
                if arranged.after:
                    arranged.after -= 1
                elif due is None:
                    due = arranged
        return due

    def spent(self, arranged: Arranged, operation: UUID | None = None) -> None:
        """It has happened once, to what was said of that operation."""
        arranged.times -= 1
        if operation is not None and arranged.disturbance.nature.lasting:
            self._lasting[operation] = arranged.disturbance
        if arranged.times < 1 and arranged in self._waiting:
            self._waiting.remove(arranged)

    def waiting(self) -> tuple[Arranged, ...]:
        return tuple(self._waiting)

    def clear(self) -> None:
        """Forgets what was arranged."""
        self._waiting.clear()
        self._lasting.clear()
