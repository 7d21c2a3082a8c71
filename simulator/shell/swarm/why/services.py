"""Why a service is as it is: what runs, what does not, how its update goes, who reaches it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from simulator.shell.lookup import familiar
from simulator.shell.swarm.service_listing import counts, ports, replicas
from simulator.shell.swarm.why import tasks
from simulator.units import counted, format_span

if TYPE_CHECKING:
    from simulator.cluster.swarm.objects import Service, Task
    from simulator.cluster.swarm.swarm import Swarm

MOST_TASKS = 6
_MEANING = {
    "updating": "tasks are exchanged, {parallelism} at a time",
    "paused": "what has not been exchanged stays as it was; the next 'docker service update' goes "
    "on from here, 'docker service rollback' goes back",
    "completed": "every place has had its new task; what ends after --update-monitor is restarted, "
    "and is no failure of the update",
    "rollback_started": "tasks are turned back, {parallelism} at a time",
    "rollback_paused": "the rollback failed too, and stays where it is",
    "rollback_completed": "it is again what it was before the last change",
}


def lines(swarm: Swarm, service: Service) -> Iterator[str]:
    """All of it."""
    mode, image = service.spec.mode, familiar(service.spec.task.container.image)
    yield (
        f"service {service.name}: {mode.kind.replace('-', ' ')}, "
        f"{replicas(swarm.state, service)} tasks, image {image}"
    )
    yield from _leading(swarm)
    yield from _update(swarm, service)
    yield from _places(swarm, service)
    yield from _restarts(swarm, service)
    yield from _reached(swarm, service)


def _leading(swarm: Swarm) -> Iterator[str]:
    if swarm.state.leaderless:
        managers = swarm.managers
        there, all_ = len(managers.reachable()), len(managers.members())
        yield (f"  nobody leads: {there} of {counted(all_, 'manager')} can be reached, "
               f"{managers.quorum} are needed; what runs goes on, nothing is replaced or "
               "changed")  # fmt: skip


def _update(swarm: Swarm, service: Service) -> Iterator[str]:
    status = service.status
    if status is None:
        return
    config = service.spec.rollback if status.state.startswith("rollback") else service.spec.update
    meaning = _MEANING.get(status.state, "").format(parallelism=config.parallelism or "all")
    yield f"  update: {status.state}: {status.message}"
    if meaning:
        yield f"    {meaning}"
    if status.state == "updating":
        stuck = _stuck(swarm, service)
        if stuck is not None:
            yield f"    it waits for {stuck.name}: {stuck.error or tasks.word(stuck)}"


def _stuck(swarm: Swarm, service: Service) -> Task | None:
    """A task that the update waits for, because it cannot begin."""
    from simulator.cluster.swarm.objects import RUNNING

    found = [
        one
        for one in swarm.state.tasks_of(service.id)
        if one.spec_version == service.spec_version and one.state < RUNNING
        and one.desired <= RUNNING
    ]  # fmt: skip
    return found[0] if found else None


def _places(swarm: Swarm, service: Service) -> Iterator[str]:
    """Where it runs, and what keeps the others from it."""
    from simulator.cluster.swarm.objects import PENDING, RUNNING

    state = swarm.state
    alive = [one for one in state.tasks_of(service.id) if one.desired <= RUNNING
             and one.state <= RUNNING]  # fmt: skip
    spread = Counter(
        state.nodes[one.node].hostname
        for one in alive
        if one.state == RUNNING and one.node in state.nodes
    )
    if spread:
        yield "  runs on " + ", ".join(f"{name} ({count})" for name, count in spread.items())
    pending = [one for one in alive if one.state <= PENDING]
    why = Counter(one.error or one.message for one in pending)
    for text, count in why.items():
        yield f"  {counted(count, 'task')} {'wait' if count != 1 else 'waits'} for a node: {text}"
    if pending:
        yield from tasks.fits(swarm, pending[0])
    others = [one for one in alive if PENDING < one.state < RUNNING]
    for one in others[:MOST_TASKS]:
        yield f"  {one.name}: {tasks.word(one)}{': ' + one.error if one.error else ''}"
    if len(others) > MOST_TASKS:
        yield f"  and {counted(len(others) - MOST_TASKS, 'task')} more on their way"


def _restarts(swarm: Swarm, service: Service) -> Iterator[str]:
    """What ended, how often, and whether something follows it."""
    from simulator.cluster.swarm.objects import COMPLETE, FAILED, REJECTED

    state, policy = swarm.state, service.spec.task.restart
    ended = [one for one in state.tasks_of(service.id) if one.state in (FAILED, REJECTED)]
    if ended:
        last = max(ended, key=lambda one: one.changed)
        why = f": {last.error}" if last.error else ""
        kept = state.spec.task_history
        yield (f"  {counted(len(ended), 'failure')} remembered (of each place the last {kept}), "
               f"the last {format_span(state.now - last.changed)} ago{why}")  # fmt: skip
    running, wanted, _ = counts(state, service)
    if running < wanted and ended:
        if policy.condition == "none":
            yield "  nothing follows a task that ends: --restart-condition is none"
        elif policy.max_attempts:
            yield (f"  each place is tried at most {policy.max_attempts} times"
                   + (f" in {policy.window_s:g}s" if policy.window_s else ""))  # fmt: skip
        else:
            yield f"  each place is tried again {policy.delay_s:g}s after its task has ended"
    done = any(one.state == COMPLETE for one in state.tasks_of(service.id))
    if done and policy.condition == "on-failure" and not service.spec.mode.is_job:
        yield "  tasks that end well are not replaced: --restart-condition is on-failure"


def _reached(swarm: Swarm, service: Service) -> Iterator[str]:
    """By which addresses others get to it."""
    known = swarm.state.networks
    shown = ports(service)
    if shown:
        yield f"  every node answers at {', '.join(shown)}, wherever its tasks are"
    own = [one for one in service.spec.endpoint.ports if one.mode == "host"]
    for one in own:
        yield f"  nodes that have a task answer at their port {one.published or 'of choice'}"
    names = {known[id_].name: address for id_, address in service.vips.items() if id_ in known}
    for name, address in names.items():
        if name != "ingress":
            yield f"  on {name} its name is {address}, which shares connections among its tasks"
    if service.spec.endpoint.mode == "dnsrr" and service.spec.task.networks:
        yield "  its name stands for the addresses of all its tasks in turn (dnsrr)"
