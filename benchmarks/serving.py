"""The emulator as ``threedd emulator`` runs it, but with TLS or without; says in one JSON line where it is.

python -m benchmarks.serving [plain]
"""

from __future__ import annotations

import json
import sys

from conformance.emulator.clock import RealClock
from conformance.emulator.embedded import Embedded
from conformance.emulator.policy import Policy
from conformance.emulator.serve import FREEDOMS
from conformance.emulator.tls import TlsSettings
from conformance.spec import default_folder, load
from conformance.wire import encode_basic


def main(*, plain: bool) -> None:
    """Serves until its standard input ends."""
    spec = load(default_folder())
    with Embedded(spec, Policy(freedoms=FREEDOMS), RealClock(), tls=TlsSettings(plain=plain)) as running:
        user = running.users[0]
        method = spec.method["list_stations"].name
        document = str(default_folder() / "openapi.yaml")
        about = {"base": running.url, "method": method, "login": encode_basic(user.user, user.password)}
        print(json.dumps({**about, "document": document}), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(plain="plain" in sys.argv[1:])
