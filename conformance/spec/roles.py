"""The roles that code asks a spec for, and the only vocabulary shared by code and specs.

A spec folder may spell each of them as its guide does and may add more; none of these may be
missing, since a suite without, say, a way to ask for a status would silently test nothing.
"""

METHODS: dict[str, frozenset[str]] = {
    "list_stations": frozenset(),
    "create_patient": frozenset(
        {"first_name", "last_name", "birth_date", "patient_id", "integration_id", "station", "operation", "merge"}
    ),
    "update_patient": frozenset(
        {"first_name", "last_name", "birth_date", "patient_id", "integration_id", "station", "operation"}
    ),
    "select_patient": frozenset({"integration_id", "station", "operation"}),
    "create_case": frozenset({"integration_id", "station", "operation"}),
    "select_case": frozenset({"case", "station", "operation"}),
    "get_status": frozenset({"operation"}),
    "remove_operation": frozenset({"operation"}),
    "find_cases": frozenset(
        {
            "integration_id",
            "created_from",
            "created_to",
            "delivered_from",
            "delivered_to",
            "is_created",
            "is_scanned",
            "is_modelled",
        }
    ),
    "fetch_image": frozenset({"case", "image"}),
}
"""Role of a method -> roles of the parameters it must have."""

RECORDS: dict[str, frozenset[str]] = {
    "station": frozenset({"station", "hostname", "busy", "modules", "operator_name", "operator_id", "timestamp"}),
    "module": frozenset({"id", "title"}),
    "status": frozenset({"operation", "code", "description"}),
    "case": frozenset(
        {
            "images",
            "created",
            "case",
            "sent",
            "delivery",
            "indications",
            "modelled",
            "integration_id",
            "patient_name",
            "lab",
            "scans",
        }
    ),
    "image": frozenset({"image", "name", "timestamp"}),
    "indication": frozenset({"from", "to", "name", "shade"}),
    "scan": frozenset({"scan", "from", "to", "type", "sectioned", "prepared", "timestamp"}),
}
"""Role of a record type -> roles of the fields it must have."""

DOCUMENTS = frozenset({"stations", "status", "cases", "removed", "image_bytes"})

STATUSES = frozenset(
    {
        "awaiting",
        "accepted",
        "rejected_by_operator",
        "navigation_failed",
        "removed",
        "processed",
        "unsupported",
        "station_silent",
        "exception",
        "integration_id_missing",
        "last_name_missing",
        "case_id_missing",
        "case_unknown",
        "patient_id_taken",
        "integration_id_unknown",
        "integration_id_taken",
        "internal_error",
        "operation_unknown",
    }
)

NEW_OPERATION = "start"
"""Stands in ``follows`` for an operation that had no status yet."""

NEEDS = (
    *("writes", "operator", "fixtures", "tls", "users", "concurrency", "restart", "several-stations", "prepared"),
    "driver",  # a PMS that is told what to do and tells what it understood
)
LIMITS = ("calls", "seconds", "characters")
"""Names of numbers that a rule goes by where the guide has none."""
HARMS = ("erased", "mixed-up", "leaked", "lost", "misled", "nuisance")
ASSIGNERS = ("server", "station", "operator", "nobody")
