"""How a PMS reaches an emulator: as what a driver is told, and as what a program finds in its environment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from conformance.certify.pms import Server
from conformance.emulator.embedded import Embedded


def server_of(running: Embedded) -> Server:
    """Its address, the last of its users, who has odd signs in the password, and whom to trust."""
    return accounts_of(running)[-1]


def accounts_of(running: Embedded) -> Sequence[Server]:
    """The same for each of its users; the last is the usual one."""
    trusted = str(running.authority_pem), running.thumbprint
    return tuple(Server(running.url, user.user, user.password, *trusted) for user in running.users)


def environment(server: Server) -> Mapping[str, str]:
    """The variables that the examples read."""
    return {
        "THREEDD_URL": server.url,
        "THREEDD_USER": server.user,
        "THREEDD_PASSWORD": server.password,
        "THREEDD_CA": server.ca_file,
        "THREEDD_THUMBPRINT": server.thumbprint,
    }
