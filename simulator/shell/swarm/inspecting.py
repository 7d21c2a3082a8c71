"""``docker inspect`` of what a swarm has: services, nodes, tasks, secrets and configs.

Source: moby, ``api/types/swarm/task.go``; docker/cli, ``cli/command/system/inspect.go``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from simulator.cluster.swarm.objects import STATE_WORDS
from simulator.errors import Refused
from simulator.shell.docker.inspecting import FURTHER, timestamp
from simulator.shell.grammar import Call
from simulator.shell.swarm import files, nodes, service_documents
from simulator.shell.swarm.common import (
    file_of,
    identity,
    machine_of,
    meant,
    name_of,
    node_of,
    service_of,
    swarm_of,
)

if TYPE_CHECKING:
    from simulator.cluster.swarm.objects import Task
    from simulator.cluster.swarm.swarm import Swarm
    from simulator.shell.session import Session

_Find = Callable[["Swarm", str, str], dict[str, Any]]
"""A document of a swarm, as a machine is asked for it, by a word; Refused where there is none."""


def task_document(swarm: Swarm, task: Task) -> dict[str, Any]:
    """A task as the API shows it."""
    known = swarm.state.networks
    status: dict[str, Any] = {
        "Timestamp": timestamp(task.changed),
        "State": STATE_WORDS[task.state],
        "Message": task.message,
        **({"Err": task.error} if task.error else {}),
        "ContainerStatus": {"ContainerID": task.container, "ExitCode": task.exit_code or 0},
        "PortStatus": {},
    }
    return {
        "ID": task.id,
        "CreatedAt": timestamp(task.created),
        "UpdatedAt": timestamp(task.changed),
        "Labels": {},
        "Spec": service_documents.task_spec(task.spec),
        "ServiceID": task.service,
        **({"Slot": task.slot} if task.slot else {}),
        "NodeID": task.node,
        "Status": status,
        "DesiredState": STATE_WORDS[task.desired],
        "NetworksAttachments": [
            {
                "Network": {"ID": id_, "Spec": {"Name": known[id_].name}},
                "Addresses": [f"{address}/{known[id_].subnet.partition('/')[2]}"],
            }
            for id_, address in task.addresses.items()
            if id_ in known
        ],
    }


def _file(kind: str) -> _Find:
    return lambda swarm, word, machine: files.document(file_of(swarm, kind, word))


_KINDS: Mapping[str, _Find] = {
    "service": lambda swarm, word, _: service_documents.document(service_of(swarm, word)),
    "node": lambda swarm, word, machine: nodes.document(swarm, node_of(swarm, word, machine)),
    "task": lambda swarm, word, _: task_document(
        swarm, meant(swarm.state.tasks.values(), word, "task", identity, name_of)
    ),
    "secret": _file("secret"),
    "config": _file("config"),
}
"""In the order in which they are looked for."""


def _found(session: Session, word: str, call: Call) -> dict[str, Any] | None:
    """What a word means in the swarm of a machine; None: nothing, or it is of none."""
    wanted = call["type"]
    for kind, find in _KINDS.items():
        if wanted not in (None, kind):
            continue
        try:
            return find(swarm_of(session, call), word, machine_of(session, call))
        except Refused:
            if wanted:
                raise
    return None


FURTHER.append(_found)
