"""The import law: which package may know which. Rules and model stay independent witnesses only while this holds.

``wire`` stands below ``trace``, whose exchanges hold its values; whoever reads exchanges may therefore name them.
"""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent / "conformance"
ALLOWED = {
    "spec": set(),
    "wire": {"spec"},
    "trace": {"wire", "spec"},
    "model": {"spec"},
    "rules": {"trace", "wire", "spec"},
    "judge": {"rules", "trace", "wire", "spec"},
    "drive": {"wire", "trace", "spec"},
    "emulator": {"model", "wire", "trace", "spec"},
    "suite": {"judge", "drive", "model", "trace", "wire", "spec"},
    "certify": {"judge", "drive", "emulator", "trace", "wire", "spec"},
    "report": {"judge", "trace", "wire", "spec"},
    "command": {"certify", "drive", "emulator", "judge", "model", "report", "rules", "spec", "suite", "trace", "wire"},
}
EXCEPTIONS = {"judge/backstop.py": {"model"}}
"""Files that may know more than their package."""
YAML_READERS = {"spec"}
FILES = sorted(ROOT.rglob("*.py"))


def imported(path):
    """Dotted names that a file imports, those under TYPE_CHECKING and inside functions included."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {node.module or ""} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def packages(path):
    """Packages of ours that a file imports."""
    dotted = [name.split(".") for name in imported(path)]
    return {parts[1] for parts in dotted if parts[0] == "conformance" and len(parts) > 1 and parts[1] in ALLOWED}


def package_of(path):
    return path.relative_to(ROOT).parts[0]


def name_of(path):
    return path.relative_to(ROOT).as_posix()


inside = [path for path in FILES if len(path.relative_to(ROOT).parts) > 1]


@pytest.mark.parametrize("path", inside, ids=name_of)
def test_a_file_imports_only_what_its_package_may(path):
    own = package_of(path)

    assert packages(path) <= {own} | ALLOWED[own] | EXCEPTIONS.get(name_of(path), set())


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_import_is_relative(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    relative = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level]

    assert relative == []


@pytest.mark.parametrize("path", [p for p in inside if package_of(p) not in YAML_READERS], ids=name_of)
def test_only_the_spec_package_reads_yaml(path):
    assert not {name for name in imported(path) if name.split(".")[0] in ("yaml", "ruamel")}


def test_every_package_has_its_law():
    assert {path.parent.name for path in ROOT.glob("*/__init__.py")} <= set(ALLOWED)
