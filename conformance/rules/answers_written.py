"""How answers are written, where readers differ in what they forgive: Booleans, and the encoding that is named."""

from __future__ import annotations

from collections.abc import Callable

from conformance.rules.case_lists import wants_xml
from conformance.rules.catalogue import EVERY, rule
from conformance.rules.verdict import Verdict, judged
from conformance.spec import Spec
from conformance.trace import Exchange, History, Sketch, Witness, call
from conformance.wire import Document, encode
from conformance.wire.encodings import CHARSET_DIFFERS, MARK_DIFFERS, MISLABELLED, UNMARKED

STATION = {"hostname": "A", "busy": True}
LIST = call("list_stations", answer=[STATION])
REMOVED = call("remove_operation", operation=1, answer=True)
_UTF_8, _UTF_16 = b'<?xml version="1.0" encoding="utf-8"?>', b'<?xml version="1.0" encoding="utf-16"?>'
_WORDS = {
    MISLABELLED: "an encoding with two bytes to a character is named, and the text has one",
    CHARSET_DIFFERS: "the content type names another encoding than the XML declaration",
    MARK_DIFFERS: "the byte-order mark is that of another encoding than the XML declaration names",
    UNMARKED: "the text is UTF-16 and has no byte-order mark",
}


def _spelt(text: str) -> Witness:
    """A list of one station, its Boolean spelt so."""
    return _changed(lambda body: body.replace(b">true<", f">{text}<".encode()))


def _changed(change: Callable[[bytes], bytes], content_type: str = "application/xml") -> Witness:
    """A list of one station, its bytes changed."""

    def witness(spec: Spec) -> Sketch:
        body = encode(spec.method["list_stations"].answer, [STATION], spec)
        return LIST.but(body=change(body), content_type=content_type)

    return witness


def _wide(body: bytes) -> bytes:
    return (_UTF_16 + body).decode("utf-8").encode("utf-16")


@rule(
    "TRN-021",
    judges=EVERY,
    accepts=[LIST, REMOVED, _spelt("false"), _spelt(" true\n")],
    rejects=[_spelt("True"), _spelt("TRUE"), _spelt("1"), _spelt("0"), _spelt("False")],
    ignores=[
        _spelt("perhaps"),
        REMOVED.but(body=b"True", content_type="text/plain"),
        call("create_patient", integration_id="A"),
        LIST.but(body=b'[{"isBusy":"True"}]', content_type="application/json"),
    ],
)
def booleans_are_written_in_small_letters(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Judged on XML that holds a Boolean anybody can guess; what is none at all is for the rows on the fields."""
    document = exchange.document
    if not exchange.succeeded or not isinstance(document, Document) or document.form.syntax != "xml":
        return None
    other = document.form.booleans
    if not other and not _has_boolean(document):
        return None
    return judged(not other, "true or false, in small letters", ", ".join(f'"{text}"' for text in other), exchange)


def _has_boolean(document: Document) -> bool:
    return isinstance(document.value, bool) or any(
        isinstance(value, bool) for record in document.records for value in record.values.values()
    )


@rule(
    "TRN-022",
    judges=EVERY,
    accepts=[
        LIST,
        _changed(lambda body: _UTF_8 + body, "text/xml; charset=UTF-8"),
        _changed(lambda body: b"\xef\xbb\xbf" + _UTF_8 + body),
        _changed(_wide),
    ],
    rejects=[
        _changed(lambda body: _UTF_16 + body),
        _changed(lambda body: body, "application/xml; charset=utf-16"),
        _changed(lambda body: _UTF_8 + body, "text/xml; charset=iso-8859-1"),
        _changed(lambda body: b"\xef\xbb\xbf" + b'<?xml version="1.0" encoding="iso-8859-1"?>' + body),
        _changed(lambda body: _wide(body)[2:]),
    ],
    ignores=[
        LIST.refused(500),
        REMOVED.but(body=b"true", content_type="text/plain; charset=utf-16"),
        LIST.but(request_headers={"accept": "application/json"}),
    ],
)
def answers_are_in_the_encoding_that_they_name(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Readers of text and readers of bytes go by different ones of mark, declaration and content type."""
    document, reply = exchange.document, exchange.event.reply
    if reply is None or not exchange.succeeded or not wants_xml(exchange):
        return None
    if not isinstance(document, Document) or document.form.syntax != "xml":
        return None
    told = [words for flaw, words in _WORDS.items() if flaw in reply.facts.get("encoding_flaws", "").split()]
    return judged(not told, "one encoding, wherever it is named", "; ".join(told), exchange)
