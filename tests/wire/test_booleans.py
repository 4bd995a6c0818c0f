"""Booleans of query values and of documents, whose rules are each other's reverse for 1 and 0."""

from __future__ import annotations

import pytest

from conformance.wire import Malformed, parse_boolean, parse_xml_boolean


@pytest.mark.parametrize(
    ("text", "value"),
    [("true", True), ("True", True), ("TRUE", True), (" true ", True), ("false", False), ("False", False)],
)
def test_words_are_booleans_in_a_query(text: str, value: bool) -> None:
    assert parse_boolean(text) is value


@pytest.mark.parametrize("text", ["", " ", "1", "0", "yes", "on", "t", "truefalse"])
def test_anything_else_is_malformed_in_a_query(text: str) -> None:
    assert parse_boolean(text) == Malformed("not true or false", text)


@pytest.mark.parametrize(
    ("text", "value"),
    [("true", True), ("1", True), ("True", True), ("false", False), ("0", False), ("\n false ", False)],
)
def test_words_and_figures_are_booleans_in_a_document(text: str, value: bool) -> None:
    assert parse_xml_boolean(text) is value


@pytest.mark.parametrize("text", ["", "yes", "2", "01"])
def test_anything_else_is_malformed_in_a_document(text: str) -> None:
    assert isinstance(parse_xml_boolean(text), Malformed)
