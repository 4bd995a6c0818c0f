"""A headless Chromium, driven by its DevTools protocol: as much as a person does with a page."""

from __future__ import annotations

import base64
import itertools
import json
import os
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import websocket

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
PATIENCE_S = 30.0
OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-extensions",
    "--disable-background-networking",
    "--remote-debugging-port=0",
    "--remote-allow-origins=*",
)
KEYS = {"Enter": (13, "\r"), "Tab": (9, ""), " ": (32, " ")}


def browser() -> str | None:
    """The program, or None where this machine has none. THREEDD_BROWSER names another."""
    return os.environ.get("THREEDD_BROWSER") or next(filter(None, map(shutil.which, NAMES)), None)


class Chromium:
    """One window of one browser, as a context manager."""

    def __init__(self, program: str, folder: Path, *options: str) -> None:
        self._command = [program, *OPTIONS, *options, f"--user-data-dir={folder}", "about:blank"]
        self._numbers = itertools.count(1)
        self.complaints: list[str] = []
        """What the browser had to say against the pages: scripts that broke, rules that were not kept."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(self._command, stderr=subprocess.PIPE, encoding="utf-8", errors="replace")
        assert self._process.stderr is not None
        said = (line.partition("DevTools listening on ")[2].strip() for line in self._process.stderr)
        address = next(filter(None, said), None)
        assert address is not None, "the browser ended before it could be spoken to"
        self._socket = websocket.create_connection(address, timeout=PATIENCE_S)
        self._session = ""
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.send("Page.enable")
        self.send("Log.enable")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()
        self._process.terminate()
        self._process.wait()
        assert self._process.stderr is not None
        self._process.stderr.close()

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """The result of one command of the protocol."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        self._socket.send(json.dumps(message | ({"sessionId": self._session} if self._session else {})))
        while True:
            answer: dict[str, Any] = json.loads(self._socket.recv())
            if answer.get("method") == "Log.entryAdded" and answer["params"]["entry"]["level"] == "error":
                self.complaints.append(answer["params"]["entry"]["text"])
            if answer.get("id") == number:
                assert "error" not in answer, answer["error"]
                return answer["result"]  # type: ignore[no-any-return]

    def open(self, address: str) -> None:
        """Goes there and waits until the page is complete."""
        self.send("Page.navigate", url=address)
        self.wait("document.readyState == 'complete' && location.href != 'about:blank'")

    def value(self, script: str) -> Any:
        """What the expression is in the page; promises are awaited."""
        told = self.send("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    def wait(self, condition: str) -> None:
        """Until the expression holds in the page, also across a change of pages."""
        looks = f"""new Promise((done, late) => {{
          const end = Date.now() + {PATIENCE_S * 1000:.0f};
          const look = () => {{
            let held = false;
            try {{ held = Boolean({condition}); }} catch {{ }}
            if (held) done(true);
            else if (Date.now() > end) late(new Error("never: " + {json.dumps(condition)}));
            else setTimeout(look, 30);
          }};
          look();
        }})"""
        for _ in range(20):  # a page that is left takes its promise with it
            try:
                self.value(looks)
                return
            except AssertionError as error:
                if "never:" in str(error):
                    raise
        raise AssertionError(f"the page changed all the time: {condition}")

    def click(self, selector: str) -> None:
        """Presses the mouse in the middle of the element."""
        self.wait(f"document.querySelector({json.dumps(selector)})")
        where = self.value(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
            " e.scrollIntoView({block: 'center', behavior: 'instant'}); const r = e.getBoundingClientRect();"
            " return [r.x + r.width / 2, r.y + r.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=kind, x=where[0], y=where[1], button="left", clickCount=1)

    def press(self, key: str) -> None:
        """Presses a key of KEYS."""
        code, text = KEYS[key]
        for kind in ("keyDown", "keyUp"):
            self.send("Input.dispatchKeyEvent", type=kind, key=key, text=text, windowsVirtualKeyCode=code)

    def write(self, text: str) -> None:
        """Types into whatever has the focus."""
        self.send("Input.insertText", text=text)

    def look(self, width: int, height: int, scheme: str = "light") -> None:
        """The size of the window, and whether the person likes it light or dark."""
        self.send(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        self.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def picture(self, path: Path, whole: bool = True) -> None:
        """A PNG of the page."""
        data = self.send("Page.captureScreenshot", format="png", captureBeyondViewport=whole)["data"]
        path.write_bytes(base64.b64decode(data))
