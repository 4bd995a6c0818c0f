"""From totals to verdicts: per requirement, per finding, for the run.

The order in which verdicts outweigh each other is the order of the ``if``s below. Nothing here can turn silence into
a PASS: a row without a verdict is NOT_OBSERVED, with the reason why, and an empty set of rows certifies nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict

from conformance.judge import sightings
from conformance.judge.findings import OWN_SERVER, reading_findings, row_findings
from conformance.judge.ledger import EARL, Counts, Ledger, Row, RunVerdict, SkippedPlay, Standing
from conformance.judge.tally import Group, RowTally, Tally
from conformance.judge.terms import Terms
from conformance.rules import Result
from conformance.spec import Axis, Binds, JudgedBy, Obligation, Requirement, Spec


def build(tally: Tally, spec: Spec, terms: Terms, rules: frozenset[str], about: Mapping[str, str]) -> Ledger:
    """The ledger of ``tally`` on these terms; ``rules`` are the rows that this build can judge."""
    told = {**about, **tally.facts}
    concerned = [row for row in spec.requirements if _in_profile(row, terms) or _triggered(row, tally)]
    moot = {row.id: why for row in concerned if (why := _moot(row, tally, spec))}
    rows = tuple(_row(requirement, tally, terms, rules, moot) for requirement in concerned)
    verdict, reasons = _run(rows, terms, told.get("server", ""), tally)
    ours = terms.binds_pms and told.get("server", "") == OWN_SERVER
    readings = () if ours else reading_findings(tally, spec)  # our own emulator changes them as a scenario wants it
    findings = (*row_findings(rows, tally, terms, told.get("server", "")), *readings)
    return Ledger(
        about=dict(sorted(told.items())),
        spec=spec.name,
        spec_digest=spec.digest,
        profile=terms.profile.name if terms.profile else "",
        verdict=verdict,
        reasons=reasons,
        events=tally.events,
        exchanges=tally.exchanges,
        rows=rows,
        findings=findings,
        statuses=sightings.statuses(tally, spec),
        methods=sightings.methods(tally, spec),
        other_calls=sum(tally.calls[""].values()) if "" in tally.calls else 0,
        readings=sightings.readings(tally, spec),
        skipped=tuple(SkippedPlay(play, reason, aims) for play, reason, aims in sorted(tally.skipped)),
        waivers=tuple(asdict(waiver) for waiver in terms.waivers),
    )


# -- rows -----------------------------------------------------------------------------------------------------


def mandatory_rows(spec: Spec, terms: Terms) -> tuple[Requirement, ...]:
    """The rows that must be seen to be kept for the run to pass."""
    return tuple(row for row in spec.requirements if _mandatory(row, terms))


def _mandatory(row: Requirement, terms: Terms) -> bool:
    if row.id in terms.not_applicable or row.judged_by is JudgedBy.NOBODY or row.axis is Axis.FIELD:
        return False
    return row.id in terms.profile.mandatory if terms.profile else row.obligation is Obligation.MUST


def _in_profile(row: Requirement, terms: Terms) -> bool:
    return terms.profile is None or row.id in terms.profile.requirements


def _triggered(row: Requirement, tally: Tally) -> bool:
    return row.id in tally.rows and any(tally.rows[row.id].results[result] for result in _COUNTED)


def _row(requirement: Requirement, tally: Tally, terms: Terms, rules: frozenset[str], moot: Mapping[str, str]) -> Row:
    row = tally.rows.get(requirement.id, _EMPTY)
    found = _standing(requirement, row, terms, moot)
    waiver = terms.waiver(requirement.id)
    waived = waiver is not None and found not in _NEEDS_NO_WAIVER
    reason = _reason(requirement, row, found, tally, terms, rules, moot)
    if waiver is not None and waived:
        reason = f"waived by {waiver.owner} until {waiver.expires}: {waiver.reason}"
    return Row(
        id=requirement.id,
        text=requirement.text,
        heading=requirement.heading,
        binds=requirement.binds.value,
        obligation=requirement.obligation.value,
        judged_by=requirement.judged_by.value,
        harm=requirement.harm,
        in_profile=_in_profile(requirement, terms),
        mandatory=_mandatory(requirement, terms),
        standing=Standing.WAIVED if waived else found,
        earl=EARL[found],
        reason=reason,
        counts=Counts(*(row.results[result] for result in _COUNTED)),
        situations=len(row.plays),
        needs=requirement.needs,
        readings=requirement.readings,
        axis=requirement.axis.value,
        generated=sum(row.kept[play] for play in tally.facts.get(GENERATORS, "").split()),
    )


GENERATORS = "generators"
"""The fact of a run that names its stimuli that were drawn at random."""
COMMAND = "command"
"""The fact of a run that tells how the command ended whose calls were watched, where that was not well."""
LACKS = "lacks"
"""The fact of a run that names the needs of requirements that it could not meet; '' for none."""
DECLINED, DECLINED_STEPS = "declined", "declined_steps"
"""Facts of a run: rows that no stimulus can show, since the PMS turned out not to do what each needs; and what."""
STEPS = "steps"
"""The fact of a run that names what the PMS can be told to do."""
_EMPTY = RowTally()
_COUNTED = (Result.PASS, Result.FAIL, Result.INCONCLUSIVE, Result.ERROR)
_NEEDS_NO_WAIVER = (Standing.PASS, Standing.UNTESTABLE, Standing.NOT_APPLICABLE)


def _standing(requirement: Requirement, row: RowTally, terms: Terms, moot: Mapping[str, str]) -> Standing:
    if requirement.id in terms.not_applicable and not row.results[Result.FAIL]:
        return Standing.NOT_APPLICABLE
    if requirement.judged_by is JudgedBy.NOBODY:
        return Standing.UNTESTABLE
    if row.results[Result.FAIL]:  # a declaration that something is not done does not hold against its being done badly
        return Standing.FAIL if requirement.obligation is Obligation.MUST else Standing.ADVISORY
    if row.results[Result.ERROR]:
        return Standing.ERROR
    if row.results[Result.PASS]:
        return Standing.PASS
    if row.results[Result.INCONCLUSIVE]:
        return Standing.INCONCLUSIVE
    return Standing.NOT_APPLICABLE if requirement.id in moot else Standing.NOT_OBSERVED


def _moot(requirement: Requirement, tally: Tally, spec: Spec) -> str:
    """What leaves nothing to judge, in words; or ''.

    A reading, if the traffic showed it and no other take of it; what the PMS turned out not to do; what it never gave
    or showed although it had every chance.
    """
    taken = (f"{name}: {take}" for name, take in requirement.moot_under if set(tally.takes.get(name, ())) == {take})
    reading = next(taken, "")
    if reading:
        return f"nothing to judge under the reading that the server takes ({reading})"
    if requirement.id in tally.facts.get(DECLINED, "").replace(",", " ").split():
        return f"every stimulus for it needs what the PMS does not support: {tally.facts.get(DECLINED_STEPS, '')}"
    return _never_given(requirement, tally, spec)


def _never_given(requirement: Requirement, tally: Tally, spec: Spec) -> str:
    if requirement.binds is not Binds.PMS or not tally.ordered or requirement.id in tally.withheld:
        return ""
    optional = _optional(requirement, spec)
    chances = {owner for owner, _ in optional} & tally.chances
    if not chances or optional & tally.used:
        return ""
    names = sorted({target.split(".")[1] for target in _targets(requirement)})
    return f"nothing to judge for a PMS that never gives or shows {' or '.join(names)}"


def _targets(requirement: Requirement) -> tuple[str, ...]:
    return requirement.moot_without or ((requirement.target,) if requirement.target else ())


def _optional(requirement: Requirement, spec: Spec) -> frozenset[tuple[str, str]]:
    """Roles of what the row needs to be given or shown, each with those of its method or record.

    A row about the shape of an optional parameter needs that.
    """
    found = set()
    for owner, item in (target.split(".") for target in _targets(requirement)):
        methods = (m for m in spec.methods if m.name == owner)
        found |= {
            (m.role, p.role)
            for m in methods
            for p in m.parameters
            if p.name == item and (requirement.moot_without or not p.mandatory)
        }
        if requirement.moot_without:
            found |= {(r.role, f.role) for r in spec.records for f in r.fields if (r.name, f.name) == (owner, item)}
    return frozenset(found)


def _reason(
    requirement: Requirement,
    row: RowTally,
    standing: Standing,
    tally: Tally,
    terms: Terms,
    rules: frozenset[str],
    moot: Mapping[str, str],
) -> str:
    if standing is Standing.NOT_APPLICABLE:
        return terms.not_applicable.get(requirement.id) or moot[requirement.id]
    if standing is Standing.UNTESTABLE:
        return requirement.reason
    if standing is Standing.NOT_OBSERVED:
        return _why_not_observed(requirement, tally, rules)
    if standing is Standing.INCONCLUSIVE:
        groups = [group for (result, _, _), group in row.groups.items() if result is Result.INCONCLUSIVE]
        return _most_frequent(groups)
    return ""


def _why_not_observed(requirement: Requirement, tally: Tally, rules: frozenset[str]) -> str:
    if requirement.judged_by is JudgedBy.RULE and requirement.id not in rules:
        return "no rule in this build judges it"
    skipped: dict[str, list[str]] = defaultdict(list)
    for play, reason, aims in sorted(tally.skipped):
        if requirement.id in aims:
            skipped[reason].append(play)
    if skipped:
        return "; ".join(f"{_named(plays)} skipped: {reason}" for reason, plays in skipped.items())
    unmet = [need for need in requirement.needs if need in _lacked(tally, requirement)]
    return "no exchange triggered it" + (f" (it needs {', '.join(unmet)})" if unmet else "")


def _lacked(tally: Tally, requirement: Requirement) -> Collection[str]:
    """The needs that were not met; all of them where no run told."""
    return tally.facts[LACKS].replace(",", " ").split() if LACKS in tally.facts else requirement.needs


def _named(plays: list[str]) -> str:
    if len(plays) > MOST_NAMED:
        return f"{', '.join(plays[:MOST_NAMED])} and {len(plays) - MOST_NAMED} more were"
    return f"{', '.join(plays)} {'was' if len(plays) == 1 else 'were'}"


MOST_NAMED = 3
"""Stimuli and rows that one reason names."""


def _most_frequent(groups: list[Group]) -> str:
    most = max(groups, key=lambda group: group.count)
    return most.first.verdict.observed


# -- the run --------------------------------------------------------------------------------------------------


def _run(rows: tuple[Row, ...], terms: Terms, server: str, tally: Tally) -> tuple[RunVerdict, tuple[str, ...]]:
    if terms.binds_pms and server == OWN_SERVER:
        broken = [row for row in rows if row.binds == Binds.SERVER and row.standing is Standing.FAIL]
        if broken:
            return RunVerdict.VOID, tuple(f"the harness's own server broke {_cited(row)}" for row in broken)
    own = [row for row in rows if row.in_profile]
    failed = [f"{_cited(row)} was broken {_times(row.counts.failed)}" for row in own if row.standing is Standing.FAIL]
    if terms.strict:
        advice = [row for row in own if row.standing is Standing.ADVISORY and row.axis != Axis.FIELD]
        failed += [f"{_cited(row)}, which is advice, was broken {_times(row.counts.failed)}" for row in advice]
    failed += _idle_waivers(own, terms)
    if failed:
        return RunVerdict.FAIL, tuple(failed)
    crashed = [f"the rule of {_cited(row)} broke down" for row in own if row.standing is Standing.ERROR]
    crashed += [f"{play} broke down: {reason}" for play, reason in sorted(tally.broken_plays.items())]
    if crashed:
        return RunVerdict.ERROR, tuple(crashed)
    cut_short = tally.cut_short_after is not None
    missing = [f"the recording was cut short after event {tally.cut_short_after}"] if cut_short else []
    if told := tally.facts.get(COMMAND):
        missing.append(f"the command whose calls were watched {told}; mend it, so that all that it tests is seen")
    missing += _open([row for row in own if row.mandatory and row.standing in _OPEN], tally)
    if not any(row.mandatory for row in own):
        missing.append(_NO_STEP if tally.facts.get(STEPS) == "" else _NO_ROW)
    return (RunVerdict.INCOMPLETE if missing else RunVerdict.PASS), tuple(missing)


_NO_ROW = "no row is mandatory, so that nothing can be certified; choose another profile"
_NO_STEP = (
    "the PMS is said to support no step, so that nothing was played; fill the driver in (threedd driver check tries"
    " it), or name steps with --supports"
)
_OPEN = (Standing.INCONCLUSIVE, Standing.NOT_OBSERVED)


def _open(rows: Sequence[Row], tally: Tally) -> Iterator[str]:
    """What keeps these rows from a verdict. What does so for many is told once, the most frequent first."""
    alike: dict[tuple[Standing, str], list[Row]] = defaultdict(list)
    for row in rows:
        alike[row.standing, _cause(row, tally)].append(row)
    for (standing, cause), group in sorted(alike.items(), key=lambda each: -len(each[1])):
        if len(group) > MOST_NAMED:
            named = ", ".join(row.id for row in group[:MOST_NAMED])
            what = "were not observed" if standing is Standing.NOT_OBSERVED else "could not be decided"
            yield f"{len(group)} requirements {what} ({named} and {len(group) - MOST_NAMED} more): {cause}"
        else:
            yield from (_missing(row) for row in group)


def _cause(row: Row, tally: Tally) -> str:
    """The reason without the stimuli that would have shown the row."""
    skipped = {reason for _, reason, aims in tally.skipped if row.id in aims}
    return "; ".join(sorted(skipped)) if skipped and row.standing is Standing.NOT_OBSERVED else row.reason


def _missing(row: Row) -> str:
    what = "was not observed" if row.standing is Standing.NOT_OBSERVED else "could not be decided"
    return f"{_cited(row)} {what}: {row.reason}"


def _idle_waivers(rows: list[Row], terms: Terms) -> list[str]:
    """Waivers that must go: those out of date, those of rows that need none, and of rows outside the profile."""
    by_id = {row.id: row for row in rows}
    found = []
    for waiver in terms.waivers:
        row = by_id.get(waiver.requirement)
        if terms.expired(waiver):
            found.append(f"the waiver of {waiver.requirement} expired on {waiver.expires}; renew or remove it")
        elif row is None:
            profile = terms.profile.name if terms.profile else "the spec"
            found.append(f"the waiver of {waiver.requirement} is needless, since {profile} lacks that row; remove it")
        elif row.standing is not Standing.WAIVED:
            found.append(f"the waiver of {waiver.requirement} is no longer needed ({row.standing}); remove it")
    return found


def _cited(row: Row) -> str:
    return f"{row.id} ({row.text.rstrip('.')})"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
