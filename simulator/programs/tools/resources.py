"""nproc, free, ps, uptime, df, mount, dmesg: what a kernel tells of itself.

A limit on CPU or memory changes neither ``nproc`` nor ``free``, which show the kernel's own.
"""

from __future__ import annotations

from simulator.errors import Refused
from simulator.image.problems import FileProblem
from simulator.machine.sysctls import CONNTRACK, DEFAULTS, path_of
from simulator.programs.call import Call
from simulator.programs.pauses import Outcome
from simulator.programs.tools.options import Options, bad, read
from simulator.programs.view import FileSystemUse


def nproc(call: Call) -> Outcome:
    """Cores that it may run on: the kernel's, or its cpuset; a quota is not seen."""
    call.line(str(call.seat.cores))
    return 0


def free(call: Call) -> Outcome:
    """Memory of the kernel."""
    seat = call.seat
    found = read(call, "bkmghltw", "sc", {"human": "h", "mebi": "m", "gibi": "g", "kibi": "k"})
    if found.bad:
        return bad(call, found)
    unit = {"b": 1, "k": 1024, "m": 1 << 20, "g": 1 << 30, "h": 1}
    letter = next((one for one in "bkmgh" if found.on(one)), "k")
    per, human = unit[letter], letter == "h"
    used, cached = seat.memory_used, seat.memory_cached
    spare = max(0, seat.memory_total - used - cached)
    row = [seat.memory_total, used, spare, 0, cached, seat.memory_total - used]
    swap = [seat.swap_total, seat.swap_used, seat.swap_total - seat.swap_used]
    heads = ("total", "used", "free", "shared", "buff/cache", "available")
    call.lines([
        f"{'':<7}" + "".join(f"{head:>12}" for head in heads),
        f"{'Mem:':<7}" + "".join(f"{_amount(value, per, human):>12}" for value in row),
        f"{'Swap:':<7}" + "".join(f"{_amount(value, per, human):>12}" for value in swap),
    ])  # fmt: skip
    return 0


def _amount(value: int, per: int, human: bool) -> str:
    if not human:
        return str(value // per)
    for sign, size in (("Gi", 1 << 30), ("Mi", 1 << 20), ("Ki", 1 << 10)):
        if value >= size:
            share = value / size
            return f"{share:.1f}{sign}" if share < 10 else f"{share:.0f}{sign}"
    return f"{value}B"


def ps(call: Call) -> Outcome:
    """Processes that are seen: ``aux``, ``-ef``, or busybox's short list."""
    flags = "".join(call.words)
    seat = call.seat
    if "aux" in flags:
        call.line(f"{'USER':<10}{'PID':>7}{'RSS':>10} {'TIME':>8} COMMAND")
        call.lines([
            f"{one.user:<10}{one.pid:>7}{one.rss_bytes // 1024:>10} {_clock(one.cpu_s):>8} "
            f"{one.command}"
            for one in seat.processes
        ])  # fmt: skip
        return 0
    call.line(f"{'UID':<10}{'PID':>7}{'PPID':>7} {'TIME':>8} CMD")
    call.lines([
        f"{one.user:<10}{one.pid:>7}{one.ppid:>7} {_clock(one.cpu_s):>8} {one.command}"
        for one in seat.processes
    ])  # fmt: skip
    return 0


def pgrep(call: Call) -> Outcome:
    """Numbers of processes whose command has a word."""
    found = read(call, "flxaoni", "u", {})
    if found.bad or not found.rest:
        return call.fail("no matching criteria specified", 2)
    hits = [one for one in call.seat.processes if found.rest[0] in one.command]
    call.lines([f"{one.pid} {one.command}" if found.on("a") else str(one.pid) for one in hits])
    return int(not hits)


def _clock(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"


def uptime(call: Call) -> Outcome:
    """Since when the kernel is up."""
    up = max(0.0, call.view.now_s - call.view.started_s)
    minutes = int(up // 60)
    span = f"{minutes // 60}:{minutes % 60:02}" if minutes >= 60 else f"{minutes} min"
    load = (call.known_text("/proc/loadavg") or "0.00 0.00 0.00").split()[:3]
    clock = _clock(call.view.now_s % 86_400)
    call.line(f" {clock} up {span},  0 users,  load average: {', '.join(load)}")
    return 0


def sysctl(call: Call) -> Outcome:
    """Settings of the kernel, ``NAME`` or ``NAME=VALUE``: the files of ``/proc/sys``."""
    found = read(call, "nweqp", "", {"write": "w", "values": "n", "ignore": "e", "quiet": "q"})
    if found.bad:
        return bad(call, found)
    words = list(found.rest)
    if found.on("w") and len(words) == 2 and "=" not in "".join(words):
        words = ["=".join(words)]  # busybox takes NAME VALUE, too
    code = 0
    for word in words:
        name, equals, value = word.partition("=")
        code |= _set(call, name, value, found) if equals else _get(call, name, found)
    return code


def _get(call: Call, name: str, found: Options) -> int:
    try:
        text = call.known_text(path_of(name))
    except FileProblem:
        text = None
    if text is None:
        return _no_setting(call, name, found)
    value = text.rstrip("\n")
    call.line(value if found.on("n") else f"{name} = {value}")
    return 0


def _no_setting(call: Call, name: str, found: Options) -> int:
    if found.on("e"):
        return 0
    if call.files.exists("/bin/busybox"):
        return call.fail(f"error: '{name}' is an unknown key")
    return call.fail(f"cannot stat {path_of(name)}: No such file or directory")


def _set(call: Call, name: str, value: str, found: Options) -> int:
    path = path_of(name.strip())
    problem = call.view.set_kernel(path, value)
    if path not in DEFAULTS and call.seat.files.get(path) is not None and path != CONNTRACK:
        raise Refused(f"setting {name} is not modelled: it follows from what the machine is")
    if problem == "No such file or directory":
        return _no_setting(call, name, found)
    if problem and call.files.exists("/bin/busybox"):
        return call.fail(f"error setting key '{name}': {problem}")
    if problem == "Permission denied":
        return call.fail(f'permission denied on key "{name}"')
    if problem:
        return call.fail(f'setting key "{name}": {problem}')
    shown = "\t".join(value.split())
    if not found.on("q"):
        call.line(shown if found.on("n") else f"{name} = {shown}")
    return 0


def df(call: Call) -> Outcome:
    """File systems and how full they are: a limit of a container's own is not shown."""
    found = read(call, "hkmPTia", "t")
    if found.bad:
        return bad(call, found)
    rows: list[FileSystemUse] = []
    code = 0
    for name in found.rest:
        try:
            call.stat(name)
            rows += call.view.disks(call.path(name))
        except FileProblem as problem:
            code = call.fail(f"{name}: {problem.says}")
    if not found.rest:
        rows += call.view.disks(None)
    if not rows and not code:
        raise Refused("df is not modelled here")
    if rows:
        _disks(call, rows, found)
    return code


def _disks(call: Call, rows: list[FileSystemUse], found: Options) -> None:
    human, inodes, typed = found.on("h"), found.on("i"), found.on("T")
    per = 1 if inodes else (1 << 20 if found.on("m") else 1024)
    heads = ("Inodes", "IUsed", "IFree") if inodes else ("Size", "Used", "Avail")
    if not human and not inodes:
        heads = ("1M-blocks" if found.on("m") else "1K-blocks", "Used", "Available")
    kind = f"{'Type':<8} " if typed else ""
    call.line(
        f"{'Filesystem':<15} {kind}{heads[0]:>10} {heads[1]:>9} {heads[2]:>9} "
        f"{'IUse%' if inodes else 'Use%'} Mounted on"
    )
    for one in rows:
        size, used = (one.inodes, one.used_inodes) if inodes else (one.size_bytes, one.used_bytes)
        values = (size, used, max(0, size - used))
        shown = [
            _amount(value, 1, True).replace("i", "")
            if human and not inodes and value
            else str(value // per)
            for value in values
        ]
        share = f"{-(-used * 100 // size)}%" if size else "-"
        kind = f"{one.type:<8} " if typed else ""
        call.line(
            f"{one.source:<15} {kind}{shown[0]:>10} {shown[1]:>9} {shown[2]:>9} "
            f"{share:>{5 if inodes else 4}} {one.target}"
        )


def mount(call: Call) -> Outcome:
    """What is mounted; mounting needs a capability."""
    if call.words:
        hardening = call.seat.hardening
        blocked = hardening.blocks("mount") or not hardening.holds_inside("CAP_SYS_ADMIN")
        if blocked or "CAP_SYS_ADMIN" not in hardening.caps:
            call.err("mount: permission denied (are you root?)")
            return 32
        raise Refused("mounting is not modelled")
    call.lines(list(call.seat.mounts))
    return 0


def dmesg(call: Call) -> Outcome:
    """The kernel's log: Linux keeps it from most containers, a sandbox has one of its own."""
    found = read(call, "Hxkrew", "", {"human": "H", "kernel": "k", "raw": "r", "follow": "w"})
    if found.bad:
        return bad(call, found)
    lines = list(call.seat.kernel_log)
    said = [] if lines else call.view.kernel_log()
    if said is None:
        call.err("dmesg: read kernel buffer failed: Operation not permitted")
        return 1
    call.lines([*lines, *(f"[{time:12.6f}] {text}" for time, text in said)])
    return 0


def du(call: Call) -> Outcome:
    """Bytes of files below a path."""
    found = read(call, "shkmacx", "d")
    if found.bad:
        return bad(call, found)
    code = 0
    for name in found.rest or ["."]:
        try:
            total = _size(call, call.path(name), 0)
        except FileProblem as problem:
            code = call.fail(f"cannot access '{name}': {problem.says}")
            continue
        shown = (
            _amount(total, 1, True).replace("i", "") if found.on("h") else str(-(-total // 1024))
        )
        call.line(f"{shown}\t{name}")
    return code


def _size(call: Call, path: str, depth: int) -> int:
    found = call.files.stat(path, follow=False)
    total = found.size_bytes
    if found.kind == "dir" and depth < 40:
        below = call.entries(path)
        total += sum(_size(call, one.path, depth + 1) for one in below)
    return total


def top(call: Call) -> Outcome:
    """A screen that is drawn anew each second: only the batch form is answered."""
    raise Refused(
        "'top' draws its screen again and again, which is not modelled; use: ps, or docker stats"
    )
