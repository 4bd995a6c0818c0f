"""Faults of writing that forgiving readers never notice: Booleans in other letters, and encodings that are not so."""

from __future__ import annotations

from dataclasses import replace

from conformance.emulator.faults.overlay import Fault
from conformance.emulator.protocol import Request, Response

WIDE = b'<?xml version="1.0" encoding="utf-16"?>'


class WritesBooleansInCapitals(Fault):
    name = "writes-booleans-in-capitals"
    does = "Writes True and False into its documents."
    breaks = ("TRN-021",)

    def response(self, request: Request, response: Response) -> Response:
        body = response.body.replace(b">true<", b">True<").replace(b">false<", b">False<")
        return replace(response, body=body)


class NamesAnotherEncoding(Fault):
    name = "names-another-encoding"
    does = "Declares its documents to be UTF-16, which they are not."
    breaks = ("TRN-022",)

    def response(self, request: Request, response: Response) -> Response:
        bare = response.body.startswith(b"<") and not response.body.startswith(b"<?")
        return replace(response, body=WIDE + response.body) if bare else response
