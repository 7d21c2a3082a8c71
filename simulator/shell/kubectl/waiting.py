"""``kubectl wait``: until something is so."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from simulator.shell.grammar import Call, Flag
from simulator.shell.kinds import text
from simulator.shell.kubectl.target import (
    COMMON,
    SELECTOR,
    KubectlError,
    cluster_of,
    one_of,
    until,
)
from simulator.shell.kubectl.targeting import (
    OBJECTS,
    targets,
)
from simulator.shell.registry import verb
from simulator.units import parse_duration

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.api.kinds import Kind
    from simulator.cluster.kubernetes.cluster import Cluster
    from simulator.shell.session import Session


Target = tuple["Kind", str, str]


@verb(
    "kubectl wait", "Wait for a condition of objects", aliases=("k wait",),
    arguments=(OBJECTS,),
    flags=(
        *COMMON, SELECTOR, Flag(("--all",), "all of the type"),
        Flag(("--for",), "condition=NAME[=VALUE], delete, create, jsonpath={…}=VALUE",
             text("what")),
        Flag(("--timeout",), "how long (default 30s)", text("duration")),
    ),
    examples=("kubectl wait --for=condition=Ready pod/web-0 --timeout=60s",
              "kubectl wait --for=delete pod -l app=slow --timeout=60s"),
)  # fmt: skip
def wait(session: Session, call: Call) -> Iterable[str]:
    """Each object in turn, within one time."""
    cluster = cluster_of(session, call)
    if not call["for"]:
        raise KubectlError("error: Must specify --for")
    end = session.world.now + parse_duration(call["timeout"] or "30s")
    found = targets(session, call, cluster, call["TYPE"])
    if not found:
        raise KubectlError("error: no matching resources found")
    gone = call["for"] == "delete"
    for target in found:
        kind, namespace, name = target
        if not gone:
            one_of(cluster, kind, namespace, name)
        if until(session, partial(_meets, cluster, target, call["for"]), end):
            shown = f"{kind.title}/{name}"
            session.say([f"{shown} condition met"])
        else:
            error = KubectlError(
                f"error: timed out waiting for the condition on {kind.plural}/{name}"
            )
            session.fail(call, error)
    return []


def _meets(cluster: Cluster, target: Target, wanted: str) -> bool:
    from simulator.cluster.kubernetes.data import as_data

    kind, namespace, name = target
    one = cluster.store.find(kind.kind, namespace, name)
    if wanted == "delete":
        return one is None
    if wanted == "create":
        return one is not None
    if one is None:
        return False
    word, _, rest = wanted.partition("=")
    if word == "condition":
        condition, _, value = rest.partition("=")
        said = as_data(one).get("status", {}).get("conditions", [])
        value = value or "True"
        return any(
            str(each.get("type")).lower() == condition.lower()
            and str(each.get("status")).lower() == value.lower()
            for each in said
        )
    if word == "jsonpath":
        from simulator.shell.kubectl.jsonpath import expand

        path, brace, value = rest.partition("}")
        shown = expand(as_data(one), path + brace)
        value = value.removeprefix("=").strip("'\"")
        return shown == value if value else bool(shown)
    raise KubectlError(f'error: unrecognized condition: "{wanted}"')
