"""Which model it is: trials of one version say nothing about another."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from simulator import __version__, files


@cache
def version() -> str:
    """The version of Drydock and a digest of all that the model is: its code and its constants."""
    package = Path(__file__).parents[1]
    found = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        _add(found, path, package)
    assets = files.folder("assets")
    for path in sorted(assets.rglob("*.toml")):
        _add(found, path, assets)
    return f"{__version__}+{found.hexdigest()[:12]}"


def _add(found: hashlib._Hash, path: Path, root: Path) -> None:
    body = path.read_bytes()
    found.update(f"{path.relative_to(root).as_posix()} {len(body)}\n".encode())
    found.update(body)
