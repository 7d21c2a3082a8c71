"""What small programs print, where it can be known: for ``$( … )``, for pipes, for ``> file``."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable

from simulator.image.builder.gaps import distribution
from simulator.image.builder.session import Session, Stream
from simulator.image.builder.shell import Command
from simulator.image.builder.words import UNKNOWN, arithmetic, known

MAX_LINES = 5_000
_MACHINES = {"amd64": "x86_64", "arm64": "aarch64", "386": "i686", "arm": "armv7l"}
_CODENAMES = {
    "8": "jessie", "9": "stretch", "10": "buster", "11": "bullseye", "12": "bookworm",
    "13": "trixie", "14.04": "trusty", "16.04": "xenial", "18.04": "bionic", "20.04": "focal",
    "22.04": "jammy", "24.04": "noble", "26.04": "resolute",
}  # fmt: skip
_SUFFIXES = {"c": 1, "w": 2, "b": 512, "kB": 1000, "MB": 1000**2, "GB": 1000**3}


def words_bytes(text: str) -> int | None:
    """Bytes as coreutils reads them: ``40M`` and ``40MiB`` are 2^20, ``40MB`` is 10^6."""
    match = re.fullmatch(r"\+?(\d{1,15})(?:([KMGT])(iB)?|(c|w|b|kB|MB|GB)|k)?", text)
    if match is None:
        return None
    if match[4]:
        return int(match[1]) * _SUFFIXES[match[4]]
    letter: str = match[2] or ("K" if text.endswith("k") else "")
    power = "KMGT".index(letter) + 1 if letter else 0
    return int(match[1]) << (10 * power)


def _echo(command: Command, session: Session) -> str:
    words = list(command.words[1:])
    end = "\n"
    while words and re.fullmatch(r"-[neE]+", words[0]):
        end = "" if "n" in words.pop(0) else end
    return " ".join(words) + end


def _printf(command: Command, session: Session) -> str:
    words = [word for word in command.words[1:] if word != "--"]
    if not words:
        return ""
    text = words[0].replace("\\n", "\n").replace("\\t", "\t").replace("%%", "%")
    rest = words[1:]
    if not rest or "%" not in text:
        return text
    parts = re.split(r"%[sbd]", text)
    if len(parts) == 2:
        return "".join(parts[0] + word + parts[1] for word in rest[:MAX_LINES])
    filled = zip(parts, [*rest, *[""] * len(parts)], strict=False)
    return "".join(part + word for part, word in filled)


def _seq(command: Command, session: Session) -> str:
    numbers = [word for word in command.words[1:] if re.fullmatch(r"-?\d{1,9}", word)]
    if not 1 <= len(numbers) <= 3 or len(numbers) != len(command.words) - 1:
        return UNKNOWN
    values = [int(word) for word in numbers]
    first, step, last = {1: (1, 1, values[-1]), 2: (values[0], 1, values[-1])}.get(
        len(values), (values[0], values[1] if len(values) > 2 else 1, values[-1])
    )
    if step == 0:
        return UNKNOWN
    numbered = range(first, last + (1 if step > 0 else -1), step)
    return "".join(f"{number}\n" for number in numbered[:MAX_LINES])


def _counted_bytes(command: Command) -> int | None:
    """Bytes of a long ``seq LAST`` or ``seq FIRST LAST``, counted by the lengths of its numbers."""
    numbers = [int(word) for word in command.words[1:] if re.fullmatch(r"\d{1,12}", word)]
    if len(numbers) != len(command.words) - 1 or len(numbers) not in (1, 2):
        return None
    first, last = (numbers[0], numbers[1]) if len(numbers) == 2 else (1, numbers[0])
    if last - first < MAX_LINES:
        return None
    lengths = range(1, len(str(last)) + 1)
    bounds = [(max(first, 10 ** (n - 1) if n > 1 else 0), min(last, 10**n - 1)) for n in lengths]
    total = 0
    for length, (low, high) in zip(lengths, bounds, strict=True):
        total += max(0, high - low + 1) * (length + 1)
    return total


def _dirname(command: Command, session: Session) -> str:
    return (posixpath.dirname(command.words[-1].rstrip("/")) or ".") + "\n"


def _basename(command: Command, session: Session) -> str:
    words = [word for word in command.words[1:] if not word.startswith("-")]
    name = posixpath.basename(words[0].rstrip("/")) if words else ""
    return (name.removesuffix(words[1]) if len(words) > 1 else name) + "\n"


def machine(session: Session) -> str:
    """The architecture that the image is built for, in Docker's words."""
    return session.env.get("TARGETARCH") or session.architecture


def _uname(command: Command, session: Session) -> str:
    flags = "".join(word[1:] for word in command.words[1:] if word.startswith("-"))
    if flags in ("m", "p", "i"):
        return _MACHINES.get(machine(session), UNKNOWN) + "\n"
    return "Linux\n" if flags in ("", "s") else UNKNOWN


def _arch(command: Command, session: Session) -> str:
    return _MACHINES.get(machine(session), UNKNOWN) + "\n"


def _dpkg(command: Command, session: Session) -> str:
    asked = "--print-architecture" in command.words
    return machine(session) + "\n" if asked else UNKNOWN


def _apk(command: Command, session: Session) -> str:
    asked = "--print-arch" in command.words
    return _MACHINES.get(machine(session), UNKNOWN) + "\n" if asked else UNKNOWN


def _go(command: Command, session: Session) -> str:
    if command.words[1:2] != ("env",):
        return UNKNOWN
    values = {
        "GOPATH": session.variable("GOPATH") or f"{session.home}/go",
        "GOARCH": machine(session), "GOOS": "linux",
        "GOCACHE": session.variable("GOCACHE") or f"{session.home}/.cache/go-build",
    }  # fmt: skip
    return "".join(values.get(name, UNKNOWN) + "\n" for name in command.words[2:])


def _which(command: Command, session: Session) -> str:
    name = command.words[-1]
    found = session.where(name)
    if found is not None and not session.shadowed(found):
        return found + "\n"
    if found is not None:
        return UNKNOWN
    if session.lacks(name):
        session.status = 1
        return ""
    session.query = True
    return UNKNOWN


def _release(command: Command, session: Session) -> str:
    version = distribution(session.below)[1]
    name = _CODENAMES.get(version, UNKNOWN)
    flags = "".join(word[1:] for word in command.words[1:])
    return {"cs": name, "sc": name, "rs": version, "sr": version}.get(flags, UNKNOWN) + "\n"


def _id(command: Command, session: Session) -> str:
    if command.words[1:] in (("-u",), ("-g",)):
        return "0\n" if session.is_root else UNKNOWN
    if len(command.words) > 1:
        session.query = True
    return UNKNOWN


def _expr(command: Command, session: Session) -> str:
    value = arithmetic(" ".join(command.words[1:]))
    return UNKNOWN if value is None else f"{value}\n"


_SAYS: dict[str, Callable[[Command, Session], str]] = {
    "echo": _echo, "printf": _printf, "seq": _seq, "dirname": _dirname, "basename": _basename,
    "uname": _uname, "arch": _arch, "dpkg": _dpkg, "apk": _apk, "go": _go, "which": _which,
    "command": _which, "type": _which, "hash": _which, "lsb_release": _release, "id": _id,
    "expr": _expr,
    "pwd": lambda command, session: session.cwd + "\n",
    "nproc": lambda command, session: f"{session.rates.cores}\n",
    "whoami": lambda command, session: (session.user or "root") + "\n",
    "true": lambda command, session: "", ":": lambda command, session: "",
    "cd": lambda command, session: "", "set": lambda command, session: "",
}  # fmt: skip


def say(name: str, command: Command, session: Session) -> None:
    """Let a program print what it would."""
    if name in _SAYS and not (name == "seq" and _counted_bytes(command) is not None):
        session.out = Stream.of(_SAYS[name](command, session))
    elif name == "cat":
        session.out = _cat(command, session)
    elif name in ("head", "tail"):
        session.out = _head(name, command, session)
    elif name == "yes":
        session.out = Stream(1 << 50, None)
    elif name in ("sort", "uniq", "tr", "tac", "nl", "rev", "base64", "xxd", "fold"):
        files = [word for word in command.words[1:] if word.startswith("/")]
        through = files_of(files, session) if files else session.stdin or Stream()
        session.out = Stream(through.size_bytes, None, through.random)
        if name in ("base64", "xxd") and through.size_bytes:
            grown = through.size_bytes * 4 / 3 * 77 / 76
            session.out = Stream(round(grown), None, through.random)
    elif name == "seq" and (size := _counted_bytes(command)) is not None:
        session.out = Stream(size)
    elif name == "openssl" and "rand" in command.words and command.words[-1].isdigit():
        size = min(int(command.words[-1][:15]), 1 << 50)
        factor = {"-hex": 2.0, "-base64": 4 / 3}
        times = next((factor[one] for one in command.words if one in factor), 1.0)
        session.out = Stream(round(size * times), None, True)
        if "-out" in command.words[:-1]:
            path = command.words[command.words.index("-out") + 1]
            session.write(session.absolute(path), round(size * times), random=True)
            session.out = Stream.of("")


def files_of(words: list[str], session: Session) -> Stream:
    """The content of files one after the other, as a program reads them."""
    size, text, random = 0, "", False
    whole = True
    for word in words:
        path = session.absolute(word)
        if word == "-":
            part = session.stdin or Stream()
        elif path in ("/dev/urandom", "/dev/random"):
            part = Stream(1 << 50, None, True)
        elif path == "/dev/zero":
            part = Stream(1 << 50)
        elif path == "/dev/null":
            part = Stream.of("")
        else:
            part = Stream(session.size_of(path), session.text_of(path))
        if part.size_bytes is None:
            return Stream()
        size, random = size + part.size_bytes, random or part.random
        whole = whole and part.text is not None
        text += part.text or ""
    return Stream(size, text if whole else None, random)


def _cat(command: Command, session: Session) -> Stream:
    words = [word for word in command.words[1:] if not word.startswith("-") or word == "-"]
    if any(not known(word) or set(word) & set("*?[") for word in words):
        return Stream()
    if not words:
        return session.stdin or Stream()
    for word in words:
        if session.absent(session.absolute(word)) and not session.absolute(word).startswith("/dev"):
            session.fail(1, f"cat: {word}: No such file or directory")
            return Stream.of("")
    return files_of(words, session)


def _head(name: str, command: Command, session: Session) -> Stream:
    """head and tail: ``-c BYTES``, ``-n LINES``."""
    words = list(command.words[1:])
    size, lines, files = None, 10, []
    while words:
        word = words.pop(0)
        if word in ("-c", "--bytes") and words:
            size = words_bytes(words.pop(0))
        elif re.match(r"-c.|--bytes=", word):
            size = words_bytes(word.removeprefix("--bytes=").removeprefix("-c"))
        elif word in ("-n", "--lines") and words:
            lines = int(number) if (number := words.pop(0)).isdigit() else -1
        elif re.fullmatch(r"-n?\d+", word):
            lines = int(word.lstrip("-n")[:6])
        elif not word.startswith("-"):
            files.append(word)
    source = files_of(files, session) if files else session.stdin or Stream()
    if size is not None:
        most = size if source.size_bytes is None else min(size, source.size_bytes)
        return Stream(most, None, source.random)
    if source.text is None or lines < 0:
        return Stream(None if source.size_bytes is None else min(source.size_bytes, 500))
    every = source.text.splitlines(keepends=True)
    return Stream.of("".join(every[:lines] if name == "head" else every[-lines:]))


def codename(version: str) -> str:
    """The name of a version of Debian or Ubuntu: 12 is bookworm."""
    return _CODENAMES.get(version, "")
