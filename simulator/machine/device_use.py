"""What a container has got of the devices of its machine."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.machine.kernel import Container


@dataclass(frozen=True, slots=True)
class Use:
    """What a container has got of a device while it used it, in bytes or operations per second."""

    device: str
    in_bytes: bool
    whole_per_s: float
    most_per_s: float
    got_per_s: float

    @property
    def capped(self) -> bool:
        """Whether a limit of its own keeps it from the whole device."""
        return self.most_per_s < self.whole_per_s * (1.0 - 1e-9)


def uses_of(one: Container) -> list[Use]:
    """The devices that a running container has used, and what it got of them."""
    lanes, workload = one.lanes, one.settings.workload
    if lanes is None:
        return []
    rates = one.machine.host.hardware.rates
    disk = (workload.io_bytes or workload.ios, bool(workload.io_bytes), rates.disk_s(workload))
    card = (workload.net_bytes, True, rates.network_s(workload))
    found = []
    for place, (amount, in_bytes, seconds) in ((lanes.disk, disk), (lanes.network, card)):
        if seconds and place.ran_s:
            whole = amount / seconds
            most = min(group.limit for group in place.group.ceilings())
            share = place.used / place.ran_s
            device = place.group.root.name
            found.append(Use(device, in_bytes, whole, whole * most, whole * share))
    return found
