"""The Dockerfile language: parsing, variable expansion, `.dockerignore`, build checks."""

from __future__ import annotations

from simulator.dockerfile.dockerignore import Dockerignore
from simulator.dockerfile.dump import tree
from simulator.dockerfile.durations import parse_duration
from simulator.dockerfile.expansion import (
    Expansion,
    expand,
    expand_fully,
    expand_heredoc,
    expand_words,
)
from simulator.dockerfile.healthcheck import Healthcheck, read_healthcheck
from simulator.dockerfile.lint import (
    RULES,
    CheckOptions,
    Finding,
    Rule,
    excerpt,
    lint,
    lint_error,
    read_check,
    report,
)
from simulator.dockerfile.model import Dockerfile, Flag, Heredoc, Instruction, Stage
from simulator.dockerfile.modes import apply_chmod, split_chown
from simulator.dockerfile.mounts import Mount, parse_mount, read_mounts
from simulator.dockerfile.parser import parse, parse_instruction
from simulator.dockerfile.ports import Port, parse_ports
from simulator.dockerfile.signals import parse_signal

__all__ = [
    "RULES",
    "CheckOptions",
    "Dockerfile",
    "Dockerignore",
    "Expansion",
    "Finding",
    "Flag",
    "Healthcheck",
    "Heredoc",
    "Instruction",
    "Mount",
    "Port",
    "Rule",
    "Stage",
    "apply_chmod",
    "excerpt",
    "expand",
    "expand_fully",
    "expand_heredoc",
    "expand_words",
    "lint",
    "lint_error",
    "parse",
    "parse_duration",
    "parse_instruction",
    "parse_mount",
    "parse_ports",
    "parse_signal",
    "read_check",
    "read_healthcheck",
    "read_mounts",
    "report",
    "split_chown",
    "tree",
]
