"""Data in the formats that ``-o`` asks for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from simulator.files import read_text
from simulator.shell.kubectl.target import KubectlError

if TYPE_CHECKING:
    from simulator.shell.grammar import Call
    from simulator.shell.session import Session


TEMPLATES = ("go-template", "template")
_IN_FILES = {
    "go-template-file": "go-template", "templatefile": "go-template", "jsonpath-file": "jsonpath",
    "custom-columns-file": "custom-columns",
}  # fmt: skip
MOST_BYTES = 1 << 20
"""Of a template in a file."""


def asked(session: Session, call: Call) -> str:
    """The format that a line asks for, its template in it: by ``-o``, ``--template``, a file."""
    output = call["output"] or ""
    template = call.values.get("template")
    if template is not None and (not output or output in TEMPLATES):
        return f"go-template={template}"
    if template is not None and output in ("jsonpath", "jsonpath-as-json"):
        return f"{output}={template}"
    name, equals, rest = output.partition("=")
    if name not in _IN_FILES or not equals:
        return output
    within = session.folder if session.confined else None
    said = read_text(session.path(rest), limit_bytes=MOST_BYTES, within=within)
    if name == "custom-columns-file":
        return f"custom-columns={_columns(said)}"
    return f"{_IN_FILES[name]}={said}"


def _columns(said: str) -> str:
    """A line of headings and one of paths, as one specification."""
    rows = [one.split() for one in said.splitlines() if one.strip()]
    if len(rows) != 2 or len(rows[0]) != len(rows[1]):
        raise KubectlError("error: custom-columns-file: expected a line of headings and a line "
                           "with as many paths")  # fmt: skip
    return ",".join(f"{name}:{path}" for name, path in zip(*rows, strict=True))


def printed_data(whole: Any, output: str) -> list[str]:
    """Data in a format that is asked for."""
    if output == "json":
        return json.dumps(whole, indent=4, sort_keys=True).split("\n")
    if output == "yaml":
        return yaml_lines(whole)
    name, _, rest = output.partition("=")
    if name in ("jsonpath", "jsonpath-as-json"):
        from simulator.shell.kubectl.jsonpath import expand

        return expand(whole, rest).split("\n")
    if name in TEMPLATES and rest:
        from simulator.shell.kubectl import go_templates

        return go_templates.expand(whole, rest).split("\n")
    if name in TEMPLATES:
        raise KubectlError("error: template format specified but no template given")
    raise KubectlError(unprintable(name))


def check_output(output: str) -> None:
    """KubectlError where a format is none, before anything is written that was to be printed."""
    name, equals, _ = output.partition("=")
    plain = ("", "json", "yaml", "name", "wide")
    if not (name in plain or (equals and name in (*TEMPLATES, "jsonpath", "jsonpath-as-json",
                                                  "custom-columns"))):  # fmt: skip
        raise KubectlError(unprintable(name))


def unprintable(name: str) -> str:
    """What kubectl says of an output format that it does not have."""
    return (
        f'error: unable to match a printer suitable for the output format "{name}", allowed '
        "formats are: custom-columns,custom-columns-file,go-template,go-template-file,json,"
        "jsonpath,jsonpath-file,name,template,templatefile,wide,yaml"
    )


def yaml_lines(data: Any) -> list[str]:
    """YAML as kubectl writes it: sorted keys, lists not indented."""
    from simulator.shell import go_yaml

    return go_yaml.yaml_lines(json.loads(json.dumps(data)), sort_keys=True, indent_lists=False)
