"""Reports: the ledger and its evidence for people and for programs."""

from conformance.report.annotations import github
from conformance.report.capsule import Capsule, CapsuleError, capsule_from
from conformance.report.console import print_ledger
from conformance.report.files import FILES, write_all
from conformance.report.html import html
from conformance.report.left_behind import LeftBehind, left_behind
from conformance.report.markdown import markdown
from conformance.report.view import View, view_of

__all__ = [
    "FILES",
    "Capsule",
    "CapsuleError",
    "LeftBehind",
    "View",
    "capsule_from",
    "github",
    "html",
    "left_behind",
    "markdown",
    "print_ledger",
    "view_of",
    "write_all",
]
