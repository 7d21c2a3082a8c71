"""What is done with the row under the cursor: a menu, a question where something is lost, tabs."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from simulator.look.swarm_facts import MemberFacts, SwarmServiceFacts
from simulator.tui.describe import told_lines
from simulator.tui.row_commands import RowCommand, of_machines, of_object, of_swarm, open_at
from simulator.tui.screens.dialogs import Confirm
from simulator.tui.screens.menu import RowMenu
from simulator.tui.screens.prompt_actions import PromptActions
from simulator.tui.screens.tabs import Tab, TabsDialog
from simulator.tui.widgets.ink import Line

if TYPE_CHECKING:
    from simulator.look.answers import TreeRow


class RowActions(PromptActions):
    """Actions on one row of the map or of the cluster."""

    def action_row_menu(self) -> None:
        """Show what can be done with what is under the cursor."""
        title, commands = self._row_commands()
        if not commands:
            self.flash("nothing can be done with this row; choose a container, a machine, a pod")
            return
        self.app.push_screen(RowMenu(title, commands), self._chosen)

    def _row_commands(self) -> tuple[str, list[RowCommand]]:
        pane = self.pane()
        if pane is self.cluster:
            return self._cluster_commands()
        row = self.map.chosen if pane is self.map or self.place == "map" else None
        if row is None:
            return "", []
        current = self.driver.session.reader.current_machine
        return f"{row.kind} {row.view.name}", of_machines(row, current)

    def _cluster_commands(self) -> tuple[str, list[RowCommand]]:
        row = self.cluster.row
        manager = self.cluster.leader
        if isinstance(row, SwarmServiceFacts):
            return f"service {row.name}", of_swarm("service", row.name, manager)
        if isinstance(row, MemberFacts):
            return f"node {row.name}", of_swarm("node", row.name, manager)
        if self.cluster.subject is None:
            return "", []
        (subject, namespace) = self.cluster.subject
        kind, _, name = subject.partition("/")
        return f"{kind} {name}", of_object(kind, name, namespace)

    def _chosen(self, chosen: RowCommand | None) -> None:
        if chosen is None:
            return
        if chosen.open:
            self._type_on(chosen.line)
        elif chosen.loses:
            self.app.push_screen(
                Confirm(
                    f"{chosen.line}\n{chosen.loses}; undo (u) takes it back.", yes=chosen.title
                ),
                lambda sure: self.submit(chosen.line) if sure else None,
            )
        else:
            self.submit(chosen.line)

    def _type_on(self, line: str) -> None:
        """Put a line into the prompt with the cursor where its gap is."""
        at = open_at(line)
        self._open(":", line.replace("KIND", "", 1))
        self.prompt.cursor_position = at

    # --- tabs ---------------------------------------------------------------------------------

    def show_tabs(self, row: TreeRow, first: str, why: list[Line]) -> None:
        """All about a container: why it is so, its logs, its use, its configuration."""
        name = row.view.name
        machine = getattr(row.view, "machine", "")
        docker = f"docker -H {machine}" if machine else "docker"
        logs, told = cache(lambda: self._log_lines(name)), cache(self._told)
        tabs = [
            Tab("why", lambda width: why),
            Tab("logs", lambda width: logs(), at_end=True),
            Tab("stats", lambda width: told(f"{docker} stats --no-stream {name}", width)),
            Tab("config", lambda width: told(f"{docker} inspect {name}", width)),
        ]
        self.app.push_screen(TabsDialog(f"container {name}", tabs, first))

    def _log_lines(self, name: str) -> list[Line]:
        lines: list[Line] = []
        with self.reporting():
            for time, text in self.driver.world.logs(name):
                lines.append(((f"{time:10.3f} ", "dim"), (text, "plain")))
        return lines or [(("this container has written nothing", "dim"),)]

    def _told(self, line: str, width: int) -> list[Line]:
        """What a line that changes nothing answers."""
        if self.driver.session.prompt is not None:
            return [(("one types at a program in a container; exit leaves it", "dim"),)]
        told = self.driver.session.execute(line)
        said = [(text, "plain") for text in told.lines]
        said += [(told.error, "bad")] if told.error else []
        return told_lines(said, width)
