"""The built-in catalogue of base images, with the layer sizes of the real ones.

Read from ``assets/images/*.toml``, where every figure says whether it was measured or estimated.
Images are made on demand: a tag of a family is a parent image plus the variant's own layers, so
images on the same base share layers as the real ones do.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from simulator.errors import InputError, nearest, unknown
from simulator.files import asset
from simulator.image.coarse import fill, parse_files
from simulator.image.digests import digest_of
from simulator.image.families import Family, LayerRecipe, Tagged
from simulator.image.model import (
    DEFAULT_PLATFORM,
    Healthcheck,
    HistoryEntry,
    Image,
    ImageConfig,
    Index,
    Layer,
    Platform,
)
from simulator.image.near import taken, told
from simulator.image.reference import ARCHITECTURE_OWNERS, Reference
from simulator.image.shelf import Shelf

_MIRRORS = (
    "public.ecr.aws/docker/",
    "mirror.gcr.io/",
    "registry-1.docker.io/",
    "registry.hub.docker.com/",
)
WINDOWS_BUILDS = {
    "ltsc2025": "10.0.26100",
    "ltsc2022": "10.0.20348",
    "ltsc2019": "10.0.17763",
    "1809": "10.0.17763",
}
"""Builds of Windows Server by the names in tags (Microsoft, Windows container version list)."""
_TEXTS = ("user", "workdir", "stop_signal")
_LISTS = {"ports": "exposed_ports", "volumes": "volumes", "shell": "shell", "cmd": "cmd"}


@dataclass(frozen=True, slots=True)
class LayerEvidence:
    """Where the size of one catalogue layer comes from."""

    layer: Layer
    evidence: str
    source: str


class Catalogue:
    """Every base image that is known without a registry of one's own."""

    def __init__(self, families: Mapping[str, Family]) -> None:
        self._families = families
        self._images: dict[tuple[str, str, Platform], tuple[Image, tuple[LayerEvidence, ...]]] = {}
        self._indexes: dict[Reference, Index] = {}

    @classmethod
    def load(cls) -> Catalogue:
        """The shipped catalogue; read once a process."""
        return _shipped()

    def names(self) -> list[str]:
        """All repositories in full form, sorted."""
        return sorted(self._families)

    def tags(self, name: str) -> list[str]:
        """Tags of a repository that are worth listing; patch versions are accepted beyond them."""
        return self._family(Reference.parse(name)).tags()

    def resolve(
        self, reference: Reference | str, platform: Platform | None = DEFAULT_PLATFORM
    ) -> Image:
        """The image of a reference for a platform (None: the first one offered).

        InputError for an unknown repository or tag, with the nearest one, and for a platform
        that the image is not built for.
        """
        parsed = _parsed(reference)
        family, tagged = self._understand(parsed)
        owned = _owned_platform(parsed)
        chosen = _built_on(_choose(parsed, family, owned or platform), tagged)
        return self._made(family, tagged, chosen)[0]

    def index(self, reference: Reference | str) -> Index:
        """The manifest list of a reference: one image for each platform."""
        parsed = _parsed(reference)
        if parsed not in self._indexes:
            family, tagged = self._understand(parsed)
            owned = _owned_platform(parsed)
            offered = family.platforms if owned is None else [str(owned)]
            platforms = [_built_on(Platform.parse(text), tagged) for text in offered]
            images = tuple(self._made(family, tagged, one)[0] for one in platforms)
            self._indexes[parsed] = Index(images)
        return self._indexes[parsed]

    def evidence(
        self, reference: Reference | str, platform: Platform | None = None
    ) -> tuple[LayerEvidence, ...]:
        """For each layer, whether its size was measured or estimated, and its source."""
        parsed = _parsed(reference)
        family, tagged = self._understand(parsed)
        chosen = _built_on(_choose(parsed, family, platform), tagged)
        return self._made(family, tagged, chosen)[1]

    def note(self, reference: Reference | str) -> str | None:
        """The sentence about a tag that another one stands in for; None for a listed tag.

        None, too, for what the catalogue cannot resolve: resolving it says why.
        """
        try:
            parsed = _parsed(reference)
            family = self._family(parsed)
        except InputError:
            return None
        found = taken(family, parsed.tag_or_latest)
        if found is None or not found[1]:
            return None
        return told(parsed.familiar, parsed.tag_or_latest, found[1])

    def holds(self, reference: Reference | str) -> bool:
        """True when the reference can be resolved for some platform."""
        try:
            self._understand(_parsed(reference))
        except InputError:
            return False
        return True

    def _family(self, reference: Reference) -> Family:
        name = reference.name
        for mirror in _MIRRORS:
            if name.startswith(mirror):
                name = "docker.io/" + name.removeprefix(mirror)
        if _owned_platform(reference) is not None:
            name = "docker.io/library/" + reference.repository.partition("/")[2]
        family = self._families.get(name)
        if family is None:
            raise self._unknown_name(reference)
        return family

    def _unknown_name(self, reference: Reference) -> InputError:
        familiar = [name.removeprefix("docker.io/library/") for name in self._families]
        close = nearest(reference.familiar, familiar)
        if close is None:
            last = reference.repository.rpartition("/")[2]
            close = nearest(last, [name for name in familiar if "/" not in name])
        return InputError(
            "unknown image",
            found=reference.short(),
            expected="an image that was built here or is in the catalogue, "
            "or '# drydock: like=IMAGE' above its FROM",
            nearest=close,
        )

    def _understand(self, reference: Reference) -> tuple[Family, Tagged]:
        family = self._family(reference)
        found = taken(family, reference.tag_or_latest)
        if found is None:
            raise unknown(
                f"tag of image {reference.familiar}", reference.tag_or_latest, family.tags()
            )
        return family, found[0]

    def _made(
        self, family: Family, tagged: Tagged, platform: Platform
    ) -> tuple[Image, tuple[LayerEvidence, ...]]:
        at = family.variants.index(tagged.variant)
        key = (f"{family.names[0]} {at} {tagged.suite}", tagged.version, platform)
        made = self._images.get(key)
        if made is None:
            made = self._make(tagged, platform, f"{key[0]} {tagged.version}")
            self._images[key] = made
        return made

    def _make(
        self, tagged: Tagged, platform: Platform, key: str
    ) -> tuple[Image, tuple[LayerEvidence, ...]]:
        variant = tagged.variant
        base, known = self._base(tagged, platform)
        own = [
            LayerEvidence(_layer(one, tagged, f"{key} {at} {platform}"), one.evidence, one.source)
            for at, one in enumerate(variant.layers)
        ]
        config = _configure(base.config, _filled(variant.config, tagged))
        layers = [one.layer for one in own]
        lines = [
            HistoryEntry(one.created_by, one.size_bytes, comment="catalogue") for one in layers
        ]
        if variant.config:
            lines.append(HistoryEntry(f"CMD {json.dumps(config.argv)}", empty_layer=True))
        history = (*base.history, *lines)
        return Image.of(config, (*base.layers, *layers), history, platform), (*known, *own)

    def _base(self, tagged: Tagged, platform: Platform) -> tuple[Image, tuple[LayerEvidence, ...]]:
        if tagged.variant.parent is None:
            return Image.of(ImageConfig(), (), (), platform), ()
        family, parent = self._understand(Reference.parse(_fill(tagged.variant.parent, tagged)))
        return self._made(family, parent, platform)


def _parsed(reference: Reference | str) -> Reference:
    parsed = Reference.parse(reference) if isinstance(reference, str) else reference
    if parsed.name == "docker.io/library/scratch":
        raise InputError(
            "'scratch' is a reserved name",
            expected="FROM scratch in a Dockerfile; it has no layers",
        )
    return parsed


def _owned_platform(reference: Reference) -> Platform | None:
    """The one platform of ``arm64v8/alpine`` and its like; None for any other image."""
    owner, slash, _ = reference.repository.partition("/")
    if not slash or reference.registry != "docker.io" or owner not in ARCHITECTURE_OWNERS:
        return None
    return Platform.parse(ARCHITECTURE_OWNERS[owner])


def _choose(reference: Reference, family: Family, platform: Platform | None) -> Platform:
    """The offered platform that serves the wanted one: equal, or a lower variant of it."""
    offered = [Platform.parse(text) for text in family.platforms]
    if platform is None:
        return offered[0]
    same = [
        one
        for one in offered
        if (one.os, one.architecture) == (platform.os, platform.architecture)
        and one.variant <= platform.variant
    ]
    if not same:
        raise InputError(
            f"no match for platform in manifest of {reference.short()}",
            found=str(platform),
            expected="one of: " + ", ".join(map(str, offered)),
        )
    return max(same)


def _built_on(platform: Platform, tagged: Tagged) -> Platform:
    """The platform with the Windows build that the tag names; as it is for other systems."""
    if platform.os != "windows":
        return platform
    build = next((b for name, b in WINDOWS_BUILDS.items() if name in tagged.version), "")
    return replace(platform, os_version=build)


def _fill(text: str, tagged: Tagged) -> str:
    return (
        text.replace("{version}", tagged.version)
        .replace("{minor}", tagged.minor)
        .replace("{suite}", tagged.suite)
    )


def _filled(value: Any, tagged: Tagged) -> Any:
    if isinstance(value, str):
        return _fill(value, tagged)
    if isinstance(value, Mapping):
        return {key: _filled(one, tagged) for key, one in value.items()}
    return [_filled(one, tagged) for one in value] if isinstance(value, list) else value


def _layer(recipe: LayerRecipe, tagged: Tagged, key: str) -> Layer:
    transfer_mb, size_mb = recipe.megabytes(tagged.minor)
    size = round(size_mb * 1e6)
    entries = fill(
        parse_files(_fill(recipe.listed(tagged.minor), tagged)),
        size,
        recipe.rest,
        digest_of("catalogue", key),
    )
    return Layer.of(
        entries,
        _fill(recipe.created_by, tagged),
        size_bytes=size,
        transfer_bytes=round(transfer_mb * 1e6),
    )


def _configure(base: ImageConfig, data: Mapping[str, Any]) -> ImageConfig:
    changes: dict[str, Any] = {name: data[name] for name in _TEXTS if name in data}
    changes |= {target: tuple(data[name]) for name, target in _LISTS.items() if name in data}
    if "entrypoint" in data:
        changes["entrypoint"] = tuple(data["entrypoint"]) or None
        changes.setdefault("cmd", None)
    if "healthcheck" in data:
        changes["healthcheck"] = Healthcheck(("CMD-SHELL", data["healthcheck"]))
    config = replace(base, **changes)
    return config.with_env(data.get("env", {})).with_labels(data.get("labels", {}))


@cache
def _shipped() -> Catalogue:
    return Catalogue(Shelf(sorted(asset("images").glob("*.toml"))))
