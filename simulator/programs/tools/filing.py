"""ls, mkdir, rm, touch, cp, mv, ln, stat, chmod, chown, dd, …: what is done with files."""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Callable

from simulator.dockerfile.modes import apply_chmod
from simulator.errors import InputError, Refused
from simulator.image.problems import FileProblem, IsADirectory, NoSpace, NoSuchFile, NotListed
from simulator.programs.call import Call
from simulator.programs.files import Content
from simulator.programs.finding import Absent
from simulator.programs.finding import find as program_of
from simulator.programs.pauses import Outcome, Waits
from simulator.programs.shell.expansion import matches
from simulator.programs.shell.streams import DEVICES, ENDLESS_FILES, Endless
from simulator.programs.tools.identity import rows
from simulator.programs.tools.options import Options, bad, read
from simulator.units import parse_bytes

MAX_COPIED = 2000


def _each(call: Call, names: list[str], act: Callable[[str], None], verb: str) -> int:
    """Do something with each path; what cannot be is told in GNU's words."""
    if not names:
        return call.fail("missing operand")
    code = 0
    for name in names:
        try:
            act(name)
        except FileProblem as problem:
            told = f"cannot {verb} '{name}': {problem.says}" if verb else f"{name}: {problem.says}"
            code = call.fail(told)
    return code


# --- looking --------------------------------------------------------------------------------------


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

    return _each(call, found.rest, show, "stat")


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


# --- changing -------------------------------------------------------------------------------------


def touch(call: Call) -> Outcome:
    """Make files that are not there."""
    found = read(call, "acmf", "dtr")
    if found.bad:
        return bad(call, found)

    def act(name: str) -> None:
        path = call.path(name)
        if not call.exists(name) and not found.on("c"):
            call.files.write(path, "", user=call.user)
        elif call.files.exists(path) and not call.files.is_folder(path):
            call.files.write(path, "", append=True, user=call.user)

    return _each(call, found.rest, act, "touch")


def mkdir(call: Call) -> Outcome:
    """Make folders; ``-p`` those above too."""
    found = read(call, "pv", "m", {"parents": "p", "mode": "m"})
    if found.bad:
        return bad(call, found)
    mode = _mode(found.values.get("m", "755"), 0o755)

    def act(name: str) -> None:
        call.files.mkdir(call.path(name), parents=found.on("p"), user=call.user, mode=mode or 0o755)

    return _each(call, found.rest, act, "create directory")


def rmdir(call: Call) -> Outcome:
    """Remove empty folders."""
    found = read(call, "pv")

    def act(name: str) -> None:
        call.files.remove(call.path(name), user=call.user)

    return _each(call, found.rest, act, "remove")


def rm(call: Call) -> Outcome:
    """Remove files; folders with ``-r``."""
    found = read(call, "rRfvid", names={"recursive": "r", "force": "f"})
    if found.bad:
        return bad(call, found)
    force, recursive = found.on("f"), found.on("r") or found.on("R")

    def act(name: str) -> None:
        path = call.path(name)
        if posixpath.normpath(path) == "/" and recursive:
            raise Refused("rm -r / is not modelled: no container would be left")
        try:
            if call.files.stat(path, follow=False).kind == "dir" and not recursive:
                raise IsADirectory(path)
            call.files.remove(path, recursive=recursive, user=call.user)
        except NoSuchFile:
            if not force:
                raise

    if not found.rest and force:
        return 0
    return _each(call, found.rest, act, "remove")


def cp(call: Call) -> Outcome:
    """Copy files; folders with ``-r`` or ``-a``."""
    found = read(call, "rRapfvnTLP", names={"recursive": "r", "archive": "a"})
    return _into(call, found, _copy)


def mv(call: Call) -> Outcome:
    """Give files another path."""
    return _into(call, read(call, "fvnT"), _move)


def _into(call: Call, found: Options, act: Callable[[Call, str, str, Options], None]) -> Outcome:
    if found.bad:
        return bad(call, found)
    if len(found.rest) < 2:
        return call.fail("missing destination file operand")
    *sources, target = found.rest
    folder = call.files.is_folder(call.path(target))
    if len(sources) > 1 and not folder:
        return call.fail(f"target '{target}': No such file or directory")
    code = 0
    for source in sources:
        place = call.path(target)
        if folder:
            place = posixpath.join(place, posixpath.basename(source.rstrip("/")))
        try:
            act(call, source, place, found)
        except FileProblem as problem:
            if problem.path == call.path(source) or not call.exists(source):
                told = f"cannot stat '{source}': {problem.says}"
            else:
                told = f"cannot create regular file '{target}': {problem.says}"
            code = call.fail(told)
    return code


def _copy(call: Call, source: str, place: str, found: Options) -> None:
    path = call.path(source)
    if not call.files.exists(path) and call.known_text(path) is not None:
        call.files.write(place, call.known_text(path), user=call.user)
        return
    one = call.files.stat(path)
    if one.kind == "dir" and not found.flags & {"r", "R", "a"}:
        call.fail(f"-r not specified; omitting directory '{source}'")
        raise IsADirectory(place)
    _copy_tree(call, one, place, [0])


def _copy_tree(call: Call, one: Content, place: str, count: list[int]) -> None:
    count[0] += 1
    if count[0] > MAX_COPIED:
        raise Refused(f"a copy of more than {MAX_COPIED} files is not modelled")
    if one.kind != "dir":
        call.files.write(place, one.text, one.size_bytes, user=call.user, mode=one.mode)
        return
    inner = call.files.entries(one.path, call.user)
    call.files.mkdir(place, parents=True, user=call.user)
    for each in inner:
        _copy_tree(call, each, f"{place}/{each.name}", count)


def _move(call: Call, source: str, place: str, found: Options) -> None:
    path = call.path(source)
    one = call.files.stat(path, follow=False)
    if call.files.resolve(path) == call.files.resolve(place):
        return
    if one.kind == "symlink":
        call.files.link(one.target, place, call.user)
    else:
        _copy_tree(call, one, place, [0])
    call.files.remove(path, recursive=True, user=call.user)


def ln(call: Call) -> Outcome:
    """Symbolic links; a hard link is not kept apart here."""
    found = read(call, "sfnvT")
    if found.bad:
        return bad(call, found)
    if len(found.rest) != 2:
        return call.fail("missing file operand")
    if not found.on("s"):
        raise Refused("hard links are not modelled; use ln -s")
    target, name = found.rest
    path = call.path(name)
    if call.files.is_folder(path) and not found.on("n"):
        path = posixpath.join(path, posixpath.basename(target))
    try:
        if found.on("f") and call.files.exists(path):
            call.files.remove(path, user=call.user)
        call.files.link(target, path, call.user)
    except FileProblem as problem:
        return call.fail(f"failed to create symbolic link '{name}': {problem.says}")
    return 0


def chmod(call: Call) -> Outcome:
    """Permission bits."""
    words = [word for word in call.words if word not in ("-R", "-v", "-f", "--recursive")]
    if len(words) < 2:
        return call.fail("missing operand")

    def act(name: str) -> None:
        before = call.stat(name).mode
        mode = _mode(words[0], before)
        if mode is None:
            raise Refused(f"chmod: invalid mode: ‘{words[0]}’")
        call.files.change(call.path(name), call.user, mode=mode)

    return _each(call, words[1:], act, "access")


def _mode(text: str, before: int) -> int | None:
    """Bits after a mode as chmod takes it; None for what is none."""
    try:
        return apply_chmod(text, before)
    except InputError:
        return None


def chown(call: Call) -> Outcome:
    """Owner and group, by number or by name."""
    words = [word for word in call.words if word not in ("-R", "-v", "-f", "--recursive", "-h")]
    if len(words) < 2:
        return call.fail("missing operand")
    user, _, group = words[0].replace(".", ":", 1).partition(":")
    if call.name == "chgrp":
        user, group = "", words[0]
    users = {row[0]: int(row[2]) for row in rows(call, "/etc/passwd") if row[2].isdigit()}
    groups = {row[0]: int(row[2]) for row in rows(call, "/etc/group") if row[2].isdigit()}
    uid = int(user) if user.isdigit() and len(user) < 10 else users.get(user)
    gid = int(group) if group.isdigit() and len(group) < 10 else groups.get(group)
    if user and uid is None:
        return call.fail(f"invalid user: '{words[0]}'")
    if group and gid is None:
        return call.fail(f"invalid group: '{words[0]}'")

    def act(name: str) -> None:
        one = call.stat(name)
        owner = (one.uid if uid is None else uid, one.gid if gid is None else gid)
        call.files.change(call.path(name), call.user, owner=owner)

    return _each(call, words[1:], act, "access")


# --- bytes ----------------------------------------------------------------------------------------


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

    return _each(call, found.rest, act, "open")


def sync(call: Call) -> Outcome:
    """Everything is written already."""
    return 0


def mktemp(call: Call) -> Outcome:
    """A file with a name that nothing has."""
    found = read(call, "dqut", "p")
    number = 1
    while call.files.exists(f"/tmp/tmp.{number:010d}") and number < 10_000:
        number += 1
    path = f"/tmp/tmp.{number:010d}"
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
