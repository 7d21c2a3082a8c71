"""Swarm's scheduler against the table of swarmkit's own tests."""

import pytest
from conformance_tables import cases

from simulator.cluster.swarm import constraints
from simulator.cluster.swarm.objects import (
    COMPLETE,
    FAILED,
    REMOVE,
    RUNNING,
    SHUTDOWN,
    Description,
    Node,
    Service,
)
from simulator.cluster.swarm.scheduler.scheduler import Scheduler
from simulator.cluster.swarm.specs import (
    Endpoint,
    NodeSpec,
    Placement,
    Port,
    Resources,
    ServiceSpec,
    TaskSpec,
)
from simulator.cluster.swarm.state import State
from simulator.engine.simulation import Simulation
from simulator.errors import InputError
from simulator.node.spec import ContainerSpec

STATES = {"running": RUNNING, "shutdown": SHUTDOWN, "remove": REMOVE}


class Court:
    """A scheduler with nodes and tasks of a table, and nobody else."""

    def __init__(self):
        self.sim = Simulation()
        self.state = State(self.sim, 1, "s")
        self.scheduler = Scheduler(self.state)
        self.last = []

    def node(self, row):
        self.state.node_changed(node_of(row))

    def tasks(self, row):
        service = self.state.services.get(row["service"])
        spec = ServiceSpec(name=row["service"], task=task_spec(row), endpoint=ports_of(row))
        if service is None:
            service = Service(row["service"], spec, 0.0)
        service.spec, service.spec_version = spec, row["spec_version"] or 0
        self.state.services[service.id] = service
        self.last = [self._task(service, row) for _ in range(row["count"])]

    def _task(self, service, row):
        placed = row["node"] is not None
        task = self.state.new_task(service, 1, row["node"] or "", STATES[row["desired"]])
        if placed and row["state"] != "pending":
            self.scheduler._fixed.pop(task.id, None)
            self.scheduler._given.pop(task.id, None)
            self.state.assign(task, self.state.nodes[row["node"]], STATES[row["state"]], "")
            if row["state"] == "running":
                self.scheduler.columns.add(task)
        return task

    def do(self, step):
        for row in step["add_nodes"]:
            self.node(row)
        for row in step["add_tasks"]:
            self.tasks(row)
        for word in step["shut_down_tasks_of"]:
            for task in self.state.tasks_of(word):
                self.state.want(task, SHUTDOWN)
                self.state.move(task, SHUTDOWN, "")
        for word in step["remove_tasks_on"]:
            for task in self.state.tasks_on(word):
                self.state.drop_task(task)
        self.sim.advance(self.sim.now + 1.0)

    def counts(self, service=None):
        found = dict.fromkeys(self.state.nodes, 0)
        for task in self.state.tasks.values():
            live = task.node and task.state <= RUNNING and task.desired <= COMPLETE
            if live and service in (None, task.service):
                found[task.node] += 1
        return found


def node_of(row):
    spec = NodeSpec(availability=row["availability"], role=row["role"], labels=row["labels"])
    platform = row["platform"] or {}
    resources = None
    if row["cpu_millis"] is not None or row["memory_bytes"] is not None or row["generic"]:
        resources = Resources(
            nano_cpus=(row["cpu_millis"] or 0) * 1_000_000
            if row["cpu_millis"] is not None
            else 1 << 61,
            memory_bytes=row["memory_bytes"] if row["memory_bytes"] is not None else 1 << 61,
            generic=tuple(row["generic"].items()),
        )
    plugins = tuple((one["type"], one["name"]) for one in row["plugins"]) or None
    what = Description(
        hostname=row["hostname"] or "",
        os=platform.get("os") or "", arch=platform.get("arch") or "",
        platform=row["platform"] is not None, resources=resources,
        engine_labels=row["engine_labels"], plugins=plugins,
    )  # fmt: skip
    node = Node(row["id"], spec, what, row["addr"] or "", 0.0)
    node.ready = row["ready"]
    return node


def task_spec(row):
    drivers = [("Volume", one) for one in row["volume_drivers"]]
    drivers += [("Network", one) for one in row["network_drivers"]]
    drivers += [("Log", row["log_driver"])] if row["log_driver"] not in (None, "none") else []
    return TaskSpec(
        container=ContainerSpec(image="x"),
        reservations=Resources(
            nano_cpus=row["reserve_cpu_millis"] * 1_000_000,
            memory_bytes=row["reserve_memory_bytes"],
            generic=tuple(row["reserve_generic"].items()),
        ),
        placement=Placement(
            constraints=tuple(row["constraints"]), preferences=tuple(row["preferences"]),
            max_replicas=row["max_replicas"],
            platforms=tuple((one["arch"] or "", one["os"] or "") for one in row["platforms"]),
        ),
        drivers=tuple(drivers),
    )  # fmt: skip


def ports_of(row):
    ports = [
        Port(target=80, published=one["port"], protocol=one["protocol"], mode="host")
        for one in row["host_ports"]
    ]
    return Endpoint(ports=tuple(ports))


def named(kind):
    found = [one for one in cases("swarm_scheduler") if one["kind"] == kind]
    return pytest.mark.parametrize("case", found, ids=[one["name"] for one in found])


@named("scenario")
def test_tasks_go_where_swarmkit_sends_them(case):
    court = Court()
    for step, wanted in zip(case["steps"], case["expect"]["after_steps"], strict=True):
        court.do(step)
        counts = court.counts()
        if wanted["counts"] is not None:
            assert {node: counts[node] for node in wanted["counts"]} == wanted["counts"]
        if wanted["counts_any_of"] is not None:
            assert {one: counts[one] for one in wanted["counts_any_of"][0]} in wanted[
                "counts_any_of"
            ]
        if wanted["sorted_totals"] is not None:
            assert sorted(counts.values()) == wanted["sorted_totals"]
        for service, numbers in (wanted["sorted_counts"] or {}).items():
            assert sorted(court.counts(service).values()) == numbers
        for service, each in (wanted["counts_by_service"] or {}).items():
            mine = court.counts(service)
            assert {node: mine[node] for node in each} == each
        waiting = [one for one in court.state.tasks.values() if not one.node and not one.over]
        if wanted["pending"] is not None:
            assert len(waiting) == wanted["pending"]
        if wanted["message"] is not None:
            assert {one.error for one in court.last if not one.node} == {wanted["message"]}


@named("faulty_node")
def test_a_node_on_which_a_service_fails_is_left_alone(case):
    court = Court()
    blank = {"constraints": [], "preferences": [], "platforms": [], "host_ports": [],
             "volume_drivers": [], "network_drivers": [], "log_driver": None, "max_replicas": 0,
             "reserve_cpu_millis": 0, "reserve_memory_bytes": 0, "reserve_generic": {},
             "spec_version": None, "count": 1, "desired": "running",
             "state": "running"}  # fmt: skip
    for name in case["nodes"]:
        spec = NodeSpec()
        court.state.node_changed(Node(name, spec, Description(hostname=name), "", 0.0))
    for one in case["running"]:
        court.tasks({**blank, **one})
    found = []
    for one in case["attempts"]:
        court.tasks({**blank, **one, "node": None, "state": "pending"})
        court.sim.advance(court.sim.now + 1.0)
        task = court.last[0]
        found.append(task.node)
        court.state.move(task, FAILED, "")
    assert found == case["expect"]["nodes"]


@named("constraint_parse")
def test_a_constraint_is_read_as_swarmkit_reads_it(case):
    wanted = case["expect"]
    if wanted["error"]:
        with pytest.raises(InputError):
            constraints.parse([case["input"]])
        return
    one = constraints.parse([case["input"]])[0]
    read = {"key": one.key, "operator": "==" if one.equal else "!=", "value": one.value}
    assert read == {key: wanted[key] if wanted[key] is not None else read[key] for key in read}


@named("constraint_match")
def test_a_node_meets_what_it_meets_upstream(case):
    parsed = constraints.parse(case["constraints"])
    assert constraints.matches(parsed, node_of(case["node"])) is case["expect"]["match"]
