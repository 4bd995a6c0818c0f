"""The first bytes of a document: BOM, XML declaration, encoding, and whether they agree."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from functools import lru_cache

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DECLARATION = re.compile(rb"<\?xml\s[^>]*?\?>")
_DECLARED = re.compile(rb"encoding\s*=\s*[\"']([A-Za-z0-9._:-]+)[\"']")
_CHARSET = re.compile(r"charset\s*=\s*\"?([A-Za-z0-9._:-]+)", re.IGNORECASE)
_HEAD = 512
MISLABELLED = "mislabelled-encoding"
"""An encoding with two bytes to a character is named, and the text has one."""
CHARSET_DIFFERS = "charset-differs"
"""The content type names another encoding than the declaration."""
MARK_DIFFERS = "mark-differs"
"""The byte-order mark is that of another encoding than the declaration names."""
UNMARKED = "utf-16-without-mark"
_LABELS_OF_WIDE_TEXT = ("utf-16", "utf16", "unicode", "ucs-2", "utf-32")


@dataclass(frozen=True)
class Opening:
    """What the first bytes say, and the body made fit for an XML parser where they lie."""

    body: bytes
    declaration: bool
    bom: bool
    encoding: str
    flaws: tuple[str, ...]


def opening_of(body: bytes, content_type: str) -> Opening:
    """The opening of an XML body. A charset of the content type counts where the body itself says nothing."""
    if body[:1] == b"<" and body[:2] != b"<?" and body[1:2] != b"\0" and "charset" not in content_type:
        return Opening(body, False, False, "utf-8", ())  # by far the most common, and the quickest
    declaration_end = body.find(b"?>", 0, _HEAD) + 2 if body.startswith(b"<?xml") else 0
    declared = _plainly_declared(body[:declaration_end]) if declaration_end > 2 and b"\0" not in body[:4] else ""
    if declared:
        return Opening(body, True, False, declared, _against_charset(declared, _charset(content_type)))
    bom_encoding = next((encoding for bom, encoding in _BOMS if body.startswith(bom)), "")
    head = body[:_HEAD].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe")
    declaration = _DECLARATION.match(head)
    declared = _declared_encoding(declaration.group() if declaration else b"")
    wide = b"\0" in body[:4]
    if declared.startswith(_LABELS_OF_WIDE_TEXT) and not wide:
        return _mislabelled(body, declaration is not None, bom_encoding == "utf-8")
    flaws = _disagreements(declared, bom_encoding, wide)
    if not declared and not bom_encoding:
        if _charset(content_type).startswith(_LABELS_OF_WIDE_TEXT) and not wide:
            return Opening(body, declaration is not None, False, "utf-8", (MISLABELLED,))
        declared, body = _by_charset(body, content_type)
    if wide and not bom_encoding:  # libxml2 goes by the mark alone where there is no declaration
        body = (codecs.BOM_UTF16_BE if body[:1] == b"\0" else codecs.BOM_UTF16_LE) + body
    encoding = bom_encoding or declared or ("utf-16" if wide else "utf-8")
    return Opening(body, declaration is not None, bool(bom_encoding), encoding, flaws)


@lru_cache(maxsize=64)
def _against_charset(declared: str, charset: str) -> tuple[str, ...]:
    return (CHARSET_DIFFERS,) if charset and not _same_codec(declared, charset) else ()


def _disagreements(declared: str, bom_encoding: str, wide: bool) -> tuple[str, ...]:
    """What the mark and the declaration say of one another."""
    if bom_encoding and declared and not _same_codec(declared, bom_encoding):
        return (MARK_DIFFERS,)
    unmarked = wide and not bom_encoding and not declared.endswith(("le", "be"))
    return (UNMARKED,) if unmarked else ()


def _same_codec(one: str, other: str) -> bool:
    """False for two known encodings of different kinds; the two orders of bytes count as one."""
    try:
        kinds = {codecs.lookup(name).name.removesuffix("-le").removesuffix("-be") for name in (one, other)}
    except LookupError:
        return True
    return len(kinds - {"ascii"}) < 2  # what is ASCII is the same in all


@lru_cache(maxsize=64)
def _plainly_declared(head: bytes) -> str:
    """The encoding of a declaration that says no more than it should; '' where that takes a closer look."""
    declaration = _DECLARATION.fullmatch(head)
    encoding = _declared_encoding(head) if declaration is not None else ""
    return "" if encoding.startswith(_LABELS_OF_WIDE_TEXT) else encoding


def _declared_encoding(declaration: bytes) -> str:
    match = _DECLARED.search(declaration)
    return match[1].decode("ascii").lower() if match else ""


def _mislabelled(body: bytes, declaration: bool, bom: bool) -> Opening:
    """A string written by .NET's StringWriter says utf-16 whatever it is sent as; readers of strings never notice."""
    return Opening(_DECLARATION.sub(b"", body, count=1), declaration, bom, "utf-8", (MISLABELLED,))


def _by_charset(body: bytes, content_type: str) -> tuple[str, bytes]:
    """The charset's name and the body as UTF-8; ('', body) where no usable charset is given."""
    charset = _charset(content_type)
    if charset in ("", "utf-8", "utf8") or b"\0" in body[:4]:
        return "", body
    try:
        return charset, body.decode(charset).encode("utf-8")
    except (LookupError, UnicodeError):
        return "", body


@lru_cache(maxsize=64)
def _charset(content_type: str) -> str:
    match = _CHARSET.search(content_type)
    return match[1].lower() if match else ""
