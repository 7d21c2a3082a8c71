"""The subcommands of ``drydock`` for a course: exercise, grade, progress, demo."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from simulator.errors import harmless

_FILE = click.Path(path_type=Path)


@click.command(help="Play a lesson for marks, in a world of your own; write what is handed in.")
@click.argument("lesson")
@click.option("--student", required=True, metavar="ID", help="Your id or e-mail at the course.")
@click.option("--out", required=True, type=_FILE, help="The file to hand in.")
@click.option("--salt", default="", help="The word that your course gave out, if it did.")
@click.option("--plain", is_flag=True, help="As plain text on standard input and output.")
@click.option("--again", is_flag=True, help="Begin anew; without it you go on where you left.")
def exercise(lesson: str, student: str, out: Path, salt: str, plain: bool, again: bool) -> int:
    """Play an exercise."""
    from simulator.cli.exercise import exercise as play_exercise

    return play_exercise(lesson, student, out, salt, plain, again)


@click.command(
    short_help="Grade a folder of transcripts by replaying them.",
    help="Replay all transcripts in FOLDER (Moodle's and Canvas' downloads too) against the "
    "pristine lessons, on all cores, and print a table of marks.",
)
@click.argument("folder", type=_FILE)
@click.option("--roster", type=_FILE, help="CSV of the course: Moodle's, Canvas' or your own.")
@click.option("--lesson", "lessons", multiple=True, help="Lessons that count: ids or files.")
@click.option(
    "--attempt", type=click.Choice(["best", "last"]), default="best", show_default=True,
    help="Which of several attempts counts.",
)  # fmt: skip
@click.option("--salt", default="", help="The word that 'drydock exercise --salt' was given.")
@click.option("--any-seed", is_flag=True, help="Grade who played another's world, and say so.")
@click.option("--accept-hash", "accept", multiple=True, metavar="HASH",
              help="Take transcripts of this other edition of a lesson.")  # fmt: skip
@click.option("--patience", "patience_s", default=60.0, show_default=True,
              type=click.FloatRange(0.1, 3600), help="Seconds for one transcript.")  # fmt: skip
@click.option("--jobs", default=0, type=click.IntRange(0, 256),
              help="Processes; all cores by default.")  # fmt: skip
@click.option("--column", help="Column of the gradebook that --canvas fills.")
@click.option("--canvas", type=_FILE, help="Write the roster, Canvas' gradebook, filled.")
@click.option("--moodle", type=_FILE, help="Write a table that Moodle imports.")
@click.option("--moodle-feedback", type=_FILE, help="Folder for Moodle's feedback files.")
@click.option("--gradescope", type=_FILE, help="results.json of one student; a folder of all.")
@click.option("--junit", type=_FILE, help="Write JUnit XML here.")
@click.option("--csv", type=_FILE, help="A row a student.")
@click.option("--checks", type=_FILE, help="A row a student and check, as CSV.")
@click.option("--html", type=_FILE, help="One page with everything.")
@click.option("--json", type=_FILE, help="All results, as JSON.")
def grade(**options: Any) -> int:
    """Grade a folder."""
    from simulator.cli.grade import Wanted
    from simulator.cli.grade import grade as grade_all

    return grade_all(Wanted(**options))


@click.group(
    invoke_without_command=True,
    short_help="What is kept of the lessons; export, import.",
    help="Show what is kept of the lessons. 'export FILE' and 'import FILE' carry it elsewhere.",
)
@click.pass_context
def progress(context: click.Context) -> int:
    """Show it, where no more is asked."""
    if context.invoked_subcommand is None:
        from simulator.cli.keeping import shown

        _print(shown())
    return 0


@progress.command("export", help="Write everything kept, transcripts included, into FILE.")
@click.argument("file", type=_FILE)
def export(file: Path) -> int:
    """Write it."""
    from simulator.cli.keeping import export as write

    _print(write(file))
    return 0


@progress.command("import", help="Take over an exported FILE: better scores and work are kept.")
@click.argument("file", type=_FILE)
def import_(file: Path) -> int:
    """Take it over."""
    from simulator.cli.keeping import take_over

    _print(take_over(file))
    return 0


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(harmless(line))


@click.command(help="Show a scripted scene to a class: votes, rewinding, a branch.")
@click.argument("name")
@click.option("--auto", is_flag=True, help="Unattended, to the end; claims are checked.")
@click.option("--plain", is_flag=True, help="As plain text on standard input and output.")
@click.option("--seed", type=click.IntRange(0), help="Another world than the demonstration's own.")
def demo(name: str, auto: bool, plain: bool, seed: int | None) -> int:
    """Show a demonstration."""
    from simulator.cli.demo import demo as show

    return show(name, seed, auto, plain)


COMMANDS = (exercise, grade, progress, demo)
