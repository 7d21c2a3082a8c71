"""Runs the tree of a script: which commands are reached, how often, and how they end.

Three outcomes: 0, a failure, and unknown (None). What follows an unknown condition is carried out
in doubt: it takes its time and leaves its files, but its failures are nobody's.
"""

from __future__ import annotations

import fnmatch
import posixpath
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from simulator.image.builder.dash import bashism
from simulator.image.builder.filecmds import expand_glob
from simulator.image.builder.gaps import shell_kind
from simulator.image.builder.script import (
    Case,
    Chain,
    For,
    Function,
    Group,
    If,
    Node,
    Pipe,
    Redirect,
    Sequence,
    Simple,
    While,
    parse_script,
)
from simulator.image.builder.session import Session, Stream
from simulator.image.builder.shell import Command
from simulator.image.builder.words import UNKNOWN, Expansion, known

MAX_STEPS = 5_000
"""Commands of a RUN that are carried out; what comes after them is assumed to change nothing."""
MAX_CALLS = 30
REDIRECTED_BYTES = 200
"""A file that ``>`` makes of what an unknown command prints: a few lines."""
Handler = Callable[[Command, Session], None]
_SUBSTITUTED = frozenset(
    {
        "echo", "printf", "cat", "pwd", "nproc", "uname", "arch", "dpkg", "apk", "basename",
        "dirname", "seq", "whoami", "id", "go", "command", "which", "head", "tail", "expr", "true",
        "curl", "wget", "lsb_release", "getconf", "test", "[", "[[", "cd", "set", ":",
    }
)  # fmt: skip
"""Programs whose output a substitution may need; that of others is unknown."""


class _Leave(Exception):
    """exit, return, break, continue, and a failure under ``set -e``."""

    def __init__(self, how: str, status: int | None, levels: int = 1) -> None:
        super().__init__(how)
        self.how, self.status, self.levels = how, status, levels


class Interpreter:
    """One shell: its variables are the session's, its commands are performed by a handler."""

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

    def run(self, script: str, documents: Mapping[str, str] | None = None) -> None:
        """A whole script; the session's status says how it ended."""
        tree = parse_script(script, documents)
        whole = tree.understood
        try:
            self.last = self.node(tree.body)
        except _Leave as leave:
            self.last = leave.status
        except RecursionError:
            self.last, whole = None, False
        if not whole and not self.last:
            self.session.effect.opaque = True
            self.session.effect.notes.append("a part of the script is not understood")
        self.session.status = self.last or 0

    # --- variables (what words.Expansion asks for) ----------------------------------------------

    def value(self, name: str) -> str | None:
        """A variable, or what the shell itself sets."""
        session = self.session
        special = {
            "?": UNKNOWN if self.last is None else str(self.last), "#": str(len(self.arguments)),
            "@": " ".join(self.arguments), "*": " ".join(self.arguments), "0": "sh",
            "$": UNKNOWN, "!": UNKNOWN, "-": "", "PWD": session.cwd, "HOME": session.home,
        }  # fmt: skip
        if name in session.variables:
            return session.variables[name]
        if name in special:
            return special[name]
        if name.isdigit():
            at = int(name) - 1
            return self.arguments[at] if at < len(self.arguments) else ""
        if name in ("RANDOM", "HOSTNAME", "UID", "EUID", "SECONDS", "OSTYPE", "LINENO"):
            if session.shell == "dash" and name != "HOSTNAME":
                return None
            session.effect.random = session.effect.random or name == "RANDOM"
            return UNKNOWN
        return session.env.get(name, UNKNOWN if session.sourced else None)

    def assign(self, name: str, value: str) -> None:
        """Set a variable; in doubt it may also keep what it had."""
        held = self.session.variables.get(name, self.session.env.get(name))
        doubtful = self.session.doubt and held is not None and held != value
        self.session.variables[name] = UNKNOWN if doubtful else value

    def output(self, script: str) -> str:
        """What a script prints, for ``$( … )``."""
        self.calls += 1
        if self.calls > MAX_CALLS * 20:
            return UNKNOWN
        with self._subshell():
            kept = self.session.effect.output
            text = self._printed(parse_script(script).body)
            self.session.effect.output = kept
        return UNKNOWN if text is None else text.rstrip("\n")

    def _printed(self, node: Node) -> str | None:
        parts = [one for one, _ in node.parts] if isinstance(node, Sequence) else [node]
        if isinstance(node, Chain) and all(operator != "||" for operator, _ in node.parts):
            parts = [one for _, one in node.parts]
        text = ""
        for part in parts:
            if not self._tells(part):
                return None
            self.session.out = Stream.of("")
            try:
                self.last = self.node(part, tested=True)
            except _Leave:
                return None
            if self.session.out.text is None or self.last is None:
                return None
            text += self.session.out.text
        return text

    def _tells(self, node: Node) -> bool:
        """True for commands that may be carried out for their output alone."""
        if isinstance(node, Pipe):
            return all(self._tells(part) for part in node.parts)
        return isinstance(node, Simple) and (
            not node.words or posixpath.basename(node.words[0]) in _SUBSTITUTED
        )

    @property
    def expansion(self) -> Expansion:
        """How words are expanded in this shell."""
        return Expansion(self, braces=self.session.shell in ("bash", "zsh"))

    # --- the tree -------------------------------------------------------------------------------

    def node(self, node: Node, tested: bool = False) -> int | None:
        """Carry out a part of the script; how it ended."""
        self.tested += tested
        try:
            result = self._node(node)
        finally:
            self.tested -= tested
        return result

    def _node(self, node: Node) -> int | None:
        if isinstance(node, Simple):
            return self._failing(self._simple(node))
        if isinstance(node, Sequence):
            return self._sequence(node)
        if isinstance(node, Chain):
            return self._chain(node)
        if isinstance(node, Pipe):
            return self._failing(self._pipe(node))
        if isinstance(node, If):
            return self._if(node)
        if isinstance(node, For):
            return self._for(node)
        if isinstance(node, While):
            return self._while(node)
        if isinstance(node, Case):
            return self._case(node)
        if isinstance(node, Function):
            self.functions[node.name] = node.body
            return 0
        return self._group(node)

    def _failing(self, status: int | None) -> int | None:
        """Under ``set -e`` a failure ends the script, unless somebody looks at it."""
        self.last = status
        if status and self.session.errexit and not self.tested and not self.session.doubt:
            raise _Leave("error", status)
        return status

    def _sequence(self, node: Sequence) -> int | None:
        status: int | None = 0
        for part, behind in node.parts:
            status = self.node(part, tested=behind)
            if behind:
                status = 0
            self.last = status
        return status

    def _chain(self, node: Chain) -> int | None:
        status: int | None = 0
        final = len(node.parts) - 1
        for at, (operator, part) in enumerate(node.parts):
            if operator == "||" and status == 0 and self._may_have_failed(part):
                status = None
            if (operator == "&&" and status) or (operator == "||" and status == 0):
                continue
            if status is None and operator:
                self.last = None
                with self._doubt():
                    self.node(part, tested=True)
            else:
                status = self.node(part, tested=at < final)
        self.last = status
        return status

    def _may_have_failed(self, otherwise: Node) -> bool:
        """After an unknown command, what follows ``||`` may run: where it only sets variables."""
        return self.session.guessed and isinstance(otherwise, Simple) and not otherwise.words

    @contextmanager
    def _doubt(self) -> Iterator[None]:
        """What follows may not happen at all."""
        self.session.doubt += 1
        try:
            yield
        except _Leave:
            pass
        finally:
            self.session.doubt -= 1

    @contextmanager
    def _subshell(self) -> Iterator[None]:
        """A shell of its own: directory, variables and options come back as they were."""
        session = self.session
        kept = (session.cwd, dict(session.variables), session.errexit, session.pipefail)
        functions, last = dict(self.functions), self.last
        try:
            yield
        finally:
            session.cwd, session.variables, session.errexit, session.pipefail = kept
            self.functions, self.last = functions, last

    def _pipe(self, node: Pipe) -> int | None:
        session = self.session
        before = session.stdin
        status: int | None = 0
        failed: int | None = 0
        piped = len(node.parts) > 1
        for at, part in enumerate(node.parts):
            session.out = Stream()
            status = self.node(part, tested=node.negated or at < len(node.parts) - 1)
            failed = status if status else failed
            session.stdin = session.out if piped else before
        session.stdin = before
        if session.pipefail and not status:
            status = failed
        if node.negated:
            return None if status is None else int(status == 0)
        return status

    def _if(self, node: If) -> int | None:
        for condition, body in node.branches:
            status = self.node(condition, tested=True)
            if status == 0:
                return self.node(body)
            if status is None:
                with self._doubt():
                    self.node(body)
                return self._rest_in_doubt(node, condition)
        return self.node(node.otherwise) if node.otherwise is not None else 0

    def _rest_in_doubt(self, node: If, after: Node) -> int | None:
        """The branches after an undecided one: each may be the one that is taken."""
        at = [condition for condition, _ in node.branches].index(after)
        bodies = [body for _, body in node.branches[at + 1 :]]
        for body in [*bodies, *([node.otherwise] if node.otherwise is not None else [])]:
            with self._doubt():
                self.node(body)
        return None

    def _for(self, node: For) -> int | None:
        words = self.arguments if node.words is None else self._items(node.words)
        status: int | None = 0
        for word in words:
            self.session.variables[node.name] = word
            ended, status = self._round(node.body, doubtful=not known(word))
            if ended:
                break
        return status

    def _items(self, words: tuple[str, ...]) -> list[str]:
        found: list[str] = []
        for written in words:
            for word in self.expansion.fields(written):
                if not set(word) & set("*?[") or any(quote in written for quote in "\"'"):
                    found.append(word)
                    continue
                matches = expand_glob(word, self.session)
                unsure = self.session.may_exist(self.session.absolute(posixpath.dirname(word)))
                short = [one if word.startswith("/") else posixpath.relpath(one, self.session.cwd)
                         for one in matches]  # fmt: skip
                found.extend(short or [UNKNOWN if unsure else word])
        return found

    def _round(self, body: Node, doubtful: bool) -> tuple[bool, int | None]:
        """One round of a loop: whether the loop is over, and how the round ended."""
        if self.steps > MAX_STEPS:
            return True, 0
        try:
            if doubtful:
                with self._doubt():
                    self.node(body)
                return False, None
            return False, self.node(body)
        except _Leave as leave:
            if leave.how not in ("break", "continue"):
                raise
            if leave.levels > 1:
                leave.levels -= 1
                raise
            return leave.how == "break", 0

    def _while(self, node: While) -> int | None:
        status: int | None = 0
        while self.steps <= MAX_STEPS:
            self.steps += 1
            condition = self.node(node.condition, tested=True)
            if condition is None:
                return self._round(node.body, doubtful=True)[1]
            if (condition == 0) == node.until:
                break
            ended, status = self._round(node.body, doubtful=False)
            if ended:
                break
        return status

    def _case(self, node: Case) -> int | None:
        word = self.expansion.text(node.word)
        if not known(word):
            for _, body in node.arms:
                with self._doubt():
                    self.node(body)
            return None
        for patterns, body in node.arms:
            for written in patterns:
                pattern = self.expansion.text(written)
                if known(pattern) and fnmatch.fnmatchcase(word, pattern):
                    return self.node(body)
        return 0

    def _group(self, node: Group) -> int | None:
        opened = self._open(node.redirects)
        if node.subshell:
            with self._subshell():
                try:
                    status = self.node(node.body)
                except _Leave as leave:
                    if leave.how not in ("exit", "error"):
                        raise
                    status = leave.status
        else:
            status = self.node(node.body)
        self._close(opened, node.redirects)
        return self._failing(status) if node.subshell else status

    # --- one command ----------------------------------------------------------------------------

    def _simple(self, node: Simple) -> int | None:
        self.steps += 1
        session = self.session
        if self.steps > MAX_STEPS:
            return 0
        expansion = self.expansion
        if session.shell == "dash" and (said := bashism(node)) and not session.doubt:
            session.effect.output = f"/bin/sh: 1: {said} (this /bin/sh is dash, not bash)"
            raise _Leave("exit", 2)
        words = [word for written in node.words for word in expansion.fields(written)]
        if not words:
            self._assign(node.assigns)
            self._redirect_only(node.redirects)
            return self.last if node.assigns and self.last else 0
        before = session.variables
        if node.assigns:
            session.variables = dict(before)
            self._assign(node.assigns)
        opened = self._open(node.redirects)
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
        self._close(opened, node.redirects)
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
            with self._subshell():
                self.session.shell = shell_kind(self.session.below) if shell == "sh" else shell
                self.session.errexit = self.session.pipefail = False
                try:
                    self.session.status = self.node(parse_script(script).body, tested=True) or 0
                except _Leave as leave:
                    self.session.status = leave.status or 0
            self.session.shell = before

    def _function(self, name: str, arguments: list[str]) -> int | None:
        self.calls += 1
        if self.calls > MAX_CALLS * 10:
            return 0
        kept, self.arguments = self.arguments, arguments
        try:
            return self.node(self.functions[name])
        except _Leave as leave:
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
            raise _Leave(name, status)
        if name in ("break", "continue"):
            levels = words[1] if len(words) > 1 else "1"
            raise _Leave(name, 0, int(levels[:3]) if levels.isascii() and levels.isdigit() else 1)
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

    def _open(self, redirects: tuple[Redirect, ...]) -> Stream | None:
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

    def _close(self, before: Stream | None, redirects: tuple[Redirect, ...]) -> None:
        for one in redirects:
            if _writes(one):
                self._write(one)
        self.session.stdin = before

    def _redirect_only(self, redirects: tuple[Redirect, ...]) -> None:
        self.session.out = Stream.of("")
        self._close(self.session.stdin, redirects)

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
