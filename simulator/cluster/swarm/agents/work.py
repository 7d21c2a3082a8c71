"""What the program of a task does, as far as its node has to know beforehand."""

from __future__ import annotations

from collections.abc import Callable

from simulator.cluster.supply import Supplied
from simulator.cluster.swarm.objects import Task
from simulator.cluster.swarm.specs import TaskSpec
from simulator.image.first import End
from simulator.image.model import WORKLOAD_LABEL, Image
from simulator.image.workload import infer_workload, started
from simulator.machine.workload import Workload
from simulator.node.first import first_of
from simulator.node.spec import ContainerSpec
from simulator.programs.table import is_tool

ASSUMED_SERVER = "server cpu=5ms workers=8 memory={}MiB"
ASSUMED_JOB = "batch cpu=5s memory={}MiB"
ASSUMED_MEMORY_BYTES = 64 << 20
"""What a program is taken to use that nobody knows: assumptions."""


def assumed(job: bool, limit_bytes: int) -> str:
    """A program that nobody knows: who limits its memory has seen that it has enough of it."""
    most = limit_bytes // 2 if limit_bytes else ASSUMED_MEMORY_BYTES
    mebibytes = max(1, min(ASSUMED_MEMORY_BYTES, most) >> 20)
    return (ASSUMED_JOB if job else ASSUMED_SERVER).format(mebibytes)


class Work:
    """A program in words, and what of it is known beforehand."""

    __slots__ = ("acts", "at_term", "words", "workload")

    def __init__(self, workload: Workload, words: str, acts: bool, at_term: End | None) -> None:
        self.workload = workload
        self.words = words
        """What its container is told; nothing where the image says it."""
        self.acts = acts
        """Whether it does something by itself, so that its container must be there at once."""
        self.at_term = at_term
        """What becomes of it when it is asked to stop; None: nothing, it must be killed."""


class Works:
    """Finds out what tasks do, once for each kind of them."""

    def __init__(self, read_program: Callable[[str], Workload]) -> None:
        self._read = read_program
        self._known: dict[tuple[str, int, str, bool], Work] = {}

    def of(self, task: Task, found: Supplied, *, job: bool) -> Work:
        """What a task does with an image."""
        key = task.service, task.spec_version, found.image.digest, job
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._find_out(task.spec, found, job)
        return known

    def _find_out(self, task: TaskSpec, found: Supplied, job: bool) -> Work:
        image, spec = found.image, task.container
        words = spec.workload or ""
        if not words and found.assumed and not is_told(spec):
            words = assumed(job, task.limits.memory_bytes)
        if words:
            workload = self._read(words)
            return Work(workload, words, _acts(workload), _at_term(image, workload, words))
        argv = command_of(spec, image)
        changed = bool(spec.command) or spec.entrypoint is not None
        workload = self._read(infer_workload(image, argv if changed else None))
        label = image.config.label(WORKLOAD_LABEL) is not None and not changed
        carried_out = not label and (workload.kind != "server" or is_tool(started(argv)))
        end = _at_term(image, workload, "", argv if changed else None)
        return Work(workload, "", carried_out or _acts(workload), end)


def is_told(spec: ContainerSpec) -> bool:
    """Whether a service says itself what runs, and that is a shell or a tool of any system: it is
    carried out, whatever the image."""
    argv = (*((spec.entrypoint,) if spec.entrypoint else ()), *spec.command)
    return bool(argv) and is_tool(started(argv))


def command_of(spec: ContainerSpec, image: Image) -> tuple[str, ...]:
    """Entrypoint and arguments."""
    if spec.entrypoint is not None:
        return (*((spec.entrypoint,) if spec.entrypoint else ()), *spec.command)
    if spec.command:
        return (*(image.config.entrypoint or ()), *spec.command)
    return image.config.argv


def _at_term(
    image: Image, workload: Workload, words: str, argv: tuple[str, ...] | None = None
) -> End | None:
    spec = ContainerSpec(image="", workload=words or None)
    return first_of(spec, image, argv or image.config.argv, workload).end("TERM")


def _acts(workload: Workload) -> bool:
    """Whether a program does more than wait for requests after a fixed time."""
    if workload.kind not in ("server", "idle"):
        return True
    return bool(
        workload.startup_cpu_s
        or workload.mtbf_s
        or workload.writes_bytes_s
        or workload.logs_bytes_s
        or workload.data_bytes
    )
