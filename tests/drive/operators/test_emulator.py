"""An emulator is told what to press through its control API; nobody cannot be told."""

import contextlib
import json
from uuid import UUID

import pytest

from conformance.drive import EmulatorOperator, NoOperator, OperatorError
from conformance.emulator.listener import Listener
from conformance.emulator.protocol import Response

STATION, OPERATION = UUID(int=1), UUID(int=2)


@pytest.fixture
def control():
    """``control(http_status)`` -> an operator and the requests that reach its control API."""
    with contextlib.ExitStack() as stack:

        def start(http_status):
            requests = []

            def handler(request):
                requests.append(request)
                return Response(http_status, body=b"why not")

            listener = stack.enter_context(Listener(handler))
            return EmulatorOperator(f"http://{listener.address}", "secret"), requests, listener

        yield start


def test_a_decision_reaches_the_control_api(control):
    operator, requests, _ = control(204)
    operator.decide(STATION, OPERATION, "merge", "existing")
    [request] = requests
    assert (request.method, request.target, request.header("authorization")) == ("POST", "/decisions", "Bearer secret")
    assert json.loads(request.body) == {
        "station": str(STATION),
        "operation": str(OPERATION),
        "dialog": "merge",
        "button": "existing",
    }


def test_a_refused_decision_is_a_fault_of_the_set_up(control):
    operator, _, _ = control(400)
    with pytest.raises(OperatorError, match="HTTP 400 why not"):
        operator.decide(STATION, OPERATION, "merge", "no-such-button")


def test_a_control_api_that_is_gone_is_a_fault_of_the_set_up(control):
    operator, _, listener = control(204)
    listener.stop()
    with pytest.raises(OperatorError, match="is the emulator running"):
        operator.decide(STATION, OPERATION, "merge", "existing")


def test_nobody_cannot_be_asked():
    assert not NoOperator().available()
    with pytest.raises(OperatorError, match="nobody is at the stations"):
        NoOperator().decide(STATION, OPERATION, "merge", "existing")


def test_the_token_is_not_shown(control):
    assert "secret" not in repr(control(204)[0])
