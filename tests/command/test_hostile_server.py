"""A whole run against a server that is one as long as the preflight lasts, and then means harm."""

import gzip
from contextlib import ExitStack
from itertools import cycle

import pytest
from click.testing import CliRunner

from conformance.command.certify import certify
from conformance.emulator.embedded import Embedded
from conformance.emulator.listener import Listener
from conformance.emulator.protocol import Response, WireFault
from conformance.judge import judge_recording, ledger_from_json
from conformance.spec import load

PASSWORD = "qwerty123"
HONEST_CALLS = 25
XML = (("Content-Type", "application/xml"),)
BOMB = b'<!DOCTYPE r [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;">]><RequestStatus x="&b;">&b;</RequestStatus>'
HARM = (
    lambda request: Response(200, XML, BOMB),
    lambda request: Response(200, XML, b"<ArrayOfCase><Case>"),
    lambda request: Response(200, XML, b"<a>" * 20_000),
    lambda request: Response(200, XML, (request.header("authorization") or "").encode()),
    lambda request: Response(200, XML, f"<RequestStatus><Note>{PASSWORD}</Note></RequestStatus>".encode()),
    lambda request: Response(200, (*XML, ("Content-Encoding", "gzip")), gzip.compress(b"\0" * 1_000_000)),
    lambda request: Response(302, (("Location", "http://localhost:9/?" + (request.header("authorization") or "")),)),
    lambda request: Response(200, XML, b"<RequestStatus />" * 2, wire=WireFault.TRUNCATE),
    lambda request: Response(200, XML, b"<RequestStatus />", wire=WireFault.SHORT_LENGTH),
    lambda request: Response(200, wire=WireFault.RESET),
    lambda request: Response(200, (("Content-Type", "image/png"),), b"\0" * 100_000),
    lambda request: Response(999, XML, b'{"statusCode": ' + b"9" * 10_000 + b"}"),
    lambda request: Response(200, XML, "<RequestStatus><StatusCode>٣</StatusCode></RequestStatus>".encode("utf-16")),
)


@pytest.fixture
def turned():
    """``turned(honest_calls, harm)`` -> the address of a server that turns hostile after so many calls."""
    with ExitStack() as stack:
        honest = stack.enter_context(Embedded(load()))

        def start(honest_calls, *harm):
            calls, turns = [], cycle(harm)

            def handler(request):
                calls.append(request)
                return honest.emulator.handle(request) if len(calls) <= honest_calls else next(turns)(request)

            listener = stack.enter_context(Listener(handler))
            return f"http://{listener.address}{load().service.base_path}"

        yield start


@pytest.fixture
def certified(tmp_path, monkeypatch):
    """``certified(url)`` -> exit code and output of a run, and the folder with its reports."""
    monkeypatch.chdir(tmp_path)

    def run(url):
        reports = tmp_path / "reports"
        reports.mkdir()
        command = ["server", url, "--user", "Sam", "--rate", "0", "--budget", "quick", "--out", str(reports)]
        done = CliRunner(env={"THREEDD_PASSWORD": PASSWORD}).invoke(certify, command)
        return done, reports

    return run


def gives_nothing_away(done, reports):
    texts = [path.read_text(encoding="utf-8") for path in reports.rglob("*") if path.is_file()]
    return not any(PASSWORD in text for text in (*texts, done.output))


def test_a_run_ends_with_findings_and_gives_nothing_away(turned, certified):
    done, reports = certified(turned(HONEST_CALLS, *HARM))
    assert done.exit_code == 1, done.output
    ledger = ledger_from_json((reports / "latest" / "ledger.json").read_text(encoding="utf-8"))
    assert str(ledger.verdict) == "FAIL"
    assert not [row.id for row in ledger.rows if row.counts.errors]
    assert judge_recording(reports / "latest" / "journal.jsonl", load()).ledger == ledger
    assert gives_nothing_away(done, reports)


@pytest.mark.parametrize("harm", HARM[::3])
def test_a_server_that_is_hostile_from_the_start_is_not_ready_or_found_wrong(turned, certified, harm):
    done, reports = certified(turned(0, harm))
    assert done.exit_code in (1, 3), done.output
    assert "Traceback" not in done.output
    assert gives_nothing_away(done, reports)
