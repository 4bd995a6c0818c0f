"""Every way in which credentials can be wrong, on every method; and the ways in which they are right."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from conformance.spec import Method, Spec
from conformance.suite.case_steps import FIND, owners
from conformance.suite.patient_steps import asks_for
from conformance.suite.play import Desk, Identity, NotPossible, Play, Send, Steps, play
from conformance.suite.plays.pool import new_patient, no_station
from conformance.trace import NoteKind, Probe
from conformance.wire import encode_basic

OFTEN = 6
"""So many times each user calls twice: one who is turned away now and then is turned away among these."""


_IMPOSSIBLE = {"created_from": "2024-02-02", "created_to": "2024-01-01"}
"""A range that ends before it begins: who is not let in is not told so."""


def plays(spec: Spec) -> Iterable[Play]:
    """One play per method: every wrong way, each after a right one on the same connection."""
    for method in spec.methods:
        aims = ("SEC-001", "SEC-002", "SEC-003", "SEC-004", "SEC-015")
        yield Play(f"security.wrong-credentials.{method.role}", aims, frozenset(), _refusals(method), "")


def _refusals(method: Method) -> Callable[[Desk], Steps]:
    def steps(desk: Desk) -> Steps:
        yield from desk.one(desk.send("list_stations"))
        for arm, header in _wrong_headers(desk):
            probe = Probe("credentials", desk.text("credentials-"), arm)
            yield from desk.one(replace(_call(desk, method), authorization=header, probe=probe))
        if method.role == FIND:
            probe = Probe("credentials", desk.text("credentials-"), "none-and-impossible")
            backwards = desk.send(FIND, **_IMPOSSIBLE, integration_id=desk.fresh("integration_id"))
            yield from desk.one(replace(backwards, authorization=None, probe=probe))
        yield from desk.one(desk.send("list_stations"))

    return steps


def _wrong_headers(desk: Desk) -> list[tuple[str, str | None]]:
    """Headers that no server may accept: none at all, wrong users and passwords, no Basic credentials."""
    user = desk.users[0]
    plain = f"{user.user}:{user.password}"
    pairs = {
        "unknown-user": (f"{user.user}-nobody", user.password),
        "no-user": ("", user.password),
        "wrong-password": (user.user, f"{user.password}-wrong"),
        "shorter-password": (user.user, user.password[:-1]),
        "other-case-password": (user.user, user.password.swapcase()),
        "no-password": (user.user, ""),
        "swapped": (user.password.replace(":", ""), user.user),
    }
    right = {(u.user, u.password) for u in desk.users}
    headers: list[tuple[str, str | None]] = [("none", None)]
    headers += [(arm, encode_basic(*pair)) for arm, pair in pairs.items() if pair not in right]
    headers += [
        ("other-scheme", f"Bearer {_base64(plain)}"),
        ("digest", f'Digest username="{user.user}"' if user.user.isascii() else "Digest"),
        ("no-scheme", _base64(plain)),
        ("no-base64", "Basic ???"),
        ("empty", "Basic "),
        ("no-colon", f"Basic {_base64(user.user)}"),
    ]
    return headers


def _base64(text: str) -> str:
    return base64.b64encode(text.encode("utf-8")).decode("ascii")


def _call(desk: Desk, method: Method) -> Send:
    """A call with every mandatory parameter, so that credentials are the only thing amiss."""
    values = {p.role: _value(desk, p.role) for p in method.parameters if p.mandatory}
    if method.starts_operation:
        values["operation"] = desk.operation_id()
    return desk.send(method.role, **values)


def _value(desk: Desk, role: str) -> str:
    if role in ("integration_id", "patient_id"):
        return desk.fresh(role)
    return desk.text() if role == "last_name" else desk.operation_id()


@play("security.no-effect", aims=("SEC-005",))
def unauthorised_operations_leave_no_trace(desk: Desk) -> Steps:
    """An operation without credentials, with wrong ones, and the status of each as an authorised user sees it."""
    wrong = encode_basic(desk.users[0].user, desk.users[0].password + "-wrong")
    for header in (None, wrong):
        pair, operation = desk.text("no-effect-"), desk.operation_id()
        send = desk.send("create_patient", operation=operation, **desk.patient())
        yield from desk.one(replace(send, authorization=header, probe=Probe("no-effect", pair, "unauthorised")))
        look = desk.send("get_status", operation=operation)
        yield from desk.one(replace(look, probe=Probe("no-effect", pair, "look")))


@play("security.no-effect.removal", aims=("SEC-005",), needs=("writes",))
def unauthorised_removals_remove_nothing(desk: Desk) -> Steps:
    """An operation that waits for a station, a removal without credentials, one with wrong ones, and a right one."""
    wrong = encode_basic(desk.users[0].user, desk.users[0].password + "-wrong")
    operation = desk.operation_id()
    yield from desk.one(new_patient(desk, operation, station=no_station(desk)))
    for header in (None, wrong):
        pair, look = desk.text("no-effect-"), desk.send("get_status", operation=operation)
        remove = desk.send("remove_operation", operation=operation)
        yield from desk.one(replace(remove, authorization=header, probe=Probe("no-effect", pair, "unauthorised")))
        yield from desk.one(replace(look, probe=Probe("no-effect", pair, "look")))
    yield from desk.one(desk.send("remove_operation", operation=operation))


@play("security.every-user", aims=("SEC-004",), needs=("users",))
def every_user_gets_in(desk: Desk) -> Steps:
    """Each declared user, on a connection of its own and on a shared one; then in turn, again and again."""
    if not desk.users:
        raise NotPossible("no user is declared")
    for user in desk.users:
        yield from desk.one(replace(desk.send("list_stations"), identity=user))
        yield from desk.one(replace(desk.send("list_stations"), identity=user, connection=desk.text("user-")))
    for user in (*desk.users, *reversed(desk.users)) * OFTEN:
        yield from desk.one(replace(desk.send("list_stations"), identity=user))


@play("security.another-users-password", aims=("SEC-002",), needs=("users",))
def one_user_with_the_password_of_another(desk: Desk) -> Steps:
    """Two right halves are not a right whole."""
    if len(desk.users) < 2:
        raise NotPossible("two users are needed, one is declared")
    first, second = desk.users[0], desk.users[1]
    for user, password in ((first.user, second.password), (second.user, first.password)):
        probe = Probe("credentials", desk.text("credentials-"), "another-users-password")
        yield from desk.one(replace(desk.send("list_stations"), identity=Identity(user, password), probe=probe))


@play("security.almost-right", aims=("SEC-002", "SEC-003"))
def almost_the_credentials_of_a_user(desk: Desk) -> Steps:
    """What a careless comparison takes for right: cut at a colon, with blanks, unencoded, much too long, empty."""
    right = {(user.user, user.password) for user in desk.users}
    for user in desk.users:
        wrong = {
            "up-to-a-colon": (user.user, user.password.partition(":")[0]),
            "blank-before": (f" {user.user}", user.password),
            "blank-behind": (user.user, f"{user.password} "),
            "long": (f"{user.user}-nobody", "x" * 600),
            "neither": ("", ""),
        }
        headers = {arm: encode_basic(*pair) for arm, pair in wrong.items() if pair not in right}
        if f"{user.user}{user.password}".isascii():
            headers["unencoded"] = f"Basic {user.user}:{user.password}"
        for arm, header in headers.items():
            probe = Probe("credentials", desk.text("credentials-"), arm)
            yield from desk.one(replace(desk.send("list_stations"), authorization=header, probe=probe))


@play("security.other-paths", aims=("SEC-001",))
def no_credentials_at_other_spellings_of_a_method(desk: Desk) -> Steps:
    """In other cases, with slashes and escapes: wherever a method answers, it asks for credentials."""
    base, name = desk.spec.service.base_path, desk.spec.method["list_stations"].name
    escaped = f"%{ord(name[0]):02X}{name[1:]}"
    for spelled in (name.lower(), name.upper(), name.swapcase(), f"{name}/", f"/{name}", escaped, f"{name}/."):
        send = replace(desk.send("list_stations"), path=f"{base}/{spelled}", authorization=None)
        yield from desk.one(replace(send, connection=desk.text("path-")))


@play("security.shared-by-users", aims=("PAT-014", "MAP-007", "REM-001", "IMG-004"), needs=("users", "writes"))
def what_one_user_does_all_users_see(desk: Desk) -> Steps:
    """One user's patient, status, pool and images are there for each other user."""
    for owner, other in ((desk.users[0], desk.users[1]), (desk.users[1], desk.users[0])):
        patient, operation = desk.patient(), desk.operation_id()
        yield replace(desk.send("create_patient", operation=operation, **patient), identity=owner)
        yield replace(desk.send("get_status", operation=operation), identity=other)
        yield from desk.settle(operation)
        yield from asks_for(desk, patient["patient_id"])
        renamed = {**patient, "last_name": desk.text("Renamed"), "patient_id": desk.fresh("patient_id")}
        update = desk.operation_id()
        yield replace(desk.send("update_patient", operation=update, **renamed), identity=other)
        yield replace(desk.send("get_status", operation=update), identity=owner)
        yield from desk.settle(update)
        yield from asks_for(desk, renamed["patient_id"])
        yield from asks_for(desk, patient["patient_id"])
        yield replace(desk.send("find_cases", integration_id=patient["integration_id"]), identity=other)
        waiting = desk.operation_id()
        nowhere = desk.operation_id()
        desk.note(NoteKind.FRESH, role="station", value=nowhere)
        yield replace(desk.send("create_patient", operation=waiting, station=nowhere, **desk.patient()), identity=owner)
        yield replace(desk.send("get_status", operation=waiting), identity=other)
        yield replace(desk.send("remove_operation", operation=waiting), identity=other)
        yield replace(desk.send("get_status", operation=waiting), identity=owner)


@play("security.images-for-users", aims=("IMG-004", "IMG-006"), needs=("users", "fixtures"))
def every_user_gets_the_same_image(desk: Desk) -> Steps:
    """An image as each user gets it."""
    for image in desk.fixtures("image")[:2]:
        for user in desk.users:
            yield replace(desk.send("fetch_image", case=image["case"], image=image["image"]), identity=user)


@play("security.searches-for-users", aims=("SEC-004", "FND-001"), needs=("users", "fixtures"))
def every_user_finds_the_same_cases(desk: Desk) -> Steps:
    """The cases of a prepared patient as each user finds them, all and by criteria, and as the first one does again."""
    patient = owners(desk)[0]
    criteria: tuple[Mapping[str, str], ...] = (
        {},
        {"is_scanned": "True"},
        {"created_from": "2019-01-01", "created_to": "2019-06-30"},
        _IMPOSSIBLE,
    )
    for chosen in criteria:
        for user in (*desk.users, desk.users[0]):
            yield replace(desk.send("find_cases", integration_id=patient, **chosen), identity=user)


@play("security.spellings", aims=())
def other_spellings_of_right_credentials(desk: Desk) -> Steps:
    """The scheme in other cases, and names beyond ASCII in both charsets: readings, not requirements."""
    user = desk.users[0]
    for scheme in ("basic", "BASIC"):
        header = scheme + encode_basic(user.user, user.password)[len(scheme) :]
        probe = Probe("scheme-case", desk.text("scheme-"), scheme)
        yield from desk.one(replace(desk.send("list_stations"), authorization=header, probe=probe))
    for other in desk.users:
        text = f"{other.user}:{other.password}"
        if text.isascii() or not _fits_latin_1(text):
            continue
        pair = desk.text("charset-")
        for charset in ("utf-8", "latin-1"):
            header = "Basic " + base64.b64encode(text.encode(charset)).decode("ascii")
            probe = Probe("credential-charset", pair, charset)
            yield from desk.one(replace(desk.send("list_stations"), authorization=header, probe=probe))


def _fits_latin_1(text: str) -> bool:
    return all(ord(character) < 256 for character in text)
