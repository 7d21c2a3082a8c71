"""What probes ask, and what is said of those that fail, in the words of Go's network library."""

from __future__ import annotations

from simulator.cluster.kubernetes.kubelet.life import Life, Run
from simulator.cluster.kubernetes.objects.containers import Probe

WORDS = ("startup", "readiness", "liveness")


def probe_of(run: Run, word: str) -> Probe | None:
    """A container's probe by its kind."""
    if word == "startup":
        return run.wanted.startup_probe
    return run.wanted.readiness_probe if word == "readiness" else run.wanted.liveness_probe


def port_of(run: Run, probe: Probe) -> int | None:
    """The port that a probe asks; None where it names one that the container does not have."""
    handler = probe.http_get or probe.tcp_socket or probe.grpc
    if handler is None:
        return 0
    port = handler.port
    if isinstance(port, int):
        return port
    if port.isdigit():
        return int(port)
    return next((one.container_port for one in run.wanted.ports if one.name == port), None)


def asks(probe: Probe, run: Run) -> str:
    """What a probe does, in the words of its client; ``{ip}`` for the pod's address."""
    port = port_of(run, probe)
    if probe.http_get is not None:
        scheme = probe.http_get.scheme.lower()
        return f'Get "{scheme}://{{ip}}:{port}{probe.http_get.path}"'
    return f"dial tcp {{ip}}:{port}"


def refused(probe: Probe, run: Run) -> str:
    """Nobody listens there."""
    port = port_of(run, probe)
    if probe.http_get is not None:
        return f"{asks(probe, run)}: dial tcp {{ip}}:{port}: connect: connection refused"
    return f"{asks(probe, run)}: connect: connection refused"


def timed_out(run: Run, probe: Probe) -> str:
    """No answer came in time."""
    if probe.exec is not None:
        words = " ".join(probe.exec.command)
        return f'command timed out: "{words}" timed out after {probe.timeout_seconds}s'
    if probe.http_get is not None:
        return (
            f"{asks(probe, run)}: context deadline exceeded "
            "(Client.Timeout exceeded while awaiting headers)"
        )
    return f"{asks(probe, run)}: i/o timeout"


def unreachable(life: Life, run: Run, probe: Probe) -> bool:
    """Whether nobody in the pod would ever listen at the port that a probe asks."""
    if probe.exec is not None:
        return False
    port = port_of(run, probe)
    if port is None or run.work is None or not run.work.serves:
        return True
    known = {one.container_port for each in life.runs for one in each.wanted.ports}
    spans = [] if run.image is None else run.image.config.exposed_ports
    return bool(known or spans) and port not in known and not any(_has(one, port) for one in spans)


def _has(span: str, port: int) -> bool:
    """Whether ``80/tcp`` or ``8000-8010/tcp`` is said of a port."""
    first, _, last = span.partition("/")[0].partition("-")
    try:
        return int(first) <= port <= int(last or first)
    except ValueError:
        return False
