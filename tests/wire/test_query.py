"""Query strings: decoded leniently, with every forgiven fault named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.spec.objects import Spec
from conformance.wire import Pair, bind, encode_query, parse_query

TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.mark.parametrize(
    ("raw", "name", "value", "flaws"),
    [
        ("LastName=Smith", "LastName", "Smith", ()),
        ("LastName=", "LastName", "", ()),
        ("a=b=c", "a", "b=c", ()),
        ("=b", "", "b", ()),
        ("LastName=van%20der%20Berg", "LastName", "van der Berg", ()),
        ("LastName=M%C3%BCller", "LastName", "Müller", ()),
        ("t=10%2B02", "t", "10+02", ()),
        ("a%3Db=c%26d", "a=b", "c&d", ()),
        ("d=2019-11-14T10:00:00,$[x]", "d", "2019-11-14T10:00:00,$[x]", ()),
        ("LastName=van+der", "LastName", "van der", ("raw-plus",)),
        ("LastName=van der", "LastName", "van der", ("raw-blank",)),
        ("LastName", "LastName", "", ("no-equals",)),
        ("p=100%", "p", "100%", ("bad-escape",)),
        ("p=%zz", "p", "%zz", ("bad-escape",)),
        ("p=%u00fc", "p", "%u00fc", ("bad-escape",)),
        ("n=M\u00c3\u00bcller", "n", "Müller", ("raw-non-ascii",)),
        ("n=Łuk", "n", "Łuk", ("raw-non-ascii",)),
        ("n=a#b", "n", "a#b", ("raw-hash",)),
        ("n=M%FCller", "n", "M\ufffdller", ("not-utf8",)),
        ("n=M\u00fcller", "n", "M\ufffdller", ("raw-non-ascii", "not-utf8")),
        ("n=a%00b", "n", "a\x00b", ("control",)),
    ],
)
def test_a_pair_is_decoded_and_its_faults_are_named(raw: str, name: str, value: str, flaws: tuple[str, ...]) -> None:
    assert parse_query(raw) == (Pair(name, value, raw, flaws),)


def test_pairs_keep_their_order_and_repetitions() -> None:
    assert [(p.name, p.value) for p in parse_query("b=1&a=2&b=3")] == [("b", "1"), ("a", "2"), ("b", "3")]


def test_empty_segments_are_skipped() -> None:
    assert [p.name for p in parse_query("&a=1&&b=2&")] == ["a", "b"]


def test_an_empty_query_has_no_pairs() -> None:
    assert parse_query("") == ()


@given(st.lists(st.tuples(TEXT, TEXT)))
def test_encoded_queries_are_read_back_without_a_flaw(pairs: list[tuple[str, str]]) -> None:
    read = parse_query(encode_query(pairs))
    assert [(p.name, p.value) for p in read] == pairs
    assert {flaw for p in read for flaw in p.flaws} <= {"control"}


@given(st.text())
def test_no_text_raises(raw: str) -> None:
    assert "&".join(pair.raw for pair in parse_query(raw)) == "&".join(part for part in raw.split("&") if part)


def test_only_unreserved_characters_stay_bare() -> None:
    assert encode_query([("n", "a-._~ /:,+$[]é")]) == "n=a-._~%20%2F%3A%2C%2B%24%5B%5D%C3%A9"


def test_parameters_are_bound_in_any_letter_case(spec: Spec) -> None:
    method = spec.method["create_patient"]
    binding = bind(method, parse_query("LASTNAME=Smith&firstname=John&IntegrationId=1"), spec)
    assert binding.values == {"last_name": "Smith", "first_name": "John", "integration_id": "1"}
    assert (binding.unknown, binding.repeated, binding.foreign) == ((), (), ())


def test_the_first_value_of_a_repeated_parameter_counts(spec: Spec) -> None:
    binding = bind(spec.method["create_patient"], parse_query("LastName=A&lastname=B&LASTNAME=C"), spec)
    assert binding.values == {"last_name": "A"}
    assert binding.repeated == ("last_name",)


def test_misplaced_names_are_told_from_misspelt_ones(spec: Spec) -> None:
    binding = bind(spec.method["update_patient"], parse_query("LastNam=A&MergePatient=true"), spec)
    assert binding.unknown == ("LastNam", "MergePatient")
    assert binding.foreign == ("MergePatient",)
