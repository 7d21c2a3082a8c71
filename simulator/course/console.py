"""The words a person types in a lesson, beside the commands of the world itself.

Used by plain mode, and by any screen that has a prompt: ``say(line)`` does what the line asks and
returns what to print.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from simulator.course.edit_lines import MAX_FILE_LINES, as_typed, heredoc_end, with_text
from simulator.course.expression import parse_expression
from simulator.course.lesson_run import LessonRun
from simulator.course.model import Identify, Order, Predict, Run, Solution, Sweep
from simulator.course.pages import page
from simulator.course.solving import SHARES
from simulator.course.sweeps import run_sweep, sweep_lines
from simulator.course.template import show
from simulator.course.watching import watched_lines
from simulator.course.words import check_lines, page_lines, prose, reveal_lines
from simulator.errors import DrydockError, InputError, Refused

MAX_PRINTED = 60


@dataclass(frozen=True, slots=True)
class Said:
    """What a line led to."""

    lines: tuple[str, ...]
    error: bool = False
    ended: bool = False


HELP = (
    ("next, back", "turn the page; 'page' shows it again, 'steps' lists all"),
    ("predict ID ANSWER", "make a prediction (or type only the answer)"),
    ("run [ID]", "run the lines of the lesson; 'run ID anyway' without a prediction"),
    ("edit FILE …", "show or change a file of the lesson; 'edit' alone lists them"),
    ("because …", "say why a prediction was wrong"),
    ("check", "see which checks of the task pass"),
    ("hint", "help that fits what you have"),
    ("solution", "the solution, once solved; 'give up' unlocks it without points"),
    ("answer ID …", "answer a question of order or of names"),
    ("sweep ID", "run an experiment over many values"),
    ("measure EXPRESSION", "what a check would see: measure mean('web.p95', now - 30)"),
    ("undo, reset", "take back the last line; the world as at the top of the page"),
    ("score", "points so far"),
    ("quit", "leave; what you did is kept"),
    ("help COMMAND", "help for a command of the simulated world, such as 'help docker run'"),
)


class Console:
    """Lines in, lines out, over one :class:`LessonRun`."""

    def __init__(self, run: LessonRun, *, teacher: bool = False) -> None:
        self.run = run
        self.teacher = teacher
        self._text: tuple[str, str, list[str]] | None = None
        """A file being written: the line that began it, the word that ends it, its lines."""
        self._words: dict[str, Callable[[str], list[str]]] = {
            "next": self._next,
            "back": self._back,
            "page": lambda rest: self.page(),
            "steps": self._steps,
            "predict": self._predict,
            "run": self._run,
            "because": self._because,
            "check": self._check,
            "hint": lambda rest: prose(self.run.hint(rest or None)),
            "solution": self._solution,
            "give": self._give_up,
            "answer": self._answer,
            "sweep": self._sweep,
            "measure": self._measure,
            "reset": self._reset,
            "score": self._score,
            "help": self._help,
        }

    @property
    def words(self) -> tuple[str, ...]:
        """The first words that belong to the lesson."""
        return (*self._words, "quit")

    def page(self) -> list[str]:
        """The current page as lines."""
        return page_lines(page(self.run, teacher=self.teacher))

    @property
    def collecting(self) -> bool:
        """Whether lines are being taken for the text of a file, up to the word that ends it."""
        return self._text is not None

    def _collected(self, line: str) -> Said:
        assert self._text is not None
        first, end, body = self._text
        if line.strip() != end:
            if len(body) > MAX_FILE_LINES:
                self._text = None
                return Said((f"the text is too long: at most {MAX_FILE_LINES} lines",), error=True)
            body.append(line.rstrip("\r"))
            return Said(())
        self._text = None
        return self._command(with_text(first, body))

    def say(self, line: str) -> Said:
        """Do what a line asks: a word of the lesson, an answer, or a command of the world."""
        if self._text is not None:
            return self._collected(line)
        end = heredoc_end(line)
        if end is not None:
            self._text = (line, end, [])
            return Said(())
        word, _, rest = line.strip().partition(" ")
        try:
            if word == "quit" and not rest:
                return Said((), ended=True)
            if word in self._words and not (word == "help" and rest):
                return Said(tuple(self._words[word](rest.strip())))
            if (asked := self._asked()) and self._is_answer(asked, line.strip()):
                return Said(tuple(self._predict(f"{asked.id} {line.strip()}")))
        except DrydockError as error:
            return Said((str(error),), error=True)
        return self._command(line)

    def _command(self, line: str) -> Said:
        if not line.strip():
            return Said(())
        before = self.run.world.now
        outcome = self.run.execute(line)
        lines = list(outcome.lines)
        if self.run.world.now > before:
            lines += watched_lines(self.run)
        if outcome.error is not None:
            lines += outcome.error.split("\n")
        stuck = self.run.dead_end()
        if stuck:
            lines += [*prose(stuck), "Type 'undo' or 'reset'."]
        ended = self.run.session.ended
        return Said(tuple(lines), error=outcome.error is not None, ended=ended)

    # --- pages --------------------------------------------------------------------------------

    def _next(self, rest: str) -> list[str]:
        if self.run.next():
            return self.page()
        return ["This is the last page.", *self._score("")]

    def _back(self, rest: str) -> list[str]:
        return self.page() if self.run.previous() else ["This is the first page."]

    def _steps(self, rest: str) -> list[str]:
        here = self.run.step_index
        return [
            f"{'>' if index == here else ' '} {index + 1}. {step.title}"
            for index, step in enumerate(self.run.lesson.steps)
        ]

    def _help(self, rest: str) -> list[str]:
        width = max(len(word) for word, _ in HELP)
        lines = [f"  {word:<{width}}  {meaning}" for word, meaning in HELP]
        return ["In a lesson:", *lines, "Everything else is typed into the simulated world."]

    # --- predictions and runs -----------------------------------------------------------------

    def _asked(self) -> Predict | None:
        """The first prediction of this page that is still to be made."""
        for part in self.run.step.parts:
            unseen = isinstance(part, Predict) and part.answer.run not in self.run.marks
            if isinstance(part, Predict) and unseen and part.id not in self.run.predictions:
                return part
        return None

    def _is_answer(self, asked: Predict, line: str) -> bool:
        options = [option.lower() for option in asked.options]
        return (
            line.lower() in options
            or line.replace(",", " ").replace(".", "").replace(" ", "").isdecimal()
        )

    def _predict(self, rest: str) -> list[str]:
        here = [part for part in self.run.step.parts if isinstance(part, Predict)]
        name, _, answer = rest.partition(" ")
        if here and name not in {p.id for p in self.run.lesson.all(Predict)}:
            name, answer = (self._asked() or here[0]).id, rest
        if not name or not answer:
            raise InputError("what do you predict?", expected="predict ID ANSWER")
        self.run.predict(name, answer)
        block = next(p for p in self.run.lesson.all(Predict) if p.id == name)
        left = self.run.missing_predictions(block.answer.run)
        if left:
            return ["Noted.", f"Next question: {left[0].ask}"]
        return ["Noted. Type 'run' to see what happens."]

    def _run(self, rest: str) -> list[str]:
        name, _, anyway = rest.partition(" ")
        here = [part.id for part in self.run.step.parts if isinstance(part, Run)]
        if not name or name == "anyway":
            name, anyway = self._default_run(here), anyway or name
        if anyway not in ("", "anyway"):
            raise InputError("unknown word", found=anyway, expected="anyway")
        playback = self.run.start_block(name, override=anyway == "anyway")
        lines: list[str] = []
        for typed, outcome in playback.finish():
            lines += [*([f"$ {typed}"] if typed else []), *_shortened(outcome.lines)]
        if playback.failed:
            return [*lines, playback.failed, "The run stopped here. 'reset' starts this page over."]
        lines.append(f"Time is now {self.run.world.now:,.0f} s.")
        lines += watched_lines(self.run, self.run.marks[name])
        for one in self.run.lesson.all(Predict):
            revealed = self.run.reveal(one.id) if one.answer.run == name else None
            if revealed:
                lines += ["", *reveal_lines(revealed)]
        return lines

    def _because(self, rest: str) -> list[str]:
        asked = self.run.asked_why()
        if asked is None:
            raise Refused("no question why is open on this page")
        return prose(self.run.because(asked.id, rest))

    def _default_run(self, here: list[str]) -> str:
        if not here:
            raise Refused("there is nothing to run on this page")
        open_ones = [name for name in here if name not in self.run.marks]
        return (open_ones or here)[0]

    # --- tasks --------------------------------------------------------------------------------

    def _check(self, rest: str) -> list[str]:
        results = self.run.check(rest or None)
        lines = check_lines(results)
        if all(result.passed for result in results):
            return [*lines, "Solved. Type 'solution' to compare, 'page' for the debrief."]
        stuck = self.run.dead_end(rest or None)
        return [*lines, *(prose(stuck) if stuck else ["Not yet. 'hint' may help."])]

    def _solution(self, rest: str) -> list[str]:
        try:
            return _solution_lines(self.run.solutions(rest or None))
        except Refused as error:
            raise Refused(f"{error}: type 'give up' to see it without points") from None

    def _give_up(self, rest: str) -> list[str]:
        word, _, task = rest.partition(" ")
        if word != "up":
            raise InputError("unknown word", found=f"give {rest}", nearest="give up")
        lines = _solution_lines(self.run.give_up(task or None))
        return [*lines, "Before you type it: say to yourself why it works."]

    def _answer(self, rest: str) -> list[str]:
        name, _, text = rest.partition(" ")
        ids = [p.id for p in self.run.step.parts if isinstance(p, Order | Identify)]
        if name not in ids and len(ids) == 1:
            name, text = ids[0], rest
        before = self.run.answers.get(name, ("", False))[1]
        right = self.run.answer(name, text)
        return [*self._tried(name), *self._verdict(name, right, before)]

    def _tried(self, name: str) -> list[str]:
        """What an order that was built has printed, and what was measured of it."""
        tried = self.run.tried.get(name)
        if tried is None:
            return []
        return [*tried.lines, *prose(tried.message)]

    def _verdict(self, name: str, right: bool, before: bool) -> list[str]:
        block = next(one for one in self.run.questions() if one.id == name)
        points = self.run.question_points(block)
        if right or before:
            worth = f" {points:g} of {block.points:g} points." if block.points else ""
            return [f"Right.{worth}" if right else f"That is not right; you had it before.{worth}"]
        left = SHARES.get(self.run.attempts[name] + 1, 0.0) * block.points
        if name in self.run.tried or not block.points:
            return ["Not quite. Try again."]
        return [f"Not quite. The next answer is worth {left:g} points."]

    def _sweep(self, rest: str) -> list[str]:
        sweeps = {s.id: s for s in self.run.lesson.all(Sweep)}
        here = [part.id for part in self.run.step.parts if isinstance(part, Sweep)]
        name = rest or (here[0] if here else "")
        if name not in sweeps:
            raise InputError("no such experiment", found=name, expected=", ".join(sweeps) or "none")
        return sweep_lines(run_sweep(self.run, sweeps[name]))

    def _measure(self, rest: str) -> list[str]:
        sight = self.run.sight()
        return [show(sight.value(parse_expression(rest)), "")]

    def _reset(self, rest: str) -> list[str]:
        self.run.reset()
        return [f"The world is as at the top of this page; time is {self.run.world.now:,.0f} s."]

    def _score(self, rest: str) -> list[str]:
        reached, possible = self.run.score()
        return [f"{reached:g} of {possible:g} points."]


def _shortened(lines: Sequence[str]) -> list[str]:
    """What a line of the lesson's own printed; of very much, the beginning and the end."""
    if len(lines) <= MAX_PRINTED:
        return list(lines)
    half = MAX_PRINTED // 2
    return [*lines[:half], f"({len(lines) - 2 * half} lines between)", *lines[-half:]]


def _solution_lines(solutions: list[Solution]) -> list[str]:
    lines: list[str] = []
    for solution in solutions:
        lines.append(f"{solution.title}:")
        lines += [f"    {one}" for line in solution.lines for one in as_typed(line.text)]
    return lines
