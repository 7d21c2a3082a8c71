"""Moving a service between clouds, as a container image and as a VM disk, stage by stage."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pull_helpers import MB, image, layer
from shipped import SHIPPED

from simulator.calibration import Calibration
from simulator.clouds import Site, as_of, cloud, clouds
from simulator.errors import InputError
from simulator.world import moving
from simulator.world.moving import Service

AWS, GCP, AZURE, OWN = (Site.parse(name) for name in ("aws", "gcp", "azure", "own"))
BASE = layer("base", 60, 160)
APP = layer("app", 40, 110)
SERVICE = Service(image(BASE, APP))
as_container = partial(moving.as_container, constants=SHIPPED)
as_vm_disk = partial(moving.as_vm_disk, constants=SHIPPED)


def stage(move, name: str):
    return next(one for one in move.stages if one.name == name)


def test_a_container_image_moves_in_seconds_and_a_disk_in_minutes():
    container, disk = as_container(SERVICE, AWS, GCP), as_vm_disk(SERVICE, AWS, GCP)
    assert [one.name for one in container.stages] == ["push", "pull", "start"]
    assert [one.name for one in disk.stages] == ["export", "convert", "upload", "import", "boot"]
    assert container.seconds < 30 < 60 < disk.seconds
    assert container.moved_bytes * 5 < disk.moved_bytes
    assert container.usd < disk.usd


def test_egress_is_paid_for_what_is_pushed():
    move = as_container(SERVICE, AWS, GCP)
    assert stage(move, "push").size_bytes == 100 * MB
    assert stage(move, "push").usd == pytest.approx(0.1 * AWS.cloud.egress_usd_gb)


def test_a_base_that_is_there_already_is_not_moved():
    move = as_container(SERVICE, AWS, GCP, registry_has=[BASE], node_has=[BASE])
    assert stage(move, "push").size_bytes == 40 * MB
    assert stage(move, "pull").size_bytes == 40 * MB
    assert move.seconds < as_container(SERVICE, AWS, GCP).seconds


def test_each_stage_follows_from_its_rate():
    move = as_vm_disk(SERVICE, AWS, GCP, system_bytes=2e9, provisioned_bytes=10e9)
    value = SHIPPED.value
    assert stage(move, "export").seconds == pytest.approx(
        10e9 / value("images.vm_disk.read_bytes_s")
    )
    packed = (2e9 + 270 * MB) / value("images.vm_disk.compress_ratio")
    assert stage(move, "upload").size_bytes == pytest.approx(packed)
    assert stage(move, "upload").seconds == pytest.approx(packed / AWS.cloud.uplink_bytes_s)
    assert stage(move, "boot").seconds == value("boot.cloud_vm.total_s")


def test_a_fixed_disk_format_carries_every_virtual_byte():
    move = as_vm_disk(SERVICE, AWS, AZURE, provisioned_bytes=10e9)
    assert stage(move, "upload").size_bytes == 10e9


def test_own_hardware_needs_no_import_and_charges_no_egress():
    home = as_vm_disk(SERVICE, AWS, OWN)
    assert "import" not in [one.name for one in home.stages]
    assert stage(as_container(SERVICE, OWN, AWS), "push").usd == 0


def test_data_travels_with_either_form():
    service = Service(SERVICE.image, data_bytes=1e9)
    for move in (as_container(service, AWS, GCP), as_vm_disk(service, AWS, GCP)):
        assert stage(move, "data").usd == pytest.approx(AWS.cloud.egress_usd_gb)
        assert stage(move, "data").seconds == pytest.approx(1e9 / AWS.cloud.uplink_bytes_s)


def test_a_scenario_may_set_its_own_rates():
    faster = Calibration({"images.vm_disk.read_bytes_s": 400e6})
    assert stage(moving.as_vm_disk(SERVICE, AWS, GCP, constants=faster), "export").seconds == 50


def test_prices_inside_a_cloud_are_lower_and_inside_a_region_nothing():
    west = Site.parse("aws/eu-central-1")
    prices = [AWS.egress_usd(1e9, to) for to in (AWS, west, GCP)]
    assert prices == [0.0, 0.02, 0.09]


def test_unknown_clouds_and_regions_get_the_nearest():
    with pytest.raises(InputError, match="did you mean 'azure'"):
        cloud("azur")
    with pytest.raises(InputError, match="did you mean 'eu-central-1'"):
        Site.parse("aws/eu-central-2")


def test_prices_say_what_they_are():
    assert as_of() == "illustrative list prices, 2026-08"
    assert len(clouds()) == 5


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.integers(0, 500), min_size=1, max_size=5),
    st.sampled_from(sorted(clouds())),
    st.sampled_from(sorted(clouds())),
)
def test_a_larger_image_never_moves_faster_or_cheaper(sizes, origin, target):
    layers = [layer(str(n), size, size * 2) for n, size in enumerate(sizes)]
    there = Site.parse(origin), Site.parse(target)
    small = as_container(Service(image(*layers)), *there)
    large = as_container(Service(image(*layers, layer("more", 50, 100))), *there)
    assert small.seconds <= large.seconds
    assert small.usd <= large.usd
    assert small.moved_bytes + 50 * MB == pytest.approx(large.moved_bytes)
