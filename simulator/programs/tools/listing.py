"""stat, readlink, which, find: what is there."""

from __future__ import annotations

import posixpath

from simulator.errors import Refused
from simulator.image.problems import FileProblem
from simulator.programs.call import Call
from simulator.programs.files import Content
from simulator.programs.finding import Absent
from simulator.programs.finding import find as program_of
from simulator.programs.pauses import Outcome
from simulator.programs.shell.expansion import matches
from simulator.programs.tools.filing import MAX_COPIED, each_path
from simulator.programs.tools.identity import group_name, user_name
from simulator.programs.tools.ls import permissions, size_of
from simulator.programs.tools.options import bad, read


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
        size = size_of(one)
        values = {
            "%n": name, "%s": str(size), "%a": f"{one.mode & 0o7777:o}",
            "%A": permissions(one), "%u": str(one.uid), "%g": str(one.gid), "%F": kind,
            "%U": user_name(call, one.uid) or "UNKNOWN",
            "%G": group_name(call, one.gid) or "UNKNOWN",
        }  # fmt: skip
        if form is None:
            call.line(f"  File: {name}")
            call.line(f"  Size: {size:<15}\t{kind}")
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
        for inner in call.entries(one.path):
            _walk(call, f"{label.rstrip('/')}/{inner.name}", inner, tests, depth + 1, count)
