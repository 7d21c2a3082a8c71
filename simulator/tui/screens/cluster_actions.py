"""What keys and words do in the cluster pane: going to views, into rows, to reasons and logs."""

from __future__ import annotations

from typing import TypeAlias

from simulator.errors import nearest
from simulator.look.cluster_facts import ContextFacts, View
from simulator.look.swarm_facts import MemberFacts, SwarmServiceFacts, TaskFacts
from simulator.tui.cluster_words import place_of
from simulator.tui.describe import pair_lines, told_lines
from simulator.tui.screens.dialogs import TextDialog
from simulator.tui.screens.pane_actions import PaneActions
from simulator.tui.widgets import swarm_rows
from simulator.tui.widgets.cluster import SWARM_ROWS, Found

WHY = ("pod", "node", "horizontalpodautoscaler", "service", "deployment", "replicaset",
       "statefulset", "daemonset", "replicationcontroller", "job")  # fmt: skip
"""Kinds of which ``why`` tells more than ``kubectl describe``."""
WITH_LOGS = ("Pod", "container", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job")
MOST_CONTEXTS = 1_000
SwarmRow: TypeAlias = MemberFacts | SwarmServiceFacts | TaskFacts
SWARM_KINDS = {MemberFacts: "node", SwarmServiceFacts: "service", TaskFacts: "task"}
"""What ``why`` calls them."""
LOGS_OF = "choose a pod, a container, a workload or a task first"


class ClusterActions(PaneActions):
    """Actions of the cluster pane."""

    # --- going there --------------------------------------------------------------------------

    def goes_to_cluster(self, line: str) -> bool:
        """Go to the view that a line names; False for all other lines."""
        if self.driver.session.prompt is not None:
            return False  # it is for the program in a container at which one sits
        place = place_of(line, from_cluster=self.place == "cluster")
        if place is None:
            return False
        if place.cluster:
            if not self._turn_to(place.cluster):
                return True
            place = place._replace(cluster="", kind=_after(place.kind))
        if not place.namespace or self._is_namespace(place.namespace):
            self.cluster.jump(*place[:3])
            self.action_pane("cluster")
        return True

    def _turn_to(self, name: str) -> bool:
        """Show a swarm; or another cluster, to which kubectl speaks from now on."""
        facts = self._look_at("contexts", MOST_CONTEXTS)
        known = [
            one for one in (facts.rows if facts is not None else ())
            if isinstance(one, ContextFacts) and name in (one.name, one.name.partition("/")[0])
        ]  # fmt: skip
        swarm = bool(known) and known[0].kind == "Swarm"
        self.cluster.swarm = known[0].name if swarm else self.cluster.swarm if not known else ""
        if not swarm:  # it says so itself where there is no such cluster
            self.driver.submit(f"kubectl config use-context {name}")
            self.look()
        return bool(known)

    def _look_at(self, kind: str, count: int = 0) -> Found | None:
        view = View(kind, cluster=self.driver.session.kube.cluster)
        return self.driver.session.reader.cluster(view, 0, count)

    def _is_namespace(self, name: str) -> bool:
        facts = self._look_at("Namespace")
        known = [key.rpartition("/")[2] for key in facts.keys] if facts is not None else []
        if name in known or not known:
            return True
        near = nearest(name, known)
        hint = f"; did you mean '{near}'?" if near else f"; there are: {', '.join(known)}"
        self.flash(f"no namespace is called '{name}'{hint}")
        return False

    def action_all_namespaces(self) -> None:
        """Show objects of all namespaces again."""
        if self.pane() is not self.cluster:
            self.flash("6 goes to the cluster first")
            return
        self.cluster.everywhere()
        self._arrive()

    # --- in a row -----------------------------------------------------------------------------

    def into_cluster(self) -> None:
        """Go into the row under the cursor; what has nothing below it tells about itself."""
        key = self.cluster.cursor_key or ""
        if key.startswith("context/"):
            self._turn_to(key.partition("/")[2])
            self.cluster.jump("overview")
        elif key.startswith("container/"):
            self.logs_of_cluster()
            return
        elif not self.cluster.down():
            self.describe_object()
            return
        self._arrive()

    def describe_object(self) -> None:
        """Why a pod, a node, a workload is so, as ``why`` or else kubectl tells it."""
        found, row = self.cluster.subject, self.cluster.row
        if isinstance(row, SWARM_ROWS):
            self._tell_of_swarm(row)
        elif found is None:
            self.flash("there is nothing to tell of this row")
        else:
            self._tell_of_object(*found)

    def _tell_of_object(self, name: str, namespace: str) -> None:
        kind, _, word = name.partition("/")
        line = f"why {name}" if kind in WHY else f"kubectl describe {kind} {word}"
        self._tell(name, line + (f" --namespace {namespace}" if namespace else ""))

    def _tell_of_swarm(self, row: SwarmRow) -> None:
        """All that is known of a task, a service, a member, and what the managers think of it."""
        lines = pair_lines(swarm_rows.pairs_of(row, self.driver.world.now))
        kind = SWARM_KINDS[type(row)]
        told = self.driver.session.execute(f"why {kind}/{row.id}")
        said = [*((text, "plain") for text in told.lines), *_errors(told.error)]
        title = (("Why", "title"),)
        self.app.push_screen(
            TextDialog(row.name, lambda width: [*lines, (), title, *told_lines(said, width)])
        )

    def _logs_of_swarm(self, row: SwarmRow) -> None:
        """What a task, or all tasks of a service, printed: a manager knows."""
        manager = self.cluster.leader
        machine = f" -H {manager}" if manager else ""
        raw = "--raw " if isinstance(row, TaskFacts) else ""
        line = f"docker{machine} service logs {raw}{row.id}"
        self._tell(f"logs of {row.name}", line, end=True)

    def logs_of_cluster(self) -> None:
        """What the container under the cursor printed, or those of the pod."""
        row = self.cluster.row
        if isinstance(row, TaskFacts | SwarmServiceFacts):
            self._logs_of_swarm(row)
            return
        key = self.cluster.cursor_key or ""
        kind, _, rest = key.partition("/")
        if not self.cluster.keys or kind not in WITH_LOGS:
            self.flash(LOGS_OF)
            return
        namespace, _, name = rest.partition("/")
        pod, _, container = name.partition("/")
        whose = f"{pod} -c {container}" if container else f"{kind.lower()}/{name}"
        self._tell(f"logs of {name}", f"kubectl logs {whose} --namespace {namespace}", end=True)

    def _tell(self, title: str, line: str, *, end: bool = False) -> None:
        """Show what a line answers in a dialog."""
        told = self.driver.session.execute(line)
        said = [*((text, "plain") for text in told.lines), *_errors(told.error)]
        said = said or [("nothing was printed", "dim")]
        self.app.push_screen(TextDialog(title, lambda width: told_lines(said, width), at_end=end))


def _errors(error: str | None) -> list[tuple[str, str]]:
    return [] if error is None else [(error, "bad")]


def _after(kind: str) -> str:
    """What is shown of another cluster: all of it, where one only turned to it."""
    return "overview" if kind == "contexts" else kind
