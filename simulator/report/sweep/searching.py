"""Carrying a search out, once for each combination of all that is varied beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from simulator.report.sweep import seeds as more_seeds
from simulator.report.sweep.finding import Found, Verdict, Wish, search
from simulator.report.sweep.result import Sweep
from simulator.report.sweep.sweeping import Design, Sweeping
from simulator.trials.source import Source


class Searching:
    """A wish, the values among which it is to be found, and what is varied beside."""

    def __init__(
        self,
        wish: Wish,
        source: Source,
        values: Sequence[str],
        others: Sequence[Mapping[str, str]],
        sweeping: Sweeping,
    ) -> None:
        self._wish = wish
        self._source = source
        self._values = list(values)
        self._others = others
        self._sweeping = sweeping
        self._designs: list[Design] = []
        sweeping.plan.designs = self._designs

    def run(self) -> Sweep:
        """The points that were tried, and the answer in words."""
        self._sweeping.start()
        answers = []
        for other in self._others:
            found = search(len(self._values), self._wish.least, partial(self._try, other))
            answers.append(self._words(found, other))
            if not found.whole:
                break
        return self._sweeping.result("\n".join(answers))

    def _try(self, other: Mapping[str, str], at: int) -> Verdict | None:
        """Try one value, with more seeds as long as nothing is sure."""
        sweeping, plan = self._sweeping, self._sweeping.plan
        settings = {**other, self._wish.key: self._values[at]}
        changes = tuple(f"{self._source.key(key)}={value}" for key, value in settings.items())
        self._designs.append(Design(self._source, settings, changes))
        cell = sweeping.cell(self._designs[-1])
        sweeping.cells.append(cell)
        number, new = len(self._designs) - 1, list(plan.seeds)
        while True:
            if not sweeping.batch([(number, new)]):
                return None
            found = [(one, cell.estimate(one.measure)) for one in self._wish.conditions]
            verdicts = [one.holds(value) for one, value in found]
            if False in verdicts or None not in verdicts:
                return Verdict(False not in verdicts, True)
            room = plan.most_seeds - len(cell.seeds)
            if room <= 0 or len(cell.seeds) == 1:
                cell.notes.append(f"not sure with {len(cell.seeds)} seeds: the mean decides")
                return Verdict(all(one.likely(value) for one, value in found), False)
            new = more_seeds.more(cell.seeds, min(room, max(2, len(cell.seeds))))

    def _words(self, found: Found, other: Mapping[str, str]) -> str:
        """The answer as a sentence."""
        wish = self._wish
        where = ", ".join(f"{key}={value}" for key, value in other.items())
        start = f"{where}: " if where else ""
        wanted = " and ".join(one.text for one in wish.conditions)
        if not found.whole:
            return f"{start}interrupted before it was found"
        if found.at is None:
            span = f"{self._values[0]} to {self._values[-1]}"
            return f"{start}no {wish.key} of {span} holds {wanted}"
        value = self._values[found.at]
        text = f"{start}{wish.key}={value} is the {_WORD[wish.least]} with {wanted}"
        if not found.sure:
            text += "; not sure: an interval has the limit in it, --most-seeds allows more"
        if not found.steady:
            text += "; a value beside it disagrees: nothing grows or falls steadily here, sweep it"
        return text


_WORD = {True: "least", False: "greatest"}
