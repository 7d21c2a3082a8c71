"""Where the published conformance tables are, and how to read one.

The folder is named by DRYDOCK_CONFORMANCE, by default `../shared/conformance` beside the
repository. The tables are not part of the project: without the folder their tests are skipped.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
NO_FOLDER = "no conformance tables here; set DRYDOCK_CONFORMANCE to their folder"


def folder() -> Path | None:
    """The folder of the tables, or None when there is none."""
    named = os.environ.get("DRYDOCK_CONFORMANCE")
    path = Path(named) if named else ROOT / ".." / "shared" / "conformance"
    return path if path.is_dir() else None


def _read(name: str) -> dict[str, Any] | None:
    where = folder()
    path = where / f"{name}.json" if where else None
    if path is None or not path.is_file():
        return None
    return dict(json.loads(path.read_text(encoding="utf-8")))


def table(name: str) -> dict[str, Any]:
    """One table, such as "words" or "compose/ports"; skips the test when it does not exist."""
    found = _read(name)
    if found is None:
        pytest.skip(NO_FOLDER)
    return found


def cases(name: str, kind: str | None = None) -> list[dict[str, Any]]:
    """The cases of a table, of one kind if named; [] when the table does not exist."""
    found = _read(name)
    every = found["cases"] if found else []
    return [case for case in every if kind is None or case.get("kind") == kind]


def case_id(case: dict[str, Any]) -> str:
    """A readable test name, for `parametrize("case", cases(...), ids=case_id)`."""
    return str(case["name"])


def each_case(name: str, kind: str | None = None) -> pytest.MarkDecorator:
    """Decorator: one test per case, given as `case`; one skipped test when there is no table."""
    found = [pytest.param(case, id=case_id(case)) for case in cases(name, kind)]
    skipped = pytest.param({}, marks=pytest.mark.skip(reason=NO_FOLDER), id="no-table")
    return pytest.mark.parametrize("case", found or [skipped])


def text(relative: str) -> str:
    """A file beside the tables, byte for byte (line ends are kept)."""
    where = folder()
    if where is None:
        pytest.skip(NO_FOLDER)
    return (where / relative).read_bytes().decode("utf-8")
