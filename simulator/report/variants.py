"""One scenario in several variants, from one seed, with the same arrivals: a table and charts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from simulator.errors import DrydockError
from simulator.report import collect
from simulator.report.chart import Line, chart
from simulator.report.summary import ServiceSummary, Summary
from simulator.scenario import Scenario
from simulator.shell.tables import columns
from simulator.trials.lines import LineSummary
from simulator.trials.playing import Run
from simulator.units import format_span

HEADINGS = ("VARIANT", "REQUESTS", "ERRORS", "P50", "P95", "P99", "ENDS", "HOSTS", "COST")
"""``ENDS``, ``HOSTS``: the most that answered, and that there were, at a time."""
MOST_NOTES = 6


@dataclass(frozen=True, slots=True)
class Varied:
    """One variant's run: its summary, or why it could not be run."""

    name: str
    summary: Summary | None
    problem: str = ""
    most_hosts: int = 0


def run_all(
    variants: Sequence[tuple[str, Scenario]],
    keep_going: Callable[[float, float], bool] | None = None,
) -> list[Varied]:
    """Run each of them; stops between two when told to."""
    found = []
    for name, scenario in variants:
        run = Run(scenario)
        try:
            finished = run.go(keep_going)
        except DrydockError as error:
            found.append(Varied(name, None, str(error)))
            continue
        if run.session is None:
            break
        summary = collect.of_run(run)
        found.append(Varied(name, summary, most_hosts=_most_hosts(run)))
        if not finished:
            break
    return found


def _most_hosts(run: Run) -> int:
    """The most hosts that there ever were at a time."""
    assert run.session is not None
    most = now = 0
    for entry in run.session.world.journal:
        kind = type(entry.event).__name__
        now += (kind == "HostCreated") - (kind == "HostRemoved")
        most = max(most, now)
    return most


# --- text -----------------------------------------------------------------------------------------


def to_text(title: str, found: Sequence[Varied], *, braille: bool = False) -> list[str]:
    """One table a service, what went wrong, and charts of latency and of who answers."""
    services = list(dict.fromkeys(one.name for each in found for one in _services(each)))
    lines = [title] if title else []
    for service in services or [""]:
        lines += ["", f"{service}: the same arrivals each time"] if service else [""]
        lines += columns(HEADINGS, [_row(one, service) for one in found])
    for service in services:
        lines += _phases(found, service)
    lines += [f"{one.name}: {one.problem}" for one in found if one.problem]
    lines += _failed(found)
    for service in services:
        lines += ["", *_chart(found, service, "p95", "p95 latency", "s", braille)]
        lines += ["", *_chart(found, service, "endpoints", "who answers", "", braille)]
    return lines


def _phases(found: Sequence[Varied], service: str) -> list[str]:
    """Phase by phase: the share that failed, until when, the worst second, how many answered."""
    names = list(dict.fromkeys(
        phase.phase for one in found if one.summary is not None for phase in one.summary.phases
    ))  # fmt: skip
    if not names:
        return []
    headings = ("PHASE", *(one.name.upper() for one in found))
    rows = [[name, *(_in_phase(one, name, service) for one in found)] for name in names]
    note = (
        "(the failed of all that ended, and how far into the phase 1% or more of a second failed; "
        "the worst second's p95; the fewest and most that answer)"
    )
    return ["", *columns(headings, rows), note]


def _in_phase(one: Varied, name: str, service: str) -> str:
    phases = one.summary.phases if one.summary is not None else ()
    found = next((each for each in phases if (each.phase, each.service) == (name, service)), None)
    if found is None:
        return "-"
    until = f" until {format_span(found.bad_until_s)}" if found.bad_until_s else ""
    return (
        f"{found.error_rate * 100:.2f}%{until}, {format_span(found.worst_p95_s)}, "
        f"{found.fewest_endpoints}-{found.most_endpoints}"
    )


def _failed(found: Sequence[Varied]) -> list[str]:
    """Lines of the script that failed, and what is not modelled: once, not for each variant."""
    said: dict[str, None] = {}
    for one in found:
        for line in one.summary.script if one.summary is not None else ():
            said |= dict.fromkeys(_notes(line))
    shown = list(said)[:MOST_NOTES]
    more = [f"and {len(said) - len(shown)} more"] if len(said) > len(shown) else []
    return [*shown, *more]


def _notes(line: LineSummary) -> list[str]:
    notes = [one for one in line.output if "not modelled" in one or "left out" in one]
    return [*notes, *([f"error: {line.error}"] if line.error else [])]


def _services(one: Varied) -> tuple[ServiceSummary, ...]:
    return one.summary.services if one.summary is not None else ()


def _row(one: Varied, service: str) -> list[str]:
    summary = one.summary
    found = next((each for each in _services(one) if each.name == service), None)
    if summary is None or found is None:
        return [one.name, *["-"] * (len(HEADINGS) - 1)]
    ends = summary.series.get(f"service/{service}/endpoints")
    values = [int(each) for each in ends.values] if ends is not None else []
    times = (found.latency.p50_s, found.latency.p95_s, found.latency.p99_s)
    return [
        one.name,
        f"{found.arrived:,}",
        f"{found.error_rate * 100:.2f}%",
        *(format_span(each) if found.ok else "-" for each in times),
        f"{max(values)}" if values else "-",
        f"{one.most_hosts}",
        f"{summary.cost:.4f}" if summary.cost else "-",
    ]


def _chart(
    found: Sequence[Varied], service: str, series: str, words: str, unit: str, braille: bool
) -> list[str]:
    lines, longest = [], 1.0
    for one in found:
        if one.summary is None:
            continue
        longest = max(longest, one.summary.simulated_s)
        seen = one.summary.series.get(f"service/{service}/{series}")
        if seen is not None:
            times = [time - one.summary.start_s for time in seen.times_s]
            lines.append(Line(one.name, list(zip(times, seen.values, strict=True))))
    return chart(
        f"{service}: {words}", lines, start=0.0, end=longest, unit=unit, height=10, braille=braille
    )


def to_data(found: Sequence[Varied]) -> list[dict[str, object]]:
    """For ``--json``: the whole summary of every variant."""
    return [
        {
            "variant": one.name,
            "problem": one.problem or None,
            "most_hosts": one.most_hosts,
            "summary": msgspec.to_builtins(one.summary) if one.summary is not None else None,
        }
        for one in found
    ]
