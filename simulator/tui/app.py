"""The application: themes, the home screen, opening a world, leaving. Wiring only."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from textual.app import SystemCommand
from textual.notifications import SeverityLevel
from textual.screen import Screen

from simulator.errors import DrydockError, harmless
from simulator.files import asset
from simulator.tui.actions import ALL, actions_of
from simulator.tui.driver import Driver
from simulator.tui.in_turn import InTurn
from simulator.tui.opening import Opened, open_entry
from simulator.tui.screens.dialogs import Confirm
from simulator.tui.screens.home import Home
from simulator.tui.screens.workbench import Workbench
from simulator.tui.signals import leave_on_signals
from simulator.tui.themes import THEMES, chosen_theme, wants_plain_colours


@dataclass(frozen=True, slots=True)
class Start:
    """What to open first; nothing opens the home screen."""

    lesson: str | None = None
    scenario: str | None = None
    seed: int | None = None
    sandbox: bool = False

    @property
    def key(self) -> str | None:
        """The key of the entry to open."""
        if self.lesson is not None:
            return f"lesson/{self.lesson}"
        if self.scenario is not None:
            return f"scenario/{self.scenario}"
        return "sandbox" if self.sandbox else None


class DrydockApp(InTurn):
    """The front end. ``opener`` and ``clock`` are replaced by tests."""

    TITLE = "Drydock"
    ENABLE_COMMAND_PALETTE = True
    CSS_PATH: ClassVar = [
        asset("styles", "base.tcss"),
        asset("styles", "workbench.tcss"),
        asset("styles", "dialogs.tcss"),
    ]

    def __init__(
        self,
        start: Start | None = None,
        *,
        theme_name: str | None = None,
        opener: Callable[[str, int | None], Opened] = open_entry,
        clock: Callable[[], float] = time.perf_counter,
        ticking: bool = True,
    ) -> None:
        super().__init__(ansi_color=True if wants_plain_colours() else None)
        self.HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (80, "-normal"), (120, "-wide")]
        self.start = start or Start()
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = chosen_theme(theme_name)
        self.opener = opener
        self.clock = clock
        self.ticking = ticking

    def get_default_screen(self) -> Screen[Any]:
        """The home screen lies below everything."""
        from simulator.tui.library import entries

        return Home(entries(progress=False))

    def on_mount(self) -> None:
        """Open what was asked for."""
        leave_on_signals(self._told_to_leave)
        if self.start.key is not None:
            self.action_open(self.start.key)
        self.begin_input()

    def holds_input(self) -> bool:
        """While history is run again in a thread nothing may touch the world."""
        return self.bench is not None and bool(self.bench.replaying)

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """Show a message; others' text is in it, so nothing in it is ever markup."""
        super().notify(
            harmless(message), title=title, severity=severity, timeout=timeout, markup=False
        )

    # --- opening and leaving ------------------------------------------------------------------

    def action_open(self, key: str) -> None:
        """Open a lesson, the sandbox or a scenario."""
        try:
            opened = self.opener(key, self.start.seed)
        except DrydockError as error:
            self.notify(str(error), title="Cannot open this", severity="error", timeout=10)
            return
        driver = Driver(opened.desk, clock=self.clock)
        driver.script = opened.script
        for line in opened.first:
            driver.submit(line)
        for hint in opened.hints:
            driver.say("note", hint)
        if opened.runs:
            driver.run()
        bench = Workbench(driver, opened.title, tutor=opened.tutor, ticking=self.ticking)
        bench.over = self.next_input
        self.push_screen(bench)

    @property
    def bench(self) -> Workbench | None:
        """The workbench, when one is open."""
        return next((s for s in self.screen_stack if isinstance(s, Workbench)), None)

    def _keep(self) -> str:
        """Keep the lesson's progress; why that failed, empty when nothing is lost by leaving."""
        tutor = self.bench.tutor if self.bench is not None else None
        if tutor is None or not tutor.unsaved:
            return ""
        try:
            tutor.save()
        except DrydockError as error:
            return str(error)
        return ""

    def action_leave(self) -> None:
        """Quit; asks only when work would be lost."""
        if isinstance(self.screen, Confirm):
            return
        lost = self._keep()
        if not lost:
            self.exit()
            return
        self.push_screen(
            Confirm(f"Leave this lesson? {lost}, so it would be lost.", yes="leave", no="stay"),
            lambda sure: self.exit() if sure else None,
        )

    def _told_to_leave(self, code: int) -> None:
        """Nobody can be asked: what can be kept is kept."""
        self._keep()
        self.exit(return_code=code)

    def action_home(self) -> None:
        """Close the workbench; the home screen below shows progress as it is now."""
        bench = self.bench
        if bench is None:
            return
        while self.screen is not bench:
            self.pop_screen()
        lost = self._keep()
        if lost:
            self.notify(lost, severity="warning", timeout=10)
        if bench.tutor is not None:
            bench.tutor.close()
        self.pop_screen()

    async def action_quit(self) -> None:
        """Textual's own way out asks as well."""
        self.action_leave()

    def action_help_quit(self) -> None:
        """Ctrl+C stops waiting, as at a prompt; it neither copies nor quits here: say what does."""
        if self.bench is not None and self.bench.leave():
            return
        text = "press q to quit (ctrl+q while typing)"
        if isinstance(self.screen, Workbench):
            self.screen.flash(text)
        else:
            self.notify(text, timeout=3)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The palette lists the same actions as the keys."""
        kind = next((name for name in ALL if type(screen).__name__.lower().startswith(name)), "")
        lesson = self.bench is not None and self.bench.tutor is not None
        for one in actions_of(kind, lesson=lesson) if kind else ():
            if one.id == "palette":
                continue
            title = one.title[:1].upper() + one.title[1:]
            yield SystemCommand(title, one.help, self._caller(screen, one.call))
        for theme in THEMES:
            yield SystemCommand(
                f"Theme: {theme.name}", "Change the colours.", self._themer(theme.name)
            )

    def _caller(self, screen: Screen[Any], action: str) -> Callable[[], Any]:
        async def call() -> None:
            await screen.run_action(action)

        return call

    def _themer(self, name: str) -> Callable[[], None]:
        def choose() -> None:
            self.theme = name

        return choose
