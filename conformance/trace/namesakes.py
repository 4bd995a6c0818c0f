"""Patients who are mapped to nobody: what was declared of them, and whether a call tells of the same person."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.trace.case_book import folded
from conformance.trace.exchange import Exchange
from conformance.trace.proven import Alike


@dataclass(frozen=True)
class Unmapped:
    """A patient declared to exist that is mapped to nobody."""

    number: int
    first: str
    last: str
    patient_id: str
    birth_date: str

    def compared(self, call: Exchange) -> Alike:
        """Whether the call, which gives its names, gives the rest of its data; what either leaves out stays open."""
        given = [call.values.get(role, "") for role in ("patient_id", "birth_date")]
        pairs = list(zip(given, (self.patient_id, self.birth_date), strict=True))
        if any(now and before and now != before for now, before in pairs):
            return Alike.NO
        return Alike.YES if all(now and now == before for now, before in pairs) else Alike.OPEN


def words_of(name: str) -> set[str]:
    """The words of a name, or their tokens, without what tells upper from lower case."""
    return {folded(word) for word in name.split()}
