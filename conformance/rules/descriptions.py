"""The description that comes with a status: readable, English, and about that status."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from functools import lru_cache

from conformance.rules.catalogue import rule
from conformance.rules.verdict import Verdict, breaks, holds, judged, undecided
from conformance.spec import Spec, Status
from conformance.trace import Exchange, History, Sketch, Witness, guid, poll

_ENGLISH_WORDS = """
a an the and or not no is are was were be been by with from this that these which could should must cannot has have had
does did do to of in on for already exists same found existing missing required failed error user operation cancelled
canceled patient case station client server request removed processed waiting done
"""
_FOREIGN_WORDS = """
der die das und oder nicht wurde wird ist ein eine mit vom von auf es le la les des une est pas été par avec el los las
fue que por con il lo gli non è stato una och är inte den det er blev ikke af et til har het niet werd een voor zijn nie
jest zostało przez
"""
_ENGLISH = frozenset(_ENGLISH_WORDS.split())
_FOREIGN = frozenset(_FOREIGN_WORDS.split())
_ENOUGH_ENGLISH = 0.5
_SAME_TEXT = 0.9
_PLACEHOLDER = re.compile(r"<\w+>")
_TOKEN = "~"


DONE = poll(1, "processed")


def no_such_code(spec: Spec) -> Sketch:
    """A status with a number that the table does not have."""
    code = max(spec.status_by_code) + 1
    return DONE.answered({"operation": guid(1), "code": code, "description": "It is done."})


def broken(text: str) -> Witness:
    """The status for an exception, with ``text`` where the exception's own belongs."""
    return lambda spec: poll(1, "exception", _PLACEHOLDER.sub(text, spec.status["exception"].text))


def said(status: str, text: str) -> Sketch:
    return poll(1, status, text)


@rule(
    "STAT-007",
    judges="get_status",
    accepts=[
        DONE,
        broken("Timeout expired."),
        poll(1, "integration_id_taken", "Already mapped."),
    ],
    rejects=[
        said("processed", ""),
        said("processed", "  \n "),
        lambda spec: said("integration_id_taken", spec.status["integration_id_unknown"].text),
        lambda spec: said("navigation_failed", spec.status["rejected_by_operator"].text),
        lambda spec: said("processed", spec.status["exception"].text),
        lambda spec: said("accepted", spec.status["awaiting"].text.upper() + "."),
        lambda spec: DONE.answered({"operation": guid(1), "code": spec.code("processed")}),
    ],
    ignores=[DONE.refused(500), no_such_code],
)
def a_description_tells_the_status_it_stands_with(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The description is a text, and not the text of another status."""
    status = _described(query, spec)
    if status is None:
        return None
    text = query.description.strip()
    if not text:
        return breaks(f'a text such as "{status.text}"', "an empty description", query)
    other = None if _alike(text, status) else next((s for s in spec.statuses if _alike(text, s)), None)
    if other is None:
        return holds(query)
    expected = f'the text of status {status.code}, such as "{status.text}"'
    return breaks(expected, f'"{text}", that of {other.code}', query)


def _described(query: Exchange, spec: Spec) -> Status | None:
    """The status whose description the answer should hold, if the code is one of the table."""
    code = query.status_code
    return spec.status_by_code.get(code) if code is not None else None


@lru_cache(maxsize=1024)
def _words(text: str) -> Sequence[str]:
    """Lower case, no punctuation, no articles: the guide's own sample leaves those out."""
    return [word for word in re.findall(r"\w+", text.lower()) if word not in ("a", "an", "the")]


def _alike(text: str, status: Status) -> bool:
    """True when ``text`` says what the table says of ``status``, give or take an article or a letter."""
    before, placeholder, _ = _parts(status)
    if placeholder:
        return " ".join(_words(text)).startswith(" ".join(_words(before)))
    return _ratio(text, status.text) >= _SAME_TEXT


@lru_cache(maxsize=1024)
def _ratio(text: str, other: str) -> float:
    """How alike the words are; a server has few descriptions, and says them again and again."""
    return difflib.SequenceMatcher(None, _words(text), _words(other), autojunk=False).ratio()


def _parts(status: Status) -> tuple[str, str, str]:
    found = _PLACEHOLDER.search(status.text)
    if found is None:
        return status.text, "", ""
    return status.text[: found.start()], found.group(), status.text[found.end() :]


@rule(
    "STAT-008",
    judges="get_status",
    accepts=[
        DONE,
        poll(1, "internal_error"),
        poll(1, "integration_id_taken", "A patient with this integration id is already mapped."),
        broken("Zeitüberschreitung der Datenbank"),
    ],
    rejects=[
        poll(1, "processed", "Die Anfrage wurde verarbeitet."),
        poll(1, "integration_id_taken", "Ein Patient mit derselben Patienten-ID existiert bereits"),
        poll(1, "processed", "La demande a été traitée."),
        poll(1, "processed", "Anmodningen blev behandlet."),
        poll(1, "processed", "要求が処理されました。"),
    ],
    ignores=[said("processed", ""), DONE.refused(500)],
)
def a_description_is_english(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The description is in English; the text of an exception inside it may be in any language."""
    status, text = _described(query, spec), query.description.strip()
    if status is None or not text:
        return None
    if _alike(text, status) or _TOKEN in text:
        return holds(query)
    words = re.findall(r"[^\W\d_]+", text.lower())
    known = _ENGLISH | {word for s in spec.statuses for word in re.findall(r"[^\W\d_]+", s.text.lower())}
    share = sum(word in known and word not in _FOREIGN for word in words) / max(len(words), 1)
    foreign = not text.isascii() or any(word in _FOREIGN for word in words)
    is_foreign = share < _ENOUGH_ENGLISH and (foreign or (share == 0 and len(words) > 1))
    return judged(not is_foreign, "a description in English", f'"{text[:120]}"', query)


@rule(
    "STAT-009",
    judges="get_status",
    accepts=[
        DONE,
        lambda spec: poll(1, "processed", f"\n  {spec.status['processed'].text.lower()}\n"),
        lambda spec: poll(1, "integration_id_missing", spec.status["integration_id_missing"].text.replace("the ", "")),
        broken("Timeout"),
    ],
    rejects=[poll(1, "processed", "OK"), poll(1, "exception", "Timeout expired.")],
    ignores=[said("processed", "")],
)
def a_description_has_the_wording_of_the_reference(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The description reads as in the table of statuses, articles, case and punctuation aside."""
    status, text = _described(query, spec), query.description.strip()
    if status is None or not text:
        return None
    before, placeholder, _ = _parts(status)
    wanted, found = _words(before), _words(text)
    alike = found[: len(wanted)] == wanted if placeholder else found == wanted
    if not alike and _TOKEN in text:
        return undecided("part of the description was hidden, since it looks like a patient's datum", query)
    return judged(alike, f'"{status.text}"', f'"{text[:160]}"', query)


@rule(
    "STAT-029",
    judges="get_status",
    accepts=[broken("Timeout")],
    rejects=[
        poll(1, "exception"),
        broken(""),
        broken("null"),
        said("exception", ""),
    ],
    ignores=[DONE],
)
def an_exception_is_told_with_its_text(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The description of an exception holds more than the words around it."""
    status = _described(query, spec)
    if status is None or status.name != "exception":
        return None
    before, placeholder, _ = _parts(status)
    text = query.description.replace(placeholder, "") if placeholder else query.description
    own = [word for word in _words(text) if word not in set(_words(before)) | {"null", "none"}]
    return judged(bool(own), "the text of the exception in the description", f'"{query.description.strip()}"', query)
