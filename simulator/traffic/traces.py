"""Recorded traffic from files: ``timestamp,count`` CSV and web servers' access logs, also gzipped.

Files are hostile: sizes, lines and numbers are bounded, and whatever is wrong is an InputError
that names file, line and column.
"""

from __future__ import annotations

import gzip
import io
import zlib
from pathlib import Path

from simulator.errors import InputError, Place
from simulator.files import kind_of
from simulator.traffic.replay import Trace
from simulator.traffic.trace_csv import parse_csv
from simulator.traffic.trace_log import looks_like_log, parse_log

MAX_FILE_BYTES = 64 * 2**20
MAX_LINES = 1_000_000
MAX_LINE_CHARACTERS = 16_384
_CHUNK_BYTES = 2**20


def read_trace(path: Path) -> Trace:
    """Read a file that a person named: plain or gzipped, CSV or access log, told apart by content.

    Raises InputError when it is missing, too large, binary, empty, or malformed.
    """
    place = Place(str(path))
    try:
        found = kind_of(path)
        if found != "file":
            problem = "not a regular file" if found else "no such file"
            raise InputError(problem, place=place, expected="a CSV or an access log")
        with path.open("rb") as file:
            data = _limited(file, place)
    except OSError as error:
        raise InputError("cannot read this file", place=place, found=error.strerror) from None
    return parse_trace(data, str(path))


def parse_trace(data: bytes, name: str) -> Trace:
    """The trace in the bytes of a file called ``name``; gzip is recognised by its first bytes."""
    place = Place(name)
    if data[:2] == b"\x1f\x8b":
        data = _unpacked(data, place)
    lines = _lines(data, place)
    return parse_log(lines, name) if looks_like_log(lines, name) else parse_csv(lines, name)


def _limited(file: io.BufferedIOBase | gzip.GzipFile, place: Place) -> bytes:
    """All bytes of a stream, but never more than the limit in memory."""
    parts, size = [], 0
    while part := file.read(_CHUNK_BYTES):
        size += len(part)
        if size > MAX_FILE_BYTES:
            wanted = f"at most {MAX_FILE_BYTES:,} bytes of text"
            raise InputError("file too large", place=place, expected=wanted)
        parts.append(part)
    return b"".join(parts)


def _unpacked(data: bytes, place: Place) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            return _limited(file, place)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError("damaged gzip file", place=place, found=str(error)) from None


def _lines(data: bytes, place: Place) -> list[str]:
    """Lines of text, ends cut off; refused when binary, too long or too many."""
    if b"\0" in data:
        line = data[: data.index(b"\0")].count(b"\n") + 1
        raise InputError(
            "binary file", place=Place(place.file, line), expected="a CSV or an access log"
        )
    rows = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    if len(rows) > MAX_LINES + 1:
        wanted = f"at most {MAX_LINES:,}"
        raise InputError("too many lines", place=place, found=f"{len(rows):,}", expected=wanted)
    for number, row in enumerate(rows, 1):
        if len(row) > MAX_LINE_CHARACTERS:
            wanted = f"at most {MAX_LINE_CHARACTERS:,} characters"
            raise InputError("line too long", place=Place(place.file, number), expected=wanted)
    # Access logs quote whatever clients sent, so a wrong byte is no reason to stop.
    return [row.decode("utf-8", "replace").rstrip("\r") for row in rows]
