from __future__ import annotations

import pytest

from simulator.errors import DrydockError, InputError
from simulator.scenario import build, load

TEXT = """\
format: 1
until: 1h
hosts:
  - {name: us, cores: 4, region: aws/us-east-1}
  - {name: cheap, region: aws/us-east-1, price: 0.01}
  - {name: here, emulation: true, lazy_pull: true}
"""


def test_hosts_of_a_scenario_have_a_clouds_price_emulators_and_lazy_pulls(tmp_path):
    path = tmp_path / "s.yaml"
    path.write_text(TEXT)
    world = build(load(path)).world
    prices = {one.name: one.price_per_hour for one in world.hosts()}
    assert prices == {"us": 0.2016, "cheap": 0.01, "here": 0.0}
    assert str(world.machine("us").images.site) == "aws/us-east-1"
    assert world.machine("here").images.emulation is not None
    assert world.machine("here").images.rules.lazy
    assert not world.machine("us").images.rules.lazy


def test_a_region_that_is_none_is_refused_where_it_is_written_and_kvm_is_asked_for_by_key(tmp_path):
    path = tmp_path / "s.yaml"
    head = "format: 1\nuntil: 1h\nhosts:\n"
    path.write_text(head + "  - {name: a, region: eu-centrl-1}\n")
    with pytest.raises(
        InputError, match=r"s.yaml:4:5: unknown region.*did you mean 'eu-central-1'"
    ):
        build(load(path))
    vms = "vms:\n  - {name: v, host: a}\n"
    path.write_text(f"{head}  - {{name: a, region: eu-central-1}}\n{vms}")
    with pytest.raises(DrydockError, match="Could not access KVM"):
        build(load(path))
    path.write_text(f"{head}  - {{name: a, region: eu-central-1, nested: true}}\n{vms}")
    assert build(load(path)).world.machine("v").up
