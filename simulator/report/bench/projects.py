"""Docker Compose: a project of many services read, brought up, left as it is, and taken down."""

from __future__ import annotations

from simulator.cluster.compose.files.reading import Wish, read
from simulator.cluster.compose.project import Project
from simulator.report.bench.clock import cpu_s
from simulator.report.bench.measured import Measured, cost
from simulator.world import World
from simulator.world.commands import Command, CreateHost, PullImage
from simulator.world.compose_commands import ComposeDown, ComposeUp

SIZES = {"services": 1.0}
"""By how much all is smaller: a test makes it less."""
SERVICES, REPLICAS = 100, 2
PATIENCE_S = 3600.0
"""Simulated seconds in which all must be done."""


class _Folder:
    """One file, that says all."""

    def __init__(self, text: str) -> None:
        self.text = text

    def exists(self, path: str) -> bool:
        """Only that one."""
        return path == "compose.yaml"

    def read(self, path: str) -> str:
        """What it says."""
        return self.text


def _text(services: int) -> str:
    """Layers of ten services, each of which waits for one of the layer below."""
    lines = ["services:"]
    for number in range(services):
        lines += [
            f"  s{number}:",
            "    image: nginx",
            f"    environment: {{NUMBER: '{number}', MODE: bench}}",
            f"    scale: {REPLICAS}",
            "    healthcheck: {test: 'true', interval: 1s}",
        ]
        if number >= 10:
            lines.append(f"    depends_on: {{s{number - 10}: {{condition: service_healthy}}}}")
    return "\n".join(lines)


def _project(services: int) -> Project:
    return read(_Folder(_text(services)), Wish(files=("compose.yaml",), folder="bench")).project


def _done(world: World, command: Command) -> None:
    job = world.apply(command).job
    assert job is not None
    world.advance(world.now + PATIENCE_S, lambda: not job.done)
    assert job.done
    assert job.error is None, job.error


def up() -> list[Measured]:
    """A project of 100 services with two containers each, in ten layers that wait for health."""
    services = max(2, round(SERVICES * SIZES["services"]))
    world = World(1)
    world.apply(CreateHost("h", cores=64, memory_bytes=256 << 30))
    _done(world, PullImage("nginx"))
    project = _project(services)
    what = f"{services * REPLICAS} containers of Compose"
    figures = [cost(f"{what}: their file is read", cpu_s(lambda: _project(services)), 1.0)]
    for name, command, promised in (
        ("up, each layer healthy before the next", ComposeUp(project=project), 6.0),
        ("up again, nothing has changed", ComposeUp(project=project), 2.0),
        ("down", ComposeDown(project=project), 2.0),
    ):
        spent = cpu_s(lambda command=command: _done(world, command))  # type: ignore[misc]
        figures.append(cost(f"{what}: {name}", spent, promised))
    return figures
