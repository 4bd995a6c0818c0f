"""What a single value of a target file may be: checks that give the value in our form, or say what was expected."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from difflib import get_close_matches
from urllib.parse import urlsplit
from uuid import UUID

from conformance.drive import bare
from conformance.wire import Malformed, parse_guid, parse_xml_date

NEVER = "never"
"""Written for a date that a case does not have."""
THUMBPRINT_DIGITS = 40
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DIGEST = re.compile(r"[0-9a-f]{64}")


class Unfit(ValueError):
    """The value is not of the kind; its text says what was expected."""


Check = Callable[[object], str]
"""A value as TOML has it -> the text by which a run knows it. Raises Unfit."""


def text(value: object) -> str:
    """A text with something in it."""
    if not isinstance(value, str) or not value.strip():
        raise Unfit("a text in quotes that is not empty")
    return value


def any_text(value: object) -> str:
    """A text, empty for something that is known to be empty."""
    if not isinstance(value, str):
        raise Unfit("a text in quotes")
    return value


def address(value: object) -> str:
    """A server's address, with or without scheme, port and path. Never one with credentials."""
    if not isinstance(value, str):
        raise Unfit(_ADDRESS)
    said = value.strip()
    try:
        parts = urlsplit(said if "://" in said else f"//{said}")
        usable = bool(parts.hostname) and parts.scheme in ("", "http", "https") and parts.port != 0
    except ValueError:
        usable = False
    if not usable or " " in said:
        raise Unfit(_ADDRESS)
    return said


_ADDRESS = "an address such as https://host:port/path, in quotes"


def guid(value: object) -> str:
    """A GUID in lower case."""
    known = parse_guid(value) if isinstance(value, str) else Malformed("no text", "")
    if not isinstance(known, UUID):
        raise Unfit("a GUID such as 0d8e0a63-7a5e-4f43-9c1e-8b7d5f1a2b3c, in quotes")
    return str(known)


def moment(value: object) -> str:
    """A date and time as documents have it, or '' for never."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, time) or not isinstance(value, str):
        raise Unfit(_MOMENT)
    if value.strip().lower() in ("", NEVER):
        return ""
    if isinstance(parse_xml_date(value.strip()), Malformed):
        raise Unfit(_MOMENT)
    return value.strip()


_MOMENT = f'a date and time such as 2019-11-14T13:14:20Z, or "{NEVER}"'


def day(value: object) -> str:
    """A date without time, or '' for none."""
    if isinstance(value, datetime) or (isinstance(value, str) and "T" in value):
        raise Unfit(_DAY)
    said = moment(value) if isinstance(value, date) else any_text(value).strip()
    if said and isinstance(parse_xml_date(said), Malformed):
        raise Unfit(_DAY)
    return said


_DAY = "a date such as 1980-12-31 (year, month, day)"


def digest(value: object) -> str:
    """A SHA-256 in lower-case hex digits."""
    said = "".join(value.lower().split()) if isinstance(value, str) else ""
    if not _DIGEST.fullmatch(said):
        raise Unfit(f"a SHA-256, 64 hex digits{_counted(said)}; or leave it out and name the file")
    return said


def thumbprint(value: object) -> str:
    """A SHA-1 of a certificate, however people copied it (blanks, colons, capitals)."""
    said = bare(value) if isinstance(value, str) else ""
    if (said and len(said) != THUMBPRINT_DIGITS) or (isinstance(value, str) and value and not said):
        raise Unfit(f"the SHA-1 thumbprint of the authority, {THUMBPRINT_DIGITS} hex digits{_counted(said)}")
    if not isinstance(value, str):
        raise Unfit(f"the SHA-1 thumbprint of the authority, {THUMBPRINT_DIGITS} hex digits in quotes")
    return said


def _counted(said: str) -> str:
    return f", not {len(said)}" if said else ""


def flag(value: object) -> str:
    """yes or no."""
    if not isinstance(value, bool):
        raise Unfit("true or false, without quotes")
    return "yes" if value else "no"


def seconds(value: object) -> str:
    """A number of seconds above zero."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
        raise Unfit("a number of seconds above 0, without quotes")
    return str(value)


def rate(value: object) -> str:
    """Calls per second; 0 for no limit."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        raise Unfit("a number of calls per second, without quotes; 0 for no limit")
    return str(value)


def number(least: int | None = 0, most: int | None = None) -> Check:
    """A check for whole numbers within these bounds."""

    def check(value: object) -> str:
        if isinstance(value, bool) or not isinstance(value, int) or not _within(value, least, most):
            bounds = "".join((f" from {least}" if least is not None else "", f" to {most}" if most is not None else ""))
            raise Unfit(f"a whole number{bounds}, without quotes")
        return str(value)

    return check


def _within(value: int, least: int | None, most: int | None) -> bool:
    return (least is None or value >= least) and (most is None or value <= most)


def variable(value: object) -> str:
    """The name of an environment variable."""
    if not isinstance(value, str) or not _VARIABLE.fullmatch(value):
        raise Unfit("the name of an environment variable such as THREEDD_PASSWORD, never a password itself")
    return value


def one_of(*names: str) -> Check:
    """A check for one of these words."""

    def check(value: object) -> str:
        if value in names:
            return str(value)
        raise Unfit(f"{' or '.join(names)}{meant(str(value), names)}")

    return check


def words(value: object) -> str:
    """A list of texts, joined by blanks."""
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise Unfit('a list of texts such as ["one", "two"]')
    return " ".join(value)


def meant(wrong: str, names: Sequence[str]) -> str:
    """`` (did you mean ...?)`` for a near miss, else ''."""
    folded = {name.casefold(): name for name in names}
    near = get_close_matches(wrong.casefold(), list(folded), n=1, cutoff=0.6)
    return f' (did you mean "{folded[near[0]]}"?)' if near else ""
