"""The three kinds of step that make files: COPY and ADD, WORKDIR, RUN."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol

from simulator.dockerfile import Instruction, Mount, read_mounts
from simulator.errors import InputError, Place
from simulator.image.builder.annotations import read_annotation
from simulator.image.builder.cache import Question
from simulator.image.builder.commands import perform
from simulator.image.builder.copying import Copier, Origin
from simulator.image.builder.effects import Effect
from simulator.image.builder.model import BuildFailure, CacheRecord, Rates
from simulator.image.builder.rights import granted_by
from simulator.image.builder.running import layer_entries, run
from simulator.image.builder.session import Session
from simulator.image.builder.state import StageState
from simulator.image.context import BuildContext
from simulator.image.model import DIRECTORY, FileEntry, Layer

COPY_BASE_S = 0.05
RUN_BASE_S = 0.3
"""A RUN starts a container: about 0.25 s of daemon and 33 ms of runtime."""
PER_FILE_S = 0.0001
MAX_SHOWN = 2_000
"""Files of a mount from another stage that a RUN sees by name."""


def shown(instruction: Instruction) -> str:
    """The first line of an instruction, as build output prints it."""
    return instruction.text.split("\n", 1)[0].strip()


class Desk(Protocol):
    """The build that steps are a part of: what they read of it, and what they leave there."""

    file: str
    copied: dict[str, int]
    mounted: dict[str, list[str]]
    failure: BuildFailure | None

    @property
    def context(self) -> BuildContext:
        """The files that are sent to the builder."""

    @property
    def secrets(self) -> frozenset[str] | None:
        """The secrets given; None when nobody asks whether one is missing."""

    def rates_of(self, index: int) -> Rates:
        """The machine's rates for a stage."""

    def origin(self, name: str, place: Place) -> tuple[Origin, tuple[int, ...]]:
        """The stage or image that files come from, and the steps to wait for."""

    def architecture_of(self, index: int) -> str:
        """The architecture that a stage is built for."""

    def warm(self, mount: str) -> frozenset[str]:
        """What a cache mount holds."""

    def texts(self) -> dict[str, str]:
        """Content of small context files."""

    def sizes(self) -> dict[str, int]:
        """Sizes of context files."""


class Work:
    """One step that makes files: what the cache compares, and what carrying it out gives."""

    def __init__(
        self, planner: Desk, instruction: Instruction, state: StageState, place: Place
    ) -> None:
        self.planner = planner
        self.instruction = instruction
        self.state = state
        self.place = place
        self.rates = planner.rates_of(state.index)
        self.text = ""
        self.inputs: list[tuple[str, str]] = []
        self.waits_for: tuple[int, ...] = ()
        self.created_by = f"{shown(instruction)} # buildkit"
        self.run = 0
        self.prepare()

    def prepare(self) -> None:
        """Fill in ``text``, ``inputs`` and ``waits_for``."""
        raise NotImplementedError

    def carry_out(self, question: Question) -> tuple[CacheRecord, float, Effect | None]:
        """The record for the cache, the seconds, and what commands did."""
        raise NotImplementedError

    def record(
        self,
        question: Question,
        files: list[FileEntry],
        seconds: float,
        *,
        opaque: bool = False,
        notes: Sequence[str] = (),
        loose: Sequence[str] = (),
        random: bool = False,
    ) -> CacheRecord:
        """A record with a layer, or without one when no file changed."""
        layer = Layer.of(files, self.created_by) if files else None
        return CacheRecord(
            question.key, question.parent, question.instruction, question.text, question.inputs,
            layer, question.slot, seconds, opaque, tuple(notes), tuple(loose), self.run, random,
        )  # fmt: skip


class FolderWork(Work):
    """WORKDIR: makes the directory when it is not there."""

    def prepare(self) -> None:
        """The path, against the previous working directory."""
        path = self.state.scope.expand(self.instruction.words[0], self.place)
        self.path = self.state.absolute(path)
        self.state.config = replace(self.state.config, workdir=self.path)
        self.text = f"WORKDIR {self.path}"
        if self.state.config.user.partition(":")[0] not in ("", "root", "0"):
            self.state.granted = (*self.state.granted, self.path)

    def carry_out(self, question: Question) -> tuple[CacheRecord, float, Effect | None]:
        """An empty directory, unless it exists."""
        files = []
        if self.path != "/" and not self.state.files.is_folder(self.path):
            files.append(FileEntry(self.path, 0, 0o755, kind=DIRECTORY))
        return self.record(question, files, COPY_BASE_S), COPY_BASE_S, None


class CopyWork(Work):
    """COPY and ADD."""

    def prepare(self) -> None:
        """Choose the files; a missing one is an error here, before anything runs."""
        copier = self.copier = Copier(self.instruction, self.state, self.place)
        name = self.instruction.flag("from") if self.instruction.name == "COPY" else None
        if name:
            origin, self.waits_for = self.planner.origin(name, self.place)
            self.copied = copier.from_origin(origin)
        else:
            self.copied = copier.from_context(self.planner.context)
            self._count()
        self.inputs = self.copied.inputs
        if copier.owner.partition(":")[0] not in ("", "root", "0") or copier.mode is not None:
            self.state.granted = (*self.state.granted, copier.target)
        words = " ".join([*copier.sources, copier.written_to])
        self.text = f"{self.instruction.name} {words}"

    def _count(self) -> None:
        files = self.planner.context.files
        for name, _ in self.copied.inputs:
            path = name.removeprefix("file ")
            if path in files:
                self.planner.copied[path] = files[path].size_bytes

    def carry_out(self, question: Question) -> tuple[CacheRecord, float, Effect | None]:
        """Write the files at the disk's rate."""
        files = self.copier.entries()
        written = sum(entry.size_bytes for entry in files)
        seconds = (
            COPY_BASE_S
            + written / self.rates.write_bytes_per_s
            + self.copied.download_bytes / self.rates.download_bytes_per_s
            + PER_FILE_S * len(files)
        )
        effect = Effect(download_bytes=self.copied.download_bytes)
        record = self.record(
            question, files, seconds, notes=self.copied.notes, loose=self.copied.loose
        )
        return record, seconds, effect


class RunWork(Work):
    """RUN."""

    def prepare(self) -> None:
        """The command as text, the environment it sees, and the content of bind mounts."""
        state, one = self.state, self.instruction
        self.mounts = read_mounts(
            one, self.planner.file, partial(state.scope.expand, place=self.place)
        )
        parts = [*map(str, one.flags), *one.words]
        parts += [f"<<{document.name}\n{document.text}" for document in one.heredocs]
        self.text = "RUN " + "\n".join(parts)
        self.inputs = state.scope.seen_by_run()
        self.inputs.append(("setting form", one.form))
        self.inputs.append(("setting workdir", state.config.workdir))
        self.inputs.append(("setting user", state.config.user))
        if one.form == "shell":
            self.inputs.append(("setting shell", " ".join(state.config.shell)))
        self.shown: list[tuple[str, str, dict[str, FileEntry]]] = []
        for mount in self.mounts:
            self._mount(mount)
        arguments = [
            f"{k}={v}" for k, v in state.scope.arguments.items() if k not in state.scope.env
        ]
        told = f"|{len(arguments)} {' '.join(arguments)} " if arguments else ""
        script = " ".join(one.words) if one.form == "exec" else self._shell_line()
        state.granted = (*state.granted, *granted_by("\n".join(parts), state))
        self.created_by = f"RUN {told}{script} # buildkit"

    def _shell_line(self) -> str:
        return " ".join(
            (*self.state.config.shell, " ".join(" ".join(self.instruction.words).split()))
        )

    def _mount(self, mount: Mount) -> None:
        given = self.planner.secrets
        if mount.type == "secret" and mount.required and given is not None:
            name = mount.id or posixpath.basename(mount.target)
            if name not in given:
                raise InputError(
                    f"secret {name}: not found", place=self.place, expected=f"--secret id={name}"
                )
        if mount.type != "bind":
            return
        if mount.from_:
            origin, waits = self.planner.origin(mount.from_, self.place)
            self.waits_for = (*self.waits_for, *waits)
            root = "/" + posixpath.normpath("/" + mount.source).lstrip("/")
            found = origin.files.under(root)
            if len(found) <= MAX_SHOWN:
                self.shown.append((mount.target, root, found))
            for path, entry in found.items():
                self.inputs.append((f"file {path}", entry.identity()))
            if origin.writers:
                self.inputs.append((f"result of stage {origin.label}", " ".join(origin.writers)))
            return
        for path, one in self.planner.context.select(mount.source or ".").items():
            self.inputs.append((f"file {path}", one.identity()))
            self.planner.copied[path] = one.size_bytes

    def carry_out(self, question: Question) -> tuple[CacheRecord, float, Effect | None]:
        """Start the commands and see what they leave."""
        state = self.state
        session = Session(
            below=state.files,
            env=state.scope.all,
            cwd=state.config.workdir or "/",
            user=state.config.user.partition(":")[0],
            key=question.key,
            rates=self.rates,
            mounts=self.mounts,
            warm=self.planner.warm,
            texts=self.planner.texts(),
            sizes=self.planner.sizes(),
            gaps=state.gaps,
            granted=state.granted,
            run=self.run,
            architecture=self.planner.architecture_of(state.index),
        )
        for target, root, found in self.shown:
            session.show(target, root, found)
        annotation = read_annotation(self.instruction, self.planner.file)
        effect = run(self.instruction, state, session, annotation, perform)
        seconds = RUN_BASE_S + effect.duration_s(self.rates)
        if effect.exit_code:
            self._fail(effect)
        for mount, names in effect.mounted.items():
            self.planner.mounted.setdefault(mount, []).extend(names)
        record = self.record(
            question, layer_entries(effect, state.files), seconds,
            opaque=effect.opaque, notes=effect.notes, loose=effect.loose, random=effect.random,
        )  # fmt: skip
        return record, seconds, effect

    def _fail(self, effect: Effect) -> None:
        one = self.instruction
        command = json.dumps(list(one.words)) if one.form == "exec" else self._shell_line()
        self.planner.failure = BuildFailure(
            self.state.label, self.place, command, effect.exit_code, effect.output
        )
