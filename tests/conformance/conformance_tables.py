"""The published conformance tables, and how to read one.

They are facts from the test tables of Kubernetes, Swarm, BuildKit and Compose, arranged by us;
each names its source and licence. DRYDOCK_CONFORMANCE names another folder to read them from,
which may also hold whole files that a table points to.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

OURS = Path(__file__).parent / "tables"


def folder() -> Path:
    """The folder of the tables."""
    named = os.environ.get("DRYDOCK_CONFORMANCE")
    return Path(named) if named else OURS


def table(name: str) -> dict[str, Any]:
    """One table, such as "words" or "compose/ports"."""
    return dict(json.loads((folder() / f"{name}.json").read_text(encoding="utf-8")))


def has(name: str) -> bool:
    """Whether a table, or a file beside the tables, is there."""
    return (folder() / name).exists()


def cases(name: str, kind: str | None = None) -> list[dict[str, Any]]:
    """The cases of a table, of one kind if named."""
    return [case for case in table(name)["cases"] if kind is None or case.get("kind") == kind]


def case_id(case: dict[str, Any]) -> str:
    """A readable test name, for `parametrize("case", cases(...), ids=case_id)`."""
    return str(case["name"])


def each_case(name: str, kind: str | None = None) -> pytest.MarkDecorator:
    """Decorator: one test per case, given as `case`."""
    found = [pytest.param(case, id=case_id(case)) for case in cases(name, kind)]
    assert found, f"{name} has no case of kind {kind}"
    return pytest.mark.parametrize("case", found)


def text(relative: str) -> str:
    """A file beside the tables, byte for byte (line ends are kept)."""
    return (folder() / relative).read_bytes().decode("utf-8")
