"""From raw traffic to events that name nobody.

A sensitive value becomes a keyed token: equal value, equal token; nothing else can be learned without the
key, which is never written. A value is replaced word by word, so that blanks, emptiness and the way
a full name is put together stay judgeable; two values that differ only in case share the part before the dot.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass, field
from urllib.parse import quote

from lxml import etree

from conformance.spec import Kind, Method, Spec
from conformance.trace.events import Authorization
from conformance.wire import (
    Credentials,
    Malformed,
    NoCredentials,
    Pair,
    date_format,
    parse_authorization,
    parse_guid,
    parse_query,
)

_TOKEN = re.compile(r"~[a-z2-7]{12}(\.[a-z2-7]{6})?\Z")
_SCRUBBED = 3  # shorter values stand in any text by chance
_LEAST_SECRET = 6  # shorter ones stand in dates and versions by chance
_LONGEST_VALUE = 4096  # what is longer is no name: one token for all of it
_LONGEST_SCALAR = 64  # a number, date or GUID
_LONGEST_TEXT = 65_536  # characters of one field, and ...
_MOST_ATTRIBUTES = 64
_KEPT_TEXT = 1_000_000  # ... of one document: more has no place in this service, and costs minutes to search
_OPEN_KINDS = {Kind.GUID, Kind.BOOLEAN, Kind.DATE}
_SCHEMA_INSTANCE = "{http://www.w3.org/2001/XMLSchema-instance}"
_SCHEMES = frozenset(["basic", "bearer", "digest", "hoba", "mutual", "negotiate", "ntlm", "oauth", "token", "apikey"])
KEPT_HEADERS = frozenset(
    {
        *("accept", "accept-encoding", "accept-charset", "content-type", "content-length", "content-encoding"),
        *("user-agent", "host", "connection", "server", "date", "www-authenticate", "location"),
        *("via", "proxy-authenticate"),
        *("transfer-encoding", "allow", "retry-after", "cache-control"),
    }
)


@dataclass
class Redactor:
    """Replaces what must not be stored. One per run; remembers the sensitive values it has met, in memory only."""

    spec: Spec
    key: bytes
    raw: bool = False
    """True only on the user's explicit wish: everything but passwords is kept in clear."""
    _met: dict[str, str] = field(default_factory=dict)
    _starts: dict[str, list[str]] = field(default_factory=dict)
    """The values met by their first letters, so that free text is searched in one pass."""
    _secrets: dict[str, str] = field(default_factory=dict)
    """Passwords and whole headers; replaced in raw recordings as well."""
    _accounts: set[str] = field(default_factory=set)

    def token(self, value: str) -> str:
        """``value`` with each word replaced; '' stays ''. Idempotent on its own tokens."""
        return value if self.raw else self._tokens(value)

    def cover(self, value: str) -> str:
        """Tokens for a text of the server's own, whose words are not worth looking for elsewhere."""
        if self.raw:
            return value
        if len(value) > _LONGEST_VALUE:
            return self._made(value)
        return "".join(part if part.isspace() else self._made(part) for part in re.split(r"(\s+)", value) if part)

    def account(self, value: str) -> str:
        """The token of a user's name, even in raw recordings: passwords are typed into the wrong field."""
        return self._tokens(value)

    def _tokens(self, value: str) -> str:
        if len(value) > _LONGEST_VALUE:
            return self._made(value)
        known = self._met.get(value)
        if known is None:
            parts = [part if part.isspace() else self._word(part) for part in re.split(r"(\s+)", value) if part]
            known = self._remember(value, "".join(parts))
        return known

    def secret(self, value: str) -> str:
        """A token even in raw recordings: passwords."""
        if not value:
            return ""
        token = self._digest("secret", value, 16)
        self._hide(value, token)
        return token

    def _hide(self, secret: str, token: str) -> None:
        """Has a secret replaced wherever a server says it back; not the guide's own words, nor the name of a user."""
        said = (*(status.text for status in self.spec.statuses), *self._accounts)
        if len(secret) > _SCRUBBED and not any(secret.casefold() in text.casefold() for text in said):
            self._secrets[secret] = token

    def _word(self, word: str) -> str:
        return word if _TOKEN.match(word) else self._remember(word, self._made(word))

    def _made(self, word: str) -> str:
        if _TOKEN.match(word):
            return word
        folded = word.casefold()
        token = "~" + self._digest("fold", folded, 12)
        return token if folded == word else f"{token}.{self._digest('exact', word, 6)}"

    def _remember(self, value: str, token: str) -> str:
        if value not in self._met and len(value) >= _SCRUBBED:
            self._starts.setdefault(value[:_SCRUBBED], []).append(value)
        self._met[value] = token
        return token

    def _digest(self, use: str, text: str, length: int) -> str:
        mac = hmac.new(self.key, f"{use}:{text}".encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
        return base64.b32encode(mac).decode("ascii").lower()[:length]

    # -- requests ---------------------------------------------------------------------------------------------

    def target(self, target: str) -> tuple[str, dict[str, str]]:
        """The request target with sensitive values replaced, and facts about the texts that were hidden."""
        path, mark, query = target.partition("?")
        method = self.spec.method_by_folded_name.get(path.rstrip("/").rpartition("/")[2].casefold())
        if not mark:
            return path, {}
        facts: dict[str, str] = {}
        parts = [self._pair(pair, method, facts) for pair in parse_query(query)]
        return path + "?" + "&".join(parts), facts

    def _pair(self, pair: Pair, method: Method | None, facts: dict[str, str]) -> str:
        parameter = method.by_folded_name.get(pair.name.casefold()) if method else None
        name = parameter.role if parameter else pair.name
        told = list(pair.flaws)
        hidden = parameter is None or parameter.sensitive or not self._open(pair.value, parameter.kind)
        if parameter is not None and parameter.kind is Kind.DATE:
            told.append(f"date:{date_format(pair.value).value}")
        if hidden and pair.value and not self.raw:
            told.extend(_character_facts(pair.value))
        if told:
            facts[name] = " ".join(told)
        if self.raw or not hidden:
            return pair.raw
        return f"{quote(pair.name, safe='')}={quote(self.token(pair.value), safe='~')}"

    def _open(self, value: str, kind: Kind) -> bool:
        """True for values that can name nobody: identifiers of 3DD's own making, Booleans, filter dates."""
        if kind not in _OPEN_KINDS or not value:
            return not value
        if kind is Kind.GUID:
            return not isinstance(parse_guid(value), Malformed)
        return len(value) <= 40 and value.isascii()

    def authorization(self, header: str | None) -> Authorization:
        """The header as facts; the password is never kept, not even in raw recordings."""
        credentials = parse_authorization(header)
        if isinstance(credentials, NoCredentials):
            return Authorization()
        scheme = (header or "").strip().partition(" ")[0]
        if scheme.lower() not in _SCHEMES:
            scheme = "?"  # a header without a scheme begins with what must not be kept
        if isinstance(credentials, Malformed):
            return Authorization(scheme=scheme, flaw=credentials.reason)
        assert isinstance(credentials, Credentials)
        self._accounts.add(credentials.user)
        self._hide((header or "").strip().partition(" ")[2].strip(), "~credentials")
        charset = "ascii" if f"{credentials.user}{credentials.password}".isascii() else credentials.charset
        return Authorization(scheme, "", self.account(credentials.user), self.secret(credentials.password), charset)

    def headers(self, headers: tuple[tuple[str, str], ...]) -> dict[str, str]:
        """Those headers that tell no secret, names in lower case."""
        return {
            name.lower(): self._header(name, value)[:300] for name, value in headers if name.lower() in KEPT_HEADERS
        }

    def _header(self, name: str, value: str) -> str:
        """Without what a server says back: secrets, and the query of the place where it sends the caller."""
        if name.lower() == "location" and not self.raw:
            value = value.partition("?")[0]
        return value if value.isdigit() else self._without_secrets(value[:_LONGEST_VALUE], _LEAST_SECRET)

    def _without_secrets(self, text: str, least: int = 0) -> str:
        for secret, token in self._secrets.items():
            if len(secret) >= least:
                text = text.replace(secret, token)
        return text

    # -- replies ----------------------------------------------------------------------------------------------

    def scrub(self, text: str) -> str:
        """Free text with every sensitive value met so far replaced by its token."""
        text = self._without_secrets(text)
        if self.raw or not text:
            return text
        starts, parts, place, done = self._starts, [], 0, 0
        while place < len(text):
            value = self._longest(text, place) if text[place : place + _SCRUBBED] in starts else ""
            if value:
                parts += [text[done:place], self._met[value]]
                done = place + len(value)
            place += len(value) or 1
        return "".join((*parts, text[done:]))

    def _longest(self, text: str, place: int) -> str:
        """The longest value met that stands in ``text`` at ``place``, or ''."""
        starts = self._starts.get(text[place : place + _SCRUBBED], ())
        return max((value for value in starts if text.startswith(value, place)), key=len, default="")

    def document(self, root: etree._Element) -> dict[str, str]:
        """Redacts a parsed document in place; returns the facts that this hid."""
        facts: dict[str, str] = {}
        left = _KEPT_TEXT
        for element in root.iter():
            if element.attrib:
                self._attributes(element)
            if len(element) and element.text and element.text.strip():
                element.text = self.cover(element.text)
            elif isinstance(element.tag, str) and len(element) == 0 and element.text:
                element.text = self._leaf(element, facts, left)
                left = max(0, left - len(element.text))
            if element.tail and element.tail.strip():
                element.tail = self.cover(element.tail)
        return facts

    def _attributes(self, element: etree._Element) -> None:
        """Nothing of the service is told in attributes but whether there is a value, and of which type."""
        if len(element.attrib) > _MOST_ATTRIBUTES:  # each one is looked for from the first: thousands take minutes
            element.attrib.clear()
        for name, value in element.attrib.items():
            if not str(name).startswith(_SCHEMA_INSTANCE) or len(value) > _LONGEST_VALUE:
                element.set(name, self.cover(str(value)))

    def _leaf(self, element: etree._Element, facts: dict[str, str], left: int) -> str:
        """The redacted text; of texts other than images no more than ``left`` characters."""
        text = element.text or ""
        name = etree.QName(element).localname
        kind, sensitive = self._field(name, element)
        if kind is Kind.BYTES:
            return image_token(text, facts)
        if sensitive:
            return self.cover(text) if kind is None else self.token(text)
        if kind not in (None, Kind.TEXT) and len(text) <= _LONGEST_SCALAR:
            return text
        allowed = min(left, _LONGEST_TEXT)
        if len(text) > allowed:
            facts["cut"] = str(len(text))
        return self.scrub(text[:allowed])

    def _field(self, name: str, element: etree._Element) -> tuple[Kind | None, bool]:
        parent = element.getparent()
        if parent is None:
            document = self.spec.document_by_root.get(name)
            return (document.kind, False) if document else (None, True)
        record = etree.QName(parent).localname
        for candidate in self.spec.records:
            if candidate.name == record and name in candidate.by_name:
                found = candidate.by_name[name]
                return found.kind, found.sensitive
        return None, True


def image_token(text: str, facts: dict[str, str]) -> str:
    """Base64 of an image replaced by base64 of its digest; size and type go into ``facts``."""
    try:
        content = base64.b64decode("".join(text.split()), validate=True)
    except ValueError:
        facts["image_flaw"] = "not base64"
        return "?"
    if content.startswith(b"sha256:"):
        return text
    return base64.b64encode(image_facts(content, facts)).decode("ascii")


def image_facts(content: bytes, facts: dict[str, str]) -> bytes:
    """Writes size, type and digest of an image into ``facts`` and returns the bytes that stand for it."""
    digest = hashlib.sha256(content).hexdigest()
    facts.update(image_sha256=digest, image_size=str(len(content)), image_type=image_type(content))
    return f"sha256:{digest}".encode("ascii") if content else b""


def image_type(content: bytes) -> str:
    """jpeg, png, gif, bmp, tiff, webp or unknown, by the first bytes."""
    for start, name in (
        (b"\xff\xd8\xff", "jpeg"),
        (b"\x89PNG\r\n\x1a\n", "png"),
        (b"GIF8", "gif"),
        (b"BM", "bmp"),
        (b"II*\x00", "tiff"),
        (b"MM\x00*", "tiff"),
    ):
        if content.startswith(start):
            return name
    return "webp" if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else "unknown"


def _character_facts(value: str) -> list[str]:
    facts = [f"length:{len(value)}"]
    if value != value.strip():
        facts.append("blanks-around")
    if not value.isascii():
        facts.append("beyond-ascii")
    if any(c in value for c in "<>&\"'"):
        facts.append("markup")
    return facts
