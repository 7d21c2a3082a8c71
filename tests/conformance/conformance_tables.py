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


def folder() -> Path | None:
    """The folder of the tables, or None when there is none."""
    named = os.environ.get("DRYDOCK_CONFORMANCE")
    path = Path(named) if named else ROOT / ".." / "shared" / "conformance"
    return path if path.is_dir() else None


def table(name: str) -> dict[str, Any]:
    """One table, such as "words" or "compose/ports"; skips the test when it does not exist."""
    where = folder()
    path = where / f"{name}.json" if where else None
    if path is None or not path.is_file():
        pytest.skip(f"no conformance table {name!r}; set DRYDOCK_CONFORMANCE to their folder")
    return dict(json.loads(path.read_text(encoding="utf-8")))


def cases(name: str, kind: str | None = None) -> list[dict[str, Any]]:
    """The cases of a table, of one kind if named; [] when the table does not exist.

    For `pytest.mark.parametrize("case", cases("words"), ids=case_id)`: no cases, one skipped test.
    """
    where = folder()
    path = where / f"{name}.json" if where else None
    if path is None or not path.is_file():
        return []
    found = json.loads(path.read_text(encoding="utf-8"))["cases"]
    return [case for case in found if kind is None or case.get("kind") == kind]


def case_id(case: dict[str, Any]) -> str:
    """A readable test name."""
    return str(case["name"])


def text(relative: str) -> str:
    """A file beside the tables, byte for byte (line ends are kept)."""
    where = folder()
    if where is None:
        pytest.skip("no conformance folder; set DRYDOCK_CONFORMANCE")
    return (where / relative).read_bytes().decode("utf-8")
