"""Commands of ours that show a finding again, with what they need of the run that found it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from conformance.judge import OWN_SERVER, Ledger, Row
from conformance.report.commands import quoted
from conformance.report.server import Server
from conformance.spec import Binds, Spec

_SERVER = "threedd certify server"
_DRIVER = "--driver"
FOLDER = "FOLDER"
"""Stands for the folder of the report, where a command is to be run from where the run was."""


def replay(name: str, about: Mapping[str, str], *, play: str, of_pms: bool) -> str:
    """The replay of the capsule of that name; of what it can only be judged again, with ``--recorded``.

    A finding about a server elsewhere is played there, with the options of its run, a PMS by its driver. Then it is a
    command to run where the run was, since options name files; else in the folder of the report.
    """
    repeat = about.get("repeat", "")
    if of_pms:
        driver = _driver(repeat) if play else ""
        return f"threedd replay {FOLDER}/capsules/{name} {driver}" if driver else recorded(name)
    if not play:
        return recorded(name)
    if about.get("server") == OWN_SERVER:
        return f"threedd replay capsules/{name}"
    options = repeat.removeprefix(_SERVER).strip() if repeat.startswith(_SERVER) else ""
    return f"threedd replay {FOLDER}/capsules/{name} {options or quoted(about.get('subject', ''))}"


def recorded(name: str) -> str:
    """Judges what the capsule holds, in the folder of the report, and sends nothing."""
    return f"threedd replay capsules/{name} --recorded"


def _driver(repeat: str) -> str:
    """The option that names the driver, as it was given; '' for none."""
    try:
        words = shlex.split(repeat)
    except ValueError:
        return ""
    place = words.index(_DRIVER) + 1 if _DRIVER in words else len(words)
    if place >= len(words):
        return ""
    given = words[place]
    return f'{_DRIVER} "{given}"' if '"' not in given else f"{_DRIVER} {shlex.quote(given)}"


def run_again(ledger: Ledger, spec: Spec, seen: Server, play: str, *, begun: bool) -> tuple[str, ...]:
    """The run of the play that provoked a finding; of what none provoked the whole run, where that sends no call.

    ``begun`` says that there are calls to send: a run of which nobody knows how it was started is then one at them.
    """
    whole = ledger.about.get("repeat", "")
    if not whole and begun:
        elsewhere = "" if ledger.about.get("server") == OWN_SERVER else address(ledger, spec, seen)
        whole = f"{_SERVER} {elsewhere}".strip()
    if not whole or (begun and not play):
        return ()
    return (f"{whole} --only {quoted(play)}" if play else whole,)


def about_pms(row: Row | None, ledger: Ledger, spec: Spec) -> bool:
    """True for a finding about a PMS, whatever the run was about."""
    profile = spec.profile.get(ledger.profile)
    watched = profile is not None and profile.binds is Binds.PMS
    return row is not None and (row.binds == Binds.PMS or (row.binds == Binds.BOTH and watched))


def address(ledger: Ledger, spec: Spec, seen: Server) -> str:
    """Where calls can be sent again: the server that was seen; for ours, which has ended, one started anew."""
    if ledger.about.get("server") == OWN_SERVER:
        return f"{spec.service.scheme}://localhost:{spec.service.port}"
    host = seen.hosts[0] if seen.hosts else f"HOST:{spec.service.port}"
    return f"{spec.service.scheme}://{host}"
