"""One run of a program: its words, its streams, and what it may ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from simulator.errors import Refused
from simulator.image.problems import FileProblem, IsADirectory, NoSuchFile, NotListed
from simulator.machine import known_files
from simulator.machine.seat import Seat
from simulator.programs.files import Content, FileSystem
from simulator.programs.pauses import Outcome
from simulator.programs.shell.core import Machine
from simulator.programs.shell.streams import Buffer, Endless, Sink, Streams
from simulator.programs.view import View

ENTRIES_A_STEP = 4
"""Entries of folders that a program looks at in one step."""


class Call:
    """A program while it runs."""

    def __init__(
        self,
        machine: Machine,
        argv: tuple[str, ...],
        env: Mapping[str, str],
        streams: Streams,
    ) -> None:
        self.machine = machine
        self.argv = argv
        self.env = env
        self.streams = streams

    @property
    def name(self) -> str:
        """What it was called as, without its folder."""
        return self.argv[0].rpartition("/")[2]

    @property
    def words(self) -> tuple[str, ...]:
        """Its arguments."""
        return self.argv[1:]

    @property
    def view(self) -> View:
        """What is around it."""
        return self.machine.view

    @property
    def seat(self) -> Seat:
        """What it sees of its machine."""
        return self.machine.view.seat

    @property
    def files(self) -> FileSystem:
        """What it sees of files."""
        return self.machine.view.files

    @property
    def user(self) -> object:
        """As whom it uses files."""
        return self.machine.view.user

    @property
    def sink(self) -> Sink:
        """Where its output goes."""
        return self.streams.out

    @property
    def piped(self) -> bool:
        """Whether its output goes to somebody who stops reading some time."""
        return isinstance(self.streams.out, Buffer)

    def entries(self, path: str) -> Sequence[Content]:
        """What is in a folder; a look at many names counts towards the steps of an instant."""
        found = self.files.entries(path, self.user)
        self.machine.spend(1 + len(found) // ENTRIES_A_STEP)
        return found

    # --- output and input -----------------------------------------------------------------------

    def out(self, text: str) -> None:
        """Write to its standard output."""
        if text:
            self.streams.out.put(self.machine, text)

    def line(self, text: str) -> None:
        """Write a line."""
        self.out(text + "\n")

    def lines(self, lines: list[str]) -> None:
        """Write lines."""
        self.out("".join(f"{line}\n" for line in lines))

    def err(self, text: str) -> None:
        """Write a line to its standard error."""
        self.streams.err.put(self.machine, text + "\n")

    def fail(self, text: str, code: int = 1) -> int:
        """Write ``name: text`` to its standard error, and end with a code."""
        self.err(f"{self.name}: {text}")
        return code

    def input(self) -> str:
        """All that comes in."""
        source = self.streams.source
        if source is None:
            return ""
        if isinstance(source, Endless):
            raise Refused(f"'{self.name}' reading {source.path} to its end is not modelled")
        if source.extra_bytes:
            raise Refused(f"'{self.name}' of contents that are not known is not modelled")
        return source.rest()

    # --- files ----------------------------------------------------------------------------------

    def path(self, name: str) -> str:
        """A path from where it is."""
        if name.startswith("/"):
            return name
        return f"{self.machine.scope.cwd.rstrip('/')}/{name}"

    def text_of(self, name: str) -> str:
        """What is in a file; FileProblem, and Refused where nobody keeps it."""
        if name == "-":
            return self.input()
        text = self.known_text(self.path(name))
        if text is None:
            raise Refused(f"contents of files are not modelled: {name}")
        return text

    def known_text(self, path: str) -> str | None:
        """The text of a file; None where only its size is known."""
        if path in ("/dev/null", "/dev/full"):
            return ""
        if path in ("/dev/stdin", "/proc/self/fd/0"):
            return self.input()
        shown = self._shown(path)
        if shown is not None and path.startswith(("/proc/", "/sys/")):
            return shown
        if path.startswith("/dev/"):
            raise Refused(f"reading {path} is not modelled for '{self.name}'")
        try:
            found = self.files.read(path, self.user)
        except IsADirectory:
            if shown is not None:
                return shown  # a base image that says no more of /etc than its size
            raise
        except NoSuchFile as missing:
            if shown is not None:
                return shown
            if path.startswith(("/proc/", "/sys/")) and known_files.exists(
                path,
                root=self.seat.programs is None,
                processes={one.pid for one in self.seat.processes},
            ):
                raise Refused(
                    f"{path} is not modelled: Linux has it, but nothing here has its numbers"
                ) from None
            if isinstance(missing, NotListed):
                raise Refused(f"contents of files are not modelled: {path}") from None
            raise
        return found.text if found.text is not None else shown

    def _shown(self, path: str) -> str | None:
        files = self.seat.files
        text = files.get(path) if path.startswith(_SHOWN) else None
        if text is None:
            for start in ("/proc/1/", "/proc/thread-self/"):
                if path.startswith(start):
                    text = files.get(f"/proc/self/{path.removeprefix(start)}")
        if text is None:
            return None
        return text if text.endswith("\n") or not text else f"{text}\n"

    def stat(self, name: str, *, follow: bool = True) -> Content:
        """What is at a path."""
        return self.files.stat(self.path(name), follow=follow)

    def exists(self, name: str) -> bool:
        """Whether there is something at a path, of the kernel's own files too."""
        path = self.path(name)
        return self._shown(path) is not None or path.startswith("/dev/") or self.files.exists(path)

    def each_text(self, names: tuple[str, ...], each: Callable[[str, str], None]) -> int:
        """Tell of the text of each file (without any: of the input); 1 where one failed."""
        code = 0
        for name in names or ("-",):
            try:
                each(name, self.text_of(name))
            except FileProblem as problem:
                code = self.fail(f"{name}: {problem.says}")
        return code


_SHOWN = ("/proc/", "/sys/", "/etc/", "/usr/lib/os-release")
"""Where a kernel, or the daemon, has files of its own."""
Program = Callable[[Call], Outcome]
