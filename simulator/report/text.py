"""The summary as plain text: aligned columns, nothing but ASCII unless braille is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap

from simulator.errors import harmless
from simulator.report.chart import Line, chart
from simulator.report.summary import PhaseSummary, ServiceSummary, Summary
from simulator.shell.tables import columns
from simulator.traffic.tally import FAILURES
from simulator.units import format_binary_bytes, format_span

_OUTCOMES = (*FAILURES, "in_flight", "retries", "hedges")
_SERVICE_NOTE = (
    "(requests since the set-up; errors: the failed of all that ended; latency: of the ok ones,",
    "from the first attempt to the answer)",
)
_CONTAINER_NOTE = (
    "(since its creation: CPU used, mean cores of its limit, throttled share of the periods",
    "of its quota)",
)
_SHOWN_EVENTS = 15
_SHOWN_CONTAINERS = 30
_SHOWN_MACHINES = 30
_SHOWN_LINES = 40


def to_text(summary: Summary, *, charts: bool = True, braille: bool = False) -> list[str]:
    """All sections that have something to say."""
    lines = list(_head(summary))
    for section in (_services, _phases, _machines, _containers, _script, _events):
        body = list(section(summary))
        if body:
            lines += ["", *body]
    if charts:
        for plot in _charts(summary, braille):
            lines += ["", *plot]
    return [harmless(line) for line in lines]


def _head(summary: Summary) -> Iterator[str]:
    yield " ".join(summary.title.split()) or summary.scenario or "Drydock run"
    state = "" if summary.finished else "  INTERRUPTED: results so far"
    yield (
        f"simulated {format_span(summary.simulated_s)} after a set-up of "
        f"{format_span(summary.start_s)}, seed {summary.seed}{state}"
    )


def _services(summary: Summary) -> Iterator[str]:
    if not summary.services:
        return
    outcomes = [name for name in _OUTCOMES if any(getattr(one, name) for one in summary.services)]
    headings = (
        *("SERVICE", "REQUESTS", "OK"),
        *(name.upper().replace("_", " ") for name in outcomes),
        *("ERRORS", "MEAN", "P50", "P95", "P99"),
    )
    yield from columns(headings, [_service(one, outcomes) for one in summary.services])
    if any(one.arrived for one in summary.services):
        yield from _SERVICE_NOTE
    for one in summary.services:
        if one.arrived == 0:
            yield f"(no requests were sent to {one.name}: 'traffic {one.name} 50/s' sends some)"
        elif one.endpoints == 0:
            yield f"({one.name} has no endpoints now: nothing answers its requests)"


def _phases(summary: Summary) -> Iterator[str]:
    if summary.phases:
        headings = ("PHASE", "SERVICE", "REQUESTS", "FAILED", "ERRORS", "WORST P95", "ANSWERED BY")
        yield from columns(headings, [_phase(one) for one in summary.phases])


def _phase(one: PhaseSummary) -> list[str]:
    return [
        one.phase,
        one.service,
        f"{one.offered:,}",
        f"{one.failed:,}",
        f"{one.error_rate * 100:.2f}%",
        format_span(one.worst_p95_s),
        f"{one.fewest_endpoints} to {one.most_endpoints}",
    ]


def _service(one: ServiceSummary, outcomes: Sequence[str]) -> list[str]:
    times = (one.latency.mean_s, one.latency.p50_s, one.latency.p95_s, one.latency.p99_s)
    return [
        one.name,
        *(f"{getattr(one, name):,}" for name in ("arrived", "ok", *outcomes)),
        f"{one.error_rate * 100:.2f}%",
        *(format_span(time) if one.ok else "-" for time in times),
    ]


def _machines(summary: Summary) -> Iterator[str]:
    if not summary.machines:
        yield "no hosts: 'hosts:' in the scenario or 'host add NAME' makes one"
        return
    rows = [
        [
            one.name,
            one.kind,
            f"{one.cpu_mean_cores:.2f} of {one.cores:g} cores "
            f"({one.cpu_mean_cores / one.cores * 100 if one.cores else 0:.0f}%)",
            f"{one.cpu_peak_cores:.2f}",
            f"{format_binary_bytes(one.memory_peak_bytes)} of "
            f"{format_binary_bytes(one.memory_bytes)}",
            *([f"{one.cost:.4g}" if one.kind == "host" else ""] if summary.cost else []),
        ]
        for one in summary.machines[:_SHOWN_MACHINES]
    ]
    headings = ("MACHINE", "KIND", "CPU MEAN", "CPU PEAK", "MEMORY PEAK")
    yield from columns((*headings, "COST") if summary.cost else headings, rows)
    if len(summary.machines) > _SHOWN_MACHINES:
        yield f"... and {len(summary.machines) - _SHOWN_MACHINES} more (--json has them all)"
    if summary.cost:
        yield f"cost of all hosts, the set-up included: {summary.cost:.4g}"


def _containers(summary: Summary) -> Iterator[str]:
    if not summary.containers:
        return
    rows = []
    for one in summary.containers[:_SHOWN_CONTAINERS]:
        limit = f" of {one.cpu_limit_cores:g}" if one.cpu_limit_cores else ""
        memory = format_binary_bytes(one.memory_peak_bytes)
        if one.memory_limit_bytes:
            memory += f" of {format_binary_bytes(one.memory_limit_bytes)}"
        state = one.state if one.exit_code is None or one.state == "running" else (
            f"{one.state} ({one.exit_code})"
        )  # fmt: skip
        rows.append([
            one.name, one.machine, state + (", OOM killed" if one.oom_killed else ""),
            str(one.restarts), f"{one.cpu_seconds:.1f}s", f"{one.cpu_mean_cores:.2f}{limit}",
            f"{one.throttled_ratio * 100:.0f}%", memory,
        ])  # fmt: skip
    headings = ("CONTAINER", "ON", "STATE", "RESTARTS", "CPU USED", "CORES", "THROTTLED",
                "MEMORY PEAK")  # fmt: skip
    yield from columns(headings, rows)
    yield from _CONTAINER_NOTE
    if len(summary.containers) > _SHOWN_CONTAINERS:
        yield f"... and {len(summary.containers) - _SHOWN_CONTAINERS} more (--json has them all)"


def _script(summary: Summary) -> Iterator[str]:
    if not summary.script:
        return
    yield "Script"
    for one in summary.script:
        done = "done: " if one.later else ""
        when = f"@{one.time_s - summary.start_s:.1f}s"
        yield f"  {when:>9}  {done}{' '.join(one.line.split())}"
        shown = one.output[:_SHOWN_LINES]
        yield from (f"             {line}".rstrip() for line in shown)
        if len(one.output) > len(shown):
            yield f"             ... {len(one.output) - len(shown)} lines more"
        if one.error is not None:
            yield from (f"             error: {line}" for line in one.error.split("\n"))


def _events(summary: Summary) -> Iterator[str]:
    loud = [event for event in summary.events if event.level in ("warn", "bad")]
    if loud:
        yield "Main events"
        half = _SHOWN_EVENTS // 2
        kept = loud if len(loud) <= _SHOWN_EVENTS else [*loud[:half], *loud[-half:]]
        for event in kept:
            yield f"  {f'@{event.time_s - summary.start_s:.1f}s':>9}  {event.text}"
        if len(loud) > len(kept):
            yield f"             ... and {len(loud) - len(kept)} more (--json has more)"
    if summary.event_counts:
        counts = sorted(summary.event_counts.items(), key=lambda pair: (-pair[1], pair[0]))
        shown = ", ".join(f"{count} {kind}" for kind, count in counts[:8])
        text = f"events: {shown}{', ...' if len(counts) > 8 else ''}"
        yield from wrap(text, 100, subsequent_indent="  ")


def _charts(summary: Summary, braille: bool) -> Iterator[list[str]]:
    for one in summary.services:
        if one.arrived:
            yield _plot(summary, one.name, "requests", ("offered", "ok"), "1/s", braille)
            yield _plot(summary, one.name, "latency", ("p95",), "s", braille)
            yield _plot(summary, one.name, "endpoints", ("endpoints",), "", braille, height=4)


def _plot(
    summary: Summary,
    service: str,
    title: str,
    names: tuple[str, ...],
    unit: str,
    braille: bool,
    height: int = 7,
) -> list[str]:
    lines = []
    for name in names:
        series = summary.series.get(f"service/{service}/{name}")
        if series is not None:
            times = [time - summary.start_s for time in series.times_s]
            lines.append(Line(name, list(zip(times, series.values, strict=True))))
    return chart(
        f"{service}: {title}",
        lines,
        start=0.0,
        end=max(summary.simulated_s, 1.0),
        unit=unit,
        height=height,
        braille=braille,
    )
