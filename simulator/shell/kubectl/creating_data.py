"""``kubectl create configmap`` and ``secret``: data from words, files and folders."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.files import is_folder, read_text
from simulator.shell.grammar import Argument, Call, Flag
from simulator.shell.kinds import text
from simulator.shell.kubectl.generating import generated
from simulator.shell.kubectl.target import COMMON, KubectlError
from simulator.shell.kubectl.writing import SHOWN
from simulator.shell.registry import verb

if TYPE_CHECKING:
    from simulator.shell.session import Session

_NAME = Argument("NAME", text("name"), "what it is called")
MOST_BYTES = 1 << 20
"""Data of a ConfigMap or a Secret."""
_DATA = (
    Flag(("--from-literal",), "KEY=VALUE", text("pair"), repeat=True),
    Flag(("--from-file",), "[KEY=]FILE, or a folder", text("file"), repeat=True),
    Flag(("--from-env-file",), "a file of lines KEY=VALUE", text("file"), repeat=True),
)


def _read(session: Session, name: str) -> str:
    within = session.folder if session.confined else None
    return read_text(session.path(name), limit_bytes=MOST_BYTES, within=within)


def _data(session: Session, call: Call) -> dict[str, str]:
    if call["from_env_file"] and (call["from_file"] or call["from_literal"]):
        raise KubectlError("error: from-env-file cannot be combined with from-file or from-literal")
    found: dict[str, str] = {}
    for one in call["from_literal"]:
        key, equals, value = one.partition("=")
        if not equals or not key:
            raise KubectlError(f"error: invalid literal source {one}, expected key=value")
        _add(found, key, value)
    for one in call["from_file"]:
        key, equals, name = one.partition("=")
        path = session.path(name if equals else key)
        if not equals and is_folder(path):
            for each in sorted(path.iterdir()):
                if each.is_file():
                    _add(found, each.name, _read(session, f"{key.rstrip('/')}/{each.name}"))
            continue
        _add(found, key if equals else Path(key).name, _read(session, name if equals else key))
    for one in call["from_env_file"]:
        for line in _read(session, one).splitlines():
            key, equals, value = line.strip().partition("=")
            if key and not key.startswith("#"):
                _add(found, key.strip(), value)
    return found


def _add(found: dict[str, str], key: str, value: str) -> None:
    if key in found:
        raise KubectlError(f'error: cannot add key "{key}", another key by that name already '
                           "exists in Data")  # fmt: skip
    found[key] = value


def _encoded(data: dict[str, str]) -> dict[str, str]:
    return {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}


@verb("kubectl create configmap", "Keep settings for pods", arguments=(_NAME,),
      aliases=("kubectl create cm", "k create configmap", "k create cm"),
      flags=(*COMMON, *SHOWN, *_DATA),
      examples=("kubectl create configmap web --from-literal=LOG=debug",),
      known="--append-hash")  # fmt: skip
def config_map(session: Session, call: Call) -> Iterable[str]:
    """A ConfigMap."""
    body = {
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": call["NAME"]},
        "data": _data(session, call),
    }  # fmt: skip
    return generated(session, call, body, "configmap")


def _secret(session: Session, call: Call, type_: str, data: dict[str, str]) -> list[str]:
    body: dict[str, Any] = {
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": call["NAME"]},
        "data": _encoded(data), **({"type": type_} if type_ else {}),
    }  # fmt: skip
    return generated(session, call, body, "secret")


@verb("kubectl create secret generic", "Keep secrets for pods", arguments=(_NAME,),
      aliases=("k create secret generic",),
      flags=(*COMMON, *SHOWN, *_DATA, Flag(("--type",), "what it is for", text("type"))),
      examples=("kubectl create secret generic db --from-literal=password=x",),
      known="--append-hash")  # fmt: skip
def secret(session: Session, call: Call) -> Iterable[str]:
    """A Secret, its values in base 64."""
    return _secret(session, call, call["type"] or "", _data(session, call))


@verb("kubectl create secret tls", "Keep a certificate and its key", arguments=(_NAME,),
      aliases=("k create secret tls",),
      flags=(*COMMON, *SHOWN, Flag(("--cert",), "file of the certificate", text("file")),
             Flag(("--key",), "file of the key", text("file"))),
      examples=("kubectl create secret tls front --cert=tls.crt --key=tls.key",),
      known="--append-hash")  # fmt: skip
def tls_secret(session: Session, call: Call) -> Iterable[str]:
    """A Secret of type kubernetes.io/tls; whether the two belong together is not looked at."""
    if not call["cert"] or not call["key"]:
        raise KubectlError("error: key and cert must be specified")
    data = {"tls.crt": _read(session, call["cert"]), "tls.key": _read(session, call["key"])}
    return _secret(session, call, "kubernetes.io/tls", data)


@verb("kubectl create secret docker-registry", "Keep what a registry wants to know",
      arguments=(_NAME,), aliases=("k create secret docker-registry",),
      flags=(*COMMON, *SHOWN,
             Flag(("--docker-server",), "which registry", text("registry"),
                  "https://index.docker.io/v1/"),
             Flag(("--docker-username",), "who", text("user")),
             Flag(("--docker-password",), "the password", text("password")),
             Flag(("--docker-email",), "an address", text("address"))),
      examples=("kubectl create secret docker-registry hub --docker-username=ann "
                "--docker-password=x",),
      known="--from-file --append-hash")  # fmt: skip
def registry_secret(session: Session, call: Call) -> Iterable[str]:
    """A Secret that ``imagePullSecrets`` may name."""
    user, password = call["docker_username"], call["docker_password"]
    if not user or not password:
        raise KubectlError("error: either --from-file or the combination of --docker-username, "
                           "--docker-password and --docker-server is required")  # fmt: skip
    entry = {"username": user, "password": password}
    if call["docker_email"]:
        entry["email"] = call["docker_email"]
    entry["auth"] = base64.b64encode(f"{user}:{password}".encode()).decode()
    config = json.dumps({"auths": {call["docker_server"]: entry}}, separators=(",", ":"))
    return _secret(session, call, "kubernetes.io/dockerconfigjson", {".dockerconfigjson": config})
