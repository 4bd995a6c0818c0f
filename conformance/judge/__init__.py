"""Judging: events in, verdicts and the ledger out."""

from conformance.judge.excerpt import Excerpts, judged_again, shown_in
from conformance.judge.findings import OWN_SERVER, REST
from conformance.judge.gravity import ORDER_OF_HARM, SEVERITIES, Gravity, gravity
from conformance.judge.ledger import (
    EXIT_CODES,
    Again,
    Counts,
    Finding,
    Ledger,
    LedgerError,
    ReadingSeen,
    Row,
    RunVerdict,
    Standing,
    StatusSeen,
    Whose,
    ledger_from_json,
)
from conformance.judge.monitor import HARNESS, Monitor
from conformance.judge.recording import IN_CLEAR, RAW, Recording, about_from, journal_header, judge_recording
from conformance.judge.tally import Judgement
from conformance.judge.terms import Terms, Waiver, terms_from, terms_header
from conformance.judge.verdicts import COMMAND, DECLINED, DECLINED_STEPS, GENERATORS, LACKS, STEPS
from conformance.rules import Breach, Result, Verdict, breach_class

__all__ = [
    "COMMAND",
    "DECLINED",
    "DECLINED_STEPS",
    "EXIT_CODES",
    "GENERATORS",
    "HARNESS",
    "IN_CLEAR",
    "LACKS",
    "ORDER_OF_HARM",
    "OWN_SERVER",
    "RAW",
    "REST",
    "SEVERITIES",
    "STEPS",
    "Again",
    "Breach",
    "Counts",
    "Excerpts",
    "Finding",
    "Gravity",
    "Judgement",
    "Ledger",
    "LedgerError",
    "Monitor",
    "ReadingSeen",
    "Recording",
    "Result",
    "Row",
    "RunVerdict",
    "Standing",
    "StatusSeen",
    "Terms",
    "Verdict",
    "Waiver",
    "Whose",
    "about_from",
    "breach_class",
    "gravity",
    "journal_header",
    "judge_recording",
    "judged_again",
    "ledger_from_json",
    "shown_in",
    "terms_from",
    "terms_header",
]
