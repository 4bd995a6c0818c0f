"""The operator's console: pages on the control port, on which a person plays the dentist."""

from conformance.emulator.console.console import Console
from conformance.emulator.console.ring import Heard, Remark, Remarks, Ring, Said, no_remarks

__all__ = ["Console", "Heard", "Remark", "Remarks", "Ring", "Said", "no_remarks"]
