"""RUN: which commands it starts, whether the image has them, and what they leave behind."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterator

from simulator.dockerfile import Instruction
from simulator.image.builder.annotations import Annotation
from simulator.image.builder.effects import Effect
from simulator.image.builder.gaps import shell_kind
from simulator.image.builder.interpreter import Handler, Interpreter
from simulator.image.builder.session import Session
from simulator.image.builder.state import StageState
from simulator.image.model import WHITEOUT, FileEntry
from simulator.image.union import FileSystem

SHELLS = frozenset({"sh", "bash", "ash", "dash", "zsh", "ksh"})
NOT_FOUND = 127


def run(
    instruction: Instruction,
    state: StageState,
    session: Session,
    annotation: Annotation | None,
    perform: Handler,
) -> Effect:
    """The effect of a RUN. ``exit_code`` and ``output`` say how it failed, if it did."""
    for script, arguments in _scripts(instruction, state, session):
        _start(arguments, session)
        if session.status == 0:
            documents = {one.name: one.text for one in instruction.heredocs}
            Interpreter(session, perform).run(script, documents)
    effect = session.effect
    effect.exit_code = session.status
    if annotation is not None:
        _state(annotation, session)
    if effect.exit_code == 0:
        effect.output = ""
    return effect


def _scripts(
    instruction: Instruction, state: StageState, session: Session
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What runs: a script, and the program that is started for it."""
    shell = state.config.shell
    if instruction.form == "exec":
        words = instruction.words
        name = posixpath.basename(words[0]) if words else ""
        if name in SHELLS and len(words) > 2 and words[1].startswith("-") and words[1][-1] == "c":
            _options(words[:-1], session)
            yield words[2], words[:1]
        else:
            yield " ".join(map(shlex.quote, words)), words[:1]
        return
    _options(shell, session)
    text = "\n".join(instruction.words)
    documents = instruction.heredocs
    if documents and text.lstrip().startswith("<<"):
        for one in documents:
            yield from _document(one.text, shell, session)
    else:
        yield text, shell[:1]


def _document(
    text: str, shell: tuple[str, ...], session: Session
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """A here-document as a script; a first line ``#!`` names another program for it."""
    first, _, rest = text.partition("\n")
    match = re.fullmatch(r"#!\s*(\S+)(?:\s+(\S+))?\s*", first)
    program = match[2] if match and match[1].endswith("/env") else match[1] if match else None
    if program is None:
        yield text, shell[:1]
    elif posixpath.basename(program) in SHELLS:
        session.shell = posixpath.basename(program)
        yield rest, (program,)
    else:
        yield shlex.quote(program), (program,)


def _options(shell: tuple[str, ...], session: Session) -> None:
    """The options that the shell is started with."""
    session.pipefail = any("pipefail" in word for word in shell)
    session.errexit = any(w.startswith("-") and "e" in w and "o" not in w for w in shell[1:]) or (
        "errexit" in shell
    )
    name = posixpath.basename(shell[0]) if shell else ""
    kind = shell_kind(session.below) if name == "sh" else name
    session.shell = "busybox" if kind == "ash" else kind


def _start(arguments: tuple[str, ...], session: Session) -> None:
    """Start the first program; without it nothing runs at all."""
    if not arguments or session.has(arguments[0]) or session.windows:
        return
    name = arguments[0]
    missing = session.absent(session.absolute(name)) if "/" in name else session.lacks(name)
    if "/" in name and not missing and not session.gaps.everywhere and not session.gaps.files:
        # A base image lists its shell: one without it has none.
        known = name in ("/bin/sh", "/bin/bash") and not session.gaps.covers(name)
        missing = known and not session.gaps.programs
    if not missing:
        return
    where = f"stat {name}: no such file or directory"
    if "/" not in name:
        where = "executable file not found in $PATH"
    session.fail(
        NOT_FOUND,
        "runc run failed: unable to start container process: "
        f'error during container init: exec: "{name}": {where}',
    )


def _state(annotation: Annotation, session: Session) -> None:
    """Let the author's statement replace the model's guess."""
    effect = session.effect
    if annotation.files_stated:
        effect.files.clear()
        effect.removes = []
        effect.opaque = False
        effect.loose = []
        for path, size in annotation.adds:
            session.write(path, size)
        for path in annotation.removes:
            session.remove(path)
    if annotation.time_s is not None:
        effect.seconds = annotation.time_s
        effect.notes = [note for note in effect.notes if "assumed" not in note]
    if annotation.cores is not None:
        effect.threads = annotation.cores
    if annotation.download_bytes is not None:
        effect.download_bytes = annotation.download_bytes
    if annotation.time_s is not None or annotation.files_stated or annotation.exit_code:
        effect.exit_code = annotation.exit_code


def layer_entries(effect: Effect, below: FileSystem) -> list[FileEntry]:
    """The files of the layer a RUN leaves: what it wrote, and whiteouts for what it removed."""
    gone = [
        FileEntry(path, 0, 0, kind=WHITEOUT, files=0)
        for path in dict.fromkeys(effect.removes)
        if path not in effect.files and below.exists(path)
    ]
    return [*effect.files.values(), *gone]
