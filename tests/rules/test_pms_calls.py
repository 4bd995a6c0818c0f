"""What a finding about a call tells beside its verdict."""

import re

from conformance.rules import catalogue
from conformance.spec import load
from conformance.trace import History, call, realise

SPEC = load()


def told(query):
    """What is observed of a call to create a patient with that query."""
    target = f"{SPEC.service.base_path}/{SPEC.method['create_patient'].name}?{query}"
    history = History(SPEC)
    for event in realise(call("create_patient").but(target=target), SPEC):
        exchange = history.append(event)
    return catalogue()["TRN-014"].judge(history, exchange, SPEC).observed


def test_a_parameter_of_the_trade_is_told_by_its_name():
    assert told("LastName=Fox&locale=de") == "locale, which CreatePatient does not have"


def test_one_whose_name_may_be_somebodys_is_told_by_its_place_and_length():
    observed = told("IntegrationId=1&LastName=Fox&Lovelace=1&FirstName=A")

    assert "Lovelace" not in observed
    assert re.match(r"~\S+ \(parameter 3 of 4, whose name has 8 characters, behind LastName\), which", observed)
