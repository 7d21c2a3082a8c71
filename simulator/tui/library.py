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


def entries(*, progress: bool = True) -> list[Entry]:
    """All that ships. Without ``progress`` the model is not loaded, which takes a third of a
    second: the first screen shows the list at once and the marks a moment later.
    """
    lessons, scenarios = _lessons(progress), _scenarios()
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


def _lessons(progress: bool) -> list[Entry]:
    """Lessons in the order in which they need each other."""
    from simulator.course.library import headers

    try:
        marks = _marks() if progress else {}
        found = headers()
    except (OSError, DrydockError):
        return []
    entries = []
    for one in found:
        front = one.front
        minutes = front.minutes.get("lab") or front.minutes.get("demo")
        about = f"{minutes} min" if minutes else ""
        mark = marks.get(front.id, "")
        key = f"lesson/{front.id}"
        entries.append(Entry(key, "lesson", front.title, about, mark, front.objective))
    return entries


def _marks() -> dict[str, str]:
    """How far each lesson has come, in a word."""
    from simulator.course.progress import Keeper

    kept = Keeper().load().lessons
    return {name: "done" if one.complete else "begun" for name, one in kept.items()}


def _scenarios() -> list[Entry]:
    """The shipped scenarios with the titles that they give themselves."""
    import yaml

    from simulator.files import folder

    found = []
    try:
        for path in sorted((folder("assets") / "scenarios").glob("*.yaml")):
            head = yaml.safe_load(path.read_text("utf-8")) or {}
            title = str(head.get("title") or path.stem)
            about = " ".join(str(head.get("description") or "").split())
            found.append(Entry(f"scenario/{path}", "scenario", title, detail=about))
    except (OSError, ValueError, AttributeError, yaml.YAMLError):
        return found
    return found
