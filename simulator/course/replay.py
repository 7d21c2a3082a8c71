"""Replaying what was done, and the result it comes to."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from simulator.course.lesson_run import LessonRun
from simulator.course.model import Lesson
from simulator.course.session import SessionFactory
from simulator.course.transcript import Entry, Transcript
from simulator.errors import InputError, Refused, unknown

KeepGoing = Callable[[], bool]


def replay(
    transcript: Transcript,
    lesson: Lesson,
    session_factory: SessionFactory | None = None,
    keep_going: KeepGoing | None = None,
) -> LessonRun:
    """The lesson as it stood after everything in a transcript was done again.

    Refused when ``keep_going`` says no: a transcript may ask for more than anyone will wait for.
    """
    if transcript.lesson != lesson.id:
        raise InputError(
            "this transcript is of another lesson", found=transcript.lesson, expected=lesson.id
        )
    if transcript.hash and transcript.hash != lesson.hash:
        raise Refused(
            f"this transcript was made with another text of '{lesson.id}'"
            f" ({transcript.hash}, here {lesson.hash})"
        )
    run = LessonRun(lesson, transcript.seed, session_factory, student=transcript.student)
    carry_on(run, transcript.entries, keep_going)
    return run


def carry_on(run: LessonRun, entries: Sequence[Entry], keep_going: KeepGoing | None = None) -> None:
    """Do again what was done, each thing at its own simulated time.

    What the last line started is waited for; what an earlier one did is over when the next comes.
    """
    by_lesson, last = False, entries[-1] if entries else None
    for entry in entries:
        if entry.time > run.world.now:
            run.session.advance(entry.time, keep_going)
        if keep_going is not None and not keep_going():
            raise Refused(f"replaying took too long, at {entry.text!r}")
        if entry.text.startswith(":"):
            _act(run, entry.text)
            by_lesson = entry.text.startswith(":run ")
        elif by_lesson:
            run.type_line(entry.text, wait=False)
        else:
            run.execute(entry.text, wait=entry is last and keep_going is None)
            run.session.ended = False  # who left then has come back


def _act(run: LessonRun, text: str) -> None:
    """Do one thing that was done to the lesson, not at the prompt."""
    word, _, rest = text[1:].partition(" ")
    name, _, value = rest.partition(" ")
    try:
        match word:
            case "step":
                run.go(int(rest) - 1)
            case "predict":
                run.predict(name, value)
            case "run":
                run.begin_block(name, value == "override")
            case "ran":
                run.end_block(name)
            case "check":
                run.check(name)
            case "hint":
                run.hint(name)
            case "giveup":
                run.give_up(name)
            case "answer":
                run.answer(name, value)
            case "why":
                run.because(name, value)
            case "reset":
                run.reset()
            case "leave":
                pass
            case _:
                raise unknown("action in a transcript", word, _ACTIONS)
    except Refused:
        return  # it was refused then as well, or the world has changed: nothing is gained by it
    except ValueError:
        raise InputError("bad action in a transcript", found=text) from None


_ACTIONS = (
    "step", "predict", "run", "ran", "why", "check", "hint", "giveup", "answer", "reset", "leave",
)  # fmt: skip
