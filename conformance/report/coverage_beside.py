"""What a recording of the command line or of VDDS media covered: arguments, and keys of transfer files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from conformance.report.coverage import ParameterSeen
from conformance.spec import CommandLineFacts, Spec
from conformance.spec.vdds_media import Need, VddsCall, VddsKey
from conformance.trace import Handover, Invocation
from conformance.wire import DateFormat


def used(invocations: Sequence[Invocation], handovers: Sequence[Handover], spec: Spec) -> tuple[ParameterSeen, ...]:
    """A line for each argument of the list, and for each known key of the calls; nothing where neither was used."""
    rows: list[ParameterSeen] = []
    if invocations and spec.command_line is not None:
        rows += _arguments(invocations, spec.command_line)
    for call in spec.vdds.calls if handovers and spec.vdds is not None else ():
        files = [each for each in handovers if each.is_call and each.kind == call.role]
        rows += [_key(key, call, files) for key in call.keys.all]
    return tuple(rows)


def _arguments(invocations: Sequence[Invocation], facts: CommandLineFacts) -> Iterator[ParameterSeen]:
    for argument in facts.arguments:
        how: Counter[str] = Counter()
        forms: Counter[str] = Counter()
        for each in invocations:
            own = [a for a in each.arguments if a.name.casefold() == argument.name.casefold()]
            how["absent" if not own else "given" if own[0].value else "empty"] += 1
            forms.update(form for a in own[:1] for form in a.fact("date") if form != DateFormat.EMPTY)
        counts = (how["given"], how["empty"], how["absent"])
        yield ParameterSeen(facts.executable, argument.name, argument.mandatory, *counts, _told(forms))


def _key(key: VddsKey, call: VddsCall, files: Sequence[Handover]) -> ParameterSeen:
    values = [each.values.get(key.role) for each in files]
    given, absent = sum(bool(value) for value in values), sum(value is None for value in values)
    wrong = Counter(
        flaw for each in files for flaw in ("no-date", "no-number", "not-listed") if key.role in each.fact(flaw)
    )
    told = _told(Counter({flaw.replace("-", " "): count for flaw, count in wrong.items()}))
    return ParameterSeen(
        call.key, key.name, key.need is Need.REQUIRED, given, len(files) - given - absent, absent, told
    )


def _told(counted: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counted.items()))
