"""Registries that run in containers: what is pushed lies where their program keeps it.

Docker speaks plain HTTP with the registries of its own machine only: names of 127.0.0.0/8, that is
``localhost`` (docs: "Test an insecure registry"); everywhere else it wants a certificate. The
``registry`` program keeps its blobs below ``/var/lib/registry`` (distribution, configuration), for
which its image has a volume: they live as long as that does.
"""

from __future__ import annotations

from simulator.errors import Refused
from simulator.image.model import DIRECTORY, FileEntry, Manifest
from simulator.image.problems import FileProblem
from simulator.image.reference import Reference
from simulator.image.trees import Tree
from simulator.machine.container import Container
from simulator.machine.host import Machine
from simulator.node.making import command_line
from simulator.node.reaching import Surroundings
from simulator.node.storage import Storage
from simulator.node.wiring import Wiring
from simulator.registry.registry import Registry

KEPT_IN = "/var/lib/registry"
_FOLDER = "docker/registry/v2"
_LOST = "received unexpected HTTP status: 500 Internal Server Error (no space left on device)"


class HostedRegistry(Registry):
    """A registry whose blobs are files of a container, and take space where that writes."""

    def __init__(self, machine: Machine, name: str, tree: Tree, folder: str) -> None:
        ends = machine.images
        super().__init__(ends.network, name, ends.nic_in.capacity_bytes_s)
        self.tree = tree
        self.folder = folder

    @property
    def kept(self) -> bool:
        """Whether its files are there still: nothing was pushed, or nobody removed them."""
        return not self.blobs or self.tree.owns(self.folder)

    def put(self, reference: Reference, manifest: Manifest) -> str:
        """As of any registry; Refused where its disk is full."""
        files = 1 + len(self.blobs)
        size = self.stored_bytes
        try:
            self.tree.put(FileEntry(self.folder, size, 0o755, kind=DIRECTORY, files=files))
        except FileProblem:
            raise Refused(_LOST) from None
        return super().put(reference, manifest)


class Hosting:
    """The registries that containers of one machine serve, by where they keep their blobs."""

    def __init__(self, machine: Machine, storage: Storage, wiring: Wiring) -> None:
        self._machine = machine
        self._storage = storage
        self._wiring = wiring
        wiring.registry_of = self.served_by
        self._known: dict[str, HostedRegistry] = {}
        self._serving: dict[str, HostedRegistry] = {}
        """By the identity of the container that serves it."""

    def find(self, reference: Reference, looking: bool = False) -> Registry | None:
        """The registry that the machine reaches at the host of a reference; None for a name only.

        ``looking``: nothing is to change by it. Refused where nobody listens there, where no
        registry does, or one without a certificate.
        """
        host, _, port = reference.registry.rpartition(":")
        if not port.isdigit() or not host:
            return None
        name = reference.registry
        local = host == "localhost" or host.startswith("127.")
        reached = Surroundings(self._wiring, None).reach(host, int(port))
        if reached.server is not None and not local:
            raise Refused(
                f'Get "https://{name}/v2/": http: server gave HTTP response to HTTPS client'
            )
        if not local:
            return None
        if reached.server is None or reached.problem:
            raise Refused(
                f'Get "http://{name}/v2/": dial tcp 127.0.0.1:{port}: connect: connection refused '
                f"('docker run -d -p {port}:5000 registry:2' starts a registry; if it was started "
                "just now: 'advance 1s')"
            )
        there = self._wiring.machine_at(reached.server.machine.name)
        serving = self.served_by if there is None else there.wiring.registry_of
        assert serving is not None
        return serving(reached.server, name, looking)

    def ended(self, container: Container) -> None:
        """A container serves nothing any more: transfers under way break off."""
        served = self._serving.pop(container.id, None)
        if served is not None:
            served.go_down()

    def served_by(self, server: Container, name: str, looking: bool) -> Registry:
        """The registry that a container of this machine serves; Refused where it serves none."""
        argv = command_line(server.image, self._wiring.spec(server))
        if "registry" not in (word.rpartition("/")[2] for word in argv):
            raise Refused(
                f'Get "http://{name}/v2/": no registry answers there but {server.name}: '
                "expected a container of the image registry:2"
            )
        key, tree, folder = self._place(server)
        found = self._known.get(key)
        stale = found is None or not found.kept or found.tree is not tree
        if looking and (stale or found is None):
            raise Refused(f'Get "http://{name}/v2/": manifest unknown: nothing was pushed there')
        if looking and found is not None:
            return found
        if stale or found is None:
            found = self._known[key] = HostedRegistry(self._machine, name, tree, folder)
        found.come_back()
        self._serving[server.id] = found
        return found

    def _place(self, server: Container) -> tuple[str, Tree, str]:
        for one in self._storage.mounts(server):
            if one.mount.target == KEPT_IN:
                source = one.point.source or server.id
                return source, one.tree, f"{one.base.rstrip('/')}/{_FOLDER}"
        return server.id, self._storage.layer(server), f"{KEPT_IN}/{_FOLDER}"
