"""What programs print that are run inside: namespaces change their names, not their machine.

A ``Seat`` is the view of one process: of a container, of a virtual machine, of a host. The programs
here answer from it as the real ones would. What surprises people is kept: a limit on CPU or memory
changes neither ``nproc`` nor ``free`` nor ``/proc/meminfo``, which show the kernel's own; only the
files under ``/sys/fs/cgroup`` know of limits. A cpuset does change ``nproc``; a guest kernel or a
sandbox changes everything.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from simulator.errors import InputError, Refused
from simulator.machine import known_files
from simulator.machine.seat import Seat
from simulator.units import parse_duration

MAX_WORDS = 200
MAX_CHARACTERS = 10_000
NOT_FOUND = 127


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


REAL_PROGRAMS = _words(
    "apk apt apt-get awk bash chmod chown cp curl cut date dd df dig dmesg du find gcc git grep "
    "gunzip gzip head htop ip java kill less ln lsof make mkdir more mv mysql nc netstat nginx "
    "node npm perl pgrep ping pip pkill psql python python3 redis-cli rm rmdir ruby sed service "
    "sort ss stat strace su sudo sysctl systemctl tail tar tee time top touch tr umount uptime vi "
    "vim watch wc wget which xargs yum"
)
"""Programs that exist in ordinary images and are not modelled."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command printed, its exit code, and how long it would run."""

    lines: tuple[str, ...] = ()
    code: int = 0
    seconds: float = 0.0


Command = Callable[[Seat, Sequence[str]], Answer]


def run(seat: Seat, words: Sequence[str]) -> Answer:
    """Answer one command; Refused where it is not modelled, code 127 where there is no such."""
    if not words:
        raise InputError("nothing to run", expected="a command")
    if len(words) > MAX_WORDS or sum(map(len, words)) > MAX_CHARACTERS:
        raise InputError("command too long", expected=f"at most {MAX_WORDS} words")
    name = words[0].rpartition("/")[2]
    if not _has(seat, name):
        return _missing(words[0])
    command = COMMANDS.get(name)
    if command is not None:
        return command(seat, words[1:])
    if name in REAL_PROGRAMS:
        raise Refused(f"'{name}' is not modelled inside a container; known: {', '.join(COMMANDS)}")
    return _missing(words[0])


def _has(seat: Seat, name: str) -> bool:
    """Whether a program is there. Busybox is one program under many names."""
    programs = seat.programs
    if programs is None or name in programs:
        return True
    if "busybox" in programs:
        return name in COMMANDS and name != "bash"
    return name == "printenv" and "env" in programs


def _missing(name: str) -> Answer:
    text = (
        "OCI runtime exec failed: exec failed: unable to start container process: "
        f'exec: "{name}": executable file not found in $PATH: unknown'
    )
    return Answer((text,), NOT_FOUND)


# --- shells ---------------------------------------------------------------------------------------


def _sh(seat: Seat, words: Sequence[str]) -> Answer:
    """``sh -c 'a; b && c'``; anything more is not modelled."""
    if not words:
        raise Refused("an interactive shell is not modelled; use: sh -c 'COMMAND'")
    if words[0] not in ("-c", "-lc", "-ec") or len(words) < 2:
        raise Refused("scripts are not modelled; use: sh -c 'COMMAND'")
    text = words[1]
    if any(mark in text.replace("||", "") for mark in "|<>`$(){}"):
        raise Refused("pipes, redirections and variables are not modelled in sh -c")
    lines: list[str] = []
    code, seconds = 0, 0.0
    for operator, part in _parts(text):
        if (operator == "&&" and code) or (operator == "||" and not code):
            continue
        try:
            argv = shlex.split(part)
        except ValueError as error:
            raise InputError("bad quoting", found=part, expected=str(error)) from None
        if not argv:
            continue
        name = argv[0].rpartition("/")[2]
        known = _has(seat, name) and (name in COMMANDS or name in REAL_PROGRAMS)
        if not known and name != "exit":
            lines.append(f"sh: 1: {argv[0]}: not found")
            code = NOT_FOUND
            continue
        if name == "exit":
            digits = argv[1] if len(argv) > 1 else str(code)
            code = int(digits) & 255 if digits.isascii() and digits.isdigit() else 2
            break
        answer = run(seat, argv)
        lines += answer.lines
        code, seconds = answer.code, seconds + answer.seconds
    return Answer(tuple(lines), code, seconds)


def _parts(text: str) -> list[tuple[str, str]]:
    parts, operator, current = [], ";", ""
    at = 0
    while at < len(text):
        two = text[at : at + 2]
        if two in ("&&", "||"):
            parts.append((operator, current))
            operator, current, at = two, "", at + 2
        elif text[at] in ";\n":
            parts.append((operator, current))
            operator, current, at = ";", "", at + 1
        else:
            current += text[at]
            at += 1
    return [*parts, (operator, current)]


# --- names ----------------------------------------------------------------------------------------


def _uname(seat: Seat, words: Sequence[str]) -> Answer:
    fields = {
        "s": seat.system,
        "n": seat.hostname,
        "r": seat.kernel_version,
        "v": seat.kernel_build,
        "m": seat.architecture,
        "o": "GNU/Linux",
    }
    letters = "".join(word.lstrip("-") for word in words) or "s"
    if letters == "a":
        letters = "snrvmo"
    if not set(letters) <= set(fields):
        return Answer((f"uname: invalid option -- '{letters[0]}'",), 1)
    return Answer((" ".join(fields[each] for each in fields if each in letters),))


def _hostname(seat: Seat, words: Sequence[str]) -> Answer:
    return Answer((seat.hostname,)) if not words else Answer(("hostname: not permitted",), 1)


def _id(seat: Seat, words: Sequence[str]) -> Answer:
    if "-u" in words:
        return Answer((str(seat.uid),))
    user = f"{seat.uid}({seat.user})" if _is_known(seat) else str(seat.uid)
    groups = [_group(seat, gid) for gid in dict.fromkeys((seat.gid, *seat.groups))]
    return Answer((f"uid={user} gid={groups[0]} groups={','.join(groups)}",))


def _is_known(seat: Seat) -> bool:
    """Whether its user has a name."""
    return seat.user != str(seat.uid)


def _group(seat: Seat, gid: int) -> str:
    rows = [line.split(":") for line in seat.files.get("/etc/group", "root:x:0:").splitlines()]
    name = next((row[0] for row in rows if row[2] == str(gid)), None)
    return f"{gid}({name})" if name is not None else str(gid)


def _whoami(seat: Seat, words: Sequence[str]) -> Answer:
    if not _is_known(seat):
        return Answer((f"whoami: unknown uid {seat.uid}",), 1)
    return Answer((seat.user,))


def _env(seat: Seat, words: Sequence[str]) -> Answer:
    if words:
        found = [seat.env[word] for word in words if word in seat.env]
        return Answer(tuple(found), 0 if len(found) == len(words) else 1)
    return Answer(tuple(f"{key}={value}" for key, value in seat.env.items()))


# --- resources ------------------------------------------------------------------------------------


def _nproc(seat: Seat, words: Sequence[str]) -> Answer:
    """Cores that it may run on: the kernel's, or its cpuset; a quota is not seen."""
    return Answer((str(seat.cores),))


def _free(seat: Seat, words: Sequence[str]) -> Answer:
    unit = {"-b": 1, "-k": 1024, "-m": 1 << 20, "-g": 1 << 30, "-h": 1 << 20}
    flag = words[0] if words else "-k"
    if flag not in unit:
        return Answer((f"free: unknown option '{flag}'",), 1)
    per = unit[flag]
    used, cached = seat.memory_used, seat.memory_cached
    spare = max(0, seat.memory_total - used - cached)
    row = [seat.memory_total, used, spare, 0, cached, seat.memory_total - used]
    swap = [seat.swap_total, seat.swap_used, seat.swap_total - seat.swap_used]
    end = "Mi" if flag == "-h" else ""
    heads = ("total", "used", "free", "shared", "buff/cache", "available")
    return Answer((
        f"{'':<7}" + "".join(f"{head:>12}" for head in heads),
        f"{'Mem:':<7}" + "".join(f"{f'{value // per}{end}':>12}" for value in row),
        f"{'Swap:':<7}" + "".join(f"{f'{value // per}{end}':>12}" for value in swap),
    ))  # fmt: skip


def _ps(seat: Seat, words: Sequence[str]) -> Answer:
    flags = "".join(words)
    if "aux" in flags:
        lines = [f"{'USER':<10}{'PID':>7}{'RSS':>10} {'TIME':>8} COMMAND"]
        lines += [
            f"{one.user:<10}{one.pid:>7}{one.rss_bytes // 1024:>10} {_clock(one.cpu_s):>8} "
            f"{one.command}"
            for one in seat.processes
        ]
        return Answer(tuple(lines))
    lines = [f"{'UID':<10}{'PID':>7}{'PPID':>7} {'TIME':>8} CMD"]
    lines += [
        f"{one.user:<10}{one.pid:>7}{one.ppid:>7} {_clock(one.cpu_s):>8} {one.command}"
        for one in seat.processes
    ]
    return Answer(tuple(lines))


def _clock(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"


# --- files ----------------------------------------------------------------------------------------


def _cat(seat: Seat, words: Sequence[str]) -> Answer:
    if not words:
        raise Refused("cat without a file reads its input, which is not modelled")
    lines: list[str] = []
    code = 0
    for word in words:
        text = _file(seat, word)
        if text is None:
            lines.append(f"cat: {word}: No such file or directory")
            code = 1
        else:
            lines += text.splitlines()
    return Answer(tuple(lines), code)


def _file(seat: Seat, path: str) -> str | None:
    """A file's text; None where it is not there; Refused for contents that nobody keeps."""
    if path in seat.files:
        return seat.files[path]
    for start in ("/proc/1/", "/proc/self/", "/proc/thread-self/"):
        if path.startswith(start) and f"/proc/self/{path.removeprefix(start)}" in seat.files:
            return seat.files[f"/proc/self/{path.removeprefix(start)}"]
    if path.startswith(("/sys/", "/proc/")):
        numbers = {one.pid for one in seat.processes}
        if known_files.exists(path, root=seat.programs is None, processes=numbers):
            raise Refused(f"{path} is not modelled: Linux has it, but nothing here has its numbers")
        return None
    raise Refused(f"contents of files are not modelled: {path}")


def _ls(seat: Seat, words: Sequence[str]) -> Answer:
    paths = [word for word in words if not word.startswith("-")] or [seat.workdir]
    lines: list[str] = []
    for path in paths:
        folder = path.rstrip("/") + "/"
        inside = {
            name[len(folder) :].partition("/")[0] for name in seat.files if name.startswith(folder)
        }
        if folder == "/":
            lines += seat.root
        elif inside:
            lines += sorted(inside)
        else:
            raise Refused(f"ls of {path} is not modelled; known: /, /proc, /sys/fs/cgroup")
    return Answer(tuple(lines))


def _mount(seat: Seat, words: Sequence[str]) -> Answer:
    if words:
        blocked = seat.hardening.blocks("mount") or not seat.hardening.holds_inside("CAP_SYS_ADMIN")
        if blocked or "CAP_SYS_ADMIN" not in seat.hardening.caps:
            return Answer(("mount: permission denied (are you root?)",), 32)
        raise Refused("mounting is not modelled")
    return Answer(seat.mounts)


def _pwd(seat: Seat, words: Sequence[str]) -> Answer:
    return Answer((seat.workdir,))


def _echo(seat: Seat, words: Sequence[str]) -> Answer:
    return Answer((" ".join(words),))


def _sleep(seat: Seat, words: Sequence[str]) -> Answer:
    if not words:
        return Answer(("sleep: missing operand",), 1)
    return Answer(seconds=parse_duration(words[0]))


COMMANDS: dict[str, Command] = {
    "ps": _ps,
    "uname": _uname,
    "hostname": _hostname,
    "nproc": _nproc,
    "free": _free,
    "cat": _cat,
    "ls": _ls,
    "mount": _mount,
    "id": _id,
    "whoami": _whoami,
    "env": _env,
    "printenv": _env,
    "pwd": _pwd,
    "echo": _echo,
    "sleep": _sleep,
    "true": lambda seat, words: Answer(),
    "false": lambda seat, words: Answer(code=1),
    "sh": _sh,
    "bash": _sh,
    "ash": _sh,
}
