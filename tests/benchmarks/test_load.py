"""What the tools report becomes figures."""

from __future__ import annotations

import pytest

from benchmarks.contest import OURS, Run, Terms, reported
from benchmarks.load import Figures, ToolMissing, figures, figures_of_ab, require

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


REPORT_OF_AB = """This is ApacheBench, Version 2.3 <$Revision$>
Concurrency Level:      8
Time taken for tests:   4.001 seconds
Complete requests:      5491
Failed requests:        2
   (Connect: 0, Receive: 0, Length: 2, Exceptions: 0)
Non-2xx responses:      3
Total transferred:      1208460 bytes
Requests per second:    1372.54 [#/sec] (mean)
Time per request:       5.829 [ms] (mean)

Percentage of the requests served within a certain time (ms)
  50%      6
  66%      6
  99%     10
 100%     12 (longest request)
"""


def test_ab_reports_them_otherwise():
    assert figures_of_ab(REPORT_OF_AB) == Figures(5491, 1372.54, 6.0, 10.0, 5)
    without = REPORT_OF_AB.replace("Non-2xx responses:      3\n", "")
    assert figures_of_ab(without).errors == 2


def test_a_report_of_ab_without_figures_is_none():
    with pytest.raises(ValueError, match="expected requests, requests per second and percentiles"):
        figures_of_ab("apr_socket_recv: Connection refused (111)")


def test_a_clean_report_has_no_errors():
    assert figures(REPORT) == Figures(45231, 1506.19, 40.31, 1090.0, 0)


def test_broken_connections_and_refusals_are_errors():
    broken = "  Socket errors: connect 1, read 2, write 0, timeout 4\n  Non-2xx or 3xx responses: 10\nRequests/sec:"
    assert figures(REPORT.replace("Requests/sec:", broken)).errors == 17


def test_anything_else_is_no_report():
    with pytest.raises(ValueError, match="expected requests and requests per second"):
        figures("unable to connect to 127.0.0.1:1 Connection refused")


def test_a_missing_tool_is_named():
    with pytest.raises(ToolMissing, match="no-such-tool is not installed; Debian's package no-such-tool has it"):
        require("no-such-tool")


def test_medians_are_compared_with_those_that_speak_the_same():
    slow, usual, fast = (Figures(100, rate, 1.0, p99, 1) for rate, p99 in ((500.0, 9.0), (1000.0, 4.0), (1500.0, 2.0)))
    found = {
        (OURS, "https"): [Run(fast, slow, 0.3, 60.0), Run(usual, slow, 0.4, 80.0), Run(usual, slow, 0.5, 70.0)],
        ("other", "https"): [Run(slow, slow, 2.0, 280.0)],
        (OURS, "http"): [Run(fast, fast, 0.3, 60.0)],
    }
    report = reported(found, Terms(8, 30, 5))
    assert report.rows[0] == (OURS, "https", 1000.0, 1.0, 4.0, 3, 500.0, 1.0, 9.0, 3, 0.4, 70.0)
    assert len(report.columns) == len(report.rows[0])
    assert report.notes[0] == f"{OURS} / other, https: requests 2.00 (not kept 1.00), p99 0.44, memory 0.25"
    assert not any("http:" in note for note in report.notes)
