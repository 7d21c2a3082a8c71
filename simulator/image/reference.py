"""Image references: ``ghcr.io/team/web:1.2@sha256:…`` and what the short forms stand for.

Grammar and limits follow distribution/reference, the library behind Docker's own parsing:
a first path component is a registry when it holds a dot, a colon or an upper-case letter or is
``localhost``; otherwise ``docker.io`` is meant, and ``library/`` for a single component.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from simulator.errors import InputError

DEFAULT_REGISTRY = "docker.io"
ARCHITECTURE_OWNERS = {
    "amd64": "linux/amd64",
    "arm32v5": "linux/arm/v5",
    "arm32v6": "linux/arm/v6",
    "arm32v7": "linux/arm/v7",
    "arm64v8": "linux/arm64",
    "i386": "linux/386",
    "ppc64le": "linux/ppc64le",
    "riscv64": "linux/riscv64",
    "s390x": "linux/s390x",
}
"""Owners on the Docker Hub under which the official images of one platform are published."""
DEFAULT_TAG = "latest"
MAX_NAME_LENGTH = 255
MAX_TAG_LENGTH = 128
MAX_REFERENCE_LENGTH = 1024

_COMPONENT = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_PATH = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT})*", re.ASCII)
_LABEL = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_REGISTRY = re.compile(
    rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]{{1,5}})?", re.ASCII
)
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", re.ASCII)
_DIGEST = re.compile(
    r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}", re.ASCII
)
_DIGEST_LENGTHS = {"sha256": 64, "sha384": 96, "sha512": 128}
_BARE_ID = re.compile(r"[a-f0-9]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Reference:
    """A parsed image name. ``tag`` and ``digest`` are None where they were not written."""

    registry: str
    repository: str
    tag: str | None = None
    digest: str | None = None

    @classmethod
    def parse(cls, text: str) -> Reference:
        """Read a reference as `docker pull` does; InputError names the part that is wrong."""
        if not text or len(text) > MAX_REFERENCE_LENGTH:
            raise _invalid(text, f"1 to {MAX_REFERENCE_LENGTH} characters")
        if _BARE_ID.fullmatch(text):
            raise _invalid(text, "a name, not a 64-digit image ID")
        rest, digest = _split_digest(text)
        registry, path, tag = _split_name(rest, text)
        _check_path(registry, path, text)
        return cls(registry, path, tag, digest)

    @property
    def familiar(self) -> str:
        """The name without what Docker leaves out: ``python``, ``ghcr.io/team/web``."""
        if self.registry != DEFAULT_REGISTRY:
            return f"{self.registry}/{self.repository}"
        return self.repository.removeprefix("library/")

    @property
    def name(self) -> str:
        """Registry and repository in full: ``docker.io/library/python``."""
        return f"{self.registry}/{self.repository}"

    @property
    def tag_or_latest(self) -> str:
        """The tag that is meant: ``latest`` where none was written."""
        return self.tag or DEFAULT_TAG

    def tagged(self) -> Reference:
        """The same reference with the default tag filled in, unless it is pinned by digest."""
        if self.tag or self.digest:
            return self
        return replace(self, tag=DEFAULT_TAG)

    def canonical(self) -> str:
        """The full form: registry, repository, tag (``latest`` by default), digest."""
        return self._join(self.name)

    def short(self) -> str:
        """The familiar form with tag and digest, as `docker ps` prints it: ``python:3.12``."""
        return self._join(self.familiar)

    def listed(self) -> str:
        """As ``short``, without the digest that listings leave out: ``python:3.12``."""
        if self.digest is None:
            return self.short()
        return replace(self, digest=None).short() if self.tag else self.familiar

    def _join(self, name: str) -> str:
        full = self.tagged()
        tag = f":{full.tag}" if full.tag else ""
        digest = f"@{full.digest}" if full.digest else ""
        return f"{name}{tag}{digest}"

    def __str__(self) -> str:
        return self.short()


def _split_digest(text: str) -> tuple[str, str | None]:
    rest, at, digest = text.partition("@")
    if not at:
        return rest, None
    algorithm, _, value = digest.partition(":")
    wanted = _DIGEST_LENGTHS.get(algorithm)
    if not _DIGEST.fullmatch(digest) or (wanted is not None and len(value) != wanted):
        raise InputError(
            "invalid digest in image reference", found=digest, expected="sha256:<64 hex digits>"
        )
    return rest, digest.lower()


def _split_name(rest: str, text: str) -> tuple[str, str, str | None]:
    """Registry, repository path and tag; a colon after the last slash starts the tag."""
    head, slash, tail = rest.partition("/")
    has_registry = bool(slash) and (
        "." in head or ":" in head or head == "localhost" or head.lower() != head
    )
    registry, path = (head, tail) if has_registry else (DEFAULT_REGISTRY, rest)
    if registry == "index.docker.io":
        registry = DEFAULT_REGISTRY
    if not _REGISTRY.fullmatch(registry):
        raise _invalid(text, "a registry host such as ghcr.io or localhost:5000")
    path, colon, tag = path.partition(":")
    if colon and not _TAG.fullmatch(tag):
        raise InputError(
            "invalid tag in image reference",
            found=tag,
            expected=f"1 to {MAX_TAG_LENGTH} of A-Z a-z 0-9 _ . -, not starting with . or -",
        )
    if registry == DEFAULT_REGISTRY and "/" not in path:
        path = f"library/{path}" if path else path
    return registry, path, tag if colon else None


def _check_path(registry: str, path: str, text: str) -> None:
    if not _PATH.fullmatch(path):
        if path != path.lower() and _PATH.fullmatch(path.lower()):
            raise InputError(
                "invalid reference format: repository name must be lowercase",
                found=text,
                nearest=_lowered(text, path.removeprefix("library/")),
            )
        raise _invalid(text, "[registry/]name[:tag][@digest] in lower case")
    if len(registry) + 1 + len(path) > MAX_NAME_LENGTH:
        raise InputError(
            f"repository name must not be more than {MAX_NAME_LENGTH} characters",
            found=f"{len(registry) + 1 + len(path)} characters",
        )


def _lowered(text: str, path: str) -> str:
    return text.replace(path, path.lower(), 1)


def _invalid(text: str, expected: str) -> InputError:
    return InputError("invalid reference format", found=text, expected=expected)
