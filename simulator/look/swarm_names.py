"""Names of the things of a swarm, as far as its managers tell them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from simulator.cluster.swarm.state import State
    from simulator.world.world import World

NAMESPACE = "com.docker.stack.namespace"
Names: TypeAlias = Iterator[tuple[str, str]]


def names_of(world: World, machine: str | None, kind: str) -> Names:
    """Each with a note; none where the machine is no manager of a swarm with a leader."""
    swarm = None if machine is None else world.orchestras.swarm_of(machine)
    node = None if swarm is None or machine is None else swarm.member(machine)
    if swarm is not None and node is not None and node.manager and not swarm.state.leaderless:
        yield from _NAMES[kind](swarm.state)


def stacks_of(state: State) -> dict[str, int]:
    """Stacks that have services, with their number."""
    spaces = (one.spec.labels.get(NAMESPACE) for one in state.services.values())
    return dict(Counter(one for one in spaces if one is not None))


def _nodes(state: State) -> Names:
    for one in state.nodes.values():
        yield one.hostname, one.spec.role


def _services(state: State) -> Names:
    for one in state.services.values():
        yield one.name, one.spec.task.container.image


def _stacks(state: State) -> Names:
    for name, count in stacks_of(state).items():
        yield name, f"{count} services"


def _networks(state: State) -> Names:
    for one in state.networks.values():
        yield one.name, one.driver


def _files(kind: str) -> Callable[[State], Names]:
    def names(state: State) -> Names:
        for one in state.secrets.values():
            if one.kind == kind:
                yield one.name, kind

    return names


_NAMES: Mapping[str, Callable[[State], Names]] = {
    "node": _nodes, "swarm service": _services, "stack": _stacks, "network": _networks,
    "secret": _files("secret"), "config": _files("config"),
}  # fmt: skip
