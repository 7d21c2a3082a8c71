"""Programs run in a container for what they do to files: ``docker exec web touch /data/a``.

What a command writes is told by the same models that the builder uses, so that ``pip install`` in a
running container costs what it costs in a RUN, and is lost with the container unless committed.
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator, Sequence

from simulator.dockerfile import parse_instruction
from simulator.engine import Process
from simulator.errors import DrydockError, InputError, Refused
from simulator.image.builder import Rates
from simulator.image.builder.commands import perform
from simulator.image.builder.effects import Effect
from simulator.image.builder.running import run
from simulator.image.builder.session import Session
from simulator.image.builder.shell import Command, split_script
from simulator.image.model import Layer
from simulator.image.problems import FileProblem
from simulator.image.writable import WritableLayer
from simulator.machine.container import Container
from simulator.node.storage import Storage
from simulator.units import format_bytes
from simulator.world.changes import bare_state
from simulator.world.fleet import Fleet
from simulator.world.image_commands import ChangeFiles
from simulator.world.jobs import Job, Jobs, Reply

_SHELLS = ("sh", "bash", "ash", "dash")
_WRITERS = frozenset(
    {
        "touch", "rm", "rmdir", "mkdir", "cp", "mv", "ln", "tee", "truncate", "chmod", "chown",
        "chgrp", "sed", "dd", "fallocate", "apt-get", "apt", "apk", "pip", "pip3", "npm", "yarn",
        "useradd", "adduser", "tar", "curl", "wget", "git",
    }
)  # fmt: skip
MAX_SCRIPT = 10_000


def changes_files(argv: Sequence[str]) -> bool:
    """True for commands whose point is what they write; those that only look are told elsewhere."""
    return any(
        posixpath.basename(command.program) in _WRITERS
        or any(not path.startswith("/dev/") for path in command.writes)
        for command in _commands(argv)
    )


def _script(argv: Sequence[str]) -> str | None:
    """The script of ``sh -c SCRIPT``, None for a program of its own."""
    shell = argv and posixpath.basename(argv[0]) in _SHELLS
    return argv[2] if shell and len(argv) > 2 and argv[1].endswith("c") else None


def _commands(argv: Sequence[str]) -> Iterator[Command]:
    script = _script(argv)
    if script is None:
        yield Command(tuple(argv), "")
        return
    try:
        yield from split_script(script[:MAX_SCRIPT])
    except DrydockError:
        return


def change(fleet: Fleet, jobs: Jobs, command: ChangeFiles) -> Reply:
    """Carry a command out in a running container; its layer changes when the time has passed."""
    container = fleet.container(command.container)
    if container.paused:
        raise Refused(f"container {container.name} is paused, unpause the container before exec")
    if container.state != "running":
        raise Refused(f"container {container.id} is not running")
    if sum(map(len, command.argv)) > MAX_SCRIPT:
        raise InputError("command too long", expected=f"at most {MAX_SCRIPT} characters")
    storage = fleet.node_of(container).storage
    layer = storage.layer(container)
    effect, seconds = _effect(container, layer, command)
    needed = sum(entry.size_bytes for entry in effect.files.values())
    if needed > container.daemon.images.room_bytes():
        raise Refused(f"no space left on device: {format_bytes(needed)} needed")
    if effect.exit_code and not effect.files and not effect.removes:
        raise Refused(f"{effect.output or 'the command failed'} (exit code {effect.exit_code})")
    storage.check_writable(container, [*effect.files, *effect.removes])
    job = jobs.new(f"docker exec {container.name}")
    fleet.parts.sim.start(_changing(container, storage, effect, seconds, job))
    return Reply((), job)


def _effect(
    container: Container, layer: WritableLayer, command: ChangeFiles
) -> tuple[Effect, float]:
    image, hardware = container.image, container.machine.hardware
    rates = Rates(
        hardware.cores, hardware.nic_bytes_s, hardware.disk_bytes_s, container.settings.slowdown
    )
    env = dict(container.settings.env)
    session = Session(
        below=layer.below.plus(Layer.of(layer.entries)),
        env=env,
        cwd=command.workdir or image.config.workdir or "/",
        user=(command.user or image.config.user).partition(":")[0],
        key=f"{container.id} {len(layer.entries)} {layer.size_bytes}",
        rates=rates,
        granted=("/",),
    )
    instruction = parse_instruction("RUN " + json.dumps(list(command.argv)), name="docker exec")
    state = bare_state(image.config)
    effect = run(instruction, state, session, None, perform)
    return effect, effect.duration_s(rates)


def _changing(
    container: Container,
    storage: Storage,
    effect: Effect,
    seconds: float,
    job: Job,
) -> Process:
    if seconds > 0:
        yield container.sim.env.timeout(seconds) | container.over.event()
    if not container.running:
        job.finish(f"container {container.name} ended before the command did (exit code 137)")
        return
    try:
        written = tuple(effect.files.values())
        copied = storage.merge(container, written, effect.removes)
        storage.wrote(container, storage.layer(container), sum(one.size_bytes for one in written))
    except FileProblem as problem:
        job.finish(str(problem))
        return
    if copied:
        job.lines.append(f"copied up {format_bytes(copied)} from the image, whole files")
    failed = effect.exit_code
    job.finish(f"{effect.output} (exit code {failed})" if failed else None)
