"""One kernel with more runnable threads than cores: an exact loop that re-divides almost nothing.

The same model as ``coupled.py`` for the commonest shape, groups one level below one kernel, about
fifteen times faster. Weighted max-min sharing has one number, the *level*: cores for each unit of
weight of those who want more than their share. Whoever wants no more than ``weight * level`` is
*satisfied*: it gets what it asks for, and its next end is an instant that nobody's arrival moves.
The others are *squeezed*: they run at ``weight * level``, so their ends are kept in the virtual
time of the level (dV = level dt), in which no change of the level moves them either (Parekh &
Gallager 1993). An event costs its own station, and whoever changes from one side to the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush, heapreplace
from math import inf

from simulator.machine.cpu.loop import Feed, Loop, Planned
from simulator.machine.cpu.quota import Quota
from simulator.machine.cpu.station import ROUNDING_S, WITHDRAW, Job, Station

_ENDLESS_S = 1e15
"""Work beyond this never ends in any run."""
_SAME = 1.0 + 1e-12
"""A demand within rounding of its share is satisfied."""
_TIE_S = 1e-12
_FREE = 1e300
"""The level where nobody is squeezed."""
_NOBODY = -1
_END, _DRY, _PERIOD, _ARRIVAL = range(4)


def is_flat(stations: Sequence[Station]) -> bool:
    """Whether all stations are on one kernel, each in a group directly below it."""
    root = stations[0].group.parent
    return (
        root is not None
        and root.parent is None
        and root.limit < inf
        and all(station.group.parent is root and station.steady for station in stations)
    )


class Contended(Loop):
    """One run of the loop."""

    def __init__(
        self,
        stations: Sequence[Station],
        feeds: Sequence[Feed],
        planned: list[Planned],
        now: float,
    ) -> None:
        super().__init__(stations, feeds, planned, now)
        root = stations[0].group.root
        if root.squeezed:
            root.relax(now)
        self._index = {station: i for i, station in enumerate(stations)}
        self._cores = root.limit
        self._quotas: list[Quota | None] = []
        self._weights: list[float] = []
        self._limits: list[float] = []
        self._threads: list[int] = []
        self._wants: list[float] = []
        """Cores that each could use now."""
        self._attained = [station.attained for station in stations]
        self._used = [station.used for station in stations]
        self._inside = [station.in_system for station in stations]
        self._began = now
        self._inside_s = [0.0] * len(stations)
        """Of whoever left the time since the loop began, less the same of whoever came."""
        self._line_s = [0.0] * len(stations)
        """The same of the line."""
        self._told = [0] * len(stations)
        """Jobs that ended and had somebody to tell."""
        self._since: list[float] = []
        """Up to when each is accounted for: time where it is satisfied, else virtual time."""
        self._squeezed = [False] * len(stations)
        self._asks: list[float] = []
        """Of the satisfied: cores wanted for each unit of weight, else 0."""
        self._lacks = [inf] * len(stations)
        """Of the squeezed: the same, else infinite."""
        self._due: list[float] = []
        """When each has its next event that no level moves."""
        self._virtually_due = [inf] * len(stations)
        self._kinds = [_END] * len(stations)
        """What ``due`` is; what is virtually due where that is not an end is a dry budget."""
        self._level = _FREE
        self._virtual = 0.0
        self._pace = _FREE
        """Virtual seconds a second: the level, or what a lone squeezed station can use of it."""
        self._satisfied = 0.0
        """Cores that the satisfied use together."""
        self._weight = 0.0
        """Weight of all that are squeezed."""
        self._count = 0
        for i, station in enumerate(stations):
            self._join(i, station)
        self._settle(max(self._asks))

    def _join(self, i: int, station: Station) -> None:
        quota = station.holding = station.bound
        threads = 0 if station.frozen or (quota and quota.throttled) else len(station.busy)
        wants = min(float(threads), station.group.limit)
        weight = max(station.group.weight, 1e-9)
        station.runnable = threads
        self._quotas.append(quota)
        self._weights.append(weight)
        self._limits.append(station.group.limit)
        self._threads.append(threads)
        self._wants.append(wants)
        self._since.append(self.now)
        self._asks.append(wants / weight)
        self._satisfied += wants
        self._due.append(inf)
        self._schedule(i)

    # --- the loop -------------------------------------------------------------------------------

    def run(self, until: float) -> float:
        """Solve up to ``until``, or to the earlier instant at which somebody must act.

        One long function, because a call costs as much as an event here. Most events are those of
        satisfied stations that nothing else holds back; they come first.
        """
        stations, feeds = self.stations, self.feeds
        planned = [*self.planned, (inf, 0, 0.0)]
        quotas, weights, limits = self._quotas, self._weights, self._limits
        threads, wants, since, squeezed = self._threads, self._wants, self._since, self._squeezed
        asks, lacks, due, kinds = self._asks, self._lacks, self._due, self._kinds
        virtually_due, plain = self._virtually_due, self._plain()
        heaps = [station.busy for station in stations]
        lines = [station.waiting for station in stations]
        scales = [station.work_scale for station in stations]
        workers = [station.workers for station in stations]
        attained, used = self._attained, self._used
        inside_s, line_s, start = self._inside_s, self._line_s, self._began
        serial = max(station.serial for station in stations)
        tellers = [self.outcomes[station] for station in stations]
        guarded = any(station.alarm < inf or station.draining for station in stations)
        cores, now, virtual, level = self._cores, self.now, self._virtual, self._level
        satisfied, count, weight = self._satisfied, self._count, self._weight
        most_asked, least_lacking, lone = max(asks), *self._bounds()
        pace = min(level, lone)
        position, when, rounding, latest = 0, planned[0][0], ROUNDING_S, until
        soon, first = _first(due)
        virtually_soon, virtually_first = _first(virtually_due)
        feed: Feed | None = None
        while True:
            end, i, ends_virtually = soon, first, False
            if virtually_soon < inf:
                at = now + (virtually_soon - virtual) / pace
                if at <= end:
                    end, i, ends_virtually = at, virtually_first, True
            if feeds:
                feed, when = None, planned[position][0]
                for one in feeds:
                    peeked = one.peek()
                    if peeked < when:
                        feed, when = one, peeked
            if end - when > rounding:
                if when > until:
                    break
                arriving = True
                if when > now:
                    if count:
                        virtual += (when - now) * pace
                    now = when
                if feed is None:
                    arrival, i, work = planned[position]
                    position += 1
                    when = planned[position][0]
                    reference = None
                else:
                    taken = feed.take(when)
                    if taken is None:
                        continue
                    target, work, arrival, reference = taken
                    i = self._index[target]
                if work == WITHDRAW and reference is not None:
                    self.now, self._virtual = now, virtual
                    self._satisfied, self._count, self._weight = satisfied, count, weight
                    serial = self._withdraw(i, reference, serial)
                    satisfied, count, weight = self._satisfied, self._count, self._weight
                    most_asked = max(asks)
                    i = _NOBODY
                elif len(heaps[i]) >= workers[i]:
                    work *= scales[i]
                    # No thread is free: nobody's speed changes.
                    station = stations[i]
                    if len(lines[i]) < station.room:
                        lines[i].append((work, arrival, reference))
                        station.waited += 1
                        line_s[i] -= now - start
                        inside_s[i] -= now - start
                        if guarded and len(heaps[i]) + len(lines[i]) >= station.alarm:
                            self.stopped = (station, "alarm")
                            until = now
                            break
                    elif feed is None:
                        tellers[i][2].append(arrival)
                    else:
                        feed.refused(arrival, reference, now)
                    continue
                else:
                    work *= scales[i]
            else:
                if end > until and when > until:
                    break
                arriving = False
                if ends_virtually:
                    virtual = virtually_soon
                elif count and end > now:
                    virtual += (end - now) * pace
                if end > now:
                    now = end
            station, busy, running = stations[i], heaps[i], threads[i]
            if i < 0:
                pass
            elif plain[i] and not squeezed[i]:
                passed = now - since[i]
                since[i] = now
                used[i] += passed * running
                if arriving:
                    if running:
                        attained[i] += passed
                    serial += 1
                    inside_s[i] -= now - start
                    goal = attained[i] + work
                    heappush(busy, (goal, serial, arrival, reference))
                    threads[i] = running = running + 1
                    satisfied += 1.0
                    # At full speed a new thread moves nobody's end; only a new head is news.
                    if busy[0][1] == serial:
                        due[i] = end = now + work
                        if end < soon:
                            soon, first = end, i
                    wants[i] = running
                    asks[i] = ratio = running / weights[i]
                    if ratio > most_asked:
                        most_asked = ratio
                else:
                    goal, _, arrival, reference = busy[0]
                    inside_s[i] += now - start
                    if lines[i]:
                        work, came, following = lines[i].popleft()
                        line_s[i] += now - start
                        serial += 1
                        heapreplace(busy, (goal + work, serial, came, following))
                        attained[i] = goal
                        due[i] = now + (busy[0][0] - goal)
                    else:
                        heappop(busy)
                        threads[i] = running = running - 1
                        satisfied -= 1.0
                        if running:
                            attained[i] = goal
                            due[i] = now + (busy[0][0] - goal)
                        else:
                            attained[i] = 0.0
                            due[i] = inf
                        wants[i] = running
                        asks[i] = running / weights[i]
                    soon = min(due)
                    first = due.index(soon)
                    if reference is None:
                        teller = tellers[i]
                        teller[0].append(arrival)
                        teller[1].append(now)
                    else:
                        self._told[i] += 1
                        if reference.finished(station, now):
                            self.stopped = (station, "finished")
                            until = now
                            break
                if count:
                    level = (cores - satisfied) / weight
                    if level >= most_asked and level < least_lacking:
                        pace = level if level < lone else lone
                        continue
                elif satisfied <= cores:
                    continue
            else:
                quota = quotas[i]
                if arriving:
                    kind = _ARRIVAL
                elif not ends_virtually:
                    kind = kinds[i]
                else:
                    kind = _END if quota is None else self._kind_virtually(i, virtual)
                if running:
                    if squeezed[i]:
                        got = (virtual - since[i]) * weights[i]
                        since[i] = virtual
                    else:
                        got = (now - since[i]) * wants[i]
                        since[i] = now
                    used[i] += got
                    attained[i] += got / running
                    if quota is not None:
                        quota.budget -= got
                else:
                    since[i] = now
                if arriving:
                    serial += 1
                    inside_s[i] -= now - start
                    heappush(busy, (attained[i] + work, serial, arrival, reference))
                    if guarded and len(busy) + len(lines[i]) >= station.alarm:
                        self.stopped = (station, "alarm")
                elif kind == _END:
                    goal, _, arrival, reference = busy[0]
                    attained[i] = goal
                    inside_s[i] += now - start
                    if lines[i]:
                        work, came, following = lines[i].popleft()
                        line_s[i] += now - start
                        serial += 1
                        heapreplace(busy, (goal + work, serial, came, following))
                    else:
                        heappop(busy)
                        if not busy:
                            attained[i] = 0.0
                    if reference is None:
                        teller = tellers[i]
                        teller[0].append(arrival)
                        teller[1].append(now)
                    else:
                        self._told[i] += 1
                        if reference.finished(station, now):
                            self.stopped = (station, "finished")
                    if guarded and station.draining and not busy and self.stopped is None:
                        self.stopped = (station, "empty")
                elif quota is not None:
                    _turn(kind, quota, now)
                # What it wants now.
                running = len(busy)
                if station.frozen or (quota is not None and quota.throttled):
                    running = 0
                if running != threads[i]:
                    threads[i] = running
                    before, wanted = wants[i], float(running)
                    if wanted > limits[i]:
                        wanted = limits[i]
                    wants[i] = wanted
                    ratio = wanted / weights[i]
                    if not squeezed[i]:
                        asks[i] = ratio
                        if ratio > most_asked:
                            most_asked = ratio
                        satisfied += wanted - before
                    elif wanted:
                        lacks[i] = ratio
                        if count == 1:
                            lone = ratio
                        elif ratio < least_lacking:
                            least_lacking = ratio
                    else:
                        squeezed[i] = False
                        lacks[i] = inf
                        asks[i], since[i] = 0.0, now
                        count -= 1
                        weight = weight - weights[i] if count else 0.0
                        self._count = count
                        least_lacking, lone = self._bounds()
                    if count:
                        level = (cores - satisfied) / weight
                # When it has its next event; a squeezed one without a quota is the commonest.
                if squeezed[i] and quota is None:
                    goal = busy[0][0]
                    at = inf
                    if goal < _ENDLESS_S:
                        at = virtual + (goal - attained[i]) * running / weights[i]
                    virtually_due[i] = at
                    if at < virtually_soon:
                        virtually_soon, virtually_first = at, i
                    elif i == virtually_first:
                        virtually_soon = min(virtually_due)
                        virtually_first = virtually_due.index(virtually_soon)
                else:
                    self.now, self._virtual = now, virtual
                    self._schedule(i)
                    soon, first = _first(due)
                    virtually_soon, virtually_first = _first(virtually_due)
                if self.stopped is not None:
                    until = now
                    break
                if count:
                    if level >= most_asked and level < least_lacking:
                        pace = level if level < lone else lone
                        continue
                elif satisfied <= cores:
                    continue
            # Somebody changes sides.
            self.now, self._virtual = now, virtual
            self._satisfied, self._count, self._weight = satisfied, count, weight
            most_asked, least_lacking, lone = self._settle(most_asked)
            satisfied, count, weight = self._satisfied, self._count, self._weight
            level = self._level
            pace = level if level < lone else lone
            soon, first = _first(due)
            virtually_soon, virtually_first = _first(virtually_due)
            if self.stopped is not None:
                until = now
                break
        until = min(until, latest)
        if count and until > now:
            virtual += (until - now) * pace
        self.now, self._virtual, self._pace = until, virtual, pace
        self.planned = planned[position:-1]
        self._leave(until, serial)
        return until

    def next_due(self) -> float:
        """When something happens next inside the stations; ``inf`` when nothing does."""
        soon, virtually_soon = min(self._due), min(self._virtually_due)
        if virtually_soon < inf:
            soon = min(soon, self.now + (virtually_soon - self._virtual) / self._pace)
        return soon

    def _plain(self) -> list[bool]:
        """Stations that nothing but the cores and their own threads can hold back."""
        return [
            quota is None
            and limit == inf
            and not station.frozen
            and not station.draining
            and station.alarm == inf
            and not any(job[0] >= _ENDLESS_S for job in station.busy)
            for station, quota, limit in zip(self.stations, self._quotas, self._limits, strict=True)
        ]

    # --- who is satisfied -----------------------------------------------------------------------

    def _bounds(self) -> tuple[float, float]:
        """The level at which somebody is squeezed no more, and the one that a lone one can use.

        One alone among the squeezed may stay there: it gets what the others leave, up to what it
        wants. A hog beside servers that come and go would change sides all the time.
        """
        least = min(self._lacks)
        return (inf, least) if self._count == 1 else (least, _FREE)

    def _settle(self, most_asked: float) -> tuple[float, float, float]:
        """Move stations between the satisfied and the squeezed until the level agrees.

        The level only rises on the way, so each moves at most twice. Returns the most that a
        satisfied station asks for its weight, and ``_bounds``.
        """
        while True:
            if self._count:
                self._level = (self._cores - self._satisfied) / self._weight
            else:
                self._weight = 0.0
                self._level = _FREE if self._satisfied <= self._cores else 0.0
            if self._level * _SAME < most_asked:
                most_asked = max(self._asks)
                if self._level * _SAME < most_asked:
                    self._squeeze(self._asks.index(most_asked))
                    continue
            least_lacking, lone = self._bounds()
            if self._level >= least_lacking:
                self._satisfy(self._lacks.index(least_lacking))
                most_asked = max(most_asked, least_lacking)
                continue
            return most_asked, least_lacking, lone

    def _squeeze(self, i: int) -> None:
        self._account(i)
        self._squeezed[i] = True
        self._since[i] = self._virtual
        self._lacks[i], self._asks[i] = self._asks[i], 0.0
        self._satisfied -= self._wants[i]
        self._weight += self._weights[i]
        self._count += 1
        self._schedule(i)

    def _satisfy(self, i: int) -> None:
        self._account(i)
        self._squeezed[i] = False
        self._since[i] = self.now
        self._asks[i], self._lacks[i] = self._lacks[i], inf
        self._satisfied += self._wants[i]
        self._weight -= self._weights[i]
        self._count -= 1
        self._schedule(i)

    def _withdraw(self, i: int, reference: Job, serial: int) -> int:
        """Nobody waits for this job any more: its thread takes the next one."""
        self._account(i)
        station = self.stations[i]
        station.time, station.attained, station.serial = self.now, self._attained[i], serial
        in_line = len(station.waiting)
        if not station.withdraw(reference):
            return serial
        self._inside_s[i] += self.now - self._began
        self._line_s[i] += (in_line - len(station.waiting)) * (self.now - self._began)
        self._told[i] += 1
        self._attained[i] = station.attained
        if station.draining and not station.busy:
            self.stopped = (station, "empty")
        quota = self._quotas[i]
        idle = station.frozen or (quota is not None and quota.throttled)
        threads = self._threads[i] = 0 if idle else len(station.busy)
        if self._squeezed[i]:
            self._satisfy(i)
        before = self._wants[i]
        self._wants[i] = min(float(threads), self._limits[i])
        self._asks[i] = self._wants[i] / self._weights[i]
        self._satisfied += self._wants[i] - before
        self._schedule(i)
        return station.serial

    def _account(self, i: int) -> None:
        """Bring a station up to now; nothing of it ends before."""
        running = self._threads[i]
        if self._squeezed[i]:
            used = (self._virtual - self._since[i]) * self._weights[i]
            self._since[i] = self._virtual
        else:
            used = (self.now - self._since[i]) * self._wants[i]
            self._since[i] = self.now
        if running and used > 0.0:
            self._used[i] += used
            self._attained[i] += used / running
            quota = self._quotas[i]
            if quota is not None:
                quota.budget -= used

    # --- the calendar ---------------------------------------------------------------------------

    def _schedule(self, i: int) -> None:
        """Find a station's next events; it is accounted for up to now."""
        station, running, quota = self.stations[i], self._threads[i], self._quotas[i]
        self._due[i] = self._virtually_due[i] = inf
        self._kinds[i] = _END
        if quota is not None and quota.throttled:
            self._due[i], self._kinds[i] = quota.begins(quota.period + 1), _PERIOD
            return
        if not running:
            return
        left = (station.busy[0][0] - self._attained[i]) * running
        if left > _ENDLESS_S:
            left = inf
        if quota is None:
            if self._squeezed[i]:
                self._virtually_due[i] = self._virtual + left / self._weights[i]
            else:
                self._due[i] = self.now + left / self._wants[i]
            return
        boundary = quota.enter(self.now)
        budget = max(0.0, quota.budget)
        if self._squeezed[i]:
            self._virtually_due[i] = self._virtual + min(left, budget) / self._weights[i]
            self._due[i], self._kinds[i] = boundary, _PERIOD
            return
        end, dry = self.now + left / self._wants[i], self.now + budget / self._wants[i]
        # A job that ends exactly when the budget or the period does has ended.
        if end <= min(dry, boundary) + _TIE_S:
            self._due[i] = end
        elif dry < boundary - _TIE_S:
            self._due[i], self._kinds[i] = dry, _DRY
        else:
            self._due[i], self._kinds[i] = boundary, _PERIOD

    def _kind_virtually(self, i: int, virtual: float) -> int:
        """What a squeezed station with a quota has come to: an end, or a dry budget."""
        station, quota = self.stations[i], self._quotas[i]
        assert quota is not None
        used = (virtual - self._since[i]) * self._weights[i]
        left = (station.busy[0][0] - self._attained[i]) * self._threads[i] - used
        if left <= quota.budget - used + _TIE_S:
            return _END
        return _DRY

    def _leave(self, until: float, serial: int) -> None:
        """Write everything back that others read."""
        passed = until - self._began
        for i, station in enumerate(self.stations):
            self._account(i)
            station.time = until
            inside = station.in_system
            station.inside_s += self._inside_s[i] + inside * passed
            station.line_s += self._line_s[i] + len(station.waiting) * passed
            station.serial = serial
            station.runnable = self._threads[i]
            station.used, station.attained = self._used[i], self._attained[i]
            gone = len(self.outcomes[station][1]) + self._told[i]
            station.taken += station.in_system + gone - self._inside[i]


def _first(times: list[float]) -> tuple[float, int]:
    soon = min(times)
    return soon, times.index(soon)


def _turn(kind: int, quota: Quota, now: float) -> None:
    """A period begins, or the budget of one is used up."""
    boundary = quota.begins(quota.period + 1)
    if kind == _DRY and boundary - now > _TIE_S:
        quota.throttle(now)
    elif kind == _DRY:
        quota.enter(boundary)
    elif quota.throttled:
        quota.release(now)
    else:
        quota.enter(now)
