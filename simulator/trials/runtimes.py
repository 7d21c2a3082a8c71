"""A scenario whose containers all run under another runtime."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from simulator.errors import InputError, unknown
from simulator.machine.runtimes import container_runtimes, shares_a_kernel
from simulator.scenario.loading import Scenario


def check_runtime(name: str) -> None:
    """InputError for what is none, or starts no containers."""
    if name != "runc" and shares_a_kernel(name):
        raise InputError("this lets VMs share a kernel; it starts no containers", found=name)
    if name not in container_runtimes():
        raise unknown("runtime", name, container_runtimes())


def under(scenario: Scenario, name: str) -> Scenario:
    """The same scenario with another runtime for its containers, and for those that ``docker run``
    and ``docker create`` in its script start without naming one."""
    check_runtime(name)
    containers = tuple(
        msgspec.structs.replace(one, runtime=name) for one in scenario.spec.containers
    )
    spec = msgspec.structs.replace(scenario.spec, containers=containers)
    return replace(scenario, spec=spec, runtime=name)
