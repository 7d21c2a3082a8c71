"""The scheduler alone on 5,000 nodes: the rows of upstream's scheduler_perf.

Nodes have 4 CPUs, 32 GiB and room for 110 pods, in three zones; pods ask for 100m and 500 MiB. The
plain loop asks every node, and every pod on it, on the same cluster.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.objects.resources import Resources
from simulator.cluster.kubernetes.scheduler.budgets import Stated
from simulator.cluster.kubernetes.scheduler.plain import PlainLoop
from simulator.cluster.kubernetes.scheduler.preemption import Preemption
from simulator.report.bench.chance import Chance
from simulator.report.bench.clock import best, cpu_s
from simulator.report.bench.measured import Measured, rate, ratio
from simulator.report.bench.scheduled import (
    HOSTNAME,
    PREFERRED,
    REQUIRED,
    ZONE,
    Bench,
    Data,
    spec_of,
    spread,
    term,
    weighted,
)

NODES, ALREADY, PODS, PLAIN = 5000, 1000, 3000, 5
SHAPE = Resources(4000, 32 << 30, 100 << 30, (), 110)
PROMISED, PROMISED_PREEMPTIONS, TIMES = 5000.0, 1000.0, 50.0
ZONES = {"key": ZONE, "operator": "In", "values": ["z0", "z1"]}


def affinity(kind: str, when: str, *terms: Data) -> Data:
    """One affinity of a pod."""
    return spec_of(affinity={kind: {when: list(terms)}})


IN_ZONES = spec_of(
    affinity={"nodeAffinity": {REQUIRED: {"nodeSelectorTerms": [{"matchExpressions": [ZONES]}]}}}
)
WITH = affinity("podAffinity", REQUIRED, term(ZONE, color="blue"))
WITHOUT = affinity("podAntiAffinity", REQUIRED, term(HOSTNAME, color="green"))
RATHER_WITH = affinity("podAffinity", PREFERRED, weighted(1, HOSTNAME, color="red"))
RATHER_WITHOUT = affinity("podAntiAffinity", PREFERRED, weighted(1, HOSTNAME, color="yellow"))
SPREAD = spec_of(topologySpreadConstraints=[spread(ZONE, "DoNotSchedule", color="blue")])
SOFT = spec_of(topologySpreadConstraints=[spread(ZONE, "ScheduleAnyway", color="blue")])
EVERY: tuple[tuple[Data, Data], ...] = (
    (IN_ZONES, {}), (WITH, {"color": "blue"}), (WITHOUT, {"color": "green"}),
    (RATHER_WITH, {"color": "red"}), (RATHER_WITHOUT, {"color": "yellow"}),
)  # fmt: skip
SCALE = {"nodes": NODES}
"""How many nodes: a test makes it less."""


def empty() -> Bench:
    """A cluster with no pods."""
    bench = Bench()
    for number in range(SCALE["nodes"]):
        bench.node(f"n{number}", SHAPE, {ZONE: f"z{number % 3}"})
    return bench


def placed(bench: Bench, pods: Sequence[Pod]) -> None:
    """All find a node."""
    for pod in pods:
        assert bench.decide(pod)


def _made(bench: Bench, count: int, spec: Data, labels: Data, priority: int = 0) -> list[Pod]:
    return [bench.pod(spec, labels, priority=priority) for _ in range(count)]


def _decided(bench: Bench, spec: Data, labels: Data) -> float:
    pods = _made(bench, PODS, spec, labels)
    return PODS / cpu_s(lambda: placed(bench, pods))


def _plainly(bench: Bench, spec: Data, labels: Data) -> float:
    """Decisions of the plain loop in a CPU second."""
    plain, pods = PlainLoop(bench.cycle), _made(bench, PLAIN, spec, labels)
    plain.schedule(pods[0])
    return PLAIN / cpu_s(lambda: [plain.schedule(pod) for pod in pods])


def _row(what: str, spec: Data, labels: Data, prepare: Callable[[Bench], None]) -> list[Measured]:
    bench = empty()
    prepare(bench)
    fast = best(lambda: _decided(bench, spec, labels))
    slow = _plainly(bench, spec, labels)
    return _figures(what, fast, slow, PROMISED)


def _figures(what: str, fast: float, slow: float, promised: float) -> list[Measured]:
    return [
        rate(f"{what}, pods on 5,000 nodes", fast, promised),
        ratio(f"{what}: the plain loop", fast / slow, TIMES),
    ]


class Already:
    """Pods of the same sort that are there before."""

    def __init__(self, spec: Data, labels: Data) -> None:
        self._spec = spec
        self._labels = labels

    def __call__(self, bench: Bench) -> None:
        """Place them."""
        placed(bench, _made(bench, ALREADY, self._spec, self._labels))


def basic() -> list[Measured]:
    """Pods that want nothing but room."""
    return _row("basic", spec_of(), {}, Already(spec_of(), {}))


def node_affinity() -> list[Measured]:
    """Two zones of three."""
    return _row("node affinity", IN_ZONES, {}, Already(IN_ZONES, {}))


def pod_affinity() -> list[Measured]:
    """With pods of their colour, in a zone."""
    blue = {"color": "blue"}
    return _row("pod affinity", WITH, blue, Already(WITH, blue))


def anti_affinity() -> list[Measured]:
    """One of a colour on each host: fewer pods, since only so many find a place."""
    green, bench = {"color": "green"}, empty()
    pods = _made(bench, ALREADY + PODS, WITHOUT, green)
    placed(bench, pods[:ALREADY])
    fast = PODS / cpu_s(lambda: placed(bench, pods[ALREADY:]))
    return _figures("anti-affinity", fast, _plainly(bench, WITHOUT, green), PROMISED)


def preferred() -> list[Measured]:
    """Rather with pods of their colour, and rather without."""
    red, yellow = {"color": "red"}, {"color": "yellow"}
    return [
        *_row("preferred affinity", RATHER_WITH, red, Already(RATHER_WITH, red)),
        *_row("preferred anti-affinity", RATHER_WITHOUT, yellow, Already(RATHER_WITHOUT, yellow)),
    ]


def spreading() -> list[Measured]:
    """Over zones, because they must, or would rather."""
    blue = {"color": "blue"}
    return [
        *_row("spread", SPREAD, blue, Already(SPREAD, blue)),
        *_row("preferred spread", SOFT, blue, Already(SOFT, blue)),
    ]


def default_spread() -> list[Measured]:
    """Pods of a Service, which the cluster spreads by itself."""
    web = {"app": "web"}

    def served(bench: Bench) -> None:
        bench.services.append(("default", web))
        Already(spec_of(), web)(bench)

    return _row("default spread", spec_of(), web, served)


def mixed() -> list[Measured]:
    """Simple pods beside some of every other sort."""

    def every(bench: Bench) -> None:
        for spec, labels in EVERY:
            placed(bench, _made(bench, ALREADY // 5, spec, labels))

    return _row("mixed", spec_of(), {}, every)


# --- preemption -----------------------------------------------------------------------------------


def _full() -> Bench:
    bench = empty()
    for number in range(SCALE["nodes"]):
        for pod in _made(bench, 4, spec_of("900m"), {}):
            bench.state.add(pod, f"n{number}")
    return bench


def _preempt(bench: Bench, preemption: Preemption, pods: Sequence[Pod]) -> None:
    """Each takes the place of three others, which end at once."""
    state, cycle = bench.state, bench.cycle
    for pod in pods:
        diagnosis = cycle.schedule(pod).diagnosis
        assert diagnosis is not None
        victims = preemption.search(pod, diagnosis).victims
        assert victims is not None
        cycle.nominate(pod, victims.node)
        for one in victims.pods:
            state.remove(one, victims.node)
        assert cycle.schedule(pod, victims.node).node == victims.node
        cycle.unnominate(pod)
        state.add(pod, victims.node)


def preemption() -> list[Measured]:
    """A full cluster, and more important pods."""
    bench = _full()
    search = Preemption(bench.cycle, Stated())
    big = spec_of("3")
    pods = _made(bench, PODS, big, {}, priority=10)
    fast = PODS / cpu_s(lambda: _preempt(bench, search, pods))
    plain = PlainLoop(bench.cycle)
    few = _made(bench, 2, big, {}, priority=10)

    def slowly() -> None:
        for pod in few:
            plain.schedule(pod)
            search.runs.budgets_changed()
            _preempt(bench, search, [pod])

    return _figures("preemption", fast, len(few) / cpu_s(slowly), PROMISED_PREEMPTIONS)


def unschedulable() -> list[Measured]:
    """Simple pods; every tenth decision is about one that fits nowhere."""
    bench = empty()
    Already(spec_of(), {})(bench)
    hopeless = _made(bench, PODS // 10, spec_of("9"), {})
    pods = _made(bench, PODS, spec_of(), {})

    def beside() -> None:
        for number, pod in enumerate(pods):
            assert bench.decide(pod)
            if number % 10 == 0:
                assert not bench.decide(hopeless[number // 10])

    fast = PODS / cpu_s(beside)
    plain = PlainLoop(bench.cycle)
    few = [*pods[:10], hopeless[0]]
    slow = 10 / cpu_s(lambda: [plain.schedule(pod) for pod in few])
    return _figures("unschedulable beside", fast, slow, PROMISED)


def agreement(clusters: int = 1000) -> list[Measured]:
    """Random clusters on which both choose alike, else this fails."""
    found = sum(Chance(seed).agree() > 0 for seed in range(clusters))
    what = "random clusters with identical choices, of 1,000"
    return [Measured(what=what, value=float(found), unit="", promised=float(clusters))]
