"""Which function carries out which command."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from simulator.world import (
    building,
    cgroups,
    commands,
    containers,
    faults,
    files,
    image_commands,
    images,
    layers,
    machines,
    moves,
    registries,
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
    commands.BuildImage: building.build,
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
    image_commands.CreateRegistry: registries.create,
    image_commands.RemoveRegistry: registries.remove,
    image_commands.ChangeRegistry: registries.change,
    image_commands.CollectRegistry: registries.collect,
    image_commands.LogIn: registries.log_in,
    image_commands.LogOut: registries.log_out,
    image_commands.PushImage: images.push,
    image_commands.PruneImages: layers.prune_images,
    image_commands.PruneBuildCache: layers.prune_cache,
    image_commands.PruneContainers: layers.prune_containers,
    image_commands.SaveImages: layers.save,
    image_commands.LoadImages: layers.load,
    image_commands.CommitContainer: layers.commit,
    image_commands.ChangeFiles: files.change,
    image_commands.CopyIntoContainer: layers.copy_into,
    image_commands.MoveService: moves.move,
}
