"""What befalls operations and calls: decisions at the stations, time, crowds, disturbances, and a fresh start."""

from __future__ import annotations

from conformance.emulator.crowd import Crowd
from conformance.emulator.disturbances import NATURES
from conformance.emulator.operator import Arranged
from conformance.emulator.routes.asked import Answer, Asked, Routes, flag, guid, number, only, text, texts, whole
from conformance.emulator.server import Emulator
from conformance.emulator.snapshot import snapshot
from conformance.trace import Started

LONGEST_STEP_S = 86_400.0


class Play:
    """The routes of what goes on."""

    def __init__(self, emulator: Emulator, crowd: Crowd) -> None:
        self._emulator = emulator
        self._crowd = crowd

    def routes(self) -> Routes:
        return {
            ("GET", "/state"): self._state,
            ("POST", "/reset"): self._reset,
            ("GET", "/decisions"): self._decisions,
            ("POST", "/decisions"): self._decide,
            ("DELETE", "/decisions"): self._forget,
            ("POST", "/hold"): self._hold,
            ("POST", "/release"): self._release,
            ("POST", "/clock"): self._clock,
            ("POST", "/crowd"): self._expect,
            ("POST", "/invocations"): self._use,
            ("GET", "/disturbances"): self._disturbances,
            ("POST", "/disturbances"): self._disturb,
            ("DELETE", "/disturbances"): self._calm,
        }

    def _state(self, asked: Asked) -> Answer:
        with self._emulator.lock:
            self._emulator.advance()
            return snapshot(self._emulator)

    def _reset(self, asked: Asked) -> Answer:
        only(asked.body, "settings")
        self._emulator.reset(settings=flag(asked.body, "settings", True))
        return {}

    # -- decisions --------------------------------------------------------------------------------------------

    def _decisions(self, asked: Asked) -> Answer:
        with self._emulator.lock:
            return {"decisions": [_decision(each) for each in self._emulator.operator.arranged()]}

    def _decide(self, asked: Asked) -> Answer:
        body = asked.body
        self._emulator.decide(
            text(body, "dialog"),
            text(body, "button"),
            operation=guid(body, "operation"),
            station=guid(body, "station"),
            patient=text(body, "patient", ""),
            times=whole(body, "times", 1),
        )
        return {}

    def _forget(self, asked: Asked) -> Answer:
        with self._emulator.lock:
            self._emulator.operator.clear()
        return {}

    # -- stations and time ------------------------------------------------------------------------------------

    def _hold(self, asked: Asked) -> Answer:
        self._emulator.hold(guid(asked.body, "station"))
        return {}

    def _release(self, asked: Asked) -> Answer:
        self._emulator.release(guid(asked.body, "station"))
        return {}

    def _clock(self, asked: Asked) -> Answer:
        seconds = number(asked.body, "advance_s")
        if not 0 <= seconds <= LONGEST_STEP_S:
            raise ValueError(f"advance_s is {seconds}; expected seconds from 0 to {LONGEST_STEP_S:.0f}.")
        self._emulator.advance(seconds)
        return {"now_s": self._emulator.clock.now_s()}

    def _expect(self, asked: Asked) -> Answer:
        self._crowd.expect(whole(asked.body, "calls"))
        return {}

    def _use(self, asked: Asked) -> Answer:
        """The command line was used: a line as it was typed, or the arguments that the program got."""
        body = asked.body
        only(body, "line", "arguments", "executable")
        if ("line" in body) == ("arguments" in body):
            raise ValueError("give either line or arguments: what was typed, or what the program got.")
        line = text(body, "line") if "line" in body else None
        started = Started(line, text(body, "executable", ""), tuple(texts(body, "arguments", [])))
        found = self._emulator.use_command_line(started)
        return {"exit_code": found.exit_code, "integration_id": found.integration_id, "refused": found.why}

    # -- disturbances -----------------------------------------------------------------------------------------

    def _disturbances(self, asked: Asked) -> Answer:
        """Those that wait, and what there is."""
        names = {"": "", **{method.role: method.name for method in self._emulator.spec.methods}}
        with self._emulator.lock:
            waiting = [
                {
                    "what": each.disturbance.what.value,
                    "method": names[each.disturbance.method],
                    "times": each.times,
                    "after": each.after,
                    "seconds": each.disturbance.seconds,
                }
                for each in self._emulator.disturbances.waiting()
            ]
        known = [
            {"what": what.value, "does": nature.does, "harm": nature.harm.value} for what, nature in NATURES.items()
        ]
        return {"disturbances": waiting, "known": known}

    def _disturb(self, asked: Asked) -> Answer:
        body = asked.body
        only(body, "what", "method", "times", "after", "seconds")
        self._emulator.disturb(
            text(body, "what"),
            method=text(body, "method", ""),
            times=whole(body, "times", 1),
            after=whole(body, "after", 0),
            seconds=number(body, "seconds", 0.0),
        )
        return {}

    def _calm(self, asked: Asked) -> Answer:
        with self._emulator.lock:
            self._emulator.disturbances.clear()
        return {}


def _decision(arranged: Arranged) -> Answer:
    return {
        "dialog": arranged.dialog.value,
        "button": arranged.decision.button.value,
        "patient": arranged.decision.patient,
        "operation": None if arranged.operation is None else str(arranged.operation),
        "station": None if arranged.station is None else str(arranged.station),
        "times": arranged.times,
    }
