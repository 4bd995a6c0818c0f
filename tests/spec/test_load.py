"""The packaged spec folder loads, and so does one with other names, numbers and additions."""

from pathlib import Path

import pytest

from conformance.spec import Axis, Binds, Condition, JudgedBy, Kind, RunsOn, default_folder, load


def test_the_default_folder_loads() -> None:
    assert load().name == default_folder().name


def test_methods_are_found_by_role() -> None:
    create = load().method["create_patient"]
    assert (create.name, create.runs_on) == ("CreatePatient", RunsOn.EITHER)
    assert create.by_role["last_name"].mandatory
    assert not create.by_role["first_name"].mandatory
    assert create.by_role["birth_date"].kind is Kind.DATE
    assert create.by_role["merge"].default == "false"
    assert create.by_folded_name["patientid"].sensitive


def test_outcomes_keep_the_order_of_the_file() -> None:
    outcomes = load().method["select_patient"].outcomes
    assert [outcome.condition for outcome in outcomes] == [Condition.MISSING, Condition.NO_STATION, Condition.UNKNOWN]


def test_a_station_is_mandatory_where_only_a_station_can_do_it() -> None:
    spec = load()
    assert spec.method["select_case"].by_role["station"].mandatory
    assert not spec.method["update_patient"].by_role["station"].mandatory


def test_the_service_is_read_from_the_first_server() -> None:
    service = load().service
    assert (service.scheme, service.port, service.base_path) == ("https", 5484, "/DentalDesktop/WebService")


def test_every_status_is_reachable_from_a_new_operation() -> None:
    spec = load()
    starts = {status.name for status in spec.statuses if "start" in status.follows}
    reached = starts.union(*(spec.successors[name] for name in starts))
    assert reached == set(spec.status)


def test_final_statuses_are_followed_only_by_oblivion() -> None:
    spec = load()
    successors = {spec.successors[status.name] for status in spec.statuses if status.final}
    assert successors == {frozenset(), frozenset({"operation_unknown"})}


def test_requirements_and_readings_may_still_be_absent(folder: Path) -> None:
    (folder / "requirements" / "patients.yaml").unlink()
    spec = load(folder)
    assert spec.requirements == ()
    assert spec.profile["server"].requirements == ()


def test_readings_may_stand_in_one_file(folder: Path) -> None:
    (folder / "readings" / "outcomes.yaml").rename(folder / "readings.yaml")
    assert "MISSING-INTEGRATION-ID" in load(folder).reading


def test_a_row_knows_its_file(folder: Path) -> None:
    assert load(folder).requirement["PAT-001"].file == "specs/sample/requirements/patients.yaml"


def test_a_profile_holds_the_rows_that_bind_its_subject(folder: Path) -> None:
    profile = load(folder).profile["server"]
    assert profile.requirements == ("PAT-001", "STN-001", "STN-002")


def test_by_default_every_must_row_that_somebody_judges_is_mandatory(folder: Path) -> None:
    assert load(folder).profile["server"].mandatory == {"PAT-001", "STN-001"}


def test_a_profile_may_name_its_mandatory_rows(folder: Path) -> None:
    add(folder / "profiles" / "server.yaml", "mandatory: [STN-*]\n")
    assert load(folder).profile["server"].mandatory == {"STN-001", "STN-002"}


def test_a_profile_may_leave_out_what_its_subject_cannot_have(folder: Path) -> None:
    add(folder / "profiles" / "server.yaml", "exclude-needs: [writes]\n")
    assert "PAT-001" not in load(folder).profile["server"].requirements


def test_a_pms_profile_leaves_out_rows_of_servers(folder: Path) -> None:
    change(folder / "profiles" / "server.yaml", "binds: server", "binds: pms")
    profile = load(folder).profile["server"]
    assert (profile.binds, profile.requirements) == (Binds.PMS, ("PAT-002", "STN-001"))


def test_another_spelling_is_another_spec(folder: Path) -> None:
    change(folder / "openapi.yaml", "GetCasesForPatient", "FindCases")
    change(folder / "openapi.yaml", "IntegrationId", "MappingKey")
    change(folder / "openapi.yaml", "x-heading: /FindCases", "x-heading: /GetCasesForPatient")
    change(folder / "openapi.yaml", ":5484", ":8443")
    change(folder / "statuses.yaml", "kept-operations: 10", "kept-operations: 3")
    spec = load(folder)
    assert spec.method["find_cases"].name == "FindCases"
    assert spec.method["find_cases"].by_role["integration_id"].name == "MappingKey"
    assert (spec.service.port, spec.kept_operations) == (8443, 3)


def test_a_new_optional_parameter_needs_no_code(folder: Path) -> None:
    change(folder / "openapi.yaml", "        - name: MergePatient", NICKNAME + "        - name: MergePatient")
    assert load(folder).method["create_patient"].by_role["nickname"].name == "Nickname"


def test_the_digest_is_the_same_for_windows_line_ends(folder: Path) -> None:
    before = load(folder).digest
    path = folder / "headings.yaml"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert load(folder).digest == before


def test_the_digest_covers_every_file(folder: Path) -> None:
    before = load(folder).digest
    add(folder / "scenarios.yaml", "# anything\n")
    assert load(folder).digest != before


NICKNAME = """\
        - name: Nickname
          in: query
          required: false
          schema: {type: string, default: ""}
          example: Johnny
          x-role: nickname
          x-sensitive: true
"""


def add(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.write(text)


def change(path: Path, written: str, instead: str) -> None:
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(written, instead), encoding="utf-8", newline="\n")


def test_a_row_rests_on_the_guide_unless_it_says_otherwise(folder: Path) -> None:
    assert load(folder).requirement["PAT-002"].axis is Axis.GUIDE


def test_a_row_may_rest_on_the_field_and_bring_its_own_numbers(folder: Path) -> None:
    rows = folder / "requirements/patients.yaml"
    text = rows.read_text(encoding="utf-8").replace("harm: lost", "harm: lost\n  axis: field\n  limits: {calls: 3}")
    rows.write_text(text, encoding="utf-8", newline="\n")

    row = load(folder).requirement["PAT-002"]

    assert (row.axis, row.limit("calls")) == (Axis.FIELD, 3)


def test_every_duty_of_a_pms_says_what_a_breach_does() -> None:
    rows = [row for row in load().requirements if row.binds is Binds.PMS and row.judged_by is not JudgedBy.NOBODY]

    assert [row.id for row in rows if not row.harm] == []


@pytest.mark.parametrize("name", ["pms", "pms-patients", "pms-cases", "pms-images"])
def test_what_the_field_shows_is_never_mandatory(name: str) -> None:
    spec = load()

    assert [row for row in spec.profile[name].mandatory if spec.requirement[row].axis is Axis.FIELD] == []
