"""What a run is judged by besides the spec: the profile, what the user waived, what the user declared.

Terms travel in the journal's header, so that a recording judged elsewhere is judged on the same terms. Dates are texts
of the form 2025-12-31, compared with the date of the run: a waiver does not expire because a recording is read later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from conformance.spec import Binds, Profile, Spec


@dataclass(frozen=True)
class Waiver:
    """One requirement that shall not decide the run, who answers for that, why, and until when."""

    requirement: str
    owner: str
    reason: str
    expires: str


@dataclass(frozen=True)
class Terms:
    profile: Profile | None = None
    """None judges every row of the spec and takes all of them as mandatory that bind anybody and can be judged."""
    waivers: tuple[Waiver, ...] = ()
    not_applicable: Mapping[str, str] = field(default_factory=dict)
    """Requirement id -> the declaration that switches it off, such as "no clinical photos are fetched"."""
    strict: bool = False
    """Broken recommendations fail the run too."""
    on: str = ""
    """Date of the run; '' lets no waiver expire."""

    @property
    def binds_pms(self) -> bool:
        """True when it is a PMS that is certified."""
        return self.profile is not None and self.profile.binds is Binds.PMS

    def waiver(self, requirement: str) -> Waiver | None:
        """The waiver of this row that was in force at the time of the run."""
        return next((w for w in self.waivers if w.requirement == requirement and not self.expired(w)), None)

    def expired(self, waiver: Waiver) -> bool:
        return bool(self.on) and waiver.expires < self.on


def terms_header(terms: Terms) -> dict[str, object]:
    """The entries of a journal's header that ``terms_from`` reads back."""
    return {
        "profile": terms.profile.name if terms.profile else "",
        "waivers": [asdict(waiver) for waiver in terms.waivers],
        "not_applicable": dict(terms.not_applicable),
        "strict": terms.strict,
        "date": terms.on,
    }


def terms_from(header: Mapping[str, object], spec: Spec, profile: str = "") -> Terms:
    """The terms of a recording; ``profile`` overrides its own. Raises ValueError for a profile that ``spec`` lacks."""
    name = profile or str(header.get("profile") or "")
    if name and name not in spec.profile:
        raise ValueError(
            f"profile {name!r} is not in {spec.name}; expected {', '.join(spec.profile) or 'none at all'}."
        )
    waivers = header.get("waivers") or ()
    declared = header.get("not_applicable") or {}
    if not isinstance(waivers, Sequence) or not isinstance(declared, Mapping):
        raise ValueError("the header's waivers or not_applicable have another shape; record the run again.")
    return Terms(
        profile=spec.profile[name] if name else None,
        waivers=tuple(Waiver(**waiver) for waiver in waivers),
        not_applicable={str(row): str(why) for row, why in declared.items()},
        strict=header.get("strict") is True,
        on=str(header.get("date") or ""),
    )
