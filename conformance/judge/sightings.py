"""What the traffic showed apart from verdicts: statuses, methods, and the readings that were taken."""

from __future__ import annotations

from collections import Counter

from conformance.judge.ledger import MethodCalled, ReadingSeen, Seen, StatusSeen
from conformance.judge.tally import Tally
from conformance.spec import Spec

_NONE: Counter[str] = Counter()


def statuses(tally: Tally, spec: Spec) -> tuple[StatusSeen, ...]:
    names = {status.code: status.name for status in spec.statuses}
    strange = sorted(code for code in tally.statuses if code not in names)
    found = []
    for code in (*names, *strange):
        seen = tally.statuses.get(code)
        counts = (seen.answers, len(seen.operations), seen.first) if seen else (0, 0, 0)
        found.append(StatusSeen(code, names.get(code, ""), *counts))
    return tuple(found)


def methods(tally: Tally, spec: Spec) -> tuple[MethodCalled, ...]:
    found = []
    for method in spec.methods:
        how = tally.calls.get(method.role, _NONE)
        ends = [how.get(end, 0) for end in ("succeeded", "refused", "lost")]
        found.append(MethodCalled(method.role, method.name, sum(ends), *ends))
    return tuple(found)


def readings(tally: Tally, spec: Spec) -> tuple[ReadingSeen, ...]:
    return tuple(
        ReadingSeen(
            reading.id,
            reading.question,
            reading.heading,
            reading.conforming,
            tuple(Seen(n, take.count, take.first) for n, take in sorted(tally.takes.get(reading.id, {}).items())),
        )
        for reading in spec.readings
    )
