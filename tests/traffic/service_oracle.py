"""The oracle for services: one SimPy process per request, servers as anybody would write them.

Clients ask, wait, lose patience, try again; a balancer picks among those who answer just then; a
server has threads and a line; a processor divides the cores of the host anew at every change.
Nothing is bulk, nothing is lazy. The whole path must agree with it request by request.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import simpy


@dataclass(eq=False)
class Job:
    work: float
    done: simpy.Event
    started: float = 0.0


@dataclass(eq=False)
class Server:
    """One container: threads, a line, perhaps a quota by period."""

    name: str
    workers: float
    room: float
    quota_s: float | None = None
    phase: float = 0.0
    weight: float = 100.0
    frozen: bool = False
    dead: bool = False
    throttled: bool = False
    budget: float = 0.0
    busy: list[Job] = field(default_factory=list)
    waiting: list[Job] = field(default_factory=list)
    used: float = 0.0

    @property
    def inside(self) -> int:
        return len(self.busy) + len(self.waiting)


class Processor:
    """Cores shared by servers by weight, each of which shares its part among its threads."""

    def __init__(self, env: simpy.Environment, cores: float) -> None:
        self.env, self.cores = env, cores
        self.servers: list[Server] = []
        self.wake = env.event()
        self.since = 0.0
        self.speeds: dict[Server, float] = {}
        env.process(self.run())

    def add(self, server: Server) -> None:
        self.account()
        self.servers.append(server)
        if server.quota_s is not None:
            server.budget = server.quota_s
            self.env.process(self.periods(server))
        self.changed()

    def periods(self, server: Server):
        number = math.floor((self.env.now - server.phase) / 0.1)
        while not server.dead:
            number += 1
            yield self.env.timeout(max(0.0, server.phase + number * 0.1 - self.env.now))
            self.account()
            server.budget, server.throttled = server.quota_s, False
            self.changed()

    # --- who runs how fast ------------------------------------------------------------------------

    def rates(self) -> dict[Server, float]:
        want = {s: 0 if s.throttled or s.frozen or s.dead else len(s.busy) for s in self.servers}
        hungry = [s for s in self.servers if want[s]]
        given, left = dict.fromkeys(self.servers, 0.0), self.cores
        while hungry:
            unit = left / sum(s.weight for s in hungry)
            modest = [s for s in hungry if want[s] <= unit * s.weight + 1e-15]
            if not modest:
                given |= {s: unit * s.weight for s in hungry}
                break
            for s in modest:
                given[s] = want[s]
                left -= want[s]
                hungry.remove(s)
        return given

    def account(self) -> None:
        """Everybody's work up to now at the speeds that held until now."""
        elapsed = self.env.now - self.since
        self.since = self.env.now
        for server, cores in self.speeds.items():
            if cores and server.busy:
                for job in server.busy:
                    job.work -= elapsed * cores / len(server.busy)
                server.used += elapsed * cores
                if server.quota_s is not None:
                    server.budget -= elapsed * cores

    def changed(self) -> None:
        if not self.wake.triggered:
            self.wake.succeed()
        # Speeds hold from this very instant on; the loop below only looks for the next event.
        self.speeds = self.rates()

    def run(self):
        while True:
            self.speeds = self.rates()
            horizon = math.inf
            for server, cores in self.speeds.items():
                if cores and server.busy:
                    least = min(job.work for job in server.busy)
                    horizon = min(horizon, least * len(server.busy) / cores)
                    if server.quota_s is not None:
                        horizon = min(horizon, max(0.0, server.budget) / cores)
            self.wake = self.env.event()
            waits = [self.wake]
            if horizon < math.inf:
                waits.append(self.env.timeout(max(0.0, horizon)))
            yield self.env.any_of(waits)
            self.account()
            for server in self.servers:
                self.finish(server)

    def finish(self, server: Server) -> None:
        if server.frozen or server.dead or server.throttled:
            return
        for job in [job for job in server.busy if job.work <= 1e-11]:
            server.busy.remove(job)
            job.done.succeed("ok")
            if server.waiting:
                server.busy.append(server.waiting.pop(0))
        if server.quota_s is not None and server.budget <= 1e-12 and server.busy:
            server.throttled = True

    # --- what clients and operators do to a server ------------------------------------------------

    def admit(self, server: Server, job: Job) -> bool:
        self.account()
        if len(server.busy) < server.workers:
            server.busy.append(job)
        elif len(server.waiting) < server.room:
            server.waiting.append(job)
        else:
            return False
        self.changed()
        return True

    def kill(self, server: Server) -> None:
        self.account()
        server.dead = True
        for job in [*server.busy, *server.waiting]:
            job.done.succeed("reset")
        server.busy.clear()
        server.waiting.clear()
        self.changed()

    def freeze(self, server: Server, frozen: bool) -> None:
        self.account()
        server.frozen = frozen
        self.changed()


@dataclass
class Client:
    timeout_s: float | None = None
    retries: int = 0
    backoff_s: float = 0.1
    backoff_max_s: float = 10.0
    retry_budget: float | None = None


class Site:
    """A service and its clients."""

    def __init__(self, env: simpy.Environment, processor: Processor, rule: str) -> None:
        self.env, self.processor, self.rule = env, processor, rule
        self.endpoints: list[Server] = []
        self.turn = 0
        self.client = Client()
        self.tokens = 10.0
        self.ok: list[tuple[float, float]] = []
        self.failed: list[tuple[str, float]] = []
        self.arrived = self.retries = 0
        self.noise: dict[str, float] = {}
        """When the jobs that disturb the servers ended."""
        self.known = False
        """Whether anybody ever answered: only then is work drawn with the arrival."""
        self.late: Callable[[], float] = lambda: 0.0

    def pick(self) -> Server:
        count = len(self.endpoints)
        if self.rule == "round-robin":
            chosen = self.endpoints[self.turn % count]
            self.turn = (self.turn + 1) % count
            return chosen
        self.turn = (self.turn + 1) % count
        order = [self.endpoints[(self.turn + i) % count] for i in range(count)]
        return min(order, key=lambda server: server.inside)

    def arrivals(self, times: list[float], works: list[float]):
        drawn = iter(works)
        for at in times:
            yield self.env.timeout(max(0.0, at - self.env.now))
            self.env.process(self.request(at, next(drawn) if self.known else None))

    def request(self, at: float, work: float | None):
        self.arrived += 1
        client = self.client
        if client.retry_budget is not None:
            self.tokens = min(100.0, self.tokens + client.retry_budget)
        for number in range(10**9):
            if work is None and self.endpoints:
                work = self.late()
            kind = yield from self.attempt(work)
            if kind == "ok":
                self.ok.append((at, self.env.now))
                return
            client = self.client
            if number >= client.retries or not self.afford(client):
                break
            wait = min(client.backoff_max_s, client.backoff_s * 2.0**number)
            yield self.env.timeout(wait)
            self.retries += 1
        self.failed.append((kind, self.env.now))

    def afford(self, client: Client) -> bool:
        if client.retry_budget is None:
            return True
        if self.tokens < 1.0:
            return False
        self.tokens -= 1.0
        return True

    def attempt(self, work: float | None):
        if not self.endpoints or work is None:
            return "unavailable"
        job = Job(work, self.env.event())
        if not self.processor.admit(self.pick(), job):
            return "refused"
        waits = [job.done]
        if self.client.timeout_s is not None:
            waits.append(self.env.timeout(self.client.timeout_s))
        yield self.env.any_of(waits)
        return job.done.value if job.done.triggered else "timeout"
