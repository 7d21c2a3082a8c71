"""sleep, date, timeout, nice, nohup, time: what has to do with time, and runs others in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import inf

from simulator.errors import InputError, Refused
from simulator.programs.call import Call
from simulator.programs.pauses import Outcome, Runs, Waits
from simulator.units import EPOCH, parse_duration

_HARMLESS = "aAbBcdDeFHIjklmMnNpPrRsSTuUVwxXyYzZ%"


def span_s(text: str) -> float | None:
    """Seconds of ``10``, ``0.5``, ``2m``; None where it is none."""
    if text in ("infinity", "inf"):
        return inf
    try:
        return float(parse_duration(text))
    except InputError:
        return None


def sleep(call: Call) -> Outcome:
    """Nothing for some time."""
    if not call.words:
        return call.fail("missing operand")
    spans = [span_s(word) for word in call.words]
    total = 0.0
    for word, span in zip(call.words, spans, strict=True):
        if span is None:
            return call.fail(f"invalid time interval '{word}'")
        total += span
    return Waits(total) if total > 0 else 0


def date(call: Call) -> Outcome:
    """Simulated time as a date; ``+FORMAT``, ``-u``, ``-d @SECONDS``."""
    when = EPOCH + timedelta(seconds=min(call.view.now_s, 1e9))
    form = "%a %b %e %H:%M:%S UTC %Y"
    words = list(call.words)
    while words:
        word = words.pop(0)
        if word.startswith("+"):
            form = word[1:]
        elif word in ("-d", "--date") and words and words[0].startswith("@"):
            digits = words.pop(0)[1:]
            if not digits.isdigit() or len(digits) > 10:
                return call.fail(f"invalid date '@{digits}'")
            when = datetime.fromtimestamp(int(digits), UTC)
        elif word.startswith(("-I", "--iso-8601")):
            form = "%Y-%m-%dT%H:%M:%S+00:00" if "s" in word[2:] else "%Y-%m-%d"
        elif word in ("-R",):
            form = "%a, %d %b %Y %H:%M:%S +0000"
        elif word not in ("-u", "--utc"):
            raise Refused(f"date {word} is not modelled")
    call.line(_dated(when, form))
    return 0


def _dated(when: datetime, form: str) -> str:
    made, at = [], 0
    while at < len(form):
        pair = form[at : at + 2]
        if pair[0] == "%" and len(pair) == 2 and pair[1] in _HARMLESS:
            made.append(_letter(when, pair[1]))
            at += 2
        else:
            made.append(form[at])
            at += 1
    return "".join(made)


def _letter(when: datetime, letter: str) -> str:
    own = {
        "s": str(int(when.timestamp())), "N": f"{when.microsecond * 1000:09d}", "n": "\n",
        "e": f"{when.day:>2}", "z": "+0000", "Z": "UTC", "P": when.strftime("%p").lower(),
        "F": when.strftime("%Y-%m-%d"), "T": when.strftime("%H:%M:%S"),
        "R": when.strftime("%H:%M"), "D": when.strftime("%m/%d/%y"), "k": f"{when.hour:>2}",
        "l": f"{(when.hour % 12) or 12:>2}", "r": when.strftime("%I:%M:%S %p"),
    }  # fmt: skip
    return own[letter] if letter in own else when.strftime(f"%{letter}")


def timeout(call: Call) -> Outcome:
    """Another program, ended after some time with code 124."""
    words = list(call.words)
    while words and words[0].startswith("-"):
        option = words.pop(0)
        if option in ("-s", "-k") and words:
            words.pop(0)
    if len(words) < 2:
        return call.fail("missing operand", 125)
    span = span_s(words[0])
    if span is None:
        return call.fail(f"invalid time interval '{words[0]}'", 125)
    return Runs(tuple(words[1:]), limit_s=span if span else None)


def in_front(call: Call) -> Outcome:
    """nice, nohup, time, stdbuf, setsid, tini, …: another program, as if they were not there."""
    words = list(call.words)
    while words and (words[0].startswith("-") or words[0] == "--"):
        option = words.pop(0)
        if option in ("-n", "-o", "-i", "-e", "-u", "-g") and words:
            words.pop(0)
    if not words:
        return call.fail("missing operand", 125)
    return Runs(tuple(words))


def as_user(call: Call) -> Outcome:
    """gosu, su-exec, runuser: another program as another user, who is not modelled."""
    words = call.words
    if len(words) < 2:
        return call.fail("missing operand")
    return Runs(tuple(words[1:]))


def pause(call: Call) -> Outcome:
    """/pause: waits until it is killed."""
    return Waits(inf)
