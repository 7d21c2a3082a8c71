"""A service: a name that traffic is sent to, a balancer, and the containers that answer.

Most of the time requests are placed in bulk and their outcomes read from arrays. A service whose
balancer looks at queues, or whose clients try again, is solved request by request instead
(``exact``); both ways give the same outcomes where both apply.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from math import inf

import numpy as np
import numpy.typing as npt

from simulator.engine import Streams
from simulator.machine.cpu.layout import MOST
from simulator.machine.cpu.outcome import NO_OFFERS, Offers, Times, listed
from simulator.machine.cpu.station import ROUNDING_S, Job, Station
from simulator.traffic.answers import Answers
from simulator.traffic.arrivals import Arrivals, Nothing
from simulator.traffic.attempts import Attempt, Attempts
from simulator.traffic.balancer import Weighted
from simulator.traffic.callers import Caller, Callers
from simulator.traffic.choosing import Choosing
from simulator.traffic.client import ClientPolicy
from simulator.traffic.distributions import Distribution
from simulator.traffic.endpoint import WHOLE, Drawn, Endpoint
from simulator.traffic.names import Addresses
from simulator.traffic.scatter import Copy, Errands, Scatter
from simulator.traffic.unheard import SYN_GIVE_UP_S, Unheard

Floats = npt.NDArray[np.float64]
Indexes = npt.NDArray[np.int64]
_SEVERAL = 4
"""Endpoints from which on what takes long for each is done for all at once."""
_FEW = 4
"""Where there are so many times as many endpoints as requests, each request is looked at."""
_HANDFUL = 8
"""Requests for one endpoint from which on a part of an array is handled faster than a list."""


class Service(Choosing, Answers):
    """Endpoints, balancer, arrivals, clients and their tally."""

    def __init__(
        self,
        name: str,
        streams: Streams,
        now: float,
        rule: str = "round-robin",
        others: Mapping[str, Service] | None = None,
    ) -> None:
        """``others``: all services by name, among which its requests may call some."""
        Choosing.__init__(self, name, streams, rule)
        Answers.__init__(self, now)
        self.number = 0
        """How many services were made before it."""
        self.others: Mapping[str, Service] = {} if others is None else others
        self.client = ClientPolicy()
        self.attempts: Attempts | None = None
        self._callers_here: Callers | None = None
        self.endpoints: dict[Station, Endpoint] = {}
        self.former: dict[Station, Endpoint] = {}
        """Endpoints taken out that may still finish requests."""
        self.lag_s = 0.0
        """Seconds until the balancer knows that a container answers, or answers no more."""
        self.kept = False
        """Whether somebody else says who on a machine that fell answers no more."""
        self.ghosts: dict[Station, None] = {}
        """Stations that answer no more and get requests still, which they refuse."""
        self._listed: dict[Station, None] = {}
        """Whom the balancer knows, in the order in which they joined."""
        self._order: list[Station] | None = None
        self._turns: dict[Station, int] | None = None
        self._rules: tuple[list[Distribution], Indexes, Floats] | None = None
        """The laws of work in use, and the law and the mean of each whom the balancer knows."""
        self.arrivals: Arrivals = Nothing()
        """When requests come: what was set last."""
        self._drawn = Drawn()
        self._rows: tuple[int, list[Station], Indexes] = (-1, [], np.empty(0, dtype=np.intp))
        """For which quiet stations and whom the balancer knows: the row of each, or -1."""
        self._laws: dict[Distribution, None] = {}
        self._shared = False
        self._shut = False
        """Whether connections to an endpoint may be dropped."""
        self._unheard = Unheard(self.tally, self._patience)
        self._called: dict[str, None] = {}
        """Names of the services that its requests have called so far."""
        self._callers = [one for one in self.others.values() if name in one._called]

    # --- set-up; callers have disturbed the stations concerned -----------------------------------

    def add_endpoint(self, endpoint: Endpoint) -> None:
        """A container begins to answer."""
        station = endpoint.station
        if station.owner is not None and station.owner is not self:
            station.owner.share()
            self.share()
        else:
            station.owner = self
        self.former.pop(station, None)
        self._close_book()
        self._rules = None
        self.endpoints[station] = self._tied[station] = endpoint
        station.sources.update(dict.fromkeys((self, *self._callers)))
        self.ghosts.pop(station, None)
        if station not in self._listed:
            self._listed[station] = None
            self._order = self._turns = self._rules = None
        self._laws[endpoint.law] = None

    def remove_endpoint(self, station: Station, *, lingers: bool = False) -> None:
        """A container answers no further requests; those inside it go on.

        If it ``lingers`` it goes on getting some until it is ``unlisted``.
        """
        self.former[station] = self.endpoints.pop(station)
        if lingers:
            self.ghosts[station] = None
        else:
            del self._listed[station]
            self._order = self._turns = self._rules = None

    def unlist(self, station: Station) -> None:
        """The balancer learns that a container answers no more."""
        if station in self.ghosts:
            del self.ghosts[station]
            del self._listed[station]
            self._order = self._turns = self._rules = None

    def refuse(self, station: Station) -> None:
        """The balancer knows an address at which nobody listens: who is sent there is refused."""
        self.ghosts[station] = self._listed[station] = None
        self._order = self._turns = self._rules = None

    def weigh(self, weights: Mapping[Station, float]) -> None:
        """From now on endpoints get requests in these shares, where the balancer goes by them."""
        if isinstance(self.balancer, Weighted):
            self.balancer.weights = tuple(weights.get(one, 0.0) for one in self._list)

    def told(self, now: float) -> None:
        """From now on whoever looks up is told of the endpoints as they are."""
        if self._addresses is not None:
            self._addresses.changed(now, self._list)

    def forget(self, station: Station) -> None:
        """The container is gone for good."""
        self.former.pop(station, None)
        self._close_book()
        if station not in self.endpoints:
            self._tied.pop(station, None)

    @property
    def _list(self) -> list[Station]:
        """Whom the balancer knows, in order; a list that nobody changes any more."""
        if self._order is None:
            self._order = list(self._listed)
        return self._order

    def rename(self, station: Station, name: str) -> None:
        """A container has another name."""
        if station in self._tied:
            self._tied[station].name = name

    def set_traffic(self, arrivals: Arrivals, client: ClientPolicy, now: float) -> None:
        """From now on these arrivals, from clients with this patience."""
        self.arrivals = arrivals
        self._drawn = Drawn()
        if client.timeout_s != self.client.timeout_s:
            self._patience.change(now, client.timeout_s)
        self.client = client
        for name in client.calls:
            self._call(name)
        followed = client.retries or client.in_parts or client.dns_ttl_s or self._shared
        if not client.dns_ttl_s:
            self._addresses = None
        elif self._addresses is None or self._addresses.ttl_s != client.dns_ttl_s:
            stream = self._streams(f"dns/{self.name}")
            self._addresses = Addresses(client.dns_ttl_s, self._list, stream)
        if followed or self.attempts is not None:
            self._track()

    def _call(self, name: str) -> None:
        """Requests have parts that another service answers: its endpoints are tied to this one."""
        if name not in self._called:
            self._called[name] = None
            other = self.others[name]
            other._callers.append(self)
            for station in other._tied:
                station.sources[self] = None

    def stop_traffic(self) -> None:
        """No further arrivals; retries under way go on."""
        self.arrivals = Nothing()
        self._drawn = Drawn()

    def share(self) -> None:
        """A container of this service answers for another one too: follow each request."""
        self._shared = True
        self._track()

    def _track(self) -> None:
        if self.attempts is None:
            self.attempts = Attempts(self.tally, self._streams(f"retry/{self.name}"))
        self.attempts.serve(self.client)
        if self.client.in_parts and self.attempts.errands is None:
            self.attempts.errands = Errands(self)

    # --- the source's side ------------------------------------------------------------------------

    @property
    def stations(self) -> Collection[Station]:
        """Where requests go now."""
        return self.endpoints

    @property
    def concerned(self) -> Collection[Station]:
        """Where requests go now, and where some may be that came before."""
        if not self._called:
            return self._tied.keys()
        called = [self.others[name] for name in self._called if name in self.others]
        return dict.fromkeys((*self._tied, *(station for one in called for station in one._tied)))

    @property
    def exact(self) -> bool:
        """Whether each request must be placed at its own instant."""
        return self.balancer.looks or self.attempts is not None

    def plan(self, until: float) -> None:
        """Place all arrivals up to ``until`` at once."""
        self.prepare(until)
        if self.exact:
            # Nobody answers (or this would be solved exactly): the clients may still try again.
            while self.peek() <= until:
                self.take(self.peek())
            return
        drawn = self._drawn
        end = drawn.at + int(np.searchsorted(drawn.times[drawn.at :], until, side="right"))
        if end == drawn.at:
            return
        part = slice(drawn.at, end)
        drawn.at = end
        times = drawn.times[part]
        self.tally.add_arrived(times)
        if not self._list:
            self.tally.add_failed("unavailable", times)
            return
        works = {law: factors[part] for law, factors in drawn.works.items()}
        if len(self._list) >= _SEVERAL and len(times) <= MOST * len(self._list):
            self._place_each(times, works)
        else:
            self._place(times, works)

    def _place_each(self, times: Floats, works: dict[Distribution, Floats]) -> None:
        """Not many to each; what takes long for each is done for all at once."""
        stations = self._list
        chosen = self.balancer.deal_each(len(times), len(stations))
        worked = self._works(works, chosen)
        if not self.ghosts and not self._shut:
            chosen, times, worked = self._send_quiet(chosen, times, worked)
            if not len(times):
                return
        order = np.argsort(chosen, kind="stable")
        turns = np.flatnonzero(np.bincount(chosen, minlength=len(stations))).tolist()
        first = np.searchsorted(chosen[order], turns).tolist()
        dealt: Times = times[order]
        loads: Times = worked[order]
        if len(times) < _HANDFUL * len(turns):
            dealt, loads = listed(dealt), listed(loads)
        for turn, low, high in zip(turns, first, [*first[1:], len(times)], strict=True):
            station = stations[turn]
            if self.ghosts and station in self.ghosts:
                self.tally.add_failed("refused", np.array(dealt[low:high]))
                continue
            if self._shut:
                self._send(station, dealt[low:high], loads[low:high])
            else:
                station.receive(dealt[low:high], loads[low:high])

    def _send_quiet(
        self, chosen: Indexes, times: Floats, works: Floats
    ) -> tuple[Indexes, Floats, Floats]:
        """Send to the quiet stations all that is theirs at once; what is left for the others."""
        stations = self._list
        keeper = next((one.keeper for one in stations if one.keeper is not None), None)
        if keeper is None:
            return chosen, times, works
        changes, known, rows = self._rows
        if changes == keeper.changes and known is stations:
            row = rows[chosen]
        elif _FEW * len(chosen) < len(stations):
            row = keeper.rows_of([stations[turn] for turn in chosen.tolist()])
        else:
            rows = keeper.rows_of(stations)
            self._rows = keeper.changes, stations, rows
            row = rows[chosen]
        quiet = row >= 0
        keeper.send(row[quiet], times[quiet], works[quiet])
        return chosen[~quiet], times[~quiet], works[~quiet]

    def _works(self, works: dict[Distribution, Floats], chosen: Indexes) -> Floats:
        """CPU-seconds of each request on bare hardware, where it was sent to."""
        if self._rules is None and _FEW * len(chosen) < len(self._list):
            return np.array(
                [self._work(works, number, turn) for number, turn in enumerate(chosen.tolist())]
            )
        if self._rules is None:
            # Who is still listed and has ended refuses whatever comes: its work is nothing.
            known = [self._tied.get(station) for station in self._list]
            laws = list({one.law: None for one in known if one is not None})
            law_of = np.array([-1 if one is None else laws.index(one.law) for one in known])
            means = np.array([0.0 if one is None else one.mean_s for one in known])
            self._rules = laws, law_of, means
        laws, law_of, means = self._rules
        factors = np.ones(len(chosen))
        for number, law in enumerate(laws):
            if law in works:
                mine = law_of[chosen] == number
                factors[mine] = works[law][mine]
        return factors * means[chosen]

    def _work(self, works: dict[Distribution, Floats], number: int, turn: int) -> float:
        """The same of one request, by its number and whose turn it is."""
        endpoint = self._tied.get(self._list[turn])
        if endpoint is None:
            return 0.0
        factors = works.get(endpoint.law)
        return endpoint.mean_s if factors is None else float(factors[number]) * endpoint.mean_s

    def _place(self, times: Floats, works: dict[Distribution, Floats]) -> None:
        stations = self._list
        for index, chosen in self.balancer.deal(len(times), len(stations)):
            station = stations[index]
            share = times[chosen]
            if station in self.ghosts:
                self.tally.add_failed("refused", share)
                continue
            endpoint = self.endpoints[station]
            factors = works.get(endpoint.law)
            works_s = np.ones(len(share)) if factors is None else factors[chosen]
            if self._shut:
                self._send(station, share, works_s * endpoint.mean_s)
            else:
                station.receive(share, works_s * endpoint.mean_s)

    def _send(self, station: Station, times: Times, works: Times) -> None:
        """Requests reach an endpoint, but for those whose connection is dropped on the way."""
        endpoint = self._tied[station]
        if endpoint.lossy:
            times, works = np.asarray(times), np.asarray(works)
            dropped = endpoint.drops_of(len(times))
            self._unheard.add(times[dropped])
            times, works = times[~dropped], works[~dropped]
        station.receive(times, works)

    def shut(self, station: Station, share: float) -> None:
        """Of the requests to an endpoint, this share finds no room for a connection from now on."""
        endpoint = self.endpoints.get(station)
        if endpoint is not None:
            endpoint.shut = round(share * WHOLE)
            self._shut = any(one.lossy for one in self.endpoints.values())

    def fence(self, station: Station, stopped: bool) -> None:
        """From now on what comes to an endpoint from outside is dropped, or passes."""
        endpoint = self.endpoints.get(station)
        if endpoint is not None:
            endpoint.fenced = stopped
            self._shut = stopped or any(one.lossy for one in self.endpoints.values())

    def call(self, caller: Caller, now: float) -> None:
        """From now on somebody asks, waits for the answer, pauses, and asks again."""
        self._track()
        assert self.attempts is not None
        if self._callers_here is None:
            self._callers_here = self.attempts.callers = Callers(self.attempts)
        self._callers_here.begin(caller, now)

    def hang_up(self, caller: Caller) -> None:
        """Somebody asks no more."""
        if self._callers_here is not None:
            self._callers_here.leave(caller)

    def prepare(self, until: float) -> None:
        """Draw the arrivals up to ``until``, and the work of each."""
        if self._unheard:
            self._unheard.give_up(until)
        times = self.arrivals.until(until)
        if not len(times):
            return
        drawn = self._drawn
        fresh = {
            law: law.draw(self._streams(f"work/{self.name}/{law}"), len(times))
            for law in self._laws
        }
        if drawn.left():
            kept = slice(drawn.at, None)
            times = np.concatenate((drawn.times[kept], times))
            for law, factors in fresh.items():
                before = drawn.works.get(law)
                earlier = before[kept] if before is not None else np.ones(drawn.left())
                fresh[law] = np.concatenate((earlier, factors))
        self._drawn = Drawn(times, fresh)

    # --- a balancer that looks, while every job's end is known at its arrival ---------------------

    @property
    def countable(self) -> bool:
        """Whether numbers inside the endpoints are all that its decisions need."""
        return self.attempts is None and not self.ghosts and not self._shut

    def offers(self, until: float) -> Offers:
        """The arrivals up to ``until`` in order, not yet taken."""
        self.prepare(until)
        drawn = self._drawn
        end = drawn.at + int(np.searchsorted(drawn.times[drawn.at :], until, side="right"))
        part = slice(drawn.at, end)
        times = drawn.times[part]
        if not len(times):
            return NO_OFFERS
        works = {}
        endpoints = [self.endpoints[station] for station in self._list]
        for law in {endpoint.law: None for endpoint in endpoints}:
            factors = drawn.works.get(law)
            works[law] = (np.ones(len(times)) if factors is None else factors[part]).tolist()
        scales = [one.mean_s * one.station.work_scale for one in endpoints]
        laws = [works[endpoint.law] for endpoint in endpoints]
        rule = self.balancer
        return Offers(self._list, times, laws, scales, rule.pick, rule.looks_at_all)

    def take_all(self, offers: Offers) -> None:
        """These arrivals were placed."""
        self._drawn.at += len(offers.times)
        self.tally.add_arrived(offers.times)

    def memento(self) -> object:
        """What the balancer needs to make the same choices again."""
        return self.balancer.memento()

    def restore(self, memento: object) -> None:
        """Make the same choices again."""
        self.balancer.restore(memento)

    # --- looking ahead ----------------------------------------------------------------------------

    @property
    def joins_delay(self) -> bool:
        """Whether one more endpoint can only make requests come later to the others."""
        return self.balancer.joins_delay

    def next_arrival(self) -> float:
        """No request comes, and no client acts, before this time."""
        coming = self.arrivals.ahead()
        following = float(coming[0]) if len(coming) else inf
        return min(following, self.peek())

    def earliest(self, station: Station, count: int) -> float:
        """So many requests cannot have come to an endpoint before this time."""
        if station not in self.endpoints and not self._called:
            return inf
        if self.attempts is not None:
            return self.next_arrival()
        drawn = self._drawn
        coming = np.concatenate((drawn.times[drawn.at :], self.arrivals.ahead()))
        if self._turns is None:
            self._turns = {one: turn for turn, one in enumerate(self._list)}
        known = len(coming)
        if not known:
            return inf
        which = self.balancer.earliest(self._turns[station], count, len(self._turns), known)
        return float(coming[min(which, known) - 1])

    # --- one by one -------------------------------------------------------------------------------

    def peek(self) -> float:
        """Time of the next arrival, retry or lost patience."""
        drawn = self._drawn
        following = float(drawn.times[drawn.at]) if drawn.at < len(drawn.times) else inf
        if self.attempts is not None:
            return min(following, self.attempts.peek())
        return following

    def take(self, now: float) -> tuple[Station, float, float, Job | None] | None:
        """The request that arrives (again) now, sent to an endpoint."""
        drawn = self._drawn
        attempt: Attempt | None = None
        errands = None if self.attempts is None else self.attempts.errands
        if errands is not None and (due := errands.peek()) <= now + ROUNDING_S:
            return errands.next(max(due, now))
        if drawn.at < len(drawn.times) and drawn.times[drawn.at] <= now:
            self.tally.add_arrived(drawn.times[drawn.at : drawn.at + 1])
            factors = {law: float(values[drawn.at]) for law, values in drawn.works.items()}
            drawn.at += 1
            if self.attempts is not None:
                attempt = self.attempts.first(now, factors)
        else:
            assert self.attempts is not None
            attempt = self.attempts.next(now)
            if attempt is None:
                return None
            factors = attempt.factors
        if isinstance(attempt, Scatter):
            attempt.begin(now)
            return None
        stations = self._list if self._addresses is None else self._addresses.known(now)
        if not stations:
            self._fail(attempt, "unavailable", now)
            return None
        station = self._pick(stations)
        endpoint = self.endpoints.get(station)
        if endpoint is None:
            self._fail(attempt, "refused", now)
            return None
        if (self._shut or self._callers_here is not None) and self._drops(endpoint, attempt):
            self._hears_nothing(attempt, now)
            return None
        if attempt is not None:
            attempt.endpoint = endpoint
        if endpoint.law not in factors:
            # It first came when nobody answered yet, so nothing was drawn for it.
            late = self._streams(f"work/{self.name}/{endpoint.law}/late")
            factors[endpoint.law] = float(endpoint.law.draw(late, 1)[0])
        return station, factors[endpoint.law] * endpoint.mean_s, now, attempt

    def _drops(self, endpoint: Endpoint, attempt: Attempt | None) -> bool:
        fenced = None if attempt is None else attempt.fenced
        if fenced is None:
            return endpoint.drops()
        return endpoint.drops(fenced=endpoint.station in fenced)

    def _hears_nothing(self, attempt: Attempt | None, now: float) -> None:
        """A connection is dropped: the client waits until it gives up."""
        if attempt is None:
            self._unheard.add(np.array([now]))
        elif self.attempts is not None:
            self.attempts.give_up_at(attempt, now + SYN_GIVE_UP_S)

    def _fail(self, attempt: Attempt | None, kind: str, now: float) -> None:
        if attempt is None:
            self.tally.add_failed(kind, np.array([now]))
        else:
            attempt.fail(kind, now)

    def refused(self, arrival: float, reference: Job | None, now: float) -> None:
        """The endpoint had no room in line."""
        if isinstance(reference, Attempt | Copy):
            reference.fail("refused", now)
        else:
            self.tally.add_failed("refused", np.array([now]))

    def waits(self) -> tuple[float, float]:
        """Of what its endpoints took in so far: the share that found no thread free, and the mean
        time of all in line, in seconds. Waiting for CPU with a thread is not among it."""
        taken = sum([station.taken for station in self.endpoints])
        if not taken:
            return 0.0, 0.0
        waited = sum([station.waited for station in self.endpoints])
        area = sum([station.waited_s for station in self.endpoints])
        return waited / taken, area / taken
