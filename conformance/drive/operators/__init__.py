"""Who presses the buttons at the stations: an emulator's control API, a command, a person who is asked, or nobody."""

from conformance.drive.operators.attending import NoOperator, OperatorError, Start
from conformance.drive.operators.command import PROTOCOL, CommandOperator, CommandTerms
from conformance.drive.operators.emulator import EmulatorOperator
from conformance.drive.operators.person import PersonOperator, Round
from conformance.drive.program import arguments_of

__all__ = [
    "PROTOCOL",
    "CommandOperator",
    "CommandTerms",
    "EmulatorOperator",
    "NoOperator",
    "OperatorError",
    "PersonOperator",
    "Round",
    "Start",
    "arguments_of",
]
