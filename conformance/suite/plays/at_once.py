"""Different calls at the same moment, of different users: each by itself first, and then all of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from conformance.suite.case_steps import FIND, owners
from conformance.suite.play import Desk, Identity, NotPossible, Send, Steps, play
from conformance.suite.plays.transport import Making, ordinary
from conformance.suite.together import alone_and_together, arm, together
from conformance.trace.events import AFTERWARDS, TWIN

LOOKING, STARTING = 8, 3
"""How often: looks cost little, and a quick server seldom has two of them in hand."""
STARTS = ("create_patient", "update_patient", "create_patient")
LOOKS = ("list_stations", "remove_operation", "get_status")
"""The status last: the operation that it is about shall still be among the newest."""


@play("at-once.looks", aims=("TRN-020",), needs=("concurrency",))
def looks_of_every_kind(desk: Desk) -> Steps:
    """The stations, the cases of patients with and without any, and an image."""
    sends = [desk.send("list_stations"), *_about_fixtures(desk)]
    sends.append(desk.send(FIND, integration_id=desk.fresh("integration_id")))
    users = [replace(send, identity=_user(desk, place)) for place, send in enumerate(sends)]
    yield from alone_and_together(desk, users, LOOKING)


@play("at-once.starts-and-looks", aims=("TRN-020",), needs=("writes", "concurrency", "alone"))
def starts_among_looks(desk: Desk) -> Steps:
    """Creations and an update at the moment at which others look things up; then the status of each.

    Those that came alone are asked for again: so it is known that a status stays while as many newer ones come.
    """
    for turn in range(STARTING):
        sends: list[Send] = []
        alone: list[str] = []
        for place, role in enumerate((*STARTS, *LOOKS)):
            pair, user = desk.text("at-once-"), _user(desk, place + turn)
            twin, other = (yield from _made(desk, role)), (yield from _made(desk, role))
            yield from desk.one(arm(replace(twin, identity=user), pair, TWIN))
            if role in STARTS:
                yield from desk.settle(twin.parameters["operation"])
                alone.append(twin.parameters["operation"])
            sends.append(arm(replace(other, identity=user), pair, "at-once"))
        yield from _look(desk, alone)
        yield together(sends, turn)
        for send in sends:
            if send.role in LOOKS and send.probe is not None:
                yield from desk.one(arm(send, send.probe.pair, AFTERWARDS))
        started = [send.parameters["operation"] for send in sends if send.role in STARTS]
        yield from _look(desk, started)
        for operation in started:
            yield from desk.settle(operation)


def _look(desk: Desk, operations: Sequence[str]) -> Steps:
    for operation in operations:
        yield from desk.one(desk.send("get_status", operation=operation))


def _about_fixtures(desk: Desk) -> list[Send]:
    """Look-ups of what was declared; none where nothing was."""
    try:
        found = [desk.send(FIND, integration_id=patient) for patient in owners(desk)[:2]]
    except NotPossible:
        found = []
    images = desk.fixtures("image")[:1]
    return found + [desk.send("fetch_image", case=each["case"], image=each["image"]) for each in images]


def _made(desk: Desk, role: str) -> Making:
    return (yield from ordinary(desk, desk.spec.method[role]))


def _user(desk: Desk, place: int) -> Identity | None:
    return desk.users[place % len(desk.users)] if desk.users else None
