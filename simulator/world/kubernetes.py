"""Commands on clusters of Kubernetes."""

from __future__ import annotations

import json
from math import isfinite
from typing import Any

from simulator.cluster.kubernetes.api.errors import ApiError, bad_request, not_found
from simulator.cluster.kubernetes.cluster import Cluster
from simulator.cluster.kubernetes.objects.meta import Object
from simulator.cluster.kubernetes.objects.placing import Taint
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.profile import profile
from simulator.cluster.supply import Supply
from simulator.errors import InputError, Refused
from simulator.node.names import check_name
from simulator.world import machines, sites
from simulator.world.cluster_commands import (
    AddNodes,
    ApiRequest,
    CreateCluster,
    NodeGroup,
    RemoveCluster,
    SetMetric,
)
from simulator.world.commands import CreateHost, RemoveHost
from simulator.world.depot import Depot
from simulator.world.director import Director
from simulator.world.fleet import Fleet
from simulator.world.jobs import Reply
from simulator.world.orchestras import Orchestras
from simulator.world.programs import read_program

MOST_NODES = 20_000
EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")


def create(
    fleet: Fleet, depot: Depot, director: Director, orchestras: Orchestras, command: CreateCluster
) -> Reply:
    """A cluster on new machines; nothing of it is there where one of them cannot be."""
    check_name("cluster", command.name)
    if command.name in orchestras.clusters:
        raise Refused(f"there is already a cluster named {command.name}")
    chosen = profile(command.profile)
    groups = [(group, _names(fleet, group)) for group in command.groups]
    _check(fleet, groups)
    parts = fleet.parts
    cluster = Cluster(
        command.name,
        parts.sim,
        parts.calibration,
        Supply(fleet.registries, depot.catalogue, parts.calibration),
        director,
        read_program,
        chosen,
        fleet.seed,
    )
    if not orchestras.begun:
        orchestras.begin()
        director.elsewhere.append(orchestras.find)
        fleet.followers.append(orchestras)
    orchestras.clusters[command.name] = cluster
    for group, names in groups:
        join(fleet, depot, orchestras, cluster, group, names)
    return Reply((command.name,))


def remove(fleet: Fleet, orchestras: Orchestras, command: RemoveCluster) -> Reply:
    """A cluster goes with all that is in it, and so do its machines."""
    cluster = orchestras.get(command.name)
    nodes = [name for name, of in orchestras.of_machine.items() if of == cluster.name]
    cluster.close()
    del orchestras.clusters[cluster.name]
    for name in nodes:
        del orchestras.of_machine[name]
        if name in fleet.machines:
            machines.remove_host(fleet, RemoveHost(name))
    return Reply((cluster.name,))


def add_nodes(fleet: Fleet, depot: Depot, orchestras: Orchestras, command: AddNodes) -> Reply:
    """More nodes for a cluster."""
    cluster = orchestras.get(command.cluster)
    names = _names(fleet, command.group)
    _check(fleet, [(command.group, names)])
    join(fleet, depot, orchestras, cluster, command.group, names)
    return Reply(tuple(names))


def _names(fleet: Fleet, group: NodeGroup) -> list[str]:
    """The next free names of a group."""
    found: list[str] = []
    number = 0
    while len(found) < group.count:
        number += 1
        name = f"{group.prefix}{number}"
        if name not in fleet.machines:
            found.append(name)
    return found


def _check(fleet: Fleet, groups: list[tuple[NodeGroup, list[str]]]) -> None:
    total = sum(len(names) for _, names in groups)
    if not 0 <= total <= MOST_NODES or any(group.count < 0 for group, _ in groups):
        raise InputError("number of nodes", found=total, expected=f"0 to {MOST_NODES:,}")
    every = [name for _, names in groups for name in names]
    if len(set(every)) < len(every):
        raise InputError("two groups of nodes with the same names", expected="a prefix for each")
    for group, names in groups:
        for name in names[:1]:
            check_name("node", name)
        for text in group.taints:
            taint_of(text)


def taint_of(text: str) -> Taint:
    """``key=value:NoSchedule`` or ``key:NoSchedule``."""
    start, _, effect = text.rpartition(":")
    key, _, value = start.partition("=")
    if effect not in EFFECTS or not key:
        raise InputError(
            "bad taint", found=text, expected="KEY=VALUE:EFFECT, as gpu=yes:NoSchedule"
        )
    return Taint(key, effect, value)


def join(
    fleet: Fleet,
    depot: Depot,
    orchestras: Orchestras,
    cluster: Cluster,
    group: NodeGroup,
    names: list[str],
) -> None:
    """Machines of a shape are there, and are nodes at once."""
    for number, name in enumerate(names):
        sites.create_host(
            fleet,
            depot,
            CreateHost(
                name=name,
                cores=group.cores,
                memory_bytes=group.memory_bytes,
                disk_bytes=group.disk_bytes,
                price_per_hour=group.price_per_hour,
            ),
        )
        orchestras.of_machine[name] = cluster.name
        labels = dict(group.labels)
        if group.zones > 1:
            labels.setdefault("topology.kubernetes.io/zone", f"zone-{number % group.zones + 1}")
        cluster.add_node(
            fleet.nodes[name],
            fleet.address(name),
            labels,
            tuple(taint_of(text) for text in group.taints),
            group.most_pods,
        )


def set_metric(orchestras: Orchestras, command: SetMetric) -> Reply:
    """From now on a metric has this value, or cannot be had."""
    if not isfinite(command.value) or command.value < 0:
        raise InputError("value of a metric", found=command.value, expected="0 or more")
    orchestras.get(command.cluster).sources.set(command.name, command.value, command.error)
    return Reply((command.name,))


# --- requests -------------------------------------------------------------------------------------


def request(orchestras: Orchestras, command: ApiRequest) -> Reply:
    """What somebody asks of an API server; the reply says what became of which object."""
    cluster = orchestras.get(command.cluster)
    act = _VERBS.get(command.verb)
    if act is None:
        raise bad_request(f"unknown verb {command.verb}")
    word, one = act(cluster, command)
    return Reply((word, one.kind, one.namespace, one.name))


def _body(command: ApiRequest) -> Any:
    try:
        return json.loads(command.body)
    except ValueError as error:
        raise bad_request(f"error decoding: {error}") from None


def _kind(cluster: Cluster, command: ApiRequest) -> Any:
    found = cluster.kinds.named(command.kind) or cluster.kinds.find(command.kind)
    if found is None:
        raise ApiError(
            404, "NotFound", f'the server doesn\'t have a resource type "{command.kind}"'
        )
    return found


def _create(cluster: Cluster, command: ApiRequest) -> tuple[str, Object]:
    made = cluster.requests.create(
        _body(command), command.namespace, strict=command.strict, manager=command.manager
    )
    return "created", made


def _apply(cluster: Cluster, command: ApiRequest) -> tuple[str, Object]:
    body, space, asked = _body(command), command.namespace, cluster.requests
    if command.how == "server":
        one, word = asked.apply_on_server(
            body, space, strict=command.strict, manager=command.manager, force=command.force
        )
    else:
        one, word = asked.apply(body, space, strict=command.strict, manager=command.manager)
    return word, one


def _replace(cluster: Cluster, command: ApiRequest) -> tuple[str, Object]:
    body = _body(command)
    return "replaced", cluster.requests.replace(
        body, command.namespace, strict=command.strict, manager=command.manager
    )


def _patch(cluster: Cluster, command: ApiRequest) -> tuple[str, Object]:
    kind = _kind(cluster, command)
    before = cluster.requests.get(kind, command.namespace, command.name)
    after = cluster.requests.patch(
        kind,
        command.namespace,
        command.name,
        command.how or "strategic",
        _body(command),
        command.manager,
    )
    return "patched" if after is not before else "patched (no change)", after


def _scale(cluster: Cluster, command: ApiRequest) -> tuple[str, Object]:
    kind = _kind(cluster, command)
    return "scaled", cluster.requests.scale(
        kind, command.namespace, command.name, command.replicas, command.manager
    )


def _delete(cluster: Cluster, command: ApiRequest) -> tuple[str, Object]:
    kind = _kind(cluster, command)
    return "deleted", cluster.requests.delete(
        kind, command.namespace, command.name, command.grace_s, command.how or "Background"
    )


def _evict(cluster: Cluster, command: ApiRequest) -> tuple[str, Object]:
    pod = cluster.store.get(Pod, command.namespace, command.name)
    if pod is None:
        raise not_found("pods", command.name)
    cluster.controllers.disruptions.evict(pod, command.grace_s)
    return "evicted", pod


def _connect(cluster: Cluster, command: ApiRequest) -> tuple[str, Object]:
    """Somebody is about to look into a container of a pod: it is there from now on."""
    pod = cluster.requests.get(_kind(cluster, command), command.namespace, command.name)
    assert isinstance(pod, Pod)
    if not pod.node:
        raise bad_request(f"pod {pod.name} does not have a host assigned")
    found = cluster.kubelets.container(pod, command.how)
    if found is None or found.state != "running":
        raise ApiError(
            500, "InternalError", f'unable to upgrade connection: container not found ("'
            f'{command.how}")',
        )  # fmt: skip
    return found.name, pod


_VERBS = {
    "connect": _connect,
    "create": _create,
    "apply": _apply,
    "replace": _replace,
    "patch": _patch,
    "scale": _scale,
    "delete": _delete,
    "evict": _evict,
}
