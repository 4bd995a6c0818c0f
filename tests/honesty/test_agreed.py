"""Agreed: on corrupted histories, "the model cannot explain it" and "some rule fails" are compared.

Both witnesses read the guide by themselves. Where they differ, one of them is too lenient or too strict: the list of
what the rules missed must stay empty, and no history that was left alone may trouble the model.
"""

from dataclasses import replace
from random import Random

import pytest

from conformance.judge import Monitor
from conformance.judge.backstop import Explanation, explain
from conformance.spec import load
from conformance.trace import Recorded
from tests.honesty.inside import run_inside

SPEC = load()
PLAYS = (
    "pool.on-the-server.create_patient",
    "pool.two-stations",
    "status.same-id",
    "removal.",
    "patients.integration-id",
    "patients.patient-id",
    "updates.",
    "selection.",
)
CORRUPTIONS = 60


def status_answers(events):
    return [e for e in events if isinstance(e, Recorded) and e.reply is not None and "<StatusCode>" in e.reply.body]


def corrupted(events, random):
    """The history with the status code of one answer replaced by another code of the table."""
    victim = random.choice(status_answers(events))
    head, _, rest = victim.reply.body.partition("<StatusCode>")
    code, _, tail = rest.partition("</StatusCode>")
    other = random.choice([s.code for s in SPEC.statuses if str(s.code) != code.strip()])
    reply = replace(victim.reply, body=f"{head}<StatusCode>{other}</StatusCode>{tail}")
    return [replace(e, reply=reply) if e is victim else e for e in events]


def some_rule_fails(events):
    monitor = Monitor(SPEC)
    for event in events:
        monitor.feed(event)
    return any(row.counts.failed for row in monitor.finish().rows)


@pytest.fixture(scope="module", params=PLAYS)
def history(request):
    events = run_inside(SPEC, only=request.param).events
    return events, request.param


def test_the_model_explains_what_was_left_alone(history):
    finding = explain(history[0], SPEC)

    assert finding.explanation is not Explanation.UNEXPLAINED, finding


def test_a_rule_fails_wherever_the_model_cannot_explain(history):
    events, name = history
    random = Random(name)
    missed = []
    for _ in range(CORRUPTIONS // len(PLAYS)):
        damaged = corrupted(events, random)
        finding = explain(damaged, SPEC)
        if finding.explanation is Explanation.UNEXPLAINED and not some_rule_fails(damaged):
            missed.append(finding)

    assert missed == []
