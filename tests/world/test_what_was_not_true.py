"""What the model once had wrong, M1 to M16, each with the test that holds it right.

Most stand with the part that they are about; those that belong to no part stand here.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from simulator.scenario import build, load
from simulator.shell import Session
from simulator.world import World
from simulator.world.history import History
from tests.world.test_history import Busy

TESTS = Path(__file__).parent.parent
HELD_BY = {
    "M1": "machine/test_devices_in_the_world.py::"
    "test_a_request_alone_on_a_disk_takes_its_own_time_whatever_threads_there_are",
    "M2": "machine/test_devices_in_the_world.py::"
    "test_a_request_alone_on_a_network_card_takes_its_own_time",
    "M3": "machine/test_devices_in_the_world.py::"
    "test_twenty_short_jobs_move_no_more_than_the_disk_does",
    "M4": "machine/test_devices_in_the_world.py::test_two_jobs_share_a_disk_equally",
    "M5": "world/test_what_was_not_true.py::"
    "test_a_scenario_that_uses_devices_has_one_past_rewound_undone_or_replayed",
    "M6": "machine/test_kernel_clock.py::"
    "test_requests_in_hand_exhaust_a_host_at_the_same_instant_beside_any_number",
    "M7": "machine/test_kernel_clock.py::"
    "test_a_machine_evicts_at_a_multiple_of_ten_seconds_whatever_else_runs",
    "M8": "calibration/test_every_constant_is_read.py::"
    "test_a_scenario_that_sets_a_constant_changes_what_it_is_named_for",
    "M9": "theory/test_weights_of_guests.py::"
    "test_a_container_with_a_kernel_of_its_own_keeps_its_weight",
    "M10": "theory/test_littles_law.py::"
    "test_the_number_in_a_throttled_container_is_littles_at_any_phase",
    "M11": "theory/test_density_published.py::test_as_many_applications_fit_as_was_measured_of_one",
    "M12": "machine/test_density.py::"
    "test_as_many_instances_fit_128_gib_as_the_published_figures_give",
    "M13": "machine/test_starts.py::test_a_hundred_microvms_at_once_take_a_third_longer_than_one",
    "M14": "traffic/test_presets.py::"
    "test_no_quarter_of_an_hour_of_the_cup_grows_faster_than_the_fastest_that_was_measured",
    "M15": "shell/test_inside_view.py::"
    "test_cached_pages_of_a_container_that_is_gone_are_charged_above_it_and_to_no_sibling",
    "M16": "theory/test_the_tail_at_scale.py::"
    "test_who_asks_a_hundred_servers_mostly_meets_a_slow_one",
}


@pytest.mark.parametrize(("what", "test"), HELD_BY.items())
def test_each_is_held_by_a_test(what: str, test: str) -> None:
    file, _, name = test.partition("::")
    tree = ast.parse((TESTS / file).read_text("utf-8"))
    assert name in [one.name for one in tree.body if isinstance(one, ast.FunctionDef)]


SCENARIO = """\
format: 1
seed: 5
hosts: [{name: h, cores: 2, memory: 4g}]
images: [{pull: alpine}]
services: [web]
containers:
  - {image: alpine, name: web, service: web,
     workload: "server cpu=2ms ios=2 io_bytes=256KiB net_bytes=64KiB"}
  - {image: alpine, name: job, workload: "batch cpu=1s io_bytes=900MiB"}
traffic: {web: {kind: poisson, rate: 60/s}}
"""


def from_zero(world: World, to: float) -> str:
    again = World.replayed(world.seed, world.log.first(len(world.log)), to, world.parts.calibration)
    return again.journal.digest


def test_a_scenario_that_uses_devices_has_one_past_rewound_undone_or_replayed(tmp_path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(SCENARIO)
    world = build(load(path)).world
    began = world.now
    world.history = History(Busy())
    world.advance(began + 4.0)
    then = world.journal.digest
    world.advance(began + 9.0)
    assert world.journal.digest == from_zero(world, world.now)
    assert world.rewound(began + 4.0).journal.digest == then
    session = Session(world, folder=tmp_path)
    before = world.journal.digest
    for line in ("docker stop job", "undo"):
        assert session.execute(line).error is None
    assert session.world.now == began + 9.0
    assert session.world.journal.digest == before
