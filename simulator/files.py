"""Where the shipped files are: lessons and assets, from a checkout or from an installed wheel."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from functools import cache
from pathlib import Path

from simulator.errors import InputError, Place

_MOST_SHOWN = 200
"""Characters of a path that a message repeats."""


@cache
def folder(name: str) -> Path:
    """The shipped folder ``lessons`` or ``assets``.

    A wheel carries both inside the package; an editable install reads them from the checkout.
    """
    package = Path(__file__).parent
    for candidate in (package / "_shared" / name, package.parent / name):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"the folder '{name}' is missing from this installation")


def asset(*parts: str) -> Path:
    """The path of one file under ``assets/``."""
    return folder("assets").joinpath(*parts)


def here() -> Path:
    """The folder that the program was started in; InputError where it is gone."""
    try:
        return Path.cwd()
    except OSError as error:
        raise InputError("the folder you are in cannot be used", found=error.strerror) from None


def kind_of(path: Path, *, what: str = "file") -> str:
    """``file``, ``folder``, ``other`` (device, pipe, socket) or, where nothing is, ``""``.

    Links are followed. InputError where nobody may look, or where no name can be like this.
    """
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except (OSError, ValueError) as error:
        raise _unreadable(path, what, error) from None
    return "file" if stat.S_ISREG(mode) else "folder" if stat.S_ISDIR(mode) else "other"


def is_file(path: Path) -> bool:
    """Whether a regular file is there; InputError where nobody may look."""
    return kind_of(path) == "file"


def is_folder(path: Path) -> bool:
    """Whether a folder is there; InputError where nobody may look."""
    return kind_of(path, what="folder") == "folder"


def _unreadable(path: Path, what: str, error: Exception) -> InputError:
    why = error.strerror if isinstance(error, OSError) else "no such name is possible"
    shown = str(path)
    if len(shown) > _MOST_SHOWN:
        shown = f"{shown[:_MOST_SHOWN]}..."
    return InputError(f"cannot read this {what}", place=Place(shown), found=why)


def read_bytes(
    path: Path, *, limit_bytes: int, what: str = "file", within: Path | None = None
) -> bytes:
    """Bytes of a file that a person named; refused by name when missing or too large.

    ``within``: a folder that others filled; a link that leads out of it is not followed.
    """
    place = Place(str(path))
    if within is not None:
        path = inside(within, os.path.relpath(path, within), place=place)
    found = kind_of(path, what=what)
    if found != "file":
        missing = "no such" if not found else "this"
        end = "" if not found else " is not a regular file"
        raise InputError(f"{missing} {what}{end}", place=place)
    try:
        with path.open("rb") as file:  # it may grow under our hands, or lie about its size
            size, data = path.stat().st_size, file.read(limit_bytes + 1)
    except OSError as error:
        raise _unreadable(path, what, error) from None
    if len(data) > limit_bytes:
        raise InputError(
            f"{what} too large",
            place=place,
            found=f"{max(size, len(data)):,} bytes",
            expected=f"at most {limit_bytes:,} bytes",
        )
    return data


def read_text(
    path: Path, *, limit_bytes: int, what: str = "file", within: Path | None = None
) -> str:
    """Text of a file that a person named; refused by name when missing, too large or not UTF-8.

    ``within``: a folder that others filled; a link that leads out of it is not followed.
    """
    data = read_bytes(path, limit_bytes=limit_bytes, what=what, within=within)
    try:
        return data.decode("utf-8-sig")  # BOM: Windows
    except UnicodeDecodeError as error:
        raise InputError(
            f"this {what} is not UTF-8 text",
            place=Place(str(path)),
            found=f"byte at offset {error.start}",
        ) from None


def inside(root: Path, name: str, *, place: Place | None = None) -> Path:
    """A path below ``root``; InputError when ``name`` is absolute or leads out of it.

    Links are followed before the comparison: a link that points out is a way out, too.
    """
    try:
        base = root.resolve()
        path = (base / name).resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise InputError("bad path", place=place, found=name, expected=str(error)) from None
    if Path(name).is_absolute() or not path.is_relative_to(base):
        raise InputError(
            "this path leads out of the folder",
            place=place,
            found=name,
            expected="a path inside it",
        )
    return path


def replace_file(path: Path, body: bytes) -> None:
    """Write a file in one step: whatever happens, the old one is there, or the new one whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
