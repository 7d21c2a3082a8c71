"""One node as its kubelet knows it: the daemon below, pods above, images and pulls between."""

from __future__ import annotations

from simulator.cluster.kubernetes.kubelet.life import Life
from simulator.cluster.kubernetes.objects.meta import Key
from simulator.image.store import StoredImage
from simulator.node.node import Node as Daemon


class Box:
    """A node's pods and pulls."""

    def __init__(self, name: str, daemon: Daemon, subnet: int) -> None:
        self.name = name
        self.daemon = daemon
        self.subnet = subnet
        """Which of the cluster's subnets its pods have their addresses from."""
        self.lives: dict[Key, Life] = {}
        self.pulling: dict[str, list[tuple[Life, str, float]]] = {}
        """By image: the pods and containers that wait for it, and since when."""
        self.pulls: list[str] = []
        """Images that are fetched, or are to be, in turn."""
        self.images: dict[str, str] = {}
        """Digests of images by the names under which they were pulled."""
        self.used_at: dict[str, float] = {}
        """When an image was last in use, by digest."""
        self.starts = 0
        """Starts of containers under way."""
        self.last_address = 1
        self.address_of_node = ""
        self.silent_since: float | None = None
        """Since when nobody hears of it: its machine is off, or cut off."""
        self.boots = 0
        """How often it came back: what was under way before that is void."""
        self.gone = False
        """Whether it was taken out of its cluster."""
        self.cold_bytes = 0
        """Memory of containers that run and are not on the machine yet."""
        self.burstable_millis = 0
        """CPU that its Burstable pods ask for, in thousandths."""
        self.short_until: dict[str, float] = {}
        """Until when it says to be short of something at least, by resource."""

    @property
    def up(self) -> bool:
        """Whether its machine runs, and is the cluster's."""
        return not self.gone and self.daemon.machine.up

    def address(self) -> str:
        """The next address of a pod (kubeadm with a /24 for each node, as flannel gives them)."""
        self.last_address += 1
        low = 2 + (self.last_address - 2) % 253
        high, middle = divmod(self.subnet, 256)
        return f"10.{244 + high}.{middle}.{low}"

    def find(self, image: str) -> StoredImage | None:
        """An image that is here, by name."""
        store = self.daemon.machine.images.store
        known = self.images.get(image)
        found = store.find(image) if known is None else store.held(known)
        if found is not None and known is None:
            self.images[image] = found.image.digest
        return found
