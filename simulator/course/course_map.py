"""The course as a map: which lesson needs which, how far each has come, what comes next.

Data for the home screen and for ``drydock list lessons``; reading it loads no model.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from simulator.course.front import Front
from simulator.course.kept import LessonProgress, peek
from simulator.course.library import headers


@dataclass(frozen=True, slots=True)
class Stop:
    """One lesson on the map. ``state``: new, begun or done."""

    id: str
    title: str
    objective: str
    minutes: int
    needs: tuple[str, ...]
    missing: tuple[str, ...]
    """Of the needed lessons, those that are not done."""
    level: int
    """How many lessons must be done one after the other before it."""
    state: str = "new"
    page: int = 0
    """The page on which it was left; 0: it was not begun."""
    pages: int = 0
    pages_seen: int = 0
    score: float = 0.0
    """The best ever reached."""
    max_score: float = 0.0

    @property
    def open(self) -> bool:
        """Whether all that it builds on is done; it may be begun all the same."""
        return not self.missing

    @property
    def how_far(self) -> str:
        """In a few words."""
        points = f"{self.score:g} of {self.max_score:g} points"
        if self.state == "done":
            return f"done, {points}"
        if self.state == "begun":
            return f"page {self.page} of {self.pages}, {points}"
        return "" if self.open else f"after {', '.join(self.missing)}"


def course_map(folder: Path | None = None, paths: Iterable[Path] | None = None) -> list[Stop]:
    """All lessons (the shipped ones by default), those that are needed first.

    ``folder``: where progress is kept, by default the learner's own.
    """
    kept = peek(folder).lessons
    found = [one.front for one in headers(paths)]
    done = {name for name, one in kept.items() if one.complete}
    levels = _levels(found)
    return [_stop(front, kept.get(front.id), done, levels[front.id]) for front in found]


def next_stop(stops: Iterable[Stop]) -> Stop | None:
    """What to go on with: what was begun, else the first that is open; None when all is done."""
    left = [one for one in stops if one.state != "done"]
    begun = [one for one in left if one.state == "begun"]
    ready = [one for one in left if one.open]
    return next(iter([*begun, *ready, *left]), None)


def _stop(front: Front, kept: LessonProgress | None, done: set[str], level: int) -> Stop:
    state = "new" if kept is None else "done" if kept.complete else "begun"
    kept = kept or LessonProgress(step=0, steps=0)
    return Stop(
        front.id, front.title, front.objective,
        minutes=front.minutes.get("lab") or front.minutes.get("demo") or 0,
        needs=front.needs, missing=tuple(need for need in front.needs if need not in done),
        level=level, state=state, page=kept.step, pages=kept.steps, pages_seen=len(kept.pages),
        score=kept.best_score, max_score=kept.max_score,
    )  # fmt: skip


def _levels(found: Iterable[Front]) -> Mapping[str, int]:
    """Longest way from a lesson without needs; needs in a circle, or of elsewhere, count for 0."""
    levels: dict[str, int] = {}
    for front in found:  # in this order, what is needed has its level already
        levels[front.id] = max((levels[need] + 1 for need in front.needs if need in levels),
                               default=0)  # fmt: skip
    return levels


def map_lines(stops: list[Stop]) -> Iterator[str]:
    """The map as text: a mark, the name, minutes, the title, how far it has come."""
    width = max((len(one.id) for one in stops), default=0)
    for one in stops:
        mark = {"done": "[x]", "begun": "[~]"}.get(one.state, "[ ]" if one.open else " . ")
        told = f"  ({one.how_far})" if one.how_far else ""
        yield f"  {mark} {one.id:<{width}}  {one.minutes:>3} min  {one.title}{told}"
    done = sum(one.state == "done" for one in stops)
    yield ""
    following = next_stop(stops)
    go_on = f"; go on with: drydock play {following.id}" if following is not None else ""
    yield f"{done} of {len(stops)} done{go_on}"
