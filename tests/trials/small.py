"""A scenario small enough to be run many times."""

from __future__ import annotations

from simulator.trials.bundle import Bundle, digest_of
from simulator.trials.trial import ScenarioTrial

SMALL = """\
format: 1
until: 5s
parameters: {rate: 40/s}
hosts:
- {name: a, cores: 2}
images:
- {pull: nginx}
containers:
- {image: nginx, name: web, service: web, workload: server cpu=20ms workers=4}
traffic:
  web: "${rate}"
"""
MEASURES = {"p95": "percentile('web', 95)", "mean": "mean_latency('web')"}


def small(text: str = SMALL) -> Bundle:
    body = text.encode()
    return Bundle({"small.yaml": digest_of(body)}, {digest_of(body): body})


def trial(seed: int = 1, *changes: str, text: str = SMALL, **others: object) -> ScenarioTrial:
    fields = {"measures": MEASURES, **others}
    return ScenarioTrial(
        scenario="small.yaml", files=dict(small(text).paths), seed=seed, changes=changes, **fields
    )
