"""Health checks of a container: the image's, changed by what was asked of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from simulator.errors import DrydockError, Refused
from simulator.image.builder.shell import split_script
from simulator.image.model import Healthcheck, Image
from simulator.machine.container import Container
from simulator.machine.health import Asked, Probe
from simulator.node.carrying import Execution, Running
from simulator.node.forking import check_exec
from simulator.node.insides import environment
from simulator.node.processes import Processes
from simulator.node.spec import ContainerSpec
from simulator.programs.running import missing

SHORTEST_S = 0.001
_ASKS = re.compile(
    r"\b(?:curl|wget|nc|ncat|telnet|pg_isready|psql|redis-cli|valkey-cli|mysqladmin|mysql|mongo|"
    r"mongosh|rabbitmq-diagnostics|httpie|grpc_health_probe)\b|localhost|127\.0\.0\.1|https?://|/dev/tcp"
)
"""Words of a command that asks the container's own program for an answer."""


def healthcheck_of(spec: ContainerSpec, image: Image) -> Healthcheck | None:
    """The check of a container: None where there is none, or it is switched off."""
    if spec.no_healthcheck:
        return None
    check = image.config.healthcheck
    if spec.health_cmd:
        test = ("CMD-SHELL", spec.health_cmd)
        check = Healthcheck(test) if check is None else replace(check, test=test)
    if check is None or not check.test or check.test == ("NONE",):
        return None
    return Healthcheck(
        check.test,
        spec.health_interval_s or check.interval_s,
        spec.health_timeout_s or check.timeout_s,
        spec.health_start_period_s or check.start_period_s,
        spec.health_start_interval_s or check.start_interval_s,
        spec.health_retries or check.retries,
    )


def verify(spec: ContainerSpec) -> None:
    """What the daemon refuses of the options of a check (moby, ``daemon/container.go``)."""
    times = {
        "Interval": spec.health_interval_s,
        "Timeout": spec.health_timeout_s,
        "StartPeriod": spec.health_start_period_s,
        "StartInterval": spec.health_start_interval_s,
    }
    for name, seconds in times.items():
        if seconds and seconds < SHORTEST_S:
            raise Refused(f"{name} in Healthcheck cannot be less than 1ms")
    if (spec.health_retries or 0) < 0:
        raise Refused("Retries in Healthcheck cannot be negative")


_UNREAD = "not modelled in scripts"
"""What a shell says of a script with what it has no words for, such as arrays."""


class Checks:
    """Carries out the checks of one daemon's containers, as processes beside the first."""

    def __init__(self, processes: Processes) -> None:
        self.processes = processes

    def check(
        self, container: Container, then: Callable[[int, Probe], None], number: int
    ) -> Asked | None:
        """Start the command of a container's check; ``then`` is told what it came to."""
        test = container.settings.healthcheck
        words = test.test if test is not None else ()
        argv = words[1:] if words[:1] == ("CMD",) else (*container.image.config.shell, *words[1:])
        inside = self.processes.inside
        try:
            check_exec(container)
            view = inside.view(container)
            absent = missing(view, argv, environment(container), "/")
        except DrydockError as refusal:
            then(number, Probe(-1, str(refusal)))
            return None
        if absent is not None:
            then(number, Probe(-1, f"OCI runtime exec failed: exec failed: {absent.says}: unknown"))
            return None
        under_way = self.processes.execute(
            container, argv, {}, None, interactive=False, tty=False,
            then=_ended, args=(container, then, number), view=view,
        )  # fmt: skip
        return None if under_way.ended else _UnderWay(self.processes, under_way)


class _UnderWay:
    """A check's command under way."""

    def __init__(self, processes: Processes, execution: Execution) -> None:
        self.processes = processes
        self.execution = execution

    @property
    def endless(self) -> bool:
        """Whether it waits for an answer that does not come."""
        return not self.execution.ended and self.execution.entry is None

    def give_up(self) -> None:
        """End it."""
        self.execution.end(137)
        self.processes.executions.pop(self.execution.number, None)


def _ended(
    running: Running, container: Container, then: Callable[[int, Probe], None], number: int
) -> None:
    output = "\n".join(line for _, line in running.take())
    if running.problem or _UNREAD in output:
        # It does what is not carried out, or is a script that cannot be read: judged by its words.
        then(number, guess(container))
    else:
        then(number, Probe(running.code, output))


def guess(container: Container) -> Probe:
    """What a check would come to, judged by its words, where it cannot be carried out.

    A command that asks the container's program gets an answer when that listens; any other does
    what its words say, or succeeds.
    """
    check = container.settings.healthcheck
    words = check.test if check is not None else ()
    text = " ".join(words[1:])
    if _ASKS.search(text) is None:
        return Probe(_code(words))
    if container.stands_still:
        return Probe(_failed(text), "no answer")
    if container.ready_at is None:
        return Probe(_failed(text), "connection refused")
    return Probe()


def _failed(text: str) -> int:
    """The code of a check whose client fails: that of ``|| exit N``, or 1."""
    match = re.search(r"\|\|\s*exit\s+(\d+)", text)
    return int(match[1]) & 255 if match is not None else 1


def _code(words: tuple[str, ...]) -> int:
    """The exit code of a command that asks nobody."""
    if words[:1] != ("CMD-SHELL",):
        return 1 if words[1:2] in (("false",), ("/bin/false",)) else 0
    code = 0
    for one in split_script(" ".join(words[1:])):
        if (one.joined == "&&" and code) or (one.joined == "||" and not code):
            continue
        if one.program == "exit":
            number = one.words[1] if len(one.words) > 1 else ""
            return int(number) & 255 if number.isdigit() else code
        code = 1 if one.program == "false" else 0
    return code
