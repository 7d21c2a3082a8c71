"""perl as far as it is used in one line: text that is printed, and digits of pi."""

from __future__ import annotations

import re
from collections.abc import Sequence

from simulator.errors import Refused
from simulator.programs.call import Call
from simulator.programs.pauses import Computes, Outcome

MOST_DIGITS = 10_000
CPU_S = 5.0
"""Seconds of a core for 2,000 digits, as an order of magnitude: it grows with their square."""
_CODE = re.compile(r"-[a-zA-Z]*[eE]")
_PI = re.compile(r"\s*print\s+bpi\((\d{1,6})\)\s*;?\s*")
_TEXT = re.compile(r"""\s*(print|say)\s+(?:"([^"$@\\]*(?:\\n)?)"|'([^'\\]*)')\s*;?\s*""")


def is_one_liner(words: Sequence[str]) -> bool:
    """Whether a command line has its program in it."""
    return any(_CODE.fullmatch(word) for word in words[1:])


def one_liner(call: Call) -> Outcome:
    """What ``-e CODE`` does; ``-l`` ends what is printed with a new line."""
    words, ends, at = call.words, False, 0
    while at < len(words) and not _CODE.fullmatch(words[at]):
        ends = ends or (words[at].startswith("-") and "l" in words[at][1:2])
        at += 1
    ends = ends or "l" in words[at] or words[at].endswith("E")
    code = words[at + 1] if at + 1 < len(words) else ""
    pi, text = _PI.fullmatch(code), _TEXT.fullmatch(code)
    if pi is not None and int(pi[1]) <= MOST_DIGITS:
        digits = max(1, int(pi[1]))
        call.out(pi_digits(digits) + ("\n" if ends else ""))
        return Computes(CPU_S * (digits / 2000) ** 2, what=" ".join(call.argv))
    if text is not None:
        said = (text[2] or text[3] or "").replace("\\n", "\n")
        call.out(said + ("\n" if ends or text[1] == "say" else ""))
        return 0
    raise Refused("of perl -e only print 'text' and print bpi(DIGITS) are modelled")


def pi_digits(count: int) -> str:
    """Pi with so many digits, rounded (Machin's formula, 1706)."""
    scale = int(10 ** (count + 9))

    def arctan(inverse: int) -> int:
        term = scale // inverse
        summed, sign, step, square = term, -1, 3, inverse * inverse
        while term:
            term //= square
            summed += sign * (term // step)
            sign, step = -sign, step + 2
        return summed

    value = 4 * (4 * arctan(5) - arctan(239))
    digits = str((value + 5 * 10**9) // 10**10)
    return digits if count == 1 else f"{digits[0]}.{digits[1:]}"
