"""Users and groups of an image: those of its distribution, and those that its builder made.

Whoever is made by ``useradd``, ``adduser`` and their like in a RUN of the image's history has the
number that these programs give; a copied ``/etc/passwd`` or ``/etc/group`` counts as it stands.
Facts: passwd(5), group(5), the base images themselves, useradd(8), busybox ``adduser --help``.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache

from simulator.image.builder.shell import Command, split_script
from simulator.image.model import Image
from simulator.image.union import FileSystem

FIRST_ID, FIRST_SYSTEM_ID, LAST_SYSTEM_ID = 1000, 100, 999
"""Where numbers begin: of people; of services on Alpine, upwards; on Debian, downwards."""
_MOST_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True)
class Account:
    """One line of /etc/passwd."""

    name: str
    uid: int
    gid: int
    home: str = "/"
    shell: str = "/sbin/nologin"


@dataclass(frozen=True, slots=True)
class Group:
    """One line of /etc/group."""

    name: str
    gid: int
    members: tuple[str, ...] = ()


_DEBIAN: tuple[Account, ...] = (
    Account("root", 0, 0, "/root", "/bin/bash"),
    Account("daemon", 1, 1, "/usr/sbin"),
    Account("bin", 2, 2, "/bin"),
    Account("sys", 3, 3, "/dev"),
    Account("games", 5, 60, "/usr/games"),
    Account("man", 6, 12, "/var/cache/man"),
    Account("mail", 8, 8, "/var/mail"),
    Account("www-data", 33, 33, "/var/www"),
    Account("backup", 34, 34, "/var/backups"),
    Account("_apt", 42, 65534, "/nonexistent"),
    Account("nobody", 65534, 65534, "/nonexistent"),
)
_ALPINE: tuple[Account, ...] = (
    Account("root", 0, 0, "/root", "/bin/sh"),
    Account("bin", 1, 1, "/bin"),
    Account("daemon", 2, 2, "/sbin"),
    Account("mail", 8, 12, "/var/mail"),
    Account("guest", 405, 100, "/dev/null"),
    Account("nobody", 65534, 65534, "/"),
)
_BUSYBOX: tuple[Account, ...] = (
    Account("root", 0, 0, "/root", "/bin/sh"),
    Account("daemon", 1, 1, "/usr/sbin"),
    Account("bin", 2, 2, "/bin"),
    Account("sys", 3, 3, "/dev"),
    Account("www-data", 33, 33, "/var/www"),
    Account("operator", 37, 37, "/var"),
    Account("nobody", 65534, 65534, "/home"),
)
_GROUPS = (
    ("sys", 3), ("adm", 4), ("tty", 5), ("disk", 6), ("wheel", 10), ("dialout", 20), ("audio", 29),
    ("staff", 50), ("users", 100),
)  # fmt: skip
_ROOT_GROUPS = {"floppy": 11, "tape": 26, "video": 27}
_OF_ROOT = (
    "root", "bin", "daemon", "sys", "adm", "disk", "wheel", "floppy", "dialout", "tape", "video",
)  # fmt: skip
"""Groups of which root is a member on Alpine."""
_OF_PROGRAMS = {
    "node": (Account("node", 1000, 1000, "/home/node", "/bin/bash"),),
    "nginx": (Account("nginx", 101, 101, "/nonexistent"),),
    "redis-server": (Account("redis", 999, 999, "/data"),),
    "postgres": (Account("postgres", 999, 999, "/var/lib/postgresql", "/bin/bash"),),
    "mysqld": (Account("mysql", 999, 999, "/var/lib/mysql"),),
    "mariadbd": (Account("mysql", 999, 999, "/var/lib/mysql"),),
    "mongod": (Account("mongodb", 999, 999, "/data/db"),),
    "memcached": (Account("memcache", 11211, 11211),),
    "haproxy": (Account("haproxy", 99, 99),),
    "httpd-foreground": (Account("www-data", 33, 33, "/var/www"),),
}


@dataclass(slots=True)
class Accounts:
    """The users and groups that an image has, by name."""

    users: dict[str, Account] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    upwards: bool = False
    """Whether services get their numbers upwards, as on Alpine."""

    def user(self, uid: int) -> Account | None:
        """Who has a number."""
        return next((one for one in self.users.values() if one.uid == uid), None)

    def group(self, gid: int) -> Group | None:
        """Which group has a number."""
        return next((one for one in self.groups.values() if one.gid == gid), None)

    def also_in(self, name: str) -> tuple[int, ...]:
        """Numbers of the groups of which a user is a member besides its own."""
        return tuple(sorted(one.gid for one in self.groups.values() if name in one.members))

    def passwd(self) -> str:
        """The text of /etc/passwd."""
        rows = self.users.values()
        return "".join(f"{a.name}:x:{a.uid}:{a.gid}:{a.name}:{a.home}:{a.shell}\n" for a in rows)

    def group_file(self) -> str:
        """The text of /etc/group."""
        rows = sorted(self.groups.values(), key=lambda one: one.gid)
        return "".join(f"{g.name}:x:{g.gid}:{','.join(g.members)}\n" for g in rows)

    def add_user(self, account: Account) -> None:
        """One more user."""
        self.users[account.name] = account

    def add_group(self, group: Group) -> None:
        """One more group."""
        self.groups[group.name] = group

    def free(self, *, system: bool, users: bool = True, groups: bool = True) -> int:
        """The next number that no user, no group, or neither has."""
        taken = {one.uid for one in self.users.values()} if users else set()
        taken |= {one.gid for one in self.groups.values()} if groups else set()
        if not system:
            numbers: Iterator[int] = iter(range(FIRST_ID, 65_000))
        elif self.upwards:
            numbers = iter(range(FIRST_SYSTEM_ID, FIRST_ID))
        else:
            numbers = iter(range(LAST_SYSTEM_ID, FIRST_SYSTEM_ID, -1))
        return next((one for one in numbers if one not in taken), 65_000)


@dataclass(frozen=True, slots=True)
class _Asked:
    digest: str
    made_by: str
    image: Image = field(compare=False)


def accounts(image: Image) -> Accounts:
    """The users and groups of an image; the same object each time: change nothing in it."""
    made_by = image.layers[0].created_by if image.layers else ""
    return _accounts(_Asked(image.digest, made_by, image))


@lru_cache(maxsize=128)
def _accounts(asked: _Asked) -> Accounts:
    image = asked.image
    found = _base(image)
    for entry in image.history:
        script = re.match(r"(?:\|\d+ .*? )?(?:RUN )?/bin/(?:ba)?sh -c (.*)", entry.created_by, re.S)
        if script is not None and re.search(r"user|group", script[1]) is not None:
            for command in split_script(script[1][:_MOST_CHARACTERS]):
                _perform(found, command)
    for word in image.config.argv:
        for account in _OF_PROGRAMS.get(posixpath.basename(word), ()):
            _with_group(found, account)
    _of_base(found, image)
    files = FileSystem(image.layers)
    _read(found, files)
    return found


def _of_base(found: Accounts, image: Image) -> None:
    """A user whom the image runs as and whom no line of its Dockerfile could have made.

    It came with its base, or a script made it of which nothing is known but its name.
    """
    name = image.config.user.partition(":")[0]
    lines = [entry.created_by for entry in image.history]
    named = any(line == f"USER {image.config.user}" for line in lines)
    hidden = any(line.startswith("RUN") and ".sh" in line for line in lines)
    if name and not name.isdigit() and name not in found.users and (hidden or not named):
        uid = found.free(system=False)
        _with_group(found, Account(name, uid, uid, f"/home/{name}"))


def _base(image: Image) -> Accounts:
    made_by = image.layers[0].created_by if image.layers else ""
    upwards = "alpine" in made_by or "busybox" in made_by
    found = Accounts(upwards=upwards)
    if not image.layers:
        return found
    for name, gid in (*_GROUPS, ("nogroup", 65533 if "alpine" in made_by else 65534)):
        found.add_group(Group(name, gid))
    table = _DEBIAN
    if upwards:
        table = _ALPINE if "alpine" in made_by else _BUSYBOX
    for account in table:
        _with_group(found, account)
    if "alpine" in made_by:
        for name in _OF_ROOT:
            group = found.groups.get(name) or Group(name, _ROOT_GROUPS[name])
            found.add_group(replace(group, members=("root",)))
    return found


def _with_group(found: Accounts, account: Account) -> None:
    if account.name not in found.users:
        found.add_user(account)
        if found.group(account.gid) is None:
            found.add_group(Group(account.name, account.gid))


def _read(found: Accounts, files: FileSystem) -> None:
    """Files that were copied into the image say who there is, and nobody else."""
    passwd, group = files.lookup("/etc/passwd"), files.lookup("/etc/group")
    if passwd is not None and passwd.text:
        found.users.clear()
        for row in _rows(passwd.text, 7):
            found.add_user(Account(row[0], int(row[2]), int(row[3]), row[5], row[6]))
    if group is not None and group.text:
        found.groups.clear()
        for row in _rows(group.text, 4):
            members = tuple(name for name in row[3].split(",") if name)
            found.add_group(Group(row[0], int(row[2]), members))


def _rows(text: str, columns: int) -> list[list[str]]:
    rows = [line.split(":") for line in text.splitlines()[:1000]]
    numbers = 2 if columns == 4 else 3
    return [
        row
        for row in rows
        if len(row) == columns and all(one.isdigit() for one in row[2 : numbers + 1])
    ]


# --- programs that make users ---------------------------------------------------------------------

_VALUES = {
    "useradd": "ugGdscbkKpRef",
    "adduser": "uGhgs",
    "groupadd": "gKpR",
    "addgroup": "g",
    "usermod": "ugGdscle",
}
"""Short flags with a value."""
_LONG = (
    "uid", "gid", "home", "home-dir", "shell", "ingroup", "gecos", "groups", "comment", "base-dir",
)  # fmt: skip
"""Long flags with a value."""


def _perform(found: Accounts, command: Command) -> None:
    """What one command does to users and groups."""
    name = posixpath.basename(command.program)
    if name not in _VALUES or command.guarded:
        return
    flags, words = _options(name, command.words[1:])
    if not words:
        return
    if name in ("groupadd", "addgroup") and len(words) == 1:
        number = flags.get("g", flags.get("gid", ""))
        system = bool({"r", "S", "system"} & set(flags))
        gid = int(number) if number.isdigit() else found.free(system=system, users=False)
        if words[0] not in found.groups:
            found.add_group(Group(words[0], gid))
    elif name == "usermod":
        _join(found, words[-1], flags.get("G", flags.get("groups", "")))
    elif len(words) >= 2:
        _join(found, words[0], words[1])
    else:
        _user(found, name, flags, words[0])


def _options(name: str, words: tuple[str, ...]) -> tuple[dict[str, str], list[str]]:
    """Flags with their values, and what is left."""
    flags: dict[str, str] = {}
    rest: list[str] = []
    values = iter(words)
    for word in values:
        if word.startswith("--"):
            key, equals, value = word[2:].partition("=")
            flags[key] = value if equals else next(values, "") if key in _LONG else ""
        elif word.startswith("-") and len(word) > 1:
            for at, letter in enumerate(word[1:], 1):
                flags[letter] = ""
                if letter in _VALUES[name]:
                    flags[letter] = word[at + 1 :] or next(values, "")
                    break
        else:
            rest.append(word)
    return flags, rest


def _user(found: Accounts, program: str, flags: dict[str, str], name: str) -> None:
    if name in found.users:
        return
    system = bool({"r", "S", "system"} & set(flags))
    stated = flags.get("u", flags.get("uid", ""))
    own = flags.get("G") if program == "adduser" and found.upwards else flags.get("g")
    own = own or flags.get("gid") or flags.get("ingroup") or ""
    group = found.groups.get(own)
    alone = not own and not (program == "adduser" and system and "group" not in flags)
    uid = int(stated) if stated.isdigit() else found.free(system=system, groups=alone)
    if own.isdigit():
        gid = int(own)
    elif group is not None:
        gid = group.gid
    elif not alone:
        gid = 65533 if found.upwards else 65534
    else:
        gid = uid if found.group(uid) is None else found.free(system=system, users=False)
        found.add_group(Group(name, gid))
    home = flags.get("h") or flags.get("d") or flags.get("home") or flags.get("home-dir")
    shell = flags.get("s") or flags.get("shell") or "/bin/sh"
    found.add_user(Account(name, uid, gid, home or f"/home/{name}", shell))
    if program == "useradd":
        _join(found, name, flags.get("G", flags.get("groups", "")))


def _join(found: Accounts, name: str, groups: str) -> None:
    for each in groups.split(","):
        group = found.groups.get(each)
        if group is not None and name not in group.members:
            found.add_group(replace(group, members=(*group.members, name)))
