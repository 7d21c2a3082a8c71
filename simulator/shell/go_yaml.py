"""YAML as the encoders of tools written in Go print it."""

from __future__ import annotations

import re
from typing import Any, cast

_DOUBTFUL = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?|[yYnN]")
"""What YAML 1.1 reads as a number of base sixty (``03:00``) or as a switch."""


def yaml_lines(value: Any, *, sort_keys: bool = False, indent_lists: bool = True) -> list[str]:
    """Texts that would be read as something else in double quotes, those of lines as blocks."""
    import yaml

    class Dumper(yaml.SafeDumper):
        """Indents lists where that is wanted; what is written twice is no alias."""

        def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
            return super().increase_indent(flow, indentless and not indent_lists)

        def ignore_aliases(self, data: Any) -> bool:
            return True

    def text(dumper: yaml.SafeDumper, data: str) -> Any:
        found = cast(Any, dumper).resolve(yaml.ScalarNode, data, (True, False))
        doubtful = found != "tag:yaml.org,2002:str" or _DOUBTFUL.fullmatch(data)
        style = "|" if "\n" in data else '"' if doubtful else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", data, style=style)

    Dumper.add_representer(str, text)
    whole = yaml.dump(
        value, Dumper=Dumper, sort_keys=sort_keys, allow_unicode=True, width=1_000_000
    )
    return str(whole).rstrip("\n").split("\n")
