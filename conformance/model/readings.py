"""The doubtful points of the guide that the model decides by, and what it understands of each.

Ids and names are those of the spec's readings. A name outside these lists would be a reading that nobody acts on, so
it is refused when a server is set up.
"""

from __future__ import annotations

from collections.abc import Mapping

MALFORMED_READ_VALUE = "MALFORMED-READ-VALUE"
MALFORMED_WRITE_VALUE = "MALFORMED-WRITE-VALUE"
MISSING_MANDATORY_HTTP = "MISSING-MANDATORY-HTTP"
BLANK_TEXT = "BLANK-TEXT"
EMPTY_PATIENT_ID = "EMPTY-PATIENT-ID"
CHECKS_AT = "CHECKS-AT"
CHECK_ORDER = "CHECK-ORDER"
UNKNOWN_STATION = "UNKNOWN-STATION"
REPEATED_ID_PLACES = "REPEATED-ID-PLACES"
READS_KEPT = "READS-KEPT"
REMOVE_AFTER_PICK_UP = "REMOVE-AFTER-PICK-UP"
REMOVE_REPEATED_ID = "REMOVE-REPEATED-ID"
MERGED_PATIENT_ID = "MERGED-PATIENT-ID"
SIMILAR_NAMES = "SIMILAR-NAMES"
UPDATE_DIALOG = "UPDATE-DIALOG"
KEPT_OLD_DATA = "KEPT-OLD-DATA"
NO_OUTPUT_STATUS = "NO-OUTPUT-STATUS"
FIND_UNKNOWN_PATIENT = "FIND-UNKNOWN-PATIENT"
FIND_WITHOUT_PATIENT = "FIND-WITHOUT-PATIENT"
UNKNOWN_IMAGE = "UNKNOWN-IMAGE"
EXPLICIT_FALSE = "EXPLICIT-FALSE"
LAST_DAY = "LAST-DAY"
RANGE_ENDS = "RANGE-ENDS"
NO_DELIVERY_DATE = "NO-DELIVERY-DATE"
FULL_NAME = "FULL-NAME"
STATION_MISSING = "STATION-MISSING"
CASE_STATION_MISSING = "CASE-STATION-MISSING"
EMPTY_CASE_ID = "EMPTY-CASE-ID"
MERGE_WITHOUT_MATCH = "MERGE-WITHOUT-MATCH"
STATUS_AGE = "STATUS-AGE"
UNKNOWN_OPERATION_ECHO = "UNKNOWN-OPERATION-ECHO"
UNKNOWN_OPERATION_HTTP = "UNKNOWN-OPERATION-HTTP"
OPERATION_ID_SPELLING = "OPERATION-ID-SPELLING"

Readings = Mapping[str, str]
"""Reading id -> name of the one that is taken."""

UNDERSTOOD: Mapping[str, tuple[str, ...]] = {
    MALFORMED_READ_VALUE: ("refused", "defaulted", "not-found"),
    MALFORMED_WRITE_VALUE: ("refused", "defaulted", "not-found"),
    MISSING_MANDATORY_HTTP: ("success", "bad-request"),
    BLANK_TEXT: ("value", "missing"),
    EMPTY_PATIENT_ID: ("no-value", "value-when-written"),
    CHECKS_AT: ("server", "station", "split"),
    CHECK_ORDER: ("listed", "reversed", "any"),
    UNKNOWN_STATION: ("waits", "silent", "unsupported"),
    REPEATED_ID_PLACES: ("one", "two"),
    READS_KEPT: ("no", "yes"),
    REMOVE_AFTER_PICK_UP: ("answers-false", "answers-true"),
    REMOVE_REPEATED_ID: ("newest", "oldest", "all"),
    MERGED_PATIENT_ID: ("after-choice", "at-once"),
    SIMILAR_NAMES: ("same-letters", "same-last-name"),
    UPDATE_DIALOG: ("always", "when-different"),
    KEPT_OLD_DATA: ("processed", "rejected_by_operator"),
    NO_OUTPUT_STATUS: ("ok", "accepted", "no-content"),
    FIND_UNKNOWN_PATIENT: ("empty-list", "not-found", "bad-request"),
    FIND_WITHOUT_PATIENT: ("bad-request", "empty-list"),
    UNKNOWN_IMAGE: ("not-found", "bad-request", "server-error", "empty"),
    EXPLICIT_FALSE: ("as-omitted", "excludes", "selects-nothing"),
    LAST_DAY: ("midnight", "whole-day"),
    RANGE_ENDS: ("inclusive", "exclusive"),
    NO_DELIVERY_DATE: ("compared", "left-out", "kept"),
    FULL_NAME: ("first-last", "last-first", "last-comma-first"),
    STATION_MISSING: ("unsupported", "integration_id_missing", "exception", "processed"),
    CASE_STATION_MISSING: ("unsupported", "case_id_missing", "integration_id_missing"),
    EMPTY_CASE_ID: ("missing", "unknown"),
    MERGE_WITHOUT_MATCH: ("new-patient-dialog", "created-at-once"),
    STATUS_AGE: ("start", "last-change"),
    UNKNOWN_OPERATION_ECHO: ("asked", "empty"),
    UNKNOWN_OPERATION_HTTP: ("ok", "not-found"),
    OPERATION_ID_SPELLING: ("same", "other"),
}
