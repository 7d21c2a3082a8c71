"""What a program in a container or on a machine has around it: made when it goes on, not kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from math import inf
from typing import Any

from simulator.errors import Refused
from simulator.image.builder.variables import DEFAULT_PATH
from simulator.image.distribution import Distribution, distribution
from simulator.image.identity import Identity, identity
from simulator.image.model import DIRECTORY, Image
from simulator.image.problems import NoSuchFile, NotListed
from simulator.machine.container import Container
from simulator.machine.host import Machine
from simulator.machine.seat import Seat
from simulator.node import file_systems, installing, kernel_settings
from simulator.node.file_view import ROOT, User
from simulator.node.file_view import Content as KnownContent
from simulator.node.files import Files
from simulator.node.kernel_files import Over
from simulator.node.kernel_log import kernel_log
from simulator.node.reaching import Surroundings, surroundings_of
from simulator.node.seats import seat_of, seat_of_machine
from simulator.node.storage import Storage
from simulator.node.wiring import Wiring
from simulator.programs.files import Content, FileSystem
from simulator.programs.view import Interface, Loopback, Reply, View, nothing_said

SYN_TIMEOUT_S = 130.0
"""How long a connection is tried that nobody answers: tcp_syn_retries = 6, 1 + 2 + … + 64 s."""
ANSWER_LABEL = "drydock.answer"
"""What a program answers at ``/``, where its image says so."""
WELCOME = "<!DOCTYPE html>\n<title>Welcome to nginx!</title>\n<h1>Welcome to nginx!</h1>\n"


class Asking:
    """A network of containers, as programs ask it."""

    def __init__(self, around: Surroundings, *, looking: bool = False) -> None:
        """``looking``: it may not be that anybody works for what is asked."""
        self.around = around
        self.looking = looking

    def ask(self, host: str, port: int, path: str) -> Reply:
        """Connect, and let the server answer if it can."""
        found = self.around.reach(host, port)
        if found.problem == "timeout":
            seconds = inf if found.server is not None else SYN_TIMEOUT_S
            return Reply("timeout", seconds=seconds, address=found.address)
        if found.problem:
            soon = found.starting if self.around.container is None else None
            waiting = "" if soon is None else soon.local_name or soon.name
            return Reply(found.problem, address=found.address, waiting=waiting)
        server = found.server
        if server is None or not path:
            return Reply(address=found.address)
        if self.looking and self.around.counts:
            raise Changes
        seconds = self.around.worked(server)
        return Reply(body=_body(server, path), seconds=seconds, address=found.address)

    def lookup(self, name: str) -> tuple[str, ...]:
        """The addresses of a name."""
        return self.around.lookup(name)

    def leaves(self) -> bool:
        """Whether a way leads out of the machine."""
        return self.around.leaves

    def takes_load(self, host: str, port: int) -> bool:
        """Whether requests that come again and again reach servers that work for each."""
        return self.around.takes_load(host, port)

    def interfaces(self) -> tuple[Interface, ...]:
        """All but the loopback."""
        return tuple(Interface(*each) for each in self.around.interfaces())

    def listening(self) -> tuple[tuple[str, str, int], ...]:
        """Protocol, address and port of all on which somebody listens."""
        return tuple(self.around.listening())


def _body(server: Container, path: str) -> str:
    """What a server answers, as far as it is known."""
    if path == "/":
        label = server.image.config.label(ANSWER_LABEL)
        if label is not None:
            return label
        if "nginx" in " ".join(server.settings.command):
            return WELCOME
    return ""


class Inside:
    """Makes views of the containers of one daemon, and of its machine."""

    def __init__(self, machine: Machine, storage: Storage, wiring: Wiring) -> None:
        self.machine = machine
        self.storage = storage
        self.wiring = wiring

    def view(
        self, container: Container, who: Identity | None = None, *, looking: bool = False
    ) -> View:
        """Of a container; ``who``: of somebody else in it than its process 1.

        ``looking``: what would change anything raises ``Changes``.
        """
        around = surroundings_of(self.wiring, container)
        seat = seat_of(container, _own_files(container.image, around))
        files = self.storage.files(container)
        if who is not None:
            seat = replace(seat, uid=who.uid, gid=who.gid, groups=who.groups, user=who.name)
        seat = replace(seat, mounts=(*seat.mounts, *file_systems.mount_lines(files)))
        seat = replace(seat, files=Over(file_systems.mount_tables(seat.mounts), seat.files))
        now = container.sim.now
        view = View(
            seat=seat,
            files=files,
            now_s=now,
            started_s=container.machine.kernel.up_since,
            user=_user(seat),
            network=Asking(around, looking=looking),
            signal=partial(_signal, container),
            install=partial(installing.install, container, self.storage),
            kernel_log=_log_of(container),
            set_kernel=kernel_settings.writer_in(container, seat.uid),
            unlisted=unlisted_of(container.image),
            disk_bytes_s=container.machine.hardware.disk_bytes_s,
            disks=partial(_disks, files),
        )
        if looking:
            view.files, view.signal, view.install = LookedAt(files), _would, _would_install
            view.hold, view.set_kernel = _would, _would
        return view


def machine_view(machine: Machine, around: Surroundings | None) -> View:
    """Of a machine, as its root sees it; ``around``: its network, where it has a daemon."""
    seat = seat_of_machine(machine)
    return View(
        seat=seat,
        files=NoFiles(seat.root),
        now_s=machine.parts.sim.now,
        started_s=machine.kernel.up_since,
        user=User(),
        network=Loopback() if around is None else Asking(around),
        signal=_not_here,
        kernel_log=partial(kernel_log, machine),
        set_kernel=_not_here,
        disks=partial(_disk_of, machine),
    )


def _disk_of(machine: Machine, _path: str | None) -> Sequence[file_systems.FileSystemUse]:
    return file_systems.of_machine(machine.space)


def _log_of(container: Container) -> Callable[[], Sequence[tuple[float, str]] | None]:
    """The log of its kernel, for whoever may read it."""
    if container.settings.hardening.holds("CAP_SYSLOG"):
        return partial(kernel_log, container.machine)
    return nothing_said


def somebody(container: Container, user: str | None) -> Identity | None:
    """A user of a container, as ``-u`` names it; Refused for one that there is not."""
    return None if user is None else identity(container.image, user)


def environment(
    container: Container, who: Identity | None = None, *, tty: bool = False
) -> dict[str, str]:
    """What process 1 is given, in Docker's order: PATH, HOSTNAME, TERM, its own, HOME."""
    settings = container.settings
    env = {
        "PATH": DEFAULT_PATH,
        "HOSTNAME": settings.hostname or container.id[:12],
        **({"TERM": "xterm"} if tty else {}),
        **settings.env,
    }
    env.setdefault("HOME", container.settings.identity.home if who is None else who.home)
    return env


# --- files that the daemon or the distribution has --------------------------------------------


def distribution_of(image: Image) -> Distribution:
    """The distribution that an image is of."""
    return distribution(image.layers[0].created_by if image.layers else "")


def unlisted_of(image: Image) -> tuple[str, ...]:
    """Folders in which steps of its build may have put what no layer lists."""
    return tuple(dict.fromkeys(folder for line in image.history for folder in line.unlisted))


def _own_files(image: Image, around: Surroundings) -> dict[str, str]:
    texts = dict(around.files())
    if not image.layers:
        return texts
    release = distribution_of(image).os_release
    if release is not None:
        texts["/etc/os-release"] = texts["/usr/lib/os-release"] = release
        version = distribution_of(image).version
        if distribution_of(image).name == "alpine":
            texts["/etc/alpine-release"] = f"{version}.0"
        if distribution_of(image).name == "debian":
            texts["/etc/debian_version"] = version
    return texts


def _user(seat: Seat) -> User:
    root = seat.uid == 0 and "CAP_DAC_OVERRIDE" in seat.hardening.caps
    return User(seat.uid, seat.gid, root)


def _signal(container: Container, pid: int, signal: str) -> None:
    """A signal from inside: process 1 gets it, and is protected as the kernel protects it."""
    if pid == 1 and signal not in ("KILL", "STOP"):
        container.signalled(signal)


def _disks(files: Files, path: str | None) -> Sequence[file_systems.FileSystemUse]:
    return file_systems.file_systems(files) if path is None else (file_systems.under(files, path),)


# --- only looking ---------------------------------------------------------------------------------


class Changes(Exception):
    """A program that was only looked at would change something."""


def _would(*_: object) -> Any:
    raise Changes


def _not_here(*_: object) -> Any:
    """Programs that are asked on a machine leave no trace in the log of commands."""
    raise Refused("programs on a machine only look here: 'help tune' tells what of it can be set")


def _would_install(argv: Sequence[str], env: Mapping[str, str], cwd: str) -> None:
    raise Changes


class LookedAt:
    """Files that can be read, and not be changed."""

    def __init__(self, files: FileSystem) -> None:
        self._files = files

    def stat(self, path: str, *, follow: bool = True) -> Content:
        """What is at a path."""
        return self._files.stat(path, follow=follow)

    def exists(self, path: str) -> bool:
        """Whether there is something."""
        return self._files.exists(path)

    def is_folder(self, path: str) -> bool:
        """Whether it is a directory."""
        return self._files.is_folder(path)

    def resolve(self, path: str, *, follow: bool = True) -> str:
        """The path without links."""
        return self._files.resolve(path, follow=follow)

    def read(self, path: str, user: Any = ROOT) -> Content:
        """A file to be read."""
        return self._files.read(path, user)

    def entries(self, path: str, user: Any = ROOT) -> Sequence[Content]:
        """What is in a folder."""
        return self._files.entries(path, user)

    def write(self, path: str, *_: Any, **__: Any) -> Content:
        """It would change something."""
        raise Changes

    def mkdir(self, path: str, **_: Any) -> None:
        """It would change something."""
        raise Changes

    def link(self, target: str, path: str, user: Any = None) -> None:
        """It would change something."""
        raise Changes

    def remove(self, path: str, **_: Any) -> None:
        """It would change something."""
        raise Changes

    def change(self, path: str, *_: Any, **__: Any) -> None:
        """It would change something."""
        raise Changes


class NoFiles:
    """A machine of whose own files nothing is known but the names of its folders."""

    def __init__(self, root: Sequence[str]) -> None:
        self.root = tuple(root)

    def stat(self, path: str, *, follow: bool = True) -> Content:
        """Only folders of the root."""
        if self.is_folder(path):
            return _folder(path)
        raise NoSuchFile(path)

    def exists(self, path: str) -> bool:
        """Only folders of the root."""
        return self.is_folder(path)

    def is_folder(self, path: str) -> bool:
        """Only those of the root."""
        return path == "/" or path.strip("/") in self.root

    def resolve(self, path: str, *, follow: bool = True) -> str:
        """As it is."""
        return path

    def read(self, path: str, user: Any = None) -> Content:
        """Nothing is known."""
        raise NotListed(path)

    def entries(self, path: str, user: Any = None) -> Sequence[Content]:
        """Folders of the root."""
        if path != "/":
            raise Refused(f"ls of {path} on a machine is not modelled")
        return [_folder(f"/{name}") for name in self.root]

    def write(self, path: str, *_: Any, **__: Any) -> Content:
        """Nothing is kept."""
        raise Refused("files of a machine are not modelled")

    def mkdir(self, path: str, **_: Any) -> None:
        """Nothing is kept."""
        raise Refused("files of a machine are not modelled")

    def link(self, target: str, path: str, user: Any = None) -> None:
        """Nothing is kept."""
        raise Refused("files of a machine are not modelled")

    def remove(self, path: str, **_: Any) -> None:
        """Nothing is kept."""
        raise Refused("files of a machine are not modelled")

    def change(self, path: str, *_: Any, **__: Any) -> None:
        """Nothing is kept."""
        raise Refused("files of a machine are not modelled")


def _folder(path: str) -> Content:
    return KnownContent(path, DIRECTORY)
