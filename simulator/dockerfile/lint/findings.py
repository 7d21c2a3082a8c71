"""Findings of the build checks, and the collector that knows which rules are on."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.dockerfile.lint.options import CheckOptions
from simulator.dockerfile.lint.rules import ORDER, RULES
from simulator.dockerfile.model import Instruction
from simulator.dockerfile.words import shown


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to improve: the rule, where, what (as the builder words it), why, and the remedy.

    ``will_become_error`` marks what a later version of the builder will refuse.
    """

    rule: str
    line: int
    message: str
    explanation: str
    advice: str
    column: int = 1
    end_line: int = 0
    will_become_error: bool = False

    def __str__(self) -> str:
        return f"{self.rule}: {self.message} (line {self.line})"


class Findings:
    """Collects findings; what is skipped, experimental and not asked for, or said twice is not."""

    def __init__(self, options: CheckOptions, experimental: bool) -> None:
        self._options = options
        self._experimental = experimental
        self._found: dict[tuple[int, int, str], Finding] = {}

    def add(
        self, name: str, instruction: Instruction, *values: str, line: int | None = None
    ) -> None:
        """A finding of a rule at an instruction; ``values`` fill the rule's message."""
        rule = RULES[name]
        if self._options.skips(name):
            return
        if rule.experimental and not (self._experimental or self._options.tries(name)):
            return
        at = instruction.line if line is None else line
        finding = Finding(
            rule=name,
            line=at,
            message=rule.message.format(*(shown(value, 200) for value in values)),
            explanation=rule.explanation,
            advice=rule.advice,
            column=instruction.column if line is None else 1,
            end_line=max(at, instruction.end_line),
            will_become_error=rule.will_become_error,
        )
        self._found.setdefault((at, ORDER[name], finding.message), finding)

    def sorted(self) -> list[Finding]:
        """By line, then in the order of the rules, then as found."""
        keys = sorted(self._found, key=lambda key: key[:2])
        return [self._found[key] for key in keys]
