"""YAML as nodes that know their places: bounded in depth and count, with aliases or without.

PyYAML's safe composer makes nodes, never objects. It is imported when something is read: naming its
types would import it, which costs time at start-up.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from simulator.errors import InputError, Place, printable

Node = Any
"""A PyYAML node."""
TAG = "tag:yaml.org,2002:"
PLAIN_TAGS = frozenset(
    TAG + name for name in ("str", "int", "float", "bool", "null", "timestamp", "map", "seq")
)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a text may hold; an alias counts where it is expanded, and is seldom needed."""

    nodes: int
    depth: int
    aliases: bool = True


def is_scalar(node: Node) -> bool:
    """Whether a node is a single value."""
    return bool(node.id == "scalar")


def place_at(mark: Any, origin: Place) -> Place:
    """Where a mark is in a file whose YAML begins at ``origin``."""
    return Place(origin.file, (origin.line or 1) + mark.line, mark.column + 1)


def compose(text: str, origin: Place, bounds: Bounds) -> Node | None:
    """The root node of a text, or None when there is nothing in it; InputError with a place."""
    import yaml

    loader: Any = None
    try:
        loader = _loader()(text, bounds)
        loader.name = origin.file
        return loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        raise _wrong_yaml(error, origin) from None
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        column = len(before) - before.rfind("\n")
        place = Place(origin.file, (origin.line or 1) + before.count("\n"), column)
        raise InputError(
            "not YAML: this character is not allowed", place=place, found=hex(error.character)
        ) from None
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
        found = printable(str(error), 100)[1:-1]
        raise InputError("not YAML", place=origin, found=found) from None
    finally:
        if loader is not None:
            loader.dispose()


def _wrong_yaml(error: Any, origin: Place) -> InputError:
    mark = error.problem_mark or error.context_mark
    place = place_at(mark, origin) if mark else origin
    parts = (part.split("\n")[0] for part in (error.context, error.problem) if part)
    why = ", ".join(parts)
    text = f": {printable(why, 200)[1:-1]}" if why else ""
    return InputError(f"not YAML, it cannot be read{text}", place=place)


@cache
def _loader() -> type[Any]:
    """PyYAML's safe loader with bounds; a class made late, because importing PyYAML costs time."""
    import yaml

    class Bounded(yaml.SafeLoader):
        """Counts nodes and depth while they are made."""

        def __init__(self, stream: str, bounds: Bounds) -> None:
            super().__init__(stream)
            self.bounds = bounds
            self.nodes = 0
            self.depth = 0

        def compose_node(self, parent: Any, index: Any) -> Any:
            """One node, within the bounds."""
            parser: Any = self
            self.nodes += 1
            self.depth += 1
            wrong = self._wrong(parser)
            if wrong:
                mark = parser.peek_event().start_mark
                raise yaml.MarkedYAMLError(problem=wrong, problem_mark=mark)
            node = super().compose_node(parent, index)
            self.depth -= 1
            return node

        def _wrong(self, parser: Any) -> str:
            bounds = self.bounds
            if self.depth > bounds.depth:
                return f"nested too deep, at most {bounds.depth:,}"
            if self.nodes > bounds.nodes:
                return f"too many values, at most {bounds.nodes:,}"
            if not bounds.aliases and parser.check_event(yaml.AliasEvent):
                return "aliases (*name) are not allowed"
            return ""

    return Bounded
