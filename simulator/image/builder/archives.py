"""Commands that write bytes: dd, fallocate, truncate, tar, zip, gzip and their like."""

from __future__ import annotations

import posixpath

from simulator.image.builder.costs import MB
from simulator.image.builder.filecmds import expand_glob, flags, is_pattern, operands, option
from simulator.image.builder.printing import files_of, words_bytes
from simulator.image.builder.session import Session, Stream
from simulator.image.builder.shell import Command
from simulator.image.builder.words import known

UNPACK_RATIO = 2.76


def dd(command: Command, session: Session) -> None:
    """dd: ``bs`` times ``count`` bytes of what ``if`` names, or all of it."""
    options = dict(word.split("=", 1) for word in command.words[1:] if "=" in word)
    source = files_of([options["if"]], session) if "if" in options else session.stdin or Stream()
    size = source.size_bytes
    block = words_bytes(options.get("bs") or options.get("ibs") or "512")
    count = words_bytes(options["count"]) if "count" in options else None
    if count is not None and block is not None:
        wanted = count if "count_bytes" in options.get("iflag", "") else count * block
        size = wanted if size is None else min(wanted, size)
    if "seek" in options and "of" in options and block is not None:
        size = (size or 0) + (words_bytes(options["seek"]) or 0) * block
    made = Stream(size, None, source.random)
    out = options.get("of")
    if out is None:
        session.out = made
    elif not session.absolute(out).startswith("/dev/"):
        session.write(session.absolute(out), size or 0, random=made.random)


def fallocate(command: Command, session: Session) -> None:
    """fallocate -l SIZE FILE."""
    size = words_bytes(option(command, ("-l", "--length")) or "0")
    for word in operands(command)[-1:]:
        session.write(session.absolute(word), size or 0)


def truncate(command: Command, session: Session) -> None:
    """truncate -s SIZE FILE: zeros that a layer keeps, since tar has no holes here."""
    stated = option(command, ("-s", "--size")) or "0"
    size = words_bytes(stated)
    for word in operands(command):
        if word == stated:
            continue
        path = session.absolute(word)
        held = session.size_of(path) or 0
        grown = held + (size or 0) if stated.startswith("+") else size or 0
        session.write(path, grown, text="" if grown == 0 else None)


def tar(command: Command, session: Session) -> None:
    """tar: ``c`` packs, ``x`` unpacks."""
    first = command.words[1] if len(command.words) > 1 else ""
    letters = flags(command) + ("" if first.startswith("-") else first)
    folder = session.absolute(option(command, ("-C", "--directory")) or session.cwd)
    if "c" in letters or "--create" in command.words:
        _pack(command, letters, folder, session)
    elif "x" in letters or any(w in ("--extract", "--get") for w in command.words):
        _unpack_tar(command, letters, folder, session)
    else:
        session.query = True


def _archive_of(command: Command, letters: str) -> str | None:
    words = command.words
    stated = option(command, ("-f", "--file"))
    if stated is None and "f" in letters and len(words) > 2:
        first = words[1].lstrip("-")
        at = 2 if "f" in first else 1
        stated = words[at] if at < len(words) else None
    return None if stated in (None, "-", "/dev/stdin") else stated


def _pack(command: Command, letters: str, folder: str, session: Session) -> None:
    archive = _archive_of(command, letters)
    skip = {archive, option(command, ("-C", "--directory")), command.words[1], "-"}
    kept, session.cwd = session.cwd, folder
    sources = [word for word in operands(command) if word not in skip]
    size = _packed_bytes(sources, session)
    session.cwd = kept
    tight = (
        set(letters) & set("zjJ")
        or "--zstd" in command.words
        or ("a" in letters and not (archive or "").endswith(".tar"))
    )
    packed = round(size / UNPACK_RATIO) if tight else size
    session.effect.cpu_s += 0.1 + size / (60 * MB if tight else 500 * MB)
    if archive is None:
        session.out = Stream(packed)
    elif known(archive):
        session.write(session.absolute(archive), packed)
    else:
        session.loosen(session.absolute(archive))


def _packed_bytes(sources: list[str], session: Session) -> int:
    size = 0
    for word in sources:
        if not known(word):
            continue
        for path in expand_glob(word, session):
            if session.absent(path) and not is_pattern(word):
                session.fail(2, f"tar: {word}: Cannot stat: No such file or directory")
            size += sum(entry.size_bytes for entry in session.under(path).values())
    return size


def _unpack_tar(command: Command, letters: str, folder: str, session: Session) -> None:
    archive = _archive_of(command, letters)
    if archive is None:
        size = session.stdin.size_bytes if session.stdin is not None else None
        tight = bool(set(letters) & set("zjJ")) or "--zstd" in command.words or size is None
        _unpacked("archive" if tight else "archive.tar", size, folder, session)
        return
    for path in expand_glob(archive, session) if known(archive) else [archive]:
        if known(path) and session.absent(path):
            session.fail(2, f"tar: {archive}: Cannot open: No such file or directory")
            return
        _unpacked(path, session.size_of(path) if known(path) else None, folder, session)


def unzip(command: Command, session: Session) -> None:
    """unzip: the content, beside the archive or below ``-d``."""
    folder = session.absolute(option(command, ("-d",)) or session.cwd)
    for word in operands(command):
        if word == option(command, ("-d",)):
            continue
        if word == "-":
            _unpacked(
                "archive", session.stdin.size_bytes if session.stdin else None, folder, session
            )
            return
        for path in expand_glob(word, session) if known(word) else [word]:
            if known(path) and session.absent(path):
                session.fail(9, f"unzip:  cannot find or open {word}.")
                return
            _unpacked(path, session.size_of(path) if known(path) else None, folder, session)
        return


def _unpacked(archive: str, packed: int | None, folder: str, session: Session) -> None:
    """The content of an archive: one directory, and anything else beside it."""
    ratio = 1.0 if archive.endswith(".tar") else UNPACK_RATIO
    size = round((15 * MB if packed is None else packed) * ratio)
    name = posixpath.basename(archive)
    name = name.split(".")[0].removesuffix("-linux") if known(name) else "archive"
    session.effect.cpu_s += size / (100 * MB)
    session.loosen(folder)
    if size and known(folder):
        session.write(posixpath.join(folder, name or "archive"), size, files=max(2, size // 60_000))


def compress(command: Command, session: Session) -> None:
    """gzip and its like, both ways: the file in place, or the stream."""
    name = posixpath.basename(command.program)
    back = name.startswith(("un", "gun", "bun")) or "d" in flags(command)
    factor = UNPACK_RATIO if back else 1 / UNPACK_RATIO
    files = [word for word in operands(command) if known(word)]
    if not files or "c" in flags(command):
        source = files_of(files, session) if files else session.stdin or Stream()
        size = source.size_bytes
        session.out = Stream(None if size is None else round(size * factor), None, source.random)
        return
    end = {"gzip": ".gz", "xz": ".xz", "bzip2": ".bz2", "zstd": ".zst"}.get(name, "")
    for word in files:
        for path in expand_glob(word, session):
            entry = session.resolve(path)
            if entry is None:
                continue
            session.effect.cpu_s += entry.size_bytes / (60 * MB)
            new = posixpath.splitext(path)[0] if back else path + end
            session.write(new, round(entry.size_bytes * factor))
            if "k" not in flags(command) and name != "zstd":
                session.remove(path)


def zip_(command: Command, session: Session) -> None:
    """zip ARCHIVE FILES."""
    words = operands(command)
    if not words:
        return
    size = _packed_bytes(words[1:], session)
    session.effect.cpu_s += size / (60 * MB)
    session.write(session.absolute(words[0]), round(size / UNPACK_RATIO))
