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

SAME_S = 1e-9
"""Instants so close are one, and whatever ends then has ended before anything else happens."""


@dataclass(eq=False)
class Job:
    work: float
    done: simpy.Event
    part: tuple[Step, Job] | None = None
    """Where it is when its CPU work is done."""


@dataclass(eq=False)
class Step:
    """What a request needs of a device when its CPU work is done."""

    device: Processor
    place: Server
    seconds: float
    holds: bool
    """Whether its thread waits for it."""


@dataclass(eq=False)
class Server:
    """One container: threads, a line, perhaps a quota by period."""

    name: str
    workers: float
    room: float
    quota_s: float | None = None
    phase: float = 0.0
    weight: float = 100.0
    usl: tuple[float, float] | None = None
    frozen: bool = False
    dead: bool = False
    gone: bool = False
    """Whether it refuses whatever still comes."""
    throttled: bool = False
    budget: float = 0.0
    most: float = math.inf
    """The largest part of a device that it may have."""
    way: tuple[Step, ...] = ()
    away: list[Job] = field(default_factory=list)
    """Whose CPU work is done, on their way through devices."""
    held: list[Job] = field(default_factory=list)
    """Those of them who still have a thread."""
    busy: list[Job] = field(default_factory=list)
    waiting: list[Job] = field(default_factory=list)
    used: float = 0.0
    fails: Callable[[], bool] = lambda: False
    """Whether the answer that is ready now is an error."""

    @property
    def slowdown(self) -> float:
        n, (a, b) = len(self.busy), self.usl or (0.0, 0.0)
        return 1 + a * (n - 1) + b * n * (n - 1)

    @property
    def inside(self) -> int:
        return len(self.busy) + len(self.held) + len(self.waiting)


class Processor:
    """Cores shared by servers by weight, each of which shares its part among its threads.

    A device is one too, of one second in every second, whose servers are places for requests.
    """

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
        want = {s: min(s.most, len(s.busy)) for s in self.servers}
        want |= {s: 0 for s in self.servers if s.throttled or s.frozen or s.dead}
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
                    job.work -= elapsed * cores / len(server.busy) / server.slowdown
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
                    horizon = min(horizon, least * len(server.busy) * server.slowdown / cores)
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

    def finish(self, server: Server, nothing: float = 1e-11) -> None:
        if server.frozen or server.dead or server.throttled:
            return
        for job in [job for job in server.busy if job.work <= nothing]:
            server.busy.remove(job)
            if server.way:
                server.away.append(job)
                server.held.append(job)
                self.env.process(self.go(server, job))
            else:
                job.done.succeed("ok")
                self.next_in_line(server)
        if server.quota_s is not None and server.budget <= 1e-12 and server.busy:
            server.throttled = True

    def go(self, server: Server, job: Job):
        """A request goes its way through the devices, if nobody takes it away."""
        for step in server.way:
            if not step.holds:
                self.let_go(server, job)
            part = Job(step.seconds, self.env.event())
            job.part = step, part
            step.device.admit(step.place, part)
            yield part.done
        self.let_go(server, job)
        server.away.remove(job)
        job.done.succeed("ok")

    def let_go(self, server: Server, job: Job) -> None:
        if job in server.held:
            self.account()
            server.held.remove(job)
            self.next_in_line(server)
            self.changed()

    def take_off(self, server: Server, job: Job) -> None:
        """A request is on its way no more."""
        step, part = job.part
        step.device.withdraw(step.place, part)
        server.away.remove(job)
        self.let_go(server, job)

    @staticmethod
    def next_in_line(server: Server) -> None:
        if server.waiting:
            server.busy.append(server.waiting.pop(0))

    def end_first(self) -> None:
        """What ends at this very instant has ended, however the sums of its times are rounded."""
        self.account()
        for server, cores in self.speeds.items():
            if cores and server.busy:
                self.finish(server, SAME_S * cores / len(server.busy) / server.slowdown)
        self.changed()

    # --- what clients and operators do to a server ------------------------------------------------

    def admit(self, server: Server, job: Job) -> bool:
        self.account()
        if len(server.busy) + len(server.held) < server.workers:
            server.busy.append(job)
        elif len(server.waiting) < server.room:
            server.waiting.append(job)
        else:
            return False
        self.changed()
        return True

    def withdraw(self, server: Server, job: Job) -> None:
        self.account()
        if job in server.waiting:
            server.waiting.remove(job)
        elif job in server.busy:
            server.busy.remove(job)
            self.next_in_line(server)
        elif job in server.away:
            self.take_off(server, job)
        self.changed()

    def kill(self, server: Server) -> None:
        self.account()
        server.dead = True
        lost = [*server.busy, *server.away, *server.waiting]
        server.waiting.clear()
        for job in list(server.away):
            self.take_off(server, job)
        for job in lost:
            job.done.succeed("reset")
        server.busy.clear()
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
    fan_out: int = 1
    quorum: int | None = None
    hedge_s: float | None = None
    cancel: bool = False
    dns_ttl_s: float = 0.0

    @property
    def in_parts(self) -> bool:
        return self.fan_out != 1 or self.hedge_s is not None or self.cancel


@dataclass(eq=False)
class Whole:
    """A try of a request in parts: over when enough have answered, or too many have failed."""

    over: simpy.Event
    needed: int
    spare: int
    cancel: bool


@dataclass(eq=False)
class Part:
    whole: Whole
    open: bool = True
    running: int = 0
    first: Server | None = None
    copies: list[tuple[Server, Job]] = field(default_factory=list)


class Site:
    """A service and its clients."""

    def __init__(self, env: simpy.Environment, processor: Processor, rule: str) -> None:
        self.env, self.processor, self.rule = env, processor, rule
        self.devices: tuple[Processor, ...] = ()
        self.endpoints: list[Server] = []
        self.turn = 0
        self.client = Client()
        self.tokens = 10.0
        self.ok: list[tuple[float, float]] = []
        self.failed: list[tuple[str, float]] = []
        self.arrived = self.retries = self.hedges = 0
        self.noise: dict[str, float] = {}
        """When the jobs that disturb the servers ended."""
        self.known = False
        """Whether anybody ever answered: only then is work drawn with the arrival."""
        self.late: Callable[[], float] = lambda: 0.0
        self.another: Callable[[], float] = lambda: 0.0
        """The work of a copy that is not the request's first."""
        self.random: Callable[[], float] = lambda: 0.0
        self.looked_up: Callable[[], float] = lambda: 0.0
        self.spins = 0
        self.past: list[tuple[float, list[Server]]] = []
        """Who answered since when, from the beginning of the traffic on."""

    def told(self) -> None:
        self.past.append((self.env.now, list(self.endpoints)))

    def listed(self) -> list[Server]:
        ttl, now = self.client.dns_ttl_s, self.env.now
        if not any(since > now - ttl for since, _ in self.past[1:]):
            return self.endpoints
        at = now - self.looked_up() * ttl
        return [listed for since, listed in self.past if since <= at or since == self.past[0][0]][
            -1
        ]

    def pick(self, among: list[Server]) -> Server:
        count = len(among)
        if self.rule == "round-robin" and self.client.dns_ttl_s:
            self.spins += 1
            return among[(self.spins - 1) % count]
        if self.rule == "round-robin":
            chosen = among[self.turn % count]
            self.turn = (self.turn + 1) % count
            return chosen
        if self.rule == "least-connections":
            self.turn = (self.turn + 1) % count
            order = [among[(self.turn + i) % count] for i in range(count)]
            return min(order, key=lambda server: server.inside)
        if count == 1:
            return among[0]
        d = 2 if self.rule == "two-choices" else int(self.rule.removeprefix("choices="))
        left = list(among)
        drawn = [left.pop(int(self.random() * len(left))) for _ in range(min(d, count))]
        return min(drawn, key=lambda server: server.inside)

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
        asked = [work]
        for number in range(10**9):
            if client.in_parts:
                kind = yield from self.attempt_in_parts(asked[0])
            else:
                kind = yield from self.attempt(asked)
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

    def attempt(self, asked: list[float | None]):
        yield from self.ends_first()
        listed = self.listed()
        if not listed:
            return "unavailable"
        server = self.pick(listed)
        if server.gone:
            return "refused"
        if asked[0] is None:
            asked[0] = self.late()
        job = Job(asked[0], self.env.event())
        if not self.processor.admit(server, job):
            return "refused"
        over = self.env.event()
        self.env.process(self.answer(server, job, over))
        return (yield from self.patiently(over))

    def answer(self, server: Server, job: Job, over: simpy.Event):
        kind = yield job.done
        if kind == "ok" and server.fails():
            kind = "error"
        if not over.triggered:
            over.succeed(kind)

    def patiently(self, over: simpy.Event):
        waits = [over]
        if self.client.timeout_s is not None:
            waits.append(self.env.timeout(self.client.timeout_s))
        yield self.env.any_of(waits)
        if not over.triggered:
            yield from self.ends_first()
        if not over.triggered:
            over.succeed("timeout")
        return over.value

    def ends_first(self):
        """Whatever ends at this instant ends, and who waits for it knows."""
        for _ in range(3 if self.devices else 1):  # from a device to its thread and its client
            for processor in (self.processor, *self.devices):
                processor.end_first()
            yield self.env.timeout(0.0)

    # --- requests in parts ------------------------------------------------------------------------

    def attempt_in_parts(self, work: float | None):
        yield from self.ends_first()
        client = self.client
        listed = list(self.listed())
        count = min(client.fan_out, len(listed))
        needed = client.quorum or max(1, count)
        if count < needed:
            return "unavailable"
        whole = Whole(self.env.event(), needed, count - needed, client.cancel)
        parts = [Part(whole) for _ in range(count)]
        left = list(listed)
        for part in parts:
            if not whole.over.triggered:
                part.first = self.pick(listed if self.rule == "round-robin" else left)
                left.remove(part.first)
                self.send(part, part.first, work if part is parts[0] else None)
        if client.hedge_s is not None and not whole.over.triggered:
            self.env.process(self.hedge(whole, parts, listed, client.hedge_s))
        kind = yield from self.patiently(whole.over)
        for part in parts:
            self.withdraw(part)
        return kind

    def withdraw(self, part: Part) -> None:
        for server, job in part.copies:
            if part.whole.cancel and not job.done.triggered:
                self.processor.withdraw(server, job)
        part.copies.clear()

    def send(self, part: Part, server: Server, work: float | None) -> None:
        part.running += 1
        if server.gone:
            self.ended(part, "refused")
            return
        job = Job(self.another() if work is None else work, self.env.event())
        if self.processor.admit(server, job):
            part.copies.append((server, job))
            self.env.process(self.copy(part, server, job))
        else:
            self.ended(part, "refused")

    def copy(self, part: Part, server: Server, job: Job):
        kind = yield job.done
        if kind == "ok" and server.fails():
            kind = "error"
        self.ended(part, kind)

    def ended(self, part: Part, kind: str) -> None:
        part.running -= 1
        if not part.open or (kind != "ok" and part.running):
            return
        part.open = False
        whole = part.whole
        if kind == "ok":
            whole.needed -= 1
            self.withdraw(part)
        else:
            whole.spare -= 1
        if not whole.over.triggered and (not whole.needed or whole.spare < 0):
            whole.over.succeed("ok" if kind == "ok" else kind)

    def hedge(self, whole: Whole, parts: list[Part], listed: list[Server], delay: float):
        yield self.env.timeout(delay)
        yield from self.ends_first()
        for part in parts:
            if not whole.over.triggered and part.open and len(listed) > 1:
                others = [server for server in listed if server is not part.first]
                server = self.pick(listed if self.rule == "round-robin" else others)
                if server is part.first:
                    server = self.pick(listed)
                self.hedges += 1
                self.send(part, server, None)
