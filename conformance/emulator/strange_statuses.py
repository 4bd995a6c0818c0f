"""Status answers that are not the server's own: a number that its table lacks, another operation's, a refusal.

What a PMS makes of them tells whether it reads the number and the id, or takes whatever comes for its success. The
refusals are those that no right PMS brings about with data that it has from here: a clinic meets them all the same,
when somebody has deleted a patient or a case, or a station is of an older build.
"""

from __future__ import annotations

import re
from dataclasses import replace
from uuid import NAMESPACE_OID, uuid5

from conformance.emulator.protocol import Response
from conformance.spec import Field, Spec

STATUS = "status"
SUCCESS = "processed"


def unlisted(response: Response, spec: Spec) -> Response:
    """The status with a number that no status of the table has; the same answer where there is none."""
    return _written(response, spec.record[STATUS].by_role["code"], str(unlisted_number(spec)))


def of_another(response: Response, spec: Spec) -> Response:
    """The status of an operation that nobody asked for, which was processed; the same answer where there is none."""
    fields = spec.record[STATUS].by_role
    known = _text(response, fields["operation"])
    if not known:
        return response
    stranger = _written(response, fields["operation"], str(uuid5(NAMESPACE_OID, known)))
    done = _written(stranger, fields["code"], str(spec.code(SUCCESS)))
    return _written(done, fields["description"], spec.status[SUCCESS].text)


def refused(response: Response, spec: Spec, name: str) -> Response:
    """The status of that name instead; the same answer where there is none."""
    told = _written(response, spec.record[STATUS].by_role["code"], str(spec.code(name)))
    return _written(told, spec.record[STATUS].by_role["description"], spec.status[name].text)


def unlisted_number(spec: Spec) -> int:
    """The least number behind that of success that the table does not have."""
    number = spec.code(SUCCESS)
    while number in spec.status_by_code:
        number += 1
    return number


def _pattern(field: Field) -> bytes:
    return rb"(<%b(?:\s[^<>]*)?>)([^<>]*)(</%b>)" % ((re.escape(field.name.encode()),) * 2)


def _text(response: Response, field: Field) -> str:
    found = re.search(_pattern(field), response.body)
    return found[2].decode("utf-8", "replace").strip() if found else ""


def _written(response: Response, field: Field, text: str) -> Response:
    """The answer with that text in the field; the very same one when the field is not there."""
    body, times = re.subn(_pattern(field), lambda found: found[1] + text.encode() + found[3], response.body, count=1)
    return replace(response, body=body) if times else response
