"""The front matter of a lesson: what it is called, what it needs, the world it starts in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from simulator.course.model import Lesson, ScriptLine, Setup, Step
from simulator.course.script import script_line
from simulator.course.yaml_text import Node, parse_yaml
from simulator.errors import InputError, Place

FORMAT = 1
KEYS = (
    "format", "id", "title", "minutes", "needs", "objective", "misconception", "simplified",
    "world", "seed",
)  # fmt: skip
MAX_SETUP_LINES = 200

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}$", re.ASCII)


@dataclass(frozen=True, slots=True)
class Front:
    """The front matter, read and checked."""

    id: str
    title: str
    minutes: dict[str, int]
    needs: tuple[str, ...]
    objective: str
    misconception: str
    simplified: str
    seed: int
    setup: Setup

    def lesson(self, place: Place, digest: str, steps: tuple[Step, ...]) -> Lesson:
        """The lesson that these lines head."""
        return Lesson(
            id=self.id, title=self.title, place=place, hash=digest, minutes=self.minutes,
            needs=self.needs, objective=self.objective, misconception=self.misconception,
            simplified=self.simplified, seed=self.seed, setup=self.setup, steps=steps,
        )  # fmt: skip


def read_front(text: str, place: Place, folder: Path | None) -> Front:
    """Read the YAML between the two ``---`` lines; ``place`` is its first line."""
    table = parse_yaml(text, place).table("front matter", KEYS, ("format", "id", "title"))
    if table["format"].integer("format") != FORMAT:
        raise InputError(
            "lesson format not known", place=table["format"].place,
            found=table.text("format"), expected=str(FORMAT),
        )  # fmt: skip
    seed, needs = table.get("seed"), table.get("needs")
    return Front(
        id=identifier(table["id"]),
        title=_title(table["title"]),
        minutes=_minutes(table.get("minutes")),
        needs=tuple(identifier(n) for n in needs.items("needs")) if needs else (),
        objective=table.text("objective"),
        misconception=table.text("misconception"),
        simplified=table.text("simplified"),
        seed=1 if seed is None else seed.integer("seed"),
        setup=_setup(table.get("world"), folder),
    )


def identifier(node: Node) -> str:
    """The id of a lesson."""
    text = node.text("id")
    if not _ID.match(text):
        raise InputError(
            "bad id", place=node.place, found=text, expected="lower-case letters, digits and -"
        )
    return text


def _title(node: Node) -> str:
    text = " ".join(node.text("title").split())
    if not 0 < len(text) <= 100:
        raise InputError("bad title", place=node.place, found=text, expected="1 to 100 characters")
    return text


def _minutes(node: Node | None) -> dict[str, int]:
    if node is None:
        return {}
    if isinstance(node.value, str):
        return {"lab": node.integer("minutes", 1, 1000)}
    table = node.table("minutes", ("demo", "lab"))
    return {key: table[key].integer(key, 1, 1000) for key in table.nodes}


def _setup(node: Node | None, folder: Path | None) -> Setup:
    if node is None:
        return Setup((), folder)
    table = node.table("world", ("setup", "files"))
    files = table.get("files")
    if files is not None and folder is not None and files.text("files") != folder.name:
        raise InputError(
            "the files of a lesson lie in the folder of its own name", place=files.place,
            found=files.text("files"), expected=folder.name,
        )  # fmt: skip
    if files is not None and folder is not None and not folder.is_dir():
        raise InputError("no such folder beside the lesson", place=files.place, found=folder.name)
    lines = table.get("setup")
    items = lines.items("setup") if lines else []
    if len(items) > MAX_SETUP_LINES:
        raise InputError("too many setup lines", place=table.place)
    return Setup(tuple(_line(item) for item in items), folder if files is not None else None)


def _line(item: Node) -> ScriptLine:
    return script_line(item.text("a setup line"), item.place)
