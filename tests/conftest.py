"""A small spec with rules of its own, so that tests of judging and reporting depend on no row of the real one."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from conformance.judge import Monitor
from conformance.rules import Rule, breach_class, breaks, holds, undecided
from conformance.spec import Binds, JudgedBy, Mark, Obligation, Profile, Reading, Requirement, default_folder, load
from conformance.trace import Recorded, realise


def requirement(id, binds=Binds.SERVER, obligation=Obligation.MUST, judged_by=JudgedBy.RULE, **changes):
    plain = {"heading": "Authorization", "target": "", "reason": "", "needs": (), "readings": (), "harm": ""}
    known = {"binds": binds, "obligation": obligation, "judged_by": judged_by}
    return Requirement(id=id, text=f"What {id} says.", file="made.yaml", **{**known, **plain, **changes})


def rule(id, judge, judges=("list_stations",), end=None):
    return Rule(id, id.lower(), "It does.", tuple(judges), judge, (), (), (), breach_class(id), end)


def by_http_status(history, exchange, spec):
    """PASS for 200, FAIL for 400, INCONCLUSIVE for 500, nothing for 204; any other breaks the rule itself."""
    return {
        200: holds(exchange),
        400: breaks("expected HTTP 200", f"observed HTTP 400 at exchange {exchange.number}", exchange),
        500: undecided("the server was restarted", exchange),
        204: None,
    }[exchange.http_status]


@pytest.fixture(autouse=True, scope="session")
def nothing_is_left_at_home(tmp_path_factory):
    """Emulators say where they are in a folder of the tests, not in that of whoever runs them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("THREEDD_CONNECTION", str(tmp_path_factory.mktemp("home") / "emulator.json"))
        yield


READING = Reading(
    id="LETTER-CASE",
    question="In which case are letters written?",
    heading="Authorization",
    takes={"upper": "A", "lower": "a", "none": "-"},
    default="upper",
    conforming=("upper", "lower"),
    mark=Mark.GUESSED,
    why="The guide is silent.",
)


@pytest.fixture(scope="session")
def real_spec():
    return load(default_folder())


@pytest.fixture(scope="session")
def small(real_spec):
    """``small.spec(rows...)``, ``small.rules(ids...)``, ``small.run(sketch, spec, rules)`` -> ledger."""

    def spec(*rows, binds=Binds.SERVER, include=None):
        inside = [row for row in rows if include is None or row.id in include]
        must = frozenset(r.id for r in inside if r.obligation is Obligation.MUST and r.judged_by is not JudgedBy.NOBODY)
        profile = Profile("small", "Small", binds, tuple(row.id for row in inside), must)
        name, digest = "small-1.0", "0" * 64
        return replace(real_spec, name=name, digest=digest, requirements=rows, readings=(READING,), profiles=(profile,))

    def monitor(made_spec, rules, **settings):
        settings.setdefault("watching", {})
        if "terms" not in settings:
            settings.setdefault("profile", made_spec.profiles[0])
        return Monitor(made_spec, rules, **settings)

    def events(sketch, who="sketch", play=""):
        return [
            replace(event, who=who, play=play) if isinstance(event, Recorded) else event
            for event in realise(sketch, real_spec)
        ]

    def run(sketch, made_spec, rules, who="sketch", play="", **settings):
        made = monitor(made_spec, rules, **settings)
        for event in events(sketch, who, play):
            made.feed(event)
        return made.finish()

    return SimpleNamespace(
        requirement=requirement,
        rule=rule,
        rules=lambda *ids: {id: rule(id, by_http_status) for id in ids},
        spec=spec,
        monitor=monitor,
        events=events,
        run=run,
    )
