"""What a shell knows: variables, parameters, functions, options, where it is."""

from __future__ import annotations

from collections.abc import Mapping

from simulator.programs.shell.syntax import Node

MAX_VARIABLES = 2000


class Scope:
    """The state of one shell; a subshell has a copy."""

    def __init__(self, env: Mapping[str, str], cwd: str = "/", name: str = "sh") -> None:
        self.variables = dict(env)
        self.exported = dict.fromkeys(env, True)
        self.cwd = cwd
        self.before = ""
        """Where it was before the last ``cd``."""
        self.name = name
        """``$0``."""
        self.arguments: tuple[str, ...] = ()
        self.functions: dict[str, Node] = {}
        self.options: dict[str, bool] = {}
        self.traps: dict[str, str] = {}
        self.pid = 1
        self.limits: dict[str, str] = {}
        """What ``ulimit`` has set, by letter."""

    def copy(self) -> Scope:
        """A subshell's."""
        made = Scope({}, self.cwd, self.name)
        made.variables, made.exported = dict(self.variables), dict(self.exported)
        made.before, made.arguments = self.before, self.arguments
        made.functions, made.options = dict(self.functions), dict(self.options)
        made.pid, made.limits = self.pid, dict(self.limits)
        return made

    def child(self, env: Mapping[str, str], name: str, arguments: tuple[str, ...]) -> Scope:
        """The scope of a new shell that is started with an environment."""
        made = Scope(env, self.cwd, name)
        made.arguments, made.pid, made.limits = arguments, self.pid, dict(self.limits)
        return made

    @property
    def env(self) -> dict[str, str]:
        """What programs are given."""
        return {key: self.variables[key] for key in self.exported if key in self.variables}

    def set(self, name: str, value: str) -> None:
        """Set a variable; beyond ``MAX_VARIABLES`` nothing more is kept."""
        if name in self.variables or len(self.variables) < MAX_VARIABLES:
            self.variables[name] = value
            if self.options.get("allexport"):
                self.exported[name] = True

    def on(self, option: str) -> bool:
        """Whether an option of ``set`` is on."""
        return self.options.get(option, False)
