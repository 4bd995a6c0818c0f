"""What is declared of cases and images beside what the server says of them: one of the two is wrong.

Theory. Where a server contradicts the declaration and itself as well, the rules shall judge it. Where everything that
it says agrees, and only the declaration does not, the mistake is in the declaration: that fact is left out of the run.
Where nothing else can be asked, the fact stays, and the remark says what to look at first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from conformance.suite.case_steps import RANGES
from conformance.suite.ladder import Ladder, Rung
from conformance.suite.searched import Search
from conformance.suite.stage import Stage
from conformance.suite.target import Fixture
from conformance.wire import TICKS_PER_DAY, Malformed, Moment, Record, Zone, format_moment, parse_guid, parse_xml_date

WINDOW = 2 * TICKS_PER_DAY
"""No two ways of reading one date are further apart: a day, and a zone."""
RUN_WILL_TELL = "correct the declaration if it is wrong. If not, the run will tell"
LEFT_OUT = "correct the declaration. That is left out of the run"


class Comparison:
    """Compares, tells, and leaves out of the target what is surely declared wrongly."""

    def __init__(self, stage: Stage, ladder: Ladder, search: Search) -> None:
        self._stage = stage
        self._ladder = ladder
        self._search = search

    def case(self, case: Fixture, record: Record) -> None:
        """One declared case beside its record."""
        for first, last, role in RANGES:
            declared, shown = parse_xml_date(case.get(role, "")), record.moment(role)
            if isinstance(declared, Malformed) or shown is None or abs(declared.ticks - shown.ticks) <= WINDOW:
                continue
            problem = f"case {case['case']}: {role} is declared as {declared.text}, and the server says {shown.text}"
            self._differs(case, (role,), problem, self._agrees_with_itself(case, (first, last), declared, shown))
        self._images(case, record)

    def _agrees_with_itself(self, case: Fixture, bounds: tuple[str, str], declared: Moment, shown: Moment) -> bool:
        """True when the server's own search finds the case by the date that it shows, and not by the declared one."""
        number = parse_guid(case["case"])
        there, here = (
            self._search.ask(case.get("integration_id", ""), **_window(bounds, each)) for each in (shown, declared)
        )
        return there is not None and here is not None and number in there and number not in here

    def _images(self, case: Fixture, record: Record) -> None:
        listed = {entry.guid("image") for entry in record.records("images")}
        count = case.get("images", "")
        declared = self._declared_images(case)
        missing = [each for each in declared if parse_guid(each.get("image", "")) not in listed]
        if count.isdigit() and int(count) != len(record.records("images")):
            problem = f"case {case['case']}: {count} images are declared, and the server lists {len(listed)}"
            self._differs(case, ("images",), problem, not missing)
        for image in missing:
            if self._search.image(image) is None:
                self._ladder.remark(
                    Rung.FIXTURES,
                    f"image {image.get('image')} of case {case['case']} is declared and not on the server; prepare it,"
                    " or correct the declaration. It is left out of the run.",
                )
                self._replace(image, None)

    def _declared_images(self, case: Fixture) -> list[Fixture]:
        return [e for e in self._stage.target.fixtures if e["what"] == "image" and e.get("case") == case["case"]]

    def contents(self) -> None:
        """Every declared image beside what is sent for it."""
        for image in self._stage.target.fixtures:
            if image["what"] == "image" and image.get("sha256"):
                self._content(image)

    def _content(self, image: Fixture) -> None:
        answer = self._search.image(image)
        reply = answer.event.reply if answer is not None else None
        digest = reply.facts.get("image_sha256", "") if reply is not None else ""
        if not digest:
            self._differs(image, (), f"image {image.get('image')} is declared, and cannot be had", False)
        elif digest != image["sha256"].lower():
            declared = f"image {image.get('image')} is declared with SHA-256 {image['sha256'][:12]}..."
            self._differs(image, (), f"{declared}, and the server sends {digest[:12]}...", False)

    def _differs(self, fixture: Fixture, roles: tuple[str, ...], problem: str, declared_wrongly: bool) -> None:
        self._ladder.remark(Rung.FIXTURES, f"{problem}; {LEFT_OUT if declared_wrongly else RUN_WILL_TELL}.")
        if declared_wrongly:
            current = next(e for e in self._stage.target.fixtures if _same(e, fixture))
            self._replace(current, {role: text for role, text in current.items() if role not in roles})

    def _replace(self, former: Fixture, new: Fixture | None) -> None:
        kept = (new if each is former else each for each in self._stage.target.fixtures)
        self._stage.target = replace(self._stage.target, fixtures=tuple(each for each in kept if each is not None))


def _same(one: Fixture, other: Fixture) -> bool:
    return all(one.get(name) == other.get(name) for name in ("what", "case", "image"))


def _window(bounds: tuple[str, str], moment: Moment) -> Mapping[str, str]:
    days = (moment.ticks - WINDOW, moment.ticks + WINDOW)
    texts = (format_moment(max(ticks, 0), Zone.UTC).partition("T")[0] for ticks in days)
    return dict(zip(bounds, texts, strict=True))


def record_of(case: Fixture, found: Mapping[UUID, Record]) -> Record | None:
    """The record of a declared case."""
    number = parse_guid(case.get("case", ""))
    return found.get(number) if isinstance(number, UUID) else None
