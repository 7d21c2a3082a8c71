"""One command of a script: its words, what it sets, where its output goes, how it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from simulator.image.builder.dash import bashism
from simulator.image.builder.gaps import shell_kind
from simulator.image.builder.script import Node, Redirect, Simple, parse_script
from simulator.image.builder.session import Session, Stream
from simulator.image.builder.shell import Command
from simulator.image.builder.words import UNKNOWN, Expansion, known

MAX_STEPS = 5_000
"""Commands of a RUN that are carried out; what comes after them is assumed to change nothing."""
MAX_CALLS = 30
REDIRECTED_BYTES = 200
"""A file that ``>`` makes of what an unknown command prints: a few lines."""
Handler = Callable[[Command, Session], None]


class Leave(Exception):
    """exit, return, break, continue, and a failure under ``set -e``: ``how`` says which."""

    def __init__(self, how: str, status: int | None, levels: int = 1) -> None:
        super().__init__(how)
        self.how, self.status, self.levels = how, status, levels


class Commands:
    """A shell as far as single commands know it; ``interpreter.py`` knows what joins them."""

    def __init__(self, session: Session, perform: Handler) -> None:
        self.session = session
        self.perform = perform
        self.functions: dict[str, Node] = {}
        self.arguments: list[str] = []
        self.steps = 0
        self.calls = 0
        self.tested = 0
        """Conditions around the command: a failure there is no error."""
        self.last: int | None = 0

    def node(self, node: Node, tested: bool = False) -> int | None:
        """Carry out a part of the script; how it ended."""
        raise NotImplementedError

    def value(self, name: str) -> str | None:
        """A variable, or what the shell itself sets."""
        raise NotImplementedError

    def assign(self, name: str, value: str) -> None:
        """Set a variable."""
        raise NotImplementedError

    @property
    def expansion(self) -> Expansion:
        """How words are expanded in this shell."""
        raise NotImplementedError

    @contextmanager
    def subshell(self) -> Iterator[None]:
        """A shell of its own: directory, variables and options come back as they were."""
        session = self.session
        kept = (session.cwd, dict(session.variables), session.errexit, session.pipefail)
        functions, last = dict(self.functions), self.last
        try:
            yield
        finally:
            session.cwd, session.variables, session.errexit, session.pipefail = kept
            self.functions, self.last = functions, last

    def simple(self, node: Simple) -> int | None:
        """One command, or one that only sets variables; how it ended."""
        self.steps += 1
        session = self.session
        if self.steps > MAX_STEPS:
            return 0
        expansion = self.expansion
        if session.shell == "dash" and (said := bashism(node)) and not session.doubt:
            session.effect.output = f"/bin/sh: 1: {said} (this /bin/sh is dash, not bash)"
            raise Leave("exit", 2)
        words = [word for written in node.words for word in expansion.fields(written)]
        if not words:
            self._assign(node.assigns)
            self._redirect_only(node.redirects)
            return self.last if node.assigns and self.last else 0
        before = session.variables
        if node.assigns:
            session.variables = dict(before)
            self._assign(node.assigns)
        opened = self.open(node.redirects)
        session.status, session.query, session.out = 0, False, Stream()
        session.guessed = False
        try:
            status = self._call(words, node)
        finally:
            if node.assigns and words[0] not in (":", "export", "exec", "eval"):
                changed = session.variables
                session.variables = before
                if words[0] in ("set", "read"):
                    session.variables = changed
        session.status = 0
        self.close(opened, node.redirects)
        return session.status or status

    def _assign(self, assigns: tuple[str, ...]) -> None:
        before, self.last = self.last, 0
        for written in assigns:
            if "$?" in written or "${?" in written:
                self.last = before
            name, _, value = written.partition("=")
            text = UNKNOWN if value.startswith("(") else self.expansion.text(value)
            bare = name.removesuffix("+")
            self.assign(bare, (self.value(bare) or "") + text if name.endswith("+") else text)
            self.last = 0

    def _call(self, words: list[str], node: Simple) -> int | None:
        name = words[0]
        if name in self.functions:
            return self._function(name, words[1:])
        if self._builtin(name, words):
            return self.last
        targets = tuple(self.expansion.text(one.target) for one in node.redirects if _writes(one))
        self.perform(Command(tuple(words), writes=targets), self.session)
        while self.session.effect.calls:
            self.perform(Command(self.session.effect.calls.pop(0)), self.session)
        self._parse_more()
        status = self.session.status
        if status and self.session.doubt:
            return None
        return None if self.session.query and not status else status

    def _parse_more(self) -> None:
        """Scripts that a command hands over: ``sh -c``, ``eval``, a script file of the context."""
        while self.session.effect.scripts:
            shell, script = self.session.effect.scripts.pop()
            self.calls += 1
            if self.calls > MAX_CALLS:
                return
            if not shell:
                self.session.status = self.node(parse_script(script).body) or 0
                continue
            before = self.session.shell
            with self.subshell():
                self.session.shell = shell_kind(self.session.below) if shell == "sh" else shell
                self.session.errexit = self.session.pipefail = False
                try:
                    self.session.status = self.node(parse_script(script).body, tested=True) or 0
                except Leave as leave:
                    self.session.status = leave.status or 0
            self.session.shell = before

    def _function(self, name: str, arguments: list[str]) -> int | None:
        self.calls += 1
        if self.calls > MAX_CALLS * 10:
            return 0
        kept, self.arguments = self.arguments, arguments
        try:
            return self.node(self.functions[name])
        except Leave as leave:
            if leave.how != "return":
                raise
            return leave.status
        finally:
            self.arguments = kept

    def _builtin(self, name: str, words: list[str]) -> bool:
        """The shell's own words that change how the script goes on."""
        session = self.session
        if name in ("exit", "return"):
            code = words[1] if len(words) > 1 else "?"
            status = int(code) & 255 if code.isascii() and code.isdigit() else self.last
            if not session.doubt and status:
                session.effect.output = session.effect.output or f"exit {status}"
            raise Leave(name, status)
        if name in ("break", "continue"):
            levels = words[1] if len(words) > 1 else "1"
            raise Leave(name, 0, int(levels[:3]) if levels.isascii() and levels.isdigit() else 1)
        if name in ("export", "local", "readonly") or (
            name in ("declare", "typeset") and session.shell != "dash"
        ):
            for word in words[1:]:
                if "=" in word and not word.startswith("-"):
                    self.assign(*word.partition("=")[::2])
        elif name == "unset":
            for word in words[1:]:
                session.variables[word] = ""
        elif name == "shift":
            self.arguments = self.arguments[1:]
        elif name == "set" and (session.shell != "dash" or "pipefail" not in words):
            self._set(words[1:])
        elif name == "eval":
            session.effect.scripts.append(("", " ".join(words[1:])))
            self._parse_more()
            self.last = session.status
            return True
        else:
            return False
        self.last = 0
        return True

    def _set(self, words: list[str]) -> None:
        session = self.session
        for at, word in enumerate(words):
            if word == "--":
                self.arguments = words[at + 1 :]
                return
            if word[:1] in ("-", "+") and word[1:].isalpha() and "e" in word:
                session.errexit = word[0] == "-"
            if word == "pipefail":
                session.pipefail = words[at - 1][:1] == "-"
            if word == "errexit":
                session.errexit = words[at - 1][:1] == "-"

    # --- redirections ---------------------------------------------------------------------------

    def open(self, redirects: tuple[Redirect, ...]) -> Stream | None:
        """Have the command read what ``<`` names; what it read before is put back later."""
        before = self.session.stdin
        for one in redirects:
            if one.operator == "<<":
                quoted = any(quote in one.target for quote in "\"'\\")
                text = one.document or ""
                self.session.stdin = Stream.of(text if quoted else self.expansion.document(text))
            elif one.operator == "<<<":
                self.session.stdin = Stream.of(self.expansion.text(one.target) + "\n")
            elif one.operator == "<":
                path = self.session.absolute(self.expansion.text(one.target))
                self.session.stdin = Stream(self.session.size_of(path), self.session.text_of(path))
        return before

    def close(self, before: Stream | None, redirects: tuple[Redirect, ...]) -> None:
        """Write what ``>`` names, and put back what ``open`` gave."""
        for one in redirects:
            if _writes(one):
                self._write(one)
        self.session.stdin = before

    def _redirect_only(self, redirects: tuple[Redirect, ...]) -> None:
        self.session.out = Stream.of("")
        self.close(self.session.stdin, redirects)

    def _write(self, one: Redirect) -> None:
        session = self.session
        path = session.absolute(self.expansion.text(one.target))
        if path.startswith("/dev/"):
            return
        if not known(path):
            session.loosen(path)
            return
        out = session.out if not one.operator.startswith("2") else Stream.of("")
        size = REDIRECTED_BYTES if out.size_bytes is None else out.size_bytes
        text = out.text
        if one.operator.endswith(">>"):
            held = session.size_of(path) or 0
            earlier = session.text_of(path) if held else ""
            text = earlier + text if text is not None and earlier is not None else None
            size += held
        if not one.operator.startswith("2"):
            session.out = Stream.of("")
        session.write(path, size, text=text, random=out.random)
        if session.denied:
            session.denied = ""
            session.fail(2, f"/bin/sh: 1: cannot create {path}: Permission denied")


def _writes(one: Redirect) -> bool:
    return ">" in one.operator and not one.operator.endswith(">&") and one.operator != "<>"
