"""A Python script that repeats calls with nothing but the standard library."""

from __future__ import annotations

import pprint
from collections.abc import Iterable

from conformance.report.commands import REPEATED_HEADERS, Users, let_in, which_user
from conformance.spec import Spec
from conformance.trace import Recorded

_HEAD = '''"""Repeats the calls of a finding. Set THREEDD_USER and THREEDD_PASSWORD; THREEDD_URL for another server."""

import base64
import os
import ssl
import urllib.error
import urllib.request

URL = os.environ.get("THREEDD_URL", {url!r})
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
    print(verb, target, answer.status, answer.read().decode("utf-8", "replace"), sep="\\n", end="\\n\\n")
'''


def script(calls: Iterable[Recorded], spec: Spec, users: Users = ()) -> str:
    """The calls as a script; '' for none. Stand-ins of patients' values are sent as they are."""
    calls = list(calls)
    if not calls:
        return ""
    known = users or let_in(calls)
    host = calls[0].request.headers.get("host") or f"localhost:{spec.service.port}"
    rows = [(call.request.verb, call.request.target, _headers(call), which_user(call, known)) for call in calls]
    return _HEAD.format(url=f"{spec.service.scheme}://{host}", calls=pprint.pformat(rows, width=110))


def _headers(call: Recorded) -> dict[str, str]:
    return {name: call.request.headers[name] for name in REPEATED_HEADERS if name in call.request.headers}
