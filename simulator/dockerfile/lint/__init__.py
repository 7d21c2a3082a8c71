"""Build checks: the published rules of `docker build --check`, each with its explanation."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from simulator.dockerfile.dockerignore import Dockerignore
from simulator.dockerfile.lint.files import check_file
from simulator.dockerfile.lint.findings import Finding, Findings
from simulator.dockerfile.lint.options import CheckOptions, read_check
from simulator.dockerfile.lint.report import excerpt, report
from simulator.dockerfile.lint.rules import RULES, Rule
from simulator.dockerfile.lint.stages import check_stages
from simulator.dockerfile.model import Dockerfile
from simulator.errors import InputError, Place

__all__ = [
    "RULES",
    "CheckOptions",
    "Finding",
    "Rule",
    "excerpt",
    "lint",
    "lint_error",
    "read_check",
    "report",
]


def lint(
    dockerfile: Dockerfile,
    *,
    dockerignore: Dockerignore | None = None,
    experimental: bool = False,
    base_env: Callable[[str], Mapping[str, str] | None] | None = None,
) -> list[Finding]:
    """All findings, by line and then in the order of the rules.

    ``base_env`` gives the environment that an image (expanded name) brings, so that ``$GOPATH``
    is not taken for undefined. ``# check=skip=...;experimental=...`` in the file is honoured.
    Raises InputError when that directive is malformed.
    """
    options = read_check(dockerfile)
    findings = Findings(options, experimental)
    check_file(dockerfile, findings)
    check_stages(dockerfile, dockerignore, base_env, findings)
    return findings.sorted()


def lint_error(dockerfile: Dockerfile, findings: list[Finding]) -> InputError | None:
    """The error that ends the build when the file says ``# check=error=true``, else None."""
    if not findings or not read_check(dockerfile).error:
        return None
    rules = sorted({finding.rule for finding in findings})
    first = findings[0]
    return InputError(
        f"lint violation found for rules: {', '.join(rules)}",
        place=Place(dockerfile.name, first.line, first.column),
    )
