"""The life of one pod on its node, as data: which container is where."""

from __future__ import annotations

from msgspec.structs import replace

from simulator.cluster.kubernetes.kubelet.sources import NOTHING, Known
from simulator.cluster.kubernetes.kubelet.work import Work
from simulator.cluster.kubernetes.objects.containers import Container as Wanted
from simulator.cluster.kubernetes.objects.meta import Key
from simulator.cluster.kubernetes.objects.pod import ContainerStatus, Ended, Pod, Template
from simulator.engine.calendar import Entry
from simulator.image.model import Image
from simulator.machine.container import Container


class Run:
    """One container of a pod, through all of its restarts."""

    __slots__ = (
        "asked_from", "attempt", "container", "ended", "failures", "held", "hooking", "image",
        "kill_at", "known", "last", "log", "message", "pulling", "ready", "restarts", "since",
        "started", "timer", "wait_s", "waiting", "wanted", "work",
    )  # fmt: skip

    def __init__(self, wanted: Wanted, waiting: str) -> None:
        self.wanted = wanted
        self.waiting = waiting
        """Why it does not run; nothing where it does, or has ended."""
        self.message = ""
        self.image: Image | None = None
        self.work: Work | None = None
        self.container: Container | None = None
        """What of it is on the machine, where it is warm."""
        self.since: float | None = None
        """When it began to run; None where it does not."""
        self.ended: Ended | None = None
        self.last: Ended | None = None
        self.restarts = 0
        self.attempt = 0
        self.held = 0
        """Bytes of memory that it holds without being on its machine."""
        self.ready = False
        self.started = False
        self.kill_at = 0.0
        """When its grace is over, where it is being stopped."""
        self.hooking = False
        """Whether its postStart hook is not over yet."""
        self.asked_from = 0.0
        """From when on it is asked whether it is ready and well."""
        self.failures = 0
        """Pulls that failed in a row."""
        self.wait_s = 0.0
        """Its back-off after the last crash."""
        self.pulling = False
        self.known: Known = NOTHING
        """What it was given of ConfigMaps and Secrets when it was made."""
        self.timer: Entry | None = None
        self.log: list[tuple[float, str]] = []
        """What its run before this one had printed."""

    @property
    def running(self) -> bool:
        """Whether it has a process."""
        return self.since is not None

    def status(self) -> ContainerStatus:
        """As the API shows it."""
        return ContainerStatus(
            self.wanted.name,
            self.wanted.image,
            "" if self.since is not None or self.ended is not None else self.waiting,
            self.message,
            self.since,
            self.ended,
            self.last,
            self.ready,
            self.started,
            self.restarts,
            "" if self.image is None else self.image.digest,
        )


class Life:
    """One pod on one node."""

    __slots__ = (
        "deadline", "dirty", "grace_until", "has_files", "initialized_at", "inits", "ip", "key",
        "mains", "millis", "mounts_failed", "name", "namespace", "node", "over", "phase",
        "ready_since", "started_at", "stopping", "template", "title", "uid", "unready_reason",
    )  # fmt: skip

    def __init__(self, pod: Pod, now: float) -> None:
        self.key: Key = pod.key
        self.uid = pod.meta.uid
        self.namespace, self.name = pod.key
        self.title = f"{self.namespace}/{self.name}"
        self.template: Template = pod.template
        self.node = pod.node
        self.ip = ""
        self.phase = "Pending"
        spec = pod.template.spec
        first = "PodInitializing" if spec.init_containers else "ContainerCreating"
        self.inits = [Run(one, "PodInitializing") for one in spec.init_containers]
        self.mains = [Run(one, first) for one in spec.containers]
        self.started_at = now
        self.initialized_at: float | None = None
        self.ready_since: float | None = None
        self.unready_reason = ""
        self.stopping = False
        self.grace_until = 0.0
        self.over = False
        self.millis = 0
        """CPU that it counts for among the Burstable pods of its node, in thousandths."""
        self.has_files = False
        """Whether folders of its own were made on its machine."""
        self.mounts_failed = 0
        """How often its volumes could not be made."""
        self.deadline: Entry | None = None
        self.dirty = False

    @property
    def runs(self) -> list[Run]:
        """All containers, in the order in which they are started."""
        return [*self.inits, *self.mains]

    def run(self, name: str) -> Run | None:
        """The container of a name."""
        return next((one for one in self.runs if one.wanted.name == name), None)

    def published(self, pod: Pod) -> Pod:
        """The pod with the status that follows from its life."""
        status = replace(
            pod.status,
            phase=self.phase,
            ip=self.ip,
            started_at=self.started_at,
            initialized_at=self.initialized_at,
            ready_since=self.ready_since,
            unready_reason=self.unready_reason,
            containers=tuple([one.status() for one in self.mains]),
            init_containers=tuple([one.status() for one in self.inits]) if self.inits else (),
        )
        return replace(pod, status=status)
