"""What wrk reports becomes figures."""

from __future__ import annotations

import pytest

from benchmarks.contest import Row, Terms
from benchmarks.load import Figures, ToolMissing, figures, require
from benchmarks.table import table

REPORT = """Running 30s test @ https://127.0.0.1:5484/
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency    42.36ms   10.23ms 178.20ms   90.11%
    Req/Sec     1.52k   150.32     1.80k    80.00%
  Latency Distribution
     50%   40.31ms
     75%   45.00ms
     90%   52.11ms
     99%    1.09s
  45231 requests in 30.03s, 77.32MB read
Requests/sec:   1506.19
Transfer/sec:      2.57MB
"""


def test_a_clean_report_has_no_errors():
    assert figures(REPORT) == Figures(45231, 1506.19, 40.31, 1090.0, 0)


def test_broken_connections_and_refusals_are_errors():
    broken = "  Socket errors: connect 1, read 2, write 0, timeout 4\n  Non-2xx or 3xx responses: 10\nRequests/sec:"
    assert figures(REPORT.replace("Requests/sec:", broken)).errors == 17


def test_anything_else_is_no_report():
    with pytest.raises(ValueError, match="expected requests and requests per second"):
        figures("unable to connect to 127.0.0.1:1 Connection refused")


def test_a_missing_tool_is_named():
    with pytest.raises(ToolMissing, match="no-such-tool is not installed"):
        require("no-such-tool")


def test_a_ratio_is_to_the_emulator_over_the_same_scheme():
    fast, slow = Figures(100, 1000.0, 1.0, 2.0, 0), Figures(50, 500.0, 2.0, 4.0, 1)
    rows = [Row("ours", "https", fast, 60.0, 60.0), Row("ours", "http", slow, 60.0, 60.0), Row("x", "http", fast, 9, 9)]
    lines = table(rows, Terms(64, 30, 5)).splitlines()
    assert [line.split()[3] for line in lines[1:4]] == ["1.00", "1.00", "2.00"]
