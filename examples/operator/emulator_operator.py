"""An operator for ``threedd certify server URL --operator-command``: has the buttons of an emulator pressed.

Standard library only, and nothing of the harness: a pattern for a command that drives the screens of a real station.

    threedd emulator --port 0                      # prints address, authority, control port and token

    set THREEDD_CONTROL=http://127.0.0.1:PORT      # export ... where that is the word for it
    set THREEDD_CONTROL_TOKEN=TOKEN
    threedd certify server ADDRESS --ca AUTHORITY --user USER --allow-writes \\
        --operator-command "python examples/operator/emulator_operator.py"

It reads one JSON object per line and answers each with one; README.md beside it tells what they say. An emulator that
was started with --ask waits for ever at dialogs that nobody told it of: leave that out.
"""

import json
import os
import sys
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener

NAME, VERSION = "emulator-operator", "1.0"
PROTOCOL = 1
DIRECT = build_opener(ProxyHandler({}))


def main():
    control, token = os.environ.get("THREEDD_CONTROL", ""), os.environ.get("THREEDD_CONTROL_TOKEN", "")
    if not control or not token:
        sys.exit("set THREEDD_CONTROL and THREEDD_CONTROL_TOKEN to what threedd emulator prints.")
    for line in sys.stdin.buffer:
        message = json.loads(line)
        if message["type"] == "hello":
            about = {"protocol": PROTOCOL, "name": NAME, "version": VERSION}
            answer({"type": "ready", **about, "supports": message["dialogs"]})
        elif message["type"] == "decide":
            answer({**decide(message, control, token), "number": message["number"]})
        elif message["type"] == "goodbye":
            return


def decide(message, control, token):
    """The answer to one decision, without its number: an emulator can arrange everything before the dialog comes up."""
    wish = {
        "station": message["station"]["id"],
        "operation": message["operation"]["id"],
        "dialog": message["dialog"],
        "button": message["button"],
    }
    request = Request(
        f"{control.rstrip('/')}/decisions",
        data=json.dumps(wish).encode("utf-8"),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        method="POST",
    )
    try:
        with DIRECT.open(request, timeout=10):
            return {"type": "done"}
    except HTTPError as refused:
        return {"type": "cannot", "reason": f"HTTP {refused.code}: {refused.read(200).decode('utf-8', 'replace')}"}
    except (URLError, OSError) as lost:
        return {"type": "failed", "reason": f"{control} cannot be reached: {lost}"}


def answer(message):
    """One line, at once: whoever asked is waiting for it."""
    print(json.dumps(message), flush=True)


if __name__ == "__main__":
    main()
