"""A small spec folder that a test may spoil: the packaged one, with a handful of requirements of its own."""

import shutil
from pathlib import Path

import pytest

from conformance.spec import default_folder

REQUIREMENTS = """\
- id: PAT-001
  binds: server
  obligation: must
  heading: /CreatePatient
  text: A patient is made under the given integration id.
  judged-by: rule
  needs: [writes]
  readings: [MISSING-INTEGRATION-ID]
  harm: mixed-up

- id: PAT-002
  binds: pms
  obligation: should
  heading: /CreatePatient
  text: The last name is always given.
  judged-by: shape
  target: CreatePatient.LastName
  harm: lost

- id: STN-001
  binds: both
  obligation: must
  heading: /GetAvailableClientList
  text: The station is a GUID.
  judged-by: shape
  target: ClientInfo.ClientId
  harm: nuisance

- id: STN-002
  binds: server
  obligation: must
  heading: /GetAvailableClientList
  text: A busy station still takes operations.
  judged-by: nobody
  reason: Nobody sees whether a station is busy.
"""

PROFILE = """\
name: server
title: A server
binds: server
include: ["*"]
exclude: []
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "specs" / "sample"
    for name in ("openapi.yaml", "statuses.yaml", "headings.yaml", "readings/outcomes.yaml"):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(default_folder() / name, copy / name)
    write(copy / "requirements" / "patients.yaml", REQUIREMENTS)
    write(copy / "profiles" / "server.yaml", PROFILE)
    return copy


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
