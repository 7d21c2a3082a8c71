"""Runs a scenario: set-up, script, time; stops when it is told to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from simulator.scenario import Built, Scenario, ScriptLine, build
from simulator.shell import Result, Session
from simulator.trials.lines import LineSummary


@dataclass(slots=True)
class Run:
    """One run of a scenario. ``session`` is there once the set-up is done."""

    scenario: Scenario
    session: Session | None = None
    built: Built | None = None
    lines: list[LineSummary] = field(default_factory=list)
    finished: bool = False

    def go(self, keep_going: Callable[[float, float], bool] | None = None) -> bool:
        """Set up and run to the end; False when ``keep_going`` (now, end) stopped it."""
        end = [float("inf")]
        clock: list[Callable[[], float]] = [lambda: 0.0]

        def going() -> bool:
            return keep_going is None or keep_going(clock[0](), end[0])

        self.built = built = build(self.scenario, going)
        if built.notes:
            self.lines.append(LineSummary(time_s=built.start_s, line="set-up", output=built.notes))
        self.session = session = Session(built.world, folder=self.scenario.folder, confined=True)
        session.default_runtime = self.scenario.runtime
        clock[0] = lambda: session.world.now
        end[0] = built.end_s
        for line in built.script:
            if line.at_s > built.end_s or not session.advance(line.at_s, going):
                break
            self._note(session, session.execute(line.line, wait=False), line)
        self.finished = session.advance(built.end_s, going)
        self._collect(session)
        return self.finished

    def _note(self, session: Session, result: Result, line: ScriptLine | None = None) -> None:
        """Keep what a line printed, with the place of the line in front of an error."""
        error = result.error
        if error is not None and line is not None:
            error = f"{line.place}: {error}"
        if line is not None:
            self._collect(session)
        self.lines.append(
            LineSummary(
                time_s=result.time,
                line=result.line,
                output=result.lines,
                error=error,
                later=result.later,
            )
        )

    def _collect(self, session: Session) -> None:
        """What lines that had to wait have brought about since."""
        results, session.results = session.results, []
        for result in results:
            if result.lines or result.error:
                self._note(session, result)
