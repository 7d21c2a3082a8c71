"""``kubectl explain`` and ``version``: what a server knows of its kinds, and its own version."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from simulator.shell.grammar import Argument, Call, Flag
from simulator.shell.kinds import integer, text
from simulator.shell.kubectl.output import printed_data
from simulator.shell.kubectl.target import (
    COMMON,
    KubectlError,
    cluster_of,
    kind_of,
)
from simulator.shell.registry import verb

KUSTOMIZE = "v5.8.1"
"""The kustomize whose rules ``-k`` follows."""

if TYPE_CHECKING:
    from simulator.shell.session import Session


@verb("kubectl explain", "Tell the fields of a kind", aliases=("k explain",),
      arguments=(Argument("PATH", text("kind.field"), "as pods.spec.containers"),),
      flags=(*COMMON, Flag(("--recursive",), "fields of fields, too"),
             Flag(("--max-depth",), "how deep, with --recursive", integer("depth", 1, 5)),
             Flag(("--api-version",), "of this version, as apps/v1", text("version"))),
      examples=("kubectl explain deploy.spec.strategy",), known="-o --output")  # fmt: skip
def explain(session: Session, call: Call) -> Iterable[str]:
    """Names and types; the texts of the real tool are not here."""
    from simulator.cluster.kubernetes.api.fields import fields_of, type_of_kind
    from simulator.errors import nearest

    cluster = cluster_of(session, call)
    word, *path = call["PATH"].split(".")
    kind = kind_of(cluster, word)
    version = call["api_version"]
    if version and version not in (kind.api_version, *kind.other_versions):
        raise KubectlError(
            f'error: couldn\'t find resource for "{version}, Kind={kind.kind}"; it is served as '
            f"{kind.api_version}"
        )
    type_ = type_of_kind(kind.api_version, kind.kind)
    if type_ is None:
        return [f"KIND:       {kind.kind}", "a custom resource: its fields are not known"]
    for name in path:
        fields = fields_of(type_.strip("[]{}")) or {}
        if name not in fields:
            near = nearest(name, list(fields))
            hint = f"; did you mean '{near}'?" if near else ""
            raise KubectlError(f'error: field "{name}" does not exist{hint}')
        type_ = fields[name].type
    lines = [f"KIND:       {kind.kind}", f"VERSION:    {kind.api_version}", ""]
    if path:
        lines += [f"FIELD: {path[-1]} <{_shown(type_)}>", ""]
    inner = fields_of(type_.strip("[]{}"))
    if inner:
        lines += ["FIELDS:", *_listed(inner, 1, call["max_depth"] or 5 if call["recursive"] else 1)]
    return lines


def _shown(type_: str) -> str:
    if type_[0] == "[":
        return f"[]{_shown(type_[1:-1])}"
    if type_[0] == "{":
        return f"map[string]{_shown(type_[1:-1])}"
    return type_.rpartition(".")[2] if "." in type_ else type_


def _listed(fields: Any, depth: int, deepest: int) -> list[str]:
    from simulator.cluster.kubernetes.api.fields import fields_of

    lines = []
    for name, one in fields.items():
        must = " -required-" if one.required else ""
        lines.append(f"{'  ' * depth}{name}\t<{_shown(one.type)}>{must}".expandtabs(4))
        inner = fields_of(one.type.strip("[]{}"))
        if inner and depth < deepest:
            lines += _listed(inner, depth + 1, deepest)
    return lines


@verb("kubectl version", "Tell the version of a cluster", aliases=("k version",),
      flags=(*COMMON, Flag(("--client",), "of kubectl only"),
             Flag(("-o", "--output"), "yaml or json", text("format"))),
      examples=("kubectl version",))  # fmt: skip
def version(session: Session, call: Call) -> Iterable[str]:
    """That of its profile."""
    from simulator.cluster.kubernetes.cluster import version_of
    from simulator.cluster.kubernetes.profile import profile

    client = version_of(profile("newest"))
    said = {"clientVersion": _parts(client), "kustomizeVersion": KUSTOMIZE}
    lines = [f"Client Version: {client}", f"Kustomize Version: {KUSTOMIZE}"]
    if not call["client"]:
        server = version_of(cluster_of(session, call).profile)
        said["serverVersion"] = _parts(server)
        lines.append(f"Server Version: {server}")
    if call["output"] in ("yaml", "json"):
        return printed_data(said, call["output"])
    if call["output"]:
        raise KubectlError("error: --output must be 'yaml' or 'json'")
    return lines


def _parts(version: str) -> dict[str, str]:
    major, minor, _ = version.removeprefix("v").split(".")
    return {"gitVersion": version, "major": major, "minor": minor, "platform": "linux/amd64"}
