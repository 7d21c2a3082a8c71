"""What single commands do: builtins, file commands, installers, and everything else by default."""

from __future__ import annotations

import posixpath
import re

from simulator.errors import InputError
from simulator.image.builder import archives, downloads, filecmds, finding, rights
from simulator.image.builder.conditions import test_outcome
from simulator.image.builder.costs import checked_tools, manager, managers, table
from simulator.image.builder.gaps import distribution
from simulator.image.builder.interpreter import Handler
from simulator.image.builder.managers import perform_manager
from simulator.image.builder.printing import codename, say
from simulator.image.builder.projects import Project, find_entry
from simulator.image.builder.python import perform_pip
from simulator.image.builder.session import Session
from simulator.image.builder.shell import Command
from simulator.image.builder.wrappers import unwrapped
from simulator.units import parse_duration

SHELLS = frozenset({"sh", "bash", "ash", "dash", "zsh", "ksh"})
NOT_FOUND = 127
_FREE = frozenset(
    {
        ":", "true", "echo", "printf", "cat", "trap", "umask", "ulimit", "wait", "local", "alias",
        "ls", "pwd", "date", "uname", "hash", "printenv", "nproc", "dirname", "basename",
        "readlink", "realpath", "head", "tail", "awk", "gawk", "sort", "uniq", "wc", "cut", "tr",
        "seq", "sync", "du", "df", "sha256sum", "sha512sum", "sha1sum", "md5sum", "mktemp", "expr",
        "let", "shopt", "hostname", "arch", "whoami", "apt-mark", "debconf-set-selections", "jq",
        "yes", "base64", "xxd", "rev", "fold", "tac", "nl", "openssl", "dpkg-query", "dpkg-divert",
        "pushd", "popd", "kill", "logger", "unalias", "getconf", "lsb_release", "column", "comm",
        "dpkg-architecture", "scanelf", "ldd", "file", "gcc-ar", "yq", "set", "tput", "clear",
    }
)  # fmt: skip
_BASH_ONLY = frozenset({"pushd", "popd", "shopt", "let", "declare", "typeset", "function"})
_RANDOM = frozenset({"date", "mktemp", "uuidgen", "pwgen", "shuf"})
"""Commands that say something else each time."""
_PURE = frozenset(
    {
        ":", "true", "echo", "printf", "cat", "trap", "umask", "ulimit", "wait", "local", "alias",
        "ls", "pwd", "date", "uname", "hash", "printenv", "nproc", "dirname", "basename", "du",
        "readlink", "realpath", "head", "tail", "wc", "cut", "tr", "seq", "sync", "df", "sleep",
        "sha256sum", "sha512sum", "sha1sum", "md5sum", "expr", "let", "shopt", "hostname", "arch",
        "whoami", "apt-mark", "yes", "rev", "tac", "nl", "kill", "set", "clear", "grep", "egrep",
        "fgrep", "id", "getent", "which", "command", "type", "stat", "diff", "cmp", "pgrep", "ps",
        "pidof", "read", "ping", "mountpoint", "ldd", "file",
    }
)  # fmt: skip
"""Commands that write nothing but their output."""
_OUTPUTS = frozenset({"-o", "-out", "--output", "-keyout", "--out"})
_QUERIES = frozenset(
    {
        "grep", "egrep", "fgrep", "rg", "id", "getent", "which", "command", "type", "stat", "diff",
        "cmp", "pgrep", "ps", "pidof", "read", "nc", "ping", "apt-cache", "lsof", "mountpoint",
    }
)  # fmt: skip
"""Commands that ask something; what they answer decides what follows, and is often unknown."""
_FILES: dict[str, Handler] = {
    "rm": filecmds.remove,
    "rmdir": filecmds.remove,
    "unlink": filecmds.remove,
    "mkdir": filecmds.make_folder,
    "touch": filecmds.touch,
    "tee": filecmds.tee,
    "truncate": archives.truncate,
    "fallocate": archives.fallocate,
    "dd": archives.dd,
    "cp": filecmds.copy,
    "rsync": filecmds.copy,
    "install": filecmds.install,
    "mv": filecmds.move,
    "ln": filecmds.link,
    "chmod": filecmds.change,
    "chown": filecmds.change,
    "chgrp": filecmds.change,
    "sed": filecmds.edit,
    "patch": filecmds.patch,
    "find": finding.find,
    "tar": archives.tar,
    "bsdtar": archives.tar,
    "unzip": archives.unzip,
    "gunzip": archives.compress,
    "gzip": archives.compress,
    "xz": archives.compress,
    "unxz": archives.compress,
    "bzip2": archives.compress,
    "bunzip2": archives.compress,
    "zstd": archives.compress,
    "zip": archives.zip_,
    "curl": downloads.fetch,
    "wget": downloads.fetch,
    "aria2c": downloads.fetch,
    "git": downloads.clone,
    "useradd": filecmds.add_user,
    "adduser": filecmds.add_user,
    "groupadd": filecmds.add_user,
    "addgroup": filecmds.add_user,
    "usermod": filecmds.add_user,
    "groupmod": filecmds.add_user,
    "deluser": filecmds.add_user,
    "userdel": filecmds.add_user,
    "passwd": filecmds.add_user,
    "chpasswd": filecmds.add_user,
}
_PYTHON = frozenset({"pip", "pip3", "uv", "poetry", "pipenv", "pipx", "pdm"})
_PIP = re.compile(r"pip[\d.]*")


def perform(command: Command, session: Session) -> None:
    """Let one command take effect."""
    name = posixpath.basename(command.program)
    if not name or _control(name, command, session):
        return
    inner = unwrapped(command, session)
    if inner is not None:
        _wrapped(inner, command, session)
        return
    if _missing(command, name, session):
        return
    if rights.refuses(name, command, session):
        return
    _known(name, command, session)
    rights.settle(name, session)


def _wrapped(inner: Command, command: Command, session: Session) -> None:
    """A command behind ``sudo``, ``env``, ``xargs`` and their like."""
    wrapper = posixpath.basename(command.program)
    if _missing(command, wrapper, session) or not inner.words:
        return
    kept = session.user
    if wrapper == "sudo":
        session.user = ""
    perform(inner, session)
    session.user = kept


def _known(name: str, command: Command, session: Session) -> None:
    if name in _QUERIES or name in _FREE:
        session.effect.cpu_s += 0.002
        session.effect.random = session.effect.random or name in _RANDOM
        if name not in _PURE:
            _outputs(command, session)
        session.query = name in _QUERIES
        if name in ("which", "command", "type"):
            session.query = False
        say(name, command, session)
    elif name in _FILES:
        _FILES[name](command, session)
        say(name, command, session)
    elif manager(name) is not None:
        perform_manager(command, session)
        say(name, command, session)
    elif _is_pip(name, command):
        perform_pip(command, session)
    elif name in SHELLS:
        _shell(command, session)
    else:
        _by_table(name, command, session)
        say(name, command, session)


def _outputs(command: Command, session: Session) -> None:
    """Files that a small tool writes where an option says so; it may write others beside them."""
    words = command.words
    for at, word in enumerate(words[:-1]):
        path = session.absolute(words[at + 1])
        if word in _OUTPUTS and not session.exists(path) and "\ue000" not in path:
            session.write(path, 4_000)
    session.loosen(session.cwd)


def _control(name: str, command: Command, session: Session) -> bool:
    """The shell's own commands that change how the script goes on."""
    words = command.words
    if session.shell == "dash" and name in _BASH_ONLY:
        session.fail(NOT_FOUND, _not_found(name, session))
    elif name == "cd":
        session.cwd = session.absolute(words[1]) if len(words) > 1 else session.home
    elif name in ("[", "[[", "test"):
        if name == "[[" and session.shell == "dash":
            session.fail(NOT_FOUND, _not_found("[[", session))
            return True
        answer = test_outcome(words, session)
        session.query = answer is None
        session.status = int(answer is False)
    elif name == "false":
        session.fail(1, "false")
    elif name == "set":
        session.fail(2, "/bin/sh: 1: set: Illegal option -o pipefail (this /bin/sh is dash: use "
                     'SHELL ["/bin/bash", "-o", "pipefail", "-c"])')  # fmt: skip
    elif name in ("source", "."):
        _source(name, words, session)
    elif name == "read":
        for word in words[1:]:
            if word.isidentifier():
                session.variables[word] = "\ue000"
        session.query = True
    elif name == "sleep" and len(words) > 1:
        _sleep(words[1], session)
    else:
        return False
    return True


def _sleep(word: str, session: Session) -> None:
    try:
        session.effect.wait_s += min(parse_duration(word), 86400.0)
    except InputError:
        if "\ue000" not in word:
            session.fail(1, f"sleep: invalid time interval '{word[:40]}'")


def _source(name: str, words: tuple[str, ...], session: Session) -> None:
    """Reading a file of variables into the shell; dash has only the dot."""
    if name == "source" and session.shell == "dash":
        session.fail(NOT_FOUND, _not_found("source", session))
        return
    if words[-1] in ("/etc/os-release", "/usr/lib/os-release", "/etc/lsb-release"):
        kind, version = distribution(session.below)
        if kind:
            session.variables |= {
                "ID": kind, "VERSION_ID": version, "VERSION_CODENAME": codename(version),
                "UBUNTU_CODENAME": codename(version), "DISTRIB_CODENAME": codename(version),
            }  # fmt: skip
            return
    path = session.absolute(words[-1])
    if posixpath.basename(path) == "activate":
        folder = posixpath.dirname(posixpath.dirname(path))
        session.variables["VIRTUAL_ENV"] = folder
        session.variables["PATH"] = f"{folder}/bin:{':'.join(session.path)}"
        return
    text = session.text_of(path)
    if text is not None:
        session.effect.scripts.append(("", text))
    session.sourced = True


def _not_found(name: str, session: Session) -> str:
    """How the shell says that there is no such program."""
    if session.shell == "bash":
        return f"/bin/sh: line 1: {name}: command not found"
    return f"/bin/sh: {'' if session.sh == 'busybox' else '1: '}{name}: not found"


def _missing(command: Command, name: str, session: Session) -> bool:
    """Fail as a shell does when the image has no such program."""
    if "/" in command.program:
        return _missing_path(command.program, session)
    if name not in checked_tools() or not session.lacks(name):
        return False
    has = sorted(one for one in managers() if session.has(one))
    hint = f" (this image has {has[0]})" if has and name in managers() else ""
    session.fail(NOT_FOUND, f"{_not_found(name, session)}{hint}")
    return True


def _missing_path(program: str, session: Session) -> bool:
    path = session.absolute(program)
    if session.windows or session.has(program) or not session.absent(path):
        return False
    if session.shell == "":
        session.query = True
        return False
    session.fail(NOT_FOUND, _not_found(program, session))
    return True


def _is_pip(name: str, command: Command) -> bool:
    if name in _PYTHON or _PIP.fullmatch(name):
        return True
    words = command.words
    return name.startswith("python") and len(words) > 2 and words[1:3] in (
        ("-m", "pip"), ("-m", "pipx"), ("-m", "poetry"), ("-m", "pipenv"), ("-m", "uv"),
    )  # fmt: skip


def _shell(command: Command, session: Session) -> None:
    """A shell in the shell: its script with -c, else a script file or what a pipe brings."""
    words = list(command.words[1:])
    shell = posixpath.basename(command.program)
    reads = not words
    while words and words[0].startswith("-") and not words[0].endswith("c"):
        reads = reads or "s" in words[0]
        words = words[2:] if words[0] in ("-o", "--rcfile") else words[1:]
    if len(words) > 1 and words[0].startswith("-"):
        session.effect.scripts.append((shell, words[1]))
        return
    if reads or not words:
        piped = session.stdin.text if session.stdin is not None else None
        if piped is not None:
            session.effect.scripts.append((shell, piped))
        else:
            unknown("a downloaded script", session)
        return
    path = session.absolute(words[0])
    if session.absent(path):
        session.fail(NOT_FOUND, f"{shell}: 0: cannot open {words[0]}: No such file")
        return
    unknown(words[0], session)


def _by_table(name: str, command: Command, session: Session) -> None:
    entry = find_entry(command)
    if entry is not None:
        Project(command, entry, session).perform()
    else:
        unknown(name, session)


def unknown(name: str, session: Session) -> None:
    """A command that the model does not know: it works, takes a while, and may write anything."""
    seconds = float(table()["unknown"]["seconds"])
    effect = session.effect
    effect.cpu_s += seconds
    effect.opaque = True
    session.guessed = True
    shown = name.replace("\ue000", "…")[:60]
    effect.notes.append(
        f"{shown}: unknown command, {seconds:g} s assumed "
        f"('# drydock: time={seconds:g}s adds=/path:10MB' above the RUN says what it does)"
    )
