"""The files that travel with trials: found once, kept by the digest of their content."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from simulator.errors import InputError, Place
from simulator.files import inside, is_file, is_folder, read_bytes

MOST_FILES = 5_000
MOST_BYTES = 256 << 20
_ALL = re.compile(r"(?:^|[\s\"'\[,:=])\.{1}/?(?=$|[\s\"'\],])", re.MULTILINE)
"""The folder itself, as ``.`` or ``./`` in a line."""
_READ_UNNAMED = {
    "compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml",
    "compose.override.yaml", "compose.override.yml", "docker-compose.override.yml",
    "docker-compose.override.yaml", ".env", ".dockerignore",
}  # fmt: skip
"""What tools read without being told its name."""
_TEXTS = (".yaml", ".yml", ".json", ".env", "")


@dataclass(frozen=True, slots=True)
class Bundle:
    """Files by path with the digests of their contents, and the contents by digest."""

    paths: dict[str, str]
    contents: Mapping[str, bytes]

    def with_text(self, path: str, text: str) -> Bundle:
        """The same with one more file."""
        body = text.encode()
        digest = digest_of(body)
        return Bundle({**self.paths, path: digest}, {**self.contents, digest: body})


def digest_of(body: bytes) -> str:
    """What a content is kept under."""
    return hashlib.sha256(body).hexdigest()


def gather(folder: Path, first: str | None, more: str = "") -> Bundle:
    """The files of a folder that a scenario may read: ``first`` is its file, None all are meant.

    An entry of the folder travels with all below it where a text that travels has its name in it,
    or the folder itself (``.``); ``more`` is such a text, too. InputError where they are too many
    or too large.
    """
    found: dict[str, bytes] = {}
    if first is not None:
        _add(found, folder, folder / first)
    wanted = _Wanted(folder)
    texts = [more, *(body.decode("utf-8", "replace") for body in found.values())]
    if first is None:
        texts.append(".")
    while texts:
        for entry in wanted.by(texts.pop()):
            for path in _below(entry):
                name = path.relative_to(folder).as_posix()
                if name not in found and _add(found, folder, path) and path.suffix in _TEXTS:
                    texts.append(found[name].decode("utf-8", "replace"))
    paths = {name: digest_of(body) for name, body in sorted(found.items())}
    return Bundle(paths, {paths[name]: body for name, body in found.items()})


class _Wanted:
    """Entries of a folder that no text has named yet."""

    def __init__(self, folder: Path) -> None:
        try:
            left = sorted(folder.iterdir())
        except OSError as error:
            raise InputError(
                "cannot read this folder", place=Place(str(folder)), found=error.strerror
            ) from None
        self._left = left[: MOST_FILES * 10]

    def by(self, text: str) -> list[Path]:
        """Those that a text names; each is given once."""
        whole = _ALL.search(text) is not None
        taken = [
            one
            for one in self._left
            if (whole and not one.name.startswith(".git"))
            or one.name in _READ_UNNAMED
            or one.name in text
        ]
        self._left = [one for one in self._left if one not in taken]
        return taken


def _below(path: Path) -> Iterator[Path]:
    """Regular files at or below a path, in one order; links are not followed out of it."""
    if path.is_symlink() and is_folder(path):
        return
    if is_folder(path):
        for one in sorted(path.iterdir()):
            yield from _below(one)
    elif is_file(path):
        yield path


def _add(found: dict[str, bytes], folder: Path, path: Path) -> bool:
    """Read one more file; False for a link that leads out of the folder."""
    try:
        inside(folder, os.path.relpath(path, folder))
    except InputError:
        return False
    body = read_bytes(path, limit_bytes=MOST_BYTES)
    found[path.relative_to(folder).as_posix()] = body
    if len(found) > MOST_FILES or sum(map(len, found.values())) > MOST_BYTES:
        raise InputError(
            "too much to send with a trial", place=Place(str(folder)),
            found=f"{len(found):,} files, {sum(map(len, found.values())) / 2**20:,.0f} MiB",
            expected=f"at most {MOST_FILES:,} files and {MOST_BYTES >> 20} MiB in its folder",
        )  # fmt: skip
    return True


class Files:
    """Contents on this machine's disk, by digest, and the folders that trials see of them.

    Several processes may share one root: what is there is never changed, and appears whole.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def keep(self, contents: Mapping[str, bytes]) -> None:
        """Write the contents that are not there yet."""
        objects = self.root / "objects"
        objects.mkdir(parents=True, exist_ok=True)
        for digest, body in contents.items():
            if not (objects / digest).exists():
                handle, name = tempfile.mkstemp(dir=objects)
                with os.fdopen(handle, "wb") as file:
                    file.write(body)
                os.replace(name, objects / digest)

    def folder(self, paths: Mapping[str, str]) -> Path:
        """A folder in which these files lie; made once."""
        listing = "\n".join(f"{path}\0{digest}" for path, digest in sorted(paths.items()))
        folder = self.root / digest_of(listing.encode())[:24]
        if not folder.exists():
            made = Path(tempfile.mkdtemp(dir=self.root))
            for path, digest in paths.items():
                self._put(made, path, digest)
            try:
                made.rename(folder)
            except OSError:  # another process was first
                shutil.rmtree(made, ignore_errors=True)
        return folder

    def _put(self, folder: Path, path: str, digest: str) -> None:
        goal = inside(folder, path)
        if not re.fullmatch("[0-9a-f]{64}", digest):
            raise InputError("a file of a trial has no digest", found=path)
        goal.parent.mkdir(parents=True, exist_ok=True)
        source = self.root / "objects" / digest
        if not source.exists():
            raise InputError("a file of this trial is not here", found=path)
        try:
            os.link(source, goal)
        except OSError:
            shutil.copyfile(source, goal)


@contextlib.contextmanager
def kept(contents: Mapping[str, bytes]) -> Iterator[Files]:
    """Contents on disk for as long as needed."""
    with tempfile.TemporaryDirectory(prefix="drydock-") as root:
        files = Files(Path(root))
        files.keep(contents)
        yield files
