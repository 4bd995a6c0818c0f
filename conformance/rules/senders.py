"""Who a call comes from, as far as a recording tells, and what the same one called shortly before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from conformance.trace import Exchange


def sender(exchange: Exchange) -> tuple[str, str]:
    """Two programs at one server are told apart by the user that they call as."""
    return exchange.who, exchange.authorization.user


def recent(calls: Iterable[Exchange], exchange: Exchange, seconds: int) -> Iterator[Exchange]:
    """Of ``calls``, newest first, those of the same sender within that time before ``exchange``, itself included."""
    since = exchange.started_s - seconds
    for other in calls:
        if other.finished_s < since:
            return
        if sender(other) == sender(exchange) and since <= other.started_s <= exchange.started_s:
            yield other


def same_data(call: Exchange) -> frozenset[tuple[str, str]]:
    """What a call asks for, whatever id its operation has."""
    return frozenset((role, value) for role, value in call.values.items() if role != "operation")
