"""A small world whose latency follows a formula, and a prompt over it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import SimpleNamespace

from simulator.engine.commands import CommandLog
from simulator.engine.journal import Journal
from simulator.engine.recorder import Recorder
from simulator.look.expressions.theory import mmc_percentile
from simulator.traffic.tally import Tally
from simulator.world.roster import Roster

SERVICE_S = 0.02


@dataclass(frozen=True)
class FakeOutcome:
    lines: tuple[str, ...] = ()
    error: str | None = None
    job: object = None


@dataclass(frozen=True)
class Until:
    session: FakeSession
    until: float
    error: None = None
    lines: tuple[str, ...] = ()

    @property
    def done(self):
        return self.session.world.now >= self.until - 1e-9


class FakeWorld:
    def __init__(self, seed):
        self.seed = seed
        self.now = 0.0
        self.rate = 0.0
        self.replicas = 1
        self.recorder = Recorder()
        self.journal = Journal()
        self.log = CommandLog()
        self.fleet = SimpleNamespace(roster=Roster())

    def advance(self, until, keep_going=None):
        while self.now < until - 1e-9:
            if keep_going is not None and not keep_going():
                return False
            self.now = min(until, float(int(self.now)) + 1.0)
            self._sample()
        return True

    def _sample(self):
        p95 = min(10.0, mmc_percentile(1, self.rate / self.replicas, SERVICE_S, 95))
        values = {"offered": self.rate, "p95": p95, "endpoints": self.replicas}
        for name, value in values.items():
            self.recorder.series(f"service/web/{name}").add(self.now, value)

    @property
    def services(self):
        endpoints = {f"web-{i + 1}": None for i in range(self.replicas)}
        return {"web": SimpleNamespace(tally=Tally(0.0), endpoints=endpoints)}

    def service(self, name):
        return self.services[name]


class FakeSession:
    """Understands: rate N, scale N, advance N, undo; refuses the rest."""

    def __init__(self, seed, folder):
        self.seed = seed
        self.folder = folder
        self.world = FakeWorld(seed)
        self._done = []
        self._start = 0
        self.waiting = self.ended = False
        self.results = []

    def may_edit(self, names):
        raise AssertionError("this lesson has no files")

    def lock(self, locked, only=()):
        self.locked = locked

    def type_learner(self, line, wait=True):
        return self.execute(line, wait)

    def twin(self):
        copy = FakeSession(self.seed, self.folder)
        copy._done, copy._start = list(self._done), self._start
        for time, line in copy._done:
            copy.world.advance(time)
            copy._apply(copy.world, line)
        copy.world.advance(self.world.now)
        return copy

    def begin_here(self):
        self._start = len(self._done)

    def advance(self, until, keep_going=None):
        return self.world.advance(until, keep_going)

    def execute(self, line, wait=True):
        word, _, rest = line.partition(" ")
        if word == "exit":
            self.ended = True
            return FakeOutcome()
        if word == "advance" and rest.rstrip("s").isdecimal() and len(rest) < 5:
            until = self.world.now + float(rest.rstrip("s"))
            if not wait:
                return FakeOutcome(job=Until(self, until))
            self.world.advance(until)
            return FakeOutcome()
        if word == "undo":
            return self._undo()
        if word not in ("rate", "scale") or not (rest.isdecimal() and len(rest) < 9):
            return FakeOutcome(error=f"unknown command: {line}")
        self._done.append((self.world.now, line))
        self._apply(self.world, line)
        return FakeOutcome((f"{word} is {rest}",))

    @staticmethod
    def _apply(world, line):
        word, _, rest = line.partition(" ")
        setattr(world, {"rate": "rate", "scale": "replicas"}[word], int(rest))

    def _undo(self):
        if len(self._done) <= self._start:
            return FakeOutcome(error="nothing to undo")
        last, _ = self._done.pop()
        self.world = FakeWorld(self.seed)
        for time, line in self._done:
            self.world.advance(time)
            self._apply(self.world, line)
        self.world.advance(last)
        return FakeOutcome(("undone",))


LESSON = """\
---
format: 1
id: tiny
title: A tiny lesson
minutes: {demo: 3, lab: 5}
objective: See that latency explodes near saturation
misconception: Ninety per cent busy is ten per cent spare
seed: 7
world:
  setup:
    - rate 10
---
One replica serves 50 requests a second. There are {{endpoints('web') | int}} of them.

## Predict

```predict id=gap kind=choice
ask: How high is p95 at 40 requests a second?
options: [under 100 ms, 100 to 500 ms, more]
answer: {from: busy, measure: "max('web.p95', started('busy'), ended('busy'))", bins: [0.1, 0.5]}
explain: It was {{max('web.p95') | ms}}.
```

```predict id=rate kind=number
ask: How many requests arrive in a minute?
unit: requests
answer: {from: busy, measure: "integral('web.offered', started('busy'), ended('busy'))"}
```

```observe
series: [web.p95, web.offered]
```

```run id=busy
rate 40
advance 60
```

---

Now *fix* it.

```task id=tame points=3
Keep p95 under 100 ms for half a minute with at most 3 replicas.
```

```check task=tame
- {points: 2, pass: "max('web.p95', now - 20) < 0.1", fail: "p95 is {{max('web.p95') | ms}}"}
- {points: 1, pass: "endpoints('web') <= 3", fail: "you run {{endpoints('web') | int}} replicas"}
```

```hint task=tame when="endpoints('web') == 1"
How many replicas are there?
```

```hint task=tame when="endpoints('web') > 3"
Fewer would do.
```

```fail task=tame when="endpoints('web') > 50"
The budget is gone.
```

```solution task=tame
scale 2
advance 30
```

```wrong task=tame fails=2 why="wasteful"
scale 5
advance 30
```

```debrief
Two are enough.
```

```teacher
Vote twice.
```
"""


def tiny(**changes):
    from simulator.course.parser import parse_lesson

    lesson = parse_lesson(LESSON, name="tiny.md")
    return replace(lesson, **changes) if changes else lesson
