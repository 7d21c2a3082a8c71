"""Instructions that only change the configuration: no layer, no time."""

from __future__ import annotations

import re
from dataclasses import replace

from simulator.dockerfile import Instruction, read_healthcheck
from simulator.errors import InputError, Place
from simulator.image.builder.state import StageState
from simulator.image.model import Healthcheck, ImageConfig

_PORT = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?(?:/(tcp|udp|sctp))?", re.IGNORECASE | re.ASCII)
MAX_PORTS = 1000


def apply_setting(instruction: Instruction, state: StageState, place: Place) -> None:
    """Change the stage's configuration as the instruction says. InputError for bad values."""
    config = state.config
    name = instruction.name
    if name == "ARG":
        state.scope.declare(instruction, place)
    elif name == "ENV":
        config = config.with_env(state.scope.set(instruction, place))
    elif name == "LABEL":
        expand = state.scope.expand
        labels = {expand(k, place): expand(v or "", place) for k, v, _ in instruction.pairs}
        config = config.with_labels(labels)
    elif name == "CMD":
        state.cmd_set = True
        config = replace(config, cmd=_command(instruction, config))
    elif name == "ENTRYPOINT":
        kept = config.cmd if state.cmd_set else None
        config = replace(config, entrypoint=_command(instruction, config), cmd=kept)
    elif name == "HEALTHCHECK":
        config = replace(config, healthcheck=_health(instruction, config, place))
    elif name == "SHELL":
        config = replace(config, shell=instruction.words)
    elif name == "ONBUILD" and instruction.child is not None:
        config = replace(config, onbuild=(*config.onbuild, instruction.child.text))
    else:
        config = _expanded_setting(instruction, state, place)
    state.config = config


def _expanded_setting(instruction: Instruction, state: StageState, place: Place) -> ImageConfig:
    config = state.config
    words = [state.scope.expand(word, place) for word in instruction.words]
    if instruction.name == "USER":
        return replace(config, user=words[0])
    if instruction.name == "STOPSIGNAL":
        return replace(config, stop_signal=words[0])
    if instruction.name == "VOLUME":
        added = [word for word in words if word not in config.volumes]
        return replace(config, volumes=(*config.volumes, *dict.fromkeys(added)))
    if instruction.name == "EXPOSE":
        ports: list[str] = []
        for word in instruction.words:
            for one in state.scope.expand_words(word, place):
                ports.extend(expand_ports(one, place))
        return replace(config, exposed_ports=tuple(dict.fromkeys([*config.exposed_ports, *ports])))
    return config


def expand_ports(word: str, place: Place | None = None) -> list[str]:
    """``80`` is ``80/tcp``; ``8000-8002/udp`` is three ports. InputError beyond 1 to 65535."""
    bare = word.rpartition(":")[2]  # A host's port before it is ignored, as BuildKit does.
    match = _PORT.fullmatch(bare)
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
    if match is None or not 0 < first <= last < 65536 or last - first >= MAX_PORTS:
        raise InputError(
            "invalid containerPort",
            place=place,
            found=word,
            expected=f"port[-port][/tcp|udp|sctp] from 1 to 65535, at most {MAX_PORTS} at once",
        )
    protocol = (match[3] or "tcp").lower()
    return [f"{port}/{protocol}" for port in range(first, last + 1)]


def _command(instruction: Instruction, config: ImageConfig) -> tuple[str, ...]:
    if instruction.form == "shell":
        return (*config.shell, *instruction.words)
    return instruction.words


def _health(instruction: Instruction, config: ImageConfig, place: Place) -> Healthcheck | None:
    read = read_healthcheck(instruction, place.file)
    test = read.test
    defaults = Healthcheck(test)
    return Healthcheck(
        test,
        read.interval_s or defaults.interval_s,
        read.timeout_s or defaults.timeout_s,
        read.start_period_s or defaults.start_period_s,
        read.start_interval_s or defaults.start_interval_s,
        read.retries or defaults.retries,
    )
