"""Marks as one page of HTML that needs nothing else: to be looked at, printed, sent."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from simulator.course.marks import Mark, Marks
from simulator.course.results import TestResult as Test
from simulator.course.tables import summary_line
from simulator.errors import harmless

_STYLE = """
:root { color-scheme: light dark; --line: #8886; --good: #187a3c; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --good: #6fcf8f; --bad: #ff8a80; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line);
  vertical-align: top; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
details { margin: .2rem 0; } summary { cursor: pointer; }
.pass { color: var(--good); } .fail, .error, .problem { color: var(--bad); }
.skipped, .note { opacity: .75; }
@media print { details { break-inside: avoid; } }
"""


def html_page(marks: Marks) -> str:
    """The whole page."""
    titles = ", ".join(f"{title} ({name})" for name, title in sorted(marks.titles.items()))
    body = "\n".join([*_table(marks), *_likenesses(marks)])
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>Marks: {_text(titles)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<h1>Marks</h1>\n<p>{_text(titles)}<br>{_text(summary_line(marks))}</p>\n"
        f"{body}\n</body>\n</html>\n"
    )


def _text(text: str) -> str:
    return escape(harmless(" ".join(text.split())))


def _table(marks: Marks) -> Iterator[str]:
    yield "<table>\n<thead><tr><th>Student</th><th>Lesson</th>"
    yield '<th class="n">Points</th><th class="n">of</th><th>What was measured</th></tr></thead>'
    yield "<tbody>"
    for mark in marks.rows:
        points = "–" if mark.score is None else f"{mark.score:g}"
        most = "–" if mark.max_score is None else f"{mark.max_score:g}"
        yield (
            f"<tr><td>{_text(mark.person.shown)}</td><td>{_text(mark.lesson)}</td>"
            f'<td class="n">{points}</td><td class="n">{most}</td><td>{_details(mark)}</td></tr>'
        )
    yield "</tbody>\n</table>"


def _details(mark: Mark) -> str:
    notes = "".join(f'<div class="note">{_text(note)}</div>' for note in mark.notes)
    result = mark.counts.result if mark.counts is not None else None
    if result is None:
        return f'<span class="problem">{_text(mark.problem)}</span>{notes}'
    passed = sum(test.status == "pass" for test in result.tests)
    rows = "".join(_check(test) for test in result.tests)
    return (
        f"<details><summary>{passed} of {len(result.tests)} checks</summary>"
        f"<table>{rows}</table></details>{notes}"
    )


def _check(test: Test) -> str:
    return (
        f'<tr><td>{_text(test.id)}</td><td class="{_text(test.status)}">{_text(test.status)}</td>'
        f'<td class="n">{test.points:g} of {test.max_points:g}</td>'
        f"<td>{_text(test.message)}</td></tr>"
    )


def _likenesses(marks: Marks) -> Iterator[str]:
    if not marks.like:
        return
    yield "<h2>Work that resembles other work</h2>"
    yield "<p>Evidence, no verdict: look at both before you say anything.</p>\n<ul>"
    for one in marks.like:
        yield (
            f"<li>{_text(one.one.student)} ({_text(one.one.path.name)}) and"
            f" {_text(one.other.student)} ({_text(one.other.path.name)}):"
            f" {_text(one.evidence)}</li>"
        )
    yield "</ul>"
