"""``kubectl delete``: asking for objects to go, and waiting until they have gone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from simulator.errors import DrydockError
from simulator.shell.grammar import Argument, Call, Flag
from simulator.shell.kinds import integer, text
from simulator.shell.kubectl.files import GIVEN, objects_of
from simulator.shell.kubectl.target import (
    COMMON,
    EVERYWHERE,
    FIELDS,
    SELECTOR,
    KubectlError,
    named,
    namespace_of,
    sent,
)
from simulator.shell.kubectl.writing import DRY, ENDINGS, Writer
from simulator.shell.registry import verb
from simulator.world.cluster_commands import ApiRequest

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.cluster import Cluster
    from simulator.shell.session import Session

LONGEST_WAIT_S = 3600.0
IMMEDIATE = (
    "Warning: Immediate deletion does not wait for confirmation that the running resource has been "
    "terminated. The resource may continue to run on the cluster indefinitely."
)
"""kubectl's words where something is deleted by force."""


@verb(
    "kubectl delete",
    "Delete objects",
    aliases=("k delete",),
    arguments=(Argument("TYPE", text("type or type/name"), "what, and names", optional=True,
                        repeat=True),),
    flags=(
        *COMMON, EVERYWHERE, *GIVEN, SELECTOR,
        Flag(("--all",), "all of the type in the namespace"),
        Flag(("--force",), "at once, without waiting for the node (with --grace-period=0)"),
        Flag(("--grace-period",), "seconds until pods are killed", integer("seconds", -1, 1 << 31)),
        Flag(("--now",), "the same as --grace-period=1"),
        Flag(("--cascade",), "background, foreground or orphan", text("how")),
        Flag(("--wait",), "wait until it is gone (default); --wait=false does not",
             text("true or false")),
        Flag(("--ignore-not-found",), "no error where it is not there"),
        Flag(("--timeout",), "how long to wait", text("duration")),
        DRY, Flag(("-o", "--output"), "name: only names", text("format")), FIELDS,
    ),
    destructive=True,
    examples=("kubectl delete pod web-0", "kubectl delete -f shop.yaml",
              "kubectl delete deploy --all"),
    known="--raw --interactive -i",
)  # fmt: skip
def delete(session: Session, call: Call) -> Iterable[str]:
    """Ask for objects to go, and wait until they have gone."""
    from simulator.shell.kubectl.selecting import chosen

    if call["output"] not in (None, "", "name"):
        raise KubectlError(f"error: unexpected -o output mode: {call['output']}. We only support "
                           "'-o name'")  # fmt: skip
    writer = Writer(session, call)
    cluster = writer.cluster
    namespace = namespace_of(session, call)
    targets: list[tuple[str, str, str]] = []
    if call["filename"] or call["kustomize"]:
        targets += [
            (kind.kind, space, name) for kind, space, name in objects_of(session, call, cluster)
        ]
    for kind, name in named(cluster, call["TYPE"]) if call["TYPE"] else ():
        if name:
            targets.append((kind.kind, namespace if kind.namespaced else "", name))
        elif call["all"] or call["selector"] or call["field_selector"]:
            targets += [(kind.kind, *each.key) for each in chosen(session, call, cluster, kind)]
        else:
            raise KubectlError("error: resource(s) were provided, but no name was specified")
    if not targets and call["TYPE"]:
        return ["No resources found"]
    if not targets:
        raise KubectlError("error: You must provide one or more resources by argument or filename.")
    if call["force"] and call["grace_period"] in (0, None):
        session.say([IMMEDIATE])
    gone = [one for one in targets if _delete_one(writer, call, one)]
    if writer.how == "none" and (call["wait"] or "true") == "true":
        _wait(session, call, cluster, gone)
    return []


def _delete_one(writer: Writer, call: Call, target: tuple[str, str, str]) -> bool:
    session, cluster = writer.session, writer.cluster
    kind, namespace, name = target
    if call["ignore_not_found"] and cluster.store.find(kind, namespace, name) is None:
        return False
    grace = call["grace_period"]
    forced = call["force"] and grace in (0, None)
    if call["now"]:
        grace = 1
    how = {"foreground": "Foreground", "orphan": "Orphan"}.get(call["cascade"] or "", "Background")
    request = ApiRequest(
        cluster=cluster.name, verb="delete", kind=kind, namespace=namespace, name=name, how=how,
        grace_s=0.0 if forced else None if grace in (None, -1) else float(grace),
    )  # fmt: skip
    try:
        sent(writer.at, request)
    except DrydockError as error:
        session.fail(call, error)
        return False
    word = cluster.kinds.named(kind)
    ending = " force deleted" if forced else " deleted"
    space = f" from {namespace} namespace" if word is not None and word.namespaced else ""
    shown = word.title if word is not None else kind.lower()
    if call["output"]:
        session.say([f"{shown}/{name}"])
    else:
        session.say([f'{shown} "{name}"{ending}{space}{ENDINGS[writer.how]}'])
    return True


def _wait(session: Session, call: Call, cluster: Cluster, gone: list[tuple[str, str, str]]) -> None:
    """kubectl gives the prompt back when they are gone."""
    from simulator.units import parse_duration

    limit = parse_duration(call["timeout"]) if call["timeout"] else LONGEST_WAIT_S
    end = session.world.now + limit
    before = {one: cluster.store.find(*one) for one in gone}
    waits = Gone(session, cluster.name, {one: obj.meta.uid for one, obj in before.items() if obj})
    if not waits.done:
        session.wait_for(waits, end - session.world.now)


class Gone:
    """Something to wait for: that objects are there no more."""

    title = "waiting for deletion"

    def __init__(
        self, session: Session, cluster: str, targets: dict[tuple[str, str, str], str]
    ) -> None:
        self._session = session
        self._cluster = cluster
        self._targets = targets
        self.error: str | None = None

    @property
    def lines(self) -> list[str]:
        """Nothing is printed meanwhile."""
        return []

    def live(self) -> list[str]:
        """Nothing is printed meanwhile."""
        return []

    @property
    def done(self) -> bool:
        """Whether all are gone, or others have their names."""
        cluster = self._session.world.orchestras.clusters.get(self._cluster)
        if cluster is None:
            return True
        for target, uid in self._targets.items():
            now = cluster.store.find(*target)
            if now is not None and now.meta.uid == uid:
                return False
        return True
