"""curl, wget and git clone: how much they fetch, and where they put it."""

from __future__ import annotations

import posixpath

from simulator.image.builder.assumed import download_bytes
from simulator.image.builder.costs import MB
from simulator.image.builder.filecmds import flags, operands, option
from simulator.image.builder.session import Session, Stream
from simulator.image.builder.shell import Command
from simulator.image.builder.words import UNKNOWN, known

CLONE_BYTES = 30 * MB
SCRIPT_BYTES = 20_000
_ARCHIVES = (".tar", ".tgz", ".zip", ".gz", ".xz", ".bz2", ".txz", ".deb", ".rpm", ".jar", ".whl")


def fetch(command: Command, session: Session) -> None:
    """curl, wget: a download of an assumed size, written where the options say."""
    urls = _urls(command)
    if not urls:
        session.effect.cpu_s += 0.2
        session.query = "--version" not in command.words
        return
    program = posixpath.basename(command.program)
    session.effect.wait_s += 0.3
    for url in urls:
        _fetch_one(program, url, command, session)


def _urls(command: Command) -> list[str]:
    words = command.words[1:]
    found = [word for word in words if "://" in word]
    if found:
        return found
    plain = [word for word in operands(command) if UNKNOWN in word or "." in word]
    return plain[-1:]


def _fetch_one(program: str, url: str, command: Command, session: Session) -> None:
    name = posixpath.basename(url.split("?")[0].rstrip("/")) or "index.html"
    path = _target(program, name, command, session)
    prints = path is None
    size = download_bytes(url, posixpath.basename(path or ""))
    if prints and not any(part in url for part in _ARCHIVES):
        size = SCRIPT_BYTES
    session.effect.download_bytes += size
    if size > SCRIPT_BYTES:
        shown = url.replace(UNKNOWN, "…")[:80]
        hint = f"adds={path or '/path'}:{size / MB:g}MB".replace(UNKNOWN, "…")
        session.effect.notes.append(
            f"{shown}: {size / MB:g} MB assumed ('# drydock: download={size / MB:g}MB {hint}' "
            "above the RUN says more)"
        )
    if path is None:
        session.out = Stream(size)
    elif not known(path):
        session.loosen(path)
    elif not path.startswith("/dev/"):
        session.write(path, size)
        if option(command, ("-o", "--output", "--output-document")) is None:
            session.loosen(posixpath.dirname(path))  # The server may have named it otherwise.


def _target(program: str, name: str, command: Command, session: Session) -> str | None:
    """Where a download is written; None when it goes to the output."""
    if program == "curl":
        out = option(command, ("-o", "--output"))
        if out is None and ("O" in flags(command) or "--remote-name" in command.words):
            out = name
        if out is None or out == "-":
            return None
        folder = option(command, ("--output-dir",))
        return session.absolute(posixpath.join(folder, out) if folder else out)
    out = option(command, ("-O", "--output-document"))
    attached = [word for word in command.words if word.startswith(("-qO", "-O", "-nvO"))]
    if out is None or out.startswith("http"):
        tail = attached[0].partition("O")[2] if attached else ""
        out = tail or (None if out is None else name)
    if out == "-":
        return None
    folder = option(command, ("-P", "--directory-prefix", "-d", "--dir"))
    return session.absolute(posixpath.join(folder or "", out or name))


def clone(command: Command, session: Session) -> None:
    """git clone: the working tree and, unless shallow, its history."""
    words = operands(command)
    verb = next((word for word in words if word.isalpha() or "-" in word), "")
    if "clone" not in words and "submodule" not in words:
        _other(verb, command, session)
        return
    shallow = any(word.startswith("--depth") for word in command.words)
    size = CLONE_BYTES // 3 if shallow else CLONE_BYTES
    valued = {option(command, (name,)) for name in ("-b", "--branch", "--depth", "-c", "-C", "-j")}
    at = words.index("clone") + 1 if "clone" in words else len(words)
    rest = [word for word in words[at:] if word not in valued]
    session.effect.download_bytes += size
    session.effect.wait_s += 0.8
    if not rest:
        session.loosen(session.cwd)
        return
    name = posixpath.basename(rest[0].rstrip("/")).removesuffix(".git") or "repository"
    into = session.absolute(rest[1] if len(rest) > 1 else name)
    session.effect.notes.append(
        f"git clone: {size // MB} MB assumed ('# drydock: download={size // MB}MB "
        f"adds={into.replace(UNKNOWN, '…')}:{size * 2 // MB}MB' above the RUN says more)"
    )
    session.loosen(into)
    if known(into):
        session.write(into, size * 2, files=800)


def _other(verb: str, command: Command, session: Session) -> None:
    """git checkout, pull, apply: the working tree changes; git config does not."""
    session.effect.cpu_s += 0.1
    if verb in ("checkout", "pull", "fetch", "apply", "am", "reset", "switch", "merge", "init"):
        session.loosen(option(command, ("-C",)) or session.cwd)
    if verb in ("describe", "rev-parse", "log", "diff", "status"):
        session.out = Stream()
