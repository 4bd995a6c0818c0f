"""What generated sequences are made of: steps that name values by where they come from, not by what they are.

A step says "the second integration id in use, in another case", never "abc". So a list of steps can be played again
with other ids, and made shorter, and still means the same. Strategies shrink towards the plainest call: all ids
fresh, on the server, nothing left out.

Odd texts are odd for careless software only: the guide lets every text be an id or a name. What it does not promise
(huge texts, GUIDs in other forms than its own) is left to plays about robustness.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from hypothesis import strategies as st

from conformance.spec import Kind, Method, Parameter, RunsOn


class Source(StrEnum):
    """Where the value of a parameter comes from."""

    FRESH = "fresh"  # made for this step
    USED = "used"  # one that an earlier step sent, by index
    OTHER_CASE = "other_case"  # the same with the case of its letters swapped
    KNOWN = "known"  # one that the target has: a station, a case, an image
    TEXT = "text"  # exactly this
    ODD = "odd"  # fresh, followed by unusual characters
    NIL = "nil"  # the empty GUID
    ABSENT = "absent"


@dataclass(frozen=True)
class Value:
    source: Source
    index: int = 0
    text: str = ""
    spelling: str = ""
    """How a new GUID is written: '' as usual, or upper. One of the server's own goes back as it came."""


@dataclass(frozen=True)
class Call:
    """One call of a method."""

    role: str
    values: Mapping[str, Value]
    decision: tuple[str, str] | None = None
    """Dialog and button, where a station is asked and the default shall not be pressed."""
    user: int = 0
    """Which of the users calls."""
    closes: bool = False
    """Whether the connection is closed afterwards, so that the next call opens another."""


@dataclass(frozen=True)
class Look:
    """A status query about an operation of an earlier step."""

    back: int = field(default=0)
    """How many operations ago it began."""


@dataclass(frozen=True)
class Together:
    """Calls made at the same moment; a later one may use the ids of an earlier one."""

    calls: tuple[Call, ...]


Step = Call | Look | Together

T = TypeVar("T")
ODD_TEXTS = ("ÅäÖ-ß", "李", "O'Brien & <Sons>", '"quoted"', "a+b%20c", "x" * 60)
DATES = ("1970-02-28", "2000-02-29", "1900-01-01", "2019-11-14T00:00:00", "")
FILTER_DATES = ("1999-01-01", "2018-04-30", "2019-11-14", "2020-06-05", "2099-12-31")
BOOLEANS = ("true", "false", "True", "FALSE")
MOST_BACK = 15
MOST_TOGETHER = 4
DECISIONS = (
    ("page", "navigation_failed"),
    ("page", "exception"),
    ("page", "internal_error"),
    ("new_patient", "cancel"),
    ("merge", "cancel"),
    ("merge", "existing"),
    ("sync", "keep"),
    ("sync", "cancel"),
)


def looks() -> st.SearchStrategy[Look]:
    """Looks at the newest operation, or further back; shrinks towards the newest."""
    return st.builds(Look, st.integers(0, MOST_BACK))


def together(calls: Sequence[st.SearchStrategy[Call]]) -> st.SearchStrategy[Together]:
    """Some calls of any methods at once; shrinks towards two of the first."""
    several = st.lists(st.one_of(calls), min_size=2, max_size=MOST_TOGETHER)
    return _unnamed(several.map(lambda chosen: Together(tuple(chosen))))


def _unnamed(strategy: st.SearchStrategy[T]) -> st.SearchStrategy[T]:
    """The same; Hypothesis does not write out of what it is made, which would take longer than drawing from it."""

    @st.composite
    def step(draw: st.DrawFn) -> T:
        return draw(strategy)

    return step()


def calls(method: Method, stations: int, operator: bool, users: int = 1) -> st.SearchStrategy[Call]:
    """Calls of ``method`` by any of the users; where ``stations`` is 0 nothing is sent to one.

    One draw for each call, with a byte for each choice: a draw costs more than all that is made of it.
    """
    values = {
        parameter.role: _value(parameter, method, stations)
        for parameter in method.parameters
        if stations or parameter.role != "station"
    }
    at_station = method.runs_on is not RunsOn.ANSWER and stations > 0 and operator
    decisions = (None, None, None, None, *DECISIONS) if at_station else (None,)
    callers = (*(0,) * 5, *range(users))
    closing = (*(False,) * 9, True)
    bytes_needed = len(values) + 3

    def call(drawn: bytes) -> Call:
        *chosen, decision, user, closes = drawn
        given = {role: _choice(options, byte) for (role, options), byte in zip(values.items(), chosen, strict=True)}
        return Call(method.role, given, _choice(decisions, decision), _choice(callers, user), _choice(closing, closes))

    return _unnamed(st.binary(min_size=bytes_needed, max_size=bytes_needed).map(call))


def _choice(options: Sequence[T], byte: int) -> T:
    """The one of the options that a byte stands for, each as often as any other, or nearly."""
    return options[byte * len(options) // 256]


def _value(parameter: Parameter, method: Method, stations: int) -> Sequence[Value]:
    special = _BY_ROLE.get(parameter.role)
    if special is not None:
        return special
    if parameter.role == "station":
        return _station(method, stations)
    if parameter.kind is Kind.DATE:
        dates = DATES if method.starts_operation else FILTER_DATES
        return (ABSENT, ABSENT, *(Value(Source.TEXT, text=date) for date in dates))
    if parameter.kind is Kind.BOOLEAN:
        return (ABSENT, ABSENT, *(Value(Source.TEXT, text=word) for word in BOOLEANS))
    if parameter.kind is Kind.GUID:
        return _known(4)
    return _NAMES


def _station(method: Method, stations: int) -> Sequence[Value]:
    """Mostly the server where that is possible; otherwise a station that is there."""
    there = tuple(Value(Source.KNOWN, index) for index in range(min(stations, 2)))
    either = (ABSENT,) * 5 if method.runs_on is RunsOn.EITHER else ()
    odd = (ABSENT, NIL, Value(Source.FRESH))
    return (*either, *there, *there, *odd)


def _known(count: int) -> Sequence[Value]:
    there = tuple(Value(Source.KNOWN, index) for index in range(count))
    return (*there, *there, Value(Source.FRESH), ABSENT)


ABSENT = Value(Source.ABSENT)
EMPTY = Value(Source.TEXT)
NIL = Value(Source.NIL)
FRESH = Value(Source.FRESH)
_USED = tuple(Value(Source.USED, index) for index in range(4))
_ODD = tuple(Value(Source.ODD, text=text) for text in ODD_TEXTS)
_OTHER_CASE = tuple(Value(Source.OTHER_CASE, index) for index in range(2))
_NAMES = (FRESH, FRESH, FRESH, FRESH, *_USED, *_ODD, EMPTY, ABSENT)
_BY_ROLE: Mapping[str, Sequence[Value]] = {
    "integration_id": (*(FRESH,) * 6, *_USED, *_USED, *_OTHER_CASE, *_ODD, EMPTY, ABSENT),
    "patient_id": (*(FRESH,) * 4, *(ABSENT,) * 4, *_USED, *_OTHER_CASE, *_ODD, EMPTY),
    "operation": (
        *(FRESH,) * 34,  # mostly: an id that is used again hides how long the others are remembered
        *(Value(Source.FRESH, spelling="upper"),) * 2,
        *_USED[:2],
        ABSENT,
        NIL,
    ),
}
