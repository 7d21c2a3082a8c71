"""Where the shipped files are: lessons and assets, from a checkout or from an installed wheel."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from simulator.errors import InputError, Place


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


def read_text(path: Path, *, limit_bytes: int, what: str = "file") -> str:
    """Text of a file that a person named; refused by name when missing, too large or not UTF-8."""
    place = Place(str(path))
    try:
        if not path.is_file():
            missing = not path.exists()
            raise InputError(
                f"no such {what}" if missing else f"this {what} is not a regular file", place=place
            )
        size = path.stat().st_size
        if size > limit_bytes:
            raise InputError(
                f"{what} too large",
                place=place,
                found=f"{size:,} bytes",
                expected=f"at most {limit_bytes:,} bytes",
            )
        return path.read_bytes().decode("utf-8-sig")  # Windows editors mark UTF-8
    except UnicodeDecodeError as error:
        raise InputError(
            f"this {what} is not UTF-8 text", place=place, found=f"byte at offset {error.start}"
        ) from None
    except OSError as error:
        raise InputError(f"cannot read this {what}", place=place, found=error.strerror) from None


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
