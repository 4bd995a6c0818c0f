"""The commented target file that ``threedd init`` writes.

Lines that begin with ``# `` explain; lines that begin with ``#`` and no blank are examples, right as soon as the sign
is taken away. What belongs to the guide comes from the spec.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from conformance.command.declared_facts import fixture_kinds
from conformance.command.target_file import TOKEN_VARIABLE, USUAL_RATE, OperatorKind
from conformance.command.target_values import NEVER, Check, Unfit
from conformance.drive import Tier
from conformance.model import CaseState
from conformance.spec import Spec
from conformance.suite.target import Fixture, Patience

STATION, CASE, OTHER_CASE, LAST_CASE, IMAGE, SCAN = (
    "5be65d15-31a2-442b-a93b-0bd65ec8abe9",
    "1953c9fe-326f-50d5-aeb3-e93ea2ea6140",
    "2eba9e27-da6f-573c-a2a4-7d78b863e37c",
    "8f7cf505-5b6a-5f2c-83f3-531422031554",
    "a15b5fe8-b186-5ce2-a86e-b4d5913de9aa",
    "e05a6b2b-9a5b-4f6b-8a50-4f0d0e3a7c11",
)


CERTIFICATES = "certificates"
"""Folder beside the file where the emulator keeps its authority."""


def template(spec: Spec) -> str:
    """A file for a server somewhere, to be filled in."""
    service = spec.service
    others = "".join(f"; newer installations also use port {port}" for port in service.other_ports)
    url = f"{service.scheme}://localhost:{service.port}{service.base_path}"
    lines = [*_HEAD, "", "[server]", f"# Where the service is{others}."]
    lines += [f"url = {_quoted(url)}", *_trust(spec), "", *_USERS, "", *_operator(), "", *_limits(), "", *_writes(), ""]
    return "\n".join([*lines, *_FIXTURES, *_examples(spec), ""])


def filled(spec: Spec, port: int, control_port: int, users: Sequence[str], fixtures: Iterable[Fixture]) -> str:
    """A file for the emulator of this build at these ports, everything it holds declared.

    Of its users the first one calls; the others are there without their sign.
    """
    url = f"{spec.service.scheme}://localhost:{port}{spec.service.base_path}"
    lines = [
        f"# For: {started(spec, port, control_port)}",
        "[server]",
        f"url = {_quoted(url)}",
        f'authority = "{CERTIFICATES}/authority.pem"',
    ]
    for number, user in enumerate(users, start=1):
        variable = "THREEDD_PASSWORD" if number == 1 else f"THREEDD_PASSWORD{number}"
        sign = "" if number == 1 else "#"
        lines += ["", f"{sign}[[user]]", f"{sign}name = {_quoted(user)}"]
        lines += [f"{sign}password_env = {_quoted(variable)}"]
    lines += ["", "# It stands for the people at the stations; its line control tells the token.", "[operator]"]
    lines += [f'kind = "{OperatorKind.EMULATOR}"', f'control = "http://127.0.0.1:{control_port}"']
    lines += [f'token_env = "{TOKEN_VARIABLE}"']
    return "\n".join([*lines, *declarations(spec, fixtures), ""])


def started(spec: Spec, port: int, control_port: int) -> str:
    """The command that starts the emulator that ``filled`` is for."""
    where = "" if port == spec.service.port else f" --port {port}"
    return f"threedd emulator{where} --control-port {control_port} --certificates {CERTIFICATES}"


def declarations(spec: Spec, fixtures: Iterable[Fixture]) -> Iterator[str]:
    """The lines that declare these things."""
    kinds = fixture_kinds(spec)
    for fixture in fixtures:
        yield from ("", f"[[{fixture['what']}]]")
        checks = kinds[fixture["what"]].facts
        for name, text in fixture.items():
            if name != "what":
                yield f"{name} = {_toml(text, checks[name])}"


def _toml(text: str, check: Check) -> str:
    """The value that is read as this text."""
    words = {"yes": True, "no": False}
    numbers = [int(text)] if text.lstrip("-").isdigit() else []
    for value in (words.get(text), *numbers, NEVER if not text else text.split(), text):
        try:
            if check(value) == text:
                return json.dumps(value, ensure_ascii=False)
        except Unfit:
            continue
    raise ValueError(f'"{text}" cannot be written to a target file; correct what declares it.')


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


_HEAD = (
    "# The server to be certified, for: threedd certify server --target threedd.toml",
    "# A file of this name is taken by itself from the current folder; options on the command line go before it.",
    "# Lines that begin with # and no blank are examples: remove the # and fill in your values.",
    "# No password or token stands here: name the environment variable that holds it.",
)
_USERS = (
    "# Who calls. Without password_env the password is asked for. A second user is good for rows that need two.",
    "#[[user]]",
    '#name = "Sam"',
    '#password_env = "THREEDD_PASSWORD"',
    "#[[user]]",
    '#name = "Eva"',
    '#password_env = "THREEDD_PASSWORD2"',
)
_FIXTURES = (
    "# What was prepared on the server, as it really is. What the server contradicts is told before the run, and left",
    "# out of it where the server agrees with itself; else the run holds the server to what stands here.",
    "# Each entry says what you know; facts that you leave out are not compared. Ids are GUIDs, dates year-month-day.",
    "# Useful: two stations, a patient with a case in each state and one image, and four or more patients who are not",
    "# mapped, each with a last name and a patient id of its own: merging them is tried, and each can be mapped once.",
    "# An image may name its file (file = 'photo.png', from the folder of this one) instead of sha256, size and type.",
)


def _trust(spec: Spec) -> list[str]:
    return [
        "# How the server is recognised: by the certificate file of its authority (PEM or DER), or by the SHA-1",
        "# thumbprint of the last certificate of its chain. Without either, the thumbprint of the guide is expected:",
        f"#thumbprint = {_quoted(spec.service.authority_thumbprint)}",
        "#authority = ''  # a path; in single quotes, so that backslashes may stand in it",
        "#insecure = false  # true takes anybody who answers: for a first look only",
    ]


def _operator() -> list[str]:
    return [
        f"# Who presses buttons at the stations: {', '.join(OperatorKind)}.",
        "[operator]",
        f'kind = "{OperatorKind.NONE}"',
        f'# For kind = "{OperatorKind.COMMAND}", an executable and its arguments:',
        '# command = ["python", "operator.py"]',
        f'# For kind = "{OperatorKind.EMULATOR}", the address of its control port and where its token is:',
        '# control = "http://127.0.0.1:8081"',
        f'# token_env = "{TOKEN_VARIABLE}"',
    ]


def _limits() -> list[str]:
    usual = Patience()
    return [
        "# Seconds for a station to pick up an operation and for a person to finish it; and how often to call.",
        "[limits]",
        f"pick_up_s = {usual.pick_up_s:g}",
        f"processing_s = {usual.processing_s:g}",
        f"calls_per_s = {USUAL_RATE:g}",
    ]


def _writes() -> list[str]:
    return [
        f"# How far a run may go: {', '.join(Tier)}. Not said: {Tier.READ_ONLY}, with --allow-writes {Tier.OWN_DATA}.",
        "# Nothing is written without --allow-writes, whatever stands here, and nothing written can be deleted again.",
        "[writes]",
        f'#tier = "{Tier.READ_ONLY}"',
        "#shared = false  # true when others use the server meanwhile",
    ]


def _examples(spec: Spec) -> list[str]:
    """One entry of each kind and more of those of which more are useful, as comments."""
    lines = declarations(spec, _prepared(spec))
    return [f"#{line}" if line else line for line in lines]


def _prepared(spec: Spec) -> Iterator[Mapping[str, str]]:
    patient = {"integration_id": "QA-1"}
    yield {"what": "station", "station": STATION, "hostname": "TRIOS-ROOM-1", "connected": "yes", "busy": "no"}
    person = {"first_name": "Anna", "last_name": "Lindqvist", "birth_date": "1984-02-29", "patient_id": "840229-1235"}
    yield {"what": "patient", **patient, **person, "cases": "3"}
    yield {"what": "unmapped_patient", "first_name": "Bo", "last_name": "Ek", "birth_date": "", "patient_id": "S-77"}
    for case, state, month in zip((CASE, OTHER_CASE, LAST_CASE), CaseState, ("01", "02", "03"), strict=True):
        dates = {"created": f"2023-{month}-10T10:15:00Z", "delivery": f"2023-{month}-24T11:00:00Z", "sent": ""}
        yield {"what": "case", **patient, "case": case, "state": state.value, **dates}
    digest = "6b0e84f62ed4659d87ace97cd39c15ff400ad3d0670cde94365e92b184506bf8"
    yield {"what": "image", "case": LAST_CASE, "image": IMAGE, "sha256": digest, "size": "2556", "type": "png"}
    least = str(spec.record["indication"].by_role["from"].minimum or 0)
    yield {"what": "indication", "case": LAST_CASE, "from": least, "to": least, "name": "Crown"}
    types = spec.record["scan"].by_role["type"].values
    yield {"what": "scan", "case": LAST_CASE, "scan": SCAN, "type": types[-1] if types else "scan"}
