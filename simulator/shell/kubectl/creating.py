"""``kubectl create``: from files, or of a few words."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.files import read_text
from simulator.shell.grammar import Argument, Call, Flag
from simulator.shell.kinds import integer, text
from simulator.shell.kubectl.applying import MANAGER, VALIDATE, each
from simulator.shell.kubectl.files import GIVEN
from simulator.shell.kubectl.generating import generated
from simulator.shell.kubectl.target import COMMON, SELECTOR, KubectlError
from simulator.shell.kubectl.writing import SHOWN
from simulator.shell.registry import verb

if TYPE_CHECKING:
    from simulator.shell.session import Session

_NAME = Argument("NAME", text("name"), "what it is called")
MOST_BYTES = 1 << 20
"""Data of a ConfigMap or a Secret."""


@verb("kubectl create", "Create objects from files", aliases=("k create",),
      flags=(*COMMON, *GIVEN, *SHOWN, VALIDATE, MANAGER, SELECTOR),
      examples=("kubectl create -f web.yaml",), known="--edit --save-config --raw")  # fmt: skip
def create(session: Session, call: Call) -> Iterable[str]:
    """Create what is in files; what is there already is refused."""
    return each(session, call, "create", "")


@verb("kubectl create namespace", "Make a namespace", arguments=(_NAME,), flags=(*COMMON, *SHOWN),
      aliases=("kubectl create ns", "k create namespace", "k create ns"),
      examples=("kubectl create ns shop",))  # fmt: skip
def namespace(session: Session, call: Call) -> Iterable[str]:
    """A room for names."""
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": call["NAME"]}}
    return generated(session, call, body)


@verb(
    "kubectl create deployment", "Make a Deployment of an image",
    aliases=("kubectl create deploy", "k create deployment", "k create deploy"),
    arguments=(_NAME, Argument("COMMAND", text("word"), "its command", optional=True, repeat=True)),
    flags=(
        *COMMON, *SHOWN,
        Flag(("--image",), "the image", text("image"), repeat=True),
        Flag(("-r", "--replicas"), "how many pods", integer("n", 0, 1_000_000)),
        Flag(("--port",), "that it listens on", integer("port", 1, 65_535)),
    ),
    examples=("kubectl create deployment web --image=nginx --replicas=3",),
    known="--save-config",
)  # fmt: skip
def deployment(session: Session, call: Call) -> Iterable[str]:
    """One container for each image."""
    if not call["image"]:
        raise KubectlError('error: required flag(s) "image" not set')
    name = call["NAME"]
    containers = []
    for image in call["image"]:
        one: dict[str, Any] = {"name": _short(image), "image": image}
        if call["port"]:
            one["ports"] = [{"containerPort": call["port"]}]
        if call["COMMAND"]:
            one["command"] = list(call["COMMAND"])
        containers.append(one)
    labels = {"app": name}
    body = {
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": name, "labels": labels},
        "spec": {
            "replicas": 1 if call["replicas"] is None else call["replicas"],
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": containers}},
        },
    }  # fmt: skip
    return generated(session, call, body, "deployment")


def _short(image: str) -> str:
    return image.rpartition("/")[2].partition("@")[0].partition(":")[0].replace("_", "-").lower()


_DATA = (
    Flag(("--from-literal",), "KEY=VALUE", text("pair"), repeat=True),
    Flag(("--from-file",), "[KEY=]FILE", text("file"), repeat=True),
)


def _data(session: Session, call: Call) -> dict[str, str]:
    found = dict(one.partition("=")[::2] for one in call["from_literal"])
    for one in call["from_file"]:
        key, equals, name = one.partition("=")
        path = session.path(name if equals else key)
        found[key if equals else Path(key).name] = read_text(path, limit_bytes=MOST_BYTES)
    return found


@verb("kubectl create configmap", "Keep settings for pods", arguments=(_NAME,),
      aliases=("kubectl create cm", "k create configmap", "k create cm"),
      flags=(*COMMON, *SHOWN, *_DATA),
      examples=("kubectl create configmap web --from-literal=LOG=debug",),
      known="--from-env-file --append-hash")  # fmt: skip
def config_map(session: Session, call: Call) -> Iterable[str]:
    """A ConfigMap."""
    body = {
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": call["NAME"]},
        "data": _data(session, call),
    }  # fmt: skip
    return generated(session, call, body, "configmap")


@verb("kubectl create secret generic", "Keep secrets for pods", arguments=(_NAME,),
      aliases=("k create secret generic",), flags=(*COMMON, *SHOWN, *_DATA),
      examples=("kubectl create secret generic db --from-literal=password=x",),
      known="--from-env-file --append-hash --type")  # fmt: skip
def secret(session: Session, call: Call) -> Iterable[str]:
    """A Secret, its values in base 64."""
    data = {
        key: base64.b64encode(value.encode()).decode()
        for key, value in _data(session, call).items()
    }
    body = {
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": call["NAME"]}, "data": data,
    }  # fmt: skip
    return generated(session, call, body, "secret")
