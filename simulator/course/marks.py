"""From graded files to marks: whose each is, which attempt counts, who handed in nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from simulator.course.copies import Likeness, likenesses
from simulator.course.grading import Graded
from simulator.course.model import Lesson
from simulator.course.roster import Person, Roster, key_of
from simulator.course.submissions import SUFFIXES
from simulator.errors import InputError, Place

ATTEMPTS = ("best", "last")


@dataclass(frozen=True, slots=True)
class Mark:
    """One student in one lesson."""

    person: Person
    lesson: str
    counts: Graded | None = None
    """The attempt that counts."""
    attempts: tuple[Graded, ...] = ()
    notes: tuple[str, ...] = ()
    known: bool = True
    """Whether the student is on the roster, where there is one."""

    @property
    def problem(self) -> str:
        """Why there are no points, empty where there are some to speak of."""
        if self.counts is not None:
            return ""
        refused = [
            one.problem if one.problem.startswith(one.path.name) else
            f"{one.path.name}: {one.problem}" for one in self.attempts
        ]  # fmt: skip
        return "; ".join(dict.fromkeys(refused)) or "nothing was handed in"

    @property
    def score(self) -> float | None:
        """Points; None where nothing could be graded."""
        result = self.counts.result if self.counts is not None else None
        return None if result is None else result.score

    @property
    def max_score(self) -> float | None:
        """Points that could be reached."""
        result = self.counts.result if self.counts is not None else None
        return None if result is None else result.max_score


@dataclass(frozen=True, slots=True)
class Marks:
    """All of a course: a row for each student and lesson, and what resembles what."""

    rows: tuple[Mark, ...]
    like: tuple[Likeness, ...]
    titles: Mapping[str, str]
    """Id of each lesson -> its title."""

    def of(self, lesson: str) -> list[Mark]:
        """The rows of one lesson."""
        return [row for row in self.rows if row.lesson == lesson]

    def only(self) -> str:
        """The lesson, where there is one only; InputError where a platform could not tell."""
        if len(self.titles) != 1:
            raise InputError(
                "this format takes the marks of one lesson", found=", ".join(self.titles) or "none",
                expected="--lesson NAME",
            )  # fmt: skip
        return next(iter(self.titles))


def marks_of(
    graded: Sequence[Graded],
    lessons: Mapping[str, Lesson],
    roster: Roster | None = None,
    *,
    attempt: str = "best",
) -> Marks:
    """Put what was graded under names; ``attempt``: best or last."""
    if not graded and roster is None:
        raise InputError(
            "no transcript is in this folder", expected=f"files named {', '.join(SUFFIXES)}"
        )
    owned = [_owned(one, roster) for one in graded]
    if roster is not None and owned and not any(known for _, _, known in owned):
        raise InputError(
            "this roster names nobody who handed in something", place=Place(roster.name),
            found=roster.people[0].shown, expected=f"somebody like {graded[0].student}",
        )  # fmt: skip
    titles = {one.lesson: one.result.lesson.title for one in graded if one.result is not None}
    titles |= {name: lesson.title for name, lesson in lessons.items() if name in titles or roster}
    rows = _rows(owned, roster, sorted(titles), attempt)
    return Marks(tuple(rows), tuple(likenesses([one for one, _, _ in owned], lessons)), titles)


Owned = tuple[Graded, Person, bool]


def _owned(one: Graded, roster: Roster | None) -> Owned:
    """A file, whose it is, and whether the roster knows them."""
    if roster is None:
        return one, Person(one.student, keys=frozenset((key_of(one.student),))), True
    named, holder = roster.find([one.student]), roster.find(one.hints)
    if named is not None and holder is not None and named is not holder:
        told = f"handed in by {holder.shown}, but this transcript is {named.shown}'s"
        return replace(one, result=None, problem=told), holder, True
    person = named or holder
    if person is None:
        return one, Person(one.student, keys=frozenset((key_of(one.student),))), False
    if named is None and one.result is not None:
        told = f"the transcript names {one.student}, whom the roster does not know"
        return replace(one, notes=(*one.notes, told)), person, True
    return one, person, True


def _rows(
    owned: Sequence[Owned], roster: Roster | None, lessons: Sequence[str], attempt: str
) -> list[Mark]:
    """A row for each student and lesson; who is not on the roster comes last."""
    people: dict[str, tuple[Person, bool]] = {}
    for person in roster.people if roster is not None else ():
        people.setdefault(key_of(person.id), (person, True))
    strangers = [(p, known) for _, p, known in owned if key_of(p.id) not in people]
    for person, known in sorted(strangers, key=lambda one: one[0].id):
        people.setdefault(key_of(person.id), (person, known))
    by_person: dict[str, list[Graded]] = {}
    for one, person, _ in owned:
        by_person.setdefault(key_of(person.id), []).append(one)
    rows = []
    for key, (person, known) in people.items():
        mine = by_person.get(key, [])
        for lesson in lessons or [""]:
            # A file too broken to say of which lesson it is belongs to each of them.
            tries = [one for one in mine if one.lesson == lesson or one.lesson not in lessons]
            rows.append(_mark(person, lesson, tries, known, attempt))
    return rows


def _mark(person: Person, lesson: str, tries: list[Graded], known: bool, attempt: str) -> Mark:
    good = [one for one in tries if one.result is not None]
    if attempt == "last":
        good.sort(key=lambda one: one.finished)  # stable: without times, in order of names
        counts = good[-1] if good else None
    else:
        counts = max(good, key=lambda one: one.result.score if one.result else 0.0, default=None)
    notes = list(counts.notes) if counts is not None else []
    if not known:
        notes.append("not on the roster")
    if counts is not None and len(tries) > 1:
        notes.append(f"the {attempt} of {len(tries)} attempts")
        notes += [f"{one.path.name} was refused: {one.problem}" for one in tries if one.problem]
    return Mark(person, lesson, counts, tuple(tries), tuple(notes), known)
