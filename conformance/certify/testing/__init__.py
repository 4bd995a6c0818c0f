"""The emulator for the test suites of PMS vendors: a pytest plugin. It imports nothing, so that it costs nothing."""
