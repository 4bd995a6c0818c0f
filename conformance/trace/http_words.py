"""What HTTP itself says, and may be kept: verbs, schemes of authentication, and headers that tell no secret."""

from __future__ import annotations

import re

HTTP_DATE = re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [A-Z]{3}")
VERBS = frozenset(["get", "head", "post", "put", "delete", "connect", "options", "trace", "patch"])
SCHEMES = frozenset(["basic", "bearer", "digest", "hoba", "mutual", "negotiate", "ntlm", "oauth", "token", "apikey"])
CREDENTIAL_NAMES = frozenset(
    {"user", "username", "login", "password", "passwd", "pwd", "pass", "credentials", "authorization", "auth"}
)
"""Of parameters in which programs put credentials into addresses, where they do not belong."""
KEPT_HEADERS = frozenset(
    {
        *("accept", "accept-encoding", "accept-charset", "content-type", "content-length", "content-encoding"),
        *("user-agent", "host", "connection", "server", "date", "www-authenticate", "location"),
        *("via", "proxy-authenticate"),
        *("transfer-encoding", "allow", "retry-after", "cache-control"),
    }
)
