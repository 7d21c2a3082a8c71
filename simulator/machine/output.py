"""What the program in a container writes and prints: files that grow, first files, a log.

It finds its place by its daemon, which knows what is mounted where. What it cannot write it is
told; whether it then ends or goes on is its own affair (``writing.py``).
"""

from __future__ import annotations

from simulator.image.model import DIRECTORY, FileEntry
from simulator.image.problems import FileProblem, NoSpace
from simulator.machine import pagecache
from simulator.machine.charges import DEFAULT_RATES
from simulator.machine.events_trouble import LogLost, WriteFailed
from simulator.machine.life import Life
from simulator.machine.log_writing import LogWriting
from simulator.machine.memory_space import MemorySpace
from simulator.machine.writing import Place, Writing


class Output(Life):
    """A life, and what it leaves on disks."""

    def _place(self, folder: str, name: str) -> Place:
        """Where a file of this name in this folder lies; FileProblem where it cannot be written."""
        raise NotImplementedError

    def _log_place(self) -> Place:
        """Where its daemon keeps its output."""
        raise NotImplementedError

    def write(self, rate: float, name: str, *, ends: bool = False, presses: bool = False) -> None:
        """A file grows from now on, on whatever is mounted where the program writes."""
        self._write(self.settings.workload.writes_to, name, rate, ends=ends, presses=presses)

    def flood(self, path: str, *, ends: bool) -> Writing | None:
        """Something in it writes to a file without end, as fast as its disk takes it; None where
        it cannot. ``ends``: it is its first process, which ends when the disk is full."""
        folder, _, name = path.rpartition("/")
        return self._write(folder or "/", name, DEFAULT_RATES["diskbomb"], ends=ends)

    def close(self, writing: Writing) -> None:
        """Who wrote that file has ended."""
        if writing in self.writings:
            writing.stop()
            self.writings.remove(writing)

    def _write(
        self, folder: str, name: str, rate: float, *, ends: bool, presses: bool = False
    ) -> Writing | None:
        try:
            place = self._place(folder, name)
        except FileProblem as problem:
            self._write_failed(problem, ends)
            return None
        one = Writing(self, self, place, rate, ends=ends, presses=presses)
        if isinstance(place.space, MemorySpace):
            one.share, one.rate, one.in_memory = 0.0, rate, True
        self.writings.append(one)
        pagecache.files(self)
        one.begin()
        if one.in_memory:
            self.machine.host.housekeeping.grows(self)
        return one

    def lay_down(self, size_bytes: int) -> None:
        """Its first files, on whatever is mounted where it writes; it ends where there is no room.

        They stand for as many as a database has (about 40 kB each)."""
        try:
            place = self._place(self.settings.workload.writes_to, "data")
            if place.tree.lookup(place.path) is None:
                count = max(2, size_bytes // 40_000)
                place.tree.put(
                    FileEntry(place.path, size_bytes, 0o700, kind=DIRECTORY, files=count)
                )
                if not isinstance(place.space, MemorySpace):
                    pagecache.put(self, size_bytes)
        except FileProblem as problem:
            self._write_failed(problem, ends=True)

    def print_on(self, rate: float) -> None:
        """Its output grows from now on by so many bytes a second, if its daemon keeps it."""
        if self.settings.log.most_bytes:
            place, most = self._log_place(), self.settings.log.most_bytes
            self.log_file = LogWriting(self, self, place, rate, most)
            self.log_file.begin()

    def write_failed(self, writing: Writing) -> None:
        """There is no space left on the device that one of its files grows on."""
        if writing is self.log_file:
            writing.place.space.try_on(writing)
            self.sim.emit(LogLost(self.name))
            return
        if not writing.ends:
            writing.place.space.try_on(writing)
        self._write_failed(NoSpace(writing.place.path), writing.ends)
        self.neighbours.refresh()

    def _write_failed(self, problem: FileProblem, ends: bool) -> None:
        self._note(f"write error: {problem.says}")
        self.sim.emit(WriteFailed(self.name, problem.says, ends))
        if ends:
            self.crash(1, f"write error: {problem.says}")
