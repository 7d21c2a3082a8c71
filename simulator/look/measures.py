"""Measures of a world: what checks, reports and sweeps ask of its samples and its journal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from simulator.engine import Samples
from simulator.errors import InputError, Refused, unknown
from simulator.traffic.tally import FAILURES
from simulator.world.roster import ambiguous

if TYPE_CHECKING:
    from simulator.world.world import World

Floats = npt.NDArray[np.float64]


class Measures:
    """Functions over one world, by the names that check expressions use.

    A series is named as in the recorder (``service/web/p95``) or shorter with dots (``web.p95``
    for a service, ``web-1.cpu`` for a container, ``big.cpu`` for a machine). Times are seconds
    since the start; ``from_s`` and ``to_s`` bound what is looked at.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    # --- series -----------------------------------------------------------------------------------

    def _series(self, name: str) -> Samples:
        recorder = self._world.recorder
        for candidate in self._candidates(name):
            if recorder.has(candidate):
                return recorder.samples(candidate)
        raise unknown("series", name, list(recorder.names()))

    def _candidates(self, name: str) -> Iterator[str]:
        """Names in the recorder that a name may mean, the likeliest first."""
        yield name
        subject, _, what = name.rpartition(".")
        yield from (f"{kind}/{subject}/{what}" for kind in ("service", "host", "vm"))
        called = self._world.fleet.roster.called(subject)
        if len(called) > 1:
            raise ambiguous(subject, called)
        yield f"container/{called[0].name if called else subject}/{what}"

    def _values(self, name: str, from_s: float | None, to_s: float | None) -> Floats:
        low = float("-inf") if from_s is None else from_s
        high = float("inf") if to_s is None else to_s
        return self._series(name).between(low, high)[1]

    def max(self, series: str, from_s: float | None = None, to_s: float | None = None) -> float:
        """Largest sample; 0 when there is none."""
        values = self._values(series, from_s, to_s)
        return float(values.max()) if len(values) else 0.0

    def min(self, series: str, from_s: float | None = None, to_s: float | None = None) -> float:
        """Smallest sample; 0 when there is none."""
        values = self._values(series, from_s, to_s)
        return float(values.min()) if len(values) else 0.0

    def mean(self, series: str, from_s: float | None = None, to_s: float | None = None) -> float:
        """Mean of the samples; 0 when there is none."""
        values = self._values(series, from_s, to_s)
        return float(values.mean()) if len(values) else 0.0

    def last(self, series: str) -> float:
        """The newest sample."""
        return self._series(series).last

    def seconds_above(
        self, series: str, value: float, from_s: float | None = None, to_s: float | None = None
    ) -> float:
        """How long a series was above a value."""
        low = float("-inf") if from_s is None else from_s
        high = float("inf") if to_s is None else to_s
        times, values = self._series(series).between(low, high)
        if not len(times):
            return 0.0
        steps = np.diff(times, prepend=times[0] - (times[1] - times[0] if len(times) > 1 else 1.0))
        return float(steps[values > value].sum())

    # --- services ---------------------------------------------------------------------------------

    def percentile(
        self, service: str, rank: float, from_s: float | None = None, to_s: float | None = None
    ) -> float:
        """A latency percentile in seconds: of all requests, or the mean of a span's seconds."""
        if not 0 <= rank <= 100:
            raise InputError("bad percentile", found=rank, expected="0 to 100")
        tally = self._world.service(service).tally
        if from_s is None and to_s is None:
            return tally.latencies.percentile(rank)[0]
        known = {50.0: "p50", 95.0: "p95", 99.0: "p99"}
        if float(rank) not in known:
            raise InputError("percentile of a span", found=rank, expected="50, 95 or 99")
        return self.mean(f"service/{service}/{known[float(rank)]}", from_s, to_s)

    def mean_latency(self, service: str) -> float:
        """Mean latency in seconds of all requests answered so far."""
        return self._world.service(service).tally.latencies.mean

    def requests(self, service: str, outcome: str = "arrived") -> int:
        """How many requests arrived, or had this outcome."""
        outcomes = self._world.service(service).tally.outcomes()
        if outcome not in outcomes:
            raise unknown("outcome", outcome, outcomes)
        return outcomes[outcome]

    def error_rate(self, service: str) -> float:
        """Share of the finished requests that failed, 0 to 1."""
        outcomes = self._world.service(service).tally.outcomes()
        failed = sum(outcomes[kind] for kind in FAILURES)
        done = failed + outcomes["ok"]
        return failed / done if done else 0.0

    def wait_share(self, service: str) -> float:
        """Share of the requests that its present endpoints took in that had to wait in line."""
        return self._world.service(service).waits()[0]

    def mean_wait(self, service: str) -> float:
        """Mean time in line in seconds, of those who did not wait too: response without service."""
        return self._world.service(service).waits()[1]

    def utilisation(self, service: str, from_s: float | None = None) -> float:
        """Mean share of its endpoints' workers that were busy, from their CPU use."""
        found = self._world.service(service)
        used, could = 0.0, 0.0
        for endpoint in found.endpoints.values():
            used += self.mean(f"container/{endpoint.name}/cpu", from_s)
            could += min(endpoint.station.workers, 1e9)
        return used / could if could else 0.0

    # --- containers and images --------------------------------------------------------------------

    def running(self, alias: str | None = None) -> int:
        """Containers that run, all or those with an alias."""
        return sum(
            one.running and (alias is None or alias in one.settings.aliases)
            for one in self._world.containers.values()
        )

    def container_seconds(self, service: str) -> float:
        """Container-seconds that endpoints of a service were there for."""
        series = self._series(f"service/{service}/endpoints")
        if not len(series):
            return 0.0
        steps = np.diff(series.times, prepend=0.0)
        return float((series.values * steps).sum())

    def cpu_used(self, container: str) -> float:
        """CPU-seconds used by a container."""
        return self._world.container(container).cpu_seconds

    def throttled_ratio(self, container: str) -> float:
        """Share of the periods in which a container was throttled."""
        quota = self._world.container(container).throttling()
        return quota.nr_throttled / quota.nr_periods if quota.nr_periods else 0.0

    def image_size(self, reference: str) -> int:
        """Size in bytes of an image on the current machine."""
        return self._world.machine(None).images.store.get(reference).image.size_bytes

    def cached_steps(self, reference: str) -> int:
        """Cached steps of the newest build of an image; -1 when it was never built."""
        return self._built(reference, "cached")

    def build_steps(self, reference: str) -> int:
        """Steps of the newest build of an image; -1 when it was never built."""
        return self._built(reference, "steps")

    def _built(self, reference: str, field: str) -> int:
        names = (reference, f"{reference}:latest", reference.removesuffix(":latest"))
        found = -1
        for entry in self._world.journal:
            event = entry.event
            if type(event).__name__ == "ImageBuilt" and getattr(event, "subject", "") in names:
                found = int(getattr(event, field))
        return found

    # --- everything -------------------------------------------------------------------------------

    def count(self, event: str, **where: object) -> int:
        """Journal entries of a kind, with these field values: ``count('OomKilled')``.

        Refused for field values where old entries of the kind are not kept any more.
        """
        journal = self._world.journal
        if not where:
            return journal.count_of(event)
        kept = [entry.event for entry in journal if type(entry.event).__name__ == event]
        if len(kept) < journal.count_of(event):
            raise Refused(
                f"the oldest {journal.dropped} entries of the journal are not kept any more: "
                f"{event} can be counted, but not by its fields"
            )
        return sum(
            all(getattr(one, key, None) == value for key, value in where.items()) for one in kept
        )

    def cost(self) -> float:
        """What the hosts have cost so far, in the currency of their prices."""
        return self._world.cost()

    def now(self) -> float:
        """Simulated time in seconds."""
        return self._world.now
