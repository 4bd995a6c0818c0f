"""What a PMS did because its user wanted it, in words for a finding: advice then, and nothing that went wrong."""

from __future__ import annotations

from conformance.trace import Exchange, History


def as_ordered(history: History, exchange: Exchange) -> str:
    """What to add to an observation of a call that an order asked for; '' for any other."""
    order_ = history.orders.of(exchange)
    if order_ is None or order_.role != exchange.role:
        return ""
    return "; the user ordered it, as the scenario wants, and a PMS may forestall that"
