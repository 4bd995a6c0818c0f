"""Policies by name, each named for the weakness of a PMS that it exposes.

Every one begins with a quiet server and adds one thing, so that what a PMS stumbles over has a name; several together
add up. What varies does so from the seed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from conformance.emulator import readings as points
from conformance.emulator.disturbances import Disturbance, What
from conformance.emulator.policy import Freedom, Policy

Change = Callable[[Policy], Policy]

LATE_S, SLOW_S = 20.0, 90.0
STARTING_CALLS = 4
LEAVES_EVERY = 3
ZONES = (-570, -210, 330, 345, 765)
"""Minutes east of Greenwich where hardly any developer lives: Marquesas, Newfoundland, India, Nepal, Chatham."""


@dataclass(frozen=True)
class NamedPolicy:
    """One way in which a conforming server may surprise."""

    name: str
    why: str
    """Which weakness of a PMS it exposes."""
    change: Change


def named(names: Sequence[str], start: Policy) -> Policy:
    """The policy of these names. Seed, operator and readings are those of ``start``.

    ValueError for a name that does not exist.
    """
    policy = replace(start, freedoms=frozenset(), names=tuple(names), habits=(), leaves_every=0, disturbances=())
    for name in names:
        if name not in POLICIES:
            raise ValueError(f"no policy is called {name!r}; expected one of {', '.join(POLICIES)}.")
        policy = POLICIES[name].change(policy)
    return policy


def _free(*freedoms: Freedom) -> Change:
    return lambda policy: replace(policy, freedoms=policy.freedoms | frozenset(freedoms))


def _habit(name: str) -> Change:
    return lambda policy: replace(policy, habits=(*policy.habits, name))


def _reads(point: str, take: str) -> Change:
    return lambda policy: replace(policy, readings={**policy.readings, point: take})


def _late(policy: Policy) -> Policy:
    freedoms = policy.freedoms | {Freedom.DELAYS}
    return replace(policy, pick_up_delay_s=max(LATE_S, policy.pick_up_delay_s), freedoms=freedoms)


def _slow_operator(policy: Policy) -> Policy:
    return replace(policy, processing_delay_s=max(SLOW_S, policy.processing_delay_s))


def _zones(policy: Policy) -> Policy:
    zone = Random(policy.seed).choice(ZONES)
    return replace(policy, zone_minutes=zone, freedoms=policy.freedoms | {Freedom.TIME_ZONES})


def _starting(policy: Policy) -> Policy:
    """Answers for once, then says that it is not ready: services initialise on the first request."""
    begins = Disturbance(What.HTTP_503_LATER, times=STARTING_CALLS, after=1, seconds=1)
    return replace(policy, disturbances=(*policy.disturbances, begins))


def _leaving(policy: Policy) -> Policy:
    return replace(policy, leaves_every=LEAVES_EVERY)


def _slow_answers(policy: Policy) -> Policy:
    slow = Disturbance(What.SLOW, times=1_000_000, seconds=2)
    return replace(policy, disturbances=(*policy.disturbances, slow))


_ALL = (
    NamedPolicy("quiet", "The same answer each time: for development, not for certification.", lambda policy: policy),
    NamedPolicy("every-freedom", "A PMS that is built after one server only.", _free(*Freedom)),
    NamedPolicy("late-pick-up", "A PMS that gives up, or sends again, while its operation still waits.", _late),
    NamedPolicy("slow-operator", "A PMS that takes a person who thinks for a server that hangs.", _slow_operator),
    NamedPolicy("slow-answers", "A PMS whose screen freezes while it waits for an answer.", _slow_answers),
    NamedPolicy(
        "late-503-while-starting", "A PMS that takes a service that is starting for one that failed.", _starting
    ),
    NamedPolicy("other-element-order", "A PMS that reads elements by their place.", _free(Freedom.ELEMENT_ORDER)),
    NamedPolicy(
        "unknown-elements", "A PMS that breaks on elements newer than itself.", _free(Freedom.UNKNOWN_ELEMENTS)
    ),
    NamedPolicy("other-time-zones", "A PMS that drops or misreads the offset of a date.", _zones),
    NamedPolicy(
        "history-filled-by-another-pms",
        "A PMS that takes a status which is no longer kept for an operation that failed.",
        _habit("another-pms"),
    ),
    NamedPolicy("busy-station", "A PMS that refuses to work with a station that is busy.", _habit("busy-stations")),
    NamedPolicy(
        "station-that-leaves", "A PMS that waits for ever when a station goes away in mid-operation.", _leaving
    ),
    NamedPolicy(
        "json-to-a-json-first-accept",
        "A PMS that does not say that it wants XML.",
        _reads(points.NEGOTIATION, "negotiated"),
    ),
    NamedPolicy(
        "elements-left-out",
        "A PMS that breaks when an optional element is absent.",
        _reads(points.LEFT_OUT_FIELDS, "empty"),
    ),
    NamedPolicy("laid-out-documents", "A PMS that does not trim what it reads.", _reads(points.LAYOUT, "padded")),
    NamedPolicy("byte-order-mark", "A PMS that hands bytes to a parser as text.", _reads(points.BOM, "present")),
)

POLICIES: Mapping[str, NamedPolicy] = {policy.name: policy for policy in _ALL}
