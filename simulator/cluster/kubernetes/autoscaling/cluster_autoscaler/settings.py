"""How a cluster autoscaler is set; the defaults are those of its flags."""

from __future__ import annotations

import msgspec

from simulator.cluster.kubernetes.objects.node import Node


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Flags of cluster-autoscaler, times in seconds."""

    scan_s: float = 10.0
    expander: str = "least-waste"
    expendable_below: int = -10
    """``expendable-pods-priority-cutoff``: for pods of a lower priority no node comes."""
    provision_s: float = 900.0
    """``max-node-provision-time``: after that a node that was ordered is given up."""
    backoff_s: float = 300.0
    most_backoff_s: float = 1800.0
    backoff_reset_s: float = 10_800.0
    scale_down: bool = True
    threshold: float = 0.5
    """``scale-down-utilization-threshold``, of CPU or memory, whichever is used more."""
    unneeded_s: float = 600.0
    unready_s: float = 1200.0
    after_add_s: float = 600.0
    after_delete_s: float = 10.0
    """``scale-down-delay-after-delete``: one scan where it is not set."""
    after_failure_s: float = 180.0
    recheck_s: float = 300.0
    """For how long a node whose pods find no other place is not asked again."""
    empty_at_once: int = 10
    """``max-scale-down-parallelism``."""
    drains_at_once: int = 1
    """``max-drain-parallelism``."""
    candidates: int = 30
    """``scale-down-non-empty-candidates-count``: nodes with pods that are considered at once."""
    graceful_s: float = 600.0
    """``max-graceful-termination-sec``."""
    without_daemons: bool = False
    """``ignore-daemonsets-utilization``: whether pods of DaemonSets count as no use."""
    scale_down_unready: bool = True
    """``scale-down-unready-enabled``."""
    most_unready: float = 0.45
    """``max-total-unready-percentage``: beyond that part of the nodes nothing is done,"""
    unready_is_fine: int = 3
    """``ok-total-unready-count``: unless so few are unready."""
    keep_custom: bool = True
    """``skip-nodes-with-custom-controller-pods``: pods of owners that nobody knows stay."""
    keep_system: bool = True
    """``skip-nodes-with-system-pods``."""
    keep_local: bool = True
    """``skip-nodes-with-local-storage``."""


DEFAULT = Settings()


class GroupSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A group of nodes alike that may grow and shrink."""

    name: str
    least: int
    most: int
    template: Node
    """A node of it, as it will be when it has just come; its name does not matter."""
    price_per_hour: float = 0.0
    priority: int = 0
    """For the expander of that name: the highest is chosen."""
