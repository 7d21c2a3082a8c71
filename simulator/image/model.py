"""What an image is: layers of files, a configuration, a history, a platform.

Everything is frozen and content-addressed: equal content gives equal digests, in every process.
Layers of base images are *coarse*: a directory entry may carry the bytes of everything below it
that is not listed (``kind == "dir"`` with ``size_bytes > 0`` and ``files`` > 1).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from simulator.errors import InputError, nearest
from simulator.image.digests import digest_of_all

FILE, DIRECTORY, SYMLINK, WHITEOUT, OPAQUE = "file", "dir", "symlink", "whiteout", "opaque"
WORKLOAD_LABEL = "drydock.workload"

GZIP_RATIO = 2.76
"""Uncompressed over compressed bytes of a real image (python:3.12-slim: 119.2 / 43.2 MB)."""


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One path of a layer. ``whiteout`` hides ``path`` below, ``opaque`` hides what it holds."""

    path: str
    size_bytes: int = 0
    mode: int = 0o644
    digest: str = ""
    kind: str = FILE
    uid: int = 0
    gid: int = 0
    target: str = ""
    """Where a symbolic link points."""
    files: int = 1
    """How many real files this entry stands for."""
    text: str | None = field(default=None, compare=False, repr=False)
    """What a small text file says, where that is known; the digest stands for it."""
    modified_s: float = field(default=0.0, compare=False, repr=False)
    """When a container wrote it last, in simulated seconds; 0 for what was built."""

    @property
    def removes(self) -> bool:
        """True for the marks that hide something of a lower layer."""
        return self.kind in (WHITEOUT, OPAQUE)

    def identity(self) -> str:
        """The canonical text that layer digests are made of."""
        owner = f"{self.uid}:{self.gid}"
        return (
            f"{self.kind} {self.mode:o} {owner} {self.size_bytes} {self.digest} "
            f"{self.target} {self.path}"
        )


@dataclass(frozen=True, slots=True)
class Layer:
    """A set of file changes. ``size_bytes`` on disk, ``transfer_bytes`` over the wire."""

    digest: str
    size_bytes: int
    transfer_bytes: int
    files: tuple[FileEntry, ...] = field(default=(), repr=False, compare=False)
    created_by: str = field(default="", compare=False)

    @classmethod
    def of(
        cls,
        files: Iterable[FileEntry],
        created_by: str = "",
        *,
        size_bytes: int | None = None,
        transfer_bytes: int | None = None,
    ) -> Layer:
        """A layer from its files; sizes follow from them unless stated, the digest always."""
        entries = tuple(sorted(files, key=lambda entry: (entry.path, entry.kind)))
        size = sum(entry.size_bytes for entry in entries) if size_bytes is None else size_bytes
        transfer = round(size / GZIP_RATIO) if transfer_bytes is None else transfer_bytes
        identity = [str(size), str(transfer), *(entry.identity() for entry in entries)]
        return cls(digest_of_all(["layer", *identity]), size, transfer, entries, created_by)

    @property
    def id(self) -> str:
        """The twelve digits that tools print."""
        return self.digest.partition(":")[2][:12]

    @property
    def inodes(self) -> int:
        """Files, folders and links that it has on a disk."""
        return sum(entry.files for entry in self.files)


@dataclass(frozen=True, slots=True)
class Healthcheck:
    """A HEALTHCHECK: ``("NONE",)`` switches an inherited one off. Times in seconds."""

    test: tuple[str, ...]
    interval_s: float = 30.0
    timeout_s: float = 30.0
    start_period_s: float = 0.0
    start_interval_s: float = 5.0
    retries: int = 3


@dataclass(frozen=True, slots=True)
class ImageConfig:
    """How a container of the image starts. ``None`` for cmd and entrypoint means not set."""

    env: tuple[tuple[str, str], ...] = ()
    cmd: tuple[str, ...] | None = None
    entrypoint: tuple[str, ...] | None = None
    user: str = ""
    workdir: str = "/"
    exposed_ports: tuple[str, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    volumes: tuple[str, ...] = ()
    healthcheck: Healthcheck | None = None
    stop_signal: str = "SIGTERM"
    shell: tuple[str, ...] = ("/bin/sh", "-c")
    onbuild: tuple[str, ...] = ()

    @property
    def environment(self) -> dict[str, str]:
        """The environment as a dictionary, in the order it was set."""
        return dict(self.env)

    @property
    def argv(self) -> tuple[str, ...]:
        """What a container runs by default: entrypoint followed by command."""
        return (self.entrypoint or ()) + (self.cmd or ())

    def label(self, name: str, default: str | None = None) -> str | None:
        """The value of a label."""
        return dict(self.labels).get(name, default)

    def with_env(self, changes: Mapping[str, str]) -> ImageConfig:
        """The same configuration with variables set; a new name goes to the end."""
        return replace(self, env=tuple((self.environment | dict(changes)).items()))

    def with_labels(self, changes: Mapping[str, str]) -> ImageConfig:
        """The same configuration with labels set, sorted as `docker inspect` prints them."""
        return replace(self, labels=tuple(sorted((dict(self.labels) | dict(changes)).items())))

    def identity(self) -> str:
        """The canonical text that image digests are made of."""
        return repr(self)


_ARCHITECTURES = {
    "x86_64": "amd64",
    "x86-64": "amd64",
    "aarch64": "arm64",
    "armhf": "arm",
    "armel": "arm",
    "i386": "386",
    "i686": "386",
}
ARCHITECTURES = (
    "amd64", "arm64", "arm", "386", "ppc64le", "s390x", "riscv64", "mips64le", "loong64", "wasm",
)  # fmt: skip
SYSTEMS = ("linux", "windows", "darwin", "freebsd", "wasip1")


@dataclass(frozen=True, slots=True, order=True)
class Platform:
    """Operating system, architecture, variant: ``linux/arm/v7``; Windows adds its build."""

    os: str = "linux"
    architecture: str = "amd64"
    variant: str = ""
    os_version: str = ""

    @classmethod
    def parse(cls, text: str) -> Platform:
        """Read ``os``, ``arch`` or ``os/arch[/variant]`` by containerd's rules of normalising."""
        head, opened, version = text.strip().lower().partition("(")
        parts = head.split("/")
        if not 1 <= len(parts) <= 3 or not all(parts) or (opened and not version.endswith(")")):
            raise _bad_platform(text)
        system = parts[0]
        if len(parts) == 1 and _normal(system)[0] in ARCHITECTURES:
            parts = ["linux", system]
        elif len(parts) == 1:
            parts = [system, "amd64"]
        system = {"macos": "darwin"}.get(parts[0], parts[0])
        architecture, variant = _normal(parts[1], parts[2] if len(parts) == 3 else "")
        if system not in SYSTEMS or architecture not in ARCHITECTURES:
            raise _bad_platform(text)
        return cls(system, architecture, variant, version.rstrip(")"))

    def __str__(self) -> str:
        text = f"{self.os}/{self.architecture}"
        return f"{text}/{self.variant}" if self.variant else text


def _normal(architecture: str, variant: str = "") -> tuple[str, str]:
    """Architecture and variant by their one name: arm64/v8 is arm64, arm is arm/v7."""
    name = _ARCHITECTURES.get(architecture, architecture)
    variant = f"v{variant}" if variant.isdigit() else variant
    if architecture == "armel":
        variant = variant or "v6"
    if name == "arm":
        variant = variant or "v7"
    if (name, variant) in {("arm64", "v8"), ("amd64", "v1")}:
        variant = ""
    return name, variant


def _bad_platform(text: str) -> InputError:
    known = [f"linux/{name}" for name in ARCHITECTURES] + ["windows/amd64"]
    return InputError(
        "unknown platform",
        found=text,
        expected="os/architecture[/variant] such as linux/amd64 or linux/arm64",
        nearest=nearest(text, known),
    )


DEFAULT_PLATFORM = Platform()


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One line of `docker history`: what made it, when (simulated seconds), how large."""

    created_by: str
    size_bytes: int = 0
    empty_layer: bool = False
    created_s: float = 0.0
    comment: str = ""
    unlisted: tuple[str, ...] = ()
    """Folders in which it may have put files that no layer lists; / is anywhere."""


@dataclass(frozen=True, slots=True)
class Image:
    """An image of one platform. ``digest`` is the image ID: configuration and layer digests."""

    digest: str
    config: ImageConfig
    layers: tuple[Layer, ...]
    history: tuple[HistoryEntry, ...] = field(default=(), repr=False, compare=False)
    platform: Platform = DEFAULT_PLATFORM

    @classmethod
    def of(
        cls,
        config: ImageConfig,
        layers: Iterable[Layer],
        history: Iterable[HistoryEntry] = (),
        platform: Platform = DEFAULT_PLATFORM,
    ) -> Image:
        """An image from its parts. Times of the history do not count for the digest."""
        kept, lines = tuple(layers), tuple(history)
        written = [line.created_by for line in lines]
        parts = ["image", config.identity(), platform, *(layer.digest for layer in kept), *written]
        return cls(digest_of_all(parts), config, kept, lines, platform)

    @property
    def id(self) -> str:
        """The twelve digits that `docker images` prints."""
        return self.digest.partition(":")[2][:12]

    @property
    def manifest_digest(self) -> str:
        """The digest a registry serves this image under (`repo@sha256:…`)."""
        layers = [f"{layer.digest} {layer.transfer_bytes}" for layer in self.layers]
        return digest_of_all(["manifest", self.digest, *layers])

    @property
    def size_bytes(self) -> int:
        """Uncompressed size: the sum of the layers, each counted once."""
        return sum(layer.size_bytes for layer in {one.digest: one for one in self.layers}.values())

    @property
    def transfer_bytes(self) -> int:
        """Compressed size: what a pull to an empty machine downloads."""
        unique = {layer.digest: layer for layer in self.layers}
        return sum(layer.transfer_bytes for layer in unique.values())


@dataclass(frozen=True, slots=True)
class Index:
    """A manifest list: one name, one image per platform."""

    images: tuple[Image, ...]

    @property
    def digest(self) -> str:
        """The digest of the list; each image keeps its own."""
        return digest_of_all(["index", *(f"{i.platform} {i.manifest_digest}" for i in self.images)])

    @property
    def platforms(self) -> tuple[Platform, ...]:
        """The platforms offered, in the order of the list."""
        return tuple(image.platform for image in self.images)


Manifest = Image | Index
"""What a tag in a registry points at."""

SCRATCH = Image.of(ImageConfig(env=()), ())
"""The empty image: no files, no layers."""
