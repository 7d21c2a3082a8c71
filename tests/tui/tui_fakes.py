"""A canned world, session and lesson that behave enough like the real ones to drive a screen."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile

from simulator.errors import InputError, Refused
from simulator.look import pages
from simulator.look.answers import IDLE_STATES, BusyContainer, Totals, TreeRow
from simulator.look.host_pages import MANY, HostFacts, HostsFacts
from simulator.look.outline import Words, matching
from simulator.look.views import (
    ContainerView,
    EventView,
    HostView,
    ImageView,
    KernelView,
    SeriesView,
    ServiceView,
    VmView,
)
from simulator.shell.contexts import Context
from simulator.tui.lesson_mode import Check, Goal, Note, Page, Prose, Question, RunBlock
from simulator.tui.rows import map_row

MIB, GIB = 1 << 20, 1 << 30


class FakeClock:
    """Wall time that moves only when told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def tick(self, seconds: float = 0.1) -> None:
        self.now += seconds


def container(name: str, state: str = "running", machine: str = "alpha", **more) -> ContainerView:
    values = {
        "id": f"{name}-id",
        "image": "shop/web:1.4",
        "image_id": "sha256:1",
        "command": "python app.py",
        "created_at": 0.0,
        "cpu_cores": 0.8 if state == "running" else 0.0,
        "memory_bytes": 96 * MIB if state == "running" else 0,
    } | more
    return ContainerView(name=name, machine=machine, state=state, **values)


def all_states() -> tuple[ContainerView, ...]:
    return (
        container(
            "web-1",
            cpu_limit_cores=1.0,
            memory_limit_bytes=256 * MIB,
            aliases=("web",),
            requests_per_s=48.0,
            in_flight=3,
            queued=12,
            nr_periods=100,
            nr_throttled=40,
            pid=4711,
            pids=3,
        ),
        container("web-2", cpu_cores=0.31, aliases=("web",)),
        container("fresh", "created"),
        container("warming", "starting"),
        container("frozen", "paused"),
        container("flapping", "restarting", restarts=3),
        container("finished", "exited", exit_code=0),
        container("crashed", "exited", exit_code=1),
        container("greedy", "exited", exit_code=137, oom_killed=True),
        container("stuck", "dead"),
    )


def vm(name: str = "guest", state: str = "running") -> VmView:
    inside = KernelView(
        name,
        "6.1",
        "linux",
        "running" if state == "running" else "booting",
        (container("inner", machine=name),) if state == "running" else (),
    )
    return VmView(
        name,
        state,
        "guest kernel" if state == "booting" else "",
        "qemu",
        2,
        2 * GIB,
        130 * MIB,
        0.9,
        700 * MIB,
        0.02,
        12.0,
        inside,
    )


def host(name: str = "alpha", kernel: KernelView | None = None, **more) -> HostView:
    values = {
        "state": "running",
        "cores": 4,
        "memory_bytes": 8 * GIB,
        "architecture": "amd64",
        "os": "linux",
        "region": "local",
        "price_per_hour": 0.2,
        "cpu_cores": 2.01,
        "memory_used_bytes": int(1.9 * GIB),
        "disk_used_bytes": 4 * GIB,
        "disk_bytes": 100 * GIB,
        "images": (ImageView("shop/web:1.4", "1", 0.0, 120_000_000, 7),),
    } | more
    return HostView(
        name=name, kernel=kernel or KernelView(name, "6.8", "linux", "running"), **values
    )


def tree_rows(hosts: Sequence[HostView], root: str | None = None, text: str = "") -> list[TreeRow]:
    """Canned hosts as a reader of the world would give them, row by row."""
    rows = [row for one in hosts for row in _host_rows(one)]
    start = next((i for i, row in enumerate(rows) if row.key == root), None)
    if start is not None:
        below = takewhile(lambda row: row.depth > rows[start].depth, rows[start + 1 :])
        rows = [rows[start], *below]
    if text.strip("!"):
        words = [Words(row.depth, row.kind, _words(row)) for row in rows]
        rows = [rows[number] for number in matching(words, text)]
    return rows


def _words(row: TreeRow) -> str:
    shown = map_row(row)
    return f"{shown.name} {shown.state} {shown.kind} {shown.note}"


def _host_rows(one: HostView) -> list[TreeRow]:
    head = TreeRow(f"host/{one.name}", "host", 0, (), one)
    return [head, *_kernel_rows(one.kernel, 1, (), float(one.cores), one.memory_bytes)]


def _kernel_rows(
    kernel: KernelView, depth: int, ends: tuple[bool, ...], cores: float, memory: int
) -> list[TreeRow]:
    containers, vms = len(kernel.containers), len(kernel.vms)
    counted = replace(kernel, container_count=containers, vm_count=vms)
    rows = [TreeRow(f"kernel/{kernel.name}", "kernel", depth, ends, counted)]
    left = containers + vms
    for one in kernel.containers:
        left -= 1
        key, last = f"container/{one.id}", (*ends, left == 0)
        rows.append(TreeRow(key, "container", depth + 1, last, one, cores, memory))
    for one in kernel.vms:
        left -= 1
        last, cpus = (*ends, left == 0), float(one.vcpus)
        rows.append(TreeRow(f"vm/{one.name}", "vm", depth + 1, last, one, cpus, one.memory_bytes))
        rows += _kernel_rows(one.kernel, depth + 2, last, cpus, one.memory_bytes)
    return rows


def service(name: str = "web") -> ServiceView:
    return ServiceView(
        name,
        "round-robin",
        ("web-1", "web-2"),
        "surge 50 to 160/s",
        160.0,
        92.0,
        11.0,
        0.021,
        0.34,
        1.2,
        0.08,
        15,
        12,
        {"ok": 900, "arrived": 1000},
    )


def host_facts(key: str, one: HostView) -> HostFacts:
    states = tuple((each.state, each.exit_code, each.oom_killed) for each in one.kernel.containers)
    return HostFacts(key, one, states, len(one.kernel.vms), 0.0, 0, None)


class FakeWorld:
    """Hosts and containers that stay; events and series that grow with time."""

    def __init__(self, seed: int = 7, hosts: tuple[HostView, ...] | None = None) -> None:
        self.seed = seed
        self.now = 0.0
        self.next_event = 1.0
        self.looks = 0
        kernel = KernelView(
            "alpha", "6.8", "linux", "running", all_states(), (vm(), vm("late", "booting"))
        )
        self.hosts = (host(kernel=kernel),) if hosts is None else hosts
        self.known_services: tuple[ServiceView, ...] = (service(),) if hosts is None else ()
        self.ready: Callable[[], None] = lambda: None

    def advance(self, until: float, keep_going: Callable[[], bool] | None = None) -> bool:
        while self.now < until:
            self.now = min(until, math.floor(self.now) + 1.0)
            self.ready()
            if keep_going is not None and not keep_going():
                return self.now >= until
        return True

    def step(self) -> bool:
        self.now = math.floor(self.now) + 1.0
        self.ready()
        return True

    # --- what its reader answers --------------------------------------------------------------

    @property
    def event_count(self) -> int:
        return int(self.now)

    def totals(self) -> Totals:
        self.looks += 1
        containers = [row.view for row in tree_rows(self.hosts) if row.kind == "container"]
        states = Counter(one.state for one in containers)
        return Totals(len(self.hosts), 0, len(self.services()), states, 0.0, 0, 0, 0)

    current_machine = "alpha"

    def page(self, place, first: int, count: int) -> pages.Page:
        if place.kind != "hosts":
            raise Refused("there is nothing of the kind")
        first_host, _, last = place.within.partition("-")
        hosts = self.hosts[int(first_host) : int(last) + 1] if last else self.hosts
        found = {f"host/{one.name}": one for one in hosts}
        rows = [host_facts(key, found[key]) for key in list(found)[first : first + count]]
        fills = bytes(4 for _ in found) if len(found) > MANY else b""
        return pages.Page(place, list(found), first, tuple(rows), HostsFacts(fills, 0))

    def cluster(self, view, first: int, count: int) -> None:
        return None

    def outline(self, root: str | None = None, text: str = "") -> list[str]:
        return [row.key for row in tree_rows(self.hosts, root, text)]

    def rows(
        self, first: int, count: int, root: str | None = None, text: str = ""
    ) -> tuple[TreeRow, ...]:
        return tuple(tree_rows(self.hosts, root, text)[first : first + count])

    def way(self, key: str) -> list[str]:
        way: list[TreeRow] = []
        for row in tree_rows(self.hosts):
            way = [one for one in way if one.depth < row.depth] + [row]
            if row.key == key:
                return [f"{one.kind} {one.view.name}" for one in way if one.kind != "kernel"]
        return []

    def services(self) -> tuple[ServiceView, ...]:
        return self.known_services

    def busiest(self, service: str | None, count: int) -> tuple[BusyContainer, ...]:
        rows = [row for row in tree_rows(self.hosts) if row.view.state not in IDLE_STATES]
        containers = [row for row in rows if row.kind == "container"]
        containers.sort(key=lambda row: service not in row.view.aliases)
        return tuple(
            BusyContainer(row.view, row.view.cpu_limit_cores or row.cores)
            for row in containers[:count]
        )

    def kind_of(self, name: str) -> str:
        found = [row.kind for row in tree_rows(self.hosts) if row.view.name == name]
        return (
            "service" if any(name == one.name for one in self.services()) else (found or ["vm"])[0]
        )

    def events(self, last: int = 200, after: int = -1) -> tuple[EventView, ...]:
        count = int(self.now)
        levels = ("info", "good", "warn", "bad")
        return tuple(
            EventView(n, float(n), "RequestServed", f"event number {n}", levels[n % 4], "web-1")
            for n in range(max(0, count - last, after + 1), count)
        )

    def series(
        self, names: Sequence[str], points: int = 120, since: float = 0.0
    ) -> dict[str, SeriesView]:
        return {name: self._series(name, points, since) for name in names}

    def _series(self, name: str, points: int, since: float) -> SeriesView:
        count = min(points, int(self.now))
        length = self.now - since
        times = tuple(since + length * (i + 1) / count for i in range(count)) if count else ()
        scale = {"offered": 160.0, "ok": 90.0, "p50": 0.02, "p95": 0.3, "p99": 1.2}
        top = scale.get(name.rpartition("/")[2], 0.8)
        return SeriesView(
            name, "", times, tuple(top * (0.6 + 0.4 * math.sin(t / 9)) for t in times)
        )

    def explain(self, name: str) -> list[str]:
        names = {row.view.name for row in tree_rows(self.hosts)}
        if name not in names | {row.key.partition("/")[2] for row in tree_rows(self.hosts)}:
            raise Refused(f"nothing is called '{name}'")
        return [f"{name} runs because its program has not ended."]

    def logs(self, name: str) -> list[tuple[float, str]]:
        return [(0.5, f"{name} is listening"), (1.25, "GET / 200")]


@dataclass
class FakeJob:
    """Takes ``seconds`` of simulated time and prints a line each second."""

    world: FakeWorld
    title: str
    ends: float
    lines: list[str] = field(default_factory=list)
    error: str | None = None
    fails: str | None = None

    @property
    def done(self) -> bool:
        return self.world.now >= self.ends

    def update(self) -> None:
        self.lines.append(f"step at {self.world.now:g}s")
        if self.done:
            self.error = self.fails


@dataclass(frozen=True)
class FakeResult:
    lines: tuple[str, ...] = ()
    error: str | None = None
    job: FakeJob | None = None
    line: str = ""
    column: int | None = None


@dataclass(frozen=True)
class FakeCompletion:
    text: str
    start: int
    help: str = ""


WORDS = ("docker build", "docker ps", "docker pull", "docker run", "traffic", "undo")


class FakeSession:
    """Knows a few commands; refuses the others."""

    @property
    def reader(self) -> FakeWorld:
        return self.world

    def __init__(self, world: FakeWorld | None = None) -> None:
        self.world = world or FakeWorld()
        self.speed = 1.0
        self.follow_s = 60.0
        self.paused = True
        self.ended = False
        self.cleared = False
        self.results: list[FakeResult] = []
        self.typed: list[str] = []
        self.answers: dict[str, tuple[str, ...]] = {}
        self.columns: dict[str, int] = {}
        self.prompt: str | None = None
        self.kube = Context()
        self._waiting: list[tuple[str, FakeJob]] = []

    def execute(self, line: str, wait: bool = True) -> FakeResult:
        self.typed.append(line)
        if line in self.answers:
            return FakeResult(self.answers[line])
        if line in self.columns:
            return FakeResult(error="unknown command", column=self.columns[line])
        if line == "docker ps":
            return FakeResult(("CONTAINER ID   IMAGE          NAMES", "abc   shop/web:1.4   web-1"))
        if line.startswith("docker build"):
            return self._job(line, "build", 5.0)
        if line.startswith("docker pull"):
            return self._job(line, "pull", 2.0, fails="manifest unknown")
        if line == "undo" or line.startswith("rewind"):
            old, self.world = self.world, FakeWorld()
            self.world.now = max(0.0, old.now - (1.0 if line == "undo" else float(line[7:-1])))
            return FakeResult((f"now at {self.world.now:g}s",))
        if line == "clear":
            self.cleared = True
            return FakeResult()
        if line == "raise":
            raise InputError("a bad line", found="raise")
        return FakeResult(error=f"unknown command: found '{line}'; did you mean 'docker ps'?")

    def _job(self, line: str, title: str, seconds: float, fails: str | None = None) -> FakeResult:
        job = FakeJob(self.world, title, self.world.now + seconds, fails=fails)
        before = self.world.ready

        def ready() -> None:
            before()
            if len(job.lines) < seconds:
                job.update()

        self.world.ready = ready
        self._waiting.append((line, job))
        return FakeResult((f"{title} begins",), None, job)

    def complete(self, line: str, cursor: int) -> list[FakeCompletion]:
        typed = line[:cursor]
        start = typed.rfind(" ") + 1
        head = typed[:start].split()
        found = {}
        for words in (one.split() for one in WORDS):
            if words[: len(head)] == head and len(words) > len(head):
                word = words[len(head)]
                if word.startswith(typed[start:]):
                    found[word] = FakeCompletion(word, start, f"what {word} does")
        return list(found.values())

    def advance(self, until: float, keep_going: Callable[[], bool] | None = None) -> bool:
        reached = self.world.advance(until, keep_going)
        for line, job in [one for one in self._waiting if one[1].done]:
            self._waiting.remove((line, job))
            self.results.append(FakeResult(tuple(job.lines), job.error, None, line))
        return reached

    def poll(self) -> list[FakeResult]:
        return []

    def branch(self) -> FakeSession:
        other = FakeSession(FakeWorld(self.world.seed, self.world.hosts))
        other.world.now = self.world.now
        return other


class FakePlayback:
    """Types one line a frame."""

    def __init__(self, tutor: FakeTutor, lines: tuple[str, ...]) -> None:
        self._tutor = tutor
        self._left = list(lines)
        self.failed: str | None = None

    @property
    def done(self) -> bool:
        return not self._left

    @property
    def next_line(self) -> str | None:
        return self._left[0] if self._left else None

    def play(self, until: float) -> list[tuple[str, FakeResult]]:
        self._tutor.session.advance(until)
        line = self._left.pop(0)
        typed = [(line, self._tutor.session.execute(line))]
        if not self._left:
            self._tutor.ran = True
        return typed

    def stop(self) -> None:
        self._left.clear()


class FakeTutor:
    """A lesson of three steps: reading, predicting and running, a task."""

    title = "The knee"

    def __init__(self) -> None:
        self.session = FakeSession()
        self.step = 0
        self.answers: dict[str, str] = {}
        self.ran = False
        self.overridden = False
        self.solved = False
        self.checked = False
        self.gave_up = False
        self.notes: list[Note] = []
        self.resets = 0
        self.unsaved = False
        self.disk_full = False

    def execute(self, line: str) -> FakeResult:
        self.unsaved = True
        return self.session.execute(line, wait=False)

    def page(self) -> Page:
        parts: list = [
            Prose("One replica serves about **50** requests/s.\n\n- first\n- second `x`")
        ]
        if self.step == 1:
            parts.append(
                Question(
                    "gap",
                    "How long will p95 stay above 250 ms?",
                    "choice",
                    ("it never does", "under 15 s", "1 to 3 min"),
                    "",
                    self.answers.get("gap"),
                    "1 to 3 min" if self.ran else None,
                    "Because *pods* start slowly.",
                    self.answers.get("gap") == "1 to 3 min" if self.ran else None,
                )
            )
            state = "done" if self.ran else "open" if self.answers else "locked"
            parts.append(RunBlock("base", ("docker ps", "docker ps"), state))
        if self.step == 2:
            checks = (Check("p95 peaked at 12.00 s", "failed" if self.checked else "not yet", 2),)
            word = "solved" if self.solved else "given up" if self.gave_up else "open"
            parts.append(Goal("tame", "Keep p95 under 250 ms.", word, 3, checks))
        return Page(
            ("Reading", "Predicting", "Doing")[self.step], self.step + 1, 3, (*parts, *self.notes)
        )

    def turn(self, by: int) -> bool:
        if not 0 <= self.step + by < 3:
            return False
        self.step += by
        return True

    def answer(self, question: str, answer: str) -> None:
        self.answers[question] = answer

    def play(self, block: str, *, override: bool = False) -> FakePlayback:
        if not self.answers and not override:
            raise Refused("predict first")
        self.overridden = override
        return FakePlayback(self, ("docker ps", "docker ps"))

    def check(self) -> bool:
        self.checked = True
        return self.solved

    def hint(self) -> None:
        self.notes.append(Note("Hint", "Look at the queue."))

    def solution(self, *, give_up: bool) -> bool:
        if not self.solved and not give_up:
            return False
        self.gave_up = not self.solved
        self.notes.append(Note("A solution", "```\nscale web 4\n```"))
        return True

    def reset(self) -> None:
        self.resets += 1
        self.session = FakeSession()

    def close(self) -> None:
        pass

    def save(self) -> None:
        if self.disk_full:
            raise Refused("progress could not be kept: no space left")
        self.unsaved = False


def many_hosts(hosts: int = 100, containers: int = 1000) -> tuple[HostView, ...]:
    """A large world for measuring."""
    each = containers // hosts
    return tuple(
        host(
            f"node-{h}",
            KernelView(
                f"node-{h}",
                "6.8",
                "linux",
                "running",
                tuple(
                    container(f"web-{h}-{c}", machine=f"node-{h}", cpu_cores=(h * c % 90) / 100)
                    for c in range(each)
                ),
            ),
            cpu_cores=(h * 37 % 400) / 100,
        )
        for h in range(hosts)
    )
