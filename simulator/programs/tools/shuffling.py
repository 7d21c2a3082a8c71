"""shuf: lines, words or numbers in an order by chance, the same in each run of a world."""

from __future__ import annotations

import re
from random import Random

from simulator.errors import Refused
from simulator.programs.call import Call
from simulator.programs.pauses import Outcome
from simulator.programs.tools.options import bad, read
from simulator.programs.tools.texts import all_lines

MOST = 1_000_000
"""Numbers in a range."""


def shuf(call: Call) -> Outcome:
    """Lines in another order: ``-i LOW-HIGH``, ``-e``, ``-n``, ``-o``, ``-r`` is refused."""
    longs = {"input-range": "i", "head-count": "n", "output": "o", "echo": "e"}
    found = read(call, "e", "ino", longs)
    if found.bad:
        return bad(call, found)
    lines, code = _input(call, found.values.get("i"), found.rest, echoed=found.on("e"))
    if lines is None:
        return call.fail(f"invalid input range: '{found.values['i']}'")
    most = found.number("n", len(lines))
    if most is None or most < 0:
        return call.fail(f"invalid line count: '{found.values['n']}'")
    view = call.view
    # Chance is a function of who asks, when and for what: a world replayed has it again.
    chance = Random(f"{view.seat.hostname} {view.now_s!r} {' '.join(call.words)}")
    drawn = chance.sample(lines, min(most, len(lines)))
    if "o" in found.values:
        text = "".join(f"{line}\n" for line in drawn)
        call.files.write(call.path(found.values["o"]), text, user=call.user)
    else:
        call.lines(drawn)
    return code


def _input(
    call: Call, numbers: str | None, words: list[str], *, echoed: bool
) -> tuple[list[str] | None, int]:
    if numbers is None:
        return (words, 0) if echoed else all_lines(call, words)
    found = re.fullmatch(r"(\d{1,15})-(\d{1,15})", numbers)
    low, high = (int(found[1]), int(found[2])) if found else (1, 0)
    if high < low:
        return None, 1
    if high - low >= MOST:
        raise Refused(f"shuf of more than {MOST:,} numbers is not modelled")
    return [str(one) for one in range(low, high + 1)], 0
