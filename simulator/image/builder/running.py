"""RUN: which commands it starts, whether the image has them, and what they leave behind."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from simulator.dockerfile import Instruction
from simulator.image.builder.annotations import Annotation
from simulator.image.builder.choices import Choices
from simulator.image.builder.effects import Effect
from simulator.image.builder.session import Session
from simulator.image.builder.shell import Command, split_script
from simulator.image.builder.state import StageState
from simulator.image.digests import digest_of
from simulator.image.model import WHITEOUT, FileEntry
from simulator.image.union import FileSystem

SHELLS = frozenset({"sh", "bash", "ash", "dash", "zsh", "ksh"})
NOT_FOUND = 127
MAX_WORD, MAX_WORDS = 4096, 1000
_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)(?::?-([^}]*))?\})")


Handler = Callable[[Command, Session], None]


def run(
    instruction: Instruction,
    state: StageState,
    session: Session,
    annotation: Annotation | None,
    perform: Handler,
) -> Effect:
    """The effect of a RUN. ``exit_code`` and ``output`` say how it failed, if it did."""
    for script, arguments in _scripts(instruction, state, session):
        if arguments is not None:
            _start(arguments, session)
        if session.status == 0 and script is not None:
            _script(script, session, perform)
    effect = session.effect
    effect.exit_code = session.status
    if annotation is not None:
        _state(annotation, session)
    if effect.exit_code == 0:
        effect.output = ""
    return effect


def _scripts(
    instruction: Instruction, state: StageState, session: Session
) -> Iterator[tuple[str | None, tuple[str, ...] | None]]:
    """What runs: a script in a shell (with the shell to start), or one program by itself."""
    shell = state.config.shell
    if instruction.form == "exec":
        words = instruction.words
        name = posixpath.basename(words[0]) if words else ""
        if name in SHELLS and len(words) > 2 and words[1].endswith("c"):
            yield words[2], words[:1]
        else:
            yield " ".join(_quoted(word) for word in words), words[:1]
        return
    session.pipefail = any("pipefail" in word for word in shell)
    session.errexit = any(w.startswith("-") and "e" in w and "o" not in w for w in shell[1:])
    text = "\n".join(instruction.words)
    documents = instruction.heredocs
    if documents and text.lstrip().startswith("<<"):
        yield "\n".join(one.text for one in documents), shell[:1]
    else:
        yield text, shell[:1]


def _quoted(word: str) -> str:
    return word if word and not set(word) & set(" \t\n\"'\\;&|()<>#$`") else "'" + word + "'"


def _start(arguments: tuple[str, ...], session: Session) -> None:
    """Start the first program; without it nothing runs at all."""
    if not arguments or session.has(arguments[0]):
        return
    if session.known and not session.windows and _certain(session, arguments[0]):
        name = arguments[0]
        where = f"stat {name}: no such file or directory"
        if "/" not in name:
            where = "executable file not found in $PATH"
        session.fail(
            NOT_FOUND,
            "runc run failed: unable to start container process: "
            f'error during container init: exec: "{name}": {where}',
        )


def _certain(session: Session, program: str) -> bool:
    """Missing for sure: a path inside a directory listed as a whole may exist after all."""
    return "/" not in program or not session.below.inside_coarse(session.absolute(program))


def _script(script: str, session: Session, perform: Handler) -> None:
    commands = split_script(script)
    choices = Choices()
    for at, command in enumerate(commands):
        if session.exits:
            return
        if not choices.reaches(command):
            continue
        if command.joined == "&&" and session.status != 0:
            continue
        if command.joined == "||" and session.status == 0:
            continue
        following = commands[at + 1].joined if at + 1 < len(commands) else ""
        before = session.status
        session.status = 0
        _perform(command, session, perform)
        choices.learn(command, session)
        if command.joined == "|" and session.pipefail and before:
            session.status = before
        unsure = command.conditional and not choices.certain(command)
        excused = following in ("||", "&&") or command.guarded or following == "|"
        if unsure or (command.guarded and following != "||"):
            session.status = 0
        elif session.status and session.errexit and not excused:
            return


def _perform(command: Command, session: Session, perform: Handler) -> None:
    """Let a command take effect with its variables replaced; unknown ones stay as written."""
    known = {**session.env, **session.variables}
    for name, value in command.assigns:
        session.variables[name] = substitute(value, known)
    if any("$" in word for word in (*command.words, *command.writes)):
        command = replace(
            command,
            words=tuple(_split(command.words, known)),
            writes=tuple(substitute(word, known) for word in command.writes),
        )
    if command.words or command.writes:
        perform(command, session)


def substitute(word: str, known: Mapping[str, str]) -> str:
    """``$NAME``, ``${NAME}`` and ``${NAME:-default}`` replaced where the value is known."""

    def value(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        return known.get(name) or (match[3] if match[3] is not None else match[0])

    return _VARIABLE.sub(value, word)[:MAX_WORD] if "$" in word else word


def _split(words: tuple[str, ...], known: Mapping[str, str]) -> Iterator[str]:
    """Words after replacing; a word that is one variable alone may become several."""
    for word in words:
        replaced = substitute(word, known)
        if replaced != word and _VARIABLE.fullmatch(word):
            yield from replaced.split()[:MAX_WORDS]
        else:
            yield replaced


def _state(annotation: Annotation, session: Session) -> None:
    """Let the author's statement replace the model's guess."""
    effect = session.effect
    if annotation.files_stated:
        effect.files.clear()
        effect.removes = []
        effect.opaque = False
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


def touched(entry: FileEntry, key: str) -> FileEntry:
    """The copy of a file that a change of owner, mode or content leaves in the upper layer."""
    return replace(entry, digest=digest_of("touched", key, entry.path))
