"""An object of a few words: made, tried, or printed as the manifest that it would be."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from simulator.shell.grammar import Call
from simulator.shell.kubectl.output import check_output
from simulator.shell.kubectl.target import (
    KubectlError,
    cluster_of,
    namespace_of,
    sent,
    title,
)
from simulator.shell.kubectl.writing import ENDINGS, dry_of
from simulator.world.cluster_commands import ApiRequest

if TYPE_CHECKING:
    from simulator.shell.session import Session


def generated(
    session: Session, call: Call, body: dict[str, Any], what: str = "", word: str = "created"
) -> list[str]:
    """Create an object, or only show it; ``what``: how kubectl names it where that fails."""
    dry = dry_of(call)
    check_output(call["output"] or "")
    cluster = cluster_of(session, call)
    stated = call.values.get("namespace")
    if stated and body["kind"] != "Namespace":
        body["metadata"]["namespace"] = stated
    name = title(cluster, body["kind"], body["metadata"]["name"])
    if dry != "client":
        _send(session if dry == "none" else session.branch(), call, cluster.name, body, what)
    if call["output"]:
        return _printed(body, call["output"], name)
    return [f"{name} {word}{ENDINGS[dry]}"]


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
    from simulator.shell.kubectl.output import printed_data

    return [name] if output == "name" else printed_data(body, output)
