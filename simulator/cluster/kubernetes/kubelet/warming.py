"""From a row to processes: a running container of a pod is made on its machine, silently.

Nothing of what happens in the world depends on when: what a container was asked to be follows from
its template, and when it began from its pod's life.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from simulator.cluster.kubernetes.kubelet import groups
from simulator.cluster.kubernetes.kubelet.box import Box
from simulator.cluster.kubernetes.kubelet.env import Around, environment
from simulator.cluster.kubernetes.kubelet.life import Life, Run
from simulator.cluster.kubernetes.kubelet.volumes import Volumes
from simulator.cluster.kubernetes.kubelet.work import command_of
from simulator.cluster.kubernetes.objects.node import Node
from simulator.cluster.kubernetes.objects.resources import NONE, resources_of
from simulator.cluster.kubernetes.store import Store
from simulator.errors import DrydockError
from simulator.machine.container import Container
from simulator.node.spec import Attachment, ContainerSpec

LONGEST = 63
MIN_MEMORY_BYTES = 6 << 20
"""What the daemon takes at least for a limit of memory."""
Ended = Callable[[Life, str, int], None]
"""Told of a container of a pod that has ended, with its attempt."""


class Warming:
    """Makes containers of pods, and forgets them."""

    def __init__(self, store: Store, volumes: Volumes, ended: Ended) -> None:
        self._store = store
        self._volumes = volumes
        self._ended = ended

    def warm(self, box: Box, life: Life, run: Run) -> Container | None:
        """The container of a running one; None where its machine refuses to have it."""
        if run.container is not None or run.since is None or not box.up:
            return run.container
        daemon = box.daemon
        assert run.image is not None
        try:
            plan = daemon.plan(self.spec(box, life, run), self._name(life, run))
            made = daemon.create(plan, self._name(life, run), run.image, _id(life, run))
            run.container = made
            made.place(run.since, serves=run.work is not None and not run.work.own)
        except DrydockError as error:
            run.message = str(error)
            return None
        made.when_over(self._ended, life, run.wanted.name, run.attempt)
        return made

    def forget(self, box: Box, run: Run) -> None:
        """An ended one leaves its machine; what it printed is kept for a while."""
        if run.container is None:
            return
        run.log = list(run.container.log)
        if box.daemon.containers.get(run.container.id) is run.container:
            box.daemon.forget(run.container)
        run.container = None

    def spec(self, box: Box, life: Life, run: Run) -> ContainerSpec:
        """What the daemon is asked for."""
        wanted, work = run.wanted, run.work
        assert work is not None
        assert run.image is not None
        asked, capped = (
            resources_of(wanted.resources.requests or wanted.resources.limits),
            resources_of(wanted.resources.limits),
        )
        around = self._around(box)
        env = environment(wanted, life, around, run.known)
        mounts, memory = self._volumes.mounts(box, life, run, around, env)
        argv = command_of(wanted, run.image, env)
        changed = bool(wanted.command or wanted.args) and not work.words
        return ContainerSpec(
            image=wanted.image,
            entrypoint=argv[0] if changed else None,
            command=argv[1:] if changed else (),
            env=env,
            mounts=mounts,
            tmpfs=memory,
            labels={
                "io.kubernetes.pod.name": life.name,
                "io.kubernetes.pod.namespace": life.namespace,
                "io.kubernetes.container.name": wanted.name,
            },
            cpus=capped.cpu_millis / 1000 if capped.cpu_millis >= 10 else None,
            cpu_shares=max(2, asked.cpu_millis * 1024 // 1000),
            memory_bytes=max(capped.memory_bytes, MIN_MEMORY_BYTES)
            if capped.memory_bytes
            else None,
            memory_swap_bytes=max(capped.memory_bytes, MIN_MEMORY_BYTES)
            if capped.memory_bytes
            else None,
            oom_score_adj=oom_score_adj(life, asked.memory_bytes, box),
            workload=work.words or None,
            hostname=life.name[:LONGEST],
            stop_timeout_s=float(life.template.spec.termination_grace_period_seconds),
            networks=(Attachment("host"),) if life.template.spec.host_network else (),
            workdir=wanted.working_dir or None,
            tty=wanted.tty,
            open_stdin=wanted.stdin,
            no_healthcheck=True,
            privileged=bool(wanted.security_context.get("privileged")),
            cgroup_parent=groups.parent(box, life),
        )

    def _around(self, box: Box) -> Around:
        node = self._store.get(Node, "", box.name)
        allocatable = NONE if node is None else node.status.allocatable
        return Around(box.name, box.address_of_node, allocatable)

    def _name(self, life: Life, run: Run) -> str:
        """The pod's name, with the container's where it has several."""
        several = len(life.mains) + len(life.inits) > 1
        name = f"{life.name}.{run.wanted.name}" if several else life.name
        if run.attempt:
            name = f"{name}.{run.attempt}"
        if life.namespace != "default" or len(name) > LONGEST:
            word = hashlib.blake2b(f"{life.title}/{name}".encode(), digest_size=3).hexdigest()
            name = f"{name[: LONGEST - 7]}.{word}"
        return name


def _id(life: Life, run: Run) -> str:
    """An identity that follows from what it is, whenever it is made."""
    text = f"{life.uid}/{run.wanted.name}/{run.attempt}"
    return hashlib.sha256(text.encode()).hexdigest()


def oom_score_adj(life: Life, asked_bytes: int, box: Box) -> int:
    """Whom the kernel kills first (kubernetes, ``qos/policy.go``)."""
    qos = life.template.qos
    if qos == "Guaranteed":
        return -997
    if qos == "BestEffort":
        return 1000
    capacity = box.daemon.machine.hardware.memory_bytes
    return max(3, min(999, 1000 - 1000 * asked_bytes // capacity))
