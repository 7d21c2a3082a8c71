"""Hooks of containers: what they do to times."""

from __future__ import annotations

import re

from simulator.cluster.kubernetes.objects.containers import Handler

_SLEEP = re.compile(r"\bsleep\s+(\d+(?:\.\d+)?)")


def hook_s(hook: Handler | None) -> float:
    """Seconds that a hook takes: what it sleeps; what else it does takes no time."""
    if hook is None:
        return 0.0
    if hook.sleep is not None:
        return float(hook.sleep.seconds)
    if hook.exec is not None:
        return sum(float(one) for one in _SLEEP.findall(" ".join(hook.exec.command)))
    return 0.0
