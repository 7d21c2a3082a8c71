"""Worlds in which nobody has done anything: emptied, or with the set-up typed once more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.course.canon import Walk
from simulator.course.model import Task
from simulator.errors import DrydockError

if TYPE_CHECKING:
    from simulator.course.session import Session

WAIT_S = 60


def emptied(walk: Walk, task: Task) -> Walk:
    """Everything that runs is removed, as far as the task lets a learner do it; time passes."""
    _lock(walk, task)
    for line in _emptying(walk.session):
        _try(walk.session, line)
    _try(walk.session, f"advance {WAIT_S}s")
    return walk


def repeated(walk: Walk, task: Task) -> Walk:
    """The lines of the set-up are typed again, as far as they are taken, and some time passes."""
    _lock(walk, task)
    for line in walk.lesson.setup.lines:
        _try(walk.session, line.text)
    _try(walk.session, f"advance {WAIT_S}s")
    return walk


def _lock(walk: Walk, task: Task) -> None:
    """What is typed now is typed by a learner."""
    walk.session.lock({*walk.lesson.locked, *task.locked}, task.only)


def _emptying(session: Session) -> list[str]:
    world = session.world
    lines = []
    around = getattr(world, "orchestras", None)
    for name in getattr(around, "clusters", {}):
        kinds = "deployments,statefulsets,daemonsets,jobs,cronjobs,pods"
        lines.append(f"kubectl --context {name} delete {kinds} --all --all-namespaces")
    for swarm in getattr(around, "swarms", {}).values():
        lines += [f"docker service rm {one.name}" for one in swarm.state.services.values()]
    for one in getattr(world, "containers", {}).values():
        lines.append(f"docker -H {one.daemon.name} rm -f {one.local_name}")
    return lines


def _try(session: Session, line: str) -> None:
    try:
        session.type_learner(line)
    except DrydockError:
        return
