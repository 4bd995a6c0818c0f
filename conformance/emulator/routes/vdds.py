"""Transfer files of VDDS media, for the program that a PMS starts: bytes in, bytes out; the files are written there."""

from __future__ import annotations

import base64

from conformance.emulator.routes.asked import Answer, Asked, Routes, content, flag, number, only, text, whole
from conformance.emulator.server import Emulator
from conformance.emulator.vdds.bvs import Bvs, Start
from conformance.emulator.vdds.faults import FAULTS, Deed, checked

LONGEST_LOGIN_S = 86_400.0


class Files:
    """The routes of VDDS media."""

    def __init__(self, emulator: Emulator) -> None:
        self._bvs = Bvs(emulator)

    def routes(self) -> Routes:
        return {("POST", "/vdds"): self._answer, ("GET", "/vdds"): self._settings, ("PUT", "/vdds"): self._set}

    def _answer(self, asked: Asked) -> Answer:
        body = asked.body
        only(body, "content", "folder", "path", "arguments", "slip", "program", "register", "unusable")
        start = Start(
            text(body, "path", ""),
            whole(body, "arguments", 1),
            text(body, "program", ""),
            content(body, "register") if "register" in body else b"",
        )
        if "unusable" in body:
            self._bvs.in_vain(text(body, "unusable"), start)
            return {"content": "", "copies": [], "deed": Deed.SILENCE.value, "early": "", "slip": 0}
        found = self._bvs.answer(content(body, "content"), text(body, "folder"), start, whole(body, "slip", 0))
        return {
            "content": _base64(found.content),
            "copies": [{"path": path, "content": _base64(image)} for path, image in found.copies],
            "deed": found.deed.value,
            "early": _base64(found.early),
            "slip": found.slip,
        }

    def _settings(self, asked: Asked) -> Answer:
        known = [{"name": name, "does": fault.does} for name, fault in FAULTS.items()]
        return {**self._now(), "known": known}

    def _set(self, asked: Asked) -> Answer:
        """What is not named goes back to the usual: no fault, and the 3DD is open."""
        body = asked.body
        only(body, "fault", "open", "login_s")
        login_s = number(body, "login_s", 0.0)
        if not 0 <= login_s <= LONGEST_LOGIN_S:
            raise ValueError(f"login_s is {login_s}; expected seconds from 0 to {LONGEST_LOGIN_S:.0f}.")
        self._bvs.fault = checked(text(body, "fault", ""))
        self._bvs.is_open, self._bvs.login_s = flag(body, "open", True), login_s
        return self._now()

    def _now(self) -> Answer:
        return {"fault": self._bvs.fault, "open": self._bvs.is_open, "login_s": self._bvs.login_s}


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
