"""The build cache: BuildKit's keys, and for every miss the difference that caused it.

A key is a digest over the state before the step, the instruction and its inputs: for RUN the
command as text and the environment it sees; for COPY and ADD the content, names and modes of the
files (no times). A record is never overwritten by another key, so going back finds old results.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from simulator.image.builder.model import (
    ARGUMENT,
    BASE,
    CACHED,
    EARLIER,
    ENVIRONMENT,
    FILE,
    FIRST,
    NO_CACHE,
    TEXT,
    BuildPlan,
    CacheRecord,
    Reason,
)
from simulator.image.digests import digest_of_all
from simulator.image.model import Layer

MAX_NAMED_FILES = 3
Inputs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A step that asks the cache. ``slot`` says where it stands: Dockerfile, stage, position."""

    slot: str
    parent: str
    instruction: str
    text: str
    inputs: Inputs
    key: str
    on_base: bool = False
    """The step stands directly on the base image of its stage."""

    @classmethod
    def about(
        cls,
        slot: str,
        parent: str,
        instruction: str,
        text: str,
        inputs: Iterable[tuple[str, str]],
        *,
        on_base: bool = False,
    ) -> Question:
        """A question with its key computed."""
        kept = tuple(inputs)
        parts = [parent, instruction, text]
        parts.extend(f"{name}\0{value}" for name, value in kept)
        return cls(slot, parent, instruction, text, kept, digest_of_all(parts), on_base)


class BuildCache:
    """The cache of one machine's builder."""

    def __init__(self) -> None:
        self._records: dict[str, CacheRecord] = {}
        self._by_parent: dict[str, list[CacheRecord]] = {}
        self._by_slot: dict[str, CacheRecord] = {}
        self._mounts: dict[str, set[str]] = {}

    def copy(self) -> BuildCache:
        """A cache that knows the same and learns by itself."""
        twin = BuildCache()
        twin._records = dict(self._records)
        twin._by_parent = {key: list(found) for key, found in self._by_parent.items()}
        twin._by_slot = dict(self._by_slot)
        twin._mounts = {key: set(found) for key, found in self._mounts.items()}
        return twin

    def __len__(self) -> int:
        return len(self._records)

    def get(self, key: str) -> CacheRecord | None:
        """The record of a key."""
        return self._records.get(key)

    def learn(self, plan: BuildPlan, until_s: float | None = None) -> None:
        """Keep what a build produced; ``until_s``: only steps done by then, if it was stopped."""
        ends = {step.key: step.start_s + step.duration_s for step in plan.steps if step.key}
        for record in plan.records:
            if until_s is None or ends.get(record.key, 0.0) <= until_s:
                self.add(record)
        for mount, names in plan.mounts:
            self._mounts.setdefault(mount, set()).update(names)

    def learn_image(self, records: Iterable[CacheRecord]) -> None:
        """Keep the records of an image built elsewhere: `--cache-from` with inline cache."""
        for record in records:
            self.add(record)

    def add(self, record: CacheRecord) -> None:
        """Keep one record; the slot remembers the latest, for the reasons of later misses."""
        held = self._records.get(record.key)
        if held is None or record.run > held.run:
            self._records[record.key] = record
        if held is None:
            self._by_parent.setdefault(record.parent, []).append(record)
        self._by_slot[record.slot] = record

    def mounted(self, mount: str) -> frozenset[str]:
        """What earlier builds left in a cache mount."""
        return frozenset(self._mounts.get(mount, ()))

    @property
    def layers(self) -> list[Layer]:
        """The layers that the cache keeps on disk, each once."""
        kept = {one.layer.digest: one.layer for one in self._records.values() if one.layer}
        return list(kept.values())

    @property
    def size_bytes(self) -> int:
        """Bytes of those layers."""
        return sum(layer.size_bytes for layer in self.layers)

    def prune(self) -> int:
        """`docker builder prune --all`: forget everything; the bytes that came free."""
        freed = self.size_bytes
        self._records.clear()
        self._by_parent.clear()
        self._by_slot.clear()
        self._mounts.clear()
        return freed

    def explain(
        self, question: Question, *, forced: str | None = None, earlier: str | None = None
    ) -> Reason:
        """Hit, or the reason of the miss.

        ``forced`` is the option that switched the cache off, ``earlier`` the first step of this
        chain that had to run.
        """
        if forced is not None:
            return Reason(NO_CACHE, f"not cached: {forced} switches the cache off")
        if question.key in self._records and earlier is None:
            return Reason(CACHED, "cached")
        before = self._closest(question)
        if before is None:
            return Reason(FIRST, "not cached: this step has not been built here before")
        if earlier is not None:
            return Reason(EARLIER, f"not cached: {earlier} ran again")
        return _difference(before, question)

    def _closest(self, question: Question) -> CacheRecord | None:
        """The earlier step to compare with: same state and text, else the same position."""
        siblings = self._by_parent.get(question.parent, [])
        for record in reversed(siblings):
            if record.text == question.text and record.instruction == question.instruction:
                return record
        return self._by_slot.get(question.slot)


def _difference(before: CacheRecord, now: Question) -> Reason:
    if before.text != now.text or before.instruction != now.instruction:
        return Reason(TEXT, f"not cached: the text changed (it was: {_one_line(before)})")
    if before.parent != now.parent:
        if now.on_base:
            return Reason(BASE, "not cached: the base image changed")
        return Reason(EARLIER, "not cached: an earlier step gives another result")
    old, new = dict(before.inputs), dict(now.inputs)
    changed = [name for name in (old | new) if old.get(name) != new.get(name)]
    files = [name.removeprefix("file ") for name in changed if name.startswith("file ")]
    if files:
        return Reason(FILE, f"not cached: {_files(files, old, new)}")
    for name in changed:
        kind, _, word = name.partition(" ")
        was, present = old.get(name), new.get(name)
        if kind == "arg":
            return Reason(
                ARGUMENT, f"not cached: build argument {word} {_values(word, was, present)}"
            )
        if kind == "env":
            return Reason(ENVIRONMENT, f"not cached: variable {word} {_values(word, was, present)}")
    what = ", ".join(changed) or "its inputs"
    return Reason(TEXT, f"not cached: {what} changed")


def _files(files: list[str], old: Mapping[str, str], new: Mapping[str, str]) -> str:
    told = []
    for path in files[:MAX_NAMED_FILES]:
        name = f"file {path}"
        how = "changed" if name in old and name in new else "is new" if name in new else "is gone"
        told.append(f"{path} {how}")
    more = len(files) - len(told)
    return ", ".join(told) + (f", and {more} more files" if more > 0 else "")


def _values(name: str, was: str | None, now: str | None) -> str:
    if looks_secret(name):
        return "changed"
    if was is None:
        return f"is new ({now!r})"
    if now is None:
        return "is gone"
    return f"changed ({was!r} to {now!r})"


def _one_line(record: CacheRecord) -> str:
    text = " ".join(record.text.split())
    return text if len(text) <= 60 else text[:59] + "…"


_SECRET_WORDS = ("PASSWORD", "PASSWD", "TOKEN", "SECRET", "APIKEY", "API_KEY", "PRIVATE_KEY")


def looks_secret(name: str) -> bool:
    """True for variable names that hold credentials, by the words BuildKit's lint rule uses."""
    upper = name.upper()
    return any(word in upper for word in _SECRET_WORDS) or upper.endswith(("_KEY", "_PWD"))
