"""``kubectl create``: from files, or of a few words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

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
