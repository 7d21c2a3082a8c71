"""What can be done with a row of a table: lines that one might as well have typed."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.look.answers import TreeRow

GONE = "it is gone, and what it owns"
EXCHANGED = "its tasks are exchanged for others"
UP = ("running", "starting", "restarting")
SCALED = ("deployment", "statefulset", "replicaset", "replicationcontroller")
ROLLED = ("deployment", "statefulset", "daemonset")


@dataclass(frozen=True, slots=True)
class RowCommand:
    """One of them. ``key`` chooses it in the menu.

    ``loses`` says what is lost, and has it asked for first; ``open`` ones are put into the prompt
    for the rest to be typed.
    """

    key: str
    title: str
    line: str
    loses: str = ""
    open: bool = False


def of_machines(row: TreeRow, current: str | None) -> list[RowCommand]:
    """What can be done with a row of the map; ``current`` is the machine that docker talks to."""
    if row.kind == "container":
        return _of_container(row, current)
    name = shlex.quote(row.view.name)
    if row.kind == "vm":
        return [
            RowCommand("u", "make docker talk to it", f"use {name}"),
            RowCommand("b", "reboot", f"reboot {name}", "all that runs in it ends"),
            RowCommand(
                "f", "panic of its kernel", f"fault panic {name}", "all that runs in it dies"
            ),
            RowCommand("R", "remove", f"vm rm {name}", "its containers die with it"),
        ]
    if row.kind == "host":
        return [
            RowCommand("u", "make docker talk to it", f"use {name}"),
            RowCommand("b", "reboot", f"reboot {name}", "all that runs on it ends"),
            RowCommand("p", "power off", f"fault power {name}", "all that runs on it dies"),
            RowCommand("o", "power on again", f"fault recover {name}"),
            RowCommand("f", "panic of its kernel", f"fault panic {name}", "all on it dies"),
            RowCommand("R", "remove", f"host rm {name}", "everything on it is gone"),
        ]
    return []


def _of_container(row: TreeRow, current: str | None) -> list[RowCommand]:
    view = row.view
    machine = getattr(view, "machine", "")
    docker = "docker" if machine == current or not machine else f"docker -H {shlex.quote(machine)}"
    name, state = shlex.quote(view.name), view.state
    commands: list[RowCommand] = []
    if state in UP:
        commands += [
            RowCommand("s", "stop", f"{docker} stop {name}", "requests in it may fail"),
            RowCommand("r", "restart", f"{docker} restart {name}", "requests in it may fail"),
            RowCommand("p", "pause", f"{docker} pause {name}"),
            RowCommand("k", "kill", f"{docker} kill {name}", "its program ends at once"),
            RowCommand("e", "a shell in it", f"{docker} exec -it {name} sh"),
            RowCommand("L", "follow its logs", f"{docker} logs -f {name}"),
            RowCommand("T", "follow its use", f"{docker} stats {name}"),
        ]
    elif state == "paused":
        commands.append(RowCommand("p", "go on", f"{docker} unpause {name}"))
    else:
        commands.append(RowCommand("s", "start", f"{docker} start {name}"))
    commands.append(RowCommand("f", "break it: a fault", f"fault KIND {name}", open=True))
    commands.append(RowCommand("U", "change its limits", f"{docker} update  {name}", open=True))
    commands.append(
        RowCommand("R", "remove", f"{docker} rm -f {name}", "what it has written is gone")
    )
    return commands


def of_object(kind: str, name: str, namespace: str) -> list[RowCommand]:
    """What can be done with an object of Kubernetes."""
    where = f" -n {shlex.quote(namespace)}" if namespace else ""
    word = shlex.quote(name)
    commands = []
    if kind == "node":
        return [
            RowCommand("c", "cordon", f"kubectl cordon {word}"),
            RowCommand("u", "uncordon", f"kubectl uncordon {word}"),
            RowCommand(
                "D", "drain", f"kubectl drain {word} --ignore-daemonsets", "its pods are evicted"
            ),
            RowCommand("p", "power off", f"fault power {word}", "all that runs on it dies"),
            RowCommand("o", "power on again", f"fault recover {word}"),
        ]
    if kind == "pod":
        commands += [
            RowCommand("e", "a shell in it", f"kubectl exec -it {word}{where} -- sh"),
            RowCommand("L", "follow its logs", f"kubectl logs -f {word}{where}"),
        ]
    if kind in SCALED:
        line = f"kubectl scale {kind}/{word}{where} --replicas="
        commands.append(RowCommand("s", "scale", line, open=True))
    if kind in ROLLED:
        line = f"kubectl rollout restart {kind}/{word}{where}"
        commands.append(RowCommand("r", "restart", line, "its pods are exchanged for others"))
        line = f"kubectl rollout undo {kind}/{word}{where}"
        commands.append(RowCommand("u", "roll back", line, "its pods are those of before"))
    commands += [
        RowCommand("y", "as YAML", f"kubectl get {kind} {word}{where} -o yaml"),
        RowCommand(
            "R", "delete", f"kubectl delete {kind} {word}{where}", "it is gone, and what it owns"
        ),
    ]
    return commands


def of_swarm(kind: str, name: str, manager: str) -> list[RowCommand]:
    """What can be done with a service, a task or a node of a swarm; ``manager`` is asked."""
    docker = f"docker -H {shlex.quote(manager)}" if manager else "docker"
    word = shlex.quote(name)
    update = f"{docker} node update --availability"
    if kind == "service":
        return [
            RowCommand("s", "scale", f"{docker} service scale {word}=", open=True),
            RowCommand("r", "restart", f"{docker} service update --force {word}", EXCHANGED),
            RowCommand(
                "u", "roll back", f"{docker} service rollback {word}", "its tasks are exchanged"
            ),
            RowCommand("L", "follow its logs", f"{docker} service logs -f {word}"),
            RowCommand("R", "remove", f"{docker} service rm {word}", "its tasks end"),
        ]
    if kind == "node":
        return [
            RowCommand(
                "D",
                "drain",
                f"{update} drain {word}",
                "its tasks go elsewhere",
            ),
            RowCommand("u", "take tasks again", f"{update} active {word}"),
        ]
    return []


def open_at(line: str) -> int:
    """Where one goes on to type in an open line: after what is there, or at the gap in it."""
    gap = line.find("KIND") if "KIND" in line else line.find("  ") + 1
    return gap if gap > 0 else len(line)


def lines_of(commands: Sequence[RowCommand]) -> list[str]:
    """All lines, for tests and for the description of a menu."""
    return [one.line for one in commands]
