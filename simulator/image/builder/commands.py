"""What single commands do: builtins, file commands, installers, and everything else by default."""

from __future__ import annotations

import posixpath
import re

from simulator.errors import InputError
from simulator.image.builder import filecmds
from simulator.image.builder.choices import test_outcome
from simulator.image.builder.costs import checked_tools, manager, managers, table
from simulator.image.builder.managers import perform_manager
from simulator.image.builder.projects import Project, find_entry
from simulator.image.builder.python import perform_pip
from simulator.image.builder.running import NOT_FOUND, SHELLS, Handler
from simulator.image.builder.session import Session
from simulator.image.builder.shell import Command, split_script
from simulator.units import parse_duration

_FREE = frozenset(
    {
        ":", "true", "echo", "printf", "cat", "export", "unset", "source", ".", "test", "[", "[[",
        "read", "trap", "umask", "ulimit", "wait", "local", "return", "shift", "eval", "alias",
        "id", "whoami", "ls", "pwd", "date", "uname", "which", "type", "hash", "env", "printenv",
        "nproc", "getent", "dirname", "basename", "readlink", "realpath", "head", "tail", "grep",
        "egrep", "awk", "sort", "uniq", "wc", "cut", "tr", "xargs", "seq", "sync", "stat", "du",
        "df", "sha256sum", "sha512sum", "sha1sum", "md5sum", "mktemp", "expr", "let", "shopt",
        "apt-mark", "find", "diff", "cmp", "hostname", "arch", "debconf-set-selections", "jq",
    }
)  # fmt: skip
_FILES: dict[str, Handler] = {
    "rm": filecmds.remove,
    "rmdir": filecmds.remove,
    "mkdir": filecmds.make_folder,
    "touch": filecmds.touch,
    "tee": filecmds.touch,
    "truncate": filecmds.touch,
    "cp": filecmds.copy,
    "mv": filecmds.move,
    "ln": filecmds.link,
    "chmod": filecmds.change,
    "chown": filecmds.change,
    "chgrp": filecmds.change,
    "sed": filecmds.edit,
    "tar": filecmds.unpack,
    "unzip": filecmds.unpack,
    "curl": filecmds.fetch,
    "wget": filecmds.fetch,
    "git": filecmds.clone,
    "useradd": filecmds.add_user,
    "adduser": filecmds.add_user,
    "groupadd": filecmds.add_user,
    "addgroup": filecmds.add_user,
    "usermod": filecmds.add_user,
}
_PYTHON = frozenset({"pip", "pip3", "uv", "poetry", "pipenv"})
_PIP = re.compile(r"pip[\d.]*")
_BUSYBOX = "/bin/busybox"
REDIRECTED_BYTES = 200
"""A file that ``>`` makes: a few lines."""


def perform(command: Command, session: Session) -> None:
    """Let one command take effect."""
    for written in command.writes:
        if written not in ("/dev/null", "/dev/stdout", "/dev/stderr"):
            session.write(session.absolute(written), REDIRECTED_BYTES)
    name = posixpath.basename(command.program)
    if not name or _control(name, command, session):
        return
    if _missing(command, name, session):
        return
    if name in _FREE:
        session.effect.cpu_s += 0.002
    elif name in _FILES:
        _FILES[name](command, session)
    elif manager(name) is not None:
        perform_manager(command, session)
    elif _is_pip(name, command):
        perform_pip(command, session)
    elif name in SHELLS:
        _shell(command, session)
    else:
        _by_table(name, command, session)


def _control(name: str, command: Command, session: Session) -> bool:
    """The shell's own commands that change how the script goes on."""
    words = command.words
    if name == "cd":
        session.cwd = session.absolute(words[1]) if len(words) > 1 else session.home
    elif name in ("exit", "return"):
        code = words[1] if len(words) > 1 else "0"
        session.status = int(code) & 255 if code.isascii() and code.isdigit() else 0
        session.exits = not command.conditional
        if session.status:
            session.effect.output = f"exit {session.status}"
    elif name in ("[", "[[", "test"):
        session.status = int(test_outcome(command, session) is False)
    elif name == "false":
        session.fail(1, "false")
    elif name == "set":
        flags = [word for word in words[1:] if word.startswith("-")]
        session.errexit = session.errexit or any("e" in flag for flag in flags)
        session.pipefail = session.pipefail or "pipefail" in words
    elif name == "sleep" and len(words) > 1:
        try:
            session.effect.wait_s += min(parse_duration(words[1]), 86400.0)
        except InputError:
            session.fail(1, f"sleep: invalid time interval '{words[1][:40]}'")
    else:
        return False
    return True


def _missing(command: Command, name: str, session: Session) -> bool:
    """Fail as a shell does when the image has no such program."""
    if "/" in command.program:
        return _missing_path(command.program, session)
    if name not in checked_tools() or session.has(name):
        return False
    unsure = session.effect.opaque or not session.known
    if session.windows or (unsure and name not in managers()):
        return False
    told = f"{name}: not found"
    shell = "/bin/sh: "
    if session.below.lookup(_BUSYBOX) is None:
        shell = "/bin/sh: 1: "
    has = sorted(one for one in managers() if session.has(one))
    hint = f" (this image has {has[0]})" if has and name in managers() else ""
    session.fail(NOT_FOUND, f"{shell}{told}{hint}")
    return True


def _missing_path(program: str, session: Session) -> bool:
    path = session.absolute(program)
    unsure = session.effect.opaque or not session.known or session.below.inside_coarse(path)
    if unsure or session.has(program) or session.below.exists(path):
        return False
    if path.startswith(("/usr/", "/bin/", "/opt/", "/sbin/")):
        return False
    session.fail(NOT_FOUND, f"/bin/sh: {program}: not found")
    return True


def _is_pip(name: str, command: Command) -> bool:
    if name in _PYTHON or _PIP.fullmatch(name):
        return True
    words = command.words
    return name.startswith("python") and len(words) > 2 and words[1:3] == ("-m", "pip")


def _shell(command: Command, session: Session) -> None:
    """A shell in the shell: its script with -c, else a script file or what a pipe brings."""
    words = command.words
    if len(words) > 2 and words[1].startswith("-") and words[1].endswith("c"):
        for inner in split_script(words[2]):
            if session.status == 0 and inner.program not in SHELLS:
                perform(inner, session)
        return
    told = words[1] if len(words) > 1 and not words[1].startswith("-") else "a downloaded script"
    _unknown(told, session)


def _by_table(name: str, command: Command, session: Session) -> None:
    entry = find_entry(command)
    if entry is not None:
        Project(command, entry, session).perform()
    elif command.program in ("for", "while"):
        return
    else:
        _unknown(name, session)


def _unknown(name: str, session: Session) -> None:
    seconds = float(table()["unknown"]["seconds"])
    session.effect.cpu_s += seconds
    session.effect.opaque = True
    session.effect.notes.append(f"{name[:60]}: unknown command, {seconds:g} s assumed")
