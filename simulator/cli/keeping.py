"""``drydock progress``: what is kept of the lessons, and how it is carried to another machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from simulator.course.course_map import course_map
from simulator.course.progress import Keeper
from simulator.errors import InputError, Place, Refused
from simulator.files import kind_of


def shown() -> Iterator[str]:
    """One line a lesson that was begun."""
    keeper = Keeper()
    kept = keeper.load()
    yield f"kept in {keeper.folder}"
    titles = {one.id: one for one in course_map(keeper.folder)}
    for name, one in sorted(kept.lessons.items()):
        seen = f", {len(one.pages)} seen" if one.pages else ""
        where = "done" if one.complete else f"page {one.step} of {one.steps}{seen}"
        title = f"  {titles[name].title}" if name in titles else ""
        yield f"  {name}: {one.best_score:g} of {one.max_score:g} points, {where}{title}"
    if not kept.lessons:
        yield "  nothing yet"
    if keeper.warning:
        yield f"note: {keeper.warning}"


def export(path: Path) -> Iterator[str]:
    """Write everything kept into one file, transcripts included."""
    if kind_of(path) == "folder":
        raise InputError("this is a folder", place=Place(str(path)), expected="a file to write")
    keeper = Keeper()
    try:
        keeper.export(path)
    except OSError as error:
        raise Refused(f"{path}: cannot be written: {error.strerror}") from None
    yield f"{path} is written"
    if keeper.warning:
        yield f"note: {keeper.warning}"


def take_over(path: Path) -> Iterator[str]:
    """Take over an exported file; better scores are kept, nothing that is here is lost."""
    keeper = Keeper()
    count = keeper.import_(path)
    yield f"{count or 'no'} lesson{'' if count == 1 else 's'} taken over"
    if keeper.warning:
        yield f"note: {keeper.warning}"
