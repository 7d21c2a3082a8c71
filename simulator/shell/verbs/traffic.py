"""``traffic``: what clients send to a service, and how patient they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from simulator.errors import InputError, nearest
from simulator.shell import kinds, lookup
from simulator.shell.grammar import Argument, Call, Flag
from simulator.shell.registry import verb
from simulator.shell.tables import columns
from simulator.traffic.client import MOST_PARTS, ClientPolicy
from simulator.traffic.spec import names_a_file, parse_traffic
from simulator.world.commands import StartTraffic, StopTraffic

if TYPE_CHECKING:
    from simulator.look.views import ServiceView
    from simulator.shell.session import Session

_PARTS = kinds.integer("number of answers", 1, 2 * MOST_PARTS)
CLIENT = (
    Flag(("--timeout",), "clients give up after this long", kinds.POSITIVE_DURATION),
    Flag(("--retries",), "attempts after the first", kinds.integer("retries", 0, 100), 0),
    Flag(("--backoff",), "wait before the first retry; doubles (default 100ms)", kinds.DURATION),
    Flag(("--backoff-max",), "longest wait (default 10s)", kinds.DURATION),
    Flag(("--jitter",), "part of the wait that is random, 0 to 1", kinds.SHARE, 0.0),
    Flag(("--retry-budget",), "most retries as a share of first attempts", kinds.SHARE),
    Flag(
        ("--fan-out",),
        "send each request to so many endpoints (with --call: 0 without this)",
        kinds.integer("fan-out", 0, MOST_PARTS),
    ),
    Flag(("--call",), "send each request to this service, too", kinds.SERVICE, repeat=True),
    Flag(("--quorum",), "answers that are enough (default all)", _PARTS),
    Flag(
        ("--hedge",),
        "send once more what has no answer after this, to another endpoint; the first counts",
        kinds.DURATION,
    ),
    Flag(("--cancel",), "withdraw from the servers what nobody waits for any more"),
    Flag(("--dns-ttl",), "how long clients keep the addresses of endpoints", kinds.DURATION),
    Flag(
        ("--keepalive",),
        "requests that go over one connection (default 1: each opens one)",
        kinds.integer("requests", 1, 1_000_000_000),
    ),
)


def client_of(call: Call) -> ClientPolicy:
    """The clients that the flags describe."""
    given = {
        "timeout_s": call["timeout"],
        "retries": call["retries"],
        "backoff_s": call["backoff"],
        "backoff_max_s": call["backoff_max"],
        "jitter": call["jitter"],
        "retry_budget": call["retry_budget"],
        "fan_out": call["fan_out"],
        "calls": call["call"],
        "quorum": call["quorum"],
        "hedge_s": call["hedge"],
        "cancel": call["cancel"],
        "dns_ttl_s": call["dns_ttl"],
        "keepalive": call["keepalive"],
    }
    return ClientPolicy(**{name: value for name, value in given.items() if value is not None})


def _parse(values: dict[str, Any]) -> None:
    """Read the words with the line, so that a script is checked before it runs; files later."""
    words = list(values["WORDS"])
    _check_together(values, stops=words == ["stop"])
    later = words == ["stop"] or names_a_file(words)
    values["spec"] = None if later else parse_traffic(words)


RETRYING = ("backoff", "backoff_max", "jitter", "retry_budget")
"""What only matters to clients that try again."""


def _check_together(values: dict[str, Any], *, stops: bool) -> None:
    """Refuse what would change nothing: a flag without the one that it belongs to."""
    for flag in CLIENT if stops else ():
        if values[flag.key] not in (None, flag.default, (), False):
            raise InputError(f"--{flag.key.replace('_', '-')} with stop", expected="stop alone")
    for key in RETRYING:
        if values[key] and not values["retries"]:
            name = key.replace("_", "-")
            raise InputError(f"--{name} without --retries", expected=f"--retries 3 --{name} ...")
    parts = values["fan_out"] if values["fan_out"] is not None else not values["call"]
    if values["quorum"] is not None and parts + len(values["call"]) == 1:
        raise InputError("--quorum of one answer", expected="--fan-out or --call with it")
    waits = (values["timeout"], values["hedge"], values["quorum"])
    if values["cancel"] and not any(one is not None for one in waits):
        raise InputError(
            "--cancel where everybody waits for all answers",
            expected="--timeout, --hedge or --quorum with it",
        )


WORDS = replace(
    kinds.text("words"),
    explained=(
        ("50/s", "Poisson arrivals at this rate"),
        ("constant", "RATE/s, evenly spaced"),
        ("poisson", "RATE/s, at random"),
        ("steps", "RATE @TIME RATE @TIME ..."),
        ("ramp", "from=30 to=160 at=60s over=30s"),
        ("surge", "base=30 peak=160 at=60s ramp=30s hold=2m decay=60s"),
        ("diurnal", "mean=100 amplitude=0.5 period=24h peak-at=14h"),
        ("burst", "rate=100 idc=16 scale=10s share=20%"),
        ("renewal", "RATE cv=3: gaps with this coefficient of variation"),
        ("preset", "NAME peak=400 speed=10"),
        ("file", "an access log, or a CSV of timestamp,count"),
        ("off", "nothing is sent"),
        ("stop", "end what is sent now"),
    ),
)


@verb(
    "traffic",
    "Send requests to a service from now on, in place of what it had",
    arguments=(
        Argument("SERVICE", kinds.SERVICE, "who gets them; created if it does not exist"),
        Argument("WORDS", WORDS, "what is sent: see the examples", repeat=True),
    ),
    flags=CLIENT,
    free=True,
    validate=_parse,
    examples=(
        "traffic web 50/s",
        "traffic web constant 20/s --timeout 1s --retries 3 --backoff 100ms --jitter 0.5",
        "traffic web 30 @0 160 @60 30 @300",
        "traffic web surge base=30 peak=160 at=60s ramp=30s hold=2m decay=60s",
        "traffic web 50/s --fan-out 10 --quorum 9 --hedge 20ms --cancel",
        "traffic web preset worldcup-1998-semifinal peak=400 speed=10",
        "traffic web stop",
    ),
    details=(
        "Words (times in them count from now):\n"
        "  100/s                            Poisson arrivals; constant 100/s: evenly spaced\n"
        "  30 @0 160 @60 30 @300            steps: a rate, and when it begins\n"
        "  ramp from=30 to=160 at=60s over=30s\n"
        "  surge base=30 peak=160 at=60s ramp=30s hold=2m decay=60s\n"
        "  diurnal mean=100 amplitude=0.5 period=24h peak-at=14h\n"
        "  burst rate=100 idc=16 scale=10s share=20%\n"
        "  renewal 100 cv=3                 gaps with this coefficient of variation\n"
        "  preset NAME peak=400 speed=10    'drydock list' names them\n"
        "  file access.log speed=2          an access log, or a CSV of timestamp,count\n"
        "All take after= (delay), for= (length) and times= (multiple)."
    ),
)
def traffic(session: Session, call: Call) -> Iterable[str]:
    """Start or stop traffic."""
    words = list(call["WORDS"])
    if words == ["stop"]:
        name = lookup.service(session.reader, call["SERVICE"])
        return session.do(StopTraffic(service=name))
    client = client_of(call)
    spec = call["spec"] or parse_traffic(words, find=session.path)
    session.say(_meant(session, call["SERVICE"]))
    return session.do(StartTraffic(service=call["SERVICE"], spec=spec, client=client))


def _meant(session: Session, name: str) -> list[str]:
    """What is said before a service is made whose name is nearly that of another."""
    near = similar_service(session.reader.services(), name)
    return [f"there is no service {name}: one is made now; did you mean '{near}'?"] if near else []


def similar_service(services: Iterable[ServiceView], name: str) -> str | None:
    """The service whose name is nearly this one, where none has it; None else."""
    names = [one.name for one in services]
    return None if name in names else nearest(name, names)


@verb("traffic ls", "What is sent to every service", examples=("traffic ls",))
def ls(session: Session, call: Call) -> Iterable[str]:
    """One line a service with traffic."""
    rows = [
        [one.name, one.traffic, f"{one.offered_per_s:.1f}/s", str(one.outcomes.get("arrived", 0))]
        for one in session.reader.services()
        if one.traffic
    ]
    return columns(("SERVICE", "TRAFFIC", "NOW", "SENT SO FAR"), rows)
