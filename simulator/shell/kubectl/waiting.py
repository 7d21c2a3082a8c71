"""``kubectl wait``: until something is so."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from simulator.shell.grammar import Argument, Call, Flag
from simulator.shell.kinds import text
from simulator.shell.kubectl.files import GIVEN, objects_of
from simulator.shell.kubectl.target import (
    COMMON,
    EVERYWHERE,
    FIELDS,
    SELECTOR,
    KubectlError,
    cluster_of,
    one_of,
    until,
)
from simulator.shell.kubectl.targeting import ALL, targets
from simulator.shell.registry import verb
from simulator.units import parse_duration

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.api.kinds import Kind
    from simulator.cluster.kubernetes.cluster import Cluster
    from simulator.cluster.kubernetes.objects.meta import Object
    from simulator.shell.session import Session

Target = tuple["Kind", str, str]
DEFAULT_S = 30.0
WEEK_S = 7 * 86_400.0
"""A negative timeout means this (``kubectl wait --help``)."""


@verb(
    "kubectl wait", "Wait for a condition of objects", aliases=("k wait",),
    arguments=(Argument("TYPE", text("type or type/name"), "what, and names", optional=True,
                        repeat=True),),
    flags=(
        *COMMON, *GIVEN, EVERYWHERE, SELECTOR, FIELDS, ALL,
        Flag(("--for",), "condition=NAME[=VALUE], delete, create, jsonpath={…}[=VALUE]",
             text("what")),
        Flag(("--timeout",), "how long for each (default 30s, 0: look once, -1s: a week)",
             text("duration")),
    ),
    examples=("kubectl wait --for=condition=Ready pod/web-0 --timeout=60s",
              "kubectl wait --for=delete pod -l app=slow --timeout=60s",
              "kubectl wait --for=jsonpath='{.status.phase}'=Running pod/web-0"),
    known="--local --allow-missing-template-keys --template --show-managed-fields -o",
)  # fmt: skip
def wait(session: Session, call: Call) -> Iterable[str]:
    """Each object in turn, each as long as the timeout says."""
    cluster = cluster_of(session, call)
    if not call["for"]:
        raise KubectlError("error: Must specify --for")
    meets, limit_s = _reader(call["for"]), _limit(call["timeout"])
    word = call["for"].lower()
    found = _found(session, call, cluster, word, limit_s)
    if not found and word != "delete":
        raise KubectlError("error: no matching resources found")
    for target in found:
        kind, namespace, name = target
        if word == "delete" and cluster.store.find(kind.kind, namespace, name) is None:
            continue
        if word not in ("delete", "create"):
            one_of(cluster, kind, namespace, name)
        if until(session, _asked(cluster, target, meets), session.world.now + limit_s):
            session.say([f"{kind.title}/{name} condition met"])
            continue
        error = f"error: timed out waiting for the condition on {kind.plural}/{name}"
        session.fail(call, KubectlError(error))
    return []


def _found(
    session: Session, call: Call, cluster: Cluster, word: str, limit_s: float
) -> list[Target]:
    if call["filename"] or call["kustomize"]:
        return objects_of(session, call, cluster)
    goals = partial(targets, session, call, cluster, call["TYPE"])
    if word == "create" and not goals():
        until(session, lambda: bool(goals()), session.world.now + limit_s)
    return goals()


def _limit(stated: str | None) -> float:
    if stated is None:
        return DEFAULT_S
    if stated.startswith("-"):
        return WEEK_S
    return parse_duration(stated)


Meets = Callable[["Object | None"], bool]


def _asked(cluster: Cluster, target: Target, meets: Meets) -> Callable[[], bool]:
    """Whether it is so; an object is only read again when it has changed."""
    kind, namespace, name = target
    known: list[tuple[object, bool]] = []

    def so() -> bool:
        one = cluster.store.find(kind.kind, namespace, name)
        if not known or known[0][0] is not one:
            known[:] = [(one, meets(one))]
        return known[0][1]

    return so


def _reader(wanted: str) -> Meets:
    """What ``--for`` asks, read before anything is waited for."""
    word, equals, rest = wanted.partition("=")
    if wanted.lower() == "delete":
        return lambda one: one is None
    if wanted.lower() == "create":
        return lambda one: one is not None
    if word.lower() == "condition" and rest:
        name, _, value = rest.partition("=")
        return partial(_has_condition, name, value or "True")
    if word == "jsonpath" and equals:
        path, brace, value = rest.partition("}")
        if not brace or not path.lstrip("'\"").startswith("{"):
            raise KubectlError(
                f"error: jsonpath wait format must be --for=jsonpath='{{.status.readyReplicas}}'=3 "
                f"or --for=jsonpath='{{.status.readyReplicas}}', not {wanted}"
            )
        value = value.lstrip("'\"").removeprefix("=").strip("'\"")
        if "=" in rest.partition("}")[2] and not value:
            raise KubectlError("error: jsonpath wait value cannot be empty")
        return partial(_has_value, path.lstrip("'\"") + brace, value)
    raise KubectlError(f'error: unrecognized condition: "{wanted}"')


def _has_condition(name: str, value: str, one: Object | None) -> bool:
    from simulator.cluster.kubernetes.data import as_data

    if one is None:
        return False
    said: Any = as_data(one)
    status = said.get("status", {})
    seen = status.get("observedGeneration")
    if isinstance(seen, int) and seen < said["metadata"].get("generation", 0):
        return False  # what it says is of a specification that is no more
    return any(
        str(each.get("type")).lower() == name.lower()
        and str(each.get("status")).lower() == value.lower()
        for each in status.get("conditions", [])
    )


def _has_value(path: str, value: str, one: Object | None) -> bool:
    from simulator.cluster.kubernetes.data import as_data
    from simulator.shell.kubectl.jsonpath import expand

    if one is None:
        return False
    shown = expand(as_data(one), path)
    return shown == value if value else bool(shown)
