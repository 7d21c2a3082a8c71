"""Which distribution an image is of, and the files and folders by which programs see it.

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
_COMMON = ("bin", "dev", "etc", "home", "proc", "root", "sys", "tmp", "usr", "var")
_LINUX = (*_COMMON, "lib", "media", "mnt", "opt", "run", "sbin", "srv")
_ROOTS = {
    "alpine": _LINUX,
    "debian": (*_LINUX, "boot", "lib64"),
    "ubuntu": (*_LINUX, "boot", "lib64"),
    "busybox": (*_COMMON, "lib", "lib64"),
}


@dataclass(frozen=True, slots=True)
class Distribution:
    """A distribution and its version; nothing for an image of none."""

    name: str = ""
    version: str = ""

    @property
    def root(self) -> tuple[str, ...]:
        """Names of the folders in its root; none where it is not known."""
        return _ROOTS.get(self.name, ())

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


@lru_cache(maxsize=256)
def distribution(made_by: str) -> Distribution:
    """The distribution that a line of a history says."""
    for rule, name in _MADE_BY:
        found = rule.search(made_by)
        if found is not None:
            return Distribution(name, found.group(1) if rule.groups else "")
    return Distribution()
