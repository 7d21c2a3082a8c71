"""Frames of one command: expand, redirect, find, run, wait."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import replace

from simulator.errors import InputError, Refused
from simulator.image.problems import FileProblem
from simulator.programs.builtins import BUILTINS
from simulator.programs.call import Call, Program
from simulator.programs.entrypoints import unmet
from simulator.programs.finding import Absent, find
from simulator.programs.pauses import (
    Asks,
    Burns,
    Computes,
    Interprets,
    Outcome,
    Pause,
    Reads,
    Runs,
    Serves,
    Waits,
)
from simulator.programs.shell.control import Asking, SubshellFrame
from simulator.programs.shell.core import FRAMES, PROGRAM_STEPS, Frame, Machine
from simulator.programs.shell.expansion import Expansion, Needs
from simulator.programs.shell.parser import parse
from simulator.programs.shell.redirecting import prefix
from simulator.programs.shell.scanner import SyntaxProblem, Unfinished
from simulator.programs.shell.scope import Scope
from simulator.programs.shell.streams import Streams
from simulator.programs.shell.syntax import Simple
from simulator.programs.table import NOT_MODELLED, PROGRAMS, SHELLS, runs_project


class SimpleFrame(Asking):
    """Assignments, words and redirections until it is known what runs."""

    def __init__(self, node: Simple, streams: Streams) -> None:
        super().__init__(streams)
        self.node = node

    def step(self, machine: Machine) -> Pause | None:
        """Expand, and run what comes of it."""
        try:
            self._begin(machine)
        except Needs as needs:
            self.capture(machine, needs)
        except SyntaxProblem:
            raise
        except InputError as error:
            self.wrong(machine, error)
        return None

    def _begin(self, machine: Machine) -> None:
        node, scope = self.node, machine.scope
        substituted = machine.status if self.captured else 0
        expansion = self.expansion(machine)
        words = expansion.fields(node.words)
        values = self._values(machine, expansion)
        streams = self.redirected(machine, node.redirects, expansion)
        for name, value in expansion.changes.items():
            scope.set(name, value)
        machine.pop()
        if streams is None:
            machine.status = 1
            machine.failed()
            return
        if scope.on("xtrace") and words:
            self.streams.err.put(machine, "+ " + " ".join(words) + "\n")
        if not words:
            for name, value in values:
                scope.set(name, value)
            machine.status = substituted
            machine.failed()
            return
        machine.push(RunFrame(tuple(words), streams, tuple(values)))

    def _values(self, machine: Machine, expansion: Expansion) -> list[tuple[str, str]]:
        """What the assignments set; each sees the ones before."""
        values: list[tuple[str, str]] = []
        for name, word in self.node.assigns:
            value = expansion.text(word)
            values.append((name, value))
            if not self.node.words:
                expansion.changes[name] = value
        return values


class RunFrame(Frame):
    """A function, a builtin or a program with its arguments, until it ends."""

    def __init__(
        self,
        argv: tuple[str, ...],
        streams: Streams,
        assigns: tuple[tuple[str, str], ...] = (),
        env: Mapping[str, str] | None = None,
    ) -> None:
        """``env``: a whole environment, instead of the shell's own."""
        super().__init__(streams)
        self.argv = argv
        self.assigns = assigns
        self.env = env
        self.code: int | None = None
        """With which it ends, once what it waits for is over."""
        self.limit_s: float | None = None

    def step(self, machine: Machine) -> Pause | None:
        """Start it, or end it."""
        if self.code is not None:
            machine.status = self.code
            machine.pop()
            machine.failed()
            return None
        return self._run(machine)

    def _run(self, machine: Machine) -> Pause | None:
        scope, name = machine.scope, self.argv[0]
        body = scope.functions.get(name) if self.env is None else None
        if body is not None:
            machine.pop()
            machine.push(FunctionFrame(machine, self.argv[1:], self.streams))
            machine.start(body, self.streams)
            return None
        builtin = BUILTINS.get(name) if self.env is None else None
        if builtin is not None:
            for key, value in self.assigns:
                scope.set(key, value)
            return self._came(machine, self._guarded(machine, builtin))
        return self._program(machine)

    def _environment(self, machine: Machine) -> dict[str, str]:
        env = dict(machine.scope.env if self.env is None else self.env)
        env.update(self.assigns)
        return env

    def _program(self, machine: Machine) -> Pause | None:
        env, name = self._environment(machine), self.argv[0]
        machine.spend(PROGRAM_STEPS)
        found = find(machine.view, name, env, machine.scope.cwd)
        if isinstance(found, Absent):
            return self._came(machine, self._absent(machine, found))
        script = _script_of(found.content.text if found.content is not None else None)
        if script is not None:
            return self._came(machine, self._interpreted(script, env))
        program = PROGRAMS.get(found.name)
        if program is None and found.name in SHELLS:
            program = _shell
        if program is not None:
            return self._came(machine, self._guarded(machine, program))
        return self._came(machine, self._unknown(machine, found.name, env))

    def _interpreted(self, line: str, env: Mapping[str, str]) -> Outcome:
        """A script file: its first line names who reads it."""
        words = tuple(line.split())
        return Runs((*words, *self.argv), tuple(env.items()))

    def _unknown(self, machine: Machine, name: str, env: dict[str, str]) -> Outcome:
        behind = _behind_entrypoint(name, self.argv)
        if behind:
            demand = unmet(machine.view, behind, env)
            if demand is None:
                return Runs(behind, tuple(env.items()))
            self.streams.err.put(machine, demand.says)
            return demand.code
        done = machine.view.install(self.argv, env, machine.scope.cwd)
        if done is None and (name not in NOT_MODELLED or runs_project(self.argv)):
            return Serves(self.argv)
        if done is None:
            raise Refused(
                f"'{name}' is not modelled inside a container ('docker exec --help' lists what is)"
            )
        sink = self.streams.err if done.code else self.streams.out
        for line in done.lines:
            sink.put(machine, f"{line}\n")
        return Waits(done.seconds, done.code, " ".join(self.argv)) if done.seconds else done.code

    def _absent(self, machine: Machine, found: Absent) -> int:
        if self.env is not None:
            told = "No such file or directory" if found.code == 127 else "Permission denied"
            told = f"env: {self._quoted(found.name, machine)}: {told}"
            self.streams.err.put(machine, f"{told}\n")
        else:
            missing = "command not found" if machine.scope.options.get("bash") else "not found"
            told = missing if found.code == 127 else "Permission denied"
            self.streams.err.put(machine, f"{prefix(machine)}{found.name}: {told}\n")
        return found.code

    def _quoted(self, name: str, machine: Machine) -> str:
        return name if machine.scope.options.get("busybox") else f"‘{name}’"

    def _guarded(self, machine: Machine, program: Program) -> Outcome:
        """Run it; what a file system refuses and nobody has told of yet is told here."""
        call = Call(machine, self.argv, self._environment(machine), self.streams)
        try:
            return program(call)
        except FileProblem as problem:
            told = f"{call.name}: {problem.path}: {problem.says}"
            if self.streams.out is self.streams.err:
                raise
            self.streams.err.put(machine, told + "\n")
            return 1

    def _came(self, machine: Machine, outcome: Outcome) -> Pause | None:
        if not machine.frames or machine.frames[-1] is not self:
            return None  # a builtin has left the shell, or a loop of it
        if isinstance(outcome, int):
            self.code = outcome
            return None
        if isinstance(outcome, Waits | Computes):
            self.code = outcome.code
            what = outcome.what or " ".join(self.argv)
            outcome = replace(outcome, what=what)
            if self.limit_s is not None and isinstance(outcome, Waits):
                if outcome.seconds > self.limit_s:
                    self.code = 124
                outcome = replace(outcome, seconds=min(outcome.seconds, self.limit_s))
            return outcome
        if isinstance(outcome, Runs):
            machine.pop()
            following = RunFrame(
                outcome.argv, self.streams, () if outcome.env is not None else self.assigns,
                dict(outcome.env) if outcome.env is not None else self.env,
            )  # fmt: skip
            following.limit_s = outcome.limit_s if outcome.limit_s is not None else self.limit_s
            machine.push(following)
            return None
        if isinstance(outcome, Interprets):
            return self._read(machine, outcome)
        if self.limit_s is not None and isinstance(outcome, Asks):
            self.code = 124
            return replace(outcome, lasts_s=min(outcome.lasts_s, self.limit_s))
        if self.limit_s is not None and isinstance(outcome, Burns | Serves):
            self.code = 124
            return Waits(self.limit_s, 124, " ".join(self.argv))
        return outcome

    def _read(self, machine: Machine, script: Interprets) -> Pause | None:
        """Carry a script out in a shell of its own."""
        machine.pop()
        env = self._environment(machine)
        scope = machine.scope.child(env, script.name, script.arguments)
        scope.options = dict.fromkeys(script.options, True)
        if not machine.frames:
            machine.shell = scope
        if script.interactive:
            scope.options["interactive"] = True
            machine.push(PromptFrame(machine, scope, self.streams))
            return None
        try:
            body = parse(script.text)
        except SyntaxProblem as problem:
            outer, machine.scope = machine.scope, scope
            told = f"{prefix(machine)}Syntax error: {problem.problem}\n"
            machine.scope = outer
            self.streams.err.put(machine, told)
            machine.status = 2
            machine.failed()
            return None
        machine.push(SubshellFrame(body, self.streams, scope))
        return None


class FunctionFrame(Frame):
    """The parameters of a function, until it returns."""

    function = True

    def __init__(self, machine: Machine, arguments: tuple[str, ...], streams: Streams) -> None:
        super().__init__(streams)
        self.outer, machine.scope.arguments = machine.scope.arguments, arguments
        self.scope = machine.scope

    def step(self, machine: Machine) -> Pause | None:
        """Out again."""
        self.unwound(machine)
        machine.pop()
        return None

    def unwound(self, machine: Machine) -> None:
        """The parameters outside are back."""
        self.scope.arguments = self.outer


class PromptFrame(Frame):
    """A shell that is typed at, or may be: it carries lines out as they come."""

    boundary = typed_at = True

    def __init__(self, machine: Machine, scope: Scope, streams: Streams) -> None:
        super().__init__(streams)
        self.pending = ""
        """Lines that are no whole command yet."""
        self.outer, machine.scope = machine.scope, scope

    def step(self, machine: Machine) -> Pause | None:
        """Carry the next line out; an ``exit`` or the end of input ends it."""
        if machine.left or (not machine.lines and machine.closed):
            machine.left = False
            self.unwound(machine)
            machine.pop()
            return None
        if not machine.lines:
            return Reads("> " if self.pending else prompt(machine))
        text = machine.lines.pop(0)
        text = f"{self.pending}\n{text}" if self.pending else text
        self.pending = ""
        try:
            machine.start(parse(text), self.streams)
        except Unfinished:
            self.pending = text
        except SyntaxProblem as problem:
            machine.show("stderr", f"{prefix(machine)}Syntax error: {problem.problem}\n")
            machine.status = 2
        return None

    def unwound(self, machine: Machine) -> None:
        """The shell outside goes on."""
        machine.scope = self.outer


def prompt(machine: Machine) -> str:
    """``root@0d7f0e336166:/# `` in bash, ``/ # `` in busybox, ``# `` in dash."""
    scope, seat = machine.scope, machine.view.seat
    sign = "#" if seat.uid == 0 else "$"
    home = scope.variables.get("HOME", "")
    where = scope.cwd
    if home and home != "/" and (where == home or where.startswith(home + "/")):
        where = "~" + where[len(home) :]
    if scope.options.get("bash"):
        return f"{seat.user}@{seat.hostname}:{where}{sign} "
    return f"{where} {sign} " if scope.options.get("busybox") else f"{sign} "


_OWN_WORDS = ("eswrapper", "server")
"""Arguments that an entrypoint script takes for itself, and which are no programs (elasticsearch,
minio)."""


def _behind_entrypoint(name: str, argv: tuple[str, ...]) -> tuple[str, ...]:
    """What an image's own entrypoint script, whose text nobody has, starts in the end."""
    alone = len(argv) < 2 or argv[1].startswith("-") or argv[1] in _OWN_WORDS
    if "entrypoint" not in name or alone:
        return ()
    return argv[1:]


def _script_of(text: str | None) -> str | None:
    """Who reads a script, by its first line; None for what is no script."""
    if text is None or not text.startswith("#!"):
        return None
    return text[2:].partition("\n")[0].strip() or None


def _shell(call: Call) -> Outcome:
    """``sh -c SCRIPT``, ``sh FILE``, or a shell that reads its input."""
    options = dict.fromkeys(_kind(call), True)
    words = list(call.words)
    script = False
    while words and words[0][:1] in "-+" and len(words[0]) > 1:
        word = words.pop(0)
        if word == "--":
            break
        if word.startswith("--"):
            if word == "--version":
                return _version(call)
            continue
        for letter in word[1:]:
            if letter == "c":
                script = True
            elif letter == "o" and words:
                options[words.pop(0)] = True
            elif letter in _OPTIONS:
                options[_OPTIONS[letter]] = word[0] == "-"
    chosen = frozenset(name for name, on in options.items() if on)
    if script:
        if not words:
            return call.fail("-c requires an argument", 2)
        name = words[1] if len(words) > 1 else call.argv[0]
        return Interprets(words[0], name, tuple(words[2:]), chosen)
    if words:
        return _script_file(call, words, chosen)
    if call.streams.source is not None:
        return Interprets(call.input(), call.argv[0], (), chosen)
    interactive = call.machine.interactive
    return Interprets("", call.argv[0], (), chosen, interactive=interactive)


_OPTIONS = {"e": "errexit", "u": "nounset", "x": "xtrace", "f": "noglob", "a": "allexport"}


def _script_file(call: Call, words: list[str], options: frozenset[str]) -> Outcome:
    try:
        text = call.known_text(call.path(words[0]))
    except FileProblem as problem:
        told = f"{words[0]}: {problem.says}"
        if not {"bash", "busybox"} & options:
            told = f"0: cannot open {words[0]}: {problem.says}"
        return call.fail(told, 127 if problem.says.startswith("No such") else 126)
    if text is None:
        raise Refused(f"what is in {words[0]} is not known, so it cannot be carried out")
    return Interprets(text, words[0], tuple(words[1:]), options)


def _kind(call: Call) -> tuple[str, ...]:
    """bash, busybox, or (dash) nothing: whom the name leads to."""
    if call.seat.programs is None:
        return ("bash",) if call.name == "bash" else ()
    found = find(call.view, call.argv[0], call.env, call.machine.scope.cwd)
    path = "" if isinstance(found, Absent) else found.path
    try:
        name = posixpath.basename(call.files.resolve(path)) if path else ""
    except FileProblem:
        name = ""
    if name == "busybox" or call.files.exists("/bin/busybox"):
        return ("bash",) if name == "bash" else ("busybox",)
    return ("bash",) if name == "bash" else ()


def _version(call: Call) -> Outcome:
    if "bash" in _kind(call):
        raise Refused("bash --version: the version of bash in an image is not modelled")
    return call.fail("Illegal option --", 2)


FRAMES[Simple] = SimpleFrame
