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
    found = [
        Entry("heading/free", "heading", "Free play"),
        Entry(
            "sandbox",
            "sandbox",
            "Sandbox",
            detail="One host and a prompt: type docker commands, send traffic, break things.",
        ),
    ]
    if lessons:
        found += [Entry("heading/lessons", "heading", "Lessons"), *lessons]
    if scenarios:
        found += [Entry("heading/scenarios", "heading", "Scenarios"), *scenarios]
    return found


def _lessons(progress: bool) -> list[Entry]:
    """Lessons in the order in which they need each other."""
    from simulator.course.course_map import course_map

    try:
        found = course_map()
    except (OSError, DrydockError):
        return []
    entries = []
    for one in found:
        about = f"{one.minutes} min" if one.minutes else ""
        mark = one.state if progress and one.state != "new" else ""
        far = f" ({one.how_far})" if progress and one.how_far else ""
        key = f"lesson/{one.id}"
        entries.append(Entry(key, "lesson", one.title, about, mark, f"{one.objective}{far}"))
    return entries


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
