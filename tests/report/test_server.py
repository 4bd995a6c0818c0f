"""What a report says of the server: no more than the recording holds."""

from dataclasses import replace

import pytest

from conformance.report import view_of
from conformance.report.server import Server, server_of
from conformance.trace import NoteKind, Recorded, call, note, realise

CHAIN = note(NoteKind.CHAIN, presented="aa11 bb22", authority="bb22", expected="")


@pytest.fixture
def recorded(real_spec):
    """``recorded(sketch, host, software)`` -> its events with these headers."""

    def events(sketch, host, software=None):
        headers = {"server": software} if software else {}
        return [
            replace(
                event,
                request=replace(event.request, headers={"host": host}),
                reply=event.reply and replace(event.reply, headers=headers),
            )
            if isinstance(event, Recorded)
            else event
            for event in realise(sketch, real_spec)
        ]

    return events


def test_address_software_and_certificate_are_told(recorded):
    seen = server_of(recorded(call("list_stations") + CHAIN, "clinic:5484", "Microsoft-HTTPAPI/2.0"))

    assert seen.told() == "clinic:5484; calls itself Microsoft-HTTPAPI/2.0; last certificate presented bb22"


def test_the_address_that_was_called_most_stands_first(recorded):
    once, twice = recorded(call("list_stations"), "other:1"), recorded(call("list_stations") * 2, "clinic:5484")

    assert server_of([*once, *twice]).hosts == ("clinic:5484", "other:1")


def test_a_lost_call_and_no_chain_leave_only_the_address(recorded):
    assert server_of(recorded(call("list_stations").lost(), "clinic:5484")) == Server(("clinic:5484",), (), "")


def test_nothing_is_said_where_nothing_is_known():
    assert server_of([]).told() == ""


def test_what_the_run_tells_of_its_server_is_left_alone(runs):
    assert runs["void"].view.about["server"] == "emulator"


def test_a_server_somewhere_is_described_and_certified_at_its_address(runs):
    run = runs["fail"]
    events = [
        replace(event, request=replace(event.request, headers={"host": "clinic:5484"}))
        if isinstance(event, Recorded)
        else event
        for event in run.events
    ]
    view = view_of(replace(run.ledger, about={**run.ledger.about, "server": ""}), run.spec, events)

    assert view.about["server"] == "clinic:5484"
    assert any("certify server https://clinic:5484 " in line for item in view.findings for line in item.commands)
