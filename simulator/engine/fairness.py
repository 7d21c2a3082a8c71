"""Weighted max-min fair rates by progressive filling (Bertsekas and Gallager, 6.5.2)."""

from __future__ import annotations

import heapq
import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Claim(NamedTuple):
    """What one flow asks for: the numbers of its links, its weight (> 0) and its cap (bytes/s)."""

    links: tuple[int, ...]
    weight: float
    cap: float


def fair_rates(capacities: Mapping[int, float], claims: Sequence[Claim]) -> list[float]:
    """The rate of each claim in bytes/s; infinite where nothing limits it.

    ``capacities`` gives each link's bytes/s by its number. All rates grow together, in proportion
    to weight, until a link fills or a claim meets its cap; what is held back is frozen and the
    rest grows on. A link's level only rises as claims freeze below it, so a heap of levels with
    lazy correction finds each next bottleneck in O(log n).
    """
    spare = dict(capacities)
    users: dict[int, list[int]] = {link: [] for link in spare}
    weight = dict.fromkeys(spare, 0.0)
    for index, (links, share, _) in enumerate(claims):
        for link in links:
            users[link].append(index)
            weight[link] += share
    unfrozen = {link: len(indices) for link, indices in users.items()}
    rates = [-1.0] * len(claims)
    # Claims with a cap stand in the heap as if each had a link of its own, with a negative number.
    heap = [(spare[link] / weight[link], link) for link in spare if users[link]]
    heap += [(cap / share, -1 - i) for i, (_, share, cap) in enumerate(claims) if cap < math.inf]
    heapq.heapify(heap)
    left = len(claims)
    while heap and left:
        level, which = heapq.heappop(heap)
        if which >= 0:
            if not unfrozen[which]:
                continue
            present = max(0.0, spare[which]) / weight[which]
            if present > level:
                heapq.heappush(heap, (present, which))
                continue
        for index in users[which] if which >= 0 else (-1 - which,):
            if rates[index] >= 0:
                continue
            left -= 1
            links, share, cap = claims[index]
            rate = rates[index] = min(level * share, cap)
            for link in links:
                unfrozen[link] -= 1
                if unfrozen[link]:
                    spare[link] -= rate if rate < math.inf else 0.0
                    weight[link] -= share
    return [rate if rate >= 0 else math.inf for rate in rates]
