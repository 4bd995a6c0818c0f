"""What a PMS does when its user asks for the cases of a range of dates that ends before it begins.

Some programs see that themselves, others ask and are refused; both are right when the user learns of it.
"""

from __future__ import annotations

from conformance.rules.case_knowledge import RANGES
from conformance.rules.catalogue import rule
from conformance.rules.orders_answered import ANSWERED
from conformance.rules.verdict import Verdict, judged
from conformance.spec import Spec
from conformance.trace import History, Note, NoteKind, Order, Sketch, call, done, order

BAD_REQUEST = 400
FIRST, LAST = RANGES[0]
WRONG = order("find_cases", person="17", criteria=f"{FIRST}=2020-01-02 {LAST}=2020-01-01")
RIGHT = order("find_cases", person="17", criteria=f"{FIRST}=2020-01-01 {LAST}=2020-01-02")


def _asked(first: str, last: str) -> Sketch:
    return call("find_cases", integration_id="A", answer=[], **{FIRST: first, LAST: last})


TURNED, SENT = _asked("2020-01-01", "2020-01-02"), _asked("2020-01-02", "2020-01-01").refused(BAD_REQUEST)


def is_impossible(wish: Order) -> bool:
    """True for a search whose user wants a range that ends before it begins; its dates are year, month, day."""
    pairs = (pair.partition("=") for pair in wish.data.get("criteria", "").split())
    wanted = {role: value for role, _, value in pairs}
    return any(first in wanted and last in wanted and wanted[first] > wanted[last] for first, last in RANGES)


@rule(
    "FND-046",
    judges=NoteKind.ORDER,
    accepts=[WRONG + done("refused"), WRONG + done("failed"), WRONG + TURNED + done("refused")],
    rejects=[WRONG + done(), WRONG + done("refused", told="no"), WRONG + TURNED + done()],
    ignores=[RIGHT + TURNED + done(), RIGHT + done("refused"), WRONG + SENT + done(), WRONG + done("unsupported")],
)
def an_impossible_range_finds_nothing(history: History, note: Note, spec: Spec) -> Verdict | None:
    """The user is told that the range is impossible, and sees no list. What the server refuses is FND-044."""
    wish = history.orders.told_by(note)
    if wish is None or wish.end is not note or wish.does != "find_cases" or wish.answer not in ANSWERED:
        return None
    if not is_impossible(wish) or any(search.http_status == BAD_REQUEST for search in wish.of("find_cases")):
        return None
    told = "a message" if wish.told else "no message"
    kept = wish.answer != "done" and wish.told
    expected = "a message that the range is impossible"
    return judged(kept, expected, f"{wish.answer}, with {told} for the user", *wish.of("find_cases")[-1:], note)
