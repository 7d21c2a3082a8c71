"""Where one is in the cluster pane: the view, and the views through which one came."""

from __future__ import annotations

from simulator.look.cluster_facts import View
from simulator.look.cluster_names import KINDS
from simulator.tui.glyphs import glyphs
from simulator.tui.widgets.cluster_parts import SHORT

OWNERS = ("node", "queue", "Service", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job",
          "ReplicationController")  # fmt: skip
"""What has pods."""
BELOW = {
    **dict.fromkeys(OWNERS, "pods"), "Pod": "containers", "HorizontalPodAutoscaler": "trace",
    "CronJob": "Job", "Namespace": "pods", "service": "tasks", "member": "tasks",
}  # fmt: skip
"""The view of what is in a row, by its kind."""
VIEWS = (*KINDS, "contexts", "tasks")
"""All others are tables of a kind of the API."""
SHOWN = {"overview": "cluster", "trace": "autoscaler"}


class Way:
    """A view, and the way back from it."""

    def __init__(self) -> None:
        self.view = View()
        self.came: list[tuple[View, str | None]] = []
        """Views that were left by going down, with the row on which the cursor was."""

    def down(self, kind: str, within: str, cursor: str | None) -> None:
        """Go to what is in a row."""
        self.came.append((self.view, cursor))
        self.view = View(kind, within, namespace=self.view.namespace)

    def jump(self, kind: str, namespace: str | None, text: str) -> None:
        """Go to a view of everything in a namespace; None: the one that is shown now."""
        space = self.view.namespace if namespace is None else namespace
        self.came = [] if kind == "overview" else [(View(namespace=space), None)]
        self.view = View(kind, "", text, space)

    def back(self) -> tuple[bool, str | None]:
        """Whether there is a way back, and where the cursor was there."""
        if not self.came:
            return False, None
        space = self.view.namespace
        view, cursor = self.came.pop()
        self.view = view._replace(namespace=space)
        return True, cursor

    def below(self, key: str) -> str | None:
        """The view of what is in a row; None where there is nothing in it."""
        return BELOW.get(key.partition("/")[0])

    @property
    def name(self) -> str:
        """The view in a word."""
        return SHOWN.get(self.view.kind, self.view.kind)


def is_table(kind: str) -> bool:
    """Whether a view lists objects of one kind of the API as ``kubectl get`` does."""
    return kind not in VIEWS


def title_of(way: Way) -> str:
    """The pane's name, the way down, the namespace and the filter."""
    steps = [*(one.within for one, _ in way.came[1:]), way.view.within]
    parts = [f"6 {way.name}", *(step_of(one) for one in steps if one)]
    text = f" {glyphs().crumb} ".join(parts)
    if way.view.namespace:
        text += f"  namespace {way.view.namespace}"
    return f"{text}  /{way.view.filter}" if way.view.filter else text


def step_of(within: str) -> str:
    """What one went into, in short: ``deploy/web``, ``pod/shop/web-0``."""
    kind, _, rest = within.partition("/")
    if kind == "queue":
        return rest.replace("/", ": ", 1)
    return f"{SHORT.get(kind, kind.lower())}/{rest.removeprefix('default/')}"
