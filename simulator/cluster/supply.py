"""Where images come from: registries, and what is taken to be in those that nobody knows."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import lru_cache

from simulator.calibration import Calibration
from simulator.errors import DrydockError, InputError
from simulator.image.catalogue import Catalogue
from simulator.image.digests import digest_of
from simulator.image.manifests import images_of, manifest_digest
from simulator.image.model import (
    DEFAULT_PLATFORM,
    HistoryEntry,
    Image,
    ImageConfig,
    Layer,
    Manifest,
    Platform,
)
from simulator.image.platform import select
from simulator.image.reference import Reference
from simulator.registry.registries import Registries

WRONG = re.compile(
    r"(^|[-_.])(no|not|nope|none|bad|wrong|missing|fake|typo|oops|does|doesnt)([-_.]|$)"
    r"|nosuch|exist|broken|invalid|nonsense",
    re.ASCII | re.IGNORECASE,
)
"""Tags by which people say that there is no such image."""

PROGRAMS = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
"""Where an image that nobody knows has a system's usual programs, it is taken."""

MISSPELT = 0.8
"""How alike two names are (``difflib``) when one is taken for the other, misspelt."""


@dataclass(frozen=True, slots=True)
class Supplied:
    """An image by name; ``assumed``: nobody knows it, and it is taken to exist."""

    image: Image
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class Pinned:
    """A name that means one image for ever, and where that runs; no platforms stand for any."""

    name: str
    platforms: tuple[tuple[str, str], ...] = ()
    """Architecture and system."""


class Supply:
    """Finds images for all nodes of a cluster; each name and platform is looked up once."""

    def __init__(
        self, registries: Registries, catalogue: Catalogue, constants: Calibration
    ) -> None:
        self._registries = registries
        self._catalogue = catalogue
        self._assumed_bytes = int(constants.value("kubernetes.node.assumed_image_bytes"))
        self._assumed: dict[tuple[str, Platform], Supplied] = {}

    def find(self, text: str, platform: Platform) -> Supplied | str:
        """The image of a name, or why there is none, as a container runtime says it."""
        kept = self._assumed.get((text, platform))
        if kept is not None:
            return kept
        reference = Reference.parse(text)
        if reference.digest == _assumed_digest(reference):
            return self._assume(text, replace(reference, digest=None), platform)
        if not self._reaches(reference):
            return self._assume(text, reference, platform)
        try:
            manifest = self._registries.of(reference).look_up(reference)
            return Supplied(select(manifest, platform))
        except DrydockError:
            # Who names a digest has seen the image: it is newer than the catalogue.
            known = reference.digest is None and self._is_known(reference)
            if known or not _plausible(reference):
                return not_found(reference)
        return self._assume(text, reference, platform)

    def pin(self, reference: Reference) -> Pinned | None:
        """The name with the digest that a registry has for it now; None where it has none."""
        found = self.find(str(reference), DEFAULT_PLATFORM)
        if not isinstance(found, Supplied):
            return None
        if found.assumed:
            return Pinned(f"{reference}@{_assumed_digest(reference)}")
        registry = self._registries.of(reference)
        if not registry.available:
            return None
        return pinned(reference, registry.look_up(reference))

    def _reaches(self, reference: Reference) -> bool:
        """Whether there is a registry at all that the name is one of."""
        return self._registries.has(reference) or self._registries.means_hub(reference)

    def _assume(self, text: str, reference: Reference, platform: Platform) -> Supplied | str:
        """Nobody knows the repository: a tag that is none of the wrong ones exists, unless the
        name is almost one that is known, which is how names are misspelt."""
        if not _plausible(reference):
            return not_found(reference)
        if self._is_misspelt(reference):
            return denied(reference)
        image = self._made_up(reference, platform)
        self._assumed[text, platform] = Supplied(image, assumed=True)
        return self._assumed[text, platform]

    def _is_misspelt(self, reference: Reference) -> bool:
        """Whether a name of the hub's own images is nearly another one."""
        own = f"{self._registries.hub.name}/library/"
        if not reference.name.startswith(own):
            return False
        known = [one for one in self._catalogue.names() if one.startswith(own)]
        bare = [one.removeprefix(own) for one in known]
        if reference.name.removeprefix(own) in bare:
            return False
        return bool(get_close_matches(reference.name.removeprefix(own), bare, 1, MISSPELT))

    def is_assumed(self, text: str, platform: Platform) -> bool:
        """Whether an image that is here was taken to exist."""
        return (text, platform) in self._assumed

    def _is_known(self, reference: Reference) -> bool:
        """Whether Drydock knows the repository: then it knows its tags, too."""
        if reference.name in self._catalogue.names():
            return True
        try:
            return bool(self._registries.of(reference).tags(reference.repository))
        except DrydockError:
            return False

    def _made_up(self, reference: Reference, platform: Platform) -> Image:
        """One layer for the repository, which its tags share, and a small one for the tag."""
        most = self._assumed_bytes * 9 // 10
        sizes = ((reference.name, most), (str(reference), self._assumed_bytes - most))
        layers = [
            Layer(digest_of(f"assumed {word}"), size, int(size / 2.5)) for word, size in sizes
        ]
        history = HistoryEntry("what nobody knows", self._assumed_bytes, unlisted=PROGRAMS)
        config = ImageConfig(cmd=("app",))
        return Image.of(config, layers, (history,), platform=platform)


def pinned(reference: Reference, manifest: Manifest) -> Pinned:
    """A name with the digest of what a registry has for it."""
    platforms = (one.platform for one in images_of(manifest))
    return Pinned(
        f"{reference}@{manifest_digest(manifest)}",
        tuple((one.architecture, one.os) for one in platforms),
    )


def _assumed_digest(reference: Reference) -> str:
    """The digest of the list of images that a name is taken to have."""
    return digest_of(f"assumed list {reference.name}:{reference.tag_or_latest}")


@lru_cache(maxsize=4096)
def check_reference(text: str) -> str:
    """What is wrong with the name of an image; nothing where it is one."""
    try:
        Reference.parse(text)
    except InputError:
        return (
            f'Failed to apply default image tag "{text}": couldn\'t parse image name "{text}": '
            "invalid reference format"
        )
    return ""


def not_found(reference: Reference) -> str:
    """What the container runtime says of a name that its registry does not have."""
    name = reference.canonical()
    return (
        f'failed to pull and unpack image "{name}": failed to resolve reference "{name}": '
        f"{name}: not found"
    )


def denied(reference: Reference) -> str:
    """What the container runtime says of a repository that the hub does not have."""
    name = reference.canonical()
    return (
        f'failed to pull and unpack image "{name}": failed to resolve reference "{name}": pull '
        "access denied, repository does not exist or may require authorization: server message: "
        "insufficient_scope: authorization failed"
    )


def _plausible(reference: Reference) -> bool:
    if reference.digest is not None:
        return True
    return not WRONG.search(reference.tag_or_latest)
