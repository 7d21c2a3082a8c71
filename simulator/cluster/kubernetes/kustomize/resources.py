"""Objects while they are built: how they are called now and were before, and their fields."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from simulator.cluster.kubernetes.api.kinds import KINDS, group_of
from simulator.cluster.kubernetes.api.reading import Document
from simulator.cluster.kubernetes.kustomize.spec import BuildError

MOST = 100_000
"""Objects of one build."""
CLUSTER_WIDE = frozenset(kind.kind for kind in KINDS if not kind.namespaced)


class Id(NamedTuple):
    """How an object is called."""

    group: str
    version: str
    kind: str
    name: str
    namespace: str

    @property
    def space(self) -> str:
        """The namespace in which it ends; nothing for kinds that have none."""
        return "" if self.kind in CLUSTER_WIDE else self.namespace or "default"

    def same(self, other: Id) -> bool:
        """Whether both are called alike."""
        return self[:4] == other[:4] and self.space == other.space

    def __str__(self) -> str:
        words = (self.kind or "[noKind]", self.version or "[noVer]", self.group or "[noGrp]")
        return f"{'.'.join(words)}/{self.name or '[noName]'}.{self.namespace or '[noNs]'}"


def gvk(data: dict[str, Any]) -> tuple[str, str, str]:
    """Group, version and kind of an object's data."""
    version = str(data.get("apiVersion") or "")
    return group_of(version), version.rpartition("/")[2], str(data.get("kind") or "")


def id_of(data: dict[str, Any]) -> Id:
    """How data say that their object is called."""
    meta = data.get("metadata")
    meta = meta if isinstance(meta, dict) else {}
    return Id(*gvk(data), str(meta.get("name") or ""), str(meta.get("namespace") or ""))


class Resource:
    """One object of a build."""

    def __init__(self, data: dict[str, Any], source: Document, text: str) -> None:
        self.data = data
        self.source = source
        """Where it is from, for those who tell places."""
        self.text = text
        self.previous: list[Id] = []
        """How it was called before, the first name first."""
        self.prefixes: tuple[str, ...] = ()
        self.suffixes: tuple[str, ...] = ()
        self.hashed = False
        """Whether its name ends with what its data hash to."""
        self.behavior = ""

    @property
    def id(self) -> Id:
        """How it is called now."""
        return id_of(self.data)

    @property
    def first(self) -> Id:
        """How it was called at first."""
        return self.previous[0] if self.previous else self.id

    def now(self) -> list[Id]:
        """How it is called now, as a list."""
        return [self.id]

    def at_first(self) -> list[Id]:
        """How it was called at first, as a list."""
        return [self.first]

    def ids(self) -> list[Id]:
        """How it is and was called."""
        return [self.id, *self.previous]

    @property
    def meta(self) -> dict[str, Any]:
        """Its metadata, which may be changed."""
        found = self.data.setdefault("metadata", {})
        if not isinstance(found, dict):
            raise BuildError(f"missing metadata.name in object {self.id}")
        return found

    def remember(self) -> None:
        """It is about to be called otherwise."""
        self.previous.append(self.id)

    def texts(self, word: str) -> dict[str, str]:
        """Its labels or annotations."""
        found = self.meta.get(word)
        return found if isinstance(found, dict) else {}


class Resources:
    """The objects of a build in their order; no two are called alike."""

    def __init__(self) -> None:
        self.listed: list[Resource] = []

    def __iter__(self) -> Iterator[Resource]:
        return iter(self.listed)

    def add(self, more: list[Resource]) -> None:
        """There are more of them."""
        known = {(*one.id[:4], one.id.space) for one in self.listed}
        for one in more:
            key = (*one.id[:4], one.id.space)
            if key in known:
                raise BuildError(f"may not add resource with an already registered id: {one.id}")
            known.add(key)
            self.listed.append(one)
        if len(self.listed) > MOST:
            raise BuildError(f"too many objects, at most {MOST:,}")

    def unique(self, wanted: Id) -> Resource:
        """The object that is or was called so."""
        for said in (Resource.now, Resource.at_first, Resource.ids):
            found = [one for one in self.listed if any(wanted.same(each) for each in said(one))]
            if len(found) == 1:
                return found[0]
            if found:
                raise BuildError(f"multiple matches for Id {wanted}")
        raise BuildError(
            f"no matches for Id {wanted}; failed to find unique target for patch {wanted}"
        )


def visit(
    node: Any, path: tuple[str, ...], change: Callable[[Any], Any], *, create: bool = False
) -> None:
    """Change what stands at a path, in each entry of the lists on the way.

    ``create``: maps that are missing are made, and ``change`` is given None.
    """
    if isinstance(node, list):
        for one in node:
            visit(one, path, change, create=create)
        return
    if not isinstance(node, dict):
        return
    word = path[0].removesuffix("[]")
    there = node.get(word)
    if len(path) == 1:
        if create or there is not None:
            node[word] = change(there)
        return
    if there is None:
        if not create or path[0].endswith("[]"):
            return
        there = node[word] = {}
    visit(there, path[1:], change, create=create)


def words_of(path: str) -> tuple[str, ...]:
    """``spec/template`` as words; ``\\/`` stands for a slash in a word."""
    return tuple(one.replace("\0", "/") for one in path.replace("\\/", "\0").split("/"))
