"""ls: names in folders; with ``-l`` modes, owners, sizes and dates, in GNU's columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from simulator.errors import Refused
from simulator.image.problems import FileProblem, NotListed
from simulator.programs.call import Call
from simulator.programs.files import Content
from simulator.programs.pauses import Outcome
from simulator.programs.tools.identity import group_name, user_name
from simulator.programs.tools.options import Options, bad, read
from simulator.units import EPOCH

BLOCK_BYTES = 4096
"""What a folder takes, and a file at least, on a disk (mke2fs(8), the usual block size)."""
_RECENT_S = 31_556_952 / 2
"""What is older is shown with its year in place of the time (GNU coreutils, ls)."""
Row = tuple[str, Content]


def ls(call: Call) -> Outcome:
    """Names in folders; with ``-l`` modes, owners, sizes and dates."""
    found = read(call, "laA1hRdtrSniFsc", names={"color": "1", "all": "a"})
    if found.bad:
        return bad(call, found)
    for letter in "Risc":
        if found.on(letter):
            raise Refused(f"ls -{letter} is not modelled")
    code, shown = 0, 0
    for name in found.rest or ["."]:
        try:
            rows = _listed(call, name, found)
        except NotListed:
            raise Refused(f"what is in {name} is known as a sum only") from None
        except FileProblem as problem:
            code = call.fail(f"cannot access '{name}': {problem.says}", 2)
            continue
        folder = not found.on("d") and call.files.is_folder(call.path(name))
        if len(found.rest) > 1 and folder:
            call.line(("\n" if shown else "") + f"{name}:")
        for line in _lines(call, rows, found, folder):
            call.line(line)
        shown += 1
    return code


def _listed(call: Call, name: str, found: Options) -> list[Row]:
    path = call.path(name)
    kernel = _kernel_names(call, path)
    if kernel and not call.files.exists(path):
        return [(one, _Plain(one)) for one in kernel]
    entry = call.files.stat(path)
    if entry.kind != "dir" or found.on("d"):
        return [(name, entry)]
    entries = list(call.entries(path))
    if entry.files > 1 and not entries:
        raise NotListed(path)
    rows: list[Row] = [(one.name, one) for one in entries]
    known = {label for label, _ in rows}
    rows += [(one, _Plain(one)) for one in kernel if one not in known]
    if not found.on("a") and not found.on("A"):
        rows = [row for row in rows if not row[0].startswith(".")]
    if found.on("a"):
        rows = [(".", entry), ("..", entry), *rows]
    return _sorted(rows, found)


def _sorted(rows: list[Row], found: Options) -> list[Row]:
    rows.sort(key=lambda row: row[0])
    if found.on("S"):
        rows.sort(key=lambda row: -size_of(row[1]))
    if found.on("t"):
        rows.sort(key=lambda row: -row[1].modified_s)
    return rows[::-1] if found.on("r") else rows


def _kernel_names(call: Call, path: str) -> list[str]:
    folder = path.rstrip("/") + "/"
    if not path.startswith(("/proc", "/sys")):
        return []
    return sorted(
        {one[len(folder) :].partition("/")[0] for one in call.seat.files if one.startswith(folder)}
    )


@dataclass(frozen=True, slots=True)
class _Plain:
    """A file of the kernel's, of which nothing more is known."""

    name: str
    kind: str = "file"
    size_bytes: int = 0
    mode: int = 0o444
    uid: int = 0
    gid: int = 0
    target: str = ""
    files: int = 1
    text: str | None = None
    modified_s: float = 0.0

    @property
    def path(self) -> str:
        """Its name."""
        return self.name


def _lines(call: Call, rows: list[Row], found: Options, folder: bool) -> list[str]:
    if not found.on("l") and not found.on("n"):
        return [label + (_sign(one) if found.on("F") else "") for label, one in rows]
    cells = [_cells(call, one, found) for _, one in rows]
    widths = [max((len(row[at]) for row in cells), default=0) for at in range(5)]
    lines = []
    for (label, one), (mode, user, group, size, when) in zip(rows, cells, strict=True):
        arrow = f" -> {one.target}" if one.kind == "symlink" else ""
        sign = _sign(one) if found.on("F") and not arrow else ""
        lines.append(
            f"{mode} 1 {user:<{widths[1]}} {group:<{widths[2]}} {size:>{widths[3]}} {when} "
            f"{label}{sign}{arrow}"
        )
    if folder:
        taken = sum(_taken(one) for _, one in rows)
        lines.insert(0, f"total {_human(taken) if found.on('h') else taken // 1024}")
    return lines


def _cells(call: Call, one: Content, found: Options) -> Sequence[str]:
    numbers = found.on("n")
    size = size_of(one)
    return (
        permissions(one),
        str(one.uid) if numbers else user_name(call, one.uid) or str(one.uid),
        str(one.gid) if numbers else group_name(call, one.gid) or str(one.gid),
        _human(size) if found.on("h") else str(size),
        _dated(one.modified_s, call.view.now_s),
    )


def _dated(modified_s: float, now_s: float) -> str:
    when = EPOCH + timedelta(seconds=min(modified_s, 1e9))
    late = f"{when:%H:%M}" if now_s - modified_s < _RECENT_S else f" {when.year}"
    return f"{when:%b} {when.day:>2} {late}"


def size_of(one: Content) -> int:
    """Bytes as ``stat`` says them: of a folder those of its own list of names, not of its files."""
    if one.kind != "dir":
        return one.size_bytes
    return 0 if one.path.startswith(("/proc", "/sys")) else BLOCK_BYTES


def _taken(one: Content) -> int:
    """Bytes on the disk, in whole blocks; a short link lies in its inode."""
    if one.kind == "symlink":
        return 0
    return -(-size_of(one) // BLOCK_BYTES) * BLOCK_BYTES


def _human(size: int) -> str:
    """GNU's ``-h``: rounded up, with one decimal below ten."""
    for sign, unit in (("G", 1 << 30), ("M", 1 << 20), ("K", 1 << 10)):
        if size >= unit:
            tenths = -(-size * 10 // unit)
            return f"{tenths / 10:.1f}{sign}" if tenths < 100 else f"{-(-size // unit)}{sign}"
    return str(size)


def _sign(one: Content) -> str:
    """What ``-F`` adds to a name."""
    if one.kind == "file":
        return "*" if one.mode & 0o111 else ""
    return {"dir": "/", "symlink": "@"}.get(one.kind, "")


def permissions(one: Content) -> str:
    """``-rwxr-xr-x``."""
    kind = {"dir": "d", "symlink": "l"}.get(one.kind, "-")
    letters = "".join(
        letter if one.mode >> (8 - at) & 1 else "-" for at, letter in enumerate("rwxrwxrwx")
    )
    if one.mode & 0o1000:
        letters = letters[:-1] + ("t" if letters[-1] == "x" else "T")
    return kind + letters
