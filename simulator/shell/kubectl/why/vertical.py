"""``why vpa/NAME``: what was seen of each container, and how the advice follows from it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from simulator.cluster.kubernetes.autoscaling.vertical import recommending
from simulator.cluster.kubernetes.autoscaling.vertical.recommending import Usage
from simulator.cluster.kubernetes.objects.meta import Custom
from simulator.shell.kubectl.why.words import amount, since
from simulator.units import counted

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.cluster import Cluster
    from simulator.cluster.kubernetes.objects.pod import Pod


def lines(cluster: Cluster, one: Custom) -> Iterator[str]:
    """Samples, percentiles, margin, confidence, and what pods ask for now."""
    spec = one.data["spec"]
    ref, mode = spec["targetRef"], (spec.get("updatePolicy") or {}).get("updateMode", "Auto")
    pods = cluster.recommender.pods(one)
    yield (f"vertical autoscaler {one.name}: {ref['kind']}/{ref['name']}, "
           f"{counted(len(pods), 'pod')}, mode {mode}")  # fmt: skip
    yield "  advice only: nobody evicts pods or changes what they ask for, whatever the mode"
    known = cluster.recommender.usage.get(one.key, {})
    if not known:
        yield "  nothing seen yet: it looks once a minute, at what the metrics pipeline serves"
    advised = (one.status.get("recommendation") or {}).get("containerRecommendations", ())
    by_name = {each["containerName"]: each for each in advised}
    for name, usage in sorted(known.items()):
        yield from _container(name, usage, by_name.get(name))
        yield from _asked(pods, name)


def _container(name: str, usage: Usage, told: dict[str, dict[str, str]] | None) -> Iterator[str]:
    span = since(usage.last, usage.first)[4:]
    yield f"container {name}: {counted(usage.samples, 'sample')} over {span}"
    for part, word in ((recommending.LOWER, "lower bound"), (recommending.TARGET, "target"),
                       (recommending.UPPER, "upper bound")):  # fmt: skip
        cpu, memory = usage.cpu.percentile(part), usage.memory.percentile(part)
        yield (f"  {word}: {part:.0%} of the time at most {amount('cpu', round(cpu * 1000))}, "
               f"{part:.0%} of peaks at most {amount('memory', int(memory))}")  # fmt: skip
    yield (
        f"  each is raised by {recommending.MARGIN - 1:.0%}, and is at least "
        f"{recommending.LEAST_CPU * 1000:g}m CPU and 250 MiB a pod"
    )
    yield (
        f"  {usage.confidence:.4f} days of history: the bounds are wide apart below one day, the "
        "upper one by 1 + 1/days"
    )
    if told is None:
        yield "  no advice: its policy is Off"
        return
    for word in ("lowerBound", "target", "uncappedTarget", "upperBound"):
        yield f"  {word}: " + ", ".join(f"{key} {value}" for key, value in told[word].items())


def _asked(pods: list[Pod], name: str) -> Iterator[str]:
    for pod in pods[:1]:
        for one in pod.spec.containers:
            if one.name == name:
                asked = {**one.resources.limits, **one.resources.requests}
                said = ", ".join(f"{key} {value}" for key, value in sorted(asked.items()))
                yield f"  asks for now: {said or 'nothing'}"
