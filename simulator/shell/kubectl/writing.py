"""Where the writes of a line go (here, or into a copy that is thrown away), and what it prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.shell.grammar import Call, Flag
from simulator.shell.kinds import text
from simulator.shell.kubectl.getting import formatted
from simulator.shell.kubectl.output import check_output
from simulator.shell.kubectl.target import KubectlError, cluster_of

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.api.kinds import Kind
    from simulator.shell.session import Session

DRY = Flag(("--dry-run",), "none, client or server: only tell what would be", text("how"))
PRINT = Flag(("-o", "--output"), "yaml, json, name, jsonpath=…: print the object instead",
             text("format"))  # fmt: skip
SHOWN = (DRY, PRINT)
"""Flags of whatever writes an object and names it."""
ENDINGS = {"none": "", "client": " (dry run)", "server": " (server dry run)"}


def dry_of(call: Call) -> str:
    """``none``, ``client`` or ``server``."""
    how = call.values.get("dry_run") or "none"
    if how not in ENDINGS:
        raise KubectlError(
            f'error: Invalid dry-run value ({how}). Must be "none", "server", or "client".'
        )
    return str(how)


class Writer:
    """Sends what a line writes, and tells of each object in the words or the format asked for.

    A dry run, of client or server, is done in a copy of the world: what would be refused is.
    """

    def __init__(self, session: Session, call: Call) -> None:
        self.how = dry_of(call)
        self._output = call.values.get("output") or ""
        check_output(self._output)
        self.session = session
        name = cluster_of(session, call).name
        self.at = session if self.how == "none" else session.branch()
        """Whose world is written to."""
        self.cluster = self.at.world.orchestras.get(name)
        self._many = False

    def say(self, target: tuple[Kind, str, str], word: str) -> None:
        """Tell of an object that it is ``scaled``, or print it."""
        kind, namespace, name = target
        if not self._output:
            self.session.say([f"{kind.title}/{name} {word}{ENDINGS[self.how]}"])
            return
        one = self.cluster.store.find(kind.kind, namespace, name)
        found = [] if one is None else [one]
        lines = formatted(found, self._output, single=True, cluster=self.cluster)
        self.session.say(["---", *lines] if self._many and self._output == "yaml" else lines)
        self._many = True

    def say_scale(self, target: tuple[Kind, str, str], word: str) -> None:
        """Tell of the scale of an object, or print it."""
        from simulator.shell.kubectl.subresources import scales

        kind, namespace, name = target
        if not self._output:
            self.session.say([f"scale.autoscaling/{name} {word}{ENDINGS[self.how]}"])
            return
        one = self.cluster.store.find(kind.kind, namespace, name)
        groups = [(kind, [] if one is None else [one])]
        self.session.say(scales(self.cluster, groups, self._output, single=True))
