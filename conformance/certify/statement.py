"""What a bundle states: an in-toto Statement (v1) over the digests of all its files, with the certificate as predicate.

subject[]    every file of the bundle but the envelope itself, with its SHA-256
predicate    who was certified, for what, by what, and the rows that counted: frozen, whatever a later spec adds
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "urn:threedd:certificate:1"


class Worth(StrEnum):
    """What a bundle is good for."""

    CERTIFICATE = "certificate"
    EVIDENCE = "evidence-only"
    """Of a run that did not pass: it shows what was seen and certifies nothing."""


@dataclass(frozen=True)
class Subject:
    """What was certified."""

    vendor: str
    product: str
    version: str
    recorded_as: str
    """What the subject was called in the recording; for a PMS with a driver, by itself."""
    interfaces: tuple[str, ...]

    @property
    def title(self) -> str:
        return " ".join(part for part in (self.vendor, self.product, self.version) if part)


@dataclass(frozen=True)
class Statement:
    worth: Worth
    subject: Subject
    profile: str
    verdict: str
    harness: str
    spec: str
    spec_digest: str
    counted: tuple[str, ...]
    """Rows of the profile, as they were."""
    mandatory: tuple[str, ...]
    recorded_on: str
    issued_on: str
    digests: Mapping[str, str]
    """File of the bundle -> SHA-256 in hexadecimal digits."""


class NoStatement(Exception):
    """A text is no statement of this kind; the message tells why."""


def to_payload(statement: Statement) -> bytes:
    """The statement as JSON: keys sorted, one form for one content."""
    subject = statement.subject
    predicate = {
        "worth": statement.worth.value,
        "subject": {
            "vendor": subject.vendor,
            "product": subject.product,
            "version": subject.version,
            "recordedAs": subject.recorded_as,
            "interfaces": list(subject.interfaces),
        },
        "profile": statement.profile,
        "verdict": statement.verdict,
        "harness": statement.harness,
        "spec": {"name": statement.spec, "sha256": statement.spec_digest},
        "requirements": {"counted": list(statement.counted), "mandatory": list(statement.mandatory)},
        "recordedOn": statement.recorded_on,
        "issuedOn": statement.issued_on,
    }
    body = {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": name, "digest": {"sha256": sha}} for name, sha in sorted(statement.digests.items())],
        "predicateType": PREDICATE_TYPE,
        "predicate": predicate,
    }
    return (json.dumps(body, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode("utf-8")


def from_payload(payload: bytes) -> Statement:
    """The statement that ``to_payload`` wrote. Raises NoStatement."""
    try:
        body = json.loads(payload.decode("utf-8"), object_pairs_hook=_once)
        if (body["_type"], body["predicateType"]) != (STATEMENT_TYPE, PREDICATE_TYPE):
            raise NoStatement(f"it is of type {body['predicateType']!r}; expected {PREDICATE_TYPE}")
        statement = _statement(body)
        same = to_payload(statement) == payload
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise NoStatement(f"it has another shape ({type(error).__name__}: {str(error)[:80]})") from error
    if not same:
        raise NoStatement("it says more or less than this build knows; use a newer build")
    return statement


def _statement(body: Mapping[str, Any]) -> Statement:
    told, subject = body["predicate"], body["predicate"]["subject"]
    digests = {str(each["name"]): str(each["digest"]["sha256"]) for each in body["subject"]}
    return Statement(
        worth=Worth(told["worth"]),
        subject=Subject(
            str(subject["vendor"]),
            str(subject["product"]),
            str(subject["version"]),
            str(subject["recordedAs"]),
            tuple(str(each) for each in subject["interfaces"]),
        ),
        profile=str(told["profile"]),
        verdict=str(told["verdict"]),
        harness=str(told["harness"]),
        spec=str(told["spec"]["name"]),
        spec_digest=str(told["spec"]["sha256"]),
        counted=tuple(str(row) for row in told["requirements"]["counted"]),
        mandatory=tuple(str(row) for row in told["requirements"]["mandatory"]),
        recorded_on=str(told["recordedOn"]),
        issued_on=str(told["issuedOn"]),
        digests=digests,
    )


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys are there once: what is written twice reads differently to different programs."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is written twice")
    return found
