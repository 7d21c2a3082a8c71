"""ls, stat, readlink, which, find: what is there."""

from __future__ import annotations

import posixpath

from simulator.errors import Refused
from simulator.image.problems import FileProblem, NotListed
from simulator.programs.call import Call
from simulator.programs.files import Content
from simulator.programs.finding import Absent
from simulator.programs.finding import find as program_of
from simulator.programs.pauses import Outcome
from simulator.programs.shell.expansion import matches
from simulator.programs.tools.filing import MAX_COPIED, each_path
from simulator.programs.tools.options import Options, bad, read


def ls(call: Call) -> Outcome:
    """Names in folders; with ``-l`` modes, owners and sizes."""
    found = read(call, "laA1hRdtrSniFsc", names={"color": "c", "all": "a"})
    if found.bad:
        return bad(call, found)
    if found.flags & set("Rtisc"):
        raise Refused("ls -R, and orders and columns of times and inodes, are not modelled")
    code, shown = 0, 0
    for name in found.rest or ["."]:
        try:
            rows = _listed(call, name, found)
        except NotListed:
            raise Refused(f"what is in {name} is known as a sum only") from None
        except FileProblem as problem:
            code = call.fail(f"cannot access '{name}': {problem.says}", 2)
            continue
        if len(found.rest) > 1 and call.files.is_folder(call.path(name)):
            call.line(("\n" if shown else "") + f"{name}:")
        if found.on("l") and not found.on("d") and call.files.is_folder(call.path(name)):
            call.line(f"total {sum(-(-one.size_bytes // 1024) for _, one in rows)}")
        for label, one in rows:
            call.line(_long(call, label, one, found) if found.on("l") else label)
        shown += 1
    return code


def _listed(call: Call, name: str, found: Options) -> list[tuple[str, Content]]:
    path = call.path(name)
    kernel = _kernel_names(call, path)
    if kernel and not call.files.exists(path):
        return [(one, _Plain(one)) for one in kernel]
    entry = call.files.stat(path)
    if entry.kind != "dir" or found.on("d"):
        return [(name, entry)]
    entries = list(call.files.entries(path, call.user))
    if entry.files > 1 and not entries:
        raise NotListed(path)
    if path == "/":
        there = {one.name for one in entries}
        wanted = [name for name in call.seat.root if name not in there]
        entries += [call.files.stat(f"/{one}") for one in wanted if call.files.is_folder(f"/{one}")]
    rows: list[tuple[str, Content]] = [(one.name, one) for one in entries]
    known = {label for label, _ in rows}
    rows += [(one, _Plain(one)) for one in kernel if one not in known]
    if not found.on("a") and not found.on("A"):
        rows = [row for row in rows if not row[0].startswith(".")]
    rows.sort(key=lambda row: row[0])
    if found.on("S"):
        rows.sort(key=lambda row: -row[1].size_bytes)
    if found.on("a"):
        rows = [(".", entry), ("..", entry), *rows]
    return rows[::-1] if found.on("r") else rows


class _Plain:
    """A file of the kernel's, of which nothing more is known."""

    kind, size_bytes, mode, uid, gid, target, files = "file", 0, 0o444, 0, 0, "", 1
    text: str | None = None

    def __init__(self, name: str) -> None:
        self.name = name
        self.path = name


def _kernel_names(call: Call, path: str) -> list[str]:
    folder = path.rstrip("/") + "/"
    if not path.startswith(("/proc", "/sys")):
        return []
    return sorted(
        {one[len(folder) :].partition("/")[0] for one in call.seat.files if one.startswith(folder)}
    )


def _long(call: Call, label: str, one: Content, found: Options) -> str:
    size = str(one.size_bytes)
    if found.on("h"):
        for sign, unit in (("G", 1 << 30), ("M", 1 << 20), ("K", 1 << 10)):
            if one.size_bytes >= unit:
                size = f"{one.size_bytes / unit:.1f}{sign}"
                break
    arrow = f" -> {one.target}" if one.kind == "symlink" else ""
    owner = "root" if one.uid == 0 else str(one.uid)
    group = "root" if one.gid == 0 else str(one.gid)
    return f"{permissions(one)} 1 {owner:<8} {group:<8} {size:>9} {label}{arrow}"


def permissions(one: Content) -> str:
    """``-rwxr-xr-x``."""
    kind = {"dir": "d", "symlink": "l"}.get(one.kind, "-")
    letters = "".join(
        letter if one.mode >> (8 - at) & 1 else "-" for at, letter in enumerate("rwxrwxrwx")
    )
    if one.mode & 0o1000:
        letters = letters[:-1] + ("t" if letters[-1] == "x" else "T")
    return kind + letters


def stat(call: Call) -> Outcome:
    """Size, mode and owner of files."""
    found = read(call, "Lft", "c", {"format": "c"})
    if found.bad:
        return bad(call, found)
    form = found.values.get("c")

    def show(name: str) -> None:
        one = call.stat(name, follow=found.on("L"))
        kinds = {"dir": "directory", "symlink": "symbolic link"}
        kind = kinds.get(one.kind, "regular file" if one.size_bytes else "regular empty file")
        values = {
            "%n": name, "%s": str(one.size_bytes), "%a": f"{one.mode & 0o7777:o}",
            "%A": permissions(one), "%u": str(one.uid), "%g": str(one.gid), "%F": kind,
            "%U": "root" if one.uid == 0 else str(one.uid),
            "%G": "root" if one.gid == 0 else str(one.gid),
        }  # fmt: skip
        if form is None:
            call.line(f"  File: {name}")
            call.line(f"  Size: {one.size_bytes:<15}\t{kind}")
            mode = f"({one.mode & 0o7777:04o}/{permissions(one)})"
            call.line(f"Access: {mode}  Uid: {one.uid:>5}   Gid: {one.gid:>5}")
            return
        text = form
        for mark, value in values.items():
            text = text.replace(mark, value)
        call.line(text)

    return each_path(call, found.rest, show, "stat")


def readlink(call: Call) -> Outcome:
    """Where links lead."""
    found = read(call, "fenm")
    code = 0
    for name in found.rest:
        try:
            if found.flags & {"f", "e", "m"} or call.name == "realpath":
                call.line(call.files.resolve(call.path(name)))
            else:
                one = call.stat(name, follow=False)
                if one.kind == "symlink":
                    call.line(one.target)
                else:
                    code = 1
        except FileProblem:
            code = 1
    return code


def which(call: Call) -> Outcome:
    """Where programs are."""
    code = 0
    for name in call.words:
        if name.startswith("-"):
            continue
        found = program_of(call.view, name, call.env, call.machine.scope.cwd)
        if isinstance(found, Absent):
            code = 1
        else:
            call.line(found.path)
    return code


def find(call: Call) -> Outcome:
    """Paths below a folder: ``-name``, ``-type``, ``-maxdepth``."""
    words = list(call.words)
    starts: list[str] = []
    while words and not words[0].startswith(("-", "(", "!")):
        starts.append(words.pop(0))
    tests: dict[str, str] = {}
    while words:
        word = words.pop(0)
        if word in ("-print", "-xdev"):
            continue
        if word not in ("-name", "-type", "-maxdepth", "-iname", "-size") or not words:
            raise Refused(f"find {word} is not modelled")
        tests[word] = words.pop(0)
    if "-size" in tests:
        raise Refused("find -size is not modelled")
    code = 0
    for start in starts or ["."]:
        try:
            _walk(call, start, call.stat(start, follow=False), tests, 0, [0])
        except FileProblem as problem:
            code = call.fail(f"'{start}': {problem.says}")
    return code


def _walk(
    call: Call, label: str, one: Content, tests: dict[str, str], depth: int, count: list[int]
) -> None:
    count[0] += 1
    if count[0] > MAX_COPIED:
        raise Refused(f"find through more than {MAX_COPIED} files is not modelled")
    name = posixpath.basename(label.rstrip("/")) or label
    wanted = {"f": "file", "d": "dir", "l": "symlink"}.get(tests.get("-type", ""))
    named = "-name" not in tests or matches(name, tests["-name"])
    named = named and ("-iname" not in tests or matches(name.lower(), tests["-iname"].lower()))
    if named and (wanted is None or one.kind == wanted):
        call.line(label)
    most = tests.get("-maxdepth", "60")
    if one.kind == "dir" and depth < (int(most) if most.isdigit() and len(most) < 4 else 60):
        for inner in call.files.entries(one.path, call.user):
            _walk(call, f"{label.rstrip('/')}/{inner.name}", inner, tests, depth + 1, count)
