"""A Compose file is a scenario: a swarm of some nodes on which it is deployed."""

from __future__ import annotations

import pytest

from simulator.errors import InputError
from simulator.report.sweep.planning import Prepared, Wanted
from simulator.scenario import load
from simulator.scenario.changing import what_if, with_traffic
from simulator.trials.playing import Run

COMPOSE = """\
services:
  web:
    image: nginx
    labels: {drydock.workload: "server cpu=30ms workers=4"}
    deploy: {replicas: 2}
"""


@pytest.fixture
def file(tmp_path):
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    rows = "".join(f"{second},10\n" for second in range(20))
    (tmp_path / "load.csv").write_text("timestamp,count\n" + rows)
    return tmp_path / "compose.yaml"


def played(scenario):
    run = Run(scenario)
    run.go()
    return run.session.world


def test_its_services_run_on_so_many_nodes_and_what_is_sent_is_answered(file):
    found = with_traffic(load(file, ["parameters.nodes=2"]), ("web file load.csv",))
    world = played(found.with_until(60))
    assert [host.name for host in world.hosts()] == ["node-1", "node-2"]
    outcomes = world.service("web").tally.outcomes()
    assert outcomes["arrived"] == outcomes["ok"] == 200


def test_a_folder_with_one_is_the_same(file):
    assert load(file.parent).deployed
    assert load(file.parent).spec.script == load(file).spec.script


def test_times_of_the_words_and_of_a_what_if_multiply(file):
    found = with_traffic(load(file), ("web file load.csv times=2",))
    world = played(what_if(found, ("traffic=x3",)).with_until(60))
    assert world.service("web").tally.arrived == 1200


def test_it_lasts_as_long_as_the_file_that_is_sent_unless_something_else_is_said(file, tmp_path):
    (tmp_path / "long.csv").write_text("timestamp,count\n0,1\n1000,1\n2000,1\n")
    found = with_traffic(load(file), ("web file long.csv",))
    assert found.spec.until > 2030
    assert with_traffic(load(file, ["until=5s"]), ("web file long.csv",)).spec.until == 5


def test_a_scenario_without_its_format_is_still_told_so(tmp_path):
    (tmp_path / "some.yaml").write_text("services: [{name: web}]\n")
    with pytest.raises(InputError, match="the key 'format' is missing"):
        load(tmp_path / "some.yaml")


def test_nodes_of_a_stack_are_varied_as_those_of_a_cluster(file):
    wanted = Wanted(vary=("nodes=1,2",), traffic=("web file load.csv",), seeds="1", on="here",
                    measures=("requests",), until="40s")  # fmt: skip
    found = Prepared(file, wanted).run()
    assert [point.settings["nodes"] for point in found.points] == ["1", "2"]
    assert all(point.estimates["requests"].mean > 0 for point in found.points)
