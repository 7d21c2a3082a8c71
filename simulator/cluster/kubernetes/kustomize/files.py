"""Files of a build: below their kustomization's folder, within bounds, no network."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from simulator.cluster.kubernetes.api.reading import Document, read
from simulator.cluster.kubernetes.kustomize.resources import Resource
from simulator.cluster.kubernetes.kustomize.spec import BuildError
from simulator.errors import DrydockError, nearest
from simulator.files import inside, is_file, is_folder, read_bytes

NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
MOST_BYTES = 64 << 20
MOST_FILES = 5_000
MOST_DEPTH = 30


class Budget:
    """What all files of a build may cost together."""

    def __init__(self, within: Path | None) -> None:
        self.within = within
        """The folder that may not be left; None: the whole machine may be read."""
        self._bytes = self._files = 0

    def read(self, path: Path) -> bytes:
        """The bytes of a file."""
        self._files += 1
        if self._files > MOST_FILES:
            raise BuildError(f"too many files, at most {MOST_FILES:,}")
        data = read_bytes(path, limit_bytes=MOST_BYTES - self._bytes, within=self.within)
        self._bytes += len(data)
        return data


class Folder:
    """A folder with a kustomization, and the folders that led to it."""

    def __init__(self, path: Path, shown: str, budget: Budget, parent: Folder | None) -> None:
        self.path = path
        self.shown = shown
        self.budget = budget
        self.parent = parent
        self.depth: int = parent.depth + 1 if parent is not None else 0

    def kustomization(self) -> str:
        """The name of its kustomization file."""
        found = [name for name in NAMES if is_file(self.path / name)]
        if not found:
            raise BuildError(
                "unable to find one of 'kustomization.yaml', 'kustomization.yml' or "
                f"'Kustomization' in directory '{self.shown}'"
            )
        if len(found) > 1:
            raise BuildError(f"Found multiple kustomization files under: {self.shown}")
        return found[0]

    def below(self, name: str) -> Folder:
        """Another folder that this one's kustomization names."""
        if not name:
            raise BuildError("new root cannot be empty")
        if Path(name).is_absolute():
            raise BuildError(f"new root '{name}' cannot be absolute")
        path = self._there(name)
        shown = self._shown(name)
        if not is_folder(path):
            why = "file is not directory" if path.exists() else ""
            if why:
                raise BuildError(f"must build at directory: '{shown}': {why}")
            raise BuildError(
                f"must build at directory: not a valid directory: evalsymlink failure on "
                f"'{shown}' : lstat {shown}: no such file or directory{self._near(name)}"
            )
        self._check_cycle(path, shown)
        if self.depth >= MOST_DEPTH:
            raise BuildError(f"bases of bases are nested too deep, at most {MOST_DEPTH}")
        return Folder(path, shown, self.budget, self)

    def _there(self, name: str) -> Path:
        if "\0" in name or len(name) > 4096:
            raise BuildError(f"bad path {name[:60]!r}")
        path = Path(os.path.normpath(self.path / name))
        if self.budget.within is not None:
            try:
                inside(self.budget.within, os.path.relpath(path, self.budget.within))
            except DrydockError as error:
                raise BuildError(f"{name}: {error}") from None
        return path

    def _shown(self, name: str) -> str:
        return os.path.normpath(os.path.join(self.shown, name))

    def _near(self, name: str) -> str:
        folder = (self.path / name).parent
        try:
            names = [one.name for one in folder.iterdir()][:1000] if folder.is_dir() else []
        except OSError:
            names = []
        near = nearest(Path(name).name, names)
        return f"; did you mean '{near}'?" if near else ""

    def _check_cycle(self, path: Path, shown: str) -> None:
        """A folder that is one of those on the way, or has one of them in it, is refused."""
        there = path.resolve()
        one: Folder | None = self
        while one is not None:
            if one.path.resolve().is_relative_to(there):
                raise BuildError(
                    f"cycle detected: candidate root '{shown}' contains visited root '{one.shown}'"
                )
            one = one.parent

    # --- files ------------------------------------------------------------------------------------

    def bytes_of(self, name: str) -> bytes:
        """The bytes of a file in this folder or below it."""
        if "://" in name:
            raise BuildError(f"{name}: there is no network here; save it as a file")
        path = self._there(name)
        if not path.resolve().is_relative_to(self.path.resolve()):
            raise BuildError(
                f"security; file '{self._shown(name)}' is not in or below '{self.shown}'"
            )
        if not path.exists():
            raise BuildError(
                f"open {self._shown(name)}: no such file or directory{self._near(name)}"
            )
        return self.budget.read(path)

    def text_of(self, name: str) -> str:
        """The text of a file in this folder or below it."""
        try:
            return self.bytes_of(name).decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise BuildError(
                f"{self._shown(name)}: this file is not UTF-8 text: byte at offset {error.start}"
            ) from None

    def objects(self, name: str) -> list[Resource]:
        """The objects of a file."""
        return objects(self.text_of(name), self._shown(name))


def objects(text: str, shown: str) -> list[Resource]:
    """The objects of a text; each has data of its own, whatever aliases they were written with."""
    found = []
    for one in read(text, shown):
        _check(one, shown)
        found.append(Resource(own(one.data), one, text))
    return found


def own(data: Any) -> Any:
    """A copy in which nothing stands at two places."""
    return json.loads(json.dumps(data))


def _check(one: Document, shown: str) -> None:
    data = one.data
    if not isinstance(data.get("kind"), str) or not data["kind"]:
        raise BuildError(f"missing Resource metadata: kind is missing in an object of {shown}")
    meta = data.get("metadata")
    name = meta.get("name") or meta.get("generateName") if isinstance(meta, dict) else None
    if not isinstance(name, str) or not name:
        raise BuildError(f"missing metadata.name in object {{{{{data.get('apiVersion', '')} "
                         f"{data['kind']}}}}} of {shown}")  # fmt: skip
