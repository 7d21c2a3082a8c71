"""What is said of a run when it is over, as data; its JSON is the result that other tools read.

CPU is in core-seconds and cores, memory in bytes, times in simulated seconds.
"""

from __future__ import annotations

from typing import Any

import msgspec

from simulator.trials.lines import LineSummary

FORMAT = 1


class Latency(msgspec.Struct, frozen=True, kw_only=True):
    """Latency of the successful requests of a service over the whole run, in seconds."""

    mean_s: float
    p50_s: float
    p90_s: float
    p95_s: float
    p99_s: float


class ServiceSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What the clients of one service saw."""

    name: str
    balancer: str
    traffic: str
    arrived: int
    ok: int
    timeout: int
    refused: int
    reset: int
    unavailable: int
    error: int = 0
    """Answers that were errors."""
    cancelled: int = 0
    """Withdrawn by the service that had called."""
    retries: int
    """Attempts after the first, of all requests together."""
    hedges: int = 0
    """Second copies of what took long."""
    in_flight: int
    """Arrived and neither finished nor failed when the run ended."""
    error_rate: float
    """Failed over failed and ok; 0 without any."""
    latency: Latency
    endpoints: int


class MachineSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A host or virtual machine: what was used of what."""

    name: str
    kind: str
    """host or vm."""
    state: str
    cores: float
    cpu_mean_cores: float
    cpu_peak_cores: float
    memory_bytes: int
    memory_peak_bytes: int
    cost: float
    """Price per hour times the hours of the run; 0 for a virtual machine."""


class ContainerSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One container that exists when the run ends."""

    name: str
    image: str
    machine: str
    state: str
    exit_code: int | None
    oom_killed: bool
    restarts: int
    cpu_seconds: float
    cpu_mean_cores: float
    """CPU used over the time from its creation to now, or to its exit."""
    cpu_limit_cores: float | None
    throttled_ratio: float
    """Throttled periods over all periods with a quota."""
    memory_bytes: int
    memory_peak_bytes: int
    memory_limit_bytes: int | None


class EventSummary(msgspec.Struct, frozen=True, kw_only=True):
    """An event that a person should know of."""

    time_s: float
    kind: str
    level: str
    text: str
    subject: str


class SeriesSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A recorded series, thinned."""

    unit: str
    times_s: tuple[float, ...]
    values: tuple[float, ...]


class PhaseSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What came of the requests to a service in one phase of the run."""

    phase: str
    service: str
    start_s: float
    end_s: float
    offered: int
    failed: int
    error_rate: float
    """The failed of all that ended in the phase."""
    bad_until_s: float = 0.0
    """From the start of the phase to the end of its last second in which 1 % or more failed: how
    long it took until nobody noticed any more; 0 where nobody ever did."""
    worst_p95_s: float
    """The highest 95th percentile of any second."""
    fewest_endpoints: int
    most_endpoints: int


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """A finished or interrupted run."""

    format: int
    drydock: str
    title: str
    scenario: str
    seed: int
    finished: bool
    """False when the run was interrupted: everything then is as of ``end_s``."""
    start_s: float
    """When the set-up was done: the script's ``@0s``."""
    end_s: float
    simulated_s: float
    """Simulated time without the set-up."""
    journal_digest: str
    """Equal digests mean equal histories."""
    services: tuple[ServiceSummary, ...]
    machines: tuple[MachineSummary, ...]
    containers: tuple[ContainerSummary, ...]
    cost: float
    event_counts: dict[str, int]
    events: tuple[EventSummary, ...]
    script: tuple[LineSummary, ...]
    series: dict[str, SeriesSummary]
    phases: tuple[PhaseSummary, ...] = ()

    @property
    def errors(self) -> list[LineSummary]:
        """Lines of the script that failed."""
        return [line for line in self.script if line.error is not None]


def to_json(summary: Summary) -> str:
    """The summary as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(summary), indent=2).decode()


def schema() -> dict[str, Any]:
    """The JSON Schema of ``drydock run --json``."""
    document: dict[str, Any] = msgspec.json.schema(Summary)
    document["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    document["title"] = "Drydock result"
    return document
