from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shipped import shipped_runtime

from simulator.errors import InputError
from simulator.machine.boundaries import (
    ALL_CAPS,
    BOUNDARY_KINDS,
    DOCKER_CAPS,
    GUEST_ROOT,
    OPEN,
    Hardening,
    Tenant,
    chain_of,
    host_chain,
)
from simulator.machine.flaws import blast, catalogue, escalated, flaw, reach

HOST = host_chain("host1")
DOCKER = Hardening()
OTHER_HOST = host_chain("host2")


def tenant(name: str, kind: str, hardening: Hardening = DOCKER) -> Tenant:
    return Tenant(name, chain_of(shipped_runtime(kind), name, HOST), hardening)


def in_vm(name: str, vm: str, hardening: Hardening = DOCKER) -> Tenant:
    guest = chain_of(shipped_runtime("qemu"), vm, HOST)
    return Tenant(name, chain_of(shipped_runtime("docker"), name, guest), hardening)


EVERYBODY = [
    tenant("web", "docker"),
    tenant("shop", "docker"),
    tenant("sandboxed", "gvisor"),
    tenant("micro", "firecracker", GUEST_ROOT),
    tenant("virtual", "qemu", GUEST_ROOT),
    in_vm("inner-a", "vm1"),
    in_vm("inner-b", "vm1"),
    Tenant("elsewhere", chain_of(shipped_runtime("docker"), "elsewhere", OTHER_HOST)),
]
WEB, SHOP, SANDBOXED, MICRO, VIRTUAL, INNER_A, INNER_B, ELSEWHERE = EVERYBODY
ON_HOST = {one.name for one in EVERYBODY} - {"elsewhere"}


def test_a_kernel_flaw_in_a_container_reaches_everybody_on_that_kernel() -> None:
    result = blast(flaw("Dirty COW"), WEB, EVERYBODY)
    assert str(result.failed_boundary) == "kernel:host1"
    assert set(result.reachable) == ON_HOST - {"web"}
    assert "shared kernel" in result.explanation


def test_the_same_flaw_in_a_vm_stops_at_the_guest_kernel() -> None:
    result = blast(flaw("Dirty COW"), VIRTUAL, EVERYBODY)
    assert str(result.failed_boundary) == "kernel:virtual"
    assert result.reachable == ()
    assert "guest kernel" in result.explanation


def test_a_container_in_a_vm_reaches_the_other_containers_of_that_vm_only() -> None:
    assert blast(flaw("CVE-2022-0847"), INNER_A, EVERYBODY).reachable == ("inner-b",)


def test_a_sandbox_keeps_system_calls_away_from_the_hosts_kernel() -> None:
    result = blast(flaw("Dirty COW"), SANDBOXED, EVERYBODY)
    assert result.failed_boundary is None
    assert "never reach the kernel" in result.blocked_by


def test_a_flaw_that_makes_no_call_passes_a_sandbox() -> None:
    assert "web" in blast(flaw("Meltdown"), SANDBOXED, EVERYBODY).reachable
    assert blast(flaw("Meltdown"), SANDBOXED, EVERYBODY, ["kpti"]).blocked_by == "stopped by kpti"


def test_a_runtime_flaw_needs_that_runtime() -> None:
    assert set(blast(flaw("Leaky Vessels"), WEB, EVERYBODY).reachable) == ON_HOST - {"web"}
    for one in (SANDBOXED, MICRO, VIRTUAL):
        assert "not applicable" in blast(flaw("Leaky Vessels"), one, EVERYBODY).blocked_by


def test_a_hypervisor_flaw_lets_a_vm_out_to_everybody_on_the_host() -> None:
    result = blast(flaw("VENOM"), VIRTUAL, EVERYBODY)
    assert result.failed_boundary.kind == "vmm"
    assert set(result.reachable) == ON_HOST - {"virtual"}
    assert "not applicable" in blast(flaw("VENOM"), MICRO, EVERYBODY).blocked_by


def test_a_container_in_a_vm_must_first_take_the_guest() -> None:
    assert "must fall first" in blast(flaw("VENOM"), INNER_A, EVERYBODY).blocked_by
    first = blast(flaw("Dirty Pipe"), INNER_A, EVERYBODY)
    second = blast(flaw("VENOM"), escalated(INNER_A, first), EVERYBODY)
    assert set(second.reachable) == ON_HOST - {"inner-a"}


def test_a_jail_around_the_monitor_still_stands_when_the_monitor_falls() -> None:
    result = blast(flaw("CVE-2019-18960"), MICRO, EVERYBODY)
    assert result.failed_boundary.kind == "vmm"
    assert result.reachable == ()
    assert "jail:micro still stands" in result.explanation
    assert set(blast(flaw("CVE-2021-29657"), MICRO, EVERYBODY).reachable) == ON_HOST - {"micro"}


def test_a_hardware_flaw_reads_across_every_wall_of_one_machine() -> None:
    for attacker in (WEB, SANDBOXED, MICRO, VIRTUAL):
        result = blast(flaw("CVE-2018-3646"), attacker, EVERYBODY)
        assert set(result.reachable) == ON_HOST - {attacker.name}
        assert result.effect == "read"
    assert blast(flaw("CVE-2018-3646"), VIRTUAL, EVERYBODY, ["smt_off"]).reachable == ()


def test_vms_that_share_a_guest_kernel_share_its_flaws_but_not_with_the_host() -> None:
    shared = shipped_runtime("vm-shared-kernel")
    a, b = (Tenant(n, chain_of(shared, n, HOST, guest="guests")) for n in ("a", "b"))
    assert blast(flaw("Dirty COW"), a, [a, b, WEB]).reachable == ("b",)


@pytest.mark.parametrize(
    ("name", "change", "why"),
    [
        ("CVE-2020-14386", {"caps": DOCKER_CAPS - {"CAP_NET_RAW"}}, "CAP_NET_RAW is missing"),
        ("CVE-2019-5736", {"userns": True}, "stopped by userns"),
        ("CVE-2019-5736", {"root": False}, "not root"),
        ("CVE-2019-14271", {"readonly_root": True}, "stopped by readonly_root"),
        ("CVE-2022-0847", {"seccomp": "strict"}, "blocks splice"),
        ("CVE-2022-0185", {}, "blocks fsconfig"),
        ("CVE-2021-22555", {}, "blocks unshare"),
        ("CVE-2020-15257", {}, "network of its own"),
        ("PRIVILEGED", {}, "not privileged"),
    ],
)
def test_a_switch_stops_a_flaw_and_says_so(name: str, change: dict, why: str) -> None:
    hardened = replace(WEB, hardening=replace(Hardening(), **change))
    result = blast(flaw(name), hardened, EVERYBODY)
    assert result.reachable == ()
    assert why in result.blocked_by


@pytest.mark.parametrize(
    "name", ["CVE-2022-0185", "CVE-2021-22555", "PRIVILEGED", "CVE-2020-15257"]
)
def test_with_all_switches_off_those_flaws_work(name: str) -> None:
    assert "shop" in blast(flaw(name), replace(WEB, hardening=OPEN), EVERYBODY).reachable


def test_without_a_filter_a_dropped_capability_comes_back_in_a_user_namespace() -> None:
    loose = Hardening(seccomp="unconfined", caps=frozenset())
    assert (
        "shop" in blast(flaw("CVE-2021-22555"), replace(WEB, hardening=loose), EVERYBODY).reachable
    )


def test_the_catalogue_has_flaws_on_every_layer_and_each_has_a_source() -> None:
    flaws = catalogue().values()
    layers = {"kernel", "runtime", "sandbox", "hypervisor", "hardware"}
    assert {found.layer for found in flaws} == layers
    for found in flaws:
        assert found.breaks in BOUNDARY_KINDS
        assert found.lands in ("process", "kernel")
        assert found.effect in ("control", "write", "read")
        assert found.about
        assert found.source
        assert found.cvss is None or 0 < found.cvss <= 10
        for need in found.needs:
            cap = need.removeprefix("userns:")
            assert cap in ALL_CAPS | {"root", "guest_root", "host_network", "privileged"}


def test_reach_looks_at_one_chain_only() -> None:
    assert reach(flaw("Dirty COW"), WEB.chain, Hardening()).failed_boundary == HOST[0]


def test_unknown_flaws_switches_and_capabilities_are_refused_by_name() -> None:
    with pytest.raises(InputError, match="did you mean 'Dirty Pipe'"):
        flaw("Dirty Pip")
    with pytest.raises(InputError, match="did you mean 'smt_off'"):
        blast(flaw("VENOM"), WEB, [], ["smt-off"])
    with pytest.raises(InputError, match="did you mean 'CAP_NET_ADMIN'"):
        Hardening(caps=frozenset({"CAP_NET_ADMN"}))


@given(
    st.sampled_from(sorted(catalogue())),
    st.sampled_from(EVERYBODY),
    st.booleans(),
    st.booleans(),
)
def test_nobody_on_another_host_is_ever_reachable_and_nobody_reaches_itself(
    name: str, attacker: Tenant, userns: bool, privileged: bool
) -> None:
    hardening = Hardening(userns=userns, privileged=privileged)
    result = blast(flaw(name), replace(attacker, hardening=hardening), EVERYBODY)
    assert attacker.name not in result.reachable
    if attacker is not ELSEWHERE:
        assert "elsewhere" not in result.reachable
    assert (result.failed_boundary is None) == (result.blocked_by is not None)
