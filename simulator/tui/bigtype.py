"""Large type: words that can be read from the last row, drawn of half blocks.

A letter is five dots high and three to five wide; two dots share a cell, so that a line of large
type is three rows. Without Unicode each dot is a cell, and a line is five rows.
"""

from __future__ import annotations

from simulator.tui.glyphs import glyphs

HEIGHT = 5
_FONT = {
    "A": "010 101 111 101 101", "B": "110 101 110 101 110", "C": "011 100 100 100 011",
    "D": "110 101 101 101 110", "E": "111 100 110 100 111", "F": "111 100 110 100 100",
    "G": "011 100 101 101 011", "H": "101 101 111 101 101", "I": "111 010 010 010 111",
    "J": "001 001 001 101 010", "K": "101 101 110 101 101", "L": "100 100 100 100 111",
    "M": "10001 11011 10101 10001 10001", "N": "1001 1101 1011 1001 1001",
    "O": "010 101 101 101 010", "P": "110 101 110 100 100", "Q": "0110 1001 1001 1011 0111",
    "R": "110 101 110 101 101", "S": "011 100 010 001 110", "T": "111 010 010 010 010",
    "U": "101 101 101 101 111", "V": "101 101 101 101 010",
    "W": "10001 10001 10101 11011 10001", "X": "101 101 010 101 101",
    "Y": "101 101 010 010 010", "Z": "111 001 010 100 111",
    "0": "111 101 101 101 111", "1": "010 110 010 010 111", "2": "111 001 111 100 111",
    "3": "111 001 111 001 111", "4": "101 101 111 001 001", "5": "111 100 111 001 111",
    "6": "111 100 111 101 111", "7": "111 001 001 010 010", "8": "111 101 111 101 111",
    "9": "111 101 111 001 111", ".": "0 0 0 0 1", ",": "00 00 00 01 10", ":": "0 1 0 1 0",
    "-": "000 000 111 000 000", "+": "000 010 111 010 000", "%": "1001 0001 0110 1000 1001",
    "/": "001 001 010 100 100", "?": "110 001 010 000 010", "!": "1 1 1 0 1", "'": "1 1 0 0 0",
    " ": "00 00 00 00 00", "(": "01 10 10 10 01", ")": "10 01 01 01 10",
}  # fmt: skip
_UNKNOWN = "111 111 111 111 111"
_HALVES = {("0", "0"): " ", ("1", "0"): "▀", ("0", "1"): "▄", ("1", "1"): "█"}


def width_of(text: str) -> int:
    """Cells that a text takes."""
    return sum(len(_rows(letter)[0]) + 1 for letter in text)


def big_rows(text: str) -> list[str]:
    """One line of large type as rows of the terminal; what has no letter here is a block."""
    rows = [""] * HEIGHT
    for letter in text:
        for index, dots in enumerate(_rows(letter)):
            rows[index] += dots + "0"
    if not glyphs().braille:
        return [row.replace("0", " ").replace("1", "#") for row in rows]
    rows.append("0" * len(rows[0]))
    return [
        "".join(_HALVES[pair] for pair in zip(rows[i], rows[i + 1], strict=True))
        for i in range(0, HEIGHT, 2)
    ]


def big_lines(text: str, width: int) -> list[str]:
    """A text in large type, broken between words; a word that is too wide stays small."""
    lines: list[str] = []
    current = ""
    for word in text.upper().split():
        if width_of(word) > width:
            return [text]
        longer = f"{current} {word}".strip()
        if width_of(longer) > width:
            lines.append(current)
            longer = word
        current = longer
    return [row for line in [*lines, current] for row in big_rows(line)]


def _rows(letter: str) -> list[str]:
    return _FONT.get(letter.upper(), _UNKNOWN).split()
