"""From what a container is told to start to who is its first process.

Wrappers are replaced by what they start, scripts are read where their text is in the image, and
shells do what theirs is known to do with ``-c``: busybox runs the last command in its own place,
bash too where it is simple, dash starts a child for it (measured with busybox 1.35, bash 5.2 and
dash 0.5.12). Programs and their signals: ``assets/signals.toml``.
"""

from __future__ import annotations

import posixpath
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from typing import Any

import msgspec

from simulator.dockerfile.signals import NUMBERS
from simulator.files import asset
from simulator.image import shells
from simulator.image.builder.shell import split_script
from simulator.image.first import NONE, FirstProcess, Handlers
from simulator.image.model import FILE, Image
from simulator.image.union import FileSystem

MOST_IN_FRONT = 8
"""Programs in front of one another that are looked through."""
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_MANAGERS, _RUN = ("npm", "yarn", "pnpm", "bun"), ("run", "run-script")
_USERS_FIRST = ("gosu", "su-exec", "chroot")
"""Wrappers whose first word is not yet the program."""


@dataclass(slots=True)
class _Found:
    """What has been found so far, from process 1 on."""

    words: tuple[str, ...]
    commands: tuple[tuple[str, ...], ...] = ()
    init: bool = False
    manager: tuple[str, ...] = ()
    """A package manager that waits for what it runs, if one stands in front."""
    shell: shells.Waiting | None = None
    """The first shell that waits for what it started."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """An image and what it is told to start, equal where they start the same."""

    digest: str
    argv: tuple[str, ...]
    image: Image = field(compare=False)


def first_process(image: Image, argv: tuple[str, ...]) -> FirstProcess:
    """Who is process 1 of a container that is told to start ``argv``."""
    return _first_process(_Asked(image.digest, argv, image))


@lru_cache(maxsize=256)
def _first_process(asked: _Asked) -> FirstProcess:
    image, argv = asked.image, asked.argv
    found = _Found(argv)
    files = FileSystem(image.layers)
    for _ in range(MOST_IN_FRONT):
        if not found.words or not _step(found, files, image):
            break
    commands = (*found.commands, found.words) if found.words else found.commands
    if found.shell is not None:
        return FirstProcess(commands, found.shell.handlers, found.init, waits=True)
    of_program = handlers(found.words, files, image.config.workdir)
    if found.manager:
        # It passes these on and ends as its child does, which is not the first process.
        waiting = handlers(found.manager, files, image.config.workdir)
        own = {key: code for key, code in of_program.ends if key in dict(waiting.ends)}
        ends = tuple({**dict(waiting.ends), **own}.items())
        return FirstProcess(commands, replace(waiting, ends=ends), found.init)
    return FirstProcess(commands, of_program, found.init)


def _step(found: _Found, files: FileSystem, image: Image) -> bool:
    """Look behind the first word; False where it is the program that works."""
    words, name = found.words, _name(found.words[0])
    text = _text(files, image, words[0])
    if name in shells.NAMES:
        return _shell(found, shells.of_command(words, _shell_kind(files, words[0])), files, image)
    if text is not None and text.startswith("#!"):
        return _script(found, text, files)
    if name in _MANAGERS and len(words) > 1:
        return _project(found, words, files, image)
    if len(words) > 1 and name in _table()["front"]["exec"]:
        return _skip(found, words)
    if len(words) > 1 and name in _table()["front"]["init"]:
        found.init = found.init or (found.shell is None and not found.commands)
        found.commands += (words,)
        return _skip(found, words)
    if text is None and name.endswith(".sh") and _rule(name) is None and found.shell is None:
        # A script of which nothing is known but its name stays in front of what it starts.
        found.shell = shells.Waiting()
    return False


def _project(found: _Found, words: tuple[str, ...], files: FileSystem, image: Image) -> bool:
    """``npm start``: the script of the project's package.json, which the manager waits for."""
    name = "start" if words[1] == "start" else words[2] if words[1] in _RUN and words[2:] else ""
    text = _text(files, image, "./package.json")
    script = _scripts(text).get(name, "") if name and text else ""
    commands = [one.words for one in split_script(script) if one.words]
    if not commands:
        return False
    found.manager = found.manager or words
    found.commands += (words,)
    found.words = commands[-1]
    return True


def _scripts(text: str) -> dict[str, str]:
    """The scripts of a package.json; none where it is none."""
    try:
        data = msgspec.json.decode(text.encode(), type=_Package)
    except msgspec.MsgspecError:
        return {}
    return data.scripts


class _Package(msgspec.Struct):
    """What is read of a package.json."""

    scripts: dict[str, str] = {}


def _skip(found: _Found, words: tuple[str, ...]) -> bool:
    """Go on with the program behind a wrapper."""
    at = 1
    while at < len(words) and (words[at][:1] in "-" or "=" in words[at] or words[at].isdigit()):
        at += 1
    at += _name(words[0]) in _USERS_FIRST
    while at < len(words) - 1 and words[at] in ("run", "exec", "--"):
        at += 1
    if at >= len(words):
        return False
    found.words = words[at:]
    return True


def _shell(
    found: _Found, does: shells.Run | shells.Waiting | None, files: FileSystem, image: Image
) -> bool:
    if does is None:
        return False
    if isinstance(does, shells.Run):
        if does.script is not None:
            text = _text(files, image, does.script)
            does = shells.of_script(text, does.words) if text is not None else shells.Waiting()
        if isinstance(does, shells.Run):
            found.words = does.words
            return True
    return _wait(found, does)


def _wait(found: _Found, shell: shells.Waiting) -> bool:
    if found.shell is None:
        found.shell = shell
    found.commands += (found.words,)
    found.words = shell.words
    return bool(shell.words)


def _script(found: _Found, text: str, files: FileSystem) -> bool:
    """A file that begins with the name of who reads it."""
    line = text[2:].partition("\n")[0].split()
    reader = line[1:] if line and _name(line[0]) == "env" else line
    reader = [word for word in reader if not word.startswith("-")]
    if not reader:
        return False
    if _name(reader[0]) not in shells.NAMES:
        found.words = (*reader, *found.words)
        return True
    does = shells.of_script(text, found.words[1:])
    if isinstance(does, shells.Run):
        found.words = does.words
        return bool(does.words)
    found.words = (*line, *found.words)
    return _wait(found, does)


def _shell_kind(files: FileSystem, name: str) -> str:
    """Which shell stands behind a name: busybox, bash or dash."""
    if _name(name) in ("bash", "ash", "busybox"):
        return {"ash": "busybox"}.get(_name(name), _name(name))
    path, entry = files.resolve("/bin/sh")
    if entry is None:
        path, entry = files.resolve("/usr/bin/sh")
    kind = _name(path) if entry is not None else "dash"
    return kind if kind in ("busybox", "bash") else "dash"


def _text(files: FileSystem, image: Image, word: str) -> str | None:
    """What the file says that a word means as a program, where it is known."""
    path: str | None = word
    if word.startswith("."):
        path = posixpath.normpath(posixpath.join(image.config.workdir or "/", word))
    elif "/" not in word:
        path = files.find_program(word, image.config.environment.get("PATH", _PATH))
    entry = files.resolve(path)[1] if path else None
    return entry.text if entry is not None and entry.kind == FILE else None


# --- what programs do with signals --------------------------------------------------------------


def handlers(words: tuple[str, ...], files: FileSystem, workdir: str) -> Handlers:
    """The signals that a program handles by ending."""
    if not words:
        return NONE
    name = _name(words[0])
    behind = next((_name(word) for word in words[1:4] if _rule(_name(word)) is not None), None)
    launched = behind is not None and (name.startswith("python") or "manage.py" in words[1])
    rule = _rule(behind if launched and behind else name)
    text = _program_text(words, files, workdir)
    if text:
        rule = next((one for one in _table()["rule"] if _calls(one, text)), rule)
    known = _read(rule, words) if rule is not None else NONE
    return _with_own(known, name, text)


def _calls(rule: Mapping[str, Any], text: str) -> bool:
    return any(call in text for call in rule.get("calls", ()))


def _read(rule: Mapping[str, Any], words: tuple[str, ...]) -> Handlers:
    ends = rule["with_flag"] if rule.get("flag") in words else rule["ends"]
    return Handlers(tuple(ends.items()), tuple(rule.get("fast", ())))


def _program_text(words: tuple[str, ...], files: FileSystem, workdir: str) -> str:
    """The text of the script that an interpreter is told to read."""
    for word in words[1:]:
        if not word.startswith("-"):
            entry = files.resolve(posixpath.normpath(posixpath.join(workdir or "/", word)))[1]
            return (entry.text or "") if entry is not None else ""
    return ""


def _with_own(known: Handlers, name: str, text: str) -> Handlers:
    """The same with the handlers that a script shows to have."""
    readers = [one for one in _table()["handler"] if _plain(name) in one["programs"]]
    if not text or not readers:
        return known
    ends = dict(known.ends)
    found = []
    for signal in ("TERM", "INT", "QUIT", "HUP", "USR1", "USR2"):
        match = re.search(readers[0]["says"].replace("NAME", signal), text)
        if match is not None:
            leaves = re.search(readers[0]["leaves"], text)
            ends[signal] = int((leaves[1] if leaves is not None else "") or 0) & 255
            found.append(signal)
    fast = tuple(one for one in known.fast if one not in found)
    return replace(known, ends=tuple(ends.items()), fast=fast)


def _rule(name: str) -> Mapping[str, Any] | None:
    known: dict[str, Any] = _table()["by_program"]
    return known.get(name) or known.get(_plain(name))


def _plain(name: str) -> str:
    """A program's name without its version."""
    return name if name in _table()["by_program"] else re.sub(r"[\d.]+$", "", name) or name


def _name(word: str) -> str:
    return posixpath.basename(word.replace("\\", "/"))


@cache
def _table() -> dict[str, Any]:
    data = tomllib.loads(asset("signals.toml").read_text(encoding="utf-8"))
    data["by_program"] = {name: rule for rule in data["rule"] for name in rule["programs"]}
    for rule in data["rule"]:
        assert all(signal in NUMBERS for signal in rule["ends"])
    return data
