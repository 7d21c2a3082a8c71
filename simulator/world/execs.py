"""Processes beside the first: ``docker exec``, and a terminal that a person sits at."""

from __future__ import annotations

from functools import partial

from simulator.errors import Refused
from simulator.machine.container import Container
from simulator.node.carrying import INTERRUPT, Execution, First, Running
from simulator.node.forking import check_exec
from simulator.node.insides import environment, somebody
from simulator.node.node import Node
from simulator.programs.running import check, missing
from simulator.world.commands import Attach, Execute, TypeLine, WaitForContainer
from simulator.world.fleet import Fleet
from simulator.world.jobs import Job, Jobs, Reply
from simulator.world.storage_facts import CopiedUp
from simulator.world.terminal import Terminal

RESTARTING = "Container {} is restarting, wait until the container is running"
EXEC_FAILED = "OCI runtime exec failed: exec failed: unable to start container process: "


def need_running(container: Container) -> None:
    """Refuse a container in which nothing can be started."""
    if container.paused:
        raise Refused(f"container {container.name} is paused, unpause the container before exec")
    if container.state == "restarting":
        raise Refused(RESTARTING.format(container.id))
    if container.state != "running":
        raise Refused(f"container {container.id} is not running")
    check_exec(container)


def execute(fleet: Fleet, jobs: Jobs, terminal: Terminal, command: Execute) -> Reply:
    """Start a program in a running container; the job is done when it has ended."""
    container = fleet.container(command.container)
    need_running(container)
    check(command.argv)
    node = fleet.node_of(container)
    cwd = command.workdir or container.image.config.workdir or "/"
    who = somebody(container, command.user)
    env = environment(container, who) | command.env
    absent = missing(node.processes.inside.view(container, who), command.argv, env, cwd)
    if absent is not None:
        raise Refused(f"{EXEC_FAILED}{absent.says}: unknown (exit code {absent.code})")
    job = jobs.new(f"docker exec {container.name}")
    copied = node.writable(container).copied_up_bytes
    node.processes.execute(
        container, command.argv, command.env, cwd, interactive=command.interactive,
        tty=command.tty, who=who, then=_told, args=(node, copied, terminal, job),
    )  # fmt: skip
    if command.detach:
        return Reply()
    return Reply((), job)


def _told(running: Running, node: Node, copied: int, terminal: Terminal, job: Job) -> None:
    """It waits for a line, or has ended."""
    errors = _take(running, job)
    more = node.writable(running.container).copied_up_bytes - copied
    if more > 0:
        job.lines.append(CopiedUp(more))
    if not running.ended:
        terminal.sit(running)
        job.finish()
        return
    terminal.leave(running)
    if running.problem:
        job.finish(running.problem)
    elif running.code:
        told = "\n".join([*errors, ""]) if errors else ""
        job.finish(f"{told.rstrip()} (exit code {running.code})".strip())
    else:
        job.lines += errors
        job.finish()


def _take(running: Running, job: Job) -> list[str]:
    """Its output goes to the job; errors apart where it ends badly."""
    errors: list[str] = []
    apart = running.ended and bool(running.code) and isinstance(running, Execution)
    for stream, line in running.take():
        if stream == "stderr" and apart and not line.startswith("drydock: "):
            errors.append(line)
        elif not (apart and running.problem):
            job.lines.append(line)
    return errors


def type_line(fleet: Fleet, jobs: Jobs, terminal: Terminal, command: TypeLine) -> Reply:
    """A line goes to the program that the person sits at."""
    running = terminal.running
    if running is None or running.ended:
        raise Refused("nobody is at a terminal in a container")
    if running.container.paused:
        raise Refused(f"container {running.container.name} is paused")
    if running.prompt is None and command.text != INTERRUPT:
        raise Refused(f"{running.machine.doing or 'the program'} is still running (Ctrl-C ends it)")
    node = fleet.node_of(running.container)
    job = jobs.new(f"{running.container.name}: {command.text or 'end of input'}")
    node.processes.type(running, command.text, _typed, terminal, job)
    return Reply((), job)


def _typed(running: Running, terminal: Terminal, job: Job) -> None:
    job.lines += [line for _, line in running.take()]
    if running.ended:
        terminal.leave(running)
    job.finish(running.problem or None)


def attach(fleet: Fleet, jobs: Jobs, terminal: Terminal, command: Attach) -> Reply:
    """Sit at process 1 of a container, if it reads lines; else wait for its end."""
    container = fleet.container(command.container)
    if container.paused:
        raise Refused("You cannot attach to a paused container, unpause it first")
    if container.state == "restarting":
        raise Refused("You cannot attach to a restarting container, wait until it is running")
    if not container.running:
        raise Refused("You cannot attach to a stopped container, start it first")
    job = jobs.new(f"docker attach {container.name}")
    follow(fleet.node_of(container), container, terminal, job, len(container.log))
    return Reply((), job)


def wait(fleet: Fleet, jobs: Jobs, command: WaitForContainer) -> Reply:
    """The exit code of a container, when it has ended."""
    container = fleet.container(command.name)
    job = jobs.new(f"docker wait {container.name}")
    if not container.lives:
        _say_code(container, job)
    else:
        container.when_over(_say_code, container, job)
    return Reply((), job)


def _say_code(container: Container, job: Job) -> None:
    job.lines.append(str(container.exit_code or 0))
    job.finish()


def follow(node: Node, container: Container, terminal: Terminal, job: Job, begun: int) -> None:
    """The job is done when process 1 waits for a line, or the container has ended for good.

    It gets what the log has from its line number ``begun`` on.
    """
    job.live = partial(_so_far, container, begun)
    first = node.processes.first.get(container.id)
    if first is not None and not first.ended:
        if first.prompt is not None:
            _first_waits(first, begun, terminal, job)
            return
        first.waiting.when(_first_waits, first, begun, terminal, job)
    container.when_over(_first_over, container, begun, job)


def _so_far(container: Container, begun: int) -> list[str]:
    return [text for _, text in container.log[begun:]]


def _first_waits(first: First, begun: int, terminal: Terminal, job: Job) -> None:
    if not first.ended and not job.done:
        job.lines += [text for _, text in first.container.log[begun:]]
        first.take()
        terminal.sit(first)
        job.finish()


def _first_over(container: Container, begun: int, job: Job) -> None:
    if not job.done:
        job.lines += [text for _, text in container.log[begun:]]
        finish_with_code(container, job)


def finish_with_code(container: Container, job: Job) -> None:
    """Docker's client ends with the code of the container."""
    code = container.exit_code or 0
    job.finish(f"(exit code {code})" if code else None)
