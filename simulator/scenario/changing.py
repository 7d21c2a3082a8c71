"""A scenario otherwise: another variant of it, more traffic, fewer nodes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import msgspec

from simulator.errors import InputError, Place, unknown
from simulator.scenario.loading import Scenario
from simulator.scenario.spec import NodesEntry, TrafficEntry
from simulator.scenario.stacks import DEPLOYED_S
from simulator.traffic.sources import TraceTraffic
from simulator.units import parse_number

_TIMES = re.compile(r"[x*×]?([0-9.]+)[x×]?")
_BY = re.compile(r"([+-]?)([0-9]{1,6})")
WHAT_IF = "--what-if"
MOST_TIMES = 10_000.0


def what_if(scenario: Scenario, changes: tuple[str, ...]) -> Scenario:
    """The same scenario with changes: ``traffic=x10``, ``traffic.web=x3``, ``nodes=-1``.

    InputError names the change that is none, or has nothing to change.
    """
    for text in changes:
        name, equals, value = text.partition("=")
        place = Place(f"{WHAT_IF} {text}")
        if not equals or not value:
            raise InputError("bad change", place=place, expected="as traffic=x10 or nodes=-1")
        what, _, which = name.partition(".")
        if what == "traffic":
            scenario = _with_traffic(scenario, which, _times(value, place), place)
        elif what == "nodes":
            scenario = _with_nodes(scenario, which, value, place)
        else:
            raise unknown("thing to change", what, ("traffic", "nodes"), place)
    return scenario


def with_traffic(scenario: Scenario, lines: tuple[str, ...]) -> Scenario:
    """The same scenario with more to send: ``SERVICE WORDS``, as after ``traffic``."""
    traffic = dict(scenario.spec.traffic)
    for line in lines:
        service, _, words = line.strip().partition(" ")
        place = Place(f"--traffic {line}")
        if not words:
            raise InputError("bad traffic", place=place, expected="as 'web 200/s'")
        entry = TrafficEntry.from_text(words.strip())
        try:
            entry.spec(scenario.folder)
        except InputError as error:
            raise error.at(place) from None
        traffic[service] = entry
    if scenario.deployed and ("until",) not in scenario.places:
        scenario = scenario.with_until(_whole(traffic, scenario))
    return replace(scenario, spec=msgspec.structs.replace(scenario.spec, traffic=traffic))


def _whole(traffic: Mapping[str, TrafficEntry], scenario: Scenario) -> float:
    """Until when all that a file tells has been sent, where that is later than usual."""
    found = scenario.spec.until
    for one in traffic.values():
        spec = one.spec(scenario.folder)
        if isinstance(spec, TraceTraffic):
            found = max(found, DEPLOYED_S + spec.after_s + spec.trace.lasts_s / spec.speed)
    return found


def _times(value: str, place: Place) -> float:
    found = _TIMES.fullmatch(value.strip())
    try:
        times = parse_number(found[1], "multiple", maximum=MOST_TIMES) if found else -1.0
    except InputError as error:
        raise error.at(place) from None
    if times < 0:
        raise InputError("bad multiple", place=place, found=value, expected="as x10 or x0.5")
    return times


def _with_traffic(scenario: Scenario, which: str, times: float, place: Place) -> Scenario:
    traffic = scenario.spec.traffic
    if which and which not in traffic:
        raise unknown("service with traffic", which, traffic, place)
    if not traffic:
        raise InputError(
            "no traffic to change", place=place,
            expected="--traffic 'SERVICE RATE', or traffic: in the scenario",
        )  # fmt: skip
    changed = {
        name: msgspec.structs.replace(one, times=one.times * times) if which in ("", name) else one
        for name, one in traffic.items()
    }
    return replace(scenario, spec=msgspec.structs.replace(scenario.spec, traffic=changed))


def _with_nodes(scenario: Scenario, which: str, value: str, place: Place) -> Scenario:
    """Of the first group of nodes of each cluster, or of all groups whose names begin so."""
    found = _BY.fullmatch(value.strip())
    if found is None:
        raise InputError("bad number of nodes", place=place, found=value, expected="as -1, +2 or 5")
    clusters, done = [], False
    for cluster in scenario.spec.clusters:
        groups = list(cluster.nodes)
        for at, group in enumerate(groups):
            if which in (group.prefix, group.prefix.rstrip("-"), cluster.name) or (
                not which and at == 0
            ):
                groups[at] = _resized(group, found[1], int(found[2]), place)
                done = True
        clusters.append(msgspec.structs.replace(cluster, nodes=tuple(groups)))
    if not done:
        raise InputError("no such nodes", place=place, expected="a scenario with a cluster")
    spec = msgspec.structs.replace(scenario.spec, clusters=tuple(clusters))
    return replace(scenario, spec=spec)


def _resized(group: NodesEntry, sign: str, number: int, place: Place) -> NodesEntry:
    count = number if not sign else group.count + (number if sign == "+" else -number)
    if count < 0:
        raise InputError("fewer nodes than none", place=place, found=group.count - number)
    return msgspec.structs.replace(group, count=count)
