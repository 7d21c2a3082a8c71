"""``kubectl set``: images, amounts, variables, accounts and selectors of workloads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from simulator.errors import DrydockError
from simulator.shell.grammar import Argument, Call, Flag
from simulator.shell.kinds import text
from simulator.shell.kubectl.files import GIVEN
from simulator.shell.kubectl.selecting import read_selector
from simulator.shell.kubectl.target import (
    COMMON,
    SELECTOR,
    KubectlError,
    one_of,
)
from simulator.shell.kubectl.targeting import (
    ALL,
    OBJECTS,
    patched,
    targets,
    template_patch,
    words_and_changes,
)
from simulator.shell.kubectl.writing import SHOWN, Writer
from simulator.shell.registry import verb

if TYPE_CHECKING:
    from simulator.shell.session import Session


def containers_of(one: Any) -> list[str]:
    """The names of the containers of an object's pods."""
    from simulator.cluster.kubernetes.data import as_data

    spec = as_data(one).get("spec", {})
    spec = spec.get("jobTemplate", {}).get("spec", spec)
    inner = spec.get("template", {}).get("spec", spec)
    return [str(each.get("name")) for each in inner.get("containers", [])]


def set_in(session: Session, call: Call, names: list[str], make: Any, what: str) -> list[str]:
    """Change containers of all objects meant; ``make``: the patch of those that there are."""
    writer = Writer(session, call)
    cluster = writer.cluster
    for target in targets(session, call, cluster, names):
        kind, namespace, name = target
        try:
            there = containers_of(one_of(cluster, kind, namespace, name))
            said = template_patch(kind, {"containers": make(there)})
            if "no change" not in patched(writer.at, cluster, target, said, "strategic"):
                writer.say(target, f"{what} updated")
        except DrydockError as error:
            session.fail(call, error)
    return []


@verb(
    "kubectl set image", "Change the images of containers", aliases=("k set image",),
    arguments=(OBJECTS,), flags=(*COMMON, *GIVEN, SELECTOR, ALL, *SHOWN),
    examples=("kubectl set image deploy/web web=nginx:1.28",),
    known="--local --record",
)  # fmt: skip
def set_image(session: Session, call: Call) -> Iterable[str]:
    """``CONTAINER=IMAGE`` each; ``*`` means all containers."""
    names, changes = words_and_changes(call["TYPE"])

    def made(there: list[str]) -> list[dict[str, Any]]:
        found = {}
        for container, image in changes.items():
            if container != "*" and container not in there:
                raise KubectlError(f'error: unable to find container named "{container}"')
            for one in there if container == "*" else [container]:
                found[one] = {"name": one, "image": image}
        return list(found.values())

    if not changes:
        raise KubectlError("error: at least one image update is required")
    return set_in(session, call, names, made, "image")


@verb(
    "kubectl set resources", "Change requests and limits of containers",
    aliases=("k set resources",), arguments=(OBJECTS,),
    flags=(
        *COMMON, *GIVEN, SELECTOR, ALL, *SHOWN,
        Flag(("--requests",), "cpu=100m,memory=64Mi", text("amounts")),
        Flag(("--limits",), "cpu=200m,memory=128Mi", text("amounts")),
        Flag(("-c", "--containers"), "of one container only", text("name")),
    ),
    examples=("kubectl set resources deploy web --requests=cpu=200m,memory=256Mi",),
    known="--local --record",
)  # fmt: skip
def set_resources(session: Session, call: Call) -> Iterable[str]:
    """Amounts of each container, or of one."""
    said = {
        word: dict(one.partition("=")[::2] for one in call[word].split(","))
        for word in ("requests", "limits")
        if call[word]
    }
    if not said:
        raise KubectlError("error: you must specify an update to requests or limits (in the form "
                           "of --requests/--limits)")  # fmt: skip
    only = call["containers"]

    def made(there: list[str]) -> list[dict[str, Any]]:
        return [{"name": one, "resources": said} for one in there if only in (None, one, "*")]

    return set_in(session, call, list(call["TYPE"]), made, "resource requirements")


_WORDS = Argument("TYPE", text("word"), "TYPE NAME or TYPE/NAME, then the new value", repeat=True)


def _least(call: Call) -> int:
    """How many words there must be: what is meant may stand in a file."""
    return 1 if call["filename"] or call["kustomize"] else 2


@verb(
    "kubectl set serviceaccount", "Change the account that pods run as",
    aliases=("kubectl set sa", "k set serviceaccount", "k set sa"),
    arguments=(_WORDS,), flags=(*COMMON, *GIVEN, *SHOWN),
    examples=("kubectl set serviceaccount deploy/web default",),
    known="--all --local --record",
)  # fmt: skip
def service_account(session: Session, call: Call) -> Iterable[str]:
    """In the template of pods."""
    words = list(call["TYPE"])
    if len(words) < _least(call):
        raise KubectlError("error: serviceaccount is required")
    writer = Writer(session, call)
    cluster = writer.cluster
    for target in targets(session, call, cluster, words[:-1]):
        said = template_patch(target[0], {"serviceAccountName": words[-1]})
        try:
            patched(writer.at, cluster, target, said, "strategic")
            writer.say(target, "serviceaccount updated")
        except DrydockError as error:
            session.fail(call, error)
    return []


@verb(
    "kubectl set selector", "Change which pods a Service means", aliases=("k set selector",),
    arguments=(_WORDS,), flags=(*COMMON, *GIVEN, *SHOWN),
    examples=("kubectl set selector service web app=web",),
    known="--all --local --record --resource-version",
)  # fmt: skip
def selector(session: Session, call: Call) -> Iterable[str]:
    """All of it: what was there before goes."""
    words = list(call["TYPE"])
    tests = read_selector(words[-1]) if words else []
    if len(words) < _least(call) or any(operator != "In" for _, operator, _ in tests):
        raise KubectlError("error: one or more KEY=VALUE is required")
    writer = Writer(session, call)
    cluster = writer.cluster
    labels = {key: values[0] for key, _, values in tests}
    for target in targets(session, call, cluster, words[:-1]):
        if target[0].kind != "Service":
            raise KubectlError(f"error: cannot set a selector on {target[0].kind}")
        change = [{"op": "replace", "path": "/spec/selector", "value": labels}]
        patched(writer.at, cluster, target, change, "json")
        writer.say(target, "selector updated")
    return []
