"""dd, fallocate, truncate, mktemp, sums of contents: files by their bytes."""

from __future__ import annotations

import hashlib

from simulator.errors import InputError, Refused
from simulator.image.problems import FileProblem, NoSpace
from simulator.programs.call import Call
from simulator.programs.pauses import Outcome, Waits
from simulator.programs.shell.streams import DEVICES, ENDLESS_FILES, Endless
from simulator.programs.tools.filing import each_path
from simulator.programs.tools.options import read
from simulator.units import parse_bytes


def _bytes(text: str) -> int | None:
    try:
        return int(parse_bytes(text.replace("kB", "KB").removesuffix("iB").removesuffix("c")))
    except InputError:
        return None


def dd(call: Call) -> Outcome:
    """Blocks from a file into another, as fast as the disk."""
    options = dict(word.split("=", 1) for word in call.words if "=" in word)
    block = _bytes(options.get("bs", "512"))
    count = options.get("count")
    source, target = options.get("if"), options.get("of")
    if block is None or (count is not None and not (count.isdigit() and len(count) < 12)):
        return call.fail(f"invalid number: '{options.get('bs') if block is None else count}'")
    endless = source in ENDLESS_FILES or isinstance(call.streams.source, Endless)
    if endless and count is None and target not in (None, "/dev/null"):
        total = 1 << 50
    elif endless and count is None:
        raise Refused(f"dd without count= from {source} never ends; it is not modelled")
    elif source is not None and not endless:
        path = call.path(source)
        try:
            size = call.files.stat(path).size_bytes
        except FileProblem as problem:
            return call.fail(f"failed to open '{source}': {problem.says}")
        total = size if count is None else min(size, int(count) * block)
    elif endless:
        total = int(count or 0) * block
    else:
        total = len(call.input().encode())
    return _written(call, total, block, target)


def _written(call: Call, total: int, block: int, target: str | None) -> Outcome:
    seconds, code, more = 0.0, 0, 0
    if target is not None and target not in DEVICES:
        try:
            call.files.write(call.path(target), None, total, user=call.user)
        except NoSpace as full:
            code = call.fail(f"error writing '{target}': {full.says}")
            total, more = full.written_bytes, 1
        except FileProblem as problem:
            return call.fail(f"failed to open '{target}': {problem.says}")
        seconds = total / call.view.disk_bytes_s
    elif target is None:
        call.sink.put_bytes(call.machine, total)
    blocks, rest = divmod(total, max(1, block))
    call.err(f"{blocks + more}+{int(rest > 0 and not more)} records in")
    call.err(f"{blocks}+{int(rest > 0)} records out")
    call.err(f"{total} bytes copied, {seconds:.6g} s")
    return Waits(seconds, code) if seconds > 1e-4 else code


def fallocate(call: Call) -> Outcome:
    """Space for a file at once."""
    found = read(call, "nv", "lo", {"length": "l"})
    size = _bytes(found.values.get("l", ""))
    if found.bad or size is None or len(found.rest) != 1:
        return call.fail("required argument: -l LENGTH FILE")
    try:
        call.files.write(call.path(found.rest[0]), None, size, user=call.user)
    except FileProblem as problem:
        return call.fail(f"fallocate failed: {problem.says}")
    return 0


def truncate(call: Call) -> Outcome:
    """A file of a size: holes take no space, but are counted as bytes here."""
    found = read(call, "c", "s", {"size": "s"})
    size = _bytes(found.values.get("s", ""))
    if found.bad or size is None or not found.rest:
        return call.fail("you must specify either '--size' or '--reference'")

    def act(name: str) -> None:
        call.files.write(call.path(name), "" if size == 0 else None, size, user=call.user)

    return each_path(call, found.rest, act, "open")


def sync(call: Call) -> Outcome:
    """Everything is written already."""
    return 0


def _free(call: Call) -> str:
    """The path of a name that nothing has: as a rule the first, found by halving."""
    taken, free = 0, 1
    while call.files.exists(f"/tmp/tmp.{free:010d}"):
        taken, free = free, 2 * free
    while free - taken > 1:
        middle = (taken + free) // 2
        if call.files.exists(f"/tmp/tmp.{middle:010d}"):
            taken = middle
        else:
            free = middle
    return f"/tmp/tmp.{free:010d}"


def mktemp(call: Call) -> Outcome:
    """A file with a name that nothing has."""
    found = read(call, "dqut", "p")
    path = _free(call)
    try:
        if found.on("d"):
            call.files.mkdir(path, user=call.user, mode=0o700)
        else:
            call.files.write(path, "", user=call.user, mode=0o600)
    except FileProblem as problem:
        return call.fail(
            f"failed to create file via template '/tmp/tmp.XXXXXXXXXX': {problem.says}"
        )
    call.line(path)
    return 0


def checksum(call: Call) -> Outcome:
    """md5sum, sha256sum: of contents that are known."""
    kind = call.name.removesuffix("sum")

    def show(name: str, text: str) -> None:
        digest = hashlib.new(kind, text.encode(), usedforsecurity=False).hexdigest()
        call.line(f"{digest}  {name}")

    names = tuple(word for word in call.words if not word.startswith("-"))
    return call.each_text(names, show)
