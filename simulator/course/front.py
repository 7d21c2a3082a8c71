"""The front matter of a lesson: what it is called, what it needs, the world it starts in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from simulator.course.block_parts import locked
from simulator.course.expression import Value
from simulator.course.model import Lesson, Setup, Step
from simulator.course.script import script_line
from simulator.course.varying import read_vary
from simulator.course.yaml_text import Node, parse_yaml
from simulator.errors import InputError, Place, unknown

FORMAT = 1
KEYS = (
    "format", "id", "title", "minutes", "needs", "objective", "misconception", "simplified",
    "world", "seed", "locked", "vary", "edition",
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
    locked: tuple[str, ...] = ()
    student: bool = False
    vary: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)

    def lesson(self, place: Place, digest: str, steps: tuple[Step, ...]) -> Lesson:
        """The lesson that these lines head."""
        return Lesson(
            id=self.id, title=self.title, place=place, hash=digest, minutes=self.minutes,
            needs=self.needs, objective=self.objective, misconception=self.misconception,
            simplified=self.simplified, seed=self.seed, setup=self.setup, steps=steps,
            locked=self.locked, student=self.student, vary=self.vary,
        )  # fmt: skip


def read_front(text: str, place: Place, folder: Path | None) -> Front:
    """Read the YAML between the two ``---`` lines; ``place`` is its first line."""
    table = parse_yaml(text, place).table("front matter", KEYS, ("format", "id", "title"))
    if table["format"].integer("format") != FORMAT:
        raise InputError(
            "lesson format not known", place=table["format"].place,
            found=table.text("format"), expected=str(FORMAT),
        )  # fmt: skip
    seed, needs, locks = table.get("seed"), table.get("needs"), table.get("locked")
    vary = read_vary(table.get("vary"))
    return Front(
        id=identifier(table["id"]),
        title=_title(table["title"]),
        minutes=_minutes(table.get("minutes")),
        needs=tuple(identifier(n) for n in needs.items("needs")) if needs else (),
        objective=table.text("objective"),
        misconception=table.text("misconception"),
        simplified=table.text("simplified"),
        seed=1 if seed is None else seed.integer("seed"),
        setup=_setup(table.get("world"), folder, tuple(vary)),
        locked=locked(locks.texts("locked"), locks.place) if locks else (),
        student=_edition(table.get("edition")),
        vary=vary,
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


def _edition(node: Node | None) -> bool:
    if node is None:
        return False
    word = node.text("edition")
    if word not in ("student", "whole"):
        raise unknown("edition", word, ("student", "whole"), node.place)
    return word == "student"


def _setup(node: Node | None, folder: Path | None, names: tuple[str, ...]) -> Setup:
    if node is None:
        return Setup((), folder)
    table = node.table("world", ("setup", "files", "edit"))
    files = table.get("files")
    if files is not None and folder is not None and files.text("files") != folder.name:
        raise InputError(
            "the files of a lesson lie in the folder of its own name", place=files.place,
            found=files.text("files"), expected=folder.name,
        )  # fmt: skip
    if files is not None and folder is not None and not folder.is_dir():
        raise InputError("no such folder beside the lesson", place=files.place, found=folder.name)
    listed = table.get("setup")
    items = listed.items("setup") if listed else []
    if len(items) > MAX_SETUP_LINES:
        raise InputError("too many setup lines", place=table.place)
    lines = tuple(script_line(one.text("a setup line"), one.place, names) for one in items)
    kept = folder if files is not None else None
    return Setup(lines, kept, _editable(table.get("edit"), kept))


def _editable(node: Node | None, folder: Path | None) -> tuple[str, ...]:
    """Files that may be changed: plain names of files that are there."""
    if node is None:
        return ()
    names = node.texts("edit")
    if folder is None:
        raise InputError("there is nothing to edit", place=node.place, expected="files: FOLDER")
    there = {one.relative_to(folder).as_posix() for one in folder.rglob("*") if one.is_file()}
    for name in names:
        if name not in there:
            raise unknown("file to edit", name, there, node.place)
    return names
