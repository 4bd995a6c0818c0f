"""Conformance harness for 3Shape Dental Desktop integrations."""

__version__ = "0.1.0"
