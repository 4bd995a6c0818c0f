"""What other programs read: annotations of a CI job, CTRF, JUnit."""

import json
from dataclasses import replace

import pytest
from lxml import etree

from conformance.report import github
from conformance.report.ctrf import ctrf
from conformance.report.junit import junit


def test_findings_become_annotations_the_gravest_first(runs):
    lines = list(github(runs["fail"].ledger))

    assert lines[0].startswith("::error title=TWO-001 (grave%2C /CreatePatient)::What TWO-001 says.%0Aexpected ")
    assert lines[-1].startswith("::error title=FAIL::")


def test_a_passing_run_annotates_nothing(runs):
    assert list(github(runs["pass"].ledger)) == []


def test_an_annotation_is_one_line_whatever_was_observed(runs):
    assert all("\n" not in line and "\r" not in line for line in github(runs["fail"].ledger))


@pytest.mark.parametrize("verdict", ["pass", "fail", "error", "inconclusive", "void"])
def test_the_ctrf_counts_are_those_of_its_tests(runs, verdict):
    results = json.loads(ctrf(runs[verdict].ledger, 1.5))["results"]
    counted = [test["status"] for test in results["tests"]]
    summary = results["summary"]

    assert summary["tests"] == len(counted)
    assert all(summary[name] == counted.count(name) for name in ("passed", "failed", "pending", "skipped", "other"))
    assert summary["stop"] == 1500


def test_a_broken_requirement_fails_in_ctrf_and_says_why(runs):
    tests = {test["tags"][0]: test for test in json.loads(ctrf(runs["fail"].ledger, 0))["results"]["tests"]}

    assert tests["TWO-001"]["status"] == "failed"
    assert "observed status 4" in tests["TWO-001"]["message"]
    assert tests["CAS-001"]["status"] == "other"


@pytest.mark.parametrize("verdict", ["pass", "fail", "error", "inconclusive", "void"])
def test_the_junit_counts_are_those_of_its_cases(runs, verdict):
    suite = etree.fromstring(junit(runs[verdict].ledger, 1.5).encode())[0]

    assert int(suite.get("tests")) == len(suite.findall("testcase"))
    assert int(suite.get("failures")) == len(suite.findall("testcase/failure"))
    assert int(suite.get("errors")) == len(suite.findall("testcase/error"))
    assert int(suite.get("skipped")) == len(suite.findall("testcase/skipped"))


def test_what_was_observed_cannot_break_the_junit_file(runs):
    ledger = runs["fail"].ledger
    findings = tuple(replace(each, observed="\x00<]]>\ufffe") for each in ledger.findings)

    assert etree.fromstring(junit(replace(ledger, findings=findings), 0).encode()) is not None
