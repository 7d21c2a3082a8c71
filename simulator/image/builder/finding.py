"""find: the files that its tests name, and what it does with them."""

from __future__ import annotations

import fnmatch
import posixpath

from simulator.image.builder.session import Session, Stream
from simulator.image.builder.shell import Command
from simulator.image.builder.words import UNKNOWN, known
from simulator.image.model import DIRECTORY, SYMLINK, FileEntry

MAX_FOUND = 2_000
_VALUED = frozenset({"-name", "-iname", "-type", "-path", "-ipath", "-wholename", "-maxdepth",
                     "-mindepth", "-size", "-mtime", "-mmin", "-newer", "-perm", "-user", "-group",
                     "-regex", "-printf", "-regextype", "-links", "-inum"})  # fmt: skip
_EXACT = frozenset({"-name", "-iname", "-type", "-path", "-ipath", "-maxdepth", "-mindepth"})


def find(command: Command, session: Session) -> None:
    """find PATHS TESTS ACTIONS: ``-delete``, ``-exec``; else the list goes to the output."""
    words = list(command.words[1:])
    roots = []
    while words and not words[0].startswith(("-", "(", "!", "\\")):
        roots.append(words.pop(0))
    tests, actions = _parts(words)
    found, sure = _matches([session.absolute(root) for root in roots or ["."]], tests, session)
    session.effect.cpu_s += 0.05
    if "-delete" in words:
        for path in found:
            session.remove(path)
    for action in actions:
        _perform(action, found, sure, session)
    if not actions and "-delete" not in words:
        text = "".join(f"{path}\n" for path in found)
        session.out = Stream.of(text) if sure else Stream()


def _parts(words: list[str]) -> tuple[list[tuple[str, str]], list[list[str]]]:
    tests: list[tuple[str, str]] = []
    actions: list[list[str]] = []
    at = 0
    while at < len(words):
        word = words[at]
        if word in ("-exec", "-execdir", "-ok"):
            end = at + 1
            while end < len(words) and words[end] not in (";", "+"):
                end += 1
            actions.append(words[at + 1 : end])
            at = end
        elif word in _VALUED and at + 1 < len(words):
            tests.append((word, words[at + 1]))
            at += 1
        elif word not in ("-print", "-delete", "-print0", "-a", "-and", "-depth", "-xdev"):
            tests.append((word, ""))
        at += 1
    return tests, actions


def _matches(
    roots: list[str], tests: list[tuple[str, str]], session: Session
) -> tuple[list[str], bool]:
    """The paths that are named for sure, and whether they are all."""
    joined = any(word in ("-o", "-or", "!", "-not", "(", ")", "\\(") for word, _ in tests)
    sure = not joined and all(word in _EXACT for word, _ in tests)
    found: dict[str, None] = {}
    for root in roots:
        if not known(root):
            return [], False
        sure = sure and not session.may_exist(root.rstrip("/") + "/x")
        for path, entry in session.under(root).items():
            if entry.files > 1:
                sure = False
            if len(found) < MAX_FOUND and not joined and _passes(path, entry, root, tests):
                found[path] = None
    return list(found), sure


def _passes(path: str, entry: FileEntry, root: str, tests: list[tuple[str, str]]) -> bool:
    name = posixpath.basename(path)
    depth = path[len(root.rstrip("/")) :].count("/")
    for word, value in tests:
        if word in ("-name", "-iname"):
            folded = (name.lower(), value.lower()) if word == "-iname" else (name, value)
            if not fnmatch.fnmatchcase(*folded):
                return False
        elif word == "-type":
            kind = {DIRECTORY: "d", SYMLINK: "l"}.get(entry.kind, "f")
            if kind not in value:
                return False
        elif word in ("-path", "-ipath", "-wholename"):
            if not fnmatch.fnmatchcase(path, value):
                return False
        elif word == "-maxdepth" and value.isdigit():
            if depth > int(value):
                return False
        elif word not in ("-mindepth",):
            return False
    return True


def _perform(action: list[str], found: list[str], sure: bool, session: Session) -> None:
    """Run the command once, with every path in the place of ``{}``."""
    if not found and sure:
        return
    named = found or [UNKNOWN]
    words: list[str] = []
    for word in action:
        words += named if word == "{}" else [word.replace("{}", named[0])]
    if words:
        session.effect.calls.append(tuple(words))
