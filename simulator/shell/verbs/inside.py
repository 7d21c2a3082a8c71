"""Looking from inside: ``docker exec``, and the same on a machine (``on``)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isinf
from typing import TYPE_CHECKING

from simulator.errors import Refused
from simulator.node.forking import check_shell
from simulator.node.insides import machine_view
from simulator.programs.finding import DEFAULT_PATH
from simulator.programs.pauses import Ended, Serves, Waits
from simulator.programs.running import at_once
from simulator.programs.table import PROGRAMS
from simulator.shell import kinds, lookup
from simulator.shell.executed import executed, told
from simulator.shell.grammar import Argument, Call, Flag
from simulator.shell.registry import verb
from simulator.world.commands import Execute, RestartDaemon
from simulator.world.execs import need_running

if TYPE_CHECKING:
    from simulator.shell.session import Session

_COMMAND = Argument("COMMAND", kinds.WORD, "program and arguments", repeat=True)
_KNOWN = "modelled: " + ", ".join(sorted(PROGRAMS))


@verb(
    "docker exec",
    "Run a command inside a running container: it sees what the container's namespaces show",
    arguments=(Argument("CONTAINER", kinds.CONTAINER, "name or id"), _COMMAND),
    flags=(
        Flag(("-i", "--interactive"), "keep standard input open: lines go to a shell in it"),
        Flag(("-t", "--tty"), "give it a terminal"),
        Flag(("-d", "--detach"), "do not wait for its end"),
        Flag(("-e", "--env"), "set a variable", kinds.PAIR, repeat=True),
        Flag(("-u", "--user"), "as whom: a name or a number", kinds.text("user")),
        Flag(("-w", "--workdir"), "the folder that it starts in", kinds.text("folder")),
    ),
    aliases=("docker container exec",),
    trailing=True,
    known="--env-file --detach-keys --privileged",
    examples=(
        "docker exec web nproc",
        "docker exec web cat /sys/fs/cgroup/cpu.max",
        "docker exec web sh -c 'hostname; uname -r'",
    ),
    details=_KNOWN,
)
def exec_(session: Session, call: Call) -> Iterable[str]:
    """Answer from the model."""
    view = lookup.container(session.reader, call["CONTAINER"], call["host"])
    container = session.world.container(view.name)
    need_running(container)
    asked = Execute(
        container=view.name,
        argv=call["COMMAND"],
        env=dict(call["env"]),
        user=call["user"],
        workdir=call["workdir"],
        interactive=call["interactive"],
        tty=call["tty"],
        detach=call["detach"],
    )
    return executed(session, asked)


@verb(
    "on",
    "Run a command on a host or virtual machine, as its root: what the other side sees",
    arguments=(Argument("MACHINE", kinds.MACHINE, "host or virtual machine"), _COMMAND),
    aliases=("host exec", "vm exec"),
    trailing=True,
    examples=("on a ps -ef", "on vm1 free -m", "on a docker ps", "host exec a nproc"),
    details=_KNOWN,
)
def on(session: Session, call: Call) -> Iterable[str]:
    """Answer from the model."""
    machine = session.world.machine(call["MACHINE"])
    machine.need_up()
    check_shell(machine)
    if _restarts_daemon(call["COMMAND"]):
        return session.do(RestartDaemon(machine=machine.name))
    node = session.world.fleet.nodes.get(machine.name)
    around = node.surroundings(None) if node is not None else None
    env = {"HOME": "/root", "USER": "root", "PATH": DEFAULT_PATH}
    printed, pause = at_once(machine_view(machine, around), call["COMMAND"], env)
    if isinstance(pause, Waits) and not isinf(pause.seconds):
        session.pass_time(session.world.now + pause.seconds)
        return told(session, printed, pause.code)
    if isinstance(pause, Serves):
        raise Refused(f"bash: {call['COMMAND'][0]}: command not found (exit code 127)")
    if not isinstance(pause, Ended):
        raise Refused(f"'{call['COMMAND'][0]}' on a machine is not modelled")
    return told(session, printed, pause.code)


def _restarts_daemon(words: Sequence[str]) -> bool:
    words = words[1:] if words[:1] == ("sudo",) else words
    return words in (("systemctl", "restart", "docker"), ("service", "docker", "restart"))
