"""What the program of a container does, as far as its kubelet has to know beforehand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from simulator.cluster.kubernetes.kubelet.expansion import expanded
from simulator.cluster.kubernetes.objects.containers import Container
from simulator.cluster.kubernetes.objects.pod import Template
from simulator.image.first import End
from simulator.image.model import WORKLOAD_LABEL, Image
from simulator.image.workload import infer_workload, started
from simulator.machine.workload import Workload
from simulator.node.first import first_of
from simulator.node.spec import ContainerSpec
from simulator.programs.table import is_tool

ANNOTATION = "drydock.dev/workload"
"""``drydock.dev/workload`` for all containers that run beside each other in a pod,
``drydock.dev/workload.NAME`` for one."""
ASSUMED_SERVER = "server cpu=5ms workers=8 memory=64MiB"
ASSUMED_JOB = "batch cpu=5s memory=64MiB"
ASSUMED_INIT = "batch cpu=100ms memory=16MiB"
ASSUMED_OTHER = "idle memory=64MiB sigterm=handled"


NO_ENV: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Work:
    """A program in words, and what of it is known beforehand."""

    workload: Workload
    words: str
    """What its container is told; nothing where the image says it."""
    own: bool
    """Whether it does something by itself, so that its container must be there from the start."""
    at_term: End | None = None
    """What becomes of it at SIGTERM; None: nothing, it goes on."""
    assumed: bool = False

    @property
    def serves(self) -> bool:
        """Whether it answers requests."""
        return self.workload.kind == "server"

    @property
    def listens_after_s(self) -> float:
        """Seconds from its start until it works, where nothing has to be computed for that."""
        return self.workload.startup_s


class Works:
    """Finds out what containers do, once for each container of a template and image."""

    def __init__(self, read_program: Callable[[str], Workload]) -> None:
        self._read = read_program
        self._known: dict[tuple[int, str, str], Work] = {}

    def of(self, template: Template, container: Container, image: Image, assumed: bool) -> Work:
        """What a container of a template does with an image."""
        key = template.number, container.name, image.digest
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._find_out(template, container, image, assumed)
        return found

    def _find_out(
        self, template: Template, container: Container, image: Image, assumed: bool
    ) -> Work:
        notes = template.annotations
        common = "" if _goes_first(template, container) else notes.get(ANNOTATION, "")
        stated = notes.get(f"{ANNOTATION}.{container.name}", common)
        if stated or (assumed and not _is_told(container)):
            words = stated or _assumption(template, container)
            workload = self._read(words)
            end = _at_term(image, workload, words)
            return Work(workload, words, _acts(workload), end, assumed=not stated)
        argv = command_of(container, image)
        changed = bool(container.command or container.args)
        if not argv:
            return Work(self._read("exit code=0"), "exit code=0", own=True)
        workload = self._read(infer_workload(image, argv if changed else None))
        label = image.config.label(WORKLOAD_LABEL) is not None and not changed
        carried_out = not label and (workload.kind != "server" or is_tool(started(argv)))
        end = _at_term(image, workload, "", argv if changed else None)
        return Work(workload, "", carried_out or _acts(workload), end)


def command_of(
    container: Container, image: Image, env: Mapping[str, str] = NO_ENV
) -> tuple[str, ...]:
    """Entrypoint and arguments: ``command`` replaces both of the image's, ``args`` its command.

    ``env``: variables that they may name as ``$(NAME)``.
    """
    args = tuple([expanded(one, env) for one in container.args])
    if container.command:
        return (*[expanded(one, env) for one in container.command], *args)
    if args:
        return (*(image.config.entrypoint or ()), *args)
    return image.config.argv


def _is_told(container: Container) -> bool:
    """Whether a pod says itself what runs, and that is a shell or a tool that any system has."""
    return bool(container.command) and is_tool(started((*container.command, *container.args)))


def _at_term(
    image: Image, workload: Workload, words: str, argv: tuple[str, ...] | None = None
) -> End | None:
    """What SIGTERM does to its first process."""
    spec = ContainerSpec(image="", workload=words or None)
    return first_of(spec, image, argv or image.config.argv, workload).end("TERM")


def _goes_first(template: Template, container: Container) -> bool:
    """Whether it has to end before others begin."""
    return not container.is_sidecar and container in template.spec.init_containers


def _assumption(template: Template, container: Container) -> str:
    """What is taken of a program that nobody knows: who names a port answers at it; where no
    container names one, the first answers, for a port need not be named to be listened at."""
    if _goes_first(template, container):
        return ASSUMED_INIT
    if container.ports:
        return ASSUMED_SERVER
    if template.spec.restart_policy != "Always":
        return ASSUMED_JOB
    mains = template.spec.containers
    silent = not any(one.ports for one in mains)
    return ASSUMED_SERVER if silent and mains[0] is container else ASSUMED_OTHER


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
