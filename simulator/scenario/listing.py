"""Which files of a folder are manifests."""

from __future__ import annotations

from pathlib import Path

from simulator.errors import InputError, Place
from simulator.files import is_folder

SUFFIXES = (".json", ".yaml", ".yml")
MOST_FILES = 2_000
MOST_LOOKED_AT = 50_000


def listed(path: Path, shown: str, *, recursive: bool = False) -> list[tuple[Path, str]]:
    """The file of a path, or the files of manifests in a folder, each with how it is called."""
    if not is_folder(path):
        return [(path, shown)]
    files: list[Path] = []
    for number, one in enumerate(path.rglob("*") if recursive else path.iterdir()):
        if one.suffix in SUFFIXES and one.is_file():
            files.append(one)
        if len(files) > MOST_FILES or number > MOST_LOOKED_AT:
            raise InputError(
                "too many files", place=Place(shown), expected=f"at most {MOST_FILES:,} manifests"
            )
    return [(one, str(Path(shown) / one.relative_to(path))) for one in sorted(files)]
