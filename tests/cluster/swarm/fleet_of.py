"""A swarm on machines of its own, and short words for what is asked of it."""

from collections import Counter

from msgspec.structs import replace

from simulator.cluster.swarm.objects import RUNNING, STATE_WORDS
from simulator.cluster.swarm.specs import (
    Endpoint,
    Mode,
    Placement,
    Port,
    Resources,
    RestartPolicy,
    ServiceSpec,
    TaskSpec,
    UpdateConfig,
)
from simulator.node.spec import ContainerSpec
from simulator.world import World
from simulator.world.cluster_commands import NodeGroup
from simulator.world.commands import InjectFault
from simulator.world.swarm_commands import (
    CreateSwarmService,
    MakeSwarm,
    RemoveSwarmService,
    SwarmNode,
    UpdateSwarmService,
)

__all__ = ["Endpoint", "Placement", "Port", "Resources", "RestartPolicy", "UpdateConfig"]
SERVER = "server cpu=5ms workers=8 memory=16MiB sigterm=handled"


class Fleet:
    """Nodes n1, n2, ...: so many managers first."""

    def __init__(self, nodes=3, managers=1, cores=4, seed=1):
        self.world = World(seed)
        group = NodeGroup(count=nodes, prefix="n", cores=cores)
        self.world.apply(MakeSwarm(groups=(group,), managers=managers))
        self.swarm = next(iter(self.world.orchestras.swarms.values()))
        self.state = self.swarm.state

    @property
    def now(self):
        return self.world.now

    def go(self, seconds):
        self.world.advance(self.world.now + seconds)

    def until(self, holds, most=600.0, step=0.25):
        """Go on until something holds; how long that took."""
        began = self.now
        while not holds():
            assert self.now - began < most, "it never came about"
            self.go(step)
        return self.now - began

    # --- services ---------------------------------------------------------------------------------

    def service(self, name="web", replicas=1, *, image="shop:1", words=SERVER, kind="replicated",
                update=None, rollback=None, endpoint=None, machine=None, **task):  # fmt: skip
        container = ContainerSpec(image=image, workload=words)
        spec = ServiceSpec(
            name=name, task=TaskSpec(container=container, **task),
            mode=Mode(kind=kind, replicas=replicas), update=update or UpdateConfig(),
            rollback=rollback or UpdateConfig(), endpoint=endpoint or Endpoint(),
        )  # fmt: skip
        self.world.apply(CreateSwarmService(spec=spec, machine=machine))
        return self.named(name)

    def named(self, name="web"):
        return self.state.service_named(name)

    def update(self, name="web", *, machine=None, **changes):
        """Another image, words, task fields, number or way of updating."""
        service = self.named(name)
        spec = service.spec
        container = spec.task.container
        inside = {"image": "image", "words": "workload"}
        fields = {inside[key]: changes.pop(key) for key in inside if key in changes}
        task = replace(spec.task, container=replace(container, **fields))
        if "force" in changes:
            task = replace(task, force_update=task.force_update + changes.pop("force"))
        if "replicas" in changes:
            spec = replace(spec, mode=replace(spec.mode, replicas=changes.pop("replicas")))
        placed = {key: changes.pop(key) for key in ("placement", "restart") if key in changes}
        spec = replace(spec, task=replace(task, **placed), **changes)
        self.world.apply(UpdateSwarmService(id=service.id, spec=spec, machine=machine))

    def roll_back(self, name="web"):
        self.world.apply(UpdateSwarmService(id=self.named(name).id, rollback=True))

    def remove(self, name="web"):
        self.world.apply(RemoveSwarmService(id=self.named(name).id))

    # --- nodes ------------------------------------------------------------------------------------

    def node(self, name):
        return next(one for one in self.state.nodes.values() if one.hostname == name)

    def set_node(self, name, **changes):
        node = self.node(name)
        self.world.apply(SwarmNode(id=node.id, spec=replace(node.spec, **changes)))

    def cut(self, name):
        self.world.apply(InjectFault(kind="power", target=name))

    def mend(self, name):
        self.world.apply(InjectFault(kind="recover", target=name))

    # --- what there is ----------------------------------------------------------------------------

    def tasks(self, name="web"):
        service = self.named(name)
        return [] if service is None else self.state.tasks_of(service.id)

    def running(self, name="web"):
        """As ``docker service ls`` counts them: those that run and are to."""
        return sum(
            task.state == RUNNING and task.desired <= RUNNING and self.state.nodes[task.node].ready
            for task in self.tasks(name)
        )

    def spread(self, name="web"):
        """Running tasks by node."""
        found = Counter(
            self.state.nodes[task.node].hostname
            for task in self.tasks(name)
            if task.state == RUNNING and task.desired <= RUNNING
        )
        return [found[node.hostname] for node in self.state.nodes.values()]

    def words(self, name="web"):
        return Counter(STATE_WORDS[task.state] for task in self.tasks(name))

    def status(self, name="web"):
        status = self.named(name).status
        return None if status is None else status.state
