"""Replaying what was done: for who goes on where they left, and for who gives marks."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from simulator.course.bounds import Budget
from simulator.course.lesson_run import LessonRun
from simulator.course.model import Lesson, Run
from simulator.course.player import MAX_WAIT_S
from simulator.course.session import SessionFactory
from simulator.course.transcript import Entry, Transcript
from simulator.errors import InputError, Refused, unknown
from simulator.ports import Outcome


def replay(
    transcript: Transcript,
    lesson: Lesson,
    session_factory: SessionFactory | None = None,
    budget: Budget | None = None,
    *,
    accept: Collection[str] = (),
    settle: bool = False,
) -> LessonRun:
    """The lesson as it stood after everything in a transcript was done again.

    Refused when the ``budget`` is used up: a transcript may ask for more than anyone will wait
    for. ``accept``: hashes of other editions of the lesson whose transcripts are taken all the
    same. ``settle``: tasks that were never checked count as they stood when they were left.
    """
    check_lesson(transcript, lesson, accept)
    run = LessonRun(lesson, transcript.seed, session_factory, student=transcript.student)
    carry_on(run, transcript.entries, budget, settle=settle)
    return run


def check_lesson(transcript: Transcript, lesson: Lesson, accept: Collection[str] = ()) -> None:
    """Refuse a transcript of another lesson, or of another edition of it."""
    if transcript.lesson != lesson.id:
        raise InputError(
            "this transcript is of another lesson", found=transcript.lesson, expected=lesson.id
        )
    if transcript.hash and transcript.hash != lesson.hash and transcript.hash not in accept:
        raise Refused(
            f"this transcript was made with another text of '{lesson.id}' ({transcript.hash},"
            f" here {lesson.hash}): --accept-hash {transcript.hash} takes it all the same"
        )


def carry_on(
    run: LessonRun,
    entries: Sequence[Entry],
    budget: Budget | None = None,
    *,
    settle: bool = False,
) -> None:
    """Do again what was done, each thing at its own simulated time.

    What the last line started is waited for; what an earlier one did is over when the next comes.
    """
    by_lesson = False
    outcome: Outcome | None = None
    going = None if budget is None else lambda: budget.left(run)
    for entry in entries:
        if budget is not None:
            budget.spend(run, entry.time, entry.text)
        if entry.time > run.world.now:
            run.session.advance(entry.time, going)
        if budget is not None:
            budget.spend(run, entry.time, entry.text)
        if settle and _leaves_world(run, entry.text):
            run.settle()
        outcome = None
        if entry.text.startswith(":"):
            _act(run, entry.text)
            by_lesson = entry.text.startswith(":run ")
        elif by_lesson:
            run.type_line(entry.text, wait=False)
        else:
            outcome = run.execute(entry.text, wait=entry is entries[-1] and budget is None)
            run.session.ended = False  # who left then has come back
    _wait(run, outcome, budget)
    if settle:
        run.settle()


def _wait(run: LessonRun, outcome: Outcome | None, budget: Budget | None) -> None:
    """Let time pass until what the last line started is over."""
    job = outcome.job if outcome is not None else None
    if budget is None or job is None:
        return

    def going() -> bool:
        return (not job.done or run.session.waiting) and budget.left(run)

    if going():
        run.session.advance(run.world.now + MAX_WAIT_S, going)
        budget.spend(run, run.world.now, run.entries[-1].text)


def _leaves_world(run: LessonRun, text: str) -> bool:
    """Whether a task may be unmeasurable after this: its page or its world is left."""
    word, _, rest = text.partition(" ")
    if word == ":run":
        name = rest.partition(" ")[0]
        return any(block.id == name and block.fresh for block in run.lesson.all(Run))
    return word in (":step", ":reset")


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
