"""Makes the summary of a world: everything in it comes from snapshots, series and measures."""

from __future__ import annotations

from collections import Counter

import simulator
from simulator import look
from simulator.look.measures import Measures
from simulator.look.views import ContainerView, MachineView, ServiceView, Snapshot
from simulator.machine.host import Host
from simulator.report.phases import phases_of
from simulator.report.summary import (
    FORMAT,
    ContainerSummary,
    EventSummary,
    Latency,
    MachineSummary,
    SeriesSummary,
    ServiceSummary,
    Summary,
)
from simulator.scenario.spec import PhaseEntry
from simulator.traffic.tally import FAILURES
from simulator.trials.lines import LineSummary
from simulator.trials.playing import Run
from simulator.world import World

POINTS = 240
KEPT_EVENTS = 40
_ALL_EVENTS = 100_000
_OUTCOMES = ("ok", *FAILURES)
_LOUD = ("warn", "bad")


def of_run(run: Run) -> Summary:
    """The summary of a run, also of one that was interrupted."""
    assert run.session is not None
    assert run.built is not None
    return summarise(
        run.session.world,
        title=run.scenario.spec.title,
        scenario=run.scenario.name,
        start_s=run.built.start_s,
        finished=run.finished,
        script=tuple(run.lines),
        phases=run.scenario.spec.phases,
    )


def summarise(
    world: World,
    *,
    title: str = "",
    scenario: str = "",
    start_s: float = 0.0,
    finished: bool = True,
    script: tuple[LineSummary, ...] = (),
    phases: tuple[PhaseEntry, ...] = (),
) -> Summary:
    """The summary of a world as it is now, of the time since ``start_s``."""
    world.settle()
    names = series_names(world)
    reader = look.Reader(world)
    shot = reader.snapshot(events=_ALL_EVENTS, series=names, points=POINTS)
    measures = Measures(world)
    return Summary(
        format=FORMAT,
        drydock=simulator.__version__,
        title=title,
        scenario=scenario,
        seed=world.seed,
        finished=finished,
        start_s=start_s,
        end_s=shot.time,
        simulated_s=shot.time - start_s,
        journal_digest=world.journal.digest,
        services=tuple(_service(one, measures) for one in shot.services),
        machines=tuple(_machine(one, world, shot.time, start_s) for one in reader.machines()),
        containers=tuple(_container(one, world, shot) for one in shot.containers()),
        cost=float(measures.cost()),
        event_counts=dict(sorted(Counter(event.kind for event in shot.events).items())),
        events=_events(shot),
        script=script,
        series={
            name: SeriesSummary(unit=one.unit, times_s=one.times, values=one.values)
            for name, one in shot.series.items()
        },
        phases=tuple(phases_of(world, phases, start_s)),
    )


def series_names(world: World) -> list[str]:
    """The main series of a world: of its services and hosts."""
    kept = ("offered", "ok", "failed", "p95", "endpoints")
    return [
        name
        for name in world.recorder.names()
        if (name.startswith("service/") and name.rpartition("/")[2] in kept)
        or (name.startswith("host/") and name.endswith("/cpu"))
    ]


def _service(one: ServiceView, measures: Measures) -> ServiceSummary:
    counts = {name: int(one.outcomes.get(name, 0)) for name in _OUTCOMES}
    arrived = int(one.outcomes.get("arrived", 0))
    failed = sum(counts.values()) - counts["ok"]
    p50, p90, p95, p99 = (float(measures.percentile(one.name, rank)) for rank in (50, 90, 95, 99))
    return ServiceSummary(
        name=one.name,
        balancer=one.balancer,
        traffic=one.traffic,
        arrived=arrived,
        retries=int(one.outcomes.get("retries", 0)),
        hedges=int(one.outcomes.get("hedges", 0)),
        in_flight=max(0, arrived - failed - counts["ok"]),
        error_rate=failed / (failed + counts["ok"]) if failed else 0.0,
        latency=Latency(
            mean_s=float(measures.latency(one.name)),
            p50_s=p50,
            p90_s=p90,
            p95_s=p95,
            p99_s=p99,
        ),
        endpoints=len(one.endpoints),
        **counts,
    )


def _machine(one: MachineView, world: World, now: float, start_s: float) -> MachineSummary:
    kind = "vm" if one.is_vm else "host"
    cpu = _samples(world, f"{kind}/{one.name}/cpu", start_s, now)
    memory = _values(world, f"{kind}/{one.name}/memory", start_s - 1.0, now)
    machine = world.machines[one.name]
    began = machine.created_at if isinstance(machine, Host) else now
    hours = (now - began) / 3600
    return MachineSummary(
        name=one.name,
        kind=kind,
        state=one.kernel.state,
        cores=one.cores,
        cpu_mean_cores=_mean(cpu, start_s),
        cpu_peak_cores=max((cores for _, cores in cpu), default=0.0),
        memory_bytes=one.memory_bytes,
        memory_peak_bytes=int(max(memory, default=0.0)),
        cost=0.0 if one.is_vm else one.price_per_hour * hours,
    )


def _samples(world: World, name: str, start: float, end: float) -> list[tuple[float, float]]:
    """Times and values of a series after ``start``."""
    if not world.recorder.has(name):
        return []
    times, values = world.recorder.samples(name).between(start, end)
    return list(zip(times.tolist(), values.tolist(), strict=True))


def _values(world: World, name: str, start: float, end: float) -> list[float]:
    return [value for _, value in _samples(world, name, start, end)]


def _mean(samples: list[tuple[float, float]], start: float) -> float:
    """The mean over time: a sample is the mean since the one before, and they may be uneven."""
    total, since = 0.0, start
    for time, value in samples:
        total += (time - since) * value
        since = time
    return total / (since - start) if since > start else 0.0


def _container(one: ContainerView, world: World, shot: Snapshot) -> ContainerSummary:
    ended = one.finished_at if one.finished_at is not None and one.state == "exited" else shot.time
    lived = ended - one.created_at
    peak = max(_values(world, f"container/{one.name}/memory", -1.0, shot.time), default=0.0)
    return ContainerSummary(
        name=one.name,
        image=one.image,
        machine=one.machine,
        state=one.state,
        exit_code=one.exit_code,
        oom_killed=one.oom_killed,
        restarts=one.restarts,
        cpu_seconds=one.cpu_seconds,
        cpu_mean_cores=one.cpu_seconds / lived if lived > 0 else 0.0,
        cpu_limit_cores=one.cpu_limit_cores,
        throttled_ratio=one.nr_throttled / one.nr_periods if one.nr_periods else 0.0,
        memory_bytes=one.memory_bytes,
        memory_peak_bytes=max(int(peak), one.memory_bytes),
        memory_limit_bytes=one.memory_limit_bytes,
    )


def _events(shot: Snapshot) -> tuple[EventSummary, ...]:
    """Warnings and worse first in importance, then the newest others; in order of time."""
    loud = [event for event in shot.events if event.level in _LOUD]
    kept = loud[: KEPT_EVENTS // 2] + loud[KEPT_EVENTS // 2 :][-KEPT_EVENTS // 2 :]
    others = [event for event in shot.events if event.level not in _LOUD]
    free = max(0, KEPT_EVENTS - len(kept))
    chosen = sorted([*kept, *(others[-free:] if free else [])], key=lambda event: event.seq)
    return tuple(
        EventSummary(time_s=e.time, kind=e.kind, level=e.level, text=e.text, subject=e.subject)
        for e in chosen
    )
