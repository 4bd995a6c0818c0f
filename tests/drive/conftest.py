"""A driver beside a server that answers as a test tells it, over TLS or without."""

import contextlib
from types import SimpleNamespace

import pytest

from conformance.drive import Driver, Limits, Outgoing, Tier, guard_at, place, trusting
from conformance.emulator.listener import Listener
from conformance.emulator.protocol import Response
from conformance.emulator.tls import TlsSettings, protect
from conformance.spec import load
from conformance.trace import Note, Recorder, Redactor

OK = Response(200)
USUAL = TlsSettings()
QUICK = Limits(connect_s=5, call_s=5, body_bytes=1000)


class Ticking:
    """A clock that moves by one each time somebody looks."""

    def __init__(self, step_s=0.001):
        self.now_s = 0.0
        self.step_s = step_s

    def __call__(self):
        self.now_s += self.step_s
        return self.now_s


@pytest.fixture(scope="session")
def spec():
    return load()


@pytest.fixture
def recorded(spec):
    """``recorded.recorder``, and what it recorded: ``exchanges`` and ``notes``."""
    exchanges, notes = [], []

    def sort(event):
        (notes if isinstance(event, Note) else exchanges).append(event)

    recorder = Recorder(spec, Redactor(spec, b"key", raw=True), [sort])
    return SimpleNamespace(recorder=recorder, exchanges=exchanges, notes=notes)


@pytest.fixture
def served(recorded, tmp_path):
    """``served(answer, ...)`` starts a server; gives ``driver``, ``place``, ``requests`` and ``protection``."""
    with contextlib.ExitStack() as stack:

        def serve(answer=OK, *, limits=QUICK, step_s=0.001, tls=USUAL, trusted=True):
            requests = []

            def handler(request):
                requests.append(request)
                return answer(request) if callable(answer) else answer

            protection = protect(tls, tmp_path)
            listener = stack.enter_context(Listener(handler, protection.context))
            scheme = "http" if tls.plain else "https"
            url = f"{scheme}://{listener.address}/base"
            pem = protection.paths.authority_pem.read_text(encoding="ascii")
            guard = guard_at(place(url), recorded.recorder.spec, Tier.FULL)
            context = trusting(pem) if trusted else trusting(_another_authority(tmp_path))
            driver = Driver(url, recorded.recorder, context, clock=Ticking(step_s), limits=limits, guard=guard)
            stack.callback(driver.close)
            return SimpleNamespace(
                driver=driver,
                send=driver.send,
                place=place(url),
                requests=requests,
                protection=protection,
                listener=listener,
                pem=pem,
            )

        yield serve


def _another_authority(folder):
    other = protect(TlsSettings(), folder / "other")
    return other.paths.authority_pem.read_text(encoding="ascii")


@pytest.fixture(scope="session")
def get():
    """``get(target, ...)`` -> a plain request."""

    def make(target="/base/x", headers=(("Host", "localhost"),), **changes):
        return Outgoing(target=target, headers=headers, **changes)

    return make


@pytest.fixture
def clock():
    return Ticking()
