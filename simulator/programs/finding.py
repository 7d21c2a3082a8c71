"""Whether a program is there, and which: one rule for ``run``, ``exec``, ENTRYPOINT and probes.

It is looked for as the C library does: a name along PATH, a path as it stands. Base images list
their folders of programs; what belongs to a package of many small programs is there with it.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass

from simulator.image.problems import FileProblem, IsADirectory, NotListed
from simulator.programs.files import Content
from simulator.programs.view import View


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
MISSING, DENIED = 127, 126


@dataclass(frozen=True, slots=True)
class Found:
    """A program: where it is, and what is there if that is known."""

    path: str
    content: Content | None = None

    @property
    def name(self) -> str:
        """Its name without the folder."""
        return posixpath.basename(self.path)


@dataclass(frozen=True, slots=True)
class Absent:
    """Why a program cannot be started: the code, and the reason in the words of execve."""

    name: str
    code: int
    reason: str

    @property
    def says(self) -> str:
        """The sentence of the container runtime."""
        return f'exec: "{self.name}": {self.reason}'


def find(view: View, name: str, env: Mapping[str, str], cwd: str = "/") -> Found | Absent:
    """The program that a name means."""
    if view.seat.programs is None:
        return Found(name if "/" in name else f"/usr/bin/{name}")
    if "/" in name:
        return _at(view, name, cwd)
    denied = False
    for folder in env.get("PATH", DEFAULT_PATH).split(":"):
        path = posixpath.join(cwd, folder or ".", name)
        try:
            found = view.files.stat(path)
        except FileProblem:
            continue
        if found.kind != "dir" and found.mode & 0o111:
            return Found(path, found)
        denied = denied or found.kind != "dir"
    if denied:
        return Absent(name, DENIED, "permission denied")
    package = _of_a_package(view, name)
    if package is not None:
        return package
    for folder in env.get("PATH", DEFAULT_PATH).split(":"):
        if _unlisted(view, folder):
            return Found(posixpath.join(folder or "/", name))
    return Absent(name, MISSING, "executable file not found in $PATH")


def _at(view: View, name: str, cwd: str) -> Found | Absent:
    path = _merged(view, posixpath.normpath(posixpath.join(cwd, name)))
    try:
        found = view.files.stat(path)
    except NotListed:
        return Found(path)
    except FileProblem as problem:
        package = _of_a_package(view, posixpath.basename(path))
        if package is not None and package.path == path:
            return package
        if _unlisted(view, path):
            return Found(path)
        told = problem.says.lower()
        return Absent(name, MISSING, f"stat {name}: {told}")
    if found.kind == "dir":
        return Absent(name, DENIED, IsADirectory.says.lower())
    if not found.mode & 0o111:
        return Absent(name, DENIED, "permission denied")
    return Found(path, found)


def _merged(view: View, path: str) -> str:
    """The path behind /bin and /sbin, which are links to /usr in most distributions."""
    if path.startswith(("/bin/", "/sbin/")) and not view.files.exists(path):
        return f"/usr{path}"
    return path


def _unlisted(view: View, path: str) -> bool:
    """Whether something may be at a path that no layer lists: an unknown step of a build ran."""
    return any(
        one == "/" or path == one or path.startswith(one.rstrip("/") + "/") for one in view.unlisted
    )


def _of_a_package(view: View, name: str) -> Found | None:
    for marks, names, folder in PACKAGES:
        if name in names and any(view.files.exists(mark) for mark in marks):
            return Found(f"{folder}/{name}")
    return None


COREUTILS = _words(
    "arch b2sum base32 base64 basename basenc cat chcon chgrp chmod chown chroot cksum comm "
    "cp csplit cut date dd df dir dircolors dirname du echo env expand expr factor false fmt "
    "fold groups head hostid id install join link ln logname ls md5sum mkdir mkfifo mknod "
    "mktemp mv nice nl nohup nproc numfmt od paste pathchk pinky pr printenv printf ptx pwd "
    "readlink realpath rm rmdir runcon seq sha1sum sha224sum sha256sum sha384sum sha512sum "
    "shred shuf sleep sort split stat stdbuf stty sum sync tac tail tee test timeout touch tr "
    "true truncate tsort tty uname unexpand uniq unlink users vdir wc who whoami yes ["
)
"""What GNU coreutils installs (its manual)."""
BUSYBOX = _words(
    "[ [[ arch ash awk base32 base64 basename bc bunzip2 bzcat bzip2 cal cat chgrp chmod "
    "chown chroot cksum clear cmp comm cp cut date dc dd df diff dirname dmesg du echo egrep "
    "env expand expr factor fallocate false fgrep find flock fold free fsync getopt grep "
    "groups gunzip gzip head hexdump hostid hostname id ifconfig install ip ipcs kill killall "
    "less link ln logger ls lsof md5sum mkdir mkfifo mknod mktemp more mount mv nc netstat "
    "nice nl nohup nproc nslookup od paste pgrep pidof ping pkill printenv printf ps pstree "
    "pwd readlink realpath reset rev rm rmdir route sed seq sh sha1sum sha256sum sha512sum "
    "shred shuf sleep sort split stat strings stty su sum sync sysctl tac tail tar tee test "
    "time timeout top touch tr traceroute tree true truncate tty umount uname uniq unlink "
    "unzip uptime usleep vi watch wc wget which who whoami xargs xxd yes zcat"
)
"""Applets of busybox as the official image and Alpine are built (busybox --list)."""
_UTIL_LINUX = _words(
    "mount umount dmesg lsblk more findmnt flock getopt ionice lscpu mountpoint nsenter "
    "setsid taskset unshare whereis rev column fallocate blkid"
)
_GREP_SED = _words("grep egrep fgrep sed find xargs diff cmp gzip gunzip zcat hostname")
OTHER_TOOLS = _UTIL_LINUX | _GREP_SED
"""What Debian and Ubuntu have beside coreutils."""
PACKAGES: tuple[tuple[tuple[str, ...], frozenset[str], str], ...] = (
    (("/bin/busybox", "/busybox/busybox"), BUSYBOX, "/bin"),
    (("/usr/bin/chmod", "/bin/chmod"), COREUTILS, "/usr/bin"),
    (("/usr/bin/dpkg",), OTHER_TOOLS, "/usr/bin"),
)
"""Marks of a package, its programs, and where they are."""
