"""Names that are a slip of the fingers away."""

from __future__ import annotations

from collections.abc import Iterable

_LONGEST = 64


def did_you_mean(name: str, names: Iterable[str], prefix: str = "") -> str:
    """`` (did you mean NAME?)`` for the closest name within a few edits, else ""."""
    limit = min(3, len(name) // 2)
    best, best_distance = "", limit + 1
    for candidate in names:
        distance = _distance(name, candidate, best_distance)
        if 0 < distance < best_distance:
            best, best_distance = candidate, distance
    return f" (did you mean {prefix}{best}?)" if best else ""


def _distance(a: str, b: str, limit: int) -> int:
    """Levenshtein distance, or ``limit`` when it is at least that much."""
    if abs(len(a) - len(b)) >= limit or max(len(a), len(b)) > _LONGEST:
        return limit
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        previous, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (x != y))
    return min(row[-1], limit)
