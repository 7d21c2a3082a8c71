"""Tags that the catalogue does not list but whose scheme it knows: the nearest listed one.

A tag is a version and words of the variant (``3.11.9-slim-bookworm``). A tag is of a known scheme
when its words, without their release numbers, are those of a listed variant in the same order:
``alpine3.15`` is an ``alpine``, ``buster`` a Debian. The variant decides first, then the release
of its distribution, then the version.
"""

from __future__ import annotations

import re
from itertools import zip_longest

from simulator.image.families import Family, Tagged, Variant

_HEAD = re.compile(
    r"(v?)(\d{1,6}(?:\.\d{1,6}){0,3})(?:[-.]?(?:rc|beta|alpha|a|b|p)\.?\d{1,4}|-rc|_\d{1,4})?"
)
_RELEASE = re.compile(r"RELEASE\.(20\d\d)-\d\d-\d\dT\d\d-\d\d-\d\dZ")
_SNAPSHOT = re.compile(r"20\d{6}(?:\.\d+)*")
_WORD = re.compile(r"([a-z_]*)(\d+(?:\.\d+)*)?")
_DEBIAN = ("jessie", "stretch", "buster", "bullseye", "bookworm", "trixie", "forky")
_UBUNTU = {
    "trusty": (14, 4), "xenial": (16, 4), "bionic": (18, 4), "focal": (20, 4), "jammy": (22, 4),
    "noble": (24, 4), "plucky": (25, 4), "questing": (25, 10), "resolute": (26, 4),
}  # fmt: skip
_NEWER_MAJORS = 2
"""Major versions past the newest listed one that may have come out since the catalogue's date."""
_FAR = (10_000,)
_SUITES = frozenset({"debian", "ubuntu"})
"""Distributions whose releases are written by name."""

Numbers = tuple[int, ...]


def taken(family: Family, tag: str) -> tuple[Tagged, str] | None:
    """What a tag stands for, and the listed tag whose contents it has; None if unknown.

    The listed tag is empty for a tag that the catalogue holds as it is.
    """
    known = family.understand(tag)
    if known is not None:
        return known, _listed(family, known, tag)
    return _nearest(family, tag)


def told(name: str, tag: str, listed: str) -> str:
    """The one sentence about a tag that another one stands in for."""
    return f"{name}:{tag} is not in the catalogue; taken as {name}:{listed}, sizes may differ"


def _listed(family: Family, known: Tagged, tag: str) -> str:
    if known.version == known.minor or known.minor not in family.versions:
        return ""
    return known.minor + tag.removeprefix(known.version)


def _nearest(family: Family, tag: str) -> tuple[Tagged, str] | None:
    stamp = _RELEASE.fullmatch(tag)
    version, words = _split(family, tag if stamp is None else stamp.group(1))
    if (version is None and not words) or (stamp is not None and version not in family.versions):
        return None
    found = _variant(family, words) or _variant(family, _without_suite(family, words))
    if found is None:
        return None
    suffix, variant = found
    if version is None or version in family.aliases:
        version = family.aliases.get(version or "", family.latest)
        tagged = Tagged(variant, version, version, variant.suffixes[suffix])
        return tagged, (version if version in family.versions else "latest") + suffix
    near = _version(family, version)
    if near is None:
        return None
    depth = near.count(".") + 1
    minor = ".".join(version.split(".")[:depth])
    return Tagged(variant, version, minor, variant.suffixes[suffix]), near + suffix


def _split(family: Family, tag: str) -> tuple[str | None, list[str]]:
    """The version at the front of a tag, if there is one, and the words of its variant."""
    head = max(
        (one for one in ("latest", *family.aliases) if tag == one or tag.startswith(f"{one}-")),
        key=len,
        default=None,
    )
    if head is None:
        match = _HEAD.match(tag)
        if match is not None and tag[match.end() : match.end() + 1] in ("", "-"):
            head = match.group()
    rest = tag if head is None else tag[len(head) :]
    words = [one for one in rest.split("-") if one and not _SNAPSHOT.fullmatch(one)]
    return (None if head == "latest" and not words else head), words


def _variant(family: Family, words: list[str]) -> tuple[str, Variant] | None:
    """The listed variant of the same words, with the nearest releases."""
    asked = [_parts(one) for one in words]
    best: tuple[list[Numbers], str, Variant] | None = None
    for variant in family.variants:
        for suffix in variant.suffixes:
            offered = [_parts(one) for one in suffix.split("-") if one]
            if [stem for stem, _ in offered] != [stem for stem, _ in asked]:
                continue
            apart = [_apart(a, b) for (_, a), (_, b) in zip(asked, offered, strict=True)]
            if best is None or apart < best[0]:
                best = (apart, suffix, variant)
    return None if best is None else best[1:]


def _without_suite(family: Family, words: list[str]) -> list[str]:
    """The words without the distribution's name, for a family that never says which one it is."""
    named = {
        _parts(word)[0]
        for variant in family.variants
        for suffix in variant.suffixes
        for word in suffix.split("-")
    }
    if named & _SUITES:
        return words
    return [word for word in words if _parts(word)[0] not in _SUITES]


def _parts(word: str) -> tuple[str, Numbers | None]:
    """A word's stem and release: ``alpine3.19`` is alpine 3.19, ``bookworm`` is Debian 12."""
    if word in _DEBIAN:
        return "debian", (_DEBIAN.index(word) + 8,)
    if word in _UBUNTU:
        return "ubuntu", _UBUNTU[word]
    match = _WORD.fullmatch(word)
    if match is None:
        return word, None
    number = match.group(2)
    return match.group(1), _numbers(number) if number else None


def _numbers(text: str) -> Numbers:
    return tuple(int(one) for one in text.split("."))


def _apart(one: Numbers | None, other: Numbers | None) -> Numbers:
    """How far two releases are apart, most significant part first."""
    if one == other:
        return ()
    if one is None or other is None:
        return _FAR
    return tuple(abs(a - b) for a, b in zip_longest(one, other, fillvalue=0))


def _version(family: Family, version: str) -> str | None:
    """The listed version that is nearest; None for one that no release can have."""
    match = _HEAD.match(version)
    if match is None:
        return None
    asked = _numbers(match.group(2))
    offered = [
        (_numbers(found.group(2)), one)
        for one in family.versions
        if (found := _HEAD.fullmatch(one)) is not None and found.group(1) == match.group(1)
    ]
    if not offered or asked[0] > max(numbers[0] for numbers, _ in offered) + _NEWER_MAJORS:
        return None
    return min(
        offered,
        key=lambda pair: (
            _apart(asked[: len(pair[0])], pair[0]),
            -len(pair[0]),
            tuple(-n for n in pair[0]),
        ),
    )[1]
