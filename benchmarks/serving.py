"""The emulator as ``threedd emulator`` runs it, but with TLS or without; says in one JSON line where it is.

python -m benchmarks.serving [plain] [stepped] [fault=NAME] [port=NUMBER] [journal=FILE] [answer=FILE]

``stepped`` moves its stations with each call instead of with time. With ``answer`` it is not the emulator that answers:
whoever calls gets what is in that file, from the same server stack.
"""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack
from pathlib import Path

from conformance.emulator.clock import RealClock, SteppedClock
from conformance.emulator.embedded import Embedded, Ports, brisk_policy
from conformance.emulator.faults import select
from conformance.emulator.listener import Loop
from conformance.emulator.policy import Policy
from conformance.emulator.protocol import Response
from conformance.emulator.serve import FREEDOMS
from conformance.emulator.temporary import temporary_folder
from conformance.emulator.tls import TlsSettings, protect
from conformance.spec import Spec, default_folder, load
from conformance.trace import Recorder, Redactor
from conformance.trace.journal import Journal
from conformance.wire import encode_basic


def emulated(spec: Spec, words: set[str], named: dict[str, str], stack: ExitStack) -> dict[str, object]:
    """Starts the emulator; where it is, and how to sign in."""
    stepped = "stepped" in words
    policy, clock = (brisk_policy(), SteppedClock()) if stepped else (Policy(freedoms=FREEDOMS), RealClock())
    recorder = None
    if "journal" in named:
        journal = stack.enter_context(Journal(Path(named["journal"]), {}))
        recorder = Recorder(spec, Redactor(spec, b"bench"), [journal.append])
    running = stack.enter_context(
        Embedded(
            spec,
            policy,
            clock,
            tls=TlsSettings(plain="plain" in words),
            faults=select(named["fault"]) if "fault" in named else (),
            recorder=recorder,
            ports=Ports(port=int(named.get("port", "0"))),
        )
    )
    user = running.users[0]
    return {
        "base": running.url,
        "login": encode_basic(user.user, user.password),
        "user": (user.user, user.password),
        "document": str(default_folder() / "openapi.yaml"),
    }


def repeated(answer: Path, port: int, stack: ExitStack) -> dict[str, object]:
    """Starts the server stack of the emulator with a handler that always says the same."""
    headers = (("Content-Type", "application/xml; charset=utf-8"),)
    always = Response(200, headers, answer.read_bytes())
    protection = protect(TlsSettings(), stack.enter_context(temporary_folder()))
    listener = stack.enter_context(Loop()).serve(lambda request: always, protection.context, port=port)
    return {"base": f"https://{listener.address}"}


def main(words: set[str]) -> None:
    """Serves until its standard input ends."""
    named = dict(word.split("=", 1) for word in words if "=" in word)
    with ExitStack() as stack:
        if "answer" in named:
            about = repeated(Path(named["answer"]), int(named["port"]), stack)
        else:
            about = emulated(load(default_folder()), words, named, stack)
        print(json.dumps(about), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(set(sys.argv[1:]))
