"""Work that resembles other work: evidence, and no verdict.

What two students share says something only as far as others do not share it, and as far as it had
to be thought of at all. So each thing that was typed weighs what it would cost to come upon it
independently, in bits: nothing where the lesson itself gives the line, little where it is short,
little where many typed it; much where it stands at the very same instant of two different worlds.
What both have in the same order is summed up. A pair is told of when the sum is more than chance
would bring among all pairs of the class, and is most of what the smaller of the two did by
themselves. Something typed in between hides nothing; two short solutions that are alike because
there is one good way share too little to be told of.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from simulator.course.grading import Graded
from simulator.course.model import Lesson, Run, Solution, Wrong

LEAST_BITS = 12.0
"""So much above what chance brings must be shared."""
LEAST_SHARE = 0.6
"""... and such a part of what the one with less did by themselves."""
BITS_AN_INSTANT = 10.0
LETTERS_A_BIT = 6
CLASS = 8
"""Students who are imagined beside those that there are: two of two say less than two of 200."""
MOST_ITEMS = 400

Item = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Likeness:
    """Two submissions, and what they share."""

    one: Graded
    other: Graded
    bits: float
    own: int
    """What the one with less did that the lesson does not give."""
    shared: int
    alone: int
    """Of the shared, how many nobody else did."""
    instants: int
    """At how many equal instants of different worlds something was done."""

    @property
    def evidence(self) -> str:
        """In one sentence."""
        seeds = {self.one.result and self.one.result.seed, self.other.result
                 and self.other.result.seed}  # fmt: skip
        words = []
        if self.own:
            words.append(f"{self.shared} of {self.own} own lines are the same, in the same order")
        if self.alone:
            words.append(f"{self.alone} of them nobody else typed")
        if self.instants:
            words.append(f"{self.instants} instants are the same in two different worlds")
        elif len(seeds) == 1:
            words.append("both played the same world")
        return ", ".join(words)


def likenesses(graded: Sequence[Graded], lessons: Mapping[str, Lesson]) -> list[Likeness]:
    """Pairs of different students' work that share more than chance brings, the most first."""
    found: list[Likeness] = []
    by_lesson: dict[str, list[Graded]] = {}
    for one in graded:
        if one.result is not None and one.trace:
            by_lesson.setdefault(one.lesson, []).append(one)
    for name, group in sorted(by_lesson.items()):
        given = _given(lessons[name]) if name in lessons else frozenset()
        found += _of_lesson(group, given)
    return sorted(found, key=lambda one: (-one.bits, str(one.one.path), str(one.other.path)))


def _of_lesson(group: Sequence[Graded], given: frozenset[str]) -> list[Likeness]:
    items = [_items(one, given) for one in group]
    students: dict[Item, set[str]] = {}
    for one, mine in zip(group, items, strict=True):
        for item in mine:
            students.setdefault(item, set()).add(one.student)
    count = len({one.student for one in group})
    weights = {item: _weight(item, len(who), count) for item, who in students.items()}
    least = LEAST_BITS + math.log2(max(1, count * (count - 1) / 2))
    found = []
    for a, b in _candidates(group, items, weights, least):
        order = _common(list(items[a]), list(items[b]), weights)
        like = _likeness(group[a], group[b], items[a], items[b], order, weights, students)
        if like.bits >= least and like.shared >= LEAST_SHARE * like.own:
            found.append(like)
    return found


def _items(one: Graded, given: frozenset[str]) -> dict[Item, None]:
    """What was done beyond the lesson's own lines: each thing once, in order of the first time."""
    found: dict[Item, None] = {}
    by_lesson = False
    for entry in one.trace:
        text = " ".join(entry.text.split())
        if text.startswith(":"):
            by_lesson = text.startswith(":run ")
        elif not by_lesson and text not in given:
            found.setdefault(("line", text))
        if not by_lesson and _odd(entry.time):
            found.setdefault(("at", f"{entry.time:.9g}"))
        if len(found) >= MOST_ITEMS:
            break
    return found


def _odd(time: float) -> bool:
    """Whether an instant is one that nobody names: it comes of chance, or of when a key was hit."""
    return abs(time * 10 - round(time * 10)) > 1e-6


def _weight(item: Item, who: int, count: int) -> float:
    kind, text = item
    rare = math.log2((count + CLASS) / who)
    if kind == "at":  # what takes equally long in all worlds puts honest lines at equal instants
        return max(0.0, min(rare - math.log2(1 + CLASS / 2), BITS_AN_INSTANT))
    return min(rare, len(text) / LETTERS_A_BIT)


def _candidates(
    group: Sequence[Graded],
    items: Sequence[Mapping[Item, None]],
    weights: Mapping[Item, float],
    least: float,
) -> Iterator[tuple[int, int]]:
    """Pairs that share enough, whatever the order: found by what few have done."""
    sums: Counter[tuple[int, int]] = Counter()
    holders: dict[Item, list[int]] = {}
    for index, mine in enumerate(items):
        for item in mine:
            holders.setdefault(item, []).append(index)
    for item, who in holders.items():
        if weights[item] >= 0.5 and len(who) > 1:
            for pair in combinations(who, 2):
                sums[pair] += weights[item]  # type: ignore[assignment]
    for (a, b), bits in sums.items():
        if bits >= least and group[a].student != group[b].student:
            yield a, b


def _common(left: list[Item], right: list[Item], weights: Mapping[Item, float]) -> list[Item]:
    """The heaviest sequence that both have in this order."""
    kept = set(left) & set(right)
    left, right = [x for x in left if x in kept], [x for x in right if x in kept]
    place = {item: i for i, item in enumerate(right)}  # each item is in each list once
    best: list[tuple[float, int]] = []
    for i, item in enumerate(left):
        before = max(
            ((best[j][0], j) for j in range(i) if place[left[j]] < place[item]), default=(0.0, -1)
        )
        best.append((before[0] + weights[item], before[1]))
    at = max(range(len(best)), key=lambda i: best[i][0], default=-1)
    order = []
    while at >= 0:
        order.append(left[at])
        at = best[at][1]
    return order[::-1]


def _likeness(
    one: Graded, other: Graded, mine: Mapping[Item, None], theirs: Mapping[Item, None],
    order: Sequence[Item], weights: Mapping[Item, float], students: Mapping[Item, set[str]],
) -> Likeness:  # fmt: skip
    same = one.result is not None and other.result is not None and (
        one.result.seed == other.result.seed
    )  # fmt: skip
    told = [item for item in order if item[0] == "line" or not same]
    lines = [item for item in told if item[0] == "line"]
    return Likeness(
        one, other,
        bits=sum(weights[item] for item in told),
        own=min(_lines(mine), _lines(theirs)),
        shared=len(lines),
        alone=sum(len(students[item]) == 2 for item in lines),
        instants=sum(item[0] == "at" for item in told),
    )  # fmt: skip


def _lines(items: Mapping[Item, None]) -> int:
    return sum(item[0] == "line" for item in items)


def _given(lesson: Lesson) -> frozenset[str]:
    """The lines that stand in the lesson itself."""
    scripts = [
        block.lines for block in lesson.blocks() if isinstance(block, Run | Solution | Wrong)
    ]
    lines = [line.text for script in scripts for line in script]
    parts = [part for line in lines for part in (line, *line.replace("&&", ";").split(";"))]
    return frozenset(" ".join(part.split()) for part in parts)
