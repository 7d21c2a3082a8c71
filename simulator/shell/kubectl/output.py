"""Data in the formats that ``-o`` asks for."""

from __future__ import annotations

import json
from typing import Any

from simulator.shell.kubectl.target import KubectlError


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
    raise KubectlError(unprintable(name))


def check_output(output: str) -> None:
    """KubectlError where a format is none, before anything is written that was to be printed."""
    name, equals, _ = output.partition("=")
    plain = ("", "json", "yaml", "name", "wide")
    if not (name in plain or (equals and name in ("jsonpath", "jsonpath-as-json",
                                                  "custom-columns"))):  # fmt: skip
        raise KubectlError(unprintable(name))


def unprintable(name: str) -> str:
    """What kubectl says of an output format that it does not have."""
    instead = "; templates of Go are not modelled: write jsonpath or custom-columns"
    return (
        f'error: unable to match a printer suitable for the output format "{name}", allowed '
        "formats are: custom-columns,json,jsonpath,name,wide,yaml"
        + (instead if name.startswith(("go-template", "template")) else "")
    )


def yaml_lines(data: Any) -> list[str]:
    """YAML as kubectl writes it: sorted keys, lists not indented."""
    import yaml

    plain: Any = json.loads(json.dumps(data))  # what is written twice is no alias
    text_ = yaml.safe_dump(plain, default_flow_style=False, sort_keys=True, width=1000)
    return text_.rstrip("\n").split("\n")
