"""What every object of the API has: its name, its labels, its owners, and when it is to go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, TypeAlias

import msgspec

Data: TypeAlias = Mapping[str, Any]
"""JSON-like data as people write it. Nobody changes it: a change makes another."""

Key: TypeAlias = tuple[str, str]
"""Namespace (nothing for kinds that have none) and name."""

NOTHING: Data = {}


class Owner(msgspec.Struct, frozen=True, gc=False):
    """An object without which its dependant is collected."""

    kind: str
    name: str
    uid: str
    api_version: str = "apps/v1"
    controller: bool = True
    block: bool = True
    """Whether the owner waits for it, when deleted in the foreground."""


class Managed(msgspec.Struct, frozen=True, gc=False):
    """Which fields somebody manages (an entry of ``metadata.managedFields``)."""

    manager: str
    operation: str
    """``Apply`` or ``Update``."""
    api_version: str
    time: float
    paths: tuple[tuple[str, ...], ...] = ()
    subresource: str = ""

    @property
    def who(self) -> tuple[str, str, str]:
        """What tells it apart from others."""
        return self.manager, self.operation, self.subresource


class Meta(msgspec.Struct, frozen=True, gc=False):
    """Times are simulated seconds."""

    name: str
    namespace: str = ""
    uid: str = ""
    labels: Mapping[str, str] = {}
    annotations: Mapping[str, str] = {}
    owners: tuple[Owner, ...] = ()
    created: float = 0.0
    generation: int = 1
    """Raised by each change of what is wanted."""
    deleting_since: float | None = None
    grace_s: float | None = None
    finalizers: tuple[str, ...] = ()
    generate_name: str = ""
    managed: tuple[Managed, ...] = ()
    """Who manages what, of objects that people write."""

    @property
    def key(self) -> Key:
        """Where it stands in a table of its kind."""
        return self.namespace, self.name

    @property
    def controller(self) -> Owner | None:
        """The owner that manages it, if one does."""
        for owner in self.owners:
            if owner.controller:
                return owner
        return None


class Condition(msgspec.Struct, frozen=True, gc=False):
    """One line of ``status.conditions``; ``status`` is True, False or Unknown, as in the API."""

    type: str
    status: str
    reason: str = ""
    message: str = ""
    since: float = 0.0
    """When the status last changed (``lastTransitionTime``)."""
    updated: float = 0.0


class Object(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An object of the API."""

    KIND: ClassVar[str] = ""
    """The kind of all objects of a class; nothing where a class has many."""

    kind: str
    api_version: str
    meta: Meta
    data: Data = NOTHING
    """Its body without kind, metadata and status, with the server's defaults filled in."""
    version: int = 0
    """``resourceVersion``: the store's count of writes when this was written."""

    @property
    def key(self) -> Key:
        """Namespace and name."""
        return self.meta.namespace, self.meta.name

    @property
    def name(self) -> str:
        """Its name in its namespace."""
        return self.meta.name

    @property
    def namespace(self) -> str:
        """Its namespace; nothing for kinds that have none."""
        return self.meta.namespace


class Custom(Object, frozen=True, kw_only=True, gc=False):
    """An object of a kind that is kept as data: nothing follows from it."""

    status: Data = NOTHING
