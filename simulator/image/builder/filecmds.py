"""Commands that move files about: what they add to a layer, and what they cannot take away."""

from __future__ import annotations

import fnmatch
import posixpath
from collections.abc import Iterator
from dataclasses import replace

from simulator.image.builder.costs import MB
from simulator.image.builder.running import touched
from simulator.image.builder.session import Session
from simulator.image.builder.shell import Command
from simulator.image.model import DIRECTORY, SYMLINK, FileEntry

DOWNLOAD_BYTES = 15 * MB
"""A file fetched by curl or wget whose size nobody states."""
CLONE_BYTES = 30 * MB
UNPACK_RATIO = 2.76
MAX_MATCHES = 20_000
_TEXTS = (".sh", ".asc", ".gpg", ".key", ".list", ".txt", ".json")


def operands(command: Command) -> list[str]:
    """The words that are no flags."""
    return [word for word in command.words[1:] if not word.startswith("-") or word == "-"]


def expand_glob(pattern: str, session: Session) -> list[str]:
    """The paths that a pattern names now; a plain path names itself."""
    path = session.absolute(pattern)
    if not any(character in path for character in "*?["):
        return [path]
    root = path
    while any(character in root for character in "*?["):
        root = posixpath.dirname(root)
    depth = path.count("/") + 1
    found: dict[str, None] = {}
    for name in list(session.under(root))[:MAX_MATCHES]:
        head = "/".join(name.split("/")[:depth])
        if head.count("/") + 1 == depth and fnmatch.fnmatchcase(head, path):
            found[head] = None
    coarse = session.entry(root)
    if not found and coarse is not None and coarse.kind == DIRECTORY and path.endswith("/*"):
        return [root]
    return list(found)


def remove(command: Command, session: Session) -> None:
    """rm, rmdir: files of this RUN vanish; files of a lower layer are only hidden."""
    recursive = any(f.startswith("-") and ("r" in f.lower()) for f in command.words[1:])
    forced = any(f.startswith("-") and "f" in f for f in command.words[1:])
    for word in operands(command):
        for path in expand_glob(word, session):
            if path == "/":
                session.fail(1, "rm: it is dangerous to operate recursively on '/'")
                return
            held = session.entry(path) is not None or bool(session.under(path))
            if held:
                session.remove(path)
            elif not forced and not recursive and session.known and not session.effect.opaque:
                session.fail(1, f"rm: cannot remove '{word}': No such file or directory")
    session.effect.cpu_s += 0.02


def make_folder(command: Command, session: Session) -> None:
    """mkdir, install -d."""
    for word in operands(command):
        path = session.absolute(word)
        if not session.below.is_folder(path):
            session.effect.write(FileEntry(path, 0, 0o755, kind=DIRECTORY))


def touch(command: Command, session: Session) -> None:
    """touch, tee, truncate: small files."""
    for word in operands(command):
        path = session.absolute(word)
        entry = session.entry(path)
        if entry is None:
            session.write(path, 0 if command.program.endswith("touch") else 200)


def copy(command: Command, session: Session) -> None:
    """cp, install: the files again, at the target."""
    for source, target in _pairs(command, session):
        for path, entry in session.under(source).items():
            name = target + path[len(source) :]
            session.effect.write(replace(entry, path=name))


def move(command: Command, session: Session) -> None:
    """mv: as cp followed by rm; moving a file of a lower layer copies it up."""
    for source, target in _pairs(command, session):
        for path, entry in session.under(source).items():
            session.effect.write(replace(entry, path=target + path[len(source) :]))
        session.remove(source)


def _pairs(command: Command, session: Session) -> Iterator[tuple[str, str]]:
    words = operands(command)
    if len(words) < 2:
        return
    target = session.absolute(words[-1])
    sources = [path for word in words[:-1] for path in expand_glob(word, session)]
    into = len(sources) > 1 or words[-1].endswith("/") or session.below.is_folder(target)
    for source in sources:
        if target.startswith(source + "/"):
            continue
        yield source, posixpath.join(target, posixpath.basename(source)) if into else target


def link(command: Command, session: Session) -> None:
    """ln: a symbolic link, or a second name for a file."""
    words = operands(command)
    if len(words) != 2:
        return
    path = session.absolute(words[1])
    if session.below.is_folder(path) or words[1].endswith("/"):
        path = posixpath.join(path, posixpath.basename(words[0]))
    session.effect.write(FileEntry(path, len(words[0]), 0o777, kind=SYMLINK, target=words[0]))


def change(command: Command, session: Session) -> None:
    """chmod, chown, chgrp: every file of a lower layer is copied up whole, once."""
    words = operands(command)
    recursive = any(w.startswith("-") and "R" in w for w in command.words[1:])
    for word in words[1:]:
        for path in expand_glob(word, session):
            found = session.under(path) if recursive else {}
            if not recursive:
                entry = session.entry(path)
                found = {path: entry} if entry is not None and entry.kind != DIRECTORY else {}
            for one in found.values():
                if one.path not in session.effect.files:
                    session.effect.write(touched(one, session.key))
    session.effect.cpu_s += 0.02


def edit(command: Command, session: Session) -> None:
    """sed -i, patch: the edited files are copied up."""
    if not any(word.startswith("-i") for word in command.words[1:]):
        return
    for word in operands(command)[1:]:
        for path in expand_glob(word, session):
            entry = session.entry(path)
            if entry is not None and entry.kind != DIRECTORY:
                session.effect.write(touched(entry, session.key))


def unpack(command: Command, session: Session) -> None:
    """tar -x, unzip: the content beside or below the named directory; tar -c: an archive."""
    flags = command.words[1] if len(command.words) > 1 else ""
    program = posixpath.basename(command.program)
    if program == "tar" and "c" in flags.lstrip("-").split("=")[0] and "x" not in flags:
        session.effect.cpu_s += 2.0
        return
    target = _option(command, ("-C", "-d", "--directory")) or session.cwd
    archives = [word for word in operands(command) if _archive(word)]
    for word in archives or ["archive.tar.gz"]:
        entry = session.entry(session.absolute(word))
        packed = entry.size_bytes if entry is not None else 0
        if entry is None and command.joined == "|":
            packed = DOWNLOAD_BYTES
        size = round(packed * UNPACK_RATIO)
        name = posixpath.basename(word).split(".")[0].removesuffix("-linux") or "archive"
        path = posixpath.join(session.absolute(target), name)
        session.effect.cpu_s += size / (100 * MB)
        if size:
            session.write(path, size, files=max(2, size // 60_000))
    session.effect.opaque = True


def _archive(word: str) -> bool:
    return any(part in word for part in (".tar", ".tgz", ".zip", ".txz", ".tbz"))


def fetch(command: Command, session: Session) -> None:
    """curl, wget: a download of the stated default size, written where the options say."""
    urls = [word for word in command.words[1:] if "://" in word]
    if not urls:
        session.effect.cpu_s += 0.2
        return
    name = posixpath.basename(urls[0].split("?")[0].rstrip("/")) or "index.html"
    script = (
        name.endswith((".sh", ".asc", ".gpg", ".key", ".list", ".txt", ".json")) or "." not in name
    )
    size = 20_000 if script else DOWNLOAD_BYTES
    session.effect.wait_s += 0.3
    session.effect.download_bytes += size
    if not script:
        session.effect.notes.append(f"{urls[0][:80]}: {size // MB} MB assumed")
    program = posixpath.basename(command.program)
    out = _option(command, ("-o", "--output") if program == "curl" else ("-O", "--output-document"))
    remote = any(w.startswith("-") and not w.startswith("--") and "O" in w for w in command.words)
    if out and out != "-":
        session.write(session.absolute(out), size)
    elif program == "wget" and out is None:
        folder = _option(command, ("-P", "--directory-prefix")) or session.cwd
        session.write(posixpath.join(session.absolute(folder), name), size)
    elif program == "curl" and remote:
        session.write(session.absolute(name), size)


def _option(command: Command, names: tuple[str, ...]) -> str | None:
    words = command.words
    for at, word in enumerate(words[1:], start=1):
        short = names[0]
        if word in names and at + 1 < len(words):
            return words[at + 1]
        if any(word.startswith(name + "=") for name in names if name.startswith("--")):
            return word.partition("=")[2]
        bundled = word.startswith("-") and not word.startswith("--") and word.endswith(short[1:])
        if bundled and at + 1 < len(words):
            return words[at + 1]
    return None


def clone(command: Command, session: Session) -> None:
    """git clone: the working tree and, unless shallow, its history."""
    if "clone" not in command.words:
        session.effect.cpu_s += 0.1
        return
    words = [word for word in operands(command) if word != "clone"]
    shallow = any(word.startswith("--depth") for word in command.words)
    urls = [at for at, word in enumerate(words) if "://" in word or "@" in word or "/" in word]
    if not urls:
        return
    name = posixpath.basename(words[urls[0]].rstrip("/")).removesuffix(".git") or "repository"
    into = words[urls[0] + 1] if urls[0] + 1 < len(words) else name
    size = CLONE_BYTES // 3 if shallow else CLONE_BYTES
    session.effect.download_bytes += size
    session.effect.wait_s += 0.8
    session.effect.notes.append(f"git clone: {size // MB} MB assumed")
    session.write(session.absolute(into), size * 2, files=800)
    session.effect.opaque = True


def add_user(command: Command, session: Session) -> None:
    """useradd, adduser, groupadd, addgroup: the account files, and a home directory."""
    session.effect.cpu_s += 0.15
    for path in ("/etc/passwd", "/etc/group"):
        session.write(path, 1200)
    words = operands(command)
    makes_home = "-m" in command.words or "--create-home" in command.words
    if words and (makes_home or command.program.endswith("adduser")):
        home = _option(command, ("-h", "--home", "--home-dir", "-d")) or f"/home/{words[-1]}"
        if home.startswith("/") and home not in ("/nonexistent", "/dev/null"):
            session.effect.write(FileEntry(posixpath.normpath(home), 0, 0o755, kind=DIRECTORY))
