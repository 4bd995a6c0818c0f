"""What shows of an exchange at a glance, so that rules which it cannot concern are not asked about it.

Theory. Hundreds of rules are triggered by the same few kinds of exchanges, and each of them by few of those: a row on
merging patients says nothing of a status that a selection came to. A rule may name marks (``when=``), and is asked
only about exchanges that bear one of them at least. A mark is a necessary condition and no verdict: a rule that is
asked still sees for itself, and one that names no marks is asked about everything.
"""

from __future__ import annotations

from enum import StrEnum

from conformance.rules.evidence import decided, told
from conformance.rules.origins import why_free, why_held, why_known, why_unused
from conformance.rules.premises import any_ending
from conformance.trace import Exchange, History, Operation


class Mark(StrEnum):
    UNSIGNED = "unsigned"  # a call without an Authorization header
    MISSIGNED = "missigned"  # one whose header holds no Basic credentials
    NAMES_NOTHING = "names-nothing"  # a look under an id that no operation was given
    TOLD_AT_STATION = "told-at-station"  # a status, surely of an operation at a station
    TOLD_AT_SERVER = "told-at-server"
    AGAIN = "again"  # ... and a status of it was seen before
    REMOVAL = "removal"  # a status of an operation that somebody removed, or tried to
    REUSED = "reused"  # ... under an id that several operations have
    FOLLOWED = "followed"  # ... of one after which others were started


def probing(kind: str) -> str:
    """A call that belongs to a probe of that kind, or a look at the operation that such a call started."""
    return f"probing {kind}"


def given(role: str) -> str:
    """A call with a value for that parameter."""
    return f"given {role}"


def about(role: str) -> str:
    """A status of an operation that such a call started."""
    return f"about {role}"


def at_server(role: str) -> str:
    """The same, where the call named no station."""
    return f"about {role} at the server"


def says(status: str) -> str:
    """A status of that name."""
    return f"says {status}"


def dealt(status: str) -> str:
    """A final status of an operation with which the operator dealt in a way that must lead to the status named."""
    return f"dealt {status}"


def end_of(role: str) -> str:
    """A status that shows the end of such an operation, whose call leaves no room for doubt."""
    return f"end of {role}"


def end_at_station(role: str) -> str:
    return f"end of {role} at a station"


def end_at_server(role: str) -> str:
    return f"end of {role} at the server"


def broken(role: str) -> str:
    """The same for an operation that breaks a condition."""
    return f"broken {role}"


def marks(history: History, exchange: Exchange) -> frozenset[str]:
    """All marks that the exchange bears."""
    found: set[str] = set()
    authorization, probe = exchange.authorization, exchange.probe
    if not authorization.present:
        found.add(Mark.UNSIGNED)
    elif authorization.flaw:
        found.add(Mark.MISSIGNED)
    if probe is not None:
        found.add(probing(probe.kind))
    if exchange.role == "get_status":
        operation = history.polled(exchange)
        if operation is not None:
            _of_status(history, exchange, operation, found)
        elif not history.with_id(exchange):
            found.add(Mark.NAMES_NOTHING)
    else:
        found.update(given(role) for role, value in exchange.values.items() if value)
    return frozenset(found)


def _of_status(history: History, query: Exchange, operation: Operation, found: set[str]) -> None:
    probe, role = operation.call.probe, operation.role
    if probe is not None:
        found.add(probing(probe.kind))
    found.add(about(role))
    if not operation.on_station:
        found.add(at_server(role))
    if operation.removals:
        found.add(Mark.REMOVAL)
    if operation is not history.operations[-1]:
        found.add(Mark.FOLLOWED)
    if len(history.with_id(query)) > 1:
        found.add(Mark.REUSED)
    said = told(history, query, history.spec, turned_down=True)
    if said is not None:
        found |= {says(said.status.name), Mark.TOLD_AT_STATION if operation.on_station else Mark.TOLD_AT_SERVER}
        if said.earlier:
            found.add(Mark.AGAIN)
        if said.status.final and operation.on_station:
            found.add(dealt(decided(history, operation)))
    end = any_ending(history, query)
    if end is not None:
        found |= {end_of(role), end_at_station(role) if operation.on_station else end_at_server(role)}
        if end.broken:
            found.add(broken(role))
        origins = (why_held(history, query), why_free(history, query), why_unused(history, query))
        found.update(origin for origin in (*origins, why_known(history, query)) if origin is not None)
