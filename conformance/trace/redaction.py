"""From raw traffic to events that name nobody.

A sensitive value becomes a keyed token: equal value, equal token; nothing else can be learned without the
key, which is never written. A value is replaced word by word, so that blanks, commas, emptiness and the way
a full name is put together stay judgeable; two values that differ only in case share the part before the dot.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from functools import cached_property, partial
from typing import TypeVar
from urllib.parse import quote, unquote, unquote_plus

from lxml import etree

from conformance.spec import Kind, Method, Spec
from conformance.trace.addresses import covered_path
from conformance.trace.events import Authorization
from conformance.trace.facts import (
    CREDENTIALS_IN,
    DAYS_OFF,
    HEADERS,
    NAME_LENGTH,
    SAME_DAY,
    character_facts,
    date_form,
    perhaps_meant,
)
from conformance.trace.http_words import CREDENTIAL_NAMES, HTTP_DATE, KEPT_HEADERS, SCHEMES, VERBS
from conformance.trace.met import LEAST, Met
from conformance.trace.reasons import readers_own
from conformance.trace.redacted_documents import FIGURES, LEAST_SECRET, LONGEST_SCALAR, WORDS_FOR_SCALARS, Documents
from conformance.trace.tokens import TOKEN
from conformance.wire import (
    Credentials,
    Malformed,
    NoCredentials,
    Pair,
    date_format,
    day_written,
    parse_authorization,
    parse_guid,
    parse_parameter_date,
    parse_query,
)

Headers = tuple[tuple[str, str], ...]
_K = TypeVar("_K")
_V = TypeVar("_V")
_LONGEST_KEPT, _MOST_KEPT = 256, 20_000
_MOST_REMEMBERED = 100  # logins, paths and headers: a run has few, and sends them again and again
_LEAST_IN_HEADERS = 4
_BITS_OF_A_LETTER = 5
_NEAR_DAYS = 7
_LONGEST_VALUE = 4096  # what is longer is no name: one token for all of it
_OPEN_KINDS = {Kind.GUID, Kind.BOOLEAN, Kind.DATE}
_PLAIN_NAME = re.compile(r"[A-Za-z_]{1,32}")
"""What a name of a parameter looks like, the guide's or not; figures may be somebody's."""
_TRADE_WORDS = """
api_key apikey callback culture debug encoding format foo lang language locale name nocache page query random
session sessionid ssn test time timestamp token type value version
"""
_OF_THE_TRADE = CREDENTIAL_NAMES.union(_TRADE_WORDS.split())
"""Names of parameters that programs add by habit: whoever wrote them wants to be told which it was."""
_HEADER_NAME = re.compile(r"[a-z][a-z0-9_-]{1,39}")
_LOGIN_IN_URL = re.compile(r"://[^/\s@?#]+:[^/\s@?#]+@")
_PIECE = re.compile(r"[^\W_]{4,}")
_JSON_PIECE = re.compile(r'"(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]{5,}|[^"\s{}\[\]:,]{6,}', re.DOTALL)
_PLACEHOLDER = re.compile(r"<\w+>")
_BETWEEN = re.compile(r"(\s+|,(?=\s|$))")
"""What stands between words: a blank, or the comma of ``last name, first name``."""


@dataclass
class Redactor:
    """Replaces what must not be stored. One per run; remembers the sensitive values it has met, in memory only."""

    spec: Spec
    key: bytes
    raw: bool = False
    """True only on the user's explicit wish: everything but passwords is kept in clear."""
    _met: Met = field(default_factory=Met)
    _secrets: Met = field(default_factory=Met)
    """Passwords and whole headers; replaced in raw recordings as well."""
    _accounts: set[str] = field(default_factory=set)
    _told: dict[str, str] = field(default_factory=dict)
    """Short texts of the server's own, and what of them is on record."""
    _logins: dict[str, Authorization] = field(default_factory=dict)
    """Headers as facts, in memory only."""
    _paths: dict[str, str] = field(default_factory=dict)
    """Paths of calls, as they are recorded."""
    _beside: dict[tuple[int, Headers], dict[str, str]] = field(default_factory=dict)
    """What ``credentials_beside`` says of headers, after so many secrets were met."""
    born: str = ""
    """The birth date of whom the PMS was told to do something with, as the record has it; in memory only."""

    def token(self, value: str) -> str:
        """``value`` with each word replaced; '' stays ''. Idempotent on its own tokens."""
        return value if self.raw else self._tokens(value)

    def days_off(self, day: str) -> str:
        """How many days a date is from the record's that it just misses (``-1``) or is (``0``); '' for any other.

        Whoever looks for the reason needs to know that it is one day. The distance of a date that everybody knows, such
        as a least one, would tell the record's: those are far away.
        """
        try:
            days = (date.fromisoformat(day) - date.fromisoformat(self.born)).days
        except ValueError:
            return ""
        return str(days) if abs(days) <= _NEAR_DAYS else ""

    def cover(self, value: str) -> str:
        """Tokens for a text of the server's own, whose words are not worth looking for elsewhere."""
        return value if self.raw else self._covered(value)

    def _covered(self, value: str) -> str:
        if len(value) > _LONGEST_VALUE:
            return self._made(value)
        return "".join(part if _BETWEEN.fullmatch(part) else self._made(part) for part in _BETWEEN.split(value) if part)

    def account(self, value: str) -> str:
        """The token of a user's name, even in raw recordings: passwords are typed into the wrong field.

        It is no patient's, and not looked for elsewhere: computers and stations are called by the same words.
        """
        return self._covered(value)

    def _tokens(self, value: str) -> str:
        if len(value) > _LONGEST_VALUE:
            return self._made(value)
        known = self._met.get(value)
        if known is None:
            parts = [part if _BETWEEN.fullmatch(part) else self._word(part) for part in _BETWEEN.split(value) if part]
            known = self._met.remember(value, "".join(parts))
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
        if self._secrets.get(secret) == token:
            return
        said = (*(status.text for status in self.spec.statuses), *self._accounts)
        if len(secret) > LEAST and not any(secret.casefold() in text.casefold() for text in said):
            self._secrets.remember(secret, token)

    def _word(self, word: str) -> str:
        if TOKEN.fullmatch(word):
            return word
        for piece in _pieces(word):
            if piece != word and self._met.get(piece) is None:
                self._met.remember(piece, self._made(piece))
        return self._met.remember(word, self._made(word))

    def _made(self, word: str) -> str:
        if TOKEN.fullmatch(word):
            return word
        folded = word.casefold()
        token = "~" + self._digest("fold", folded, 12)
        return token if folded == word else f"{token}.{self._digest('exact', word, 6)}"

    def _digest(self, use: str, text: str, length: int) -> str:
        mac = hmac.digest(self.key, f"{use}:{text}".encode("utf-8", "surrogatepass"), hashlib.sha256)
        enough = mac[: -(-length * _BITS_OF_A_LETTER // 8)]
        return base64.b32encode(enough).decode("ascii").lower()[:length]

    # -- requests ---------------------------------------------------------------------------------------------

    def target(self, target: str) -> tuple[str, dict[str, str]]:
        """The request target with sensitive values replaced, and facts about the texts that were hidden."""
        path, mark, query = target.partition("?")
        method = self.spec.method_by_folded_name.get(path.rstrip("/").rpartition("/")[2].casefold())
        path = self._path(path)
        if not mark:
            return path, {}
        facts: dict[str, str] = {}
        parts = [self._pair(pair, method, facts) for pair in parse_query(query)]
        return path + "?" + "&".join(parts), facts

    def _path(self, path: str) -> str:
        known = self._paths.get(path)
        if known is None:
            known = covered_path(path, self.spec, self.cover, self.secret)
            _keep(self._paths, path, known)
        return known

    def _pair(self, pair: Pair, method: Method | None, facts: dict[str, str]) -> str:
        parameter = method.by_folded_name.get(pair.name.casefold()) if method else None
        name = parameter.role if parameter else self._name(pair)
        told = list(pair.flaws)
        if name != pair.name and parameter is None and "no-equals" not in pair.flaws:
            told.append(f"{NAME_LENGTH}:{len(pair.name)}")
        hidden = parameter is None or parameter.sensitive or not self._open(pair.value, parameter.kind)
        if parameter is not None and parameter.kind is Kind.DATE:
            told.append(f"date:{date_format(pair.value).value}")
            told.extend(self._day(pair.value) if hidden else ())
            told.extend(date_form(pair.value) if hidden else ())
            told.extend(self._off(pair.value) if parameter.sensitive else ())
        if hidden and pair.value:
            told.extend(character_facts(pair.value))
            text = parameter is not None and parameter.kind is Kind.TEXT
            meant = perhaps_meant(pair) if text else ()
            told.extend(f"{how}:{quote(self.cover(other), safe='~')}" for how, other in meant)
        if told:
            facts[name] = " ".join(told)
        if self.raw:
            return self._without_secrets(pair.raw)
        if not hidden:
            return pair.raw
        written = pair.name if parameter else name
        return f"{quote(written, safe='~')}={quote(self.token(pair.value), safe='~')}"

    def _day(self, value: str) -> tuple[str, ...]:
        """The day of a date that is written in another way than a record has it: a token of the whole hides that."""
        day = day_written(value)
        return (f"day:{self.token(day)}",) if day and day != value else ()

    def _off(self, value: str) -> tuple[str, ...]:
        off = self.days_off(day_written(value))
        return (f"{DAYS_OFF}:{off}",) if off not in ("", SAME_DAY) else ()

    def _name(self, pair: Pair) -> str:
        """A name that the method does not have: what stands behind an ampersand in somebody's name is none."""
        plain = _PLAIN_NAME.fullmatch(pair.name) and "no-equals" not in pair.flaws
        told = plain and self._technical(pair.name.casefold()) and not self._met.said_in(pair.name)
        return pair.name if told else self.cover(pair.name)

    def _technical(self, name: str) -> bool:
        """True for what is nearly a name of the guide, and for names of the trade; any other may be somebody's."""
        return len(name) < LEAST or name in _OF_THE_TRADE or bool(get_close_matches(name, self._parameters, n=1))

    @cached_property
    def _parameters(self) -> list[str]:
        return sorted({parameter.name.casefold() for method in self.spec.methods for parameter in method.parameters})

    def verb(self, verb: str) -> str:
        """One of HTTP's own, in whatever case, or a token."""
        return verb if verb.casefold() in VERBS else self.cover(verb)

    def _open(self, value: str, kind: Kind) -> bool:
        """True for values that can name nobody: identifiers of 3DD's own making, Booleans, filter dates."""
        if kind not in _OPEN_KINDS or not value:
            return not value
        if kind is Kind.GUID:
            return not isinstance(parse_guid(value), Malformed)
        if kind is Kind.BOOLEAN and value.casefold() in WORDS_FOR_SCALARS:
            return True
        if kind is Kind.DATE and not isinstance(parse_parameter_date(value), Malformed):
            return len(value) <= LONGEST_SCALAR
        return FIGURES.fullmatch(value) is not None and not self._met.said_in(value, LEAST_SECRET)

    def authorization(self, header: str | None) -> Authorization:
        """The header as facts; the password is never kept, not even in raw recordings."""
        text = header or ""
        known = self._logins.get(text)
        if known is None:
            known = self._read(text)
            _keep(self._logins, text, known)
        return known

    def _read(self, header: str) -> Authorization:
        credentials = parse_authorization(header)
        if isinstance(credentials, NoCredentials):
            return Authorization()
        scheme = header.strip().partition(" ")[0]
        if scheme.lower() not in SCHEMES:
            scheme = "?"  # a header without a scheme begins with what must not be kept
        if isinstance(credentials, Malformed):
            self._hide(header.strip().partition(" ")[2].strip(), "~credentials")
            return Authorization(scheme=scheme, flaw=credentials.reason)
        assert isinstance(credentials, Credentials)
        self._accounts.add(credentials.user)
        self._hide(header.strip().partition(" ")[2].strip(), "~credentials")
        charset = "ascii" if f"{credentials.user}{credentials.password}".isascii() else credentials.charset
        return Authorization(scheme, "", self.account(credentials.user), self.secret(credentials.password), charset)

    def headers(self, headers: Headers) -> dict[str, str]:
        """Those headers that tell no secret, names in lower case."""
        return {
            name.lower(): self._header(name, value)[:300] for name, value in headers if name.lower() in KEPT_HEADERS
        }

    def credentials_beside(self, headers: Headers) -> dict[str, str]:
        """A fact about the headers that hold a login though they are not for it; {} for none. Values are not told.

        What says who asks, or in which form, may hold a password by chance: there only a whole login counts.
        """
        key = len(self._secrets), headers
        known = self._beside.get(key)
        if known is None:
            known = self._held_beside(headers)
            _keep(self._beside, key, known)
        return known

    def _held_beside(self, headers: Headers) -> dict[str, str]:
        authorization = next((value for name, value in headers if name.lower() == "authorization"), None)
        login = parse_authorization(authorization)
        pair = f"{login.user}:{login.password}" if isinstance(login, Credentials) and login.password else ""
        encoded = (authorization or "").strip().partition(" ")[2].strip() if pair else ""
        others = [(name.lower(), value[:_LONGEST_VALUE]) for name, value in headers if name.lower() != "authorization"]
        found = {name for name, value in others if self._holds_login(name, value, pair, encoded)}
        told = [f"{CREDENTIALS_IN}:{self._header_name(name)}" for name in sorted(found)]
        return {HEADERS: " ".join(told)} if told else {}

    def _holds_login(self, name: str, value: str, pair: str, encoded: str) -> bool:
        if not value:
            return False
        views = {value, unquote(value), unquote_plus(value)}
        if any(part and part in view for part in (pair, encoded) for view in views):
            return True
        if name in KEPT_HEADERS:
            return False
        return _LOGIN_IN_URL.search(value) is not None or self._secrets.said_in(value, LEAST_SECRET)

    def _header_name(self, name: str) -> str:
        plain = _HEADER_NAME.fullmatch(name) and not self._met.said_in(name) and not self._secrets.said_in(name)
        return name if plain else self._covered(name)

    def _header(self, name: str, value: str) -> str:
        """Without what a server says back: secrets, and the query of the place where it sends the caller."""
        value = value[:_LONGEST_VALUE]
        if value.isdigit() or (name.lower() == "date" and HTTP_DATE.fullmatch(value)):
            return value
        value = self._without_secrets(value, LEAST_SECRET)
        if self.raw:
            return value
        if name.lower() == "location":
            return covered_path(value.partition("?")[0].partition("#")[0], self.spec, self.cover, self.secret)
        return self._met.scrub(value, self._made, _LEAST_IN_HEADERS)

    def _without_secrets(self, text: str, least: int = LEAST) -> str:
        return self._secrets.scrub(text, lambda word: "~" + self._digest("secret", word, 16), least)

    # -- replies ----------------------------------------------------------------------------------------------

    def scrub(self, text: str) -> str:
        """Free text with every sensitive value met so far replaced by its token; the guide's own texts stay.

        So does what was told before, as it was told: the id of a station does not change with whom the run meets.
        """
        told = self._told.get(text)
        if told is None:
            told = self._scrubbed(text)
            if len(text) <= _LONGEST_KEPT and len(self._told) < _MOST_KEPT:
                self._told[text] = told
        return told

    def _scrubbed(self, text: str) -> str:
        if not text or _plain(text) in self._own_texts:
            return text
        own = next((own for own in self._own_beginnings if text.casefold().startswith(own)), "")
        kept, text = text[: len(own)], self._without_secrets(text[len(own) :])
        return kept + (text if self.raw else self._met.scrub(text, self._made))

    def json_text(self, text: str) -> str:
        """JSON with its texts and long numbers scrubbed, and written as it was."""
        return _JSON_PIECE.sub(lambda piece: self._json_piece(piece[0]), text)

    def _json_piece(self, piece: str) -> str:
        try:
            said = json.loads(piece)
        except ValueError:
            return self.scrub(piece)
        if not isinstance(said, str):
            return "0" if not self.raw and self._met.said_in(piece, LEAST_SECRET) else piece
        kept = said if said.casefold() in self._documents.known_names else self.scrub(said)
        return piece if kept == said else json.dumps(kept)

    @cached_property
    def _own_texts(self) -> frozenset[str]:
        listed = (value for record in self.spec.records for field in record.fields for value in field.values)
        return frozenset(map(_plain, (*(status.text for status in self.spec.statuses), *listed)))

    @cached_property
    def _own_beginnings(self) -> tuple[str, ...]:
        """Of the guide's texts into which something is put: they stay, whoever is called by one of their words."""
        parted = (_PLACEHOLDER.split(status.text, maxsplit=1) for status in self.spec.statuses)
        return tuple(parts[0].casefold() for parts in parted if len(parts) > 1)

    def reason(self, text: str) -> str:
        """Why a body could not be read, without the words of the body that the reader quotes."""
        if self.raw:
            return self._without_secrets(text)
        return readers_own(text)

    def document(self, root: etree._Element) -> dict[str, str]:
        """Redacts a parsed document in place; returns the facts that this hid."""
        return self._documents.redact(root)

    def names_nobody(self, namespaces: Iterable[tuple[str, str]]) -> bool:
        """False when the prefix or the address of a namespace, which nobody can change, says a value back."""
        return self._documents.names_nobody(namespaces)

    @cached_property
    def _documents(self) -> Documents:
        renamed = partial(self._digest, "name", length=12)
        return Documents(self.spec, self._met, self.cover, self.token, self.scrub, renamed, raw=self.raw)


def _keep(memo: dict[_K, _V], key: _K, value: _V) -> None:
    if len(memo) < _MOST_REMEMBERED:
        memo[key] = value


def _pieces(word: str) -> list[str]:
    """Half of a double name is said back alone. Four figures of a GUID stand in others by chance, and name nobody."""
    return _PIECE.findall(word) if isinstance(parse_guid(word), Malformed) else []


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
