"""perl's one-liners: the digits of pi of Kubernetes' first Job, and text."""

import pytest

from simulator.errors import Refused
from simulator.machine.seat import Seat
from simulator.node.insides import NoFiles
from simulator.programs.pauses import Computes, Ended
from simulator.programs.running import at_once
from simulator.programs.tools.perl import pi_digits
from simulator.programs.view import View


def ran(*words):
    view = View(seat=Seat("c", ""), files=NoFiles(()))
    printed, pause = at_once(view, ["perl", *words], {})
    return "".join(text for _, text in printed), pause


def test_digits_of_pi_are_right_and_rounded():
    assert [pi_digits(count) for count in (1, 2, 5, 10)] == ["3", "3.1", "3.1416", "3.141592654"]
    assert pi_digits(1000).startswith("3.14159265358979323846264338327950288419716939937510")
    assert len(pi_digits(2000)) == 2001


def test_more_digits_take_more_time():
    text, pause = ran("-Mbignum=bpi", "-wle", "print bpi(50)")
    assert text == "3.1415926535897932384626433832795028841971693993751\n"
    _, longer = ran("-Mbignum=bpi", "-wle", "print bpi(2000)")
    assert isinstance(pause, Computes)
    assert 0 < pause.cpu_s < longer.cpu_s


@pytest.mark.parametrize(("words", "shown"), [
    (("-e", 'print "hi\\n"'), "hi\n"),
    (("-e", "print 'hi'"), "hi"),
    (("-le", "print 'hi'"), "hi\n"),
    (("-E", "say 'hi'"), "hi\n"),
])  # fmt: skip
def test_text_is_printed(words, shown):
    assert ran(*words) == (shown, Ended(0))


def test_other_code_is_refused_by_name():
    with pytest.raises(Refused, match="of perl -e only"):
        ran("-e", "print 1+1")
