"""Secrets that an image would carry: files in layers, values of ARG and ENV."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from functools import lru_cache

from simulator.dockerfile import Instruction
from simulator.image.builder.cache import looks_secret
from simulator.image.builder.model import Finding
from simulator.image.builder.variables import Scope
from simulator.image.model import FILE, Layer

_NAMES = frozenset(
    {
        "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", ".netrc", ".pgpass", ".htpasswd",
        ".git-credentials", "credentials.json", "service-account.json", "kubeconfig", ".npmrc",
        ".pypirc", ".dockercfg", "secrets.yml", "secrets.yaml", "master.key",
    }
)  # fmt: skip
_ENDS = (".pem", ".key", ".p12", ".pfx", ".jks", ".keystore", ".kdbx", ".ppk")
_ENV_FILE = re.compile(r"\.env(\.(?!example|sample|template|dist)[\w.-]+)?")
_FOLDERS = (("/.aws/", "credentials"), ("/.docker/", "config.json"), ("/.kube/", "config"))
_PUBLIC = ("/etc/ssl/", "/usr/share/", "/usr/lib/", "/usr/local/lib/", "/node_modules/")


def secret_file(path: str) -> bool:
    """True when a path looks like a private key, a credential or an environment file."""
    name = posixpath.basename(path)
    if any(part in path for part in _PUBLIC):
        return False
    in_folder = any(part in path and name == last for part, last in _FOLDERS)
    return (
        name in _NAMES
        or in_folder
        or name.lower().endswith(_ENDS)
        or _ENV_FILE.fullmatch(name) is not None
    )


def find_in_files(layer: Layer, line: int) -> list[Finding]:
    """The secret files of a layer; a later rm hides them but does not remove them."""
    return [
        Finding(
            "secret-file",
            path,
            line,
            f"{path} stays readable in layer {layer.id}, even if a later step removes it; "
            "use RUN --mount=type=secret, or leave it out with .dockerignore",
            layer.digest,
        )
        for path in _secret_paths(layer)
    ]


@lru_cache(maxsize=512)
def _secret_paths(layer: Layer) -> tuple[str, ...]:
    """Kept by layer: a cached build asks again for the same layers."""
    return tuple(one.path for one in layer.files if one.kind == FILE and secret_file(one.path))


def find_in_setting(
    instruction: Instruction, scope: Scope, given: Mapping[str, str]
) -> list[Finding]:
    """Values of ARG and ENV that look like credentials: both are kept in the image's history."""
    if instruction.name not in ("ARG", "ENV"):
        return []
    found = []
    for name, value, _ in instruction.pairs:
        if not looks_secret(name) or not (value or given.get(name)):
            continue
        where = "the image's configuration" if instruction.name == "ENV" else "the image's history"
        found.append(
            Finding(
                "secret-value",
                name,
                instruction.line,
                f"{instruction.name} {name} can be read from {where}; use RUN --mount=type=secret",
            )
        )
    return found
