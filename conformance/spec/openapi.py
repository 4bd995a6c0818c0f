"""openapi.yaml -> service, methods, records, documents.

Only the part of OpenAPI that the specs use is known here; a key outside it is rejected, because a
misspelt x- key would otherwise switch a rule off without a word. ``$ref`` is followed inside the
file. The shapes of messages are read by schemas.py.
"""

import re
from collections.abc import Iterator

from conformance.spec.errors import SpecError, nearest
from conformance.spec.objects import Condition, DocumentType, Kind, Method, Outcome, Parameter, RunsOn, Service
from conformance.spec.rows import Row, as_row, unique
from conformance.spec.schemas import SCHEMA_KEYS, kind_of

_TOP = [
    "openapi",
    "info",
    "servers",
    "security",
    "tags",
    "externalDocs",
    "paths",
    "components",
    "x-certificate-authority",
    "x-minimum-tls",
    "x-parameter-names",
]
_PATH = ("get", "summary", "description")
_OPERATION = [
    "operationId",
    "summary",
    "description",
    "tags",
    "externalDocs",
    "security",
    "deprecated",
    "parameters",
    "responses",
    "x-role",
    "x-runs-on",
    "x-heading",
    "x-outcomes",
]
_PARAMETER = [
    *("name", "in", "required", "description", "deprecated", "schema", "example"),
    *("x-role", "x-misspelt", "x-sensitive"),
]
_OUTCOME = ("when", "parameter", "status", "reading")
_TLS = ("TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3")


class OpenApi:
    """The parsed file, with references followed on the way."""

    def __init__(self, file: str, value: object) -> None:
        self.top = as_row(file, "", value)
        self.top.only(_TOP)
        if self.top.text("x-parameter-names") != "case-insensitive":
            raise self.top.wrong('has another "x-parameter-names"', "expected case-insensitive, the only way supported")

    def follow(self, value: object, name: str) -> Row:
        """``value`` as a row, or what its ``$ref`` leads to."""
        row = as_row(self.top.file, name, value)
        target = row.values.get("$ref")
        if target is None:
            return row
        row.only(("$ref",))  # OpenAPI drops whatever stands beside it
        return self._resolve(row, target)

    def _resolve(self, row: Row, target: object) -> Row:
        found: object = self.top.values
        for step in str(target).removeprefix("#/").split("/"):
            found = found.get(step) if isinstance(found, dict) else None
        if found is None:
            raise row.wrong(
                f'refers to "{target}"', "expected a path inside this file, such as #/components/schemas/Name"
            )
        return as_row(row.file, row.name, found)


def service(api: OpenApi) -> Service:
    """Where the service lives, from the first server; the ports of the others are kept as well."""
    servers = api.top.items("servers")
    if not servers:
        raise api.top.wrong('has no "servers"', "name one")
    parts, *others = [_address(as_row(api.top.file, "servers", server)) for server in servers]
    return Service(
        scheme=parts["scheme"],
        port=int(parts["port"]),
        base_path=(parts["path"] or "").rstrip("/"),
        authority_thumbprint=_thumbprint(api),
        minimum_tls=api.top.word("x-minimum-tls", _TLS),
        authentication_scheme=_authentication(api),
        other_ports=tuple(int(other["port"]) for other in others),
    )


def _address(row: Row) -> re.Match[str]:
    parts = re.fullmatch(r"(?P<scheme>[a-z]+)://[^/:]+:(?P<port>[0-9]{1,5})(?P<path>/.*)?", row.text("url"))
    if parts is None:
        raise row.wrong(f'has the url "{row.text("url")}"', "expected scheme://{host}:port/path")
    return parts


def methods(api: OpenApi, documents: tuple[DocumentType, ...]) -> tuple[Method, ...]:
    """One method per path, in the file's order."""
    paths = api.top.row("paths")
    names: dict[str, Row] = {}
    roles: dict[str, Row] = {}
    found = []
    for path in paths.values:
        place = paths.row(path, path)
        place.only(_PATH)
        row = place.row("get", path)
        method = _method(api, row, path, documents)
        unique(row, "name", method.name.casefold(), names)
        unique(row, "role", method.role, roles)
        found.append(method)
    return tuple(found)


def _method(api: OpenApi, row: Row, path: str, documents: tuple[DocumentType, ...]) -> Method:
    row.only(_OPERATION)
    name = row.text("operationId")
    if path != f"/{name}":
        raise row.wrong(f'has the operationId "{name}"', f"expected the last part of the path, {path.lstrip('/')}")
    parameters = tuple(_parameters(api, row))
    method = Method(
        name=name,
        role=row.text("x-role"),
        runs_on=row.choice("x-runs-on", RunsOn),
        parameters=parameters,
        answer=_answer(api, row, documents),
        outcomes=tuple(_outcomes(row, {p.role for p in parameters})),
        heading=row.text("x-heading"),
    )
    if method.runs_on is RunsOn.ANSWER and not method.answer:
        raise row.wrong('has the x-runs-on "answer" and no document', "give its response 200 a schema")
    return method


def _parameters(api: OpenApi, method: Row) -> Iterator[Parameter]:
    names: dict[str, Row] = {}
    roles: dict[str, Row] = {}
    for number, item in enumerate(method.items("parameters"), start=1):
        row = api.follow(item, f"{method.name} parameter {number}")
        row = Row(row.file, f"{method.name.lstrip('/')}.{row.text('name')}", row.values)
        parameter = _parameter(row)
        unique(row, "name", parameter.name.casefold(), names)
        unique(row, "role", parameter.role, roles)
        yield parameter


def _parameter(row: Row) -> Parameter:
    row.only(_PARAMETER)
    row.word("in", ("query",))
    schema = row.row("schema")
    schema.only(SCHEMA_KEYS)
    kind = kind_of(schema)
    if kind is Kind.RECORDS:
        raise schema.wrong("is a list", "expected a single value")
    return Parameter(
        name=row.text("name"),
        role=row.text("x-role"),
        kind=kind,
        mandatory=row.flag("required"),
        default=_on_the_wire(schema, "default"),
        sensitive=row.flag("x-sensitive"),
        example=_on_the_wire(row, "example"),
        misspelt=row.texts("x-misspelt", ()),
    )


def _on_the_wire(row: Row, key: str) -> str:
    value = row.values.get(key, "")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int):
        return str(value)
    raise row.wrong(f'has {value!r} as "{key}"', "expected a single value")


def _outcomes(method: Row, roles: set[str]) -> Iterator[Outcome]:
    conditions = {c.value.replace("_", "-"): c for c in Condition}
    for number, item in enumerate(method.items("x-outcomes"), start=1):
        row = as_row(method.file, f"{method.name.lstrip('/')} outcome {number}", item)
        row.only(_OUTCOME)
        parameter = row.text("parameter")
        if parameter not in roles:
            hint = nearest(parameter, roles)
            raise row.wrong(
                f'names the parameter role "{parameter}"{hint}', "expected the x-role of one of its parameters"
            )
        condition = conditions[row.word("when", tuple(conditions))]
        yield Outcome(condition, parameter, row.text("status"), row.text("reading", ""))


def _answer(api: OpenApi, method: Row, documents: tuple[DocumentType, ...]) -> str:
    good = api.follow(method.row("responses").row("200").values, f"{method.name} response 200")
    if not good.has("content"):
        return ""
    media = good.row("content")
    targets = {str(media.row(kind).row("schema").values.get("$ref")) for kind in media.values}
    roots = {target: api.follow({"$ref": target}, method.name) for target in targets}
    for document in documents:
        for row in roots.values():
            if row.values.get("x-document") is True and row.values.get("x-role") == document.role:
                return document.role
    raise method.wrong(f"answers with {', '.join(sorted(targets))}", "expected a schema with x-document: true")


def _thumbprint(api: OpenApi) -> str:
    row = api.top.row("x-certificate-authority")
    row.only(("thumbprint-sha1",))
    value = row.text("thumbprint-sha1")
    if not re.fullmatch("[0-9a-fA-F]{40}", value):
        raise row.wrong(f'has the thumbprint-sha1 "{value}"', "expected 40 hexadecimal digits")
    return value


def _authentication(api: OpenApi) -> str:
    schemes = api.top.row("components").row("securitySchemes")
    for name in schemes.values:
        row = schemes.row(name)
        if row.text("type") == "http":
            return row.text("scheme")
    raise SpecError(schemes.file, schemes.name, "has no scheme of type http", "add one")
