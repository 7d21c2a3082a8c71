"""cat, head, tail, wc, sort, uniq, cut, tr, tee, tac, rev, nl, xargs: what goes through pipes."""

from __future__ import annotations

import re
from math import inf

from simulator.errors import Refused
from simulator.image.problems import FileProblem
from simulator.machine.charges import bomb
from simulator.programs.call import Call
from simulator.programs.pauses import Burns, Outcome, Runs, Waits
from simulator.programs.shell.streams import ENDLESS_FILES, Endless, opened
from simulator.programs.tools.options import bad, read
from simulator.programs.tools.saying import unescaped
from simulator.units import parse_bytes


def cat(call: Call) -> Outcome:
    """Files one after the other; of a file that is only known by its size, so many bytes."""
    found = read(call, "nbsuvetAET")
    if found.bad:
        return bad(call, found)
    if not found.rest and isinstance(call.streams.source, Endless):
        raise Refused(f"cat of {call.streams.source.path} never ends; it is not modelled")
    if not found.rest and call.streams.source is None and call.machine.interactive:
        return Waits(inf)
    code, number = 0, 0
    for name in found.rest or ["-"]:
        path = call.path(name)
        if path in ENDLESS_FILES:
            raise Refused(f"cat of {path} never ends; it is not modelled (head -c N {path} is)")
        try:
            text = call.input() if name == "-" else call.known_text(path)
        except FileProblem as problem:
            code = call.fail(f"{name}: {problem.says}")
            continue
        if text is None:
            _bytes_of(call, path)
        elif found.on("n"):
            for line in text.splitlines():
                number += 1
                call.line(f"{number:>6}\t{line}")
        else:
            call.out(text)
    return code


def _bytes_of(call: Call, path: str) -> None:
    size = call.files.stat(path).size_bytes
    if not call.piped and type(call.sink).__name__ == "Console":
        raise Refused(f"contents of files are not modelled: {path}")
    call.sink.put_bytes(call.machine, size)


def head(call: Call) -> Outcome:
    """The first lines, or bytes."""
    count, by_bytes, names = _count(call)
    if count is None:
        return call.fail(f"invalid number of lines: '{call.words[-1]}'")
    endless = _endless(call, names)
    if endless:
        if not by_bytes:
            raise Refused(f"lines of {endless} are not modelled; head -c N {endless} is")
        call.sink.put_bytes(call.machine, max(0, count))
        return Waits(count / call.view.disk_bytes_s) if count > 1 << 20 else 0

    def show(name: str, text: str) -> None:
        _title(call, names, name)
        if by_bytes:
            call.out(text.encode()[: count if count >= 0 else None].decode(errors="replace"))
        else:
            lines = text.splitlines(keepends=True)
            call.out("".join(lines[:count]))

    return call.each_text(tuple(names), show)


def _endless(call: Call, names: list[str]) -> str:
    if not names and isinstance(call.streams.source, Endless):
        return call.streams.source.path
    if len(names) == 1 and call.path(names[0]) in ENDLESS_FILES:
        return call.path(names[0])
    return ""


def _count(call: Call) -> tuple[int | None, bool, list[str]]:
    words = [f"-n{word[1:]}" if re.fullmatch(r"-\d+", word) else word for word in call.words]
    asked = Call(call.machine, (call.argv[0], *words), call.env, call.streams)
    found = read(asked, "qvfF", "nc", {"lines": "n", "bytes": "c", "follow": "f"})
    by_bytes = "c" in found.values
    text = found.values.get("c" if by_bytes else "n", "10")
    sign = text[:1] if text[:1] in "+-" else ""
    try:
        count = parse_bytes(text.lstrip("+-") or "0")
    except Exception:
        return None, by_bytes, found.rest
    if call.name == "tail" and sign == "+":
        return -count, by_bytes, found.rest
    return (-count if sign == "-" and call.name == "head" else count), by_bytes, found.rest


def _title(call: Call, names: list[str], name: str) -> None:
    if len(names) > 1:
        call.line(("" if name == names[0] else "\n") + f"==> {name} <==")


def tail(call: Call) -> Outcome:
    """The last lines, or bytes; with ``-f`` it then waits for ever."""
    count, by_bytes, names = _count(call)
    if count is None:
        return call.fail("invalid number of lines")
    endless = _endless(call, names)
    if endless:
        # It keeps the last line, which never ends: its memory grows as fast as it reads.
        rate = bomb("membomb", None, 1, 0.0).rate
        return Burns(1, " ".join(call.argv), grows_bytes_s=rate)
    follow = any(re.fullmatch(r"-\d*[fF]|--follow.*", word) for word in call.words)
    names = [name for name in names if name not in ("-f", "-F")]

    def show(name: str, text: str) -> None:
        _title(call, names, name)
        if by_bytes:
            data = text.encode()
            call.out(data[len(data) - min(count, len(data)) :].decode(errors="replace"))
            return
        lines = text.splitlines(keepends=True)
        chosen = lines[-count - 1 :] if count < 0 else lines[len(lines) - min(count, len(lines)) :]
        call.out("".join(chosen))

    code = call.each_text(tuple(names), show)
    return Waits(inf) if follow and not code else code


def wc(call: Call) -> Outcome:
    """Lines, words, bytes."""
    found = read(call, "lwcm")
    if found.bad:
        return bad(call, found)
    columns = [letter for letter in "lwc" if letter in found.flags]
    if "m" in found.flags:
        columns.append("c")
    columns = columns or ["l", "w", "c"]
    totals = dict.fromkeys("lwc", 0)
    rows: list[tuple[dict[str, int], str]] = []
    code = 0
    for name in found.rest or ["-"]:
        try:
            rows.append((_counts(call, name, columns), "" if name == "-" else name))
        except FileProblem as problem:
            code = call.fail(f"{name}: {problem.says}")
            continue
        for letter in "lwc":
            totals[letter] += rows[-1][0][letter]
    if len(found.rest) > 1:
        rows.append((totals, "total"))
    for counts, name in rows:
        values = [str(counts[letter]) for letter in columns]
        if len(values) > 1:
            values = [f"{value:>7}" for value in values]
        call.line(" ".join([*values, name]).rstrip())
    return code


def _counts(call: Call, name: str, columns: list[str]) -> dict[str, int]:
    source = call.streams.source
    extra = getattr(source, "extra_bytes", 0) if name == "-" else 0
    if extra and columns == ["c"]:
        return {"l": 0, "w": 0, "c": extra}
    if columns == ["c"] and name != "-" and call.known_text(call.path(name)) is None:
        return {"l": 0, "w": 0, "c": call.stat(name).size_bytes}
    text = call.text_of(name)
    return {"l": text.count("\n"), "w": len(text.split()), "c": len(text.encode())}


def all_lines(call: Call, names: list[str]) -> tuple[list[str], int]:
    """The lines of files, or of what comes in; and the code for those that are not there."""
    lines: list[str] = []
    code = call.each_text(tuple(names), lambda name, text: lines.extend(text.splitlines()))
    return lines, code


def sort(call: Call) -> Outcome:
    """Lines in order: ``-n -r -u -k -t -h``."""
    found = read(call, "nrufbhVs", "kto", {"reverse": "r", "unique": "u", "numeric-sort": "n"})
    if found.bad:
        return bad(call, found)
    lines, code = all_lines(call, found.rest)
    field = re.match(r"(\d+)(?:\.\d+)?(?:,\d+)?([nrh]*)", found.values.get("k", ""))
    numeric = found.on("n") or bool(field and "n" in field[2])
    human = found.on("h") or bool(field and "h" in field[2])
    reverse = found.on("r") or bool(field and "r" in field[2])
    separator = found.values.get("t")

    def key(line: str) -> tuple[float, str]:
        part = line
        if field:
            parts = line.split(separator) if separator else line.split()
            at = int(field[1]) - 1
            part = parts[at] if 0 <= at < len(parts) else ""
        if numeric or human:
            return _leading(part, human), line
        return 0.0, part.lower() if found.on("f") else part

    ordered = sorted(lines, key=key, reverse=reverse)
    if found.on("u"):
        ordered = list(dict.fromkeys(ordered))
    if "o" in found.values:
        call.files.write(
            call.path(found.values["o"]), "".join(f"{line}\n" for line in ordered), user=call.user
        )
    else:
        call.lines(ordered)
    return code


def _leading(text: str, human: bool) -> float:
    found = re.match(r"\s*(-?\d{1,18}(?:\.\d{1,9})?)([KMGTP]?)", text)
    if found is None:
        return 0.0
    power = " KMGTP".index(found[2]) if human and found[2] else 0
    return float(found[1]) * 1024.0**power


def uniq(call: Call) -> Outcome:
    """Lines that differ from the one before: ``-c -d -u``."""
    found = read(call, "cdui")
    if found.bad:
        return bad(call, found)
    lines, code = all_lines(call, found.rest[:1])
    groups: list[tuple[str, int]] = []
    for line in lines:
        if groups and groups[-1][0] == line:
            groups[-1] = (line, groups[-1][1] + 1)
        else:
            groups.append((line, 1))
    for line, count in groups:
        if (found.on("d") and count == 1) or (found.on("u") and count > 1):
            continue
        call.line(f"{count:>7} {line}" if found.on("c") else line)
    return code


def cut(call: Call) -> Outcome:
    """Fields or characters of each line."""
    found = read(call, "s", "dfcb")
    if found.bad:
        return bad(call, found)
    by_field = "f" in found.values
    listed = found.values.get("f") or found.values.get("c") or found.values.get("b")
    if listed is None:
        return call.fail("you must specify a list of bytes, characters, or fields")
    ranges = _ranges(listed)
    if ranges is None:
        return call.fail("invalid field value")
    separator = found.values.get("d", "\t")[:1] or "\t"
    lines, code = all_lines(call, found.rest)
    for line in lines:
        if by_field and separator not in line:
            if not found.on("s"):
                call.line(line)
            continue
        parts = line.split(separator) if by_field else list(line)
        kept = [
            part
            for at, part in enumerate(parts, 1)
            if any(low <= at <= high for low, high in ranges)
        ]
        call.line((separator if by_field else "").join(kept))
    return code


def _ranges(text: str) -> list[tuple[int, float]] | None:
    ranges: list[tuple[int, float]] = []
    for part in text.split(","):
        found = re.fullmatch(r"(\d{0,9})(-?)(\d{0,9})", part)
        if found is None or not part or part == "-":
            return None
        low = int(found[1] or 1)
        high = (int(found[3]) if found[3] else inf) if found[2] else low
        ranges.append((low, high))
    return ranges


def tr(call: Call) -> Outcome:
    """Characters for others: ``-d -s -c``."""
    found = read(call, "dsc")
    if found.bad or not found.rest:
        return call.fail("missing operand")
    first = _characters(found.rest[0])
    second = _characters(found.rest[1]) if len(found.rest) > 1 else ""
    text = call.input()
    inside = set(first)

    def meant(char: str) -> bool:
        return (char in inside) != found.on("c")

    if found.on("d"):
        text = "".join(char for char in text if not meant(char))
    elif second:
        if found.on("c"):
            text = "".join(second[-1] if meant(char) else char for char in text)
        else:
            padded = second + second[-1] * (len(first) - len(second))
            text = text.translate(dict(zip(map(ord, first), padded, strict=False)))
    if found.on("s"):
        squeezed = set(second or first) if not found.on("d") else set(second)
        if found.on("c") and not second:
            squeezed = {char for char in set(text) if char not in inside}
        text = re.sub(
            r"(.)\1+", lambda hit: hit[1] if hit[1] in squeezed else hit[0], text, flags=re.DOTALL
        )
    call.out(text)
    return 0


_KINDS = {
    "[:upper:]": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "[:lower:]": "abcdefghijklmnopqrstuvwxyz",
    "[:digit:]": "0123456789",
    "[:space:]": " \t\n\r\f\v",
    "[:blank:]": " \t",
    "[:punct:]": "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
}
_KINDS["[:alpha:]"] = _KINDS["[:upper:]"] + _KINDS["[:lower:]"]
_KINDS["[:alnum:]"] = _KINDS["[:digit:]"] + _KINDS["[:alpha:]"]


def _characters(text: str) -> str:
    for name, chars in _KINDS.items():
        text = text.replace(name, chars)
    text = unescaped(text[:2000])
    return re.sub(
        r"([a-zA-Z0-9])-([a-zA-Z0-9])",
        lambda hit: "".join(map(chr, range(ord(hit[1]), ord(hit[2]) + 1))),
        text,
    )


def tee(call: Call) -> Outcome:
    """Input to output and into files."""
    found = read(call, "aip")
    text, code = call.input(), 0
    for name in found.rest:
        try:
            sink = opened(call.machine, call.path(name), call.streams, append=found.on("a"))
            sink.put(call.machine, text)
        except FileProblem as problem:
            code = call.fail(f"{name}: {problem.says}")
    call.out(text)
    return code


def tac(call: Call) -> Outcome:
    """Lines from the last to the first."""
    lines, code = all_lines(call, list(call.words))
    call.lines(lines[::-1])
    return code


def rev(call: Call) -> Outcome:
    """Each line backwards."""
    lines, code = all_lines(call, list(call.words))
    call.lines([line[::-1] for line in lines])
    return code


def nl(call: Call) -> Outcome:
    """Lines with numbers."""
    lines, code = all_lines(call, [word for word in call.words if not word.startswith("-")])
    call.lines([f"{number:>6}\t{line}" for number, line in enumerate(lines, 1)])
    return code


def xargs(call: Call) -> Outcome:
    """A program with what comes in as its arguments; only once for all of them."""
    found = read(call, "r0t", "nIPLd")
    words = list(call.words)
    command = words
    while command and command[0].startswith("-"):
        taken = 2 if command[0] in ("-n", "-I", "-P", "-L", "-d") else 1
        command = command[taken:]
    items = call.input().split("\0" if found.on("0") else None)
    if "n" in found.values and len(items) > (found.number("n", 1) or 1):
        raise Refused("xargs that runs its program more than once is not modelled")
    if "I" in found.values:
        if len(items) > 1:
            raise Refused("xargs that runs its program more than once is not modelled")
        mark = found.values["I"]
        return Runs(tuple(word.replace(mark, " ".join(items)) for word in command))
    if not items and found.on("r"):
        return 0
    return Runs((*(command or ["echo"]), *items))
