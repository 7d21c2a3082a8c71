"""What a person reads of one piece of advice: the Dockerfile as it would be."""

from __future__ import annotations

from simulator.errors import InputError
from simulator.image.advice import Advice


def rewritten(found: list[Advice], number: int) -> list[str]:
    """The Dockerfile after one piece of advice, or the lines for .dockerignore."""
    if number > len(found):
        wanted = f"1 to {len(found)}" if found else "none: there is no advice on this one"
        raise InputError("no such advice", found=number, expected=wanted)
    one = found[number - 1]
    if one.rewritten is not None:
        return one.rewritten.rstrip("\n").split("\n")
    if one.dockerignore:
        return ["# add to .dockerignore:", *one.dockerignore.split("\n")]
    return [f"# {one.title}: this one takes a human", f"# {one.why}"]
