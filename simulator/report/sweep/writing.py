"""A sweep as a file for other programs: CSV, and Parquet where pyarrow is there."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from simulator.errors import InputError, Place, Refused
from simulator.files import is_folder, replace_file

Records = Sequence[dict[str, Any]]


def check_goal(flag: str, path: Path) -> None:
    """Refuse before the first trial what could not be written after the last."""
    if flag == "--parquet" and find_spec("pyarrow") is None:
        raise InputError(
            "Parquet is written by pyarrow, which is not installed", place=Place(flag),
            expected="'pip install pyarrow', or --csv",
        )  # fmt: skip
    if is_folder(path) or not is_folder(path.parent):
        problem = "this is a folder" if is_folder(path) else "no such folder"
        raise InputError(problem, place=Place(f"{flag} {path}"), expected="a file to write")


def write(flag: str, path: Path, records: Records) -> None:
    """Write in one step; Refused when it cannot be, and then the old file is still there."""
    body = _parquet(records) if flag == "--parquet" else to_csv(records).encode()
    try:
        replace_file(path, body)
    except OSError as error:
        raise Refused(
            f"{path}: cannot write: {error.strerror}; trials are kept: the same command again"
            " carries none of them out anew"
        ) from None


def to_csv(records: Records) -> str:
    """A head, and a line a record; what is None is empty."""
    text = io.StringIO()
    names = list(dict.fromkeys(name for record in records for name in record))
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue()


def _parquet(records: Records) -> bytes:
    import pyarrow
    import pyarrow.parquet

    names = list(dict.fromkeys(name for record in records for name in record))
    table = pyarrow.table({name: [one.get(name) for one in records] for name in names})
    sink = io.BytesIO()
    pyarrow.parquet.write_table(table, sink)
    return sink.getvalue()
