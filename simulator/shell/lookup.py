"""Names that people type, and what they mean; errors as the real tool's users know them."""

from __future__ import annotations

from simulator.errors import InputError, Refused, nearest, printable
from simulator.image.reference import Reference
from simulator.look import Reader
from simulator.look.views import ContainerView, ImageView, MachineView
from simulator.machine.host import no_daemon

EVERYWHERE = "all"
NO_DAEMON = (
    "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. "
    "Is the docker daemon running? (There is no host yet: 'host add NAME' makes one)"
)


def machine(reader: Reader, name: str | None) -> MachineView:
    """The machine of this name, or the current one; Refused where there is none."""
    wanted = name or reader.current_machine
    if wanted is None:
        raise Refused(NO_DAEMON)
    found = reader.machine(wanted)
    if found is None:
        known = [one.name for one in reader.machines()]
        raise missing("machine", wanted, known) if known else Refused(NO_DAEMON)
    return found


def reach(reader: Reader, host: str | None) -> None:
    """Refuse where no daemon answers on the machine that a docker command goes to."""
    wanted = host or reader.current_machine
    found = None if wanted is None else reader.machine(wanted)
    if found is not None:
        need_daemon(found)


def need_daemon(machine: MachineView) -> None:
    """Refuse where a machine does not run, and neither does its daemon."""
    if machine.kernel.state != "running":
        raise Refused(no_daemon(machine.name, machine.kernel.state))


def chosen(reader: Reader, name: str | None) -> list[MachineView]:
    """The machines that a listing is about: one, or every one for ``all``."""
    if name == EVERYWHERE:
        return reader.machines()
    found = machine(reader, name)
    need_daemon(found)
    return [found]


def missing(what: str, name: str, known: list[str]) -> Refused:
    """``No such container: wbe``, with the nearest name where one is near."""
    near = nearest(name, known)
    text = f"No such {what}: {printable(name)[1:-1]}"
    return Refused(f"{text}; did you mean '{near}'?" if near else text)


def container(reader: Reader, name: str, on: str | None = None) -> ContainerView:
    """The container of this name, id, or unambiguous beginning of an id, whose daemon answers."""
    if on is not None and on != EVERYWHERE:
        machine(reader, on)
    try:
        found = named(reader, name, on)
    except Refused:
        reach(reader, on)  # who does not answer does not say that it has no such container
        raise
    need_daemon(machine(reader, found.machine))
    return found


def named(reader: Reader, name: str, on: str | None = None) -> ContainerView:
    """The container of this name, id, or unambiguous beginning of an id, as all know it."""
    where = None if on == EVERYWHERE else on
    found = reader.containers(name.removeprefix("/"), where)
    if not found:
        here = reader.container_names(where)
        raise missing("container", name, here)
    if len(found) > 1 and not found[0].id.startswith(name):
        clear = ", ".join(f"{one.machine}/{one.local_name}" for one in found)
        raise Refused(f"'{name}' means several containers: {clear}")
    if len(found) > 1:
        raise Refused(f"multiple IDs found with provided prefix: {name}")
    return found[0]


def images(reader: Reader, on: str | None) -> list[ImageView]:
    """The images of a machine, or of every one."""
    return [image for one in chosen(reader, on) for image in reader.images_on(one.name)]


def familiar(reference: str, *, whole: bool = False) -> str:
    """``repository:tag`` as listings print it; InputError for a malformed one.

    ``whole``: with the digest, which is left out otherwise.
    """
    found = Reference.parse(reference)
    return found.short() if whole else found.listed()


def image(reader: Reader, name: str, on: str | None = None) -> ImageView:
    """The image that a reference or a beginning of an id means."""
    here = images(reader, on)
    found = next((one for one in here if _is(one, name)), None)
    if found is None:
        raise missing("image", name, [one.reference for one in here])
    return found


def _is(one: ImageView, name: str) -> bool:
    digest = one.id.removeprefix("sha256:")
    if digest.startswith(name.removeprefix("sha256:")) and len(name) >= 3:
        return True
    try:
        return familiar(name, whole=True) in (one.reference, *one.pinned)
    except InputError:
        return False


def service(reader: Reader, name: str) -> str:
    """The name of a service that exists."""
    known = reader.service_names()
    if name not in known:
        raise missing("service", name, known)
    return name
