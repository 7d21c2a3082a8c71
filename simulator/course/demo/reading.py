"""From the text of a demonstration's file to a :class:`Demo`; errors name file, line and word.

A demonstration is YAML, whose texts may hold ``{{expression | format}}``. Numbers in narration
are measured where they stand; a figure ``p95`` of the scene ``bomb`` is known as ``bomb_p95`` to
everything after it. Commands are those of lessons and of the prompt.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from simulator import files
from simulator.course.demo.model import Beat, Demo, Figure, Reveal, Scene, Vote
from simulator.course.expression import parse_expression
from simulator.course.model import ScriptLine
from simulator.course.script import read_script, script_line
from simulator.course.template import FORMATS, Template, parse_template
from simulator.course.yaml_text import Node, Table, parse_yaml
from simulator.errors import InputError, Place, refuse_control_codes, unknown

FORMAT = 1
MAX_BYTES = 128 * 1024
MAX_BEATS = 60
_KEYS = ("format", "id", "title", "point", "minutes", "seed", "world", "watch", "beats", "files",
         "simplified")  # fmt: skip
_NEEDED = ("format", "id", "title", "point", "world", "beats")
_BEAT = ("title", "say", "then", "vote", "reveal", "run", "branch", "claims")
_DOES = ("vote", "reveal", "run", "branch")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}$", re.ASCII)
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}$", re.ASCII)


def shipped() -> dict[str, Path]:
    """The demonstrations that come with Drydock, by name."""
    folder = files.folder("assets") / "demos"
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def find(word: str) -> Path:
    """The file of a demonstration named by its id or by its path."""
    if word.endswith((".yaml", ".yml")) or "/" in word:
        return Path(word)
    known = shipped()
    if word not in known:
        raise unknown("demonstration", word, known)
    return known[word]


def read_demo(path: Path) -> Demo:
    """The demonstration in a file; files it needs lie in the folder that it names, beside it."""
    text = files.read_text(path, limit_bytes=MAX_BYTES, what="demonstration")
    return parse_demo(text, str(path), path.parent)


def parse_demo(text: str, name: str = "demo", beside: Path | None = None) -> Demo:
    """The demonstration in a text; raises InputError and nothing else."""
    place = Place(name, 1)
    refuse_control_codes(text, place)
    table = parse_yaml(text, place).table("a demonstration", _KEYS, _NEEDED)
    if table["format"].integer("format") != FORMAT:
        raise InputError(
            "format of demonstrations not known", place=table["format"].place,
            found=table.text("format"), expected=str(FORMAT),
        )  # fmt: skip
    return _Reader().demo(table, place, beside)


class _Reader:
    """Reads beats in their order, and knows what each may refer to."""

    def __init__(self) -> None:
        self.variables: list[str] = []
        self.scenes: dict[str, Scene] = {}
        self.votes: dict[str, Vote] = {}

    def demo(self, table: Table, place: Place, beside: Path | None) -> Demo:
        seed, minutes = table.get("seed"), table.get("minutes")
        watch = table.get("watch")
        setup = tuple(script_line(one.text("a line"), one.place)
                      for one in table["world"].items("world"))  # fmt: skip
        figures = self._figures(watch, "watch") if watch else ()
        beats = table["beats"].items("beats")
        if not 1 <= len(beats) <= MAX_BEATS:
            raise InputError("bad number of beats", place=table["beats"].place,
                             found=len(beats), expected=f"1 to {MAX_BEATS}")  # fmt: skip
        return Demo(
            id=_identifier(table["id"]), title=_line(table, "title"), point=_line(table, "point"),
            place=place, minutes=minutes.integer("minutes", 1, 60) if minutes else 8,
            seed=seed.integer("seed") if seed else 1, setup=setup, watch=figures,
            beats=tuple(self._beat(one) for one in beats), folder=_folder(table, beside),
            simplified=table.text("simplified"),
        )  # fmt: skip

    def _beat(self, node: Node) -> Beat:
        table = node.table("a beat", _BEAT, ("title", "say"))
        does = [key for key in _DOES if table.get(key) is not None]
        if len(does) > 1:
            raise InputError(
                "a beat does one thing", place=node.place, found=" and ".join(does),
                expected=f"one of: {', '.join(_DOES)}",
            )  # fmt: skip
        if table.get("then") is not None and not {"run", "branch"} & set(does):
            raise InputError("'then' is said after a run or branch", place=table["then"].place)
        say = self._text(table["say"])
        scene = self._scene(table) if {"run", "branch"} & set(does) else None
        vote, reveal = table.get("vote"), table.get("reveal")
        claims = table.get("claims")
        return Beat(
            title=_line(table, "title"), place=node.place, say=say, scene=scene,
            vote=self._vote(vote) if vote is not None else None,
            reveal=self._revealed(reveal) if reveal is not None else None,
            then=self._text(table["then"]) if table.get("then") is not None else None,
            claims=tuple(parse_expression(one.text("a claim"), one.place, tuple(self.variables))
                         for one in claims.items("claims")) if claims else (),
        )  # fmt: skip

    def _text(self, node: Node) -> Template:
        return parse_template(node.text("a text").strip(), node.place, tuple(self.variables))

    # --- what happens -------------------------------------------------------------------------

    def _scene(self, table: Table) -> Scene:
        branches = table.get("branch") is not None
        node = table["branch" if branches else "run"]
        keys = ("id", "title", "lines", *(("of",) if branches else ("fresh", "figures")), "speed")
        needed = ("id", "of", "lines") if branches else ("id", "lines")
        inner = node.table("a branch" if branches else "a run", keys, needed)
        name = self._new_name(inner["id"])
        figures = self._of(inner["of"]).figures if branches else ()
        if not branches and inner.get("figures") is not None:
            figures = self._figures(inner["figures"], "figures")
        speed, fresh = inner.get("speed"), inner.get("fresh")
        scene = Scene(
            id=name, title=inner.text("title") or name, place=node.place,
            lines=_lines(inner["lines"]), figures=figures,
            of=inner.text("of") if branches else "",
            fresh=fresh is not None and _yes(fresh),
            speed=speed.number("speed", 0.1, 1000) if speed else 4.0,
        )  # fmt: skip
        self.scenes[name] = scene
        self.variables += [f"{name}_{figure.name}" for figure in figures]
        return scene

    def _of(self, node: Node) -> Scene:
        word = node.text("of")
        if word not in self.scenes:
            raise unknown("run to branch from", word, self.scenes, node.place)
        if self.scenes[word].of:
            raise InputError("a branch of a branch", place=node.place, found=word,
                             expected="a run")  # fmt: skip
        return self.scenes[word]

    def _new_name(self, node: Node) -> str:
        word = node.text("id")
        if not _NAME.match(word):
            raise InputError("bad id", place=node.place, found=word,
                             expected="lower-case letters, digits and _")  # fmt: skip
        if word in self.scenes or word in self.votes:
            raise InputError("this id stands twice", place=node.place, found=word)
        return word

    def _figures(self, node: Node, what: str) -> tuple[Figure, ...]:
        """``p95: {label: slowest answers, value: "mean('web.p95', start) | ms"}``."""
        found = []
        for name, one in node.table(what, ()).nodes.items():
            if not _NAME.match(name):
                raise InputError("bad name of a figure", place=one.place, found=name)
            inner = one.table("a figure", ("label", "value"), ("value",))
            text = inner["value"].text("value")
            body, bar, form = text.rpartition("|")
            if bar and form.strip() not in FORMATS:
                raise unknown("format", form.strip(), [f for f in FORMATS if f], one.place)
            where = inner["value"].place
            expression = parse_expression(body if bar else text, where, tuple(self.variables))
            found.append(
                Figure(name, inner.text("label") or name, expression, form.strip() if bar else "")
            )
        return tuple(found)

    def _vote(self, node: Node) -> Vote:
        table = node.table("a vote", ("id", "ask", "options"), ("id", "ask", "options"))
        name = self._new_name(table["id"])
        options = table["options"].texts("options")
        if not 2 <= len(options) <= 6:
            raise InputError("bad number of options", place=node.place, found=len(options),
                             expected="2 to 6")  # fmt: skip
        self.votes[name] = Vote(name, table.text("ask"), options, node.place)
        return self.votes[name]

    def _revealed(self, node: Node) -> Reveal:
        table = node.table("a reveal", ("vote", "right"), ("vote", "right"))
        word = table.text("vote")
        if word not in self.votes:
            raise unknown("vote", word, self.votes, table["vote"].place)
        right = tuple(parse_expression(one.text("an expression"), one.place, tuple(self.variables))
                      for one in table["right"].items("right"))  # fmt: skip
        count = len(self.votes[word].options)
        if len(right) != count:
            raise InputError("one expression for each option", place=table["right"].place,
                             found=len(right), expected=str(count))  # fmt: skip
        return Reveal(word, right, node.place)


def _lines(node: Node) -> tuple[ScriptLine, ...]:
    """Typed lines, as a text of several or as a list."""
    if isinstance(node.value, str):
        return read_script(node.value, node.place)
    return tuple(script_line(one.text("a line"), one.place) for one in node.items("lines"))


def _yes(node: Node) -> bool:
    word = node.text("fresh")
    if word not in ("yes", "no", "true", "false"):
        raise InputError("yes or no", place=node.place, found=word, expected="yes, no")
    return word in ("yes", "true")


def _line(table: Table, key: str) -> str:
    text = table.text(key)
    if not 0 < len(text) <= 120:
        raise InputError(f"bad {key}", place=table[key].place, found=text,
                         expected="1 to 120 characters")  # fmt: skip
    return text


def _identifier(node: Node) -> str:
    text = node.text("id")
    if not _ID.match(text):
        raise InputError("bad id", place=node.place, found=text,
                         expected="lower-case letters, digits and -")  # fmt: skip
    return text


def _folder(table: Table, beside: Path | None) -> Path | None:
    """The folder whose files the lines may read: named in the file, beside it.

    Shipped demonstrations may use the files of shipped scenarios.
    """
    node = table.get("files")
    if node is None or beside is None:
        return None
    assets = files.folder("assets").resolve()
    root = assets if beside.resolve().is_relative_to(assets) else beside
    word = os.path.relpath(beside.resolve() / node.text("files"), root.resolve())
    path = files.inside(root, word, place=node.place)
    if not path.is_dir():
        raise InputError("no such folder beside the demonstration", place=node.place,
                         found=node.text("files"))  # fmt: skip
    return path
