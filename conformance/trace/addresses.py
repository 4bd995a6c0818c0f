"""The path of a call without what callers and servers put there that is none of the guide's.

What is kept is the guide's own: the parts of the base path and the names of methods, and what looks like a slip in
writing one of them. All else may be a name, a number or a password, and becomes a token.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from functools import lru_cache

from conformance.spec import Spec

_ABSOLUTE = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,15}://)([^/?#]*)(.*)", re.DOTALL)
_HOST = re.compile(r"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?")
_ALIKE = 0.6
_LONGEST = 64


def covered_path(path: str, spec: Spec, cover: Callable[[str], str], secret: Callable[[str], str]) -> str:
    """``path`` with tokens in place of what is not the guide's; who calls, before an @, is a secret at all times."""
    absolute = _ABSOLUTE.fullmatch(path)
    if absolute is None:
        return _covered(path, spec, cover)
    scheme, authority, rest = absolute.groups()
    who, at, host = authority.rpartition("@")
    host = host if _HOST.fullmatch(host) else cover(host)
    return f"{scheme}{secret(who)}{at}{host}{_covered(rest, spec, cover)}"


def _covered(path: str, spec: Spec, cover: Callable[[str], str]) -> str:
    known = _known(spec.service.base_path, tuple(spec.method_by_folded_name))
    return "/".join(part if _kept(part, known) else cover(part) for part in path.split("/"))


def _kept(part: str, known: tuple[str, ...]) -> bool:
    folded = part.casefold()
    if folded in known or folded in ("", ".", "..", "*"):
        return True
    return len(part) <= _LONGEST and bool(difflib.get_close_matches(folded, known, 1, _ALIKE)) and part.isalnum()


@lru_cache(maxsize=8)
def _known(base_path: str, methods: tuple[str, ...]) -> tuple[str, ...]:
    return (*(part.casefold() for part in base_path.split("/") if part), *(name.casefold() for name in methods))
