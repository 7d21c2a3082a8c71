"""id, whoami, groups, hostname, uname, env, printenv, arch: who and where one is."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.image.problems import FileProblem
from simulator.programs.call import Call
from simulator.programs.pauses import Outcome, Runs
from simulator.programs.tools.options import bad, read


def rows(call: Call, path: str) -> list[list[str]]:
    """The lines of a file such as /etc/passwd, by their columns."""
    try:
        text = call.known_text(path)
    except FileProblem:
        text = None
    return [line.split(":") for line in (text or "").splitlines() if line.count(":") >= 3]


def user_name(call: Call, uid: int) -> str | None:
    """The name of a user, as /etc/passwd has it; None where nobody has that number."""
    return next((row[0] for row in rows(call, "/etc/passwd") if row[2] == str(uid)), None)


def group_name(call: Call, gid: int) -> str | None:
    """The name of a group, as /etc/group has it; None where nobody has that number."""
    return next((row[0] for row in rows(call, "/etc/group") if row[2] == str(gid)), None)


def _ids(call: Call) -> tuple[int, int]:
    seat = call.seat
    return seat.uid, seat.gid


def id_(call: Call) -> Outcome:
    """Numbers and names of the user and its groups."""
    found = read(call, "ugnrG")
    if found.bad:
        return bad(call, found)
    uid, gid = _ids(call)
    if found.rest:
        row = next((one for one in rows(call, "/etc/passwd") if one[0] == found.rest[0]), None)
        if row is None:
            return call.fail(f"‘{found.rest[0]}’: no such user")
        uid, gid = int(row[2]), int(row[3])
    name, group = user_name(call, uid), group_name(call, gid)
    if found.on("u"):
        return _one(call, uid, name, "user", found.on("n"))
    if found.on("g") or found.on("G"):
        return _one(call, gid, group, "group", found.on("n"))
    user = f"{uid}({name})" if name else str(uid)
    grouped = f"{gid}({group})" if group else str(gid)
    others = [one for one in _others(call, found.rest[:1]) if one != gid]
    shown = [f"{one}({known})" if known else str(one)
             for one, known in ((one, group_name(call, one)) for one in others)]  # fmt: skip
    call.line(f"uid={user} gid={grouped} groups={','.join([grouped, *shown])}")
    return 0


def _others(call: Call, named: Sequence[str]) -> list[int]:
    """Groups besides its own: of the process, or of a user who was named."""
    if not named:
        return list(call.seat.groups)
    return [int(row[2]) for row in rows(call, "/etc/group") if named[0] in row[3].split(",")]


def _one(call: Call, number: int, name: str | None, what: str, named: bool) -> int:
    if named and name is None:
        call.line(str(number))
        return call.fail(f"cannot find name for {what} ID {number}")
    call.line(str(name) if named else str(number))
    return 0


def whoami(call: Call) -> Outcome:
    """The name of the user."""
    uid, _ = _ids(call)
    name = user_name(call, uid)
    if name is None:
        if call.files.exists("/bin/busybox"):
            return call.fail(f"unknown uid {uid}")
        return call.fail(f"cannot find name for user ID {uid}")
    call.line(name)
    return 0


def groups(call: Call) -> Outcome:
    """The names of its groups."""
    _, gid = _ids(call)
    numbers = dict.fromkeys((gid, *call.seat.groups))
    call.line(" ".join(group_name(call, one) or str(one) for one in numbers))
    return 0


def uname(call: Call) -> Outcome:
    """Name, release and processor of the kernel."""
    names = {"all": "a", "kernel-name": "s", "nodename": "n", "kernel-release": "r",
             "machine": "m", "operating-system": "o", "kernel-version": "v"}  # fmt: skip
    found = read(call, "asnrvmopi", names=names)
    if found.bad:
        return bad(call, found)
    seat = call.seat
    system = "Linux" if call.files.exists("/bin/busybox") else "GNU/Linux"
    fields = {"s": seat.system, "n": seat.hostname, "r": seat.kernel_version,
              "v": seat.kernel_build, "m": seat.architecture,
              "p": "unknown", "i": "unknown", "o": system}  # fmt: skip
    letters = set("snrvmo") if found.on("a") else found.flags or {"s"}
    call.line(" ".join(fields[letter] for letter in fields if letter in letters))
    return 0


def arch(call: Call) -> Outcome:
    """The processor."""
    call.line(call.seat.architecture)
    return 0


def hostname(call: Call) -> Outcome:
    """The name; its addresses with ``-i``."""
    found = read(call, "isfdIA")
    if found.bad:
        return bad(call, found)
    if found.rest:
        return call.fail("sethostname: Operation not permitted")
    if found.on("i") or found.on("I"):
        addresses = call.view.network.lookup(call.seat.hostname)
        call.line(" ".join(addresses) or "127.0.0.1")
        return 0
    call.line(call.seat.hostname)
    return 0


def env(call: Call) -> Outcome:
    """The environment, or a program with a changed one."""
    words, chosen = list(call.words), dict(call.env)
    while words:
        word = words[0]
        if word in ("-i", "-", "--ignore-environment"):
            chosen = {}
        elif word == "-u" and len(words) > 1:
            chosen.pop(words.pop(1), None)
        elif "=" in word and not word.startswith("-"):
            name, _, value = word.partition("=")
            chosen[name] = value
        elif word.startswith("-") and word not in ("-S", "--"):
            return call.fail(f"invalid option -- '{word[1:2]}'", 125)
        elif not word.startswith("-"):
            break
        words.pop(0)
    if words:
        return Runs(tuple(words), tuple(chosen.items()))
    call.lines([f"{name}={value}" for name, value in chosen.items()])
    return 0


def printenv(call: Call) -> Outcome:
    """The environment, or single variables."""
    if not call.words:
        return env(call)
    found = [call.env[word] for word in call.words if word in call.env]
    call.lines(found)
    return int(len(found) < len(call.words))
