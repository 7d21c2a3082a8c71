"""An object of a few words: made, tried, or printed as the manifest that it would be."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from simulator.shell.grammar import Call, Flag
from simulator.shell.kinds import text
from simulator.shell.kubectl.applying import DRY
from simulator.shell.kubectl.target import (
    KubectlError,
    cluster_of,
    namespace_of,
    sent,
    title,
)
from simulator.world.cluster_commands import ApiRequest

if TYPE_CHECKING:
    from simulator.shell.session import Session

SHOWN = (DRY, Flag(("-o", "--output"), "yaml, json or name: print the object", text("format")))
"""Flags of what makes an object of words."""


def generated(
    session: Session, call: Call, body: dict[str, Any], what: str = "", word: str = "created"
) -> list[str]:
    """Create an object, or only show it; ``what``: how kubectl names it where that fails."""
    dry = call["dry_run"] or "none"
    if dry not in ("none", "client", "server"):
        raise KubectlError(
            f'error: Invalid dry-run value ({dry}). Must be "none", "server", or "client".'
        )
    cluster = cluster_of(session, call)
    stated = call.values.get("namespace")
    if stated and body["kind"] != "Namespace":
        body["metadata"]["namespace"] = stated
    name = title(cluster, body["kind"], body["metadata"]["name"])
    if dry != "client":
        _send(session if dry == "none" else session.branch(), call, cluster.name, body, what)
    if call["output"]:
        return _printed(body, call["output"], name)
    ending = {"none": "", "client": " (dry run)", "server": " (server dry run)"}[dry]
    return [f"{name} {word}{ending}"]


def _send(session: Session, call: Call, cluster: str, body: dict[str, Any], what: str) -> None:
    request = ApiRequest(
        cluster=cluster, verb="create", namespace=namespace_of(session, call), body=json.dumps(body)
    )
    try:
        sent(session, request)
    except KubectlError as error:
        start, colon, rest = str(error).partition("): ")
        if not what or not colon or not start.startswith("Error from server"):
            raise
        raise KubectlError(f"error: failed to create {what}: {rest}") from None


def _printed(body: dict[str, Any], output: str, name: str) -> list[str]:
    from simulator.shell.kubectl.getting import yaml_lines

    if output == "yaml":
        return yaml_lines(body)
    if output == "json":
        return json.dumps(body, indent=4, sort_keys=True).split("\n")
    if output == "name":
        return [name]
    raise KubectlError(
        f'error: unable to match a printer suitable for the output format "{output}", allowed '
        "formats are: json,name,yaml"
    )
