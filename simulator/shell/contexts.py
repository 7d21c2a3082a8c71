"""What ``kubectl config`` keeps of a session: which cluster is meant, and which namespace of it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from simulator.errors import DrydockError
from simulator.world.cluster_commands import ApiRequest


class Context(msgspec.Struct):
    """The cluster that kubectl speaks to (nothing: the newest), and the namespace of each."""

    cluster: str = ""
    namespaces: dict[str, str] = {}
    deleted: list[str] = []
    """Clusters whose contexts were deleted: they are not spoken to by name."""
    leaving: list[tuple[str, str, str]] = []
    """Pods (cluster, namespace, name) that are deleted when somebody leaves their shell."""

    def left(self, do: Callable[[ApiRequest], object]) -> list[str]:
        """Somebody has left a shell: pods that were to go then are asked to."""
        lines = []
        for cluster, namespace, name in self.leaving:
            request = ApiRequest(
                cluster=cluster, verb="delete", kind="Pod", namespace=namespace, name=name
            )
            try:
                do(request)
            except DrydockError:
                continue  # somebody else has deleted it
            lines.append(f'pod "{name}" deleted from {namespace} namespace')
        self.leaving.clear()
        return lines
