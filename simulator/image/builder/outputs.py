"""What compilers call the programs that they make: go, cargo."""

from __future__ import annotations

import posixpath
import re

from simulator.image.builder.filecmds import option
from simulator.image.builder.session import Session
from simulator.image.builder.shell import Command
from simulator.image.builder.words import known

_MODULE = re.compile(r"^module\s+(\S+)", re.MULTILINE)
_VERSION = re.compile(r"v\d+")
_VALUED = frozenset({"-o", "-ldflags", "-tags", "-gcflags", "-mod", "-p", "-asmflags", "-C",
                     "-buildmode", "-run", "-timeout", "-trimpath="})  # fmt: skip


def go_name(command: Command, session: Session) -> str:
    """The name of the program: of the package that is named, of the module, of the folder."""
    named = [
        word for at, word in enumerate(command.words[2:], start=2)
        if not word.startswith("-") and command.words[at - 1] not in _VALUED
    ]  # fmt: skip
    for word in named:
        if word.endswith("...") or not known(word):
            continue
        path = word.partition("@")[0].rstrip("/")
        if path.endswith(".go"):
            return posixpath.basename(path).removesuffix(".go")
        if path not in (".", "./", ""):
            return _last(path)
    return _module(session) or posixpath.basename(session.cwd.rstrip("/")) or "app"


def _last(path: str) -> str:
    parts = [part for part in path.split("/") if part not in ("", ".", "..")]
    if len(parts) > 1 and _VERSION.fullmatch(parts[-1]):
        parts.pop()
    return parts[-1] if parts else "app"


def _module(session: Session) -> str | None:
    """The last part of the module's path, where the text of go.mod is known."""
    match = _MODULE.search(session.text_of(session.absolute("go.mod")) or "")
    return _last(match[1].strip('"')) if match else None


def go_targets(command: Command, session: Session, gobin: str) -> list[str]:
    """The programs that ``go build``, ``go install`` and ``go test -c`` write."""
    verb = command.words[1] if len(command.words) > 1 else ""
    out = option(command, ("-o",))
    name = go_name(command, session)
    if verb == "install":
        return [f"{gobin}/{name}"]
    if verb == "test":
        name = f"{name}.test"
        if "-c" not in command.words:
            return []
    several = any(word.endswith("...") for word in command.words)
    if out is None:
        return [] if several else [session.absolute(name)]
    path = session.absolute(out)
    if path.startswith("/dev/"):
        return []
    if out.endswith("/") or session.is_folder(path):
        if several or not known(path):
            session.loosen(path)
        return [posixpath.join(path, name)]
    return [path]


def cargo_folder(command: Command, target: str) -> str:
    """The folder in which cargo puts programs: by profile and target."""
    triple = option(command, ("--target",))
    profile = option(command, ("--profile",)) or (
        "release" if {"--release", "-r"} & set(command.words) else "debug"
    )
    folder = target if triple is None else f"{target}/{triple}"
    return f"{folder}/{'debug' if profile in ('dev', 'test') else profile}"
