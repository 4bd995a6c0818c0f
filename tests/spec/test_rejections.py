"""What the loader rejects, and that it names file, row, problem and remedy."""

from pathlib import Path

import pytest

from conformance.spec import SpecError, load

API = "openapi.yaml"
ROWS = "requirements/patients.yaml"
READ = "readings/outcomes.yaml"
STAT = "statuses.yaml"
SERVER = "profiles/server.yaml"

REJECTED = [
    # file, what is written there, what is written instead, row and problem, remedy
    (ROWS, "binds: server", "binds: servr", 'PAT-001 binds "servr"', "expected server, pms or both."),
    (ROWS, "must", "shall", 'PAT-001 has the obligation "shall"', "expected must or should."),
    (ROWS, "harm: lost", "harms: lost", 'PAT-002 has the unknown key "harms", perhaps "harm"', "remove it"),
    (ROWS, "  judged-by: rule\n", "", 'PAT-001 has no "judged-by"', "add it."),
    (ROWS, "text: A patient", "text: 5 #", "PAT-001 has 5 as", "expected text; put it in quotes."),
    (ROWS, "needs: [writes]", "moot-under: [MISSING]", 'PAT-001 is moot under "MISSING"', "expected READING=take."),
    (ROWS, "needs: [writes]", "moot-under: [MISSED=no]", 'PAT-001 names the reading "MISSED"', "add it to readings/"),
    (
        ROWS,
        "needs: [writes]",
        "moot-under: [MISSING-INTEGRATION-ID=gone]",
        'PAT-001 is moot under "MISSING-INTEGRATION-ID=gone"',
        "expected one of its takes: ",
    ),
    (
        ROWS,
        "needs: [writes]",
        "moot-without: [CreatePatient.Name]",
        'PAT-001 is moot without "CreatePatient.Name"',
        "expected Record.Field or Method.Parameter",
    ),
    (ROWS, "needs: [writes]", "needs: writes", "PAT-001 has 'writes' as \"needs\"", "expected a list of texts."),
    (ROWS, "needs: [writes]", "needs: [rights]", 'PAT-001 needs "rights"', "expected writes, operator"),
    (ROWS, "  harm: mixed-up\n", "", 'PAT-001 has no "harm", though it must be kept', "expected erased, "),
    (ROWS, "harm: lost", "harm: sad", 'PAT-002 has the harm "sad"', "expected erased, mixed-up"),
    (
        ROWS,
        "obligation: must",
        "obligation: must\n  axis: field",
        "PAT-001 has the axis field and the obligation must",
        "expected should: what the field shows is advice.",
    ),
    (ROWS, "harm: lost", "axis: fields", 'PAT-002 has the axis "fields"', "expected guide or field."),
    (ROWS, "harm: lost", "limits: {calls: 0}", "PAT-002 has 0 as the limit calls", "expected at least 1."),
    (ROWS, "harm: lost", "limits: {call: 3}", 'PAT-002 has the unknown key "call", perhaps "calls"', "remove it"),
    (ROWS, "harm: lost", "limits: {calls: few}", "PAT-002 has 'few' as \"calls\"", "expected a whole number."),
    (ROWS, "id: PAT-002", "id: PAT-001", 'PAT-001 has the id "PAT-001" of PAT-001 in', "give each one of its own."),
    (ROWS, "id: PAT-002", "id: PAT-2", 'PAT-2 has the id "PAT-2"', "expected AREA-nnn"),
    (ROWS, "[MISSING-INT", "[MISING-INT", 'names the reading "MISING-INTEGRATION-ID", perhaps', "expected the id of a"),
    (ROWS, "/CreatePatient", "/CreatPatient", 'PAT-001 has the heading "/CreatPatient"', "expected a heading of"),
    (ROWS, "ClientInfo.ClientId", "ClientInfo.Id", 'STN-001 has the target "ClientInfo.Id"', "expected Record.Field"),
    (ROWS, "CreatePatient.LastName", "CreatePatient.lastname", "PAT-002 has the target", "or Method.Parameter"),
    (ROWS, "  target: ClientInfo.ClientId\n", "", 'STN-001 has no "target"', "add it."),
    (ROWS, "judged-by: rule", "judged-by: rule\n  target: a.b", 'PAT-001 has a "target"', "or write judged-by: shape."),
    (ROWS, "  reason: Nobody sees whether a station is busy.\n", "", 'STN-002 has no "reason"', "add it."),
    (ROWS, "Nobody sees whether a station is busy.", "No way.", 'STN-002 has the reason "No way."', "4 words or more"),
    (ROWS, "judged-by: rule", "judged-by: rule\n  reason: a b c d", 'PAT-001 has a "reason"', "judged-by: nobody."),
    (ROWS, "A patient is", "A " + "b " * 25, "PAT-001 has a text of", "say it in 25 at most."),
    (ROWS, "  binds: pms\n", "  binds: pms\n  binds: pms\n", 'writes the key "binds" a second time', "remove one"),
    (ROWS, "needs: [writes]", "needs: [writes", "is not YAML at line", "correct the YAML there."),
    (READ, "default: integration_id_missing", "default: none", 'MISSING-INTEGRATION-ID has "none"', "one of its takes"),
    (READ, "conforming: [", "conforming: [nothing, ", 'MISSING-INTEGRATION-ID has "nothing"', "one of its takes"),
    (READ, "id_missing, integration_id_unknown]", "id_unknown]", "which does not conform", "name it in conforming"),
    (READ, "mark: documented", "mark: sure", 'has the mark "sure"', "expected documented, observed or guessed."),
    (READ, "    exception:", "    crash:", "has an outcome left open by MISSING", "name the takes of that"),
    (READ, "id: MISSING-", "id: MISSED-", 'has an outcome with the reading "MISSING', "add it to readings"),
    (READ, "heading: Request", "heading: Reqest", "MISSING-INTEGRATION-ID has the heading", "or add it there."),
    (
        API,
        "status: last_name_missing",
        "status: last_nam",
        'has an outcome with the status "last_nam"',
        "the name of a status",
    ),
    (API, "parameter: last_name,", "parameter: name,", 'names the parameter role "name"', "x-role of one of its"),
    (API, "when: missing", "when: gone", 'CreatePatient outcome 1 has the when "gone"', "expected missing, unknown"),
    (API, "x-role: update_patient", "x-role: create_patient", 'role "create_patient" of /CreatePatient', "give each"),
    (API, "x-role: first_name", "x-role: last_name", 'LastName has the role "last_name" of', "give each one"),
    (API, "x-role: hostname", "x-role: station", 'ClientInfo.Hostname has the role "station" of', "give each"),
    (API, "x-role: merge", "x-role: merged", "has no x-role of a parameter called merge", "add it; found:"),
    (API, "x-role: fetch_image", "x-role: image", "has no x-role of a method called fetch_image", "add it; found:"),
    (API, "x-role: image_bytes", "x-role: bytes", "has no x-role of a document called image_bytes", "add it; found:"),
    (API, "x-role: hostname", "x-role: host", "ClientInfo has no x-role of a field called hostname", "add it; found:"),
    (API, "x-runs-on: either", "x-runs-on: moon", '/CreatePatient has the x-runs-on "moon"', "answer, station or"),
    (API, "x-sensitive: true", "x-sensitve: true", 'has the unknown key "x-sensitve", perhaps', "remove it"),
    (API, "x-heading: /SelectCase", "x-heading: /Select", 'SelectCase has the heading "/Select"', "expected a heading"),
    (API, "format: uuid", "format: guid", 'has the format "guid"', "expected uuid, date-time or byte."),
    (API, "schemas/ArrayOfClientInfo", "schemas/Gone", 'refers to "#/components/schemas/Gone"', "a path inside this"),
    (API, "operationId: CreateCase", "operationId: NewCase", '/CreateCase has the operationId "NewCase"', "expected"),
    (API, "{host}:5484", "{host}", "servers has the url", "expected scheme://{host}:port/path."),
    (API, ":5484/", ":port/", "servers has the url", "expected scheme://{host}:port/path."),
    (API, 'FirstName"}', 'FirstName", x-sensitive: false}', "parameter 1 has the unknown key", "remove it"),
    (API, "operationId: CreateCase", "[a]: b", "is not YAML at line", "correct the YAML there."),
    (API, "737842e3", "737842e", "has the thumbprint-sha1", "expected 40 hexadecimal digits."),
    (API, "TLSv1.0", "SSLv3", 'has the x-minimum-tls "SSLv3"', "expected TLSv1.0, "),
    (API, "required: [TimeStamp, ", "required: [", "ClientInfo.TimeStamp is both required", "make it one of the two."),
    (STAT, "follows: [awaiting]", "follows: [waiting]", 'accepted follows "waiting"', "expected start or the name"),
    (STAT, "[start, accepted]", "[start, removed]", 'processed follows "removed", which is final', "remove it"),
    (STAT, "code: 1\n", "code: 0\n", 'rejected_by_operator has the code "0" of accepted', "give each one of its own."),
    (STAT, "name: removed", "name: withdrawn", "has no name of a status called removed", "add it; found:"),
    (STAT, "code: 108", 'code: "108"', "internal_error has '108' as \"code\"", "expected a whole number."),
    (STAT, "assigned-by: operator", "assigned-by: cat", 'has the assigned-by "cat"', "server, station, operator or"),
    (STAT, "kept-operations: 10", "kept-operations: 0", "keeps 0 operations", "expected at least 1."),
    (SERVER, '["*"]', '["PTA-*"]', 'profile server has "PTA-*" in include', "correct the glob"),
    (SERVER, "exclude: []", "exclude: [XYZ-001]", 'profile server has "XYZ-001" in exclude', "correct the glob"),
    (SERVER, "binds: server", "binds: both", 'profile server binds "both"', "expected server or pms."),
]


@pytest.mark.parametrize(("name", "written", "instead", "problem", "remedy"), REJECTED)
def test_rejects(folder: Path, name: str, written: str, instead: str, problem: str, remedy: str) -> None:
    spoil(folder / name, written, instead)
    with pytest.raises(SpecError) as caught:
        load(folder)
    message = str(caught.value)
    assert message.startswith("specs/sample/")
    assert problem in message
    assert remedy in message


def test_the_message_is_the_one_a_person_can_act_on(folder: Path) -> None:
    spoil(folder / ROWS, "binds: server", "binds: servr")
    with pytest.raises(SpecError) as caught:
        load(folder)
    expected = 'specs/sample/requirements/patients.yaml: PAT-001 binds "servr"; expected server, pms or both.'
    assert str(caught.value) == expected
    assert (caught.value.row, caught.value.remedy) == ("PAT-001", "expected server, pms or both")


@pytest.mark.parametrize("name", [API, STAT, "headings.yaml"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(SpecError, match=f"specs/sample/{name}: is missing; restore it"):
        load(folder)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="nowhere: is not a folder; name a folder that holds"):
        load(tmp_path / "nowhere")


def spoil(path: Path, written: str, instead: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert written in text, f"{path.name} does not say {written!r}; correct the table"
    path.write_text(text.replace(written, instead, 1), encoding="utf-8", newline="\n")
