"""Settings of kernels as programs in containers see and write them: files of ``/proc/sys``.

A container's ``/proc/sys`` is mounted read-only unless it is privileged. What belongs to a network
namespace is the container's own, and that of all containers of its pod.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from simulator.machine import sysctls
from simulator.machine.container import Container
from simulator.machine.host import Machine

SetKernel = Callable[[str, str], str]
MOST_CONNECTIONS = 1 << 28
"""Entries that a table of connections may be given: some 100 GiB of a kernel's memory."""
_POD = ("io.kubernetes.pod.namespace", "io.kubernetes.pod.name")


def of_machine(machine: Machine, network: str = "") -> dict[str, str]:
    """What the files say; ``network``: whose network namespace it is, nothing for the machine's."""
    texts = dict(sysctls.DEFAULTS)
    for (owner, path), text in machine.kernel.written.items():
        if owner == (network if sysctls.of_network(path) else ""):
            texts[path] = text
    return texts


def of_container(container: Container) -> dict[str, str]:
    """The same in a container."""
    return of_machine(container.machine, network_of(container))


def network_of(container: Container) -> str:
    """A name of the network namespace that a container is in; nothing for its machine's."""
    settings = container.settings
    if settings.hardening.host_network:
        return ""
    pod = [settings.labels.get(word, "") for word in _POD]
    return "/".join(pod) if all(pod) else container.id


def writer(machine: Machine, network: str = "") -> SetKernel:
    """Writes a file of ``/proc/sys``; what comes of it is why that failed, or nothing."""
    return partial(_write, machine, network)


def writer_in(container: Container, uid: int) -> SetKernel:
    """The same for a user of a container."""
    hardening = container.settings.hardening
    if not hardening.privileged or container.runtime.kernel == "sandbox":
        return _read_only
    return _denied if uid else writer(container.machine, network_of(container))


def _read_only(path: str, text: str) -> str:
    return sysctls.problem_of(path, text) or "Read-only file system"


def _denied(path: str, text: str) -> str:
    return sysctls.problem_of(path, text) or "Permission denied"


def _write(machine: Machine, network: str, path: str, text: str) -> str:
    problem = sysctls.problem_of(path, text)
    if problem:
        return problem
    if path == sysctls.CONNTRACK:
        if not 1 <= int(text) <= MOST_CONNECTIONS:
            return "Invalid argument"
        machine.connections.most = float(text)
    else:
        owner = network if sysctls.of_network(path) else ""
        machine.kernel.written[owner, path] = "\t".join(text.split())
    return ""
