"""The public registry of every simulation: it serves the built-in catalogue."""

from __future__ import annotations

from simulator.calibration import Calibration
from simulator.engine import FlowNetwork
from simulator.errors import InputError
from simulator.image.catalogue import Catalogue
from simulator.image.manifests import images_of, manifest_digest
from simulator.image.model import Manifest
from simulator.image.reference import DEFAULT_REGISTRY, Reference
from simulator.registry.registry import Registry
from simulator.registry.repository import RateLimit


class CatalogueUpstream:
    """The catalogue's images as a registry serves them: manifest lists by tag and by digest."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def find(self, reference: Reference) -> Manifest | None:
        """The list of a tag; with a digest, the list or the image in it that has this digest."""
        if not self._catalogue.holds(reference):
            return None
        index = self._catalogue.index(reference)
        if reference.digest is None or reference.digest == manifest_digest(index):
            return index
        for image in images_of(index):
            if reference.digest in (image.manifest_digest, image.digest):
                return image
        return None

    def tags(self, reference: Reference) -> list[str]:
        """Tags worth suggesting; empty for an unknown repository."""
        try:
            return self._catalogue.tags(reference.name)
        except InputError:
            return []

    def names(self) -> list[str]:
        """Repositories as people type them."""
        return [Reference.parse(name).familiar for name in self._catalogue.names()]


def published_limits(constants: Calibration) -> tuple[RateLimit, RateLimit]:
    """Docker Hub's limits of pulls: of an address without a login, and of a free account."""
    period_s = constants.value("images.registry.limit_period_s")
    anonymous = constants.value("images.registry.anonymous_pulls")
    return (
        RateLimit(anonymous, period_s),
        RateLimit(constants.value("images.registry.user_pulls"), period_s),
    )


def public_hub(
    network: FlowNetwork,
    *,
    catalogue: Catalogue | None = None,
    name: str = DEFAULT_REGISTRY,
    limited: bool = True,
    constants: Calibration,
) -> Registry:
    """The default registry: Docker Hub's speed per connection, and its pull limits if wanted."""
    value = constants.value
    anonymous, known = published_limits(constants)
    return Registry(
        network,
        name,
        value("images.registry.hub_uplink_bytes_s"),
        connection_bytes_s=value("images.registry.hub_connection_bytes_s"),
        request_s=value("images.registry.request_s"),
        anonymous_limit=anonymous if limited else None,
        user_limit=known if limited else None,
        upstream=CatalogueUpstream(catalogue or Catalogue.load()),
    )
