"""Findings as `docker build --check` prints them, with the explanation in place of a link."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.dockerfile.lint.findings import Finding
from simulator.dockerfile.words import shown

_RULE = "-" * 20
_AROUND = 2
_MOST_LINES = 12
_WIDEST = 160


def report(findings: Sequence[Finding], text: str, *, name: str = "Dockerfile") -> str:
    """All findings with the lines of the file that they are about.

    ``text`` is the file as it was read.
    """
    if not findings:
        return "Check complete, no warnings found."
    found = "1 warning has" if len(findings) == 1 else f"{len(findings)} warnings have"
    lines = text.removeprefix("\ufeff").split("\n")
    parts = [f"Check complete, {found} been found!"]
    parts.extend(_finding(finding, lines, name) for finding in findings)
    return "\n\n".join(parts)


def _finding(finding: Finding, lines: Sequence[str], name: str) -> str:
    return "\n".join(
        (
            f"WARNING: {finding.rule}",
            finding.message,
            f"{name}:{finding.line}",
            _excerpt(lines, finding.line, finding.end_line),
            f"Why: {finding.explanation}",
            f"What to do: {finding.advice}",
        )
    )


def excerpt(text: str, line: int, end_line: int = 0) -> str:
    """Some lines of a file around ``line`` to ``end_line`` (from 1), the meant ones marked."""
    return _excerpt(text.removeprefix("\ufeff").split("\n"), line, end_line)


def _excerpt(lines: Sequence[str], line: int, end_line: int) -> str:
    last = max(line, min(end_line, line + _MOST_LINES))
    shows = range(max(line - _AROUND, 1), min(last + _AROUND, len(lines)) + 1)
    rows = [
        f"{number:4d} | {'>>>' if line <= number <= last else '   '} "
        + shown(lines[number - 1].replace("\t", "    ").rstrip("\r"), _WIDEST)
        for number in shows
    ]
    return "\n".join((_RULE, *(row.rstrip() for row in rows), _RULE))
