"""Commands to managers: services, and the networks, secrets and configs that they use."""

from __future__ import annotations

import re

import msgspec

from simulator.cluster.supply import Pinned
from simulator.cluster.swarm import constraints
from simulator.cluster.swarm.objects import Secret, Service, UpdateStatus
from simulator.cluster.swarm.specs import ServiceSpec
from simulator.cluster.swarm.swarm import Swarm
from simulator.errors import DrydockError, Refused
from simulator.image.model import FileEntry
from simulator.image.reference import Reference
from simulator.node.log_words import parse_logging
from simulator.world.fleet import Fleet
from simulator.world.jobs import Reply
from simulator.world.orchestras import Orchestras
from simulator.world.programs import read_program
from simulator.world.swarm import managed, said
from simulator.world.swarm_commands import (
    CreateSwarmFile,
    CreateSwarmNetwork,
    CreateSwarmService,
    PlaceFiles,
    RemoveSwarmFile,
    RemoveSwarmNetwork,
    RemoveSwarmService,
    UpdateSwarmFile,
    UpdateSwarmService,
)

_SERVICE_NAME = re.compile(r"[a-zA-Z0-9](?:[-_]*[A-Za-z0-9]+)*", re.ASCII)
MOST_NAME = 63
_FILE_NAME = re.compile(r"[a-zA-Z0-9]+([a-zA-Z0-9-_.]*[a-zA-Z0-9])?", re.ASCII)
MOST_BYTES = {"secret": 500 << 10, "config": 1000 << 10}
"""Bytes that there must be less of (swarmkit, ``manager/controlapi``)."""

# --- services -------------------------------------------------------------------------------------


def create_service(fleet: Fleet, orchestras: Orchestras, command: CreateSwarmService) -> Reply:
    """A service is wanted."""
    swarm = managed(orchestras, fleet, command.machine)
    state = swarm.state
    check_service_name(command.spec.name)
    spec = command.spec
    if command.pinned:
        spec = _pinned(swarm, fleet.node(command.machine).name, spec)
    _check(swarm, spec, "")
    if state.service_named(spec.name) is not None:
        raise said("AlreadyExists", f"name conflicts with an existing object: service {spec.name} "
                   "already exists")  # fmt: skip
    service = Service(state.naming.id(), spec, state.now)
    service.spec_version = state.touch()
    swarm.addresses.serve(service)
    state.service_changed(service)
    return Reply((service.id,))


def _pinned(swarm: Swarm, machine: str, spec: ServiceSpec) -> ServiceSpec:
    """With the digest of its image, where a registry knows it, and the platforms it is for."""
    task = spec.task
    found = swarm.pinned(task.container.image, machine)
    if found is None:
        found = Pinned(Reference.parse(task.container.image).tagged().short())
    container = msgspec.structs.replace(task.container, image=found.name)
    placement = msgspec.structs.replace(task.placement, platforms=found.platforms)
    task = msgspec.structs.replace(task, container=container, placement=placement)
    return msgspec.structs.replace(spec, task=task)


def check_service_name(name: str) -> None:
    """Refuse a name that is no word of a name server (swarmkit, ``controlapi/common.go``)."""
    if not name:
        raise said("InvalidArgument", "meta: name must be provided")
    if not _SERVICE_NAME.fullmatch(name):
        raise said("InvalidArgument", "name must be valid as a DNS name component")
    if len(name) > MOST_NAME:
        raise said("InvalidArgument", f"name must be {MOST_NAME} characters or fewer")


def _check(swarm: Swarm, spec: ServiceSpec, service: str) -> None:
    try:
        constraints.parse(spec.task.placement.constraints)
    except DrydockError as error:
        raise said("InvalidArgument", str(error)) from None
    parse_logging(spec.task.container.log_driver, spec.task.container.log_opts)
    if spec.task.container.workload:
        read_program(spec.task.container.workload)
    if spec.mode.replicas < 0:
        raise said("InvalidArgument", f"Number of replicas must be 0 or more: {spec.mode.replicas}")
    swarm.addresses.check(spec.endpoint.ports, service, spec.name)
    for one in spec.task.networks:
        if one.id not in swarm.state.networks:
            raise Refused(f"network {one.id} not found")
    for ref in (*spec.task.secrets, *spec.task.configs):
        if ref.id not in swarm.state.secrets:
            raise said("InvalidArgument", f"secret not found: {ref.name}")


def _service(swarm: Swarm, id_: str) -> Service:
    found = swarm.state.services.get(id_)
    if found is None:
        raise Refused(f"service {id_} not found")
    return found


def update_service(fleet: Fleet, orchestras: Orchestras, command: UpdateSwarmService) -> Reply:
    """A service is wanted otherwise, or again as it was."""
    swarm = managed(orchestras, fleet, command.machine)
    service = _service(swarm, command.id)
    if command.rollback:
        return _roll_back(swarm, service)
    spec = command.spec
    assert spec is not None
    if command.pinned:
        spec = _pinned(swarm, fleet.node(command.machine).name, spec)
    if spec.name != service.name:
        raise said("Unimplemented", "renaming services is not supported")
    if spec.mode.kind != service.spec.mode.kind:
        raise said("Unimplemented", "service mode change is not allowed")
    _check(swarm, spec, service.id)
    service.previous, service.previous_version = service.spec, service.spec_version
    service.spec, service.status = spec, None
    service.spec_version = swarm.state.touch()
    _changed(swarm, service)
    return Reply((service.id,))


def _roll_back(swarm: Swarm, service: Service) -> Reply:
    if service.previous is None:
        raise said("FailedPrecondition", f"service {service.name} does not have a previous spec")
    now = service.spec, service.spec_version
    service.spec, service.spec_version = service.previous, service.previous_version
    service.previous, service.previous_version = now
    service.status = UpdateStatus(
        state="rollback_started", message="manually requested rollback", started=swarm.state.now
    )
    _changed(swarm, service)
    return Reply((service.id,))


def _changed(swarm: Swarm, service: Service) -> None:
    service.updated = swarm.state.now
    if service.spec.mode.is_job:
        service.iteration += 1
        service.iteration_at = swarm.state.now
        service.status = None
    swarm.addresses.serve(service)
    swarm.state.service_changed(service)


def remove_service(fleet: Fleet, orchestras: Orchestras, command: RemoveSwarmService) -> Reply:
    """A service is not wanted any more."""
    swarm = managed(orchestras, fleet, command.machine)
    service = _service(swarm, command.id)
    swarm.state.drop_service(service)
    return Reply((service.id,))


# --- networks, secrets, configs -------------------------------------------------------------------


def create_network(fleet: Fleet, orchestras: Orchestras, command: CreateSwarmNetwork) -> Reply:
    """A network over all nodes."""
    swarm = managed(orchestras, fleet, command.machine)
    made = swarm.addresses.network(
        command.name, command.subnet, attachable=command.attachable, internal=command.internal,
        ingress=command.ingress, labels=command.labels, options=command.options,
    )  # fmt: skip
    return Reply((made.id,))


def remove_network(fleet: Fleet, orchestras: Orchestras, command: RemoveSwarmNetwork) -> Reply:
    """It goes, where nobody is on it."""
    swarm = managed(orchestras, fleet, command.machine)
    found = swarm.state.networks.get(command.id)
    if found is None:
        raise Refused(f"network {command.id} not found")
    user = swarm.state.user_of(found)
    if user:
        raise said("FailedPrecondition", f"network {found.id} is in use by {user}")
    swarm.state.drop_network(found)
    return Reply((found.id,))


def create_file(fleet: Fleet, orchestras: Orchestras, command: CreateSwarmFile) -> Reply:
    """A secret or config."""
    swarm = managed(orchestras, fleet, command.machine)
    state = swarm.state
    _check_file(command)
    if state.secret_named(command.kind, command.name) is not None:
        raise said("AlreadyExists", f"{command.kind} {command.name} already exists")
    made = Secret(
        state.naming.id(), command.kind, command.name, command.content, dict(command.labels),
        state.now,
    )  # fmt: skip
    state.secrets[made.id] = made
    made.version = state.touch()
    return Reply((made.id,))


def _check_file(command: CreateSwarmFile) -> None:
    if not command.name:
        raise said("InvalidArgument", "name must be provided")
    if len(command.name) > 64 or not _FILE_NAME.fullmatch(command.name):
        raise said("InvalidArgument", "invalid name, only 64 [a-zA-Z0-9-_.] characters allowed, "
                   "and the start and end character must be [a-zA-Z0-9]")  # fmt: skip
    most = MOST_BYTES[command.kind]
    if not 0 < len(command.content.encode("utf-8", "surrogateescape")) < most:
        raise said("InvalidArgument", f"{command.kind} data must be larger than 0 and less than "
                   f"{most} bytes")  # fmt: skip


def _file(swarm: Swarm, id_: str) -> Secret:
    found = swarm.state.secrets.get(id_)
    if found is None:
        raise Refused(f"{id_} not found")
    return found


def update_file(fleet: Fleet, orchestras: Orchestras, command: UpdateSwarmFile) -> Reply:
    """Its labels are changed."""
    swarm = managed(orchestras, fleet, command.machine)
    known = _file(swarm, command.id)
    if command.content != known.content:
        raise said("InvalidArgument", "only updates to Labels are allowed")
    known.labels, known.updated = dict(command.labels), swarm.state.now
    known.version = swarm.state.touch()
    return Reply((known.id,))


def place_files(fleet: Fleet, orchestras: Orchestras, command: PlaceFiles) -> Reply:
    """Files lie on a machine; what containers have written to since stays."""
    daemon = fleet.node(command.machine)
    daemon.machine.need_up()
    host = daemon.storage.volumes.host
    for one in command.files:
        known = host.lookup(one.path)
        if known is None or not known.size_bytes or known.text == one.text:
            host.put(FileEntry(one.path, one.size_bytes, one.mode, text=one.text))
    return Reply()


def remove_file(fleet: Fleet, orchestras: Orchestras, command: RemoveSwarmFile) -> Reply:
    """It goes, where no service sees it."""
    swarm = managed(orchestras, fleet, command.machine)
    known = _file(swarm, command.id)
    users = [one.name for one in swarm.state.users_of(known)]
    if users:
        word = "service" if len(users) == 1 else "services"
        raise said("InvalidArgument", f"{known.kind} '{known.name}' is in use by the following "
                   f"{word}: {', '.join(users)}")  # fmt: skip
    del swarm.state.secrets[known.id]
    swarm.state.touch()
    return Reply((known.id,))
