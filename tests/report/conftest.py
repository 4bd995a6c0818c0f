"""Five runs, one for each verdict, and the comparison with golden files."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from conformance.report import view_of
from conformance.rules import Observer, breaks
from conformance.spec import Binds, JudgedBy, Obligation, Profile
from conformance.trace import NoteKind, call, note, poll

GOLDEN = Path(__file__).parent / "golden"
STATIONS = call("list_stations", answer=[{"station": "5be65d15-31a2-442b-a93b-0bd65ec8abe9", "hostname": "A<b>&Co"}])
CREATED = call("create_patient", integration_id="A", last_name="O'Fox", operation=1) + poll(1, "processed")
ABOUT = {"subject": "Server <1.7> & more", "harness": "0.1.0", "seed": "7"}
SKIPPED = note(NoteKind.SKIPPED, play="cases.in-each-state", reason="no patient with a case", aims="CAS-001")


def broken(history, poll_, spec):
    call_ = history.asked(poll_).call
    return breaks("expected status 107 (proven by exchange 2)", "observed status 4 <script>", call_, poll_)


@pytest.fixture
def runs(small):
    """The five runs by verdict, each with ledger, spec, events and view."""
    rows = (
        small.requirement("ONE-001", heading="/GetAvailableClientList"),
        small.requirement("TWO-001", heading="/CreatePatient", harm="mixed-up", readings=("LETTER-CASE",)),
        small.requirement("OPT-001", obligation=Obligation.SHOULD, heading="/CreatePatient"),
        small.requirement("CAS-001", heading="/GetCasesForPatient", needs=("fixtures",)),
        small.requirement("NOT-001", judged_by=JudgedBy.NOBODY, reason="a person would have to look"),
    )
    few = rows[:1]
    observer = Observer("LETTER-CASE", ("list_stations", "get_status"), lambda h, e, s: _letter(e), ())
    faulty = small.rules("ONE-001", "OPT-001") | {
        "TWO-001": small.rule("TWO-001", broken, ["get_status"]),
        "CAS-001": small.rule("CAS-001", broken, ["find_cases"]),
    }
    failing = STATIONS + STATIONS.refused(400) + CREATED + SKIPPED + STATIONS.lost().but(target="/elsewhere")

    def run(sketch, chosen, rules, binds=Binds.SERVER, **settings):
        spec = small.spec(*chosen, binds=binds)
        settings = {"about": ABOUT, "play": "patients.same-id-twice", **settings}
        ledger = small.run(sketch, spec, rules, who="suite", **settings)
        events = small.events(sketch, "suite", settings["play"])
        return SimpleNamespace(ledger=ledger, spec=spec, events=events, view=view_of(ledger, spec, events))

    pms = Profile("pms", "PMS", Binds.PMS, (), frozenset())
    return {
        "pass": run(STATIONS, few, small.rules("ONE-001")),
        "fail": run(failing, rows, faulty, watching={"LETTER-CASE": observer}),
        "error": run(STATIONS.but(http_status=302), few, small.rules("ONE-001")),
        "inconclusive": run(STATIONS.refused(500) + SKIPPED, rows, small.rules("ONE-001", "TWO-001")),
        "void": run(
            STATIONS.refused(400), few, small.rules("ONE-001"), profile=pms, about={**ABOUT, "server": "emulator"}
        ),
    }


def _letter(exchange):
    return "upper" if exchange.role == "get_status" else "none"


@pytest.fixture
def golden():
    """Compares a text with a golden file; THREEDD_WRITE_GOLDEN=1 in the environment writes it instead."""

    def compare(name, text):
        path = GOLDEN / name
        if os.environ.get("THREEDD_WRITE_GOLDEN"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        assert path.read_text(encoding="utf-8") == text

    return compare
