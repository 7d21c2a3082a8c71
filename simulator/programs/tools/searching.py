"""grep, and sed and awk as far as they are used in one line: lines that match, and what of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from simulator.errors import Refused
from simulator.image.problems import FileProblem
from simulator.programs.call import Call
from simulator.programs.pauses import Outcome
from simulator.programs.tools.options import bad, read
from simulator.programs.tools.regex import BadPattern, compiled

_LONG = {"ignore-case": "i", "invert-match": "v", "count": "c", "quiet": "q", "silent": "q",
         "only-matching": "o", "line-number": "n", "word-regexp": "w", "color": "Z",
         "extended-regexp": "E", "fixed-strings": "F", "recursive": "r"}  # fmt: skip


def grep(call: Call) -> Outcome:
    """Lines that match: ``-i -v -c -q -o -n -E -F -w -x -l -s -h -m -A -B -C``."""
    found = read(call, "ivcqonEFwxlsharHZP", "emABC", _LONG)
    if found.bad:
        return bad(call, found)
    names = list(found.rest)
    text = found.values.get("e")
    if text is None:
        if not names:
            call.err("Usage: grep [OPTION]... PATTERNS [FILE]...")
            return 2
        text = names.pop(0)
    if found.on("r"):
        raise Refused("grep -r is not modelled")
    extended = found.on("E") or found.on("P") or call.name == "egrep"
    fixed = found.on("F") or call.name == "fgrep"
    try:
        search = _search(text, extended, fixed, found.on("i"), found.on("w"), found.on("x"))
    except BadPattern as wrong:
        return call.fail(wrong.problem, 2)
    counts = {one: found.number(one, 0) for one in "ABC"}
    for one, count in counts.items():
        if count is None or count < 0:
            return call.fail(f"{found.values[one]}: invalid context length argument", 2)
    before, after = (counts[one] or counts["C"] or 0 for one in "BA")
    most = found.number("m", 1 << 30) or 0
    return _Grep(call, names, search, found.flags, most, (before, after)).run()


Search = Callable[[str], list[tuple[int, int]]]


def _search(
    text: str, extended: bool, fixed: bool, ignore: bool, word: bool, whole: bool
) -> Search:
    choices = text.split("\n")
    if fixed:
        extended = False
        choices = [re.sub(r"([\\.*\[\]^$])", r"\\\1", one) for one in choices]
    if whole:
        choices = [f"^({one})$" if extended else f"^\\({one}\\)$" for one in choices]
    if word:
        choices = [f"\\<({one})\\>" if extended else f"\\<\\({one}\\)\\>" for one in choices]
    patterns = [compiled(one, extended, ignore) for one in choices]

    def all_of(line: str) -> list[tuple[int, int]]:
        found, at = [], 0
        while at <= len(line):
            hits = [hit for one in patterns if (hit := one.search(line, at)) is not None]
            if not hits:
                break
            first = min(hits, key=lambda hit: (hit[0], -hit[1]))
            found.append((first[0], first[1]))
            at = max(first[1], first[0] + 1)
        return found

    return all_of


Matches = dict[int, list[tuple[int, int]]]


class _Grep:
    """One grep under way."""

    def __init__(
        self,
        call: Call,
        names: list[str],
        search: Search,
        flags: set[str],
        most: int,
        around: tuple[int, int],
    ) -> None:
        """``around``: lines before and after each match that are shown, too."""
        self.call, self.names, self.search, self.flags, self.most = call, names, search, flags, most
        self.before, self.after = around
        self.hits = 0

    def run(self) -> int:
        """0 when something matched, 1 when nothing, 2 when a file could not be read."""
        code = 0
        for name in self.names or ["-"]:
            try:
                self._file(name, self.call.text_of(name))
            except FileProblem as problem:
                code = 2
                if "s" not in self.flags:
                    self.call.fail(f"{name}: {problem.says}")
        if self.hits and "q" in self.flags:
            return 0
        return code or int(not self.hits)

    def _file(self, name: str, text: str) -> None:
        flags, call = self.flags, self.call
        several = (len(self.names) > 1 or "H" in flags) and "h" not in flags
        matches = self._matches(text.splitlines())
        self.hits += len(matches)
        if "q" in flags:
            return
        if "c" in flags:
            call.line(f"{name}:{len(matches)}" if several else f"{len(matches)}")
        elif "l" in flags:
            call.lines([name] if matches else [])
        else:
            self._show(text.splitlines(), matches, name if several else "")

    def _matches(self, lines: list[str]) -> Matches:
        """The lines that are meant by number, with where in them."""
        found: Matches = {}
        for at, line in enumerate(lines):
            if len(found) >= self.most:
                break
            spans = self.search(line)
            if bool(spans) != ("v" in self.flags):
                found[at] = spans
        return found

    def _show(self, lines: list[str], matches: Matches, name: str) -> None:
        """Matches, and lines around them; ``--`` between what does not touch."""
        parts = "o" in self.flags and "v" not in self.flags
        gaps = bool(self.before or self.after) and not parts
        last = None
        for at in matches if parts else self._around(len(lines), matches):
            if gaps and last is not None and at > last + 1:
                self.call.line("--")
            last = at
            mark = ":" if at in matches else "-"
            head = f"{name}{mark}" if name else ""
            head += f"{at + 1}{mark}" if "n" in self.flags else ""
            if parts:
                self.call.lines([f"{head}{lines[at][a:b]}" for a, b in matches[at] if b > a])
            else:
                self.call.line(f"{head}{lines[at]}")

    def _around(self, count: int, matches: Matches) -> Iterator[int]:
        """The lines that are shown, each once."""
        after = 0
        for at in matches:
            begin, after = max(after, at - self.before), max(after, min(count, at + self.after + 1))
            yield from range(begin, after)


# --- sed ------------------------------------------------------------------------------------------

_COMMAND = re.compile(r"\s*(?:(\d+|\$)(?:,(\d+|\$))?|/((?:[^/\\]|\\.)*)/)?\s*(!?)\s*([a-zA-Z=])")


class _Edit:
    """One command of sed: where, and what."""

    def __init__(self) -> None:
        self.first = self.last = ""
        self.pattern: object = None
        self.inverted = False
        self.kind = ""
        self.old: object = None
        self.new = ""
        self.flags = ""


def sed(call: Call) -> Outcome:
    """``s///``, ``p``, ``d``, ``q``, ``a``, ``i``, ``c`` with a line, a range or a pattern."""
    extended = any(re.fullmatch(r"-\w*[rE]\w*", word) for word in call.words)
    found = read(call, "nrEsiuz", "ef", {"quiet": "n", "in-place": "i", "regexp-extended": "E"})
    if found.bad:
        return bad(call, found)
    scripts, names = [], list(found.rest)
    if "e" in found.values:
        scripts.append(found.values["e"])
    elif names:
        scripts.append(names.pop(0))
    else:
        return call.fail("no script specified")
    try:
        edits = [one for script in scripts for one in _edits(script, extended)]
    except BadPattern as wrong:
        return call.fail(f"-e expression #1, char 1: {wrong.problem}")
    code = 0
    for name in names or ["-"]:
        try:
            made = _edited(call.text_of(name), edits, found.on("n"))
            if found.on("i") and name != "-":
                call.files.write(call.path(name), made, user=call.user)
            else:
                call.out(made)
        except FileProblem as problem:
            code = call.fail(f"can't read {name}: {problem.says}", 2)
    return code


def _edits(script: str, extended: bool) -> list[_Edit]:
    edits: list[_Edit] = []
    at = 0
    while at < len(script):
        if script[at] in "; \n\t":
            at += 1
            continue
        head = _COMMAND.match(script, at)
        if head is None:
            raise Refused(f"sed '{script[at : at + 20]}' is not modelled")
        one = _Edit()
        one.first, one.last = head[1] or "", head[2] or ""
        one.inverted = bool(head[4])
        if head[3] is not None:
            one.pattern = compiled(head[3], extended, False)
        one.kind = head[5]
        at = head.end()
        if one.kind in "sy":
            at = _replacement(script, at, one, extended)
        elif one.kind in "aic":
            one.new = script[at:].lstrip(" \\\n").partition("\n")[0]
            at = len(script)
        elif one.kind not in "pdq=":
            raise Refused(f"the command '{one.kind}' of sed is not modelled")
        edits.append(one)
        if len(edits) > 100:
            raise Refused("so long a script of sed is not modelled")
    return edits


def _replacement(script: str, at: int, one: _Edit, extended: bool) -> int:
    mark = script[at : at + 1]
    parts: list[str] = []
    at += 1
    for _ in range(2):
        part = ""
        while at < len(script) and script[at] != mark:
            if script[at] == "\\" and at + 1 < len(script):
                part += script[at + 1] if script[at + 1] == mark != "&" else script[at : at + 2]
                at += 2
            else:
                part += script[at]
                at += 1
        if at >= len(script):
            raise BadPattern(f"unterminated `{one.kind}' command")
        parts.append(part)
        at += 1
    flags = re.match(r"[gpiI0-9]*", script[at:])
    one.flags = flags.group() if flags is not None else ""
    one.new = parts[1]
    one.old = (
        parts[0] if one.kind == "y" else compiled(parts[0], extended, "i" in one.flags.lower())
    )
    return at + len(one.flags)


def _edited(text: str, edits: list[_Edit], quiet: bool) -> str:
    lines = text.splitlines()
    made: list[str] = []
    for number, line in enumerate(lines, 1):
        shown, after, stop = not quiet, [], False
        for one in edits:
            if not _meant(one, number, len(lines), line):
                continue
            if one.kind == "s":
                line, changed = _substituted(one, line)
                if changed and "p" in one.flags:
                    made.append(line)
            elif one.kind == "y":
                line = line.translate(str.maketrans(str(one.old), one.new))
            elif one.kind == "p":
                made.append(line)
            elif one.kind == "=":
                made.append(str(number))
            elif one.kind == "a":
                after.append(one.new)
            elif one.kind == "i":
                made.append(one.new)
            elif one.kind in "dc":
                if one.kind == "c":
                    made.append(one.new)
                shown = False
                break
            elif one.kind == "q":
                stop = True
                break
        if shown:
            made.append(line)
        made += after
        if stop:
            break
    return "".join(f"{line}\n" for line in made)


def _meant(one: _Edit, number: int, last: int, line: str) -> bool:
    holds = True
    if one.pattern is not None:
        holds = one.pattern.search(line) is not None  # type: ignore[attr-defined]
    elif one.first:
        start = last if one.first == "$" else int(one.first[:9])
        end = (last if one.last == "$" else int(one.last[:9])) if one.last else start
        holds = start <= number <= end
    return holds != one.inverted


def _substituted(one: _Edit, line: str) -> tuple[str, bool]:
    at, made, count = 0, [], 0
    digits = re.search(r"\d+", one.flags)
    wanted = int(digits.group()) if digits else 1
    while at <= len(line):
        hit = one.old.search(line, at)  # type: ignore[attr-defined]
        if hit is None:
            break
        count += 1
        if count >= wanted:
            made.append(line[at : hit[0]] + _filled(one.new, line, hit))
        else:
            made.append(line[at : hit[1]])
        if hit[1] == hit[0]:
            made.append(line[hit[0] : hit[0] + 1])
        at = max(hit[1], hit[0] + 1)
        if "g" not in one.flags and count >= wanted:
            break
    return "".join(made) + line[at:], count >= wanted


def _filled(new: str, line: str, hit: list[int]) -> str:
    def value(found: re.Match[str]) -> str:
        mark = found.group()
        if mark == "&":
            return line[hit[0] : hit[1]]
        if mark[1].isdigit():
            group = 2 * int(mark[1])
            return line[hit[group] : hit[group + 1]] if group < len(hit) else ""
        return {"n": "\n", "t": "\t"}.get(mark[1], mark[1])

    return re.sub(r"\\.|&", value, new)
