"""Reading a constant platform such as ``linux/arm64/v8``, as containerd's parser does."""

from __future__ import annotations

import re

_SPECIFIER = re.compile(r"[A-Za-z0-9_.-]+")
_SYSTEMS = frozenset(
    [
        "aix",
        "android",
        "darwin",
        "dragonfly",
        "freebsd",
        "illumos",
        "ios",
        "js",
        "linux",
        "netbsd",
        "openbsd",
        "plan9",
        "solaris",
        "wasip1",
        "windows",
    ]
)
_ARCHITECTURES = frozenset(
    [
        "386",
        "amd64",
        "arm",
        "arm64",
        "loong64",
        "mips",
        "mips64",
        "mips64le",
        "mipsle",
        "ppc64",
        "ppc64le",
        "riscv64",
        "s390x",
        "wasm",
    ]
)
_ALIASES = {
    "i386": "386",
    "x86_64": "amd64",
    "x86-64": "amd64",
    "aarch64": "arm64",
    "armhf": "arm",
    "armel": "arm",
    "macos": "darwin",
}


def constant_parts(platform: str) -> tuple[str, str] | None:
    """Operating system and architecture of a platform, or None when it is no valid one.

    A single word may be either; the other is then the builder's, linux or amd64.
    """
    parts = [_ALIASES.get(part.lower(), part.lower()) for part in platform.split("/")]
    if len(parts) > 3 or not all(_SPECIFIER.fullmatch(part) for part in parts):
        return None
    if len(parts) == 1:
        if parts[0] in _SYSTEMS:
            return parts[0], "amd64"
        return ("linux", parts[0]) if parts[0] in _ARCHITECTURES else None
    return parts[0], parts[1]
