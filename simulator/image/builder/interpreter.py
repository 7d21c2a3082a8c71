"""Runs the tree of a script: which commands are reached, how often, and how they end.

Three outcomes: 0, a failure, and unknown (None). What follows an unknown condition is carried out
in doubt: it takes its time and leaves its files, but its failures are nobody's.
"""

from __future__ import annotations

import fnmatch
import posixpath
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from simulator.image.builder.filecmds import expand_glob
from simulator.image.builder.onecommand import MAX_CALLS, MAX_STEPS, Commands, Handler, Leave
from simulator.image.builder.script import (
    Case,
    Chain,
    For,
    Function,
    Group,
    If,
    Node,
    Pipe,
    Sequence,
    Simple,
    While,
    parse_script,
)
from simulator.image.builder.session import Stream
from simulator.image.builder.words import UNKNOWN, Expansion, known

_SUBSTITUTED = frozenset(
    {
        "echo", "printf", "cat", "pwd", "nproc", "uname", "arch", "dpkg", "apk", "basename",
        "dirname", "seq", "whoami", "id", "go", "command", "which", "head", "tail", "expr", "true",
        "curl", "wget", "lsb_release", "getconf", "test", "[", "[[", "cd", "set", ":",
    }
)  # fmt: skip
"""Programs whose output a substitution may need; that of others is unknown."""


class Interpreter(Commands):
    """One shell: its variables are the session's, its commands are performed by a handler."""

    def run(self, script: str, documents: Mapping[str, str] | None = None) -> None:
        """A whole script; the session's status says how it ended."""
        tree = parse_script(script, documents)
        whole = tree.understood
        try:
            self.last = self.node(tree.body)
        except Leave as leave:
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
        with self.subshell():
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
            except Leave:
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
            return self._failing(self.simple(node))
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
            raise Leave("error", status)
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
        except Leave:
            pass
        finally:
            self.session.doubt -= 1

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
        except Leave as leave:
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
        opened = self.open(node.redirects)
        if node.subshell:
            with self.subshell():
                try:
                    status = self.node(node.body)
                except Leave as leave:
                    if leave.how not in ("exit", "error"):
                        raise
                    status = leave.status
        else:
            status = self.node(node.body)
        self.close(opened, node.redirects)
        return self._failing(status) if node.subshell else status


__all__ = ["Handler", "Interpreter"]
