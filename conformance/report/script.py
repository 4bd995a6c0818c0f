"""A Python script that repeats calls with nothing but the standard library."""

from __future__ import annotations

import pprint
from collections.abc import Iterable

from conformance.report.commands import REPEATED_HEADERS, Users, let_in, variables, which_user
from conformance.report.stand_ins import sendable
from conformance.spec import Spec
from conformance.trace import Recorded

_HEAD = '''"""Repeats the calls of a finding. {needs}THREEDD_URL names another server than that of the run."""

import base64
import os
import ssl
import sys
import urllib.error
import urllib.request

URL = "/".join(os.environ.get("THREEDD_URL", {url!r}).split("/")[:3])
CALLS = {calls}
context = ssl.create_default_context()
context.check_hostname, context.verify_mode = False, ssl.CERT_NONE

for verb, target, headers, user in CALLS:
    request = urllib.request.Request(URL + target, method=verb, headers=headers)
    if user:
        name, _, number = user.partition("-")
        password = "not-the-password" if name == "wrong" else os.environ.get(f"THREEDD_PASSWORD{{number}}", "")
        pair = f"{{os.environ.get(f'THREEDD_USER{{number}}', '')}}:{{password}}"
        request.add_header("Authorization", "Basic " + base64.b64encode(pair.encode()).decode())
    try:
        answer = urllib.request.urlopen(request, context=context)
    except urllib.error.HTTPError as refused:
        answer = refused
    except (OSError, ValueError) as unreached:
        sys.exit(f"{{URL}} does not answer ({{unreached}}); set THREEDD_URL, as in {example}")
    print(verb, target, answer.status, answer.read().decode("utf-8", "replace"), sep="\\n", end="\\n\\n")
'''


def script(calls: Iterable[Recorded], spec: Spec, url: str, users: Users = ()) -> str:
    """The calls as a script that sends them to ``url``; '' for none. Patients are stand-ins, as in ``sequence``."""
    calls = list(calls)
    if not calls:
        return ""
    known = users or let_in(calls)
    rows = [(call.request.verb, sendable(call, spec), _headers(call), which_user(call, known)) for call in calls]
    named = variables(calls, known)
    needs = f"Set {' and '.join(named)} first. " if named else ""
    example = f"{spec.service.scheme}://host:{spec.service.port}"
    return _HEAD.format(url=url, needs=needs, example=example, calls=pprint.pformat(rows, width=110))


def _headers(call: Recorded) -> dict[str, str]:
    return {name: call.request.headers[name] for name in REPEATED_HEADERS if name in call.request.headers}
