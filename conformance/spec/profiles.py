"""profiles/*.yaml -> the sets of requirements that a subject is certified for.

A profile picks rows by id (globs), keeps those that bind its kind of subject, and drops those that
need what it cannot have, such as writing.
"""

from fnmatch import fnmatchcase

from conformance.spec.objects import Binds, JudgedBy, Obligation, Profile, Requirement
from conformance.spec.roles import NEEDS
from conformance.spec.rows import Row, as_row, unique
from conformance.spec.source import Source

_PROFILE = ("name", "title", "binds", "include", "exclude", "exclude-needs", "mandatory")
_MUST_ROWS = "must-rows"


def profiles(source: Source, requirements: tuple[Requirement, ...]) -> tuple[Profile, ...]:
    """Every profile, with its globs resolved; while there are no requirements at all, every profile is empty."""
    names: dict[str, Row] = {}
    found = []
    for name in source.names("profiles/*.yaml"):
        row = as_row(source.label(name), "", source.value(name))
        row = Row(row.file, f"profile {row.text('name')}", row.values)
        found.append(_profile(row, requirements))
        unique(row, "name", found[-1].name, names)
    return tuple(found)


def _profile(row: Row, requirements: tuple[Requirement, ...]) -> Profile:
    row.only(_PROFILE)
    binds = Binds(row.word("binds", (Binds.SERVER, Binds.PMS)))
    out_of_reach = set(row.words("exclude-needs", NEEDS))
    excluded = {requirement.id for requirement in _matching(row, "exclude", row.texts("exclude", ()), requirements)}
    chosen = tuple(
        requirement
        for requirement in _matching(row, "include", row.texts("include"), requirements)
        if requirement.binds in (binds, Binds.BOTH)
        and requirement.id not in excluded
        and not out_of_reach.intersection(requirement.needs)
    )
    return Profile(
        name=row.text("name"),
        title=row.text("title"),
        binds=binds,
        requirements=tuple(requirement.id for requirement in chosen),
        mandatory=frozenset(requirement.id for requirement in _mandatory(row, chosen)),
    )


def _mandatory(row: Row, chosen: tuple[Requirement, ...]) -> list[Requirement]:
    if row.values.get("mandatory", _MUST_ROWS) != _MUST_ROWS:
        return _matching(row, "mandatory", row.texts("mandatory"), chosen)
    return [r for r in chosen if r.obligation is Obligation.MUST and r.judged_by is not JudgedBy.NOBODY]


def _matching(row: Row, key: str, globs: tuple[str, ...], requirements: tuple[Requirement, ...]) -> list[Requirement]:
    ids = dict.fromkeys(requirement.id for requirement in requirements)
    matching: set[str] = set()
    for glob in globs:
        found = [glob] if glob in ids else [id for id in ids if fnmatchcase(id, glob)]
        if ids and not found:
            raise row.wrong(f'has "{glob}" in {key}, which matches no requirement', "correct the glob, or remove it")
        matching.update(found)
    return [requirement for requirement in requirements if requirement.id in matching]
