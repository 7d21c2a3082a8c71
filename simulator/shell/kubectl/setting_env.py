"""``kubectl set env``: variables of containers, from words, ConfigMaps and Secrets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from simulator.shell.grammar import Call, Flag
from simulator.shell.kinds import text
from simulator.shell.kubectl.files import GIVEN
from simulator.shell.kubectl.setting import set_in
from simulator.shell.kubectl.target import (
    COMMON,
    SELECTOR,
    KubectlError,
    cluster_of,
    kind_of,
    namespace_of,
    one_of,
)
from simulator.shell.kubectl.targeting import ALL, OBJECTS, targets, words_and_changes
from simulator.shell.kubectl.writing import SHOWN
from simulator.shell.registry import verb

if TYPE_CHECKING:
    from simulator.shell.session import Session


@verb(
    "kubectl set env", "Change variables of containers", aliases=("k set env",),
    arguments=(OBJECTS,), flags=(*COMMON, *GIVEN, SELECTOR, ALL, *SHOWN,
        Flag(("-c", "--containers"), "of one container only", text("name")),
        Flag(("--from",), "configmap/NAME or secret/NAME: one for each key", text("what")),
        Flag(("--keys",), "only these keys of it", text("keys")),
        Flag(("--prefix",), "before the names of those", text("prefix")),
        Flag(("--list",), "those that there are")),
    examples=("kubectl set env deploy/web LOG=debug OLD-",
              "kubectl set env deploy/web --from=secret/db --prefix=DB_"),
    known="--local --overwrite --resolve",
)  # fmt: skip
def set_env(session: Session, call: Call) -> Iterable[str]:
    """``NAME=VALUE`` each, or ``NAME-`` to take one away."""
    names, changes = words_and_changes(call["TYPE"])
    if call["list"]:
        return _listed(session, call, names)
    env: list[dict[str, Any]] = [
        {"name": key, "$patch": "delete"} if value is None else {"name": key, "value": value}
        for key, value in changes.items()
    ]
    if call["from"]:
        env += _keys_of(session, call)
    if not env:
        raise KubectlError("error: at least one environment variable must be provided")
    only = call["containers"]

    def made(there: list[str]) -> list[dict[str, Any]]:
        return [{"name": one, "env": env} for one in there if only in (None, one, "*")]

    return set_in(session, call, names, made, "env")


def _keys_of(session: Session, call: Call) -> list[dict[str, Any]]:
    """A variable for each key: its name in capitals, what is no letter or digit as ``_``."""
    cluster = cluster_of(session, call)
    word, slash, name = call["from"].partition("/")
    kind = kind_of(cluster, word)
    if not slash or kind.kind not in ("ConfigMap", "Secret"):
        raise KubectlError(f"error: unsupported resource specified in --from: {call['from']}; "
                           "expected configmap/NAME or secret/NAME")  # fmt: skip
    data = one_of(cluster, kind, namespace_of(session, call), name).data.get("data") or {}
    wanted = call["keys"].split(",") if call["keys"] else sorted(data)
    field = "configMapKeyRef" if kind.kind == "ConfigMap" else "secretKeyRef"
    return [
        {
            "name": (call["prefix"] or "")
            + "".join(each if each.isalnum() else "_" for each in key).upper(),
            "valueFrom": {field: {"key": key, "name": name}},
        }
        for key in wanted
        if key in data
    ]


def _listed(session: Session, call: Call, names: list[str]) -> list[str]:
    """Under a heading for each container, as kubectl prints them."""
    from simulator.cluster.kubernetes.data import as_data

    cluster, lines = cluster_of(session, call), []
    for target in targets(session, call, cluster, names):
        spec = as_data(one_of(cluster, *target)).get("spec", {})
        spec = spec.get("jobTemplate", {}).get("spec", spec)
        for one in spec.get("template", {}).get("spec", spec).get("containers", []):
            if call["containers"] in (None, one.get("name"), "*"):
                title = f"{target[0].plural} {target[2]}, container {one.get('name')}"
                lines += [f"# {title}", *(_shown(each) for each in one.get("env", []))]
    return lines


def _shown(env: dict[str, Any]) -> str:
    come = env.get("valueFrom")
    if not come:
        return f"{env['name']}={env.get('value', '')}"
    word, ref = next(iter(come.items()))
    if word == "fieldRef":
        return f"# {env['name']} from field path {ref.get('fieldPath')}"
    kind = {"configMapKeyRef": "configmap", "secretKeyRef": "secret"}.get(word, word)
    return f"# {env['name']} from {kind} {ref.get('name', '')}, key {ref.get('key', '')}"
