"""What ``kubectl config`` keeps of a session: which cluster is meant, and which namespace of it."""

from __future__ import annotations

import msgspec


class Context(msgspec.Struct):
    """The cluster that kubectl speaks to (nothing: the newest), and the namespace of each."""

    cluster: str = ""
    namespaces: dict[str, str] = {}
    deleted: list[str] = []
    """Clusters whose contexts were deleted: they are not spoken to by name."""
