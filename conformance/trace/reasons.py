"""Why a body could not be read, without the pieces of it that its reader quotes.

libxml2 and the JSON reader name the element, the attribute or the entity that they stumbled over, which may be called
like a patient. Kept are the words known to be theirs, and numbers of lines and columns.
"""

from __future__ import annotations

_TEXT = (
    "opening and ending tag mismatch: line premature end of data in extra content at the document entity not defined "
    "is namespace prefix for on attribute redefined couldn't find start unescaped allowed attributes values "
    "entityref: expecting ';' xmlparseentityref: no name specification mandates value starttag: invalid element "
    "expected '>' '=' input proper utf-8, indicate encoding ! out range char pcdata comment unterminated xml "
    "declaration processing instruction empty, found document: or was but excessive depth use detected loop "
    "character reference charref: unsupported unknown internal error: delimiter column delimiters: double quotes "
    "enclosed property control unexpected utf8 decode literal too long attvalue: \" ' after '<' '</' required "
    "xmlparsestarttag:"
)
_OWN = frozenset(_TEXT.split())


def readers_own(reason: str) -> str:
    """``reason`` up to its first colon, and of the rest what the reader itself says."""
    told, colon, quoted = reason.partition(": ")
    return told + colon + " ".join(word if _own(word) else "..." for word in quoted.split(" "))


def _own(word: str) -> bool:
    bare = word.casefold().strip("(),")
    return not bare or bare in _OWN or (bare.isdigit() and len(bare) < 7)
