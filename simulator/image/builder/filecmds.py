"""Commands that move files about: what they add to a layer, and what they cannot take away."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Iterator
from dataclasses import replace

from simulator.dockerfile.modes import apply_chmod
from simulator.errors import InputError
from simulator.image.builder.assumed import assumed_bytes
from simulator.image.builder.session import Session
from simulator.image.builder.shell import Command
from simulator.image.builder.words import known
from simulator.image.digests import digest_of
from simulator.image.model import DIRECTORY, SYMLINK, FileEntry

MAX_MATCHES = 20_000
MAX_LOOKED_AT = 500_000
"""Names that the patterns of a RUN are compared with; after that they match nothing."""
_MODE = re.compile(r"[0-7]{3,4}|[ugoa]*[-+=][rwxXstugo]*(,[ugoa]*[-+=][rwxXstugo]*)*")


def operands(command: Command) -> list[str]:
    """The words that are no flags."""
    words = list(command.words[1:])
    if "--" in words:
        at = words.index("--")
        return [w for w in words[:at] if not w.startswith("-")] + words[at + 1 :]
    return [word for word in words if not word.startswith("-") or word == "-"]


def flags(command: Command) -> str:
    """The letters of the short flags, together."""
    return "".join(word[1:] for word in command.words[1:] if word[:1] == "-" and word[:2] != "--")


def option(command: Command, names: tuple[str, ...]) -> str | None:
    """The value of an option: ``-o X``, ``-oX`` at the end of bundled flags, ``--output=X``."""
    words = command.words
    for at, word in enumerate(words[1:], start=1):
        following = words[at + 1] if at + 1 < len(words) else None
        if word in names and following is not None:
            return following
        if any(word.startswith(name + "=") for name in names if name.startswith("--")):
            return word.partition("=")[2]
        short = [name[1:] for name in names if len(name) == 2]
        bundled = word[:1] == "-" and word[:2] != "--" and len(word) > 2
        if bundled and word[-1] in short and following is not None:
            return following
    return None


def is_pattern(word: str) -> bool:
    """True for a word that names files by a pattern."""
    return any(character in word for character in "*?[")


def expand_glob(pattern: str, session: Session) -> list[str]:
    """The paths that a pattern names now; a plain path names itself."""
    path = session.absolute(pattern)
    if not is_pattern(path):
        return [path]
    root = path
    while is_pattern(root):
        root = posixpath.dirname(root)
    depth = path.count("/") + 1
    found: dict[str, None] = {}
    names = list(session.under(root))[:MAX_MATCHES]
    session.looked_at += len(names)
    if session.looked_at > MAX_LOOKED_AT:
        return []
    for name in names:
        head = "/".join(name.split("/")[:depth])
        if head.count("/") + 1 == depth and fnmatch.fnmatchcase(head, path):
            found[head] = None
    coarse = session.entry(root)
    if not found and coarse is not None and coarse.kind == DIRECTORY and path.endswith("/*"):
        return [root]
    return sorted(found)


def touched(entry: FileEntry, key: str) -> FileEntry:
    """The copy of a file that a change of owner, mode or content leaves in the upper layer."""
    return replace(entry, digest=digest_of("touched", key, entry.path), text=None)


def remove(command: Command, session: Session) -> None:
    """rm, rmdir: files of this RUN vanish; files of a lower layer are only hidden."""
    letters = flags(command)
    excused = "f" in letters or "--force" in command.words
    for word in operands(command):
        if not known(word):
            continue
        if not word:
            if not excused:
                session.fail(1, "rm: cannot remove '': No such file or directory")
            continue
        for path in expand_glob(word, session):
            if (
                path == "/"
                and word.strip("/.") == ""
                and "r" in letters.lower()
                and command.program.endswith("rm")
            ):
                session.fail(1, "rm: it is dangerous to operate recursively on '/'")
                return
            _remove(word, path, excused, session)
    session.effect.cpu_s += 0.02


def _remove(word: str, path: str, excused: bool, session: Session) -> None:
    if session.exists(path):
        if session.denied_at(path):
            session.fail(1, f"rm: cannot remove '{word}': Permission denied")
        else:
            session.remove(path)
            if session.doubt:
                session.loosen(path)
    elif not excused and session.absent(path):
        session.fail(1, f"rm: cannot remove '{word}': No such file or directory")


def make_folder(command: Command, session: Session) -> None:
    """mkdir."""
    skip = option(command, ("-m", "--mode"))
    for word in operands(command):
        if word == skip:
            continue
        path = session.absolute(word)
        if not known(path):
            session.loosen(path)
        elif not session.is_folder(path):
            session.put(FileEntry(path, 0, 0o755, kind=DIRECTORY))


def touch(command: Command, session: Session) -> None:
    """touch: empty files."""
    for word in operands(command):
        path = session.absolute(word)
        if not known(path):
            session.loosen(path)
        elif not session.exists(path):
            session.write(path, 0, text="")


def tee(command: Command, session: Session) -> None:
    """tee: what comes in, into files and on."""
    through = session.stdin
    appends = "a" in flags(command) or "--append" in command.words
    for word in operands(command):
        path = session.absolute(word)
        if path.startswith("/dev/"):
            continue
        size = 200 if through is None or through.size_bytes is None else through.size_bytes
        text = through.text if through is not None else None
        if appends:
            size, text = size + (session.size_of(path) or 0), None
        session.write(path, size, text=text, random=through is not None and through.random)
    if through is not None:
        session.out = through


def install(command: Command, session: Session) -> None:
    """install: ``-d`` makes folders, else it copies."""
    words = list(command.words)
    kept = words[:1]
    skip = False
    for word in words[1:]:
        if skip:
            skip = False
        elif word in ("-m", "-o", "-g", "--mode", "--owner", "--group"):
            skip = True
        else:
            kept.append(word)
    plain = Command(tuple(kept))
    letters = flags(plain)
    if "d" in letters or "--directory" in words:
        make_folder(plain, session)
    else:
        copy(plain, session)


def copy(command: Command, session: Session) -> None:
    """cp: the files again, at the target."""
    for source, target in _pairs(command, session):
        _copy(command, source, target, session)


def _copy(command: Command, source: str, target: str, session: Session) -> None:
    found = _found(source, session)
    if not found and session.absent(source):
        if session.exists(posixpath.dirname(source)) or not session.may_exist(source):
            name = posixpath.basename(command.program)
            session.fail(1, f"{name}: cannot stat '{source}': No such file or directory")
        return
    if not found:
        _assume(source, target, session)
        return
    for path, entry in found.items():
        session.put(replace(entry, path=target + path))


def _found(source: str, session: Session) -> dict[str, FileEntry]:
    """What is at or below a path, by the rest of the path; a link that is named is followed."""
    own = session.entry(source)
    if own is not None and own.kind == SYMLINK:
        own = session.resolve(source)
        return {"": replace(own, mode=own.mode)} if own is not None else {}
    found = {path[len(source) :]: one for path, one in session.under(source).items()}
    if not found and own is not None:
        found = {"": own}
    bound = session.bound(source)
    if not found and bound is not None:
        for path, size in session.sizes.items():
            if not bound or path == bound or path.startswith(bound + "/"):
                tail = path[len(bound) :].lstrip("/")
                digest = digest_of("bound", path, size)
                found[f"/{tail}" if tail else ""] = FileEntry(path, size, 0o644, digest)
    return found


def _assume(source: str, target: str, session: Session) -> None:
    """Copy a file that nobody lists, and that may be there."""
    if not known(source) or not known(target) or is_pattern(source):
        session.loosen(target)
        return
    size = assumed_bytes(source)
    session.effect.notes.append(
        f"{source}: {size / 1e6:.3g} MB assumed ('# drydock: adds={target}:SIZE' above the RUN "
        "says more)"
    )
    session.write(target, size, mode=0o755)


def move(command: Command, session: Session) -> None:
    """mv: as cp followed by rm; moving a file of a lower layer copies it up."""
    for source, target in _pairs(command, session):
        _copy(command, source, target, session)
        if session.exists(source):
            session.remove(source)


def _pairs(command: Command, session: Session) -> Iterator[tuple[str, str]]:
    words = operands(command)
    stated = option(command, ("-t", "--target-directory"))
    if stated is not None:
        words = [*[word for word in words if word != stated], stated]
    if len(words) < 2:
        return
    target = session.absolute(words[-1])
    sources = [path for word in words[:-1] for path in _sources(word, session)]
    into = (
        len(sources) > 1 or stated is not None or words[-1].endswith(("/", "/.")) or
        session.is_folder(target)
    )  # fmt: skip
    for source, whole in sources:
        if target.startswith(source + "/"):
            continue
        base = posixpath.basename(source)
        yield source, posixpath.join(target, base) if into and not whole else target


def _sources(word: str, session: Session) -> list[tuple[str, bool]]:
    """Paths to copy, each with whether it is the content of a folder (``dir/.``)."""
    if word.endswith("/."):
        return [(session.absolute(word), True)]
    found = expand_glob(word, session)
    if is_pattern(word) and found == [session.absolute(posixpath.dirname(word))]:
        return [(found[0], True)]
    if is_pattern(word) and not found:
        return [(session.absolute(word), False)]
    return [(path, False) for path in found]


def link(command: Command, session: Session) -> None:
    """ln: a symbolic link, or a second name for a file."""
    words = operands(command)
    if len(words) < 2:
        return
    path = session.absolute(words[-1])
    if not known(path):
        session.loosen(path)
        return
    for word in words[:-1]:
        name = path
        if session.is_folder(path) or words[-1].endswith("/"):
            name = posixpath.join(path, posixpath.basename(word))
        if known(word):
            session.put(FileEntry(name, len(word), 0o777, kind=SYMLINK, target=word))
        else:
            session.write(name, 0)


def change(command: Command, session: Session) -> None:
    """chmod, chown, chgrp: every file of a lower layer is copied up whole, once."""
    words = operands(command)
    name = posixpath.basename(command.program)
    if name == "chmod":
        words = [w for w in command.words[1:] if not w.startswith("-") or _MODE.fullmatch(w)]
    recursive = "R" in flags(command) or "--recursive" in command.words
    for word in words[1:]:
        if not known(word):
            continue
        for path in expand_glob(word, session):
            if not session.exists(path) and session.absent(path):
                session.fail(1, f"{name}: cannot access '{word}': No such file or directory")
                continue
            found = session.under(path) if recursive else {}
            if not recursive:
                entry = session.resolve(path)
                found = {path: entry} if entry is not None and entry.kind != DIRECTORY else {}
            for one in found.values():
                changed = _with_mode(one, words[0]) if name == "chmod" else one
                if changed is not one or one.path not in session.effect.files:
                    session.put(replace(touched(changed, session.key), text=one.text))
    session.effect.cpu_s += 0.02


def _with_mode(entry: FileEntry, text: str) -> FileEntry:
    """A file after ``chmod``; as it was where the mode is none."""
    try:
        mode = apply_chmod(text, entry.mode)
    except InputError:
        return entry
    return entry if mode == entry.mode else replace(entry, mode=mode)


def edit(command: Command, session: Session) -> None:
    """sed -i: the edited files are copied up."""
    if not any(word.startswith(("-i", "--in-place")) for word in command.words[1:]):
        return
    for word in _edited(command):
        if not known(word):
            continue
        for path in expand_glob(word, session):
            entry = session.resolve(path)
            if entry is not None and entry.kind != DIRECTORY:
                session.put(touched(replace(entry, path=path), session.key))
            elif session.absent(path) and not is_pattern(word):
                session.fail(2, f"sed: can't read {word}: No such file or directory")


def _edited(command: Command) -> list[str]:
    """The files of a sed: without its scripts."""
    files: list[str] = []
    scripts = 0
    words = list(command.words[1:])
    while words:
        word = words.pop(0)
        if word in ("-e", "-f", "--expression", "--file"):
            scripts += 1
            words = words[1:]
        elif not word.startswith("-") or word == "-":
            files.append(word)
        elif word.startswith(("-e", "--expression=")):
            scripts += 1
    return files if scripts else files[1:]


def patch(command: Command, session: Session) -> None:
    """patch: some files below the working directory change."""
    session.loosen(session.cwd)
    session.effect.cpu_s += 0.1


def add_user(command: Command, session: Session) -> None:
    """useradd, adduser, groupadd, addgroup: the account files, and a home directory."""
    session.effect.cpu_s += 0.15
    for path in ("/etc/passwd", "/etc/group"):
        session.write(path, 1200)
    words = operands(command)
    makes_home = "m" in flags(command) or "--create-home" in command.words
    if words and (makes_home or command.program.endswith("adduser")):
        home = option(command, ("-h", "--home", "--home-dir", "-d")) or f"/home/{words[-1]}"
        if home.startswith("/") and known(home) and home not in ("/nonexistent", "/dev/null"):
            session.put(FileEntry(posixpath.normpath(home), 0, 0o755, kind=DIRECTORY))
