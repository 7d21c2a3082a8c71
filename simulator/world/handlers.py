"""Which function carries out which command."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from simulator.world import (
    builds,
    cgroups,
    commands,
    containers,
    faults,
    images,
    machines,
    security,
    services,
    sites,
)
from simulator.world.jobs import Reply

if TYPE_CHECKING:
    from simulator.world.world import World

HANDLERS: dict[type[commands.Command], Callable[[World, Any], Reply]] = {
    commands.CreateHost: sites.create_host,
    commands.RemoveHost: machines.remove_host,
    commands.CreateVm: sites.create_vm,
    commands.RemoveVm: machines.remove_vm,
    commands.UseMachine: machines.use,
    commands.TuneMachine: cgroups.tune,
    commands.CreateCgroup: cgroups.create,
    commands.RemoveCgroup: cgroups.remove,
    commands.BuildImage: builds.build,
    commands.PullImage: images.pull,
    commands.TagImage: images.tag,
    commands.RemoveImage: images.remove,
    commands.RunContainer: containers.run,
    commands.StartContainer: containers.start,
    commands.StopContainer: containers.stop,
    commands.KillContainer: containers.kill,
    commands.RestartContainer: containers.restart,
    commands.PauseContainer: containers.pause,
    commands.UnpauseContainer: containers.unpause,
    commands.RemoveContainer: containers.remove,
    commands.UpdateContainer: containers.update,
    commands.RenameContainer: containers.rename,
    commands.CreateService: services.create,
    commands.RemoveService: services.remove,
    commands.AddEndpoint: services.add_endpoint,
    commands.RemoveEndpoint: services.remove_endpoint,
    commands.SetBalancer: services.set_balancer,
    commands.StartTraffic: services.start_traffic,
    commands.StopTraffic: services.stop_traffic,
    commands.InjectFault: faults.inject,
    commands.ApplyFlaw: security.apply_flaw,
}
