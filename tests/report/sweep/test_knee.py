"""A sweep over utilisation lies on the closed form of the M/M/c queue, within its intervals."""

from __future__ import annotations

import pytest

from simulator.look.expressions.theory import mmc_mean
from simulator.report.sweep.planning import Prepared, Wanted

SERVICE_S, SERVERS = 0.02, 2
KNEE = """\
format: 1
until: 140s
parameters: {rate: "50"}
hosts:
- {name: a, cores: 4}
images:
- {pull: nginx}
containers:
- {image: nginx, name: web, service: web, workload: server cpu=20ms dist=exponential workers=2}
traffic:
  web: "poisson ${rate}/s"
"""


@pytest.fixture(scope="module")
def knee(tmp_path_factory):
    file = tmp_path_factory.mktemp("knee") / "knee.yaml"
    file.write_text(KNEE)
    wanted = Wanted(vary=("rate=20,40,60,70,80,85",), seeds="10", on="here",
                    measures=("mean=mean_latency('web', 20)",))  # fmt: skip
    return Prepared(file, wanted).run()


@pytest.mark.slow
def test_the_knee_is_where_the_formula_has_it(knee):
    outside = []
    for point in knee.points:
        found = point.estimates["mean"]
        exact = mmc_mean(SERVERS, float(point.settings["rate"]), SERVICE_S)
        assert abs(found.mean - exact) <= 2 * found.half
        if not found.low <= exact <= found.high:
            outside.append(point.settings["rate"])
    assert len(outside) <= 1  # of six intervals of 95 %


@pytest.mark.slow
def test_latency_grows_faster_than_the_load_and_no_difference_is_by_chance(knee):
    means = [point.estimates["mean"].mean for point in knee.points]
    assert means == sorted(means)
    assert means[-1] - means[-2] > means[1] - means[0]
    assert all(point.differences["mean"].low > 0 for point in knee.points[1:])
