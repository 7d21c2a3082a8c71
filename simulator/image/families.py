"""Families of catalogue images: which tags exist and what each of them is made of.

A family has versions; a variant adds suffixes (``-slim``, ``-alpine3.22``) and says which suite
each stands for. A tag is ``version + suffix``; patch versions of a known minor are accepted, as
are shorter versions, which mean the newest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_YEAR = re.compile(r"\b20\d\d\b")
_VERSION = re.compile(r"v?\d+(?:\.\d+){0,3}(?:[-.]?(?:rc|beta|alpha|b|p)\.?\d+|\+[\w.]+)?")


@dataclass(frozen=True, slots=True)
class LayerRecipe:
    """One layer of a variant: sizes in MB, coarse files, where the figure comes from."""

    transfer_mb: float
    size_mb: float
    created_by: str
    files: str
    rest: str
    evidence: str
    source: str
    of_versions: Mapping[str, tuple[float, float]]
    """Transfer and size in MB of the versions that differ, by family version."""
    files_of: Mapping[str, str]
    """Files that only some versions have, by family version."""

    def listed(self, minor: str) -> str:
        """Its coarse files for a version of the family, or one of the same major version."""
        major = minor.partition(".")[0]
        near = (one for key, one in self.files_of.items() if key.partition(".")[0] == major)
        own = self.files_of.get(minor) or next(near, "")
        return f"{self.files}\n{own}"

    def megabytes(self, minor: str) -> tuple[float, float]:
        """Transfer and size of the layer for a version of the family, in MB."""
        return self.of_versions.get(minor, (self.transfer_mb, self.size_mb))


@dataclass(frozen=True, slots=True)
class Variant:
    """A way an image is offered: suffixes, the parent image, own layers, configuration."""

    suffixes: Mapping[str, str]
    parent: str | None
    layers: tuple[LayerRecipe, ...]
    config: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Tagged:
    """A tag that was understood: its variant, full version, family version, suite."""

    variant: Variant
    version: str
    minor: str
    suite: str


@dataclass(frozen=True, slots=True)
class Family:
    """All tags of one repository (and its aliases)."""

    names: tuple[str, ...]
    versions: tuple[str, ...]
    latest: str
    aliases: Mapping[str, str]
    platforms: tuple[str, ...]
    variants: tuple[Variant, ...] = field(repr=False)

    def understand(self, tag: str) -> Tagged | None:
        """The variant and version a tag means, or None when there is no such tag."""
        for suffix, variant in self._suffixes():
            if suffix and (tag == suffix[1:] or tag == f"latest{suffix}"):
                version: str | None = self.latest
            elif tag.endswith(suffix):
                version = self._version(tag.removesuffix(suffix) if suffix else tag)
            else:
                continue
            if version is not None:
                minor = self._family_version(version) or version
                return Tagged(variant, version, minor, variant.suffixes[suffix])
        return None

    def tags(self) -> list[str]:
        """The tags worth showing: every version with every suffix, and the names for the latest."""
        shown: list[str] = []
        for variant in self.variants:
            for suffix in variant.suffixes:
                shown.append(suffix[1:] if suffix else "latest")
                shown.extend(f"{version}{suffix}" for version in self.versions)
                shown.extend(f"{alias}{suffix}" for alias in self.aliases)
        return list(dict.fromkeys(shown))

    def _suffixes(self) -> list[tuple[str, Variant]]:
        pairs = [(suffix, variant) for variant in self.variants for suffix in variant.suffixes]
        return sorted(pairs, key=lambda pair: -len(pair[0]))

    def _version(self, text: str) -> str | None:
        if text == "latest":
            return self.latest
        if text in self.aliases:
            return self.aliases[text]
        if text in self.versions:
            return text
        if not _VERSION.fullmatch(text):
            return None
        known = self._family_version(text)
        if known is not None:
            return text
        newer = [one for one in self.versions if one.startswith(f"{text}.")]
        return newer[0] if newer else None

    def _family_version(self, text: str) -> str | None:
        """The listed version that ``text`` is a patch release of."""
        return next(
            (v for v in self.versions if text == v or text.startswith((f"{v}.", f"{v}-"))), None
        )


def read_family(data: Mapping[str, Any], source: str, date: str) -> Family:
    """A family from its table in ``assets/images``; source and date where it states none."""
    versions = tuple(str(one) for one in data.get("versions", ()))
    inherited = {
        "source": data.get("source", source),
        "evidence": data.get("evidence", "estimated"),
        "date": date,
    }
    return Family(
        names=tuple(data["names"]),
        versions=versions,
        latest=str(data.get("latest", versions[0] if versions else "latest")),
        aliases=dict(data.get("aliases", {})),
        platforms=tuple(data.get("platforms", ("linux/amd64", "linux/arm64"))),
        variants=tuple(_variant(one, inherited) for one in data["variant"]),
    )


def _variant(data: Mapping[str, Any], inherited: Mapping[str, str]) -> Variant:
    suffixes = data.get("suffixes", {"": ""})
    return Variant(
        suffixes=dict(suffixes),
        parent=data.get("parent"),
        layers=tuple(_layer(one, dict(inherited) | dict(data)) for one in data.get("layers", ())),
        config=data.get("config", {}),
    )


def _layer(data: Mapping[str, Any], inherited: Mapping[str, Any]) -> LayerRecipe:
    sizes = data["mb"]
    return LayerRecipe(
        transfer_mb=float(sizes[0]),
        size_mb=float(sizes[1]),
        created_by=data.get("by", ""),
        files=data.get("files", ""),
        rest=data.get("rest", "/usr/share"),
        evidence=data.get("evidence", inherited["evidence"]),
        source=_dated(data.get("source", inherited["source"]), inherited["date"]),
        of_versions={k: (float(v[0]), float(v[1])) for k, v in data.get("mb_of", {}).items()},
        files_of=data.get("files_of", {}),
    )


def _dated(source: str, date: str) -> str:
    """A source with the date of its figures: its own, or the file's."""
    return source if _YEAR.search(source) else f"{source}; {date}"
