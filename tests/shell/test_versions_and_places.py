"""Each kernel has its own version, a flaw is in some of them, not every machine has /dev/kvm."""

from __future__ import annotations

import pytest

from simulator.clouds import clouds
from simulator.errors import InputError
from simulator.machine.flaws import catalogue
from simulator.machine.software import Affected, installed, order
from simulator.shell import Session
from simulator.world import World


@pytest.fixture
def said(tmp_path):
    """What lines print; an error is the text after 'error: '."""
    session = Session(World(), folder=tmp_path)

    def say(*lines: str) -> str:
        result = None
        for line in lines:
            result = session.execute(line)
        return f"error: {result.error}" if result.error else "\n".join(result.lines)

    say("host add a -m 16g")
    return say


# --- kernels --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("runtime", "version"),
    [("runc", "6.8"), ("kata", "6.18.35"), ("firecracker", "5.10"), ("runsc", "4.4.0")],
)
def test_a_container_sees_the_kernel_that_serves_it_wherever_it_looks(said, runtime, version):
    said(f"docker run -d --name k --runtime {runtime} alpine sleep 100", "advance 20s")
    assert said("docker exec k uname -r") == version
    assert said("docker exec k cat /proc/version").startswith(f"Linux version {version} ")
    assert f" {version} " in said("docker exec k uname -a")
    assert "Kernel Version: 6.8" in said("docker info")


def test_the_log_of_a_kernel_is_its_own_and_linux_keeps_it_from_containers(said):
    said("docker run -d --name s --runtime runsc alpine sleep 99", "advance 5s")
    said("docker run -d --name c alpine sleep 99")
    assert "Starting gVisor..." in said("docker exec s dmesg")
    assert "Operation not permitted" in said("docker exec c dmesg")
    assert said("on a dmesg").endswith("Linux version 6.8 #1 SMP")


def test_a_virtual_machine_has_the_kernel_of_its_own_distribution_unless_told(said):
    said("vm create v", "vm create f --hypervisor firecracker", "vm create old --kernel 5.4")
    assert [said(f"on {name} uname -r") for name in ("a", "v", "f", "old")] == [
        "6.8", "6.12", "5.10", "5.4",
    ]  # fmt: skip
    assert "Kernel Version: 6.12" in said("docker -H v info")
    assert "Kernel Version:   6.12" in said("docker -H v version")


def test_virtual_machines_of_one_kernel_have_its_version(said):
    said("vm create one --hypervisor vm-shared-kernel --kernel 5.10 -m 1g")
    refused = said("vm create two --hypervisor vm-shared-kernel --kernel 5.4 -m 1g")
    assert "would share the kernel of a-shared, which is 5.10" in refused
    said("vm create three --hypervisor vm-shared-kernel -m 1g")
    assert said("on three uname -r") == "5.10"


# --- flaws ----------------------------------------------------------------------------------------


def test_versions_come_in_the_order_of_releases():
    words = ["1.0.0-rc7", "1.0.0-rc95", "1.0", "1.1.12", "1.2.8", "19.03.1", "20240401"]
    assert words == sorted(words, key=order)
    assert order("6.8.0-31-generic") == order("6.8") == order("v6.8.0")
    for bad in ("", "six", "1.", "1.2.3.4.5.6", "1" * 10):
        with pytest.raises(InputError, match="bad version"):
            order(bad)


@pytest.mark.parametrize(
    ("version", "has"),
    [
        ("5.7", False), ("5.8", True), ("5.10.101", True), ("5.10.102", False), ("5.14.21", True),
        ("5.16.11", False), ("5.17", False), ("6.8", False),
    ],
)  # fmt: skip
def test_a_fix_counts_from_the_release_that_brought_it_to_a_series(version, has):
    affected = Affected("5.8", ("5.10.102", "5.15.25", "5.16.11", "5.17"))
    assert affected.has(version) == has


def test_every_flaw_of_software_says_which_versions_it_is_in_and_where_that_is_said():
    for one in catalogue().values():
        known = bool(one.affected and one.versions)
        assert known == (one.breaks != "hardware" and one.id != "PRIVILEGED"), one.id
        assert {name for name, _ in one.affected} <= {*installed(), "linux"}
        for _, range_ in one.affected:
            fixes = [order(version) for version in range_.fixed]
            assert fixes == sorted(fixes), one.id


def test_a_flaw_applies_to_the_versions_that_have_it_and_a_patch_counts_from_the_next_boot(said):
    said("host add old --kernel 5.10", "docker -H old run -d --name z alpine sleep 1000")
    said("docker -H a run -d --name y alpine sleep 1000")
    new = said("flaw apply CVE-2022-0847 y")
    assert "not applicable: kernel:a runs with linux 6.8, which does not have it" in new
    assert "fixed in 5.10.102" in new
    assert "failed: kernel:old" in said("flaw apply CVE-2022-0847 z")
    assert "reboot old" in said("tune old --kernel 5.10.102")
    assert said("on old uname -r") == "5.10"
    assert "old runs kernel 5.10.102" in said("reboot old")
    said("docker start z")
    assert "not applicable: kernel:old" in said("flaw apply CVE-2022-0847 z")


def test_a_runtime_is_patched_at_once_and_a_switch_stops_what_a_version_would_not(said):
    said("docker run -d --name x alpine sleep 1000")
    said("tune a --userns-remap on", "docker run -d --name u alpine sleep 1000")
    assert "stopped by userns" in said("flaw apply CVE-2025-31133 u")
    said("tune a --software runc=1.3.3")
    patched = said("flaw apply CVE-2025-31133 x")
    assert "not applicable: container:x runs with runc 1.3.3" in patched
    said("host add b --software runc=1.1.11", "docker -H b run -d --name w alpine sleep 100")
    assert "failed: container:w" in said("flaw apply CVE-2024-21626 w")


def test_who_stood_on_a_kernel_is_gone_when_that_boots_anew(said):
    said("host add old --kernel 5.10", "docker -H old run -d --name z alpine sleep 1000")
    said("flaw apply CVE-2022-0847 z", "reboot old", "docker start z")
    assert said("flaw apply CVE-2022-0847 z").startswith("walls around z: container:z > kernel:old")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("host add b --software runk=1.1", "unknown software: found 'runk'"),
        ("host add b --software runc", "version of runc is missing"),
        ("tune a --software runc=new", "bad version"),
        ("tune a --kernel new", "bad kernel version"),
        ("tune a --kernel 6.8.x", "bad kernel version"),
        ("host add b --kernel 99999999999", "bad kernel version"),
        ("vm create v --kernel 6.", "bad kernel version"),
        ("reboot nowhere", "No such machine"),
    ],
)
def test_what_is_no_version_is_refused_by_name(said, line, words):
    assert words in said(line)


# --- places ---------------------------------------------------------------------------------------


def test_each_region_that_is_listed_is_a_place_of_a_host(said):
    for cloud in clouds().values():
        for region in cloud.regions:
            for written in (region, f"{cloud.name}/{region}"):
                said(f"host add x --region {written}")
                assert f"{cloud.name}/{region}" in said("host ls"), written
                assert f"in {cloud.name}/{region}" in said("cost")
                said("host rm x")


def test_a_place_that_is_none_is_refused_with_the_nearest(said):
    refused = said("host add m --region eu-centrl-1")
    assert "unknown region: found 'eu-centrl-1'" in refused
    assert "did you mean 'eu-central-1'?" in refused
    assert "'clouds ls'" in said("host add m --region mars-north-9")
    assert said("registry add r.local --region mars-north-9").startswith("error: unknown region")


@pytest.mark.parametrize(
    ("place", "flags", "has"),
    [
        ("local", "", True), ("own", "", True), ("local", "--nested off", False),
        ("aws", "", False), ("aws", "--nested on", True),
        ("gcp", "", False), ("gcp", "--nested on", True), ("azure", "", True),
        ("hetzner", "", False),
    ],
)  # fmt: skip
def test_virtual_machines_run_where_there_is_a_dev_kvm(said, place, flags, has):
    said(f"host add c --cores 8 -m 16g --region {place} {flags}")
    lines = (
        "docker -H c run -d --runtime kata alpine sleep 100",
        "docker -H c run -d --runtime firecracker alpine sleep 100",
        "docker -H c run -d --runtime gvisor-kvm alpine sleep 100",
        "vm create v --host c",
        "vm create s --host c --hypervisor vm-shared-kernel -m 1g",
    )
    for line in lines:
        answer = said(line)
        assert ("No such file or directory" in answer) != has, answer
        assert ("error: " in answer) != has
    assert not said("docker -H c run -d --runtime runsc alpine sleep 100").startswith("error")


def test_a_refusal_for_want_of_kvm_says_what_to_use(said):
    said("host add c --region aws", "host add h --region hetzner")
    kata = said("docker -H c run -d --runtime kata alpine sleep 100")
    assert "OCI runtime create failed: Could not access KVM kernel module" in kata
    assert "'host add NAME --nested on' (as m8i.large), bare metal such as m7i.metal" in kata
    assert "a dedicated server" in said("vm create v --host h")
    assert "a dedicated server" in said("host add k --region hetzner --nested on")


def test_a_virtual_machine_holds_others_when_it_was_made_so(said):
    said("vm create plain", "vm create deep --nested -m 4g")
    assert "was made without --nested" in said("vm create inner --host plain -m 512m --vcpus 1")
    assert said("vm create inner --host deep -m 512m --vcpus 1") == "inner"
    assert "shows its guests no /dev/kvm" in said("vm create f --hypervisor firecracker --nested")


def test_no_guest_fits_a_machine_without_dev_kvm(said):
    said("host add c --region aws", "host add n --region aws --nested on")
    rows = said("density idle --host c").split("\n")[2:]
    without = [row.split()[0] for row in rows if "needs /dev/kvm" in row]
    assert without == ["firecracker", "cloud-hypervisor", "kata-clh", "kata-qemu", "qemu"]
    assert "needs /dev/kvm" not in said("density idle --host n")


def test_weights_are_made_of_shares_as_the_installed_version_of_runc_does(said):
    said("host add old --software runc=1.2.5")
    weights = {}
    for host in ("a", "old"):
        said(f"docker -H {host} run -d --name w-{host} -c 512 alpine sleep 100", "advance 2s")
        weights[host] = said(f"docker exec w-{host} cat /sys/fs/cgroup/cpu.weight")
    assert weights == {"a": "59", "old": "20"}
    said("tune a --software runc=1.2.5", "docker run -d --name later -c 512 alpine sleep 100")
    assert said("advance 2s", "docker exec later cat /sys/fs/cgroup/cpu.weight") == "20"


def test_runtimes_and_monitors_of_linux_are_refused_on_windows(said):
    said("host add win --os windows -m 16g")
    image = "mcr.microsoft.com/windows/nanoserver:ltsc2022"
    for runtime in ("kata", "runsc", "crun", "firecracker"):
        refused = said(f"docker -H win run -d --runtime {runtime} {image}")
        assert f"unknown or invalid runtime name: {runtime}" in refused
    assert "use --hypervisor qemu" in said("vm create f --host win --hypervisor firecracker")
    assert "boots no Windows" in said("vm create w --os windows --hypervisor firecracker")
    assert said("vm create v --host win") == "v"
    assert "Storage Driver: windowsfilter" in said("docker -H win info")
    assert not said(f"docker -H win run -d {image}").startswith("error")
