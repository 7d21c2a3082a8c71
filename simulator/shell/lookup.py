"""Names that people type, found in a snapshot; errors as the real tool's users know them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from simulator.errors import InputError, Refused, nearest, printable
from simulator.image.reference import Reference
from simulator.look.views import ContainerView, HostView, ImageView, KernelView, Snapshot

EVERYWHERE = "all"
NO_DAEMON = (
    "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. "
    "Is the docker daemon running? (There is no host yet: 'host add NAME' makes one)"
)


@dataclass(frozen=True, slots=True)
class Machine:
    """A host or a virtual machine, as one thing that docker commands can be sent to."""

    name: str
    host: HostView
    kernel: KernelView
    cores: float
    memory_bytes: int
    is_vm: bool
    images: tuple[ImageView, ...] = ()


def machines(snapshot: Snapshot) -> Iterator[Machine]:
    """All hosts, each followed by the virtual machines in it, depth first."""
    for host in snapshot.hosts:
        cores, memory = host.cores, host.memory_bytes
        yield Machine(host.name, host, host.kernel, cores, memory, False, host.images)
        yield from _guests(host, host.kernel)


def _guests(host: HostView, kernel: KernelView) -> Iterator[Machine]:
    for vm in kernel.vms:
        yield Machine(vm.name, host, vm.kernel, vm.vcpus, vm.memory_bytes, True, vm.images)
        yield from _guests(host, vm.kernel)


def machine(snapshot: Snapshot, name: str | None) -> Machine:
    """The machine of this name, or the current one; Refused where there is none."""
    known = list(machines(snapshot))
    if not known:
        raise Refused(NO_DAEMON)
    wanted = name or snapshot.current_machine or known[0].name
    for one in known:
        if one.name == wanted:
            return one
    raise missing("machine", wanted, [one.name for one in known])


def chosen(snapshot: Snapshot, name: str | None) -> list[Machine]:
    """The machines that a listing is about: one, or every one for ``all``."""
    if name == EVERYWHERE:
        return list(machines(snapshot))
    return [machine(snapshot, name)]


def containers_on(one: Machine) -> list[ContainerView]:
    """The containers that a machine's daemon knows: on its kernel, and each in a VM of its own."""
    own = [vm for vm in one.kernel.vms if vm.owner]
    if any(one.name == vm.name for kernel in _kernels(one.host.kernel) for vm in kernel.vms
           if vm.owner):  # fmt: skip
        return []
    return [*one.kernel.containers, *(each for vm in own for each in vm.kernel.containers)]


def _kernels(kernel: KernelView) -> Iterator[KernelView]:
    yield kernel
    for vm in kernel.vms:
        yield from _kernels(vm.kernel)


def missing(what: str, name: str, known: list[str]) -> Refused:
    """``No such container: wbe``, with the nearest name where one is near."""
    near = nearest(name, known)
    text = f"No such {what}: {printable(name)[1:-1]}"
    return Refused(f"{text}; did you mean '{near}'?" if near else text)


def container(snapshot: Snapshot, name: str, on: str | None = None) -> ContainerView:
    """The container of this name, id, or unambiguous beginning of an id."""
    here = [one for one in snapshot.containers() if on in (None, EVERYWHERE, one.machine)]
    word = name.removeprefix("/")
    exact = [one for one in here if word in (one.name, one.id)]
    found = exact or [one for one in here if word and one.id.startswith(word)]
    if not found:
        raise missing("container", name, [one.name for one in here])
    if len(found) > 1:
        raise Refused(f"multiple IDs found with provided prefix: {name}")
    return found[0]


def images(snapshot: Snapshot, on: str | None) -> list[ImageView]:
    """The images of a machine, or of every one."""
    found: list[ImageView] = []
    for one in chosen(snapshot, on):
        found += one.images
    return found


def familiar(reference: str) -> str:
    """``repository:tag`` as listings print it; InputError for a malformed one."""
    return Reference.parse(reference).short()


def image(snapshot: Snapshot, name: str, on: str | None = None) -> ImageView:
    """The image that a reference or a beginning of an id means."""
    here = images(snapshot, on)
    found = next((one for one in here if _is(one, name)), None)
    if found is None:
        raise missing("image", name, [one.reference for one in here])
    return found


def _is(one: ImageView, name: str) -> bool:
    digest = one.id.removeprefix("sha256:")
    if digest.startswith(name.removeprefix("sha256:")) and len(name) >= 3:
        return True
    try:
        return familiar(name) == one.reference
    except InputError:
        return False


def service(snapshot: Snapshot, name: str) -> str:
    """The name of a service that exists."""
    if snapshot.service(name) is None:
        raise missing("service", name, [one.name for one in snapshot.services])
    return name
