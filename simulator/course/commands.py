"""``drydock lesson …``: list, show, play, and the tools of an author: new, check, test."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simulator.course.library import find, lessons_in, load, read_headers, shipped
from simulator.course.lint import Problem, lint
from simulator.errors import DrydockError, InputError, Place, unknown

if TYPE_CHECKING:
    from simulator.course.lesson_run import LessonRun
    from simulator.course.progress import Keeper


@click.group(
    help="Play, write and prove lessons.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
def lesson() -> None:
    """The group of all lesson commands."""


@lesson.command(name="list", help="List the lessons that are shipped, or those in a folder.")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
def list_(folder: Path | None) -> int:
    """One line a lesson: id, minutes, title. Exit code 2 when some cannot be read."""
    if folder is not None and not folder.is_dir():
        raise InputError("no such folder", place=Place(str(folder)))
    found, problems = read_headers(shipped() if folder is None else lessons_in(folder))
    width = max((len(one.front.id) for one in found), default=0)
    for one in found:
        minutes = one.front.minutes.get("lab") or one.front.minutes.get("demo") or 0
        click.echo(f"{one.front.id:<{width}}  {minutes:>3} min  {one.front.title}")
    for problem in problems:
        click.echo(f"error: {problem}", err=True)
    return 2 if problems else 0


@lesson.command(help="Print a lesson: its pages, and with --teacher the notes.")
@click.argument("name")
@click.option("--teacher", is_flag=True, help="With the teacher's notes.")
def show(name: str, teacher: bool) -> int:
    """All pages of a lesson as plain text; nothing is run, so nothing is measured."""
    from simulator.course.reading import reading_lines

    for line in reading_lines(load(name), teacher=teacher):
        click.echo(line)
    return 0


@lesson.command(help="Find what is wrong with lesson files, without running them.")
@click.argument("names", nargs=-1, required=True)
def check(names: tuple[str, ...]) -> int:
    """Exit code 2 when there is an error; advice alone is no error."""
    errors = 0
    for name in names:
        problems = lint(find(name))
        _report(problems)
        count = len([problem for problem in problems if not problem.advice])
        errors += count
        click.echo(f"{name}: {_counted(count, 'error')}, {len(problems) - count} advice")
    return 2 if errors else 0


@lesson.command(help="Prove a lesson: solutions pass, wrong answers fail, on several seeds.")
@click.argument("names", nargs=-1, required=True)
@click.option("--seeds", default=5, show_default=True, type=click.IntRange(1, 100))
@click.option("--seed", type=click.IntRange(0), help="This seed only.")
@click.option("--task", help="This task only.")
@click.option("--jobs", type=click.IntRange(1, 256), help="Processes; by default one a core.")
@click.option("--quiet", is_flag=True, help="Only the verdict.")
@click.option("--acknowledge", is_flag=True, help="Keep what is measured now as what is expected.")
def test(
    names: tuple[str, ...], seeds: int, seed: int | None, task: str | None, jobs: int | None,
    quiet: bool, acknowledge: bool,
) -> int:  # fmt: skip
    """Exit code 1 when something does not hold, 2 when a lesson cannot be read."""
    from simulator.course.proving import prove_named

    chosen = range(1, seeds + 1) if seed is None else [seed]
    failed, unread = 0, 0
    for name in names:
        try:
            failed += prove_named(name, chosen, task, jobs, quiet=quiet, acknowledge=acknowledge)
        except InputError as error:  # the others go on
            click.echo(f"error: {error}", err=True)
            unread += 1
    return 2 if unread else 1 if failed else 0


@lesson.command(help="Play a lesson on standard input and output, without the full screen.")
@click.argument("name")
@click.option("--seed", type=click.IntRange(0), help="Another world than the lesson's own.")
@click.option("--student", default="", help="Name to write into the transcript.")
@click.option("--again", is_flag=True, help="Begin anew; without it you go on where you left.")
@click.option("--forget", is_flag=True, help="Keep nothing of what is done.")
@click.option("--teacher", is_flag=True, help="With the teacher's notes.")
@click.option("--transcript", type=click.Path(path_type=Path), help="Write a transcript here.")
@click.option("--result", type=click.Path(path_type=Path), help="Write result.json here.")
def play(
    name: str,
    seed: int | None,
    student: str,
    again: bool,
    forget: bool,
    teacher: bool,
    transcript: Path | None,
    result: Path | None,
) -> int:
    """Exit code 0 when every task is solved, else 1."""
    from simulator.course.lesson_run import LessonRun
    from simulator.course.plain import play_run
    from simulator.course.progress import Keeper

    one, keeper = load(name), None if forget else Keeper()
    if keeper is None:
        run = LessonRun(one, seed, student=student)
    else:
        run = keeper.open(one, seed, student=student, again=again)
    if keeper is not None and keeper.warning:
        click.echo(f"note: {keeper.warning}", err=True)
    try:
        return play_run(run, sys.stdin, sys.stdout, teacher=teacher)
    finally:
        _write(run, keeper, transcript, result)


def _write(
    run: LessonRun, keeper: Keeper | None, transcript: Path | None, result: Path | None
) -> None:
    """Keep what was done: progress, and the files that were asked for."""
    from simulator.course.results import encode, result_of

    try:
        if keeper is not None:
            keeper.save(run)
            keeper.close()
    except OSError as error:
        click.echo(f"note: progress was not kept ({error.strerror})", err=True)
    if transcript is not None:
        transcript.write_text(run.transcript().sealed(), encoding="utf-8")
    if result is not None:
        result.write_text(encode(result_of(run)), encoding="utf-8")


@lesson.command(help="Run an experiment of a lesson over many values and print its table.")
@click.argument("name")
@click.argument("sweep_id", required=False)
@click.option("--seed", type=click.IntRange(0), help="Another world than the lesson's own.")
def sweep(name: str, sweep_id: str | None, seed: int | None) -> int:
    """The lesson's only experiment by default."""
    from simulator.course.lesson_run import LessonRun
    from simulator.course.model import Sweep
    from simulator.course.sweeps import run_sweep, sweep_lines

    one = load(name)
    found = {block.id: block for block in one.all(Sweep)}
    chosen = sweep_id or next(iter(found), "")
    if chosen not in found:
        raise unknown("experiment", chosen, found)
    click.echo(found[chosen].title)
    for line in sweep_lines(run_sweep(LessonRun(one, seed), found[chosen])):
        click.echo(line)
    return 0


@lesson.command(help="Replay a transcript and print its result.json.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--lesson", "name", help="The lesson's file, when it is not a shipped one.")
def replay(file: Path, name: str | None) -> int:
    """Exit code 0 when every point was reached, else 1."""
    from simulator.course.results import encode, regrade
    from simulator.course.transcript import read_transcript

    kept = read_transcript(file)
    result = regrade(kept, load(name or kept.lesson))
    click.echo(encode(result), nl=False)
    return 0 if result.score == result.max_score else 1


@lesson.command(help="Replay all transcripts in a folder: a table of marks (CSV).")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--lesson", "name", help="The lesson's file, when it is not a shipped one.")
@click.option("--patience", default=60.0, show_default=True, help="Seconds for one transcript.")
def grade(folder: Path, name: str | None, patience: float) -> int:
    """Without a roster, any seed; 'drydock grade' does more. Exit code 1 when one was refused."""
    from simulator.course import exports
    from simulator.course.grading import Rules, grade_folder
    from simulator.course.marks import marks_of

    given = load(name) if name else None
    lessons = {given.id: given} if given else {}
    graded = grade_folder(folder, Rules(lessons, patience_s=patience), processes=0)
    known = lessons or {one.lesson: load(one.lesson) for one in graded if one.result}
    click.echo(exports.csv_table(marks_of(graded, known)), nl=False)
    return 1 if any(one.problem for one in graded) else 0


@lesson.command(help="Show what has been kept of the lessons; carry it to another machine.")
@click.option("--export", type=click.Path(path_type=Path), help="Write everything to a file.")
@click.option("--import", "from_file", type=click.Path(path_type=Path), help="Take a file over.")
def progress(export: Path | None, from_file: Path | None) -> int:
    """One line a lesson that was begun; better scores are kept when importing."""
    from simulator.course.progress import Keeper

    keeper = Keeper()
    if from_file is not None:
        click.echo(f"{_counted(keeper.import_(from_file), 'lesson')} taken over")
    if export is not None:
        keeper.export(export)
        click.echo(f"{export} is written")
    for name, kept in sorted(keeper.load().lessons.items()):
        done = "done" if kept.complete else f"page {kept.step} of {kept.steps}"
        click.echo(f"{name}: {kept.best_score:g} of {kept.max_score:g} points, {done}")
    if keeper.warning:
        click.echo(f"note: {keeper.warning}", err=True)
    return 0


@lesson.command(help="Begin a new lesson from a small one that works.")
@click.argument("name")
@click.option("--folder", default=".", type=click.Path(path_type=Path, file_okay=False))
def new(name: str, folder: Path) -> int:
    """Write NAME.md; an existing file is not touched."""
    from simulator.course.skeleton import skeleton

    path = folder / f"{name}.md"
    text = skeleton(name)
    if path.exists():
        raise InputError("this file exists already", place=Place(str(path)))
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    click.echo(f"{path} is written: edit it, then 'drydock lesson test {path}'")
    return 0


@lesson.command(help="List measures, curves, events, units and all other words for authors.")
@click.argument("section", required=False)
def words(section: str | None) -> int:
    """One section (measures, windows, curves, events, units, formats, locks), or all."""
    from simulator.course.author_commands import words_lines

    for line in words_lines(section):
        click.echo(line)
    return 0


@lesson.command(help="Write the edition for students: no solutions, wrong answers, notes.")
@click.argument("name")
@click.option("--out", type=click.Path(path_type=Path), help="The file; student/NAME.md without.")
def student(name: str, out: Path | None) -> int:
    """An existing file is not touched; files beside the lesson are copied along."""
    from simulator.course.author_commands import write_student

    path = write_student(find(name), out)
    click.echo(f"{path} is written: hand it out with the files beside it")
    return 0


def _report(problems: list[Problem]) -> None:
    for problem in problems:
        click.echo(str(problem))


def _counted(count: int, noun: str) -> str:
    return f"{count or 'no'} {noun}{'' if count == 1 else 's'}"


def _one_line(error: click.ClickException, args: list[str]) -> str:
    if args and not args[0].startswith("-") and args[0] not in lesson.commands:
        return str(unknown("lesson command", args[0], lesson.commands))
    context = getattr(error, "ctx", None)
    where = f" ('{context.command_path} --help' explains)" if context is not None else ""
    return " ".join(error.format_message().split()).rstrip(".") + where


def main(args: list[str]) -> int:
    """Carry out ``drydock lesson ARGS``; the exit code (2: bad input, told on standard error)."""
    try:
        code = lesson.main(args, prog_name="drydock lesson", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return 2
    except click.ClickException as error:
        click.echo(f"error: {_one_line(error, args)}", err=True)
        return 2
    except click.Abort:
        return 130
    except DrydockError as error:
        click.echo(f"error: {error}", err=True)
        return error.exit_code
    except OSError as error:
        click.echo(f"error: {error.filename or 'file'}: {error.strerror}", err=True)
        return 2
    return int(code or 0)
