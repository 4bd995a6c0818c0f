"""What a disturbance does to an answer; pure functions from responses to responses."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from html import unescape
from http import HTTPStatus
from xml.sax.saxutils import escape

from conformance.emulator import readings as points
from conformance.emulator.disturbances import Disturbance, What
from conformance.emulator.protocol import Response, WireFault
from conformance.emulator.rendering import plain
from conformance.emulator.strange_statuses import of_another, refused, unlisted
from conformance.spec import Spec

Tamper = Callable[[Response, Disturbance], Response]

HUGE_BYTES = 16 * 1024 * 1024
SLOW_S, RETRY_S = 5.0, 2.0
ELSEWHERE = "https://redirected.invalid/"
BOMB_LEVELS = 10  # each ten times the one before
SECRET_PLACE = "http://127.0.0.1:9/external-entity"  # the discard port: nobody answers there

PAGE = (
    b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head>\n"
    b"<body><h1>Sign in to the network</h1><p>Emulated: a proxy answers in the server's stead.<br></p></body></html>\n"
)
WORDS = "Med andre ord: færdig.".encode()
_TEXT = rb">(?!true<|false<|[0-9a-fA-F-]{36}<)([^<>]{0,200}[A-Za-z]{3}[^<>]{0,200})</"
"""A text between tags that is neither a flag nor an id, and too short for an image."""
HTML = (("Content-Type", "text/html; charset=utf-8"),)

WRITTEN: Mapping[What, tuple[str, str]] = {
    What.JSON: (points.NEGOTIATION, "negotiated"),
    What.COMPACT: (points.LAYOUT, "compact"),
    What.INDENTED: (points.LAYOUT, "indented"),
    What.PADDED: (points.LAYOUT, "padded"),
    What.OTHER_ORDER: (points.ELEMENT_ORDER, "any"),
    What.STRANGERS: (points.UNKNOWN_ELEMENTS, "some"),
    What.LEFT_OUT: (points.LEFT_OUT_FIELDS, "empty"),
    What.AS_SAMPLED: (points.LEFT_OUT_FIELDS, "not-in-sample"),
    What.BOM: (points.BOM, "present"),
    What.DECLARATION: (points.DECLARATION, "present"),
    What.NO_DECLARATION: (points.DECLARATION, "absent"),
}
"""The reading by which the one answer is written."""


def instead(disturbance: Disturbance, host: str = "", target: str = "") -> Response:
    """The answer of whoever stands in the server's way of a request to ``host`` for ``target``."""
    match disturbance.what:
        case What.HTTP_503:
            return plain(HTTPStatus.SERVICE_UNAVAILABLE)
        case What.HTTP_503_LATER:
            later = f"{disturbance.seconds or RETRY_S:.0f}"
            return plain(HTTPStatus.SERVICE_UNAVAILABLE, (("Retry-After", later),))
        case What.HTTP_500:
            return Response(HTTPStatus.INTERNAL_SERVER_ERROR, HTML, PAGE.replace(b"Sign in", b"Server error"))
        case What.HTTP_400:
            return plain(HTTPStatus.BAD_REQUEST)
        case What.HTTP_401:
            return plain(HTTPStatus.UNAUTHORIZED)
        case What.REDIRECT:
            return plain(HTTPStatus.FOUND, (("Location", ELSEWHERE),))
        case What.REDIRECT_IN_CLEAR:
            return plain(HTTPStatus.FOUND, (("Location", f"http://{host}{target}"),))
    return Response(HTTPStatus.OK, wire=WireFault.RESET)


def tampered(response: Response, disturbance: Disturbance, spec: Spec) -> Response:
    """The answer after what befell it on the way; the same one when there was nothing to spoil."""
    nature = disturbance.nature
    if nature.needs_document and not (response.http_status == HTTPStatus.OK and response.body):
        return response
    if disturbance.what in _STATUSES:
        return _STATUSES[disturbance.what](response, spec)
    return _TAMPERS[disturbance.what](response, disturbance)


def _typed(response: Response, content_type: str) -> tuple[tuple[str, str], ...]:
    rest = tuple(pair for pair in response.headers if pair[0].lower() != "content-type")
    return (("Content-Type", content_type), *rest)


def _wire(fault: WireFault) -> Tamper:
    return lambda response, _: replace(response, wire=fault)


def _hang(response: Response, disturbance: Disturbance) -> Response:
    return replace(response, wire=WireFault.HANG, hang_s=disturbance.seconds)


def _slow(response: Response, disturbance: Disturbance) -> Response:
    """Byte by byte; the head drips as well, so its bytes are counted roughly."""
    size = 200 + len(response.body)
    return replace(response, wire=WireFault.DRIP, drip_s=(disturbance.seconds or SLOW_S) / size)


def _malformed(response: Response, _: Disturbance) -> Response:
    return replace(response, body=response.body[: max(1, len(response.body) * 2 // 3)])


def _page(response: Response, _: Disturbance) -> Response:
    return replace(response, http_status=HTTPStatus.OK, headers=_typed(response, HTML[0][1]), body=PAGE)


def _bomb(response: Response, _: Disturbance) -> Response:
    """Every level refers ten times to the one below."""
    levels = [b'<!ENTITY b0 "boom">']
    levels += [b'<!ENTITY b%d "%b">' % (n, b"&b%d;" % (n - 1) * 10) for n in range(1, BOMB_LEVELS)]
    return _with_doctype(response, b"\n".join(levels), b"&b%d;" % (BOMB_LEVELS - 1))


def _external(response: Response, _: Disturbance) -> Response:
    return _with_doctype(response, b'<!ENTITY x SYSTEM "%b">' % SECRET_PLACE.encode(), b"&x;")


def _with_doctype(response: Response, entities: bytes, text: bytes) -> Response:
    """A document with the right root that holds nothing but ``text``."""
    found = re.search(rb"<([A-Za-z_][\w.-]*)", response.body)
    root = found[1] if found else b"document"
    body = b'<?xml version="1.0"?>\n<!DOCTYPE %b [\n%b\n]>\n<%b>%b</%b>' % (root, entities, root, text, root)
    return replace(response, body=body)


def _other_prefixes(response: Response, _: Disturbance) -> Response:
    """xsd and xsi are mere abbreviations: whatever they are called, the document is the same."""
    body = response.body
    for former, new in ((b"xsd", b"s"), (b"xsi", b"i")):
        body = body.replace(b"xmlns:%b=" % former, b"xmlns:%b=" % new, 1)
    return replace(response, body=re.sub(rb"(<[^<>]*?) xsi:nil=", rb"\1 i:nil=", body))


def _character_references(response: Response, _: Disturbance) -> Response:
    def numbered(found: re.Match[bytes]) -> bytes:
        text = unescape(found[1].decode("utf-8"))
        letters = (f"&#x{ord(c):X};" if not at or not c.isascii() else escape(c) for at, c in enumerate(text))
        return b">" + "".join(letters).encode() + b"</"

    return replace(response, body=re.sub(_TEXT, numbered, response.body))


def _cdata(response: Response, _: Disturbance) -> Response:
    def enclosed(found: re.Match[bytes]) -> bytes:
        text = unescape(found[1].decode("utf-8")).replace("]]>", "]]]]><![CDATA[>")
        return b"><![CDATA[" + text.encode() + b"]]></"

    return replace(response, body=re.sub(_TEXT, enclosed, response.body))


def _comments(response: Response, _: Disturbance) -> Response:
    return replace(response, body=re.sub(rb"(</[^<>]*>)(?=\s*<)", rb"\1<!-- one of them -->", response.body))


def _other_words(response: Response, _: Disturbance) -> Response:
    """Every text of letters that is no id; numbers and structure stay."""
    return replace(response, body=re.sub(_TEXT, b">" + WORDS + b"</", response.body))


_TAMPERS: Mapping[What, Tamper] = {
    What.RESET_AFTER: _wire(WireFault.RESET),
    What.HANG: _hang,
    What.SLOW: _slow,
    What.TRUNCATED: _wire(WireFault.TRUNCATE),
    What.WRONG_LENGTH: _wire(WireFault.SHORT_LENGTH),
    What.MALFORMED: _malformed,
    What.HTML: _page,
    What.EMPTY: lambda response, _: replace(response, body=b""),
    What.ENTITY_BOMB: _bomb,
    What.EXTERNAL_ENTITY: _external,
    What.HUGE: lambda response, _: replace(response, body=response.body + b" " * HUGE_BYTES),
    What.OTHER_PREFIXES: _other_prefixes,
    What.CHARACTER_REFERENCES: _character_references,
    What.CDATA: _cdata,
    What.COMMENTS: _comments,
    What.OTHER_WORDS: _other_words,
}


def _refused(name: str) -> Callable[[Response, Spec], Response]:
    return lambda response, spec: refused(response, spec, name)


_STATUSES: Mapping[What, Callable[[Response, Spec], Response]] = {
    What.UNLISTED: unlisted,
    What.OF_ANOTHER: of_another,
    What.TOLD_UNSUPPORTED: _refused("unsupported"),
    What.TOLD_NO_PATIENT: _refused("integration_id_unknown"),
    What.TOLD_NO_CASE: _refused("case_unknown"),
}
"""Those that need to know what a status looks like."""
