"""Questions answered by arranging lines or by pointing at objects."""

from __future__ import annotations

import random
from dataclasses import dataclass

from simulator import look
from simulator.course.canon import Walk
from simulator.course.edit_lines import text_line
from simulator.course.judging import Sight, weigh
from simulator.course.model import Identify, Order
from simulator.course.player import Player
from simulator.course.session import Session
from simulator.course.template import parse_template
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
    return " ".join(parts), given_lines(order, parts, seed) in right_orders(order)


def given_lines(order: Order, parts: list[str], seed: int) -> list[str]:
    """The lines in the order of the numbers given."""
    shown = shuffled(order, seed)
    return [shown[int(part) - 1] for part in parts]


def right_orders(order: Order) -> list[list[str]]:
    """The orders that are right by what the lesson says."""
    others = [[order.lines[n - 1] for n in one] for one in order.also]
    return [list(order.lines), *others]


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of an order that was carried out: what was printed, and the verdict."""

    right: bool
    message: str
    lines: tuple[str, ...]


def try_order(order: Order, lines: list[str], walk: Walk) -> Tried:
    """Write the lines into the file, type what the block says, and measure.

    ``walk`` stands where the lesson's own path reaches the block: what was tried before, and what
    is in the caches of the learner's world, makes no difference.
    """
    build = order.build
    assert build is not None
    session = walk.session
    session.may_edit((*walk.lesson.setup.editable, build.file))
    session.execute(text_line(build.file, "".join(f"{line}\n" for line in lines)))
    printed: list[str] = []
    player = Player(build.lines, lambda: session, lambda line: session.execute(line, wait=False))
    for typed, outcome in player.finish():
        printed += [*([f"$ {typed}"] if typed else []), *outcome.lines]
    if player.failed:
        return Tried(False, f"it failed: {player.failed}", tuple(printed))
    nothing = parse_template("it does not do what is asked", order.place)
    status, message = weigh(build.conditions, nothing, build.good, walk.sight())
    return Tried(status == "pass", message, tuple(printed))


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
