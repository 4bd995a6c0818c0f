"""What is generated depends on the seed, and not on the source of the program around it."""

from hypothesis.internal.conjecture import providers

from conformance.suite.seeded import by_the_seed_alone


def test_nothing_is_read_from_source_meanwhile():
    usual = providers._get_local_constants

    with by_the_seed_alone():
        inside = set(providers._get_local_constants())

    assert inside == set()
    assert providers._get_local_constants is usual


def test_a_hypothesis_that_reads_no_source_is_left_alone(monkeypatch):
    monkeypatch.delattr(providers, "_get_local_constants")

    with by_the_seed_alone():
        assert not hasattr(providers, "_get_local_constants")
