"""grep shows lines around those that match, as GNU's does."""

import pytest

from simulator.machine.seat import Seat
from simulator.node.insides import NoFiles
from simulator.programs.running import at_once
from simulator.programs.view import View

LINES = "a\\nb\\nX\\nc\\nd\\ne\\nX\\nX\\nf"


def grepped(options):
    view = View(seat=Seat("c", ""), files=NoFiles(()))
    script = f"printf '{LINES}\\n' | grep {options}"
    printed, pause = at_once(view, ["sh", "-c", script], {})
    return "".join(text for _, text in printed).split(), pause.code


@pytest.mark.parametrize(("options", "shown"), [
    ("-A1 X", "X c -- X X f"),
    ("-B1 X", "b X -- e X X"),
    ("-C2 X", "a b X c d e X X f"),
    ("-n -C 1 X", "2-b 3:X 4-c -- 6-e 7:X 8:X 9-f"),
    ("-o -A1 X", "X X X"),
    ("-c -A1 X", "3"),
    ("-A99999999 d", "d e X X f"),
])  # fmt: skip
def test_lines_around_a_match_are_shown_once(options, shown):
    assert grepped(options) == (shown.split(), 0)


def test_a_length_that_is_none_is_refused():
    assert grepped("-A x X") == (["grep:", "x:", "invalid", "context", "length", "argument"], 2)
