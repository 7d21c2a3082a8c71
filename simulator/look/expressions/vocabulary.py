"""The words that expressions may use: measures with their arguments, and variables.

Known without a world, so that a lesson or a sweep can be checked without running it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

VARIABLES = ("now", "start", "seed")
"""now: the simulated time; start: when the task's step began; seed: the world's seed."""


@dataclass(frozen=True, slots=True)
class Signature:
    """Arguments of a measure: the first ``required`` of ``parameters`` must be given."""

    parameters: tuple[str, ...]
    required: int
    meaning: str

    def accepts(self, positional: int, named: list[str]) -> bool:
        """Whether a call with so many positional and these named arguments is complete."""
        if positional + len(named) > len(self.parameters) or len(set(named)) < len(named):
            return False
        given = {*self.parameters[:positional], *named}
        return len(given) == positional + len(named) and given >= set(
            self.parameters[: self.required]
        )

    def text(self, name: str) -> str:
        """``percentile(service, rank, [from_s], [to_s])``."""
        words = [p if i < self.required else f"[{p}]" for i, p in enumerate(self.parameters)]
        return f"{name}({', '.join(words)})"


def signature(parameters: str, required: int, meaning: str) -> Signature:
    """A signature from the names of its parameters, separated by blanks."""
    return Signature(tuple(parameters.split()), required, meaning)


_s = signature
_WINDOW = "from_s to_s"

MEASURES: Mapping[str, Signature] = {
    # curves: a series is written 'web.p95', 'web-1.cpu', 'host1.memory'
    "max": _s(f"series {_WINDOW}", 1, "largest sample of a series"),
    "min": _s(f"series {_WINDOW}", 1, "smallest sample of a series"),
    "mean": _s(f"series {_WINDOW}", 1, "mean of the samples of a series"),
    "last": _s("series", 1, "newest sample of a series"),
    "seconds_above": _s(f"series value {_WINDOW}", 2, "seconds a series was above a value"),
    "seconds_below": _s(f"series value {_WINDOW}", 2, "seconds a series was below a value"),
    "first_above": _s(f"series value {_WINDOW}", 2, "when a series first was above a value"),
    "integral": _s(f"series {_WINDOW}", 1, "area under a series, in its unit times seconds"),
    # services
    "percentile": _s(f"service rank {_WINDOW}", 2, "latency in seconds at a rank from 0 to 100"),
    "mean_latency": _s(f"service {_WINDOW}", 1, "mean latency in seconds of what was answered"),
    "requests": _s("service outcome", 1, "requests so far, of one outcome or all"),
    "error_rate": _s("service", 1, "share of finished requests that failed"),
    "wait_share": _s("service", 1, "share of the requests that waited in line for a thread"),
    "mean_wait": _s("service", 1, "mean seconds in line of all requests, also of who did not wait"),
    "offered_rate": _s(f"service {_WINDOW}", 1, "mean requests per second sent to a service"),
    "replica_minutes": _s(f"service {_WINDOW}", 1, "endpoints of a service times minutes"),
    "min_replicas": _s(f"service {_WINDOW}", 1, "fewest endpoints a service had"),
    "max_replicas": _s(f"service {_WINDOW}", 1, "most endpoints a service had"),
    "endpoints": _s("service", 1, "endpoints a service has now"),
    # containers
    "container_seconds": _s("alias", 1, "seconds that containers of an alias have run"),
    "running": _s("alias", 0, "containers running now, of an alias or all"),
    "restarts": _s("container", 1, "how often a container was restarted"),
    "cpu_used": _s("container", 1, "CPU seconds a container has used"),
    "throttled_ratio": _s("container", 1, "share of periods in which a container was throttled"),
    "throttled": _s(f"container {_WINDOW}", 1, "share of time a container was throttled"),
    "memory_limit": _s("container", 1, "limit of a container's memory in bytes, or infinity"),
    "cpu_limit": _s("container", 1, "quota of a container in cores, or infinity"),
    "pids": _s("container", 1, "processes and threads in a container"),
    "pids_limit": _s("container", 1, "most processes and threads of a container, or infinity"),
    "exit_code": _s("container", 1, "with which code a container has ended"),
    "oom_killed": _s("container", 1, "whether the OOM killer has ended a container"),
    "file_exists": _s("container path", 2, "whether a path is there in a container"),
    # walls
    "kernel_of": _s("container", 1, "name of the machine whose kernel runs a container"),
    "own_kernels": _s("alias", 1, "containers of an alias that share their kernel with nobody"),
    "falls_with": _s("name other", 2, "whether one is lost when the kernel under another panics"),
    "reachable": _s(
        "container other flaw", 2, "whether an intruder in a container reaches another"
    ),
    "reached": _s("container flaw", 1, "how many an intruder in a container reaches"),
    "stopped": _s("container flaw", 2, "whether a flaw, used from a container, gets nowhere"),
    # machines
    "machine_exists": _s("name", 1, "whether a host or VM of this name exists"),
    "vms": _s("", 0, "virtual machines that exist now"),
    "vms_running": _s("", 0, "virtual machines that have booted"),
    "boot_seconds": _s("vm", 1, "seconds a VM took to boot"),
    "vm_memory": _s("vm", 1, "bytes of host memory that a VM holds, its monitor included"),
    "memory_used": _s("host", 1, "bytes of memory in use on a host"),
    # images and builds
    "image_exists": _s("reference", 1, "whether an image is on a host"),
    "image_size": _s("reference", 1, "size of an image in bytes"),
    "image_layers": _s("reference", 1, "layers of an image"),
    "image_has": _s("reference path", 2, "whether a path can be seen in an image"),
    "secrets": _s("reference", 1, "secrets that can be read in an image, in whichever layer"),
    "verdict": _s("image machine", 2, "how an image runs there: native, emulated or refused"),
    "builds": _s("reference", 1, "how often an image was built"),
    "build_seconds": _s("reference", 1, "seconds that an image's last build took"),
    "cached_steps": _s("reference", 1, "steps of an image's last build taken from the cache"),
    "rebuilt_steps": _s("reference", 1, "steps of an image's last build that were carried out"),
    # clusters and swarms
    "ready_replicas": _s("workload", 1, "pods that are ready, or tasks of a service that run"),
    "desired_replicas": _s("workload", 1, "pods or tasks that are wanted"),
    "updated_replicas": _s("workload", 1, "pods or tasks of the newest kind"),
    "on_image": _s("workload image", 2, "pods or tasks that are ready and of an image"),
    "requested_cpu": _s("workload", 1, "cores that the pods of a workload ask for together"),
    "pending_pods": _s("workload", 0, "pods or tasks without a node, of a workload or all"),
    "pod_restarts": _s("workload", 1, "restarts of its containers, or tasks that have failed"),
    "spread": _s("workload", 1, "nodes on which pods or tasks of a workload run"),
    "most_on_a_node": _s("workload", 1, "most pods or tasks of a workload on one node"),
    "update_state": _s("workload", 1, "complete, progressing, paused, failed; or a service's word"),
    "hpa_replicas": _s(
        "autoscaler which", 1, "replicas of an autoscaler: desired, current, min, max"
    ),
    "cluster_events": _s("reason", 1, "events of clusters with a reason, as FailedScheduling"),
    "nodes_ready": _s("", 0, "nodes of clusters and swarms that are ready"),
    # money and history
    "cost": _s("", 0, "money spent so far"),
    "start_seconds": _s("", 0, "median seconds from the order to a container's first process"),
    "cpu_mean": _s("", 0, "cores that all hosts together used, the mean of all samples"),
    "memory_peak": _s("", 0, "most bytes of memory in use on all hosts together"),
    "count": _s("kind", 1, "events of a kind so far"),
    "event_time": _s("kind index", 1, "when the event of a kind happened, the first by default"),
    # numbers and queueing theory
    "abs": _s("value", 1, "without its sign"),
    "least": _s("a b", 2, "the smaller of two numbers"),
    "most": _s("a b", 2, "the larger of two numbers"),
    "round": _s("value digits", 1, "rounded"),
    "exp": _s("value", 1, "e to a power"),
    "log": _s("value", 1, "natural logarithm"),
    "mmc_mean": _s("servers rate service_s", 3, "mean latency of an M/M/c queue"),
    "mmc_percentile": _s("servers rate service_s rank", 4, "latency of an M/M/c queue at a rank"),
    "mmc_safe_load": _s("servers service_s rank limit_s", 4, "highest rate that keeps a rank"),
    "mmc_safe_mean": _s("servers service_s limit_s", 3, "highest rate that keeps a mean"),
}
