"""A folder under specs/ -> one checked Spec, or a SpecError that says what to do.

Files are read first, each row checked alone; then what they say of each other; then profiles, which
need the requirements. Nothing here knows a name, a number or a text of any guide.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from conformance.spec import agreement, command_line, dialects, openapi, profiles, schemas, tables, vdds_media
from conformance.spec.errors import SpecError
from conformance.spec.objects import Method, Reading, Requirement, Spec
from conformance.spec.source import Source

OPENAPI_FILE = "openapi.yaml"


def load(folder: Path | None = None) -> Spec:
    """The spec in ``folder``; None for the default folder. Raises SpecError, whose fault is the folder's."""
    source = Source((folder or default_folder()).resolve())
    if not source.folder.is_dir():
        raise SpecError(source.folder.as_posix(), "", "is not a folder", "name a folder that holds openapi.yaml")
    api_file = source.label(OPENAPI_FILE)
    api = openapi.OpenApi(api_file, source.value(OPENAPI_FILE))
    shapes = schemas.schemas_of(api.top)
    records, documents = schemas.records(shapes), schemas.documents(shapes)
    methods = openapi.methods(api, documents)
    agreement.check_roles(api_file, methods, records, {d.role for d in documents})
    kept, statuses = tables.statuses(source)
    agreement.check_statuses(source.label(tables.STATUSES_FILE), statuses)
    filed_readings = tables.readings(source)
    readings = {reading.id: reading for reading, _ in filed_readings}
    agreement.check_outcomes(api_file, methods, {s.name for s in statuses}, readings)
    requirements = tables.requirements(source)
    agreement.check_requirements(requirements, agreement.shape_targets(methods, records), readings)
    headings = tables.headings(source)
    agreement.check_headings(headings, _citations(api_file, methods, filed_readings, requirements))
    return Spec(
        name=source.folder.name,
        folder=source.folder,
        digest=source.digest(),
        service=openapi.service(api),
        methods=methods,
        documents=documents,
        records=records,
        statuses=statuses,
        kept_operations=kept,
        requirements=requirements,
        readings=tuple(readings.values()),
        profiles=profiles.profiles(source, requirements),
        headings=headings,
        dialects=dialects.dialects(source, methods, readings),
        command_line=command_line.command_line(source),
        vdds=vdds_media.vdds_media(source),
    )


def default_folder() -> Path:
    """The newest spec folder that came with the package: in a wheel inside it, in a checkout beside it."""
    package = Path(__file__).resolve().parent.parent
    places = [package / "_data" / "specs", package.parent / "specs"]
    for place in places:
        found = sorted((path.parent for path in place.glob(f"*/{OPENAPI_FILE}")), key=_by_version)
        if found:
            return found[-1]
    looked = " or ".join(place.as_posix() for place in places)
    raise SpecError(looked, "", "holds no spec folder", "install the package again, or name a folder")


def _by_version(folder: Path) -> list[tuple[int, str]]:
    """1.10 after 1.9."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", folder.name)]


def _citations(
    api_file: str,
    methods: tuple[Method, ...],
    readings: tuple[tuple[Reading, str], ...],
    requirements: tuple[Requirement, ...],
) -> Iterator[tuple[str, str, str]]:
    for method in methods:
        yield api_file, method.name, method.heading
    for reading, file in readings:
        yield file, reading.id, reading.heading
    for row in requirements:
        yield row.file, row.id, row.heading
