"""What can be opened: lessons with progress, the sandbox, scenarios."""

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
    lessons, scenarios = _lessons(), _scenarios()
    found = [Entry("heading/lessons", "heading", "Lessons"), *lessons] if lessons else []
    found += [
        Entry("heading/free", "heading", "Free play"),
        Entry("sandbox", "sandbox", "Sandbox: one host and a prompt"),
    ]
    if scenarios:
        found += [Entry("heading/scenarios", "heading", "Scenarios"), *scenarios]
    return found


def _lessons() -> list[Entry]:
    """Lessons in the order in which they need each other. A broken one spoils only itself."""
    from simulator.course.library import headers
    from simulator.course.progress import Keeper

    try:
        found = headers()
        kept = Keeper().load().lessons
    except (OSError, DrydockError):
        return []
    entries = []
    for one in found:
        minutes = one.front.minutes.get("lab") or one.front.minutes.get("demo")
        done = kept.get(one.front.id)
        entries.append(
            Entry(
                f"lesson/{one.front.id}",
                "lesson",
                one.front.title,
                f"{minutes} min" if minutes else "",
                "" if done is None else "done" if done.complete else "begun",
            )
        )
    return entries


def _scenarios() -> list[Entry]:
    from simulator.files import folder

    try:
        files = sorted((folder("assets") / "scenarios").glob("*.y*ml"))
    except OSError:
        return []
    return [Entry(f"scenario/{path}", "scenario", _title(path)) for path in files]


def _title(path: Path) -> str:
    return path.stem.replace("-", " ")
