"""Sizes of files that the model did not see being made: by what their names say they are."""

from __future__ import annotations

import posixpath
import re

from simulator.image.builder.costs import MB, table

ASSUMED_BYTES = 10_000_000
"""Size of a file of which nothing is known: an ordinary static binary."""
ASSUMED_FOLDER = 20_000_000
_TEXT = re.compile(
    r".*\.(conf|cfg|ini|ya?ml|json|toml|xml|properties|sh|bash|txt|md|list|asc|gpg|key|pem|crt|"
    r"env|repo|sql|html?|css|service|rules|sum|sha256|py|rb|js|mjs|lock)"
)
_SIZES = ((".jar", 30), (".war", 40), (".whl", 2), (".deb", 15), (".rpm", 15), (".so", 1),
          (".zip", 15), (".gz", 15), (".tgz", 15), (".xz", 12), (".bz2", 15), (".AppImage", 90),
          (".tar", 40), (".dll", 1), (".wasm", 2))  # fmt: skip
_SMALL = 4_000


def assumed_bytes(path: str) -> int:
    """The size to assume for a path whose file nobody lists."""
    name = posixpath.basename(path.rstrip("/"))
    known = table()["downloads"].get(_bare(name))
    if known is not None:
        return round(float(known) * MB)
    if path.startswith("/etc/") or _TEXT.fullmatch(name.lower()):
        return 1_000 if name in ("passwd", "group", "shadow") else _SMALL
    for end, megabytes in _SIZES:
        if name.endswith(end) or f"{end}." in name:
            return megabytes * MB
    folder = "/".join(path.split("/")[:-1])
    if "." not in name and not folder.endswith(("bin", "release")) and name in _FOLDERS:
        return ASSUMED_FOLDER
    return ASSUMED_BYTES


_FOLDERS = frozenset({"dist", "build", "out", "public", "static", "node_modules", "vendor", "lib",
                      "share", "target", "site-packages", "zoneinfo"})  # fmt: skip


def download_bytes(url: str, name: str) -> int:
    """The size to assume for a download, by the name it is saved under and its address."""
    parts = [part for part in re.split(r"[/?=&]", url) if part]
    for part in (name, *reversed(parts)):
        known = table()["downloads"].get(_bare(part))
        if known is not None and not _TEXT.fullmatch(part.lower()):
            return round(float(known) * MB)
    last = posixpath.basename(url.split("?")[0].rstrip("/")).lower()
    if _TEXT.fullmatch(last) or _TEXT.fullmatch(name.lower()) or not name:
        return 20_000
    return 15 * MB


def is_text(url: str, name: str) -> bool:
    """True for a download that is a script, a key or a setting by its name."""
    last = posixpath.basename(url.split("?")[0].rstrip("/")).lower()
    return _TEXT.fullmatch(last) is not None or _TEXT.fullmatch(name.lower()) is not None


def _bare(name: str) -> str:
    """``kubectl-linux-amd64`` and ``helm-v3.14.0-linux-amd64.tar.gz`` are kubectl and helm."""
    bare = re.sub(r"\.(tar\.\w+|tgz|zip|gz|xz|exe|deb)$", "", name.lower())
    return re.split(r"[-_](?:v?\d|linux|x86|amd64|arm64|static|musl)", bare)[0]
