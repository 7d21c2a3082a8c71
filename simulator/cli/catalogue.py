"""``drydock list``: what is shipped. Titles are found as text: no parser, no heavy import."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from simulator import files

_TITLE = re.compile(r"^title:[ \t]*(.+?)[ \t]*$|^title = \"(.+)\"$", re.MULTILINE)
_HEAD_BYTES = 4096


class Item(NamedTuple):
    """One thing that can be opened by its name."""

    name: str
    title: str
    path: Path


def lessons() -> list[Item]:
    """Shipped lessons, by name."""
    return _items("lessons", "", "*.md")


def scenarios() -> list[Item]:
    """Shipped scenarios, by name."""
    return _items("assets", "scenarios", "*.yaml")


def demos() -> list[Item]:
    """Shipped demonstrations, by name."""
    return _items("assets", "demos", "*.yaml")


def presets() -> list[Item]:
    """Shipped traffic presets, by name."""
    return _items("assets", "traffic", "*.toml")


def _items(root: str, below: str, pattern: str) -> list[Item]:
    try:
        folder = files.folder(root) / below
    except FileNotFoundError:
        return []
    found = sorted(folder.glob(pattern)) if folder.is_dir() else []
    return [Item(one.stem, _title(one), one) for one in found if one.stem != "README"]


def _title(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES).decode("utf-8", "replace")
    match = _TITLE.search(head)
    return (match[1] or match[2]).strip("\"'") if match else ""


_SECTIONS = {
    "lessons": ("Lessons", "drydock lesson play NAME", lessons),
    "scenarios": ("Scenarios", "drydock run NAME", scenarios),
    "demos": ("Demonstrations", "drydock demo NAME", demos),
    "traffic": ("Traffic presets", "traffic SERVICE preset NAME", presets),
}


def listing(what: str | None = None) -> Iterator[str]:
    """All lines of ``drydock list``, or of one section; for lessons the map of the course."""
    if what == "lessons":
        yield from _map()
        return
    if what is not None and what not in _SECTIONS:
        from simulator.errors import unknown

        raise unknown("section of the list", what, _SECTIONS)
    for index, name in enumerate(_SECTIONS if what is None else [what]):
        title, how, find = _SECTIONS[name]
        items = find()
        if index:
            yield ""
        yield f"{title} ({how})"
        width = max((len(one.name) for one in items), default=0)
        for one in items:
            yield f"  {one.name:<{width}}  {one.title}".rstrip()
        if not items:
            yield "  none"


def _map() -> Iterator[str]:
    from simulator.course.course_map import course_map, map_lines

    yield "Lessons (drydock play NAME); [x] done, [~] begun, . needs another first"
    yield from map_lines(course_map())


def scenario_path(word: str) -> Path:
    """The file that ``drydock run WORD`` means: a path, or the name of a shipped scenario."""
    from simulator.errors import nearest, unknown

    path = Path(word)
    if path.suffix in (".yaml", ".yml") or "/" in word or files.is_file(path):
        return path
    known = {one.name: one.path for one in scenarios()}
    if word in known:
        return known[word]
    if files.kind_of(path) or nearest(word, known) is None:
        return path
    raise unknown("scenario", word, known)
