"""What can be opened: lessons with progress, the sandbox, scenarios."""

from __future__ import annotations

from dataclasses import dataclass

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
    detail: str = ""
    """A sentence about it, shown while the cursor is on it."""


def entries() -> list[Entry]:
    """All that ships, read without loading the model."""
    lessons, scenarios = _lessons(), _scenarios()
    found = [Entry("heading/lessons", "heading", "Lessons"), *lessons] if lessons else []
    found += [
        Entry("heading/free", "heading", "Free play"),
        Entry(
            "sandbox",
            "sandbox",
            "Sandbox",
            detail="One host and a prompt: type docker commands, send traffic, break things.",
        ),
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
                one.front.objective,
            )
        )
    return entries


def _scenarios() -> list[Entry]:
    from simulator.files import folder

    try:
        files = sorted((folder("assets") / "scenarios").glob("*.y*ml"))
    except OSError:
        return []
    return [
        Entry(
            f"scenario/{path}",
            "scenario",
            path.stem.replace("-", " ").capitalize(),
            detail=f"Plays {path.name}; `drydock run` prints the same as a summary.",
        )
        for path in files
    ]
