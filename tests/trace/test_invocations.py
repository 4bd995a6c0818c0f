"""Command lines as events: what is kept, what is hidden, and what a file of them may hold."""

import codecs

import pytest

from conformance.judge import judge_recording
from conformance.spec import load
from conformance.trace import History, Invocation, Started, from_json, invoke, order, realise, to_json, typed
from conformance.trace.invocations import MOST_ARGUMENTS
from conformance.trace.lines import LinesError, read_lines
from conformance.trace.recorder import Recorder
from conformance.trace.redaction import Redactor

SPEC = load()
LINE = b"DentalDesktopCmd.exe -integrationid=17 -lastname=Fox -patientid=P\n"


@pytest.fixture
def record():
    """``record(line)`` or ``record(arguments=...)`` -> its event."""
    recorder = Recorder(SPEC, Redactor(SPEC, b"key"))

    def recorded(line=None, arguments=()):
        return recorder.invocation(Started(line=line, arguments=arguments), 1.0)

    return recorded


@pytest.fixture
def read(tmp_path):
    """``read(content)`` -> the events of a file that holds it."""

    def events(content):
        path = tmp_path / "lines.txt"
        path.write_bytes(content)
        return read_lines(path, SPEC, Redactor(SPEC, b"key"))

    return events


def test_names_stay_and_values_become_tokens(record):
    [argument] = record(arguments=["-lastname=Vanderfox"]).arguments

    assert (argument.switch, argument.name, argument.separator) == ("-", "lastname", "=")
    assert "Vanderfox" not in str(argument)


def test_an_empty_value_stays_empty(record):
    assert record(arguments=["-patientid="]).arguments[0].value == ""


def test_a_line_keeps_its_quotation_and_nothing_of_its_values(record):
    event = record('"C:\\Users\\Doe\\x.exe" -lastname="Vander Fox\\" Smith -Jones')

    assert event.line.startswith('-lastname="~')
    assert event.line.count('"') == 2
    assert not any(name in str(event) for name in ("Vander", "Fox", "Smith", "Jones", "Doe"))


def test_equal_values_have_equal_tokens_in_orders_and_on_command_lines():
    _, told, used = realise(order("send_by_command_line", last_name="van Fox") + invoke("-last_name=van Fox"), SPEC)

    assert told.data["last_name"] == used.arguments[0].value


def test_a_compact_date_is_told_in_the_form_of_records():
    _, told, used = realise(order("x", birth_date="1970-02-28") + invoke("-birth_date=19700228"), SPEC)

    assert told.data["birth_date"] == used.arguments[0].meant


@pytest.mark.parametrize(
    ("argument", "fact"),
    [
        ("-birthday=28.02.1970", "short-date"),
        ("-birthday=00010101", "date-for-none"),
        ("-lastname=“Fox”", "typographic-marks"),
        ("-integrationid=A-firstName=B", "fused:first_name"),
        ('-lastname=A" -patientid=B', "swallowed:patient_id"),
        ("-lastname=%NAME%", "placeholder"),
        ("-patientid= 1", "blanks-around"),
        ("-lastname=A\\", "ends-in-backslash"),
    ],
)
def test_what_a_token_hides_is_told(record, argument, fact):
    assert fact in record(arguments=[argument]).arguments[0].facts


def test_an_event_is_read_as_it_was_written(record):
    event = record('x -lastname="a b -birthday=19700228')

    assert from_json(to_json(event)) == event


def test_an_order_knows_how_the_command_line_was_used_for_it():
    history = History(SPEC)
    for event in realise(order("send_by_command_line", person="17") + typed("PROGRAM -last_name=Fox"), SPEC):
        history.append(event)

    assert history.orders.all[0].invocations == history.invocations
    assert history.orders.of(history.invocations[0]) is history.orders.all[0]


# -- files --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        LINE,
        codecs.BOM_UTF8 + LINE,
        codecs.BOM_UTF16_LE + LINE.decode().encode("utf-16-le"),
        codecs.BOM_UTF16_BE + LINE.decode().encode("utf-16-be"),
        LINE.replace(b"\n", b"\r\n"),
        b"Command line: " + LINE,
        b"# a comment\n\n" + LINE,
    ],
)
def test_a_line_is_read_however_the_file_was_saved(read, content):
    [event] = read(content)

    assert event.executable == "DentalDesktopCmd.exe"
    assert [each.name for each in event.arguments] == ["integrationid", "lastname", "patientid"]


def test_letters_of_an_old_code_page_are_read(read):
    [utf8] = read(LINE.replace(b"Fox", "Grüße".encode()))
    [old] = read(LINE.replace(b"Fox", "Grüße".encode("cp1252")))

    assert utf8.arguments == old.arguments


def test_a_record_belongs_to_the_line_after_it(read):
    told = [type(event) is Invocation for event in read(b"# record: key=17 last_name=Fox\n" + LINE + LINE)]

    assert told == [False, True, False, True]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "holds no command line"),
        (b"# only a comment\n", "holds no command line"),
        (b"# record: name=Fox\n" + LINE, "line 1 has 'name' in a record"),
        (b"# record: Fox\n" + LINE, "expected key=value"),
        (b"# record: birth_date=31.12.1970\n" + LINE, "year-month-day"),
        (b"# record: key=1 key=2\n" + LINE, "tells key twice"),
        (codecs.BOM_UTF16_LE + b"a", "is no utf-16-le at byte 0"),
        (bytes(range(1, 32)) * 40, "is no text"),
        (LINE + b'"x' * 2_100_000, "line 2 has 4200000 characters; expected 4000000 at most"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(read, content, problem):
    with pytest.raises(LinesError, match=problem):
        read(content)


HOSTILE = {
    "huge line": b"DentalDesktopCmd -lastname=" + b"a" * 2_000_000,
    "many arguments": b"DentalDesktopCmd" + b" -lastname=a -lastname=b" * 50_000,
    "many marks": b"DentalDesktopCmd " + b'"' * 200_001,
    "many backslashes": b"DentalDesktopCmd -lastname=" + b"\\" * 200_001 + b'"',
    "many dashes": b"DentalDesktopCmd " + b"-" * 200_000,
    "many known names": b"DentalDesktopCmd -lastname=" + b"-lastname=" * 50_000,
    "NULs": b"DentalDesktopCmd -lastname=Fo\0x" + b"\0" * 1000,
    "half characters": codecs.BOM_UTF16_LE + "x -lastname=\ud800".encode("utf-16-le", "surrogatepass"),
    "latin letters": bytes(range(128, 256)) * 100,
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_hostile_lines_are_judged_and_break_nothing_of_ours(tmp_path, content):
    path = tmp_path / "lines.txt"
    path.write_bytes(content)

    ledger = judge_recording(path, SPEC).ledger

    assert [finding.observed for finding in ledger.findings if finding.whose == "ours"] == []
    assert ledger.verdict == "FAIL"


def test_of_many_arguments_some_are_kept_and_all_are_counted(read):
    [event] = read(HOSTILE["many arguments"])

    assert len(event.arguments) == MOST_ARGUMENTS
    assert event.fact("more") == (str(100_000 - MOST_ARGUMENTS),)
