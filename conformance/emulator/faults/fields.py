"""Faults of single fields, whatever record they stand in: values that are no such values, elements that come twice."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from conformance.emulator.faults.overlay import Fault
from conformance.emulator.faults.transport import KnowsItsSpec
from conformance.emulator.protocol import Request, Response
from conformance.model.call import Call
from conformance.model.outcome import Answer
from conformance.model.state import State


class Garbles(Fault):
    """Writes a text into a field that holds something else."""

    def __init__(
        self, name: str, does: str, breaks: tuple[str, ...], field: str, text: str, document: str = "status"
    ) -> None:
        """``field`` and ``document`` are roles."""
        self.name, self.does, self.breaks = name, does, breaks
        self._field = field
        self._text = text
        self._document = document

    def answer(self, call: Call, answer: Answer, state: State) -> Answer:
        if answer.document != self._document:
            return answer
        if isinstance(answer.content, list):
            return replace(answer, content=[self._garbled(record) for record in answer.content])
        return replace(answer, content=self._garbled(answer.content))

    def _garbled(self, record: object) -> object:
        return {**record, self._field: self._text} if isinstance(record, Mapping) else record


class WritesTwice(KnowsItsSpec):
    """Writes the element of a field twice in each record."""

    def __init__(
        self,
        name: str,
        does: str,
        breaks: tuple[str, ...],
        field: str,
        record: str = "status",
        method: str = "get_status",
    ) -> None:
        """``field``, ``record`` and ``method`` are roles."""
        self.name, self.does, self.breaks = name, does, breaks
        self._field = field
        self._record = record
        self._asked = method

    def response(self, request: Request, response: Response) -> Response:
        method = self.method(request)
        if method is None or method.role != self._asked:
            return response
        element = re.escape(self._spec.record[self._record].by_role[self._field].name).encode()
        whole = rb"<%b>[^<]*</%b>|<%b ?/>" % (element, element, element)
        return replace(response, body=re.sub(whole, lambda found: found[0] * 2, response.body))
