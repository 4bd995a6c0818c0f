"""Which of the server's accounts a PMS was told to use."""

from __future__ import annotations

from conformance.trace import Exchange, History, NoteKind


def account_told(history: History, exchange: Exchange) -> tuple[str, str] | None:
    """User and password of the account that the PMS took over last, as tokens; None while it was told no other.

    Accounts are numbered as they are declared. One that the PMS would not take says nothing of which it uses, and while
    it takes one over it may try it.
    """
    last = next((o for o in reversed(history.orders.all) if o.does == "configure"), None)
    taken_over = last is not None and last.end is not None and last.end.number < exchange.number
    if last is None or not taken_over or last.answer != "done":
        return None
    declared = (n.data for n in history.notes(NoteKind.CREDENTIALS) if n.data.get("complete") == "yes")
    known = list(dict.fromkeys((data.get("user", ""), data.get("password", "")) for data in declared))
    number = last.data.get("account", "")
    return known[int(number) - 1] if number.isdigit() and 0 < int(number) <= len(known) else None
