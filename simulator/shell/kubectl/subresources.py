"""``--subresource``: the scale of a workload as an object of its own, and its status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulator.shell.grammar import Call, Flag
from simulator.shell.kinds import text
from simulator.shell.kubectl.output import printed_data
from simulator.shell.kubectl.target import KubectlError, one_of, sent
from simulator.world.cluster_commands import ApiRequest

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.api.kinds import Kind
    from simulator.cluster.kubernetes.cluster import Cluster
    from simulator.cluster.kubernetes.objects.meta import Object
    from simulator.shell.session import Session

SUBRESOURCE = Flag(("--subresource",), "scale or status", text("subresource"))
KNOWN = ("status", "scale")


def asked(call: Call) -> str:
    """``scale``, ``status`` or nothing."""
    word = str(call["subresource"] or "")
    if word and word not in KNOWN:
        raise KubectlError(
            f'error: invalid subresource value: "{word}". Must be one of [status scale]; resize '
            "and approval are not modelled"
        )
    return word


def scale_data(kind: Kind, one: Object) -> dict[str, Any]:
    """The ``Scale`` of a workload (autoscaling/v1)."""
    from simulator.cluster.kubernetes.data import as_data
    from simulator.cluster.kubernetes.server.scaling import SCALABLE

    if kind.kind not in SCALABLE:
        raise KubectlError(
            "Error from server (NotFound): the server could not find the requested resource"
        )
    said = as_data(one)
    chosen = said["spec"].get("selector") or {}
    pairs = sorted(chosen.get("matchLabels", chosen).items())
    meta = said["metadata"]
    return {
        "apiVersion": "autoscaling/v1",
        "kind": "Scale",
        "metadata": {
            key: meta[key] for key in
            ("creationTimestamp", "name", "namespace", "resourceVersion", "uid") if key in meta
        },
        "spec": {"replicas": said["spec"].get("replicas", 1)},
        "status": {
            "replicas": said.get("status", {}).get("replicas", 0),
            "selector": ",".join(f"{key}={value}" for key, value in pairs),
        },
    }  # fmt: skip


def scales(
    cluster: Cluster, groups: list[tuple[Kind, list[Object]]], output: str, *, single: bool
) -> list[str]:
    """The scales of workloads, as a table or in a format."""
    from simulator.cluster.kubernetes.api.times import age
    from simulator.shell.kubectl.jsonpath import custom_columns
    from simulator.shell.kubectl.printers import aligned

    pairs = [(one, scale_data(kind, one)) for kind, found in groups for one in found]
    said = [data for _, data in pairs]
    if output == "name":
        return [f"scale.autoscaling/{one.name}" for one, _ in pairs]
    if output in ("", "wide"):
        rows: list[tuple[str, ...]] = [("NAME", "DESIRED", "AVAILABLE", "AGE")]
        rows += [
            (one.name, str(data["spec"]["replicas"]), str(data["status"]["replicas"]),
             age(cluster.sim.now - one.meta.created))
            for one, data in pairs
        ]  # fmt: skip
        return aligned(rows) if pairs else []
    if output.startswith("custom-columns="):
        return custom_columns(said, output.partition("=")[2])
    whole = said[0] if single and said else {
        "apiVersion": "v1", "items": said, "kind": "List", "metadata": {"resourceVersion": ""},
    }  # fmt: skip
    return printed_data(whole, output)


def patch_scale(
    session: Session, cluster: Cluster, target: tuple[Kind, str, str], patch: Any, how: str
) -> str:
    """Change the replicas of a scale by a patch: ``patched`` or ``patched (no change)``."""
    from simulator.cluster.kubernetes.patching.merging import PatchProblem, json_patch, merge_patch

    kind, namespace, name = target
    before = scale_data(kind, one_of(cluster, kind, namespace, name))
    try:
        after = json_patch(before, patch) if how == "json" else merge_patch(before, patch)
    except PatchProblem as problem:
        raise KubectlError(
            f"Error from server (Invalid): the server rejected our request: {problem}"
        ) from None
    wanted = after.get("spec", {}).get("replicas") if isinstance(after, dict) else None
    if not isinstance(wanted, int) or isinstance(wanted, bool) or wanted < 0:
        raise KubectlError(
            f'The Scale "{name}" is invalid: spec.replicas: Invalid value: {wanted!r}: must be '
            "greater than or equal to 0"
        )
    if wanted == before["spec"]["replicas"]:
        return "patched (no change)"
    request = ApiRequest(
        cluster=cluster.name, verb="scale", kind=kind.kind, namespace=namespace, name=name,
        replicas=wanted,
    )  # fmt: skip
    sent(session, request)
    return "patched"
