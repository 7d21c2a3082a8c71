"""Whether an image runs on a machine, and what is said when it does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pull_helpers import image, layer
from shipped import SHIPPED

from simulator.errors import InputError, Refused
from simulator.image.model import ARCHITECTURES, Image, Index, Platform
from simulator.image.platform import (
    KERNEL_LABEL,
    Emulation,
    accepted,
    kernel_tuple,
    rank,
    select,
    verdict,
)

AMD64, ARM64 = Platform.parse("linux/amd64"), Platform.parse("linux/arm64")


def of(platform: str, **config: object) -> Image:
    return image(layer(platform, 1), platform=platform, **config)


def listed(*platforms: str) -> Index:
    return Index(tuple(of(platform) for platform in platforms))


@pytest.mark.parametrize(
    ("machine", "names"),
    [
        ("linux/amd64", "linux/amd64 linux/386"),
        ("linux/amd64/v3", "linux/amd64/v3 linux/amd64/v2 linux/amd64 linux/386"),
        ("linux/arm64", "linux/arm64 linux/arm/v8 linux/arm/v7 linux/arm/v6 linux/arm/v5"),
        ("linux/arm/v7", "linux/arm/v7 linux/arm/v6 linux/arm/v5"),
        ("linux/s390x", "linux/s390x"),
    ],
)
def test_a_machine_takes_its_own_and_older_platforms(machine, names):
    assert [str(one) for one in accepted(Platform.parse(machine))] == names.split()


def test_the_best_variant_of_a_list_is_chosen_whatever_the_order():
    index = listed("linux/arm/v5", "linux/amd64", "linux/arm/v6", "linux/arm/v8")
    assert str(select(index, Platform.parse("linux/arm/v7")).platform) == "linux/arm/v6"
    assert str(select(index, ARM64).platform) == "linux/arm/v8"


def test_a_list_without_the_platform_is_refused_in_dockers_words():
    with pytest.raises(Refused) as refusal:
        select(listed("linux/amd64", "linux/386"), ARM64)
    assert str(refusal.value) == (
        "no matching manifest for linux/arm64 in the manifest list entries: "
        "the list offers linux/amd64, linux/386"
    )


def test_a_single_image_is_taken_unless_a_platform_was_asked_for():
    arm = of("linux/arm64")
    assert select(arm, AMD64) is arm
    with pytest.raises(Refused, match="does not match the specified platform"):
        select(arm, AMD64, explicit=True)


def test_a_foreign_program_is_an_exec_format_error():
    found = verdict(of("linux/arm64", entrypoint=("/app",)), AMD64)
    assert found.runs == "refused"
    assert found.reason.startswith("exec /app: exec format error")
    assert not found.ok


def test_an_emulator_runs_it_slowly():
    found = verdict(of("linux/arm64"), AMD64, emulation=Emulation.of(SHIPPED))
    assert (found.runs, found.slowdown) == ("emulated", 4.0)
    assert verdict(of("linux/arm64"), AMD64, emulation=Emulation(slowdown=7)).slowdown == 7


def test_an_emulator_helps_only_for_its_own_architectures():
    only_arm = Emulation(4, frozenset({"arm"}))
    assert verdict(of("linux/arm64"), AMD64, emulation=only_arm).runs == "refused"


def test_nobody_emulates_unasked():
    index = listed("linux/arm64")
    found = verdict(index, AMD64, emulation=Emulation.of(SHIPPED))
    assert found.runs == "refused"
    assert found.reason.endswith("with --platform linux/arm64 it would run here, emulated")
    asked = verdict(index, AMD64, emulation=Emulation.of(SHIPPED), requested=ARM64)
    assert asked.runs == "emulated"


def test_a_32_bit_image_runs_natively_on_its_64_bit_successor():
    assert verdict(of("linux/386"), AMD64).runs == "native"
    assert verdict(of("linux/arm/v7"), ARM64).runs == "native"


def test_code_for_a_newer_processor_dies_on_an_older_one():
    assert "CPU does not support x86-64-v3" in verdict(of("linux/amd64/v3"), AMD64).reason
    v6 = Platform.parse("linux/arm/v6")
    assert "Illegal instruction" in verdict(of("linux/arm/v7"), v6).reason


def test_a_container_brings_no_kernel():
    needy = of("linux/amd64", labels=((KERNEL_LABEL, "5.6"),))
    assert verdict(needy, AMD64, "5.15.0-91-generic").runs == "native"
    assert "kernel too old" in verdict(needy, AMD64, "4.19.0").reason
    assert kernel_tuple("5.15.0-91-generic") == (5, 15, 0)
    with pytest.raises(InputError, match="bad kernel version"):
        kernel_tuple("new")


def windows(build: str) -> Platform:
    return Platform("windows", "amd64", os_version=f"10.0.{build}.1")


@pytest.mark.parametrize(
    ("guest", "host", "hyperv", "runs"),
    [
        ("17763", "17763", False, "native"),
        ("17763", "20348", False, "refused"),
        ("17763", "20348", True, "native"),
        ("20348", "26100", False, "native"),
        ("26100", "20348", False, "refused"),
        ("26100", "20348", True, "refused"),
    ],
)
def test_windows_containers_share_a_kernel_so_builds_must_match(guest, host, hyperv, runs):
    made = Image.of(image().config, (), platform=windows(guest))
    found = verdict(made, windows(host), hyperv=hyperv)
    assert found.runs == runs
    if runs == "refused":
        assert f"10.0.{guest}.1-based image is incompatible with a 10.0.{host}.1 host" in (
            found.reason
        )


def test_the_newest_fitting_windows_build_of_a_list_is_chosen():
    made = [Image.of(image().config, (), platform=windows(b)) for b in ("20348", "25398", "26100")]
    assert select(Index(tuple(made)), windows("25398")) is made[1]
    with pytest.raises(Refused, match="incompatible"):
        select(Index(tuple(made)), windows("17763"))


@pytest.mark.parametrize(("ours", "theirs"), [("linux", "windows"), ("windows", "linux")])
def test_linux_and_windows_do_not_run_each_other(ours, theirs):
    found = verdict(of(f"{ours}/amd64"), Platform(theirs, "amd64"))
    assert found.reason.startswith(f'image operating system "{ours}" cannot be used')
    index = verdict(listed(f"{ours}/amd64"), Platform(theirs, "amd64"))
    assert index.reason.startswith(f"no matching manifest for {theirs}/amd64")


PLATFORMS = st.builds(
    Platform,
    st.sampled_from(["linux", "windows"]),
    st.sampled_from(ARCHITECTURES),
    st.sampled_from(["", "v2", "v3", "v5", "v6", "v7", "v8", "vx"]),
    st.sampled_from(["", "10.0.17763", "10.0.20348.1", "odd"]),
)


@given(st.lists(PLATFORMS, max_size=5), PLATFORMS, st.booleans(), st.booleans())
def test_every_pair_gets_a_verdict_with_a_reason(offered, machine, hyperv, emulated):
    images = tuple(Image.of(image().config, (), platform=one) for one in offered)
    emulation = Emulation.of(SHIPPED) if emulated else None
    for manifest in (Index(images), *images):
        found = verdict(manifest, machine, "5.15", emulation=emulation, hyperv=hyperv)
        assert found.reason
        if found.runs == "native" and found.image:
            assert rank(found.image.platform, machine) is not None
        assert (found.slowdown > 1) == (found.runs == "emulated")
