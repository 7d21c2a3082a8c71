"""Typed lines one after another: while one is waited for, the next ones wait as well."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from simulator.tui.screens.cluster_actions import ClusterActions
from simulator.tui.screens.dialogs import Confirm
from simulator.tui.screens.lesson_actions import LessonActions
from simulator.tui.screens.world_actions import WorldActions
from simulator.units import counted

REPLAYING = ("undo", "redo", "rewind")
AT_ONCE = ("pause", "play", "resume", "speed")
"""Words about the clock, which would come too late if they waited."""
ALSO_COMMANDS = ("events", "cluster")
"""Names of panes that are commands too."""
MOST_LINES = 20_000
"""Lines that wait at most."""
SHOWN = 3
"""Waiting lines that are shown below the output."""
BATCH_S = 0.05
"""Wall seconds of lines that are carried out before the screen is drawn again."""


class Lines(LessonActions, WorldActions, ClusterActions):
    """What becomes of typed lines."""

    _lines: deque[str]

    def on_mount(self) -> None:
        """No line waits yet."""
        self._lines = deque()

    def submit(self, line: str) -> None:
        """Carry out a typed line, or let it wait for the one that is under way."""
        self.submit_all([line])

    def submit_all(self, lines: Iterable[str]) -> None:
        """Carry out typed lines, one after another."""
        for line in lines:
            if line.split()[:1] and line.split()[0] in AT_ONCE and self._must_wait():
                self._carry_out(line)
            elif len(self._lines) < MOST_LINES:
                self._lines.append(line)
            else:
                self.flash(f"{MOST_LINES:,} lines wait, which is the most; {line} was left out")
        self.run_lines()
        self.look()

    def _must_wait(self) -> bool:
        driver = self.driver
        return bool(self.replaying) or driver.job is not None or driver.playback is not None

    def run_lines(self) -> None:
        """Carry out what waits, until one has to be waited for, or the screen has to be drawn."""
        until = self.driver.clock() + BATCH_S
        while self._lines and not self._must_wait():
            self._carry_out(self._lines.popleft())
            if self.driver.clock() > until:
                break
        if self._lines and not self._must_wait():
            self.look()
            self.call_after_refresh(self.run_lines)
        self.show_lines()

    def tick(self) -> None:
        """One frame; then the lines whose turn has come."""
        super().tick()
        if self._lines and not self._must_wait():
            self.run_lines()
            self.look()

    def background_over(self) -> None:
        """What ran in the background is done: lines that waited for it go on."""
        super().background_over()
        self.run_lines()

    def leave(self) -> bool:
        """Stop waiting, as ctrl+c does at a prompt: what was typed ahead is not run either."""
        if not self.driver.leave():
            return False
        self.drop_lines()
        self.look()
        return True

    def drop_lines(self) -> None:
        """Forget the lines that wait, and say so: the history of the prompt has them."""
        if self._lines:
            what = counted(len(self._lines), "line")
            self.driver.say("note", f"not run: {what} that waited; up brings them back")
            self._lines.clear()
            self.show_lines()

    def show_lines(self) -> None:
        """Show what waits below the output."""
        waiting = list(self._lines)[:SHOWN]
        more = len(self._lines) - len(waiting)
        self.output.set_waiting([*waiting, *([f"and {more:,} more"] if more else [])])

    def _carry_out(self, line: str) -> None:
        """Carry out a line; one that replays history does so in a thread."""
        if self.lesson_word(line) or self.goes_to_cluster(line):
            return
        if self.go_until(line) or self.goes_to_world(line) or self._goes_to_pane(line):
            return
        words = line.split()
        if words and words[0] in REPLAYING and "--help" not in words:
            self.replay(line)
        elif not self._asks_of_service(line, words):
            self.driver.submit(line)

    def _goes_to_pane(self, line: str) -> bool:
        """Go to the pane that a word alone names: ``images``; False for all other lines."""
        word = line.strip()
        if word not in self.available_panes() or word in ALSO_COMMANDS:
            return False
        if self.driver.session.prompt is not None:
            return False
        self.action_pane(word)
        return True

    def _asks_of_service(self, line: str, words: list[str]) -> bool:
        """Ask before traffic to a name that is nearly a service's makes another service."""
        if len(words) < 3 or words[0] != "traffic" or words[1].startswith("-") or words[1] == "ls":
            return False
        if self.driver.session.prompt is not None:
            return False
        from simulator.shell.verbs.traffic import similar_service

        near = similar_service(self.driver.session.reader.services(), words[1])
        if near is None:
            return False
        meant = line.replace(words[1], near, 1)
        self.app.push_screen(
            Confirm(
                f"There is no service '{words[1]}', but '{near}'. Make a new one?",
                yes=f"make {words[1]}",
                no=f"send to {near}",
                neither="nothing",
            ),
            lambda new: None if new is None else self._go_on(line if new else meant),
        )
        return True

    def _go_on(self, line: str) -> None:
        self.driver.submit(line)
        self.look()
