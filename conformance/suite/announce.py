"""What an operator is told of an operation before it is called: where it comes up, and whose it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from conformance.drive import Start
from conformance.spec import Method, Spec
from conformance.suite.play import Send
from conformance.suite.target import Fixture
from conformance.wire import parse_guid

NAMING = ("integration_id",)
"""Roles that say which patient is meant, beside those whose values are a patient's data."""


def start_of(send: Send, spec: Spec, fixtures: Sequence[Fixture], hostnames: Mapping[str, str]) -> Start | None:
    """None for a call that starts nothing at a station, or nothing that could be told from others."""
    method = spec.method.get(send.role)
    if method is None or not method.starts_operation:
        return None
    operation, station = (parse_guid(send.parameters.get(role, "")) for role in ("operation", "station"))
    if not isinstance(operation, UUID) or not isinstance(station, UUID):
        return None
    known = {text for fixture in fixtures for text in fixture.values()}
    data = {role: text for role, text in send.parameters.items() if text and _tells_who(method, role)}
    return Start(
        operation,
        station,
        hostnames.get(str(station), ""),
        send.role,
        {role: text for role, text in data.items() if text not in known},
        {role: text for role, text in data.items() if text in known},
    )


def _tells_who(method: Method, role: str) -> bool:
    return role in method.by_role and (role in NAMING or method.by_role[role].sensitive)
