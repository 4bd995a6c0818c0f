"""A page stays a page, however much went wrong and however much was left behind."""

from dataclasses import replace

import pytest

from conformance.report import html, markdown, view_of
from conformance.report.view import MOST_IN_FULL, MOST_LEFT
from conformance.trace import call, poll

MOST_BYTES = 3_000_000


@pytest.fixture
def large(runs):
    """The failing run with a thousand findings."""
    run = runs["fail"]
    found = [each for each in run.ledger.findings if each.requirement]
    many = [replace(found[n % len(found)], observed=f"number {n} " + "x" * 200) for n in range(1000)]
    return view_of(replace(run.ledger, findings=tuple(many)), run.spec, run.events)


def test_a_thousand_findings_fit(large):
    assert len(html(large).encode()) < MOST_BYTES


def test_each_of_them_is_told_with_its_capsule(large):
    page = html(large)

    assert all(f"number {n} x" in page for n in range(1000))
    assert len(large.further) == 1000 - MOST_IN_FULL
    assert all(item.capsule in page for item in large.further)


def test_the_gravest_come_first(large):
    order = [item.gravity for item in (*large.findings, *large.further)]

    assert order == [item.gravity for item in large.whole]


def test_a_job_page_counts_those_it_leaves_out(large):
    assert "and 970 more" in markdown(large)


def test_what_was_left_behind_is_listed_to_a_limit(runs, small):
    run = runs["fail"]
    made = [call("create_patient", integration_id=f"P{n}", last_name="Roe", operation=n) for n in range(1, 400)]
    sketch = made[0] + poll(1, "processed")
    for number, each in enumerate(made[1:], start=2):
        sketch = sketch + each + poll(number, "processed")
    page = html(view_of(run.ledger, run.spec, small.events(sketch, "suite", "")))

    assert page.count("<li><code>~") == MOST_LEFT
    assert f"the first {MOST_LEFT} are listed" in page
