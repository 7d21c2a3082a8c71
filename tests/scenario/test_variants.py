"""A scenario in several variants, and what would be otherwise: the same arrivals each time."""

from pathlib import Path

import pytest

from simulator.errors import InputError
from simulator.report import variants
from simulator.scenario import load
from simulator.scenario.changing import what_if, with_traffic

SHOP = """\
format: 1
title: three ways
until: 40s
parameters: {cores: "1", copies: "1"}
variants:
  small: {cores: "1"}
  large: {cores: "4", copies: "3"}
hosts: [{name: a, cores: 4}]
images: [{pull: alpine}]
networks: [n]
containers:
  - {image: alpine, name: web, service: web, networks: [n], cpus: "${cores}", replicas: "${copies}",
     workload: "server cpu=50ms workers=4 queue=50"}
traffic:
  web: {kind: constant, rate: 30/s, timeout: 2s}
"""
MANIFEST = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: nginx, ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
"""


@pytest.fixture
def shop(tmp_path) -> Path:
    path = tmp_path / "shop.yaml"
    path.write_text(SHOP)
    return path


@pytest.fixture
def folder(tmp_path) -> Path:
    (tmp_path / "web.yaml").write_text(MANIFEST)
    return tmp_path


def test_variants_meet_the_same_arrivals_and_differ_in_what_they_say(shop):
    ways = [(name, load(shop, variant=name)) for name in load(shop).spec.variants]
    small, large = variants.run_all(ways)
    arrived = [one.summary.services[0].arrived for one in (small, large)]
    assert arrived[0] == arrived[1] > 1000
    assert small.summary.services[0].error_rate > large.summary.services[0].error_rate == 0
    text = variants.to_text("three ways", [small, large])
    rows = [line.split() for line in text if line.startswith(("small", "large"))]
    assert [row[0] for row in rows] == ["small", "large"]
    assert [row[6] for row in rows] == ["1", "3"]


def test_a_variant_that_cannot_be_run_is_a_row_and_not_the_end(shop):
    ways = [("bad", load(shop, ["hosts.0.memory=1m"])), ("small", load(shop, variant="small"))]
    found = variants.run_all(ways)
    assert [one.summary is None for one in found] == [bool(found[0].problem), False]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("large: {cores", "large: {coers", "did you mean 'cores'"),
        ("large: {cores", "large: 3 # {cores", "large"),
    ],
)
def test_a_variant_of_what_is_no_parameter_is_refused_with_its_place(shop, old, new, words):
    shop.write_text(SHOP.replace(old, new))
    with pytest.raises(InputError) as caught:
        load(shop)
    assert words in str(caught.value)
    assert f"{shop}:" in str(caught.value)


def test_an_unknown_variant_is_refused_with_the_nearest(shop):
    with pytest.raises(InputError, match="did you mean 'large'"):
        load(shop, variant="lagre")


def test_ten_times_the_traffic_is_ten_times_the_arrivals(shop):
    as_it_is = load(shop)
    found = variants.run_all([("a", as_it_is), ("b", what_if(as_it_is, ("traffic=x10",)))])
    assert found[1].summary.services[0].arrived == 10 * found[0].summary.services[0].arrived


def test_one_node_less_is_one_node_less(folder):
    scenario = with_traffic(load(folder), ("web constant 20/s",)).with_until(20.0)
    found = variants.run_all([("a", scenario), ("b", what_if(scenario, ("nodes=-1",)))])
    assert [one.most_hosts for one in found] == [3, 2]
    assert [one.summary.services[0].arrived for one in found] == [400, 400]


def test_changes_add_up_and_a_number_without_a_sign_is_the_number(folder):
    scenario = with_traffic(load(folder), ("web 20/s", "api 5/s"))
    changed = what_if(scenario, ("traffic=x2", "traffic.web=x3", "nodes=7"))
    assert {name: one.times for name, one in changed.spec.traffic.items()} == {"web": 6, "api": 2}
    assert changed.spec.clusters[0].nodes[0].count == 7


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("trafic=x2", "did you mean 'traffic'"),
        ("traffic", "expected as traffic=x10"),
        ("traffic=lots", "expected as x10"),
        ("traffic.wbe=x2", "did you mean 'web'"),
        ("nodes=-9", "fewer nodes than none"),
        ("nodes=many", "expected as -1"),
        ("nodes.gpu=+1", "no such nodes"),
    ],
)
def test_a_change_that_is_none_is_refused_by_name(folder, change, words):
    scenario = with_traffic(load(folder), ("web 20/s",))
    with pytest.raises(InputError) as caught:
        what_if(scenario, (change,))
    assert words in str(caught.value)


@pytest.mark.parametrize(("line", "words"), [("web", "bad traffic"), ("web lots", "lots")])
def test_traffic_that_is_none_is_refused_where_it_was_given(folder, line, words):
    with pytest.raises(InputError) as caught:
        with_traffic(load(folder), (line,))
    assert words in str(caught.value)
    assert "--traffic" in str(caught.value)


def test_one_surge_of_kubernetes_three_ways_gets_better_and_dearer():
    from simulator.cli.catalogue import scenario_path

    path = scenario_path("kubernetes-surge")
    ways = [(name, load(path, variant=name).with_until(420.0)) for name in load(path).spec.variants]
    found = variants.run_all(ways)
    assert [one.name for one in found] == ["fixed replicas", "pods", "pods and nodes"]
    assert len({one.summary.services[0].arrived for one in found}) == 1
    errors = [one.summary.services[0].error_rate for one in found]
    assert errors[0] > errors[1] > errors[2]
    assert found[0].summary.cost == pytest.approx(found[1].summary.cost)
    assert found[2].summary.cost > found[1].summary.cost
    assert found[2].most_hosts > 3


def test_what_came_of_requests_in_each_phase_is_told_beside_each_other(shop):
    phases = '\nphases: ["the start 0s..10s", "the rest 10s..40s"]\n'
    shop.write_text(SHOP + phases)
    found = variants.run_all([(name, load(shop, variant=name)) for name in ("small", "large")])
    first = [one.summary.phases[0] for one in found]
    assert [one.phase for one in first] == ["the start"] * 2
    assert [one.offered for one in first] == pytest.approx([300, 300], rel=0.05)
    assert first[0].error_rate > first[1].error_rate == 0.0
    text = "\n".join(variants.to_text("", found))
    assert "the rest" in text
    assert "3-3" in text


@pytest.mark.parametrize("phase", ["surge", "surge 10s", "surge 10s..5s", "10s..20s", "a x..y"])
def test_a_phase_that_is_none_is_refused(shop, phase):
    shop.write_text(f'{SHOP}\nphases: ["{phase}"]\n')
    with pytest.raises(InputError):
        load(shop)


@pytest.fixture(scope="module")
def three_ways():
    """The shop with a fifth of its requests, where who fails them is told by who is not there."""
    from simulator.cli.catalogue import scenario_path

    path, less = scenario_path("shop-three-ways"), ("parameters.base=12", "parameters.peak=40")
    names = load(path).spec.variants
    ways = [(name, load(path, less, variant=name).with_until(1200.0)) for name in names]
    return variants.run_all(ways)


def test_one_shop_three_ways_meets_the_same_requests_and_no_line_fails(three_ways):
    assert [one.name for one in three_ways] == ["compose", "swarm", "kubernetes"]
    assert [one.summary.errors for one in three_ways] == [[], [], []]
    web = [one.summary.services[0] for one in three_ways]
    assert [one.name for one in web] == ["web"] * 3
    assert len({one.arrived for one in web}) == 1
    assert {round(one.summary.cost, 3) for one in three_ways} == {0.167}


LOST = {
    "quiet": (0.0, 0.0, 0.0),
    "machine lost": (1.0, 0.0, 45 / 2 / 180),  # no machine; a task moved; the lease of one pod of 2
    "bad release": (1.0, 0.0, 0.0),  # no container that lives; rolled back; stuck
}


@pytest.mark.parametrize("phase", LOST)
def test_one_shop_three_ways_loses_what_its_tool_cannot_save(three_ways, phase):
    found = [one for way in three_ways for one in way.summary.phases if one.phase == phase]
    rates = [one.error_rate for one in found]
    assert rates == pytest.approx(list(LOST[phase]), abs=0.04)


def test_one_shop_three_ways_in_a_surge_waits_for_a_hand_or_a_loop():
    from simulator.cli.catalogue import scenario_path

    path = scenario_path("shop-three-ways")
    ways = [(name, load(path, variant=name).with_until(420.0)) for name in ("swarm", "kubernetes")]
    by_hand, by_loop = (
        {phase.phase: phase for phase in one.summary.phases} for one in variants.run_all(ways)
    )
    before = [one["surge, nobody yet"] for one in (by_hand, by_loop)]
    assert before[0].error_rate == pytest.approx(1 - 100 / 195, abs=0.05)  # two cores, 20 ms each
    assert before[0].error_rate > 1.5 * before[1].error_rate
    assert [one["surge"].most_endpoints for one in (by_hand, by_loop)] == [5, 7]
