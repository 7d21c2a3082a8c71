"""What an image does when it runs, as one line of text for the machine that runs it.

The label ``drydock.workload`` decides; without one the line is inferred from entrypoint and
command with the stated defaults of ``assets/workloads.toml``, so that any project's own image
becomes a container that can take load.
"""

from __future__ import annotations

import posixpath
import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from simulator.errors import InputError
from simulator.files import asset
from simulator.image.builder.shell import Command, split_script
from simulator.image.model import WORKLOAD_LABEL, Image
from simulator.image.starting import first_process
from simulator.units import parse_duration

IDLE = "idle"
EXITS_AT_ONCE = "exit code=0 after=10ms"
_SHELLS = frozenset({"sh", "bash", "ash", "dash", "zsh", "cmd", "powershell", "pwsh", "cmd.exe"})
_WAITS = frozenset({"pause", "cat", "tail", "sleep", "supervisord", "s6-svscan", "crond", "cron"})
_ENDS = frozenset(
    {"echo", "true", "ls", "env", "printenv", "date", "uname", "id", "whoami", "hostname", "test"}
)
_NUMBER = re.compile(r"\d{1,4}")
_NAMED = re.compile(r"\$\{?(\w+)(?::?-([^}]*))?\}?")


def infer_workload(image: Image, argv: Sequence[str] | None = None) -> str:
    """The workload of a container: its image's label, or a guess from what it starts.

    ``argv`` replaces the image's own entrypoint and command, as arguments of `docker run` do.
    """
    label = image.config.label(WORKLOAD_LABEL)
    if label is not None and argv is None:
        return label
    words = _works(image, argv)
    guess = _simple(words)
    if guess is not None:
        return guess
    environment = image.config.environment
    for word in words[:4]:
        rule = _rule(posixpath.basename(word))
        if rule is not None:
            return _line(rule, words, environment)
    if label is not None:
        return label
    return _line(_table()["default_server"], words, environment)


def why_workload(image: Image, argv: Sequence[str] | None = None) -> str:
    """Where the workload comes from, in words."""
    if argv is None and image.config.label(WORKLOAD_LABEL) is not None:
        return f"the image's label {WORKLOAD_LABEL}"
    words = _works(image, argv)
    command = " ".join(words)[:60] or "no command"
    return f"inferred from what it starts ({command}); a label {WORKLOAD_LABEL} states it"


def _works(image: Image, argv: Sequence[str] | None) -> tuple[str, ...]:
    """The program that works in the end, behind scripts whose text is in the image too."""
    words = tuple(argv) if argv is not None else image.config.argv
    found = started(words)
    if any(_rule(posixpath.basename(word)) is not None for word in found[:2]):
        return found
    return started(first_process(image, words).program or words)


def started(argv: tuple[str, ...]) -> tuple[str, ...]:
    """The program that is finally started: behind wrappers, shells and ``python -m``."""
    words = argv
    for _ in range(8):
        words = _unwrapped(words)
        if len(words) >= 3 and _name(words) in _SHELLS and words[1].lower().endswith("c"):
            commands = [one for one in split_script(words[2]) if one.words]
            if not commands:
                return ()
            words = _main(commands).words
        elif len(words) >= 3 and _launches(words):
            words = words[2:]
        else:
            return words
    return words


def _main(commands: Sequence[Command]) -> Command:
    """What a script is about: a server that it starts in the background, else what is last."""
    for one in commands:
        if one.background and any(_rule(posixpath.basename(word)) for word in one.words[:2]):
            return one
    return commands[-1]


def _launches(words: Sequence[str]) -> bool:
    """True when the third word is what really runs: ``python -m X``, ``manage.py X``."""
    return (_name(words).startswith("python") and words[1] == "-m") or words[1].endswith(
        "manage.py"
    )


def _unwrapped(words: tuple[str, ...]) -> tuple[str, ...]:
    """Without the wrappers in front, as long as a program follows them."""
    while len(words) > 1 and _name(words) in _table()["wrappers"]:
        rest = [at for at, word in enumerate(words) if at and _is_program(word)]
        if not rest:
            return words
        words = words[rest[0] :]
    return words


def _is_program(word: str) -> bool:
    return not word.startswith("-") and "=" not in word and word not in ("run", "exec", "--")


def _name(words: Sequence[str]) -> str:
    return posixpath.basename(words[0].replace("\\", "/")) if words else ""


def _simple(words: tuple[str, ...]) -> str | None:
    """Commands that are no servers: shells, sleeps, one-shot tools."""
    name = _name(words)
    if not words or name in _SHELLS:
        return EXITS_AT_ONCE
    if name == "false":
        return "exit code=1 after=10ms"
    if name == "hello" or (name in _ENDS and words[0] != f"/{name}"):
        # A program of that name in the root is no tool of the system: traefik/whoami serves.
        return EXITS_AT_ONCE
    if name == "sleep" and len(words) > 1 and words[1] not in ("infinity", "inf"):
        try:
            return f"exit code=0 after={parse_duration(words[1]):g}s"
        except InputError:
            return "exit code=1 after=10ms"
    if name in _WAITS:
        return IDLE
    rule = _rule(name)
    if rule is not None and rule.get("repl") and len(words) == 1:
        return EXITS_AT_ONCE
    if rule is not None and len(words) == 2 and words[1] in ("--version", "-v", "-V", "--help"):
        return EXITS_AT_ONCE
    return None


def _line(rule: Mapping[str, Any], words: Sequence[str], env: Mapping[str, str]) -> str:
    workers = _workers(rule, words, env)
    count = int(workers) if workers.isdigit() else 0
    memory = rule["memory_mib"] + count * rule.get("worker_mib", 0)
    parts = [
        f"server cpu={rule['cpu']}",
        "dist=exponential",
        f"workers={workers}",
        f"memory={memory}MiB",
        f"startup={rule['startup']}",
    ]
    if "startup_cpu" in rule:
        parts.append(f"startup_cpu={rule['startup_cpu']}")
    if "data" in rule:
        parts.append(f"data={rule['data']}")
    return " ".join(parts)


def _workers(rule: Mapping[str, Any], words: Sequence[str], env: Mapping[str, str]) -> str:
    for flag in rule.get("flags", ()):
        for at, word in enumerate(words):
            value = words[at + 1] if word == flag and at + 1 < len(words) else ""
            if word.startswith(flag + "="):
                value = word[len(flag) + 1 :]
            named = _NAMED.fullmatch(value)
            if named:
                value = env.get(named[1], named[2] or "")
            if _NUMBER.fullmatch(value) and int(value):
                return value
    for name in rule.get("variables", ()):
        if _NUMBER.fullmatch(env.get(name, "")) and int(env[name]):
            return env[name]
    return str(rule.get("workers", "unlimited"))


def _rule(name: str) -> Mapping[str, Any] | None:
    known: dict[str, Any] = _table()["by_program"]
    return known.get(name) or known.get(re.sub(r"[\d.]+$", "", name))


@cache
def _table() -> dict[str, Any]:
    data = tomllib.loads(asset("workloads.toml").read_text(encoding="utf-8"))
    data["wrappers"] = frozenset(data["wrappers"])
    data["by_program"] = {name: rule for rule in data["rule"] for name in rule["programs"]}
    return data
