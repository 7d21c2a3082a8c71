"""``fault``: make something break."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from simulator.errors import unknown
from simulator.machine.charges import BOMBS
from simulator.shell import kinds, lookup
from simulator.shell.grammar import Argument, Call, Flag, Kind
from simulator.shell.registry import verb
from simulator.world.commands import InjectFault, RestartDaemon
from simulator.world.faults import KINDS

if TYPE_CHECKING:
    from simulator.shell.session import Session

TEXTS = {
    "crash": "the program in a container exits with code 1",
    "hang": "the program in a container stands still, and handles no signal (--amount 0: goes on)",
    "oom": "memory in a container is eaten until the kernel kills",
    "panic": "the kernel of a machine stops, with all that runs on it",
    "power": "a host loses power",
    "throttle": "a host's processors grow hot: all on it compute --amount times slower, 1 ends it",
    "recover": "a machine that fell is switched on again, with what restarts by itself",
    "cpubomb": "32 threads that never stop, inside a container's limits",
    "membomb": "memory eaten at --amount bytes a second, again and again",
    "forkbomb": "processes that start processes, --amount a second",
    "diskbomb": "files written through the page cache, --amount bytes a second",
    "netbomb": "packets at the speed of the line, or --amount bytes a second",
}
_IN_CONTAINERS = ("crash", "hang", "oom", *BOMBS)
_AMOUNT = kinds.number("amount", 0, 1e12)


@verb(
    "fault",
    "Make something break: " + ", ".join(KINDS),
    arguments=(
        Argument("KIND", kinds.choice("fault", KINDS), "what happens"),
        Argument("TARGET", Kind("target", kinds.TEXT.parse, "target"), "to what"),
    ),
    flags=(Flag(("--amount",), "how much, where the kind has one", _AMOUNT),),
    examples=("fault crash web1", "fault crash deploy/web", "fault panic a", "fault power b"),
    details="\n".join(f"{kind:<8} {TEXTS[kind]}" for kind in KINDS if kind in TEXTS),
    destructive=True,
)
def fault(session: Session, call: Call) -> Iterable[str]:
    """Inject a fault."""
    target = _target(session, call)
    return session.do(InjectFault(kind=call["KIND"], target=target, amount=call["amount"]))


@verb(
    "systemctl",
    "Restart the daemon of the current machine: 'systemctl restart docker'",
    arguments=(
        Argument("ACTION", kinds.choice("action", ("restart",)), "restart"),
        Argument("UNIT", kinds.choice("unit", ("docker", "docker.service")), "docker"),
    ),
    examples=("systemctl restart docker",),
    details=(
        "The daemon stops its containers (stop signal, grace period, SIGKILL) and starts those\n"
        "that come back: always; unless-stopped, unless a person stopped them; on-failure by its\n"
        "exit code.\n"
        "On another machine: on MACHINE systemctl restart docker."
    ),
    destructive=True,
)
def systemctl(session: Session, call: Call) -> Iterable[str]:
    """Restart the daemon."""
    return session.do(RestartDaemon())


def _target(session: Session, call: Call) -> str:
    """The name of the container or machine that breaks."""
    reader, name = session.reader, str(call["TARGET"])
    if call["KIND"] in _IN_CONTAINERS:
        return _container(session, call, name)
    if reader.machine(name) is None and name not in (known := reader.container_names()):
        machines = [one.name for one in reader.machines()]
        raise unknown("machine or container", name, (*machines, *known))
    return name  # where only one of both can break so, the world says it


def _container(session: Session, call: Call, name: str) -> str:
    """A container by its name; the running one of a task (``web.1``) or of a pod (``deploy/web``).

    What a swarm or a cluster names anew each time it starts one cannot be foretold in a script.
    """
    if "/" in name.removeprefix("/"):
        from simulator.shell.kubectl.pods import running_in

        return running_in(session, call, name)
    reader = session.reader
    if not reader.containers(name.removeprefix("/")):
        tasks = (one for one in reader.container_names() if one.startswith(f"{name}."))
        for one in tasks:
            if reader.containers(one)[0].state == "running":
                return one
    return lookup.named(reader, name).name
