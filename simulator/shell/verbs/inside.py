"""Looking from inside: ``docker exec``, and the same on a machine (``on``)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from simulator.errors import Refused
from simulator.node.forking import check_exec, check_shell
from simulator.node.seats import seat_of, seat_of_machine
from simulator.shell import kinds, lookup
from simulator.shell.grammar import Argument, Call, Flag
from simulator.shell.kernel_log import kernel_log
from simulator.shell.programs import COMMANDS, Answer, run
from simulator.shell.registry import verb
from simulator.world.commands import RestartDaemon
from simulator.world.files import changes_files
from simulator.world.image_commands import ChangeFiles

if TYPE_CHECKING:
    from simulator.shell.session import Session

_COMMAND = Argument("COMMAND", kinds.TEXT, "program and arguments", repeat=True)
_KNOWN = "modelled: " + ", ".join(COMMANDS)


@verb(
    "docker exec",
    "Run a command inside a running container: it sees what the container's namespaces show",
    arguments=(Argument("CONTAINER", kinds.CONTAINER, "name or id"), _COMMAND),
    flags=(
        Flag(("-i", "--interactive"), "keep standard input open", ignored=True),
        Flag(("-t", "--tty"), "give it a terminal", ignored=True),
        Flag(("-d", "--detach"), "do not wait for its end"),
    ),
    aliases=("docker container exec",),
    trailing=True,
    known="-e --env --env-file --detach-keys --privileged -u --user -w --workdir",
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
    if view.state == "paused":
        raise Refused(f"container {view.name} is paused, unpause the container before exec")
    if view.state != "running":
        raise Refused(f"container {view.id} is not running")
    check_exec(session.world.container(view.name))
    if changes_files(call["COMMAND"]):
        return session.do(ChangeFiles(container=view.name, argv=call["COMMAND"]))
    container = session.world.container(view.name)
    around = session.world.fleet.node_of(container).surroundings(container).files()
    answer = run(seat_of(container, around), call["COMMAND"])
    return _told(session, answer, wait=not call["detach"])


@verb(
    "on",
    "Run a command on a host or virtual machine, as its root: what the other side sees",
    arguments=(Argument("MACHINE", kinds.MACHINE, "host or virtual machine"), _COMMAND),
    aliases=("host exec", "vm exec"),
    trailing=True,
    examples=("on a ps -ef", "on vm1 free -m", "host exec a nproc"),
    details=_KNOWN,
)
def on(session: Session, call: Call) -> Iterable[str]:
    """Answer from the model."""
    machine = session.world.machine(call["MACHINE"])
    machine.need_up()
    check_shell(machine)
    if _restarts_daemon(call["COMMAND"]):
        return session.do(RestartDaemon(machine=machine.name))
    if tuple(call["COMMAND"]) == ("dmesg",):
        return kernel_log(session.world, machine)
    return _told(session, run(seat_of_machine(machine), call["COMMAND"]), wait=True)


def _restarts_daemon(words: Sequence[str]) -> bool:
    words = words[1:] if words[:1] == ("sudo",) else words
    return words in (("systemctl", "restart", "docker"), ("service", "docker", "restart"))


def _told(session: Session, answer: Answer, *, wait: bool) -> list[str]:
    """What it printed; an error where its exit code says so. Simulated time passes for a sleep."""
    if answer.seconds and wait:
        session.pass_time(session.world.now + answer.seconds)
    if answer.code:
        text = "\n".join(answer.lines) or "the command failed"
        raise Refused(f"{text} (exit code {answer.code})")
    return list(answer.lines)
