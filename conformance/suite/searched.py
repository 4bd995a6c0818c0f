"""Looking for what was declared, without conclusions where a server cannot be asked or cannot be understood."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from conformance.drive import OutsideTier
from conformance.suite.stage import Stage
from conformance.trace import Exchange, listing
from conformance.wire import Document, Record

PLAY = "prepare.fixtures"
UNKNOWN = 404


class Search:
    """Asks for cases and images."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def ask(self, owner: str, **criteria: str) -> Mapping[UUID, Record] | None:
        """The cases found for a patient, by id; None when nothing can be concluded."""
        answer = self._send("find_cases", integration_id=owner, **criteria)
        if answer is None:
            return None
        if answer.http_status == UNKNOWN:
            return {}
        found, document = listing(answer), answer.document
        if found is not None and isinstance(document, Document) and len(found) < len(document.records):
            return None  # an id twice, or none at all: what is missing may be hidden behind it
        return found

    def knows(self, owner: str) -> bool:
        """False for a patient whom the server says that it does not know."""
        answer = self._send("find_cases", integration_id=owner)
        return answer is None or answer.http_status != UNKNOWN

    def image(self, image: Mapping[str, str]) -> Exchange | None:
        """The answer that brings a declared image, or None."""
        answer = self._send("fetch_image", case=image.get("case", ""), image=image.get("image", ""))
        reply = answer.event.reply if answer is not None and answer.succeeded else None
        return answer if reply is not None and reply.facts.get("image_size", "0") != "0" else None

    def _send(self, role: str, /, **parameters: str) -> Exchange | None:
        """None when the run may not ask that."""
        try:
            return self._stage.send(self._stage.desk(PLAY).send(role, **parameters), PLAY)
        except OutsideTier:
            return None
