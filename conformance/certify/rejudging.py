"""Every verdict of a bundle drawn again from its journal: with the spec inside it, and with the one of this build.

The rows that counted are those that the statement froze. With a later spec the same rows count, as far as it has them;
what it added is shown beside them. So a certificate is measured by what was asked for when it was issued, and still
every row that would be judged otherwise today is named.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from conformance.certify.archive import Unusable
from conformance.certify.inspection import Inspection, events_of
from conformance.certify.statement import Worth
from conformance.judge import Ledger, Monitor, Row, RunVerdict, about_from, terms_from
from conformance.judge.compared import Difference, Turn, compared
from conformance.spec import Profile, Spec


@dataclass(frozen=True)
class Rejudged:
    """The verdicts of one spec."""

    spec: Spec
    ledger: Ledger
    differences: tuple[Difference, ...]
    """From the ledger in the bundle to this one, among the rows that counted."""
    later: tuple[Row, ...]
    """Rows that triggered, and that the spec or the profile of then had not: shown, not counted."""
    gone: tuple[str, ...]
    """Rows that counted and that this spec lacks."""

    @property
    def agrees(self) -> bool:
        """True when nothing that decides is different, and the verdict is what a certificate needs."""
        return not self.differences and not self.gone


def rejudged(inspection: Inspection, spec: Spec) -> Rejudged:
    """Raises Unusable when the events are such that nobody can judge them."""
    stated = inspection.statement
    frozen = _frozen(inspection, spec)
    try:
        terms = replace(terms_from(inspection.header, spec), profile=frozen)
        monitor = Monitor(spec, terms=terms, about=about_from(inspection.header))
        for event in events_of(inspection):
            monitor.feed(event)
        ledger = monitor.finish()
        same_spec = spec.digest == stated.spec_digest
        found = compared(inspection.ledger, ledger, counts=same_spec)
    except Exception as error:  # events and ledger are a stranger's: they may hold anything anywhere
        raise Unusable(
            f"the evidence in the bundle cannot be judged ({type(error).__name__}: {str(error)[:200]})."
            " It was not written by this harness, or by a much newer one."
        ) from error
    counted = set(stated.counted)
    own = tuple(each for each in found if not _is_row(each.what, inspection.ledger, ledger) or each.what in counted)
    rest = _rest(inspection.ledger, ledger) if same_spec and not own else ()
    known = counted | {row.id for row in inspection.ledger.rows} - set(spec.profile[stated.profile].requirements)
    beside = tuple(row for row in ledger.rows if row.id not in known)
    gone = tuple(row for row in stated.counted if row not in spec.requirement)
    return Rejudged(spec, ledger, (*own, *rest), () if same_spec else beside, gone)


def unworthy(inspection: Inspection) -> Difference | None:
    """A certificate of a run that did not pass; None for any other bundle."""
    statement = inspection.statement
    if statement.worth is Worth.CERTIFICATE and statement.verdict != RunVerdict.PASS:
        return Difference("certificate", statement.verdict, "none", "only a run that passed is certified", Turn.WORSE)
    return None


def _frozen(inspection: Inspection, spec: Spec) -> Profile:
    """The profile of the run with the rows that counted then, as far as ``spec`` has them."""
    stated = inspection.statement
    own = spec.profile.get(stated.profile)
    rows = tuple(row for row in stated.counted if row in spec.requirement)
    if own is None:
        raise Unusable(f"profile {stated.profile!r} is not in {spec.name}; verify with --spec of a folder that has it.")
    return Profile(own.name, own.title, own.binds, rows, frozenset(stated.mandatory) & frozenset(rows))


def _is_row(what: str, *ledgers: Ledger) -> bool:
    return any(row.id == what for ledger in ledgers for row in ledger.rows)


def _rest(stated: Ledger, found: Ledger) -> tuple[Difference, ...]:
    """Where two ledgers differ that say the same of everything that is compared above."""
    was, now = json.loads(stated.to_json()), json.loads(found.to_json())
    why = "it is not what follows from the journal"
    return tuple(
        Difference(name, _short(was, name), _short(now, name), why, Turn.OTHER)
        for name in sorted(was.keys() | now.keys())
        if was.get(name) != now.get(name)
    )


def _short(body: Mapping[str, object], name: str) -> str:
    text = json.dumps(body.get(name), sort_keys=True, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."
