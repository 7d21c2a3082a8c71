"""What flows of bytes take of a device: pulls, pushes and moves beside the requests of containers.

The flows on the disk (or card) of a host, those of its virtual machines included, are together one
tenant of it with the weight of a container. It wants the rate at which the network of flows would
send if nobody else used the device. What it gets at each instant is what the tree leaves it, and
so far the flows come: over any time the bytes of flows and of requests are together no more than
the device moves. Only while containers that use devices are there: else flows have it for
themselves, and nothing is worked out.
"""

from __future__ import annotations

from simulator.engine import Link, Simulation
from simulator.machine.cpu.endless import ENDLESS, FOREVER_S
from simulator.machine.cpu.fabric import Fabric
from simulator.machine.cpu.share import CpuGroup
from simulator.machine.cpu.station import Station

_ROUNDING = 1e-10
"""A smaller part of the time that flows stood still is a rounding error."""


class DeviceFlows:
    """The flows over one link of a host, as one tenant of the device that the link stands for."""

    def __init__(
        self, link: Link, bytes_per_s: float, device: CpuGroup, fabric: Fabric, sim: Simulation
    ) -> None:
        """``bytes_per_s``: what the device moves when it does nothing else."""
        self._link = link
        self._bytes_per_s = bytes_per_s
        self._device = device
        self._fabric = fabric
        self._sim = sim
        self._others = 0
        self._station: Station | None = None
        self._share = 0.0
        """The part of the device that the flows want."""
        self._stood_s = 0.0
        self._since = self._used_s = 0.0
        link.beside = self

    # --- the containers beside --------------------------------------------------------------------

    def came(self) -> None:
        """A container that uses devices has come."""
        self._others += 1
        self._link.others_came()

    def left(self) -> None:
        """A container that used devices is gone."""
        self._others -= 1

    @property
    def contended(self) -> bool:
        """Whether anybody else may use the device."""
        return self._others > 0

    # --- what the flows want and get --------------------------------------------------------------

    def want(self, bytes_s: float) -> None:
        """From now on the flows would send so much together; 0: there are none any more."""
        share = min(1.0, bytes_s / self._bytes_per_s)
        if share == self._share:
            return
        self._stood_s = self.stood_s()
        if not share:
            self._leave()
        elif self._station is None:
            self._join(share)
        else:
            self._fabric.resize(self._station, 1)
            self._station.group.allow(share)
        self._share = share
        self._since = self._sim.now
        self._used_s = self._station.used if self._station is not None else 0.0

    def stood_s(self) -> float:
        """Seconds that the flows have lost until now: all the time, less what they got of what
        they wanted."""
        if self._station is None:
            return self._stood_s
        self._fabric.settle((self._station,))
        passed_s = self._sim.now - self._since
        lost_s = passed_s - (self._station.used - self._used_s) / self._share
        return self._stood_s + (lost_s if lost_s > _ROUNDING * passed_s else 0.0)

    def pace(self) -> float:
        """The part of what they want that the flows get at this instant, up to 1."""
        if self._station is None:
            return 1.0
        self._fabric.settle((self._station,))
        return min(1.0, self._station.speed / self._share)

    def _join(self, share: float) -> None:
        name = f"transfers on {self._device.name}"
        group = CpuGroup(name, parent=self._device, limit=share)
        self._station = Station(name, group)
        self._station.admit(self._sim.now, FOREVER_S, ENDLESS)
        self._fabric.add_station(self._station)

    def _leave(self) -> None:
        assert self._station is not None
        self._fabric.remove_station(self._station)
        self._station.group.detach()
        self._station = None
