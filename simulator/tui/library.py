"""What can be opened: lessons by unit with progress, the sandbox, scenarios."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from simulator.errors import DrydockError


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the home screen. ``progress``: empty, begun or done."""

    key: str
    kind: str
    """heading, lesson, sandbox or scenario."""
    title: str
    about: str = ""
    progress: str = ""


def entries() -> list[Entry]:
    """All that ships, read without loading the model."""
    found = _lessons()
    found += [
        Entry("heading/free", "heading", "Free play"),
        Entry("sandbox", "sandbox", "Sandbox: an empty world and a prompt"),
    ]
    scenarios = _scenarios()
    if scenarios:
        found += [Entry("heading/scenarios", "heading", "Scenarios"), *scenarios]
    return found


def _lessons() -> list[Entry]:
    return []


def _scenarios() -> list[Entry]:
    from simulator.files import folder

    try:
        files = sorted((folder("assets") / "scenarios").glob("*.y*ml"))
    except (OSError, DrydockError):
        return []
    return [Entry(f"scenario/{path}", "scenario", _title(path)) for path in files]


def _title(path: Path) -> str:
    return path.stem.replace("-", " ")
