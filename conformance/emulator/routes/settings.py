"""What the emulator runs by, changed while it runs: faults, readings, policy."""

from __future__ import annotations

from dataclasses import replace

from conformance.emulator.faults import faults, select
from conformance.emulator.policies import POLICIES, named
from conformance.emulator.policy import ASKS_A_PERSON, WAIT, WORKS_BY_ITSELF, Freedom, Policy
from conformance.emulator.readings import UNDERSTOOD
from conformance.emulator.routes.asked import (
    Answer,
    Asked,
    Body,
    Routes,
    flag,
    number,
    only,
    text,
    text_map,
    texts,
    whole,
)
from conformance.emulator.server import Emulator
from conformance.model import Dialog

LONGEST_S = 86_400.0
MOST_ZONE_MINUTES = 14 * 60
FIELDS = (
    *("name", "names", "seed", "freedoms", "pick_up_delay_s", "processing_delay_s", "silence_limit_s"),
    *("zone_minutes", "leaves_every", "ask", "operator", "dialects"),
)


class Switches:
    """The routes of what can be switched."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    def routes(self) -> Routes:
        return {
            ("GET", "/faults"): self._faults,
            ("PUT", "/faults"): self._set_faults,
            ("GET", "/readings"): self._readings,
            ("PUT", "/readings"): self._set_readings,
            ("GET", "/policy"): self._policy,
            ("PUT", "/policy"): self._set_policy,
        }

    def _faults(self, asked: Asked) -> Answer:
        active = {fault.name for fault in self._emulator.faults}
        known = faults().values()
        rows = [{"name": f.name, "does": f.does, "breaks": list(f.breaks), "active": f.name in active} for f in known]
        return {"faults": rows}

    def _set_faults(self, asked: Asked) -> Answer:
        """Those named and no others; one that is active already stays the one it is."""
        only(asked.body, "names")
        names = list(dict.fromkeys(texts(asked.body, "names")))
        with self._emulator.lock:
            active = {fault.name: fault for fault in self._emulator.faults}
            fresh = {fault.name: fault for fault in select(*(name for name in names if name not in active))}
            self._emulator.reconfigure(faults=[{**active, **fresh}[name] for name in names])
        return {"names": names}

    def _readings(self, asked: Asked) -> Answer:
        emulator = self._emulator
        rows = [
            {
                "id": reading.id,
                "question": reading.question,
                "takes": dict(reading.takes),
                "understood": list(UNDERSTOOD.get(reading.id, (emulator.readings[reading.id],))),
                "default": reading.default,
                "conforming": list(reading.conforming),
                "mark": reading.mark.value,
                "active": emulator.readings[reading.id],
            }
            for reading in emulator.spec.readings
        ]
        return {"readings": rows}

    def _set_readings(self, asked: Asked) -> Answer:
        """Those named; all others are as the spec has them."""
        self._emulator.reconfigure(readings=text_map(dict(asked.body), "the body"))
        return {"readings": dict(self._emulator.readings)}

    def _policy(self, asked: Asked) -> Answer:
        known = [{"name": each.name, "why": each.why} for each in POLICIES.values()]
        return {**policy_row(self._emulator.policy), "known": known}

    def _set_policy(self, asked: Asked) -> Answer:
        """Names begin anew from a quiet server; fields change what is."""
        body = asked.body
        only(body, *FIELDS)
        with self._emulator.lock:
            policy = self._emulator.policy
            names = [text(body, "name")] if "name" in body else texts(body, "names", [])
            if names:
                start = self._emulator.first_policy
                policy = named(names, replace(start, operator=policy.operator, seed=whole(body, "seed", start.seed)))
            self._emulator.reconfigure(policy=_changed(policy, body))
            return policy_row(self._emulator.policy)


def policy_row(policy: Policy) -> Answer:
    """The policy as the control port tells it."""
    return {
        "names": list(policy.names),
        "seed": policy.seed,
        "freedoms": sorted(policy.freedoms),
        "pick_up_delay_s": policy.pick_up_delay_s,
        "processing_delay_s": policy.processing_delay_s,
        "silence_limit_s": policy.silence_limit_s,
        "zone_minutes": policy.zone_minutes,
        "leaves_every": policy.leaves_every,
        "operator": {dialog.value: str(pressed) for dialog, pressed in policy.operator.items()},
        "habits": list(policy.habits),
        "dialects": list(policy.dialects),
    }


def _changed(policy: Policy, body: Body) -> Policy:
    """The policy with the fields that the body names."""
    freedoms = texts(body, "freedoms", sorted(policy.freedoms))
    for name in freedoms:
        if name not in list(Freedom):
            raise ValueError(f"no freedom is called {name!r}; expected some of {', '.join(Freedom)}.")
    operator = policy.operator
    if "ask" in body:
        operator = ASKS_A_PERSON if flag(body, "ask", True) else WORKS_BY_ITSELF
    return replace(
        policy,
        seed=whole(body, "seed", policy.seed),
        freedoms=frozenset(map(Freedom, freedoms)),
        pick_up_delay_s=_seconds(body, "pick_up_delay_s", policy.pick_up_delay_s),
        processing_delay_s=_seconds(body, "processing_delay_s", policy.processing_delay_s),
        silence_limit_s=_seconds(body, "silence_limit_s", policy.silence_limit_s),
        zone_minutes=_zone(whole(body, "zone_minutes", policy.zone_minutes)),
        leaves_every=max(0, whole(body, "leaves_every", policy.leaves_every)),
        operator={**operator, **_pressed(body)},
        dialects=tuple(texts(body, "dialects", list(policy.dialects))),
    )


def _pressed(body: Body) -> dict[Dialog, str]:
    """What is pressed by dialog; the operator checks the buttons."""
    wanted = text_map(body.get("operator", {}), "operator")
    for dialog in wanted:
        if dialog not in list(Dialog):
            raise ValueError(
                f"no dialog is called {dialog!r}; expected one of {', '.join(Dialog)}, each a button or {WAIT}."
            )
    return {Dialog(dialog): button for dialog, button in wanted.items()}


def _seconds(body: Body, key: str, default: float) -> float:
    seconds = number(body, key, default)
    if not 0 <= seconds <= LONGEST_S:
        raise ValueError(f"{key} is {seconds}; expected seconds from 0 to {LONGEST_S:.0f}.")
    return seconds


def _zone(minutes: int) -> int:
    if abs(minutes) > MOST_ZONE_MINUTES:
        raise ValueError(
            f"zone_minutes is {minutes}; expected minutes from {-MOST_ZONE_MINUTES} to {MOST_ZONE_MINUTES}."
        )
    return minutes
