"""Load figures of the emulator beside those of other mock servers. ``python -m benchmarks emulator`` prints a table."""
