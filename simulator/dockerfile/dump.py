"""The syntax tree as text, one instruction a line, in the form that BuildKit's parser prints."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.dockerfile.source import read_source
from simulator.dockerfile.syntax import KEYWORDS, Node, go_quote, read_node


def tree(text: str, *, name: str = "Dockerfile") -> str:
    """The tree of a Dockerfile, which need not make sense as a build.

    Raises InputError for what has no tree at all, such as ``ENV NAME`` or an empty file.

    >>> tree("FROM alpine\\nCMD [ 'a' ]\\nENV A=1")
    '(from "alpine")\\n(cmd "[ \\'a\\' ]")\\n(env "A" "1" "=")'
    """
    source = read_source(text, name)
    return "\n".join(f"({_line(read_node(line, name))})" for line in source.lines)


def _line(node: Node) -> str:
    parts = [node.written.lower()]
    if node.flags:
        parts.append("[" + " ".join(go_quote(str(flag)) for flag in node.flags) + "]")
    if node.child is not None:
        parts.append(f"({_line(node.child)})")
    parts.extend(go_quote(word) for word in _words(node))
    return " ".join(parts)


def _words(node: Node) -> Iterator[str]:
    if node.name not in KEYWORDS:
        # An unknown instruction keeps its name only.
        yield ""
        return
    yield from node.words
    for name, value, separator in node.pairs:
        if node.name == "ARG":
            yield name + separator + (value or "")
        else:
            yield from (name, value or "", separator)
