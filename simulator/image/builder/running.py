"""RUN: which commands it starts, whether the image has them, and what they leave behind."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from simulator.image.builder.annotations import Annotation
from simulator.image.builder.effects import Effect
from simulator.image.builder.model import Rates
from simulator.image.builder.shell import Command, split_script
from simulator.image.builder.state import StageState
from simulator.image.builder.variables import DEFAULT_PATH
from simulator.image.digests import digest_of
from simulator.image.dockerfile import Instruction, Mount
from simulator.image.model import DIRECTORY, WHITEOUT, FileEntry
from simulator.image.union import FileSystem, parents

SHELLS = frozenset({"sh", "bash", "ash", "dash", "zsh", "ksh"})
NOT_FOUND = 127


@dataclass(slots=True)
class Session:
    """A RUN while its commands take effect, one after the other."""

    below: FileSystem
    env: Mapping[str, str]
    cwd: str
    user: str
    key: str
    rates: Rates
    mounts: tuple[Mount, ...] = ()
    warm: Callable[[str], frozenset[str]] = lambda _: frozenset()
    texts: Mapping[str, str] = field(default_factory=dict)
    """Content of small context files, by digest."""
    sizes: Mapping[str, int] = field(default_factory=dict)
    known: bool = True
    effect: Effect = field(default_factory=Effect)
    status: int = 0
    exits: bool = False
    pipefail: bool = False
    errexit: bool = False
    _gone: set[str] = field(default_factory=set)

    def absolute(self, path: str) -> str:
        """A path against the working directory; ``~`` is the home directory."""
        if path == "~" or path.startswith("~/"):
            path = self.home + path[1:]
        for name in ("HOME", "PWD"):
            if path.startswith((f"${name}", f"${{{name}}}")):
                value = self.home if name == "HOME" else self.cwd
                path = path.replace(f"${{{name}}}", value).replace(f"${name}", value)
        return "/" + posixpath.normpath(posixpath.join(self.cwd, path)).lstrip("/")

    @property
    def home(self) -> str:
        """The home directory of the user."""
        return "/root" if self.user in ("", "root", "0") else f"/home/{self.user}"

    def entry(self, path: str) -> FileEntry | None:
        """What is at a path now, including what this RUN has written."""
        written = self.effect.files.get(path)
        if written is not None:
            return written
        if path in self._gone or any(above in self._gone for above in parents(path)):
            return None
        return self.below.lookup(path)

    def under(self, folder: str) -> dict[str, FileEntry]:
        """Everything at or below a path now."""
        prefix = folder.rstrip("/") + "/"
        found = {
            path: entry
            for path, entry in self.below.under(folder).items()
            if path not in self._gone and not any(above in self._gone for above in parents(path))
        }
        written = self.effect.files.items()
        return found | {p: one for p, one in written if p == folder or p.startswith(prefix)}

    def text_of(self, path: str) -> str | None:
        """The content of a small file that came from the context."""
        for mount in self.mounts:
            if mount.type == "bind" and self.absolute(mount.target) == path:
                return self.texts.get(mount.source.lstrip("/"))
        entry = self.entry(path)
        return self.texts.get(entry.digest) if entry is not None else None

    def write(self, path: str, size_bytes: int, *, files: int = 1, mode: int = 0) -> None:
        """Write a file, or with ``files`` > 1 a directory that stands for them.

        What goes into a mount leaves no trace in the layer.
        """
        if self.mount_at(path) is not None:
            return
        folder = files > 1
        bits = mode or (0o755 if folder else 0o644)
        kind = DIRECTORY if folder else "file"
        digest = digest_of("made", self.key, path)
        self.effect.write(FileEntry(path, size_bytes, bits, digest, kind, files=files))

    def program(self, path: str, size_bytes: int = 0) -> None:
        """Write an executable."""
        self.write(path, size_bytes, mode=0o755)

    def remove(self, path: str) -> None:
        """Remove what is at or below a path."""
        prefix = path.rstrip("/") + "/"
        for written in [p for p in self.effect.files if p == path or p.startswith(prefix)]:
            del self.effect.files[written]
        if self.below.exists(path):
            self._gone.add(path)
            self.effect.removes.append(path)

    def mount_at(self, path: str) -> Mount | None:
        """The mount that holds a path."""
        for mount in self.mounts:
            target = self.absolute(mount.target) if mount.target else ""
            if target and (path == target or path.startswith(target.rstrip("/") + "/")):
                return mount
        return None

    def has(self, program: str) -> bool:
        """True when a program is on the PATH, or may be: unknown writers came before."""
        return self.where(program) is not None

    def where(self, program: str) -> str | None:
        """The path of a program, as execvp finds it."""
        if "/" in program:
            path = self.absolute(program)
            held = self.entry(path) is not None or self.mount_at(path) is not None
            return path if held else None
        for folder in self.env.get("PATH", DEFAULT_PATH).split(":"):
            path = posixpath.join(folder or "/", program)
            if self.entry(path) is not None:
                return path
        return None

    def fail(self, code: int, output: str) -> None:
        """The command ends with an exit code."""
        self.status = code
        self.effect.output = output


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
    if session.known and _certain(session, arguments[0]):
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
    for at, command in enumerate(commands):
        if session.exits:
            return
        if command.joined == "&&" and session.status != 0:
            continue
        if command.joined == "||" and session.status == 0:
            continue
        following = commands[at + 1].joined if at + 1 < len(commands) else ""
        before = session.status
        session.status = 0
        perform(command, session)
        if command.joined == "|" and session.pipefail and before:
            session.status = before
        excused = following in ("||", "&&") or command.guarded or following == "|"
        if command.conditional or (command.guarded and following != "||"):
            session.status = 0
        elif session.status and session.errexit and not excused:
            return


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
