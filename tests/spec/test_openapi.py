"""openapi.yaml is what OpenAPI tools expect, and covers the guide's own example addresses."""

from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, urlsplit

import pytest
import schemathesis
from schemathesis.core.result import Ok

from conformance.spec import Spec, default_folder, load

URLS = (Path(__file__).parents[2] / "fixtures" / "guide" / "urls.txt").read_text(encoding="utf-8").split()


@pytest.fixture(scope="module")
def spec() -> Spec:
    return load()


def test_schemathesis_accepts_the_file() -> None:
    schemathesis.openapi.from_path(default_folder() / "openapi.yaml").validate()


def test_schemathesis_sees_every_method(spec: Spec) -> None:
    schema = schemathesis.openapi.from_path(default_folder() / "openapi.yaml")
    assert all(isinstance(result, Ok) for result in schema.get_all_operations())
    assert set(schema) == {f"/{method.name}" for method in spec.methods}


@pytest.mark.parametrize("url", URLS)
def test_the_guides_addresses_lead_to_the_service(spec: Spec, url: str) -> None:
    parts = urlsplit(url)
    assert (parts.scheme, parts.port) == (spec.service.scheme, spec.service.port)
    assert parts.path.startswith(spec.service.base_path)


@pytest.mark.parametrize("url", URLS)
def test_the_guides_addresses_use_known_parameters(spec: Spec, url: str) -> None:
    names = {name.casefold() for name, _ in parse_qsl(urlsplit(url).query)}
    method = spec.method_by_folded_name[last_part(urlsplit(url))]
    assert {name for name in names if method.misspelt(name) is None} <= set(method.by_folded_name)


@pytest.mark.parametrize("url", URLS)
def test_the_guides_addresses_give_what_is_mandatory(spec: Spec, url: str) -> None:
    names = {name.casefold() for name, _ in parse_qsl(urlsplit(url).query)}
    method = spec.method_by_folded_name[last_part(urlsplit(url))]
    assert {p.name.casefold() for p in method.parameters if p.mandatory} <= names


def test_the_guide_shows_every_method(spec: Spec) -> None:
    assert {last_part(urlsplit(url)) for url in URLS} == set(spec.method_by_folded_name)


def last_part(parts: SplitResult) -> str:
    return parts.path.rsplit("/", 1)[-1].casefold()


def test_ports_of_newer_installations_are_known_besides(spec: Spec) -> None:
    assert spec.service.other_ports
    assert spec.service.port not in spec.service.other_ports
