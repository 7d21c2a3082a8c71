"""Which function carries out which command, and the parts of a world that each of them gets."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from simulator.node.names import Namer
from simulator.world import (
    building,
    cgroups,
    cluster_commands,
    commands,
    compose_commands,
    containers,
    copies,
    daemons,
    execs,
    faults,
    image_commands,
    images,
    layers,
    machines,
    moves,
    network_commands,
    networks,
    reboots,
    registries,
    security,
    services,
    sites,
    swarm_commands,
    volume_commands,
    volumes,
)
from simulator.world.connections import Watch
from simulator.world.depot import Depot
from simulator.world.director import Director
from simulator.world.fleet import Fleet
from simulator.world.jobs import Jobs, Reply
from simulator.world.orchestras import Orchestras
from simulator.world.terminal import Terminal

Handlers = dict[type[commands.Command], Callable[[Any], Reply]]


def handlers(
    fleet: Fleet,
    director: Director,
    depot: Depot,
    jobs: Jobs,
    namer: Namer,
    intruders: security.Intruders,
    expect: services.Expect,
    watch: Watch,
    terminal: Terminal,
    orchestras: Orchestras,
) -> Handlers:
    """A handler for each command, with the parts that it may touch."""
    return {
        **_of_machines(fleet, depot, jobs, watch),
        **_of_images(fleet, depot, jobs),
        **_of_disks(fleet, depot, jobs),
        **_of_containers(fleet, depot, jobs, namer, terminal),
        **_of_terminals(fleet, jobs, terminal),
        **_of_networks(fleet, director, orchestras),
        **_of_services(fleet, director, expect, watch),
        **_of_clusters(fleet, director, depot, orchestras),
        **_of_compose(fleet, depot, jobs, terminal),
        **_of_swarms(fleet, director, depot, orchestras),
        image_commands.MoveService: partial(moves.move, fleet, director, depot, jobs),
        commands.InjectFault: partial(faults.inject, fleet),
        commands.ApplyFlaw: partial(security.apply_flaw, fleet, intruders),
    }


def _of_clusters(
    fleet: Fleet, director: Director, depot: Depot, orchestras: Orchestras
) -> Handlers:
    return {
        cluster_commands.CreateCluster: partial(
            _late, "create", fleet, depot, director, orchestras
        ),
        cluster_commands.RemoveCluster: partial(_late, "remove", fleet, orchestras),
        cluster_commands.AddNodes: partial(_late, "add_nodes", fleet, depot, orchestras),
        cluster_commands.AutoscaleNodes: partial(_late_groups, fleet, depot, orchestras),
        cluster_commands.SetMetric: partial(_late, "set_metric", orchestras),
        cluster_commands.ApiRequest: partial(_late, "request", orchestras),
    }


def _of_compose(fleet: Fleet, depot: Depot, jobs: Jobs, terminal: Terminal) -> Handlers:
    return {
        compose_commands.ComposeUp: partial(_late_compose, "up", fleet, depot, jobs),
        compose_commands.ComposeDown: partial(_late_compose, "down", fleet, jobs),
        compose_commands.ComposeOrder: partial(_late_compose, "order", fleet, jobs),
        compose_commands.ComposeRun: partial(_late_compose, "run", fleet, depot, jobs, terminal),
    }


def _of_swarms(fleet: Fleet, director: Director, depot: Depot, orchestras: Orchestras) -> Handlers:
    whole = (fleet, depot, director, orchestras)
    named: dict[type[commands.Command], str] = {
        swarm_commands.JoinSwarm: "join",
        swarm_commands.LeaveSwarm: "leave",
        swarm_commands.RotateToken: "rotate",
        swarm_commands.UpdateSwarm: "update",
        swarm_commands.SwarmNode: "node",
        swarm_commands.RemoveSwarmNode: "remove_node",
        swarm_commands.CreateSwarmService: "create_service",
        swarm_commands.UpdateSwarmService: "update_service",
        swarm_commands.RemoveSwarmService: "remove_service",
        swarm_commands.CreateSwarmNetwork: "create_network",
        swarm_commands.RemoveSwarmNetwork: "remove_network",
        swarm_commands.CreateSwarmFile: "create_file",
        swarm_commands.UpdateSwarmFile: "update_file",
        swarm_commands.RemoveSwarmFile: "remove_file",
        swarm_commands.PlaceFiles: "place_files",
    }
    return {
        swarm_commands.InitSwarm: partial(_late_swarm, "init", *whole),
        swarm_commands.MakeSwarm: partial(_late_swarm, "make", *whole),
        **{kind: partial(_late_swarm, name, fleet, orchestras) for kind, name in named.items()},
    }


def _late_swarm(name: str, *arguments: Any) -> Reply:
    from simulator.world import swarm, swarm_services

    room = swarm if hasattr(swarm, name) else swarm_services
    reply: Reply = getattr(room, name)(*arguments)
    return reply


def _late_compose(name: str, *arguments: Any) -> Reply:
    from simulator.world import compose

    reply: Reply = getattr(compose, name)(*arguments)
    return reply


def _late(name: str, *arguments: Any) -> Reply:
    """What clusters are made of is imported with the first command to one."""
    from simulator.world import kubernetes

    reply: Reply = getattr(kubernetes, name)(*arguments)
    return reply


def _late_groups(*arguments: Any) -> Reply:
    from simulator.world import node_groups

    return node_groups.autoscale(*arguments)


def _of_machines(fleet: Fleet, depot: Depot, jobs: Jobs, watch: Watch) -> Handlers:
    return {
        commands.CreateHost: partial(sites.create_host, fleet, depot),
        commands.RemoveHost: partial(machines.remove_host, fleet),
        commands.CreateVm: partial(sites.create_vm, fleet, depot, jobs),
        commands.RemoveVm: partial(machines.remove_vm, fleet),
        commands.RebootMachine: partial(reboots.reboot, fleet, jobs),
        commands.UseMachine: partial(machines.use, fleet),
        commands.TuneMachine: partial(cgroups.tune, fleet, watch),
        commands.CreateCgroup: partial(cgroups.create, fleet),
        commands.RemoveCgroup: partial(cgroups.remove, fleet),
    }


def _of_images(fleet: Fleet, depot: Depot, jobs: Jobs) -> Handlers:
    return {
        commands.BuildImage: partial(building.build, fleet, depot, jobs),
        commands.PullImage: partial(images.pull, fleet, depot, jobs),
        commands.TagImage: partial(images.tag, fleet, depot),
        commands.RemoveImage: partial(images.remove, fleet),
        image_commands.PushImage: partial(images.push, fleet, depot, jobs),
        image_commands.CreateRegistry: partial(registries.create, depot),
        image_commands.RemoveRegistry: partial(registries.remove, depot),
        image_commands.ChangeRegistry: partial(registries.change, depot),
        image_commands.CollectRegistry: partial(registries.collect, depot),
        image_commands.LogIn: partial(registries.log_in, fleet, depot),
        image_commands.LogOut: partial(registries.log_out, fleet, depot),
    }


def _of_disks(fleet: Fleet, depot: Depot, jobs: Jobs) -> Handlers:
    return {
        image_commands.PruneImages: partial(layers.prune_images, fleet),
        image_commands.PruneBuildCache: partial(layers.prune_cache, fleet, depot),
        image_commands.PruneContainers: partial(layers.prune_containers, fleet),
        image_commands.SaveImages: partial(layers.save, fleet, depot, jobs),
        image_commands.LoadImages: partial(layers.load, fleet, depot, jobs),
        image_commands.CommitContainer: partial(layers.commit, fleet, depot),
        image_commands.CopyIntoContainer: partial(copies.copy_into, fleet),
        image_commands.CopyFromContainer: partial(copies.copy_from, fleet),
        volume_commands.CreateVolume: partial(volumes.create, fleet),
        volume_commands.RemoveVolume: partial(volumes.remove, fleet),
        volume_commands.PruneVolumes: partial(volumes.prune, fleet),
    }


def _of_terminals(fleet: Fleet, jobs: Jobs, terminal: Terminal) -> Handlers:
    return {
        commands.Execute: partial(execs.execute, fleet, jobs, terminal),
        commands.Attach: partial(execs.attach, fleet, jobs, terminal),
        commands.WaitForContainer: partial(execs.wait, fleet, jobs),
        commands.TypeLine: partial(execs.type_line, fleet, jobs, terminal),
    }


def _of_containers(
    fleet: Fleet, depot: Depot, jobs: Jobs, namer: Namer, terminal: Terminal
) -> Handlers:
    return {
        commands.RunContainer: partial(containers.run, fleet, depot, jobs, namer, terminal),
        commands.RestartDaemon: partial(daemons.restart, fleet, jobs),
        commands.StartContainer: partial(containers.start, fleet, jobs, terminal),
        commands.StopContainer: partial(containers.stop, fleet, jobs),
        commands.KillContainer: partial(containers.kill, fleet),
        commands.RestartContainer: partial(containers.restart, fleet, jobs),
        commands.PauseContainer: partial(containers.pause, fleet),
        commands.UnpauseContainer: partial(containers.unpause, fleet),
        commands.RemoveContainer: partial(containers.remove, fleet, jobs),
        commands.UpdateContainer: partial(containers.update, fleet),
        commands.RenameContainer: partial(containers.rename, fleet),
    }


def _of_networks(fleet: Fleet, director: Director, orchestras: Orchestras) -> Handlers:
    return {
        network_commands.CreateNetwork: partial(networks.create, fleet),
        network_commands.RemoveNetwork: partial(networks.remove, fleet),
        network_commands.PruneNetworks: partial(networks.prune, fleet, orchestras),
        network_commands.ConnectNetwork: partial(networks.connect, fleet, director),
        network_commands.DisconnectNetwork: partial(networks.disconnect, fleet, director),
    }


def _of_services(
    fleet: Fleet, director: Director, expect: services.Expect, watch: Watch
) -> Handlers:
    return {
        commands.CreateService: partial(services.create, director, fleet),
        commands.RemoveService: partial(services.remove, director),
        commands.AddEndpoint: partial(services.add_endpoint, director, fleet),
        commands.RemoveEndpoint: partial(services.remove_endpoint, director, fleet),
        commands.SetBalancer: partial(services.set_balancer, director),
        commands.StartTraffic: partial(services.start_traffic, director, expect, watch),
        commands.StopTraffic: partial(services.stop_traffic, director),
    }
