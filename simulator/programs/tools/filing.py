"""ls, mkdir, rm, touch, cp, mv, ln, stat, chmod, chown, dd, …: what is done with files."""

from __future__ import annotations

import posixpath
from collections.abc import Callable

from simulator.dockerfile.modes import apply_chmod
from simulator.errors import InputError, Refused
from simulator.image.problems import FileProblem, IsADirectory, NoSuchFile
from simulator.programs.call import Call
from simulator.programs.files import Content
from simulator.programs.pauses import Outcome
from simulator.programs.tools.identity import rows
from simulator.programs.tools.options import Options, bad, read

MAX_COPIED = 2000


def each_path(call: Call, names: list[str], act: Callable[[str], None], verb: str) -> int:
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

    return each_path(call, found.rest, act, "touch")


def mkdir(call: Call) -> Outcome:
    """Make folders; ``-p`` those above too."""
    found = read(call, "pv", "m", {"parents": "p", "mode": "m"})
    if found.bad:
        return bad(call, found)
    mode = _mode(found.values.get("m", "755"), 0o755)

    def act(name: str) -> None:
        call.files.mkdir(call.path(name), parents=found.on("p"), user=call.user, mode=mode or 0o755)

    return each_path(call, found.rest, act, "create directory")


def rmdir(call: Call) -> Outcome:
    """Remove empty folders."""
    found = read(call, "pv")

    def act(name: str) -> None:
        call.files.remove(call.path(name), user=call.user)

    return each_path(call, found.rest, act, "remove")


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
    return each_path(call, found.rest, act, "remove")


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
    inner = call.entries(one.path)
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

    return each_path(call, words[1:], act, "access")


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

    return each_path(call, words[1:], act, "access")
