"""From what a stimulus wants to what goes over the wire: request targets and headers.

Everything can be written wrongly on purpose: names in another case, another order, names twice, a path of one's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from conformance.drive.ordinary import Headers
from conformance.spec import Spec
from conformance.trace import Probe
from conformance.wire import encode_basic, encode_query

Pairs = Sequence[tuple[str, str]]
ACCEPTED = "application/xml"


@dataclass(frozen=True)
class Outgoing:
    """One request as it will be written, and the tags under which it is recorded."""

    target: str
    headers: Headers
    verb: str = "GET"
    connection: str = ""
    """Requests with the same name share a connection."""
    who: str = "suite"
    play: str = ""
    probe: Probe | None = None


def target(
    spec: Spec,
    base_path: str,
    role: str,
    parameters: Mapping[str, str | None],
    *,
    names: Callable[[str], str] = str,
    order: Callable[[Pairs], Pairs] = tuple,
    extra: Pairs = (),
    query: str | None = None,
    path: str | None = None,
) -> str:
    """Path and query of a call. ``parameters`` by role, None leaves one out; ``query`` and ``path`` replace ours.

    Raises ValueError for a parameter role that the method does not have: the stimulus is wrong, not the server.
    """
    where = path if path is not None else f"{base_path}/{spec.method[role].name}"
    if query is None:
        named = [(names(_name(spec, role, key)), text) for key, text in parameters.items() if text is not None]
        query = encode_query([*order(named), *extra])
    return f"{where}?{query}" if query else where


def _name(spec: Spec, role: str, parameter: str) -> str:
    known = spec.method[role].by_role
    if parameter not in known:
        raise ValueError(f'{role} has no parameter "{parameter}"; expected {" or ".join(known)}. Correct it.')
    return known[parameter].name


def headers(host: str, authorization: str | None, others: Mapping[str, str]) -> Headers:
    """Host, Accept and Authorization unless ``others`` has them (in any case); a header set to '' there is not sent."""
    usual = {"Host": host, "Accept": ACCEPTED}
    if authorization is not None:
        usual["Authorization"] = authorization
    replaced = {name.lower() for name in others}
    kept = [(name, text) for name, text in usual.items() if name.lower() not in replaced]
    return (*kept, *((name, text) for name, text in others.items() if text))


def basic(user: str, password: str) -> str:
    """The Authorization header for these credentials."""
    return encode_basic(user, password)
