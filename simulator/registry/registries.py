"""All registries of one world, by host name, and which of them a reference means."""

from __future__ import annotations

from simulator.errors import Refused, nearest
from simulator.image.reference import DEFAULT_REGISTRY, Reference
from simulator.registry.registry import Registry


class Registries:
    """The public hub and the registries that a scenario adds.

    The hub also answers for other public hosts (``ghcr.io``, ``mcr.microsoft.com``) whose images
    are in its catalogue.
    """

    def __init__(self, hub: Registry) -> None:
        self.hub = hub
        self._by_name = {hub.name: hub}

    def add(self, registry: Registry) -> Registry:
        """One more registry; Refused when the name is in use."""
        if registry.name in self._by_name:
            raise Refused(f"a registry named {registry.name} exists")
        self._by_name[registry.name] = registry
        return registry

    def remove(self, name: str) -> Registry:
        """Take a registry away; Refused for the hub and for one that is not there."""
        found = self.get(name)
        if found is self.hub:
            raise Refused(f"{name} is the public registry; it cannot be removed")
        found.go_down()
        return self._by_name.pop(found.name)

    def names(self) -> list[str]:
        """Host names, the hub first."""
        return list(self._by_name)

    def get(self, name: str) -> Registry:
        """A registry by host name, as `docker login` names it; Refused if there is none."""
        found = self._by_name.get(name or DEFAULT_REGISTRY)
        if found is None:
            raise Refused(_unreachable(name, self.names()))
        return found

    def has(self, reference: Reference) -> bool:
        """Whether a registry of the world has the host of a reference for its name."""
        return reference.registry in self._by_name

    def means_hub(self, reference: Reference) -> bool:
        """Whether the public hub answers for a reference."""
        return reference.registry == self.hub.name or (
            not self.has(reference)
            and self.hub.upstream is not None
            and bool(self.hub.upstream.tags(reference))
        )

    def of(self, reference: Reference) -> Registry:
        """The registry that a reference means; Refused as when its name cannot be resolved."""
        found = self._by_name.get(reference.registry)
        if found is not None:
            return found
        if self.hub.upstream is not None and self.hub.upstream.tags(reference):
            return self.hub
        raise Refused(_unreachable(reference.registry, self.names()))


def _unreachable(name: str, known: list[str]) -> str:
    host = name.partition(":")[0]
    text = f'Get "https://{name}/v2/": dial tcp: lookup {host}: no such host'
    close = nearest(name, known)
    return f"{text}; did you mean '{close}'?" if close else text
