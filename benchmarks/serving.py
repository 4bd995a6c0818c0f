"""The emulator as ``threedd emulator`` runs it, but with TLS or without; says in one JSON line where it is.

python -m benchmarks.serving [plain] [stepped] [fault=NAME]

``stepped`` moves its stations with each call instead of with time.
"""

from __future__ import annotations

import json
import sys

from conformance.emulator.clock import RealClock, SteppedClock
from conformance.emulator.embedded import Embedded, brisk_policy
from conformance.emulator.faults import select
from conformance.emulator.policy import Policy
from conformance.emulator.serve import FREEDOMS
from conformance.emulator.tls import TlsSettings
from conformance.spec import default_folder, load
from conformance.wire import encode_basic


def main(*, plain: bool = False, stepped: bool = False, fault: str = "") -> None:
    """Serves until its standard input ends."""
    spec = load(default_folder())
    policy, clock = (brisk_policy(), SteppedClock()) if stepped else (Policy(freedoms=FREEDOMS), RealClock())
    broken = select(fault) if fault else ()
    with Embedded(spec, policy, clock, tls=TlsSettings(plain=plain), faults=broken) as running:
        user = running.users[0]
        method = spec.method["list_stations"].name
        document = str(default_folder() / "openapi.yaml")
        about: dict[str, object] = {
            "base": running.url,
            "method": method,
            "login": encode_basic(user.user, user.password),
        }
        about |= {"user": (user.user, user.password)}
        print(json.dumps({**about, "document": document}), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    words = sys.argv[1:]
    faults = [word.partition("=")[2] for word in words if word.startswith("fault=")]
    main(plain="plain" in words, stepped="stepped" in words, fault="".join(faults))
