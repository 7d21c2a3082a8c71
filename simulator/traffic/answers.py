"""What became of requests that nobody follows one by one: read from arrays, kept in a tally."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simulator.machine.cpu.outcome import Crop, Outcome
from simulator.machine.cpu.station import ROUNDING_S, Station
from simulator.traffic.endpoint import Book, Endpoint, Patience
from simulator.traffic.tally import Tally

Floats = npt.NDArray[np.float64]


class Answers:
    """The side of a service that is told of outcomes."""

    def __init__(self, now: float) -> None:
        self.tally = Tally(now)
        self._patience = Patience()
        self._tied: dict[Station, Endpoint] = {}
        """Endpoints, and former ones that may still finish requests."""
        self._book: Book | None = None
        """Answers of endpoints whose stations are quiet."""

    def settle(self, outcome: Outcome) -> None:
        """Read from the arrays what became of plain requests."""
        if outcome.any_refused:
            self.tally.add_failed("refused", outcome.refused)
        if outcome.few is not None and not self._patience.ever:
            endpoint = self._tied.get(outcome.station)
            if endpoint is None or endpoint.chance is None:
                self._settle_few(*outcome.few, outcome.station.away_s, endpoint)
                return
        ends, away = outcome.ends, outcome.station.away_s
        latencies = ends - outcome.arrivals + away
        endpoint = self._tied.get(outcome.station)
        failed = None
        if endpoint is not None and endpoint.chance is not None:
            failed = endpoint.failures(ends)
        if self._patience.ever:
            in_time = ends + away <= self._patience.deadlines(outcome.arrivals)
            self._count_timeouts(outcome, outcome.arrivals[~in_time])
            ends, latencies = ends[in_time], latencies[in_time]
            failed = failed if failed is None else failed[in_time]
        if failed is not None:
            self.tally.add_failed("error", np.sort(ends[failed]))
            ends, latencies = ends[~failed], latencies[~failed]
        self.tally.add_ok(ends + away, latencies)
        if endpoint is not None and len(ends):
            endpoint.answered += len(ends)
        if len(outcome.lost):
            waited = self._patience.deadlines(outcome.lost) > outcome.end
            self.tally.add_failed("reset", np.full(int(waited.sum()), outcome.end))

    def settle_many(self, crop: Crop) -> None:
        """The same for many endpoints at once."""
        book = self._book
        if book is None or book.changes != crop.changes:
            self._close_book()
            ours = [self._tied.get(s) if s.owner is self else None for s in crop.stations]
            book = self._book = Book(crop.changes, ours)
        if book.may_fail:
            for outcome in crop.outcomes():
                self.settle(outcome)
            return
        row, arrivals, ends = crop.row, crop.arrivals, crop.ends + book.away[crop.row]
        if self._patience.ever:
            in_time = ends <= self._patience.deadlines(arrivals)
            self._count_timeouts_of(crop, ~in_time)
            row, arrivals, ends = row[in_time], arrivals[in_time], ends[in_time]
        self.tally.add_ok(ends, ends - arrivals)
        book.add(row)

    def _close_book(self) -> None:
        """Who its endpoints are changes: tell each of its answers so far."""
        if self._book is not None:
            self._book.write_back()
            self._book = None

    def _settle_few(
        self, arrivals: list[float], ends: list[float], away_s: float, endpoint: Endpoint | None
    ) -> None:
        """A handful of requests that nobody lost patience with, and none of which may fail."""
        if not ends:
            return
        latencies = [end - at + away_s for at, end in zip(arrivals, ends, strict=True)]
        self.tally.add_few([end + away_s for end in ends] if away_s else ends, latencies)
        if endpoint is not None:
            endpoint.answered += len(ends)

    def _count_timeouts_of(self, crop: Crop, late: npt.NDArray[np.bool_]) -> None:
        """The same for many endpoints at once."""
        gave_up = self._patience.deadlines(crop.arrivals[late])
        known = gave_up[gave_up > crop.since[crop.row[late]]]
        waiting = self._patience.deadlines(crop.left_arrivals)
        fresh = (waiting <= crop.end) & (waiting > crop.since[crop.left_row])
        known = np.concatenate((known, waiting[fresh]))
        self.tally.add_failed("timeout", np.sort(known) - ROUNDING_S)

    def _count_timeouts(self, outcome: Outcome, late: Floats) -> None:
        """Clients whose patience ended in this slice, whether or not the server has."""
        late = self._patience.deadlines(late)
        asked = self._patience.could_end(outcome.start, outcome.end)
        waiting = self._patience.deadlines(outcome.pending(*asked))
        known = np.concatenate((late, waiting[waiting <= outcome.end]))
        self.tally.add_failed("timeout", np.sort(known[known > outcome.start]) - ROUNDING_S)
