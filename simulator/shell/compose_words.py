"""Words in front of commands that read Compose files: variables, and options of Compose."""

from __future__ import annotations

import re
from collections.abc import Sequence

from simulator.errors import InputError
from simulator.shell.grammar import place
from simulator.shell.parts import Word

COMPOSE_NOT_MODELLED = frozenset(
    {"watch", "alpha", "attach", "bridge", "commit", "export", "publish", "push", "viz",
     "generate"}
)  # fmt: skip
"""Commands of the real tool that are refused by name."""
VARIABLE = "--shell-variable"
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=.*", re.DOTALL)
_VALUES = {
    "-f": "--file", "--file": "--file", "-p": "--project-name",
    "--project-name": "--project-name", "--project-directory": "--project-directory",
    "--profile": "--profile", "--env-file": "--env-file", "--progress": "--progress",
    "--ansi": "--ansi", "--parallel": "--parallel",
}  # fmt: skip
_IN_FRONT_ONLY = ("--file", "--project-name", "--project-directory", "--profile", "--env-file")
_SWITCHES = ("--all-resources", "--compatibility", "--dry-run", "--verbose")


def assignments(words: Sequence[Word]) -> tuple[list[Word], list[Word]]:
    """``TAG=7 docker compose up`` without its variables, and these as flags of the command."""
    left = list(words)
    moved: list[Word] = []
    while len(left) > 1 and _ASSIGNMENT.fullmatch(left[0].text):
        word = left.pop(0)
        moved.append(Word(f"{VARIABLE}={word.text}", word.column, word.end))
    if left[0].text == "docker-compose":
        word = left[0]
        left[:1] = [Word("docker", word.column, word.end), Word("compose", word.column, word.end)]
    if moved and not _takes_variables(left):
        return list(words), []
    return left, moved


def _takes_variables(words: Sequence[Word]) -> bool:
    tools = ("compose", "stack")
    return words[0].text == "docker" and any(one.text in tools for one in words[1:6])


def compose_flags(words: Sequence[Word]) -> tuple[list[Word], list[Word]]:
    """``docker compose -f a.yaml up`` as ``docker compose up --file a.yaml``: words left, moved."""
    left = list(words)
    moved: list[Word] = []
    if [one.text for one in left[:2]] != ["docker", "compose"]:
        return left, moved
    if len(left) > 2 and left[2].text in ("--version", "-v"):
        left[2:3] = [Word("version", left[2].column, left[2].end)]
    while len(left) > 2 and left[2].text.startswith("-"):
        word = left[2]
        name, equals, value = word.text.partition("=")
        if name in _SWITCHES:
            moved.append(Word(word.text, word.column, word.end))
            del left[2]
            continue
        if name not in _VALUES:
            break
        if not equals and len(left) < 4:
            raise InputError(f"docker compose: flag needs an argument: {name}", place=place(word))
        source = word if equals else left[3]
        text = f"{_VALUES[name]}={value if equals else source.text}"
        moved.append(Word(text, source.column, source.end))
        del left[2 : 3 if equals else 4]
    _check_behind(left[2:])
    return left, moved


def _check_behind(words: Sequence[Word]) -> None:
    """Refuse options of all commands behind the command, as the tool does: it knows none there.

    What ``exec`` and ``run`` carry out may have such words of its own.
    """
    carries_out = bool(words) and words[0].text in ("exec", "run")
    for at, word in enumerate(words[1:], 1):
        name = word.text.partition("=")[0]
        if name == "--" or (carries_out and name[:1] != "-" and words[at - 1].text[:1] != "-"):
            return
        if name in _IN_FRONT_ONLY:
            raise InputError(
                f"docker compose {words[0].text}: unknown flag: {name}",
                place=place(word),
                expected=f"in front of the command: docker compose {name} … {words[0].text}",
            )
