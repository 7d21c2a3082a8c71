"""Questions answered by arranging lines or by pointing at objects."""

from __future__ import annotations

import random

from simulator import look
from simulator.course.judging import Sight
from simulator.course.model import Identify, Order
from simulator.course.session import Session
from simulator.errors import InputError, unknown


def shuffled(order: Order, seed: int) -> list[str]:
    """The lines of an order block as they are shown: mixed up, the same way for the same seed."""
    lines = list(order.lines)
    stream = random.Random(f"{seed}:{order.id}")
    for _ in range(10):
        stream.shuffle(lines)
        if lines != list(order.lines):
            break
    return lines


def judge_order(order: Order, text: str, seed: int) -> tuple[str, bool]:
    """Read ``3 1 2`` (numbers of the lines as shown); its one form and whether it is right."""
    parts = text.replace(",", " ").split()
    count = len(order.lines)
    if sorted(parts) != sorted(str(n) for n in range(1, count + 1)):
        raise InputError(
            "an order names every line once", found=text, expected=f"the numbers 1 to {count}"
        )
    shown = shuffled(order, seed)
    given = [shown[int(part) - 1] for part in parts]
    orders = [list(order.lines)]
    orders += [[order.lines[n - 1] for n in one] for one in order.also]
    return " ".join(parts), given in orders


def judge_identify(block: Identify, text: str, session: Session, sight: Sight) -> tuple[str, bool]:
    """Read the names of the objects picked; their one form and whether the set is exact."""
    names = objects(session, block.kind)
    picked = sorted(set(text.replace(",", " ").split()))
    for name in picked:
        if name not in names:
            raise unknown(block.kind, name, names)
    wanted = []
    for name in names:
        here = Sight(sight.measures, {**sight.variables, "name": name})
        if here.true(block.where):
            wanted.append(name)
    return " ".join(picked), picked == sorted(wanted)


def objects(session: Session, kind: str) -> list[str]:
    """Names of the containers, VMs or hosts that exist."""
    reader = look.Reader(session.world)
    if kind == "container":
        return reader.container_names()
    return [one.name for one in reader.machines() if one.is_vm == (kind == "vm")]
