"""The jobs in a line upon whose end somebody must act, found once each.

An overloaded server has thousands of jobs in line, and few of them are somebody's: a probe's, a
program's. Whoever asks for these again and again must not walk along the whole line.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from itertools import islice, takewhile
from math import inf
from typing import Any, TypeAlias

InLine: TypeAlias = tuple[float, float, Any]
"""A job in line: its work, its arrival, and what it refers to, if anything."""


class Acting:
    """What is known of a line in order of arrival, which grows at its end and shrinks in front."""

    __slots__ = ("_known", "_until")

    def __init__(self) -> None:
        self._known: deque[InLine] = deque()
        """Those that are somebody's, in order."""
        self._until = -inf
        """Arrival of the last job that was looked at."""

    def forget(self) -> None:
        """The line was changed elsewhere than at its ends: look at all of it again."""
        self._known.clear()
        self._until = -inf

    def among(self, line: deque[InLine]) -> list[InLine]:
        """Those jobs of a line upon which somebody must act."""
        if not line or line[-1][1] < self._until:
            self.forget()
        if not line:
            return []
        self._look(line)
        return [job for job in self._known if job[2] is not None and job[2].acts]

    def _look(self, line: deque[InLine]) -> None:
        """Drop those that have left in front, and note the new ones at the end."""
        known, first, last = self._known, line[0][1], line[-1][1]
        while known and known[0][1] < first:
            known.popleft()
        # Of those that came at one instant some may be known, and some of them have left.
        ties = {job[2] for job in takewhile(lambda one: one[1] <= first, line)}
        while known and known[0][1] == first and known[0][2] not in ties:
            known.popleft()
        seen = {job[2] for job in known if job[1] >= self._until}
        for job in islice(line, bisect_left(line, self._until, key=_arrival), None):
            if job[2] is not None and job[2] not in seen:
                known.append(job)
        self._until = last


def _arrival(job: InLine) -> float:
    return float(job[1])
