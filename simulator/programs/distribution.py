"""Which distribution an image is of, and the files by which programs see it.

Read from what made its lowest layer. Facts of each: os-release(5), the images themselves.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_CODENAMES = {
    "debian": {"13": "trixie", "12": "bookworm", "11": "bullseye", "10": "buster", "9": "stretch",
               "8": "jessie"},
    "ubuntu": {"26.04": "resolute", "25.10": "questing", "25.04": "plucky", "24.10": "oracular",
               "24.04": "noble", "23.10": "mantic", "22.04": "jammy", "20.04": "focal",
               "18.04": "bionic", "16.04": "xenial", "14.04": "trusty"},
}  # fmt: skip
_UBUNTU_NAMES = {
    "resolute": "Resolute Raccoon",
    "questing": "Questing Quokka",
    "plucky": "Plucky Puffin",
    "oracular": "Oracular Oriole",
    "noble": "Noble Numbat",
    "mantic": "Mantic Minotaur",
    "jammy": "Jammy Jellyfish",
    "focal": "Focal Fossa",
    "bionic": "Bionic Beaver",
    "xenial": "Xenial Xerus",
    "trusty": "Trusty Tahr",
}
_MADE_BY = (
    (re.compile(r"alpine-minirootfs-(\d+\.\d+)"), "alpine"),
    (re.compile(r"debian\.sh .*'(\d+)(?:-slim)?'"), "debian"),
    (re.compile(r"ubuntu-(\d+\.\d+)"), "ubuntu"),
    (re.compile(r"busybox\.tar"), "busybox"),
)
_USERS = {
    "alpine": (
        ("root", 0, 0, "/root", "/bin/sh"), ("bin", 1, 1, "/bin", "/sbin/nologin"),
        ("daemon", 2, 2, "/sbin", "/sbin/nologin"), ("mail", 8, 12, "/var/mail", "/sbin/nologin"),
        ("guest", 405, 100, "/dev/null", "/sbin/nologin"),
        ("nobody", 65534, 65534, "/", "/sbin/nologin"),
    ),
    "busybox": (
        ("root", 0, 0, "/root", "/bin/sh"), ("daemon", 1, 1, "/usr/sbin", "/bin/false"),
        ("bin", 2, 2, "/bin", "/bin/false"), ("sys", 3, 3, "/dev", "/bin/false"),
        ("sync", 4, 100, "/bin", "/bin/sync"), ("mail", 8, 8, "/var/spool/mail", "/bin/false"),
        ("www-data", 33, 33, "/var/www", "/bin/false"),
        ("operator", 37, 37, "/var", "/bin/false"), ("nobody", 65534, 65534, "/home", "/bin/false"),
    ),
    "debian": (
        ("root", 0, 0, "/root", "/bin/bash"), ("daemon", 1, 1, "/usr/sbin", "/usr/sbin/nologin"),
        ("bin", 2, 2, "/bin", "/usr/sbin/nologin"), ("sys", 3, 3, "/dev", "/usr/sbin/nologin"),
        ("games", 5, 60, "/usr/games", "/usr/sbin/nologin"),
        ("mail", 8, 8, "/var/mail", "/usr/sbin/nologin"),
        ("www-data", 33, 33, "/var/www", "/usr/sbin/nologin"),
        ("backup", 34, 34, "/var/backups", "/usr/sbin/nologin"),
        ("_apt", 42, 65534, "/nonexistent", "/usr/sbin/nologin"),
        ("nobody", 65534, 65534, "/nonexistent", "/usr/sbin/nologin"),
    ),
}  # fmt: skip
OWN_USERS = {
    "node": ("node", 1000), "nginx": ("nginx", 101), "redis-server": ("redis", 999),
    "postgres": ("postgres", 999), "mysqld": ("mysql", 999),
}  # fmt: skip
"""Users that images of a program add, by that program."""


@dataclass(frozen=True, slots=True)
class Distribution:
    """A distribution and its version; nothing for an image of none."""

    name: str = ""
    version: str = ""

    @property
    def os_release(self) -> str | None:
        """The text of /etc/os-release; None where it is not known."""
        if self.name == "alpine":
            return (
                f'NAME="Alpine Linux"\nID=alpine\nVERSION_ID={self.version}.0\n'
                f'PRETTY_NAME="Alpine Linux v{self.version}"\n'
                'HOME_URL="https://alpinelinux.org/"\n'
                'BUG_REPORT_URL="https://gitlab.alpinelinux.org/alpine/aports/-/issues"\n'
            )
        code = _CODENAMES.get(self.name, {}).get(self.version, "")
        if self.name == "debian":
            return (
                f'PRETTY_NAME="Debian GNU/Linux {self.version} ({code})"\n'
                f'NAME="Debian GNU/Linux"\nVERSION_ID="{self.version}"\n'
                f'VERSION="{self.version} ({code})"\nVERSION_CODENAME={code}\nID=debian\n'
                'HOME_URL="https://www.debian.org/"\nSUPPORT_URL="https://www.debian.org/support"\n'
                'BUG_REPORT_URL="https://bugs.debian.org/"\n'
            )
        if self.name == "ubuntu":
            lts = " LTS" if self.version.endswith("04") and int(self.version[:2]) % 2 == 0 else ""
            return (
                f'PRETTY_NAME="Ubuntu {self.version}{lts}"\nNAME="Ubuntu"\n'
                f'VERSION_ID="{self.version}"\n'
                f'VERSION="{self.version}{lts} ({_UBUNTU_NAMES.get(code, code)})"\n'
                f"VERSION_CODENAME={code}\nID=ubuntu\nID_LIKE=debian\n"
                'HOME_URL="https://www.ubuntu.com/"\nSUPPORT_URL="https://help.ubuntu.com/"\n'
                'BUG_REPORT_URL="https://bugs.launchpad.net/ubuntu/"\n'
                f"UBUNTU_CODENAME={code}\n"
            )
        return None

    @property
    def users(self) -> tuple[tuple[str, int, int, str, str], ...]:
        """(name, uid, gid, home, shell) of its /etc/passwd."""
        return _USERS.get("debian" if self.name == "ubuntu" else self.name, _USERS["debian"][:1])


@lru_cache(maxsize=256)
def distribution(made_by: str) -> Distribution:
    """The distribution that a line of a history says."""
    for rule, name in _MADE_BY:
        found = rule.search(made_by)
        if found is not None:
            return Distribution(name, found.group(1) if rule.groups else "")
    return Distribution()


def passwd(users: tuple[tuple[str, int, int, str, str], ...]) -> str:
    """/etc/passwd."""
    return "".join(
        f"{name}:x:{uid}:{gid}:{name}:{home}:{shell}\n" for name, uid, gid, home, shell in users
    )


def group(users: tuple[tuple[str, int, int, str, str], ...], *, root_in: bool = False) -> str:
    """/etc/group: a group for each user. ``root_in``: root is in Alpine's groups of devices."""
    seen = {gid: (name, "") for name, uid, gid, _, _ in users if uid == gid}
    if root_in:
        seen |= {gid: (name, "root") for name, gid in _GROUPS_OF_ROOT}
    return "".join(f"{name}:x:{gid}:{members}\n" for gid, (name, members) in sorted(seen.items()))


_GROUPS_OF_ROOT = (
    ("root", 0), ("bin", 1), ("daemon", 2), ("sys", 3), ("adm", 4), ("disk", 6), ("wheel", 10),
    ("floppy", 11), ("dialout", 20), ("tape", 26), ("video", 27),
)  # fmt: skip
"""What ``id`` says in Alpine's own image."""
