"""Profiles: which version's rules a cluster follows, as switches. The default is the newest."""

from __future__ import annotations

from math import inf

import msgspec

from simulator.errors import unknown


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """Rules that differ between versions; the defaults are those of the newest one."""

    name: str = "newest"
    minor: float = inf
    """1.MINOR; infinity for the newest."""
    node_grace_s: float = 50.0
    """``node-monitor-grace-period``: 40 s up to 1.31, 50 s from 1.32 (kubernetes, PR 126287)."""
    oom_kills_group: bool = True
    """Whether an OOM kill takes the whole container (``memory.oom.group``, from 1.28)."""
    balanced: str = "before-after"
    """Formula of NodeResourcesBalancedAllocation: ``difference``, ``deviation``,
    ``before-after``."""
    balanced_skips_best_effort: bool = True
    spread_rounds: bool = True
    """Whether raw scores of PodTopologySpread are rounded (from 1.24) or truncated."""
    unschedulable_flush_s: float = 300.0
    """How long an unschedulable pod waits at most: 60 s up to 1.23, 5 min later."""
    taint_text_new: bool = True
    """``untolerated taint {key: value}`` (from 1.24) or ``taint {key: value}, that the pod
    didn't tolerate``."""
    hpa_own_tolerance: bool = True
    """Whether autoscalers state their own tolerance, and its ends hold (KEP-4951, from 1.33)."""
    hpa_missing_at_target: bool = True
    """Whether missing pods count at least their target, where that is more than their request
    (after 1.20)."""


def profile(name: str) -> Profile:
    """The profile of a word: ``newest``, or ``k8s-1.23`` and so on."""
    if name in ("", "newest"):
        return Profile()
    word = name.removeprefix("k8s-").removeprefix("v")
    major, _, minor = word.partition(".")
    if major != "1" or not minor.isdigit() or not 20 <= int(minor) <= 99:
        raise unknown("profile", name, ("newest", "k8s-1.23", "k8s-1.28", "k8s-1.31", "k8s-1.35"))
    return _of(int(minor), f"k8s-1.{minor}")


def _of(minor: int, name: str) -> Profile:
    return Profile(
        name=name,
        minor=minor,
        node_grace_s=50.0 if minor >= 32 else 40.0,
        oom_kills_group=minor >= 28,
        balanced=_balanced(minor),
        balanced_skips_best_effort=minor >= 26,
        spread_rounds=minor >= 24,
        unschedulable_flush_s=300.0 if minor >= 24 else 60.0,
        taint_text_new=minor >= 24,
        hpa_own_tolerance=minor >= 33,
        hpa_missing_at_target=minor > 20,
    )


def _balanced(minor: int) -> str:
    if minor <= 21:
        return "difference"
    return "deviation" if minor <= 35 else "before-after"
