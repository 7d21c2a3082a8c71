"""``drydock compare``: one scenario under several runtimes, from one seed, with the same arrivals.

Everything in the scenario stays as it is but the runtime of its containers, those of the set-up
and those that the script starts. A runtime that the hosts have no room for says so in its row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import msgspec
import numpy as np

from simulator.errors import DrydockError, InputError
from simulator.machine.runtimes import aliases, shares_a_kernel
from simulator.report import collect
from simulator.report.chart import Line, chart
from simulator.report.summary import ServiceSummary, Summary
from simulator.scenario import Scenario
from simulator.shell.tables import columns
from simulator.trials.playing import Run
from simulator.units import format_binary_bytes, format_span

MAX_RUNTIMES = 12
_STARTS = re.compile(
    r"(docker(?:\s+(?:-H|--host|-c|--context)[\s=]\S+)?\s+(?:container\s+)?(?:run|create))(?=\s)"
)
"""What starts a container in a typed line, with the flag before it that names a machine."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One runtime's run: its summary, or why it could not be run."""

    runtime: str
    summary: Summary | None
    problem: str = ""
    start_s: float = 0.0
    """Median time from the order to a container's first process."""


def parse_runtimes(text: str) -> list[str]:
    """Names separated by commas; InputError for an unknown one, none, or too many."""
    names = [word.strip() for word in text.split(",") if word.strip()]
    if not 1 <= len(names) <= MAX_RUNTIMES:
        raise InputError("runtimes", found=text[:60], expected="one to twelve, as runc,gvisor,qemu")
    for name in names:
        if name != "runc" and shares_a_kernel(name):
            raise InputError("this lets VMs share a kernel; it starts no containers", found=name)
    return list(dict.fromkeys(names))


def under(scenario: Scenario, name: str) -> Scenario:
    """The same scenario with another runtime for all containers."""
    spec = scenario.spec
    containers = type(spec.containers)(
        [msgspec.structs.replace(one, runtime=name) for one in spec.containers]
    )
    script = type(spec.script)(
        [msgspec.structs.replace(one, do=_with_runtime(one.do, name)) for one in spec.script]
    )
    changed = msgspec.structs.replace(spec, containers=containers, script=script)
    return replace(scenario, spec=changed)


def _with_runtime(line: str, name: str) -> str:
    """A typed line whose new containers are started by a runtime, unless it names one itself."""
    if "--runtime" in line:
        return line
    return _STARTS.sub(rf"\1 --runtime {name}", line)


def compare(
    scenario: Scenario,
    names: Sequence[str],
    keep_going: Callable[[float, float], bool] | None = None,
) -> list[Compared]:
    """Run the scenario once under each runtime; stops between runs when told to."""
    found = []
    for name in names:
        run = Run(under(scenario, name))
        try:
            finished = run.go(keep_going)
        except DrydockError as error:
            found.append(Compared(name, None, str(error)))
            continue
        if run.session is None:
            break
        found.append(Compared(name, collect.of_run(run), "", _start_s(run)))
        if not finished:
            break
    return found


def _start_s(run: Run) -> float:
    assert run.session is not None
    times = [
        getattr(entry.event, "seconds", 0.0)
        for entry in run.session.world.journal
        if type(entry.event).__name__ == "ContainerStarted"
    ]
    return float(np.median(times)) if times else 0.0


# --- text -----------------------------------------------------------------------------------------

HEADINGS = (
    "RUNTIME", "START", "REQUESTS", "OK", "ERRORS", "MEAN", "P50", "P95", "P99", "CPU", "MEMORY",
)  # fmt: skip


def to_text(found: Sequence[Compared], *, braille: bool = False) -> list[str]:
    """One table and one chart a service."""
    shown = [one for one in found if one.summary is not None]
    services = list(dict.fromkeys(s.name for one in shown for s in _services(one)))
    lines: list[str] = []
    for service in services or [""]:
        rows = [_row(one, service) for one in found]
        lines += [f"{service}: the same arrivals under each runtime"] if service else []
        lines += columns(HEADINGS, rows)
    lines += [f"{one.runtime}: {one.problem}" for one in found if one.problem]
    for service in services:
        lines += ["", *_chart(shown, service, braille)]
    return lines


def _services(one: Compared) -> tuple[ServiceSummary, ...]:
    return one.summary.services if one.summary is not None else ()


def _row(one: Compared, service: str) -> list[str]:
    summary = one.summary
    if summary is None:
        return [one.runtime, *["-"] * (len(HEADINGS) - 1)]
    hosts = [each for each in summary.machines if each.kind == "host"]
    cpu = f"{sum(each.cpu_mean_cores for each in hosts):.2f}"
    memory = format_binary_bytes(sum(each.memory_peak_bytes for each in hosts))
    start = format_span(one.start_s)
    found = next((each for each in summary.services if each.name == service), None)
    if found is None:
        return [one.runtime, start, *["-"] * 7, cpu, memory]
    latency = found.latency
    times = (latency.mean_s, latency.p50_s, latency.p95_s, latency.p99_s)
    return [
        one.runtime,
        start,
        f"{found.arrived:,}",
        f"{found.ok:,}",
        f"{found.error_rate * 100:.2f}%",
        *(format_span(each) if found.ok else "-" for each in times),
        cpu,
        memory,
    ]


def _chart(found: Sequence[Compared], service: str, braille: bool) -> list[str]:
    lines, longest = [], 1.0
    for one in found:
        assert one.summary is not None
        series = one.summary.series.get(f"service/{service}/p95")
        longest = max(longest, one.summary.simulated_s)
        if series is not None:
            times = [time - one.summary.start_s for time in series.times_s]
            lines.append(Line(one.runtime, list(zip(times, series.values, strict=True))))
    title = f"{service}: p95 latency"
    return chart(title, lines, start=0.0, end=longest, unit="s", height=10, braille=braille)


def to_data(found: Sequence[Compared]) -> list[dict[str, object]]:
    """For ``--json``: the whole summary of every run."""
    return [
        {
            "runtime": aliases().get(one.runtime, one.runtime),
            "problem": one.problem or None,
            "start_s": one.start_s,
            "summary": msgspec.to_builtins(one.summary) if one.summary is not None else None,
        }
        for one in found
    ]
