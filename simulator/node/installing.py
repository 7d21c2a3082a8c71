"""Programs that fetch and install in a container: ``apt-get``, ``pip install``, ``git clone``.

What they write is told by the models that the builder uses, so that ``pip install`` in a running
container costs what it costs in a RUN, and is lost with the container unless it is committed.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence

from simulator.image.builder import Rates
from simulator.image.builder.commands import perform
from simulator.image.builder.session import Session
from simulator.image.builder.shell import Command
from simulator.image.model import Layer
from simulator.image.problems import FileProblem
from simulator.machine.container import Container
from simulator.node.storage import Storage
from simulator.programs.table import runs_project
from simulator.programs.view import Installed


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ANY = frozenset({"git", "tar", "unzip", "useradd", "adduser", "groupadd", "addgroup", "usermod"})
"""Programs that change files whatever their first word is."""
INSTALLERS = frozenset(
    {
        "apt", "apt-get", "apk", "pip", "pip3", "npm", "yarn", "pnpm", "yum", "dnf", "microdnf",
        "gem", "cargo", "composer", "conda", "mamba", "poetry", "uv", *_ANY,
    }
)  # fmt: skip
_VERBS = frozenset(
    {
        "install", "i", "ci", "add", "update", "upgrade", "remove", "uninstall", "purge", "del",
        "clean", "autoremove", "download", "dist-upgrade", "sync", "fetch", "build", "pip",
        "create",
    }
)  # fmt: skip
"""First words with which the others fetch or remove something; with others they run programs."""


def install(
    container: Container,
    storage: Storage,
    argv: Sequence[str],
    env: Mapping[str, str],
    cwd: str,
) -> Installed | None:
    """Carry it out, as far as the builder knows how; None for what is no such program."""
    name = posixpath.basename(argv[0])
    if runs_project(argv):
        return None
    verb = next((word for word in argv[1:] if not word.startswith("-")), "")
    if name not in INSTALLERS or (name not in _ANY and verb not in _VERBS):
        return None
    hardware = container.machine.hardware
    rates = Rates(
        hardware.cores, hardware.nic_bytes_s, hardware.disk_bytes_s, container.settings.slowdown
    )
    layer = storage.layer(container)
    session = Session(
        below=layer.below.plus(Layer.of(layer.entries)),
        env=dict(env),
        cwd=cwd,
        user=(container.settings.user or container.image.config.user).partition(":")[0],
        key=f"{container.id} {layer.count} {layer.size_bytes}",
        rates=rates,
        granted=("/",),
    )
    perform(Command(tuple(argv), ""), session)
    effect = session.effect
    needed = sum(entry.size_bytes for entry in effect.files.values())
    if session.status:
        return Installed((effect.output or f"{name}: failed",), session.status)
    if needed > container.daemon.images.room_bytes():
        return Installed((f"{name}: No space left on device",), 1)
    try:
        written = tuple(effect.files.values())
        storage.merge(container, written, effect.removes)
        storage.wrote(container, layer, sum(one.size_bytes for one in written))
    except FileProblem as problem:
        return Installed((f"{name}: {problem}",), 1)
    return Installed(_said(name, argv[1:]), 0, effect.duration_s(rates))


def _said(manager: str, words: Sequence[str]) -> tuple[str, ...]:
    """The lines that a person looks for, without versions and counts, which are not modelled."""
    verb = next((word for word in words if not word.startswith("-")), "")
    named = [word for word in words[words.index(verb) + 1 :] if word[:1] not in ("-", "/", ".")]
    if manager in ("apt", "apt-get"):
        first = ("Reading package lists...",)
        if verb != "install":
            return first
        return (*first, "Building dependency tree...", *[f"Setting up {one} ..." for one in named])
    if manager == "apk" and verb == "add":
        rows = enumerate(named, 1)
        return (*[f"({n}/{len(named)}) Installing {one}" for n, one in rows], "OK")
    if manager in ("pip", "pip3") and verb == "install" and named:
        return (f"Successfully installed {' '.join(named)}",)
    if manager in ("yum", "dnf", "microdnf") and verb == "install":
        return (*[f"Installing : {one}" for one in named], "Complete!")
    if manager == "npm" and verb in ("install", "i", "add", "ci"):
        return ("added packages: up to date",)
    return ()
