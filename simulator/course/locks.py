"""What a task does not leave to the learner: ``locked="traffic, workload"``, ``only="docker run"``.

A lock is a kind of command to the world, not a typed word: whatever line would touch what is
locked is refused at once, by whatever verb, and nothing of it is carried out.
"""

from __future__ import annotations

from collections.abc import Mapping

LOCKS: Mapping[str, str] = {
    "traffic": "what customers send: traffic, and when it stops",
    "workload": "what the programs behind a service need: a new copy is like those that there are",
    "balancer": "how a service shares out requests, and which containers answer for it by hand",
    "names": "names of containers and tags of images",
    "images": "which images there are: building, tagging, loading, removing",
    "hosts": "hosts, and what they are made of",
    "machines": "hosts and virtual machines",
    "limits": "limits of containers: memory, CPU, processes",
    "faults": "faults and flaws",
    "files": "the files beside the lesson",
    "undo": "going back in time",
}
"""Word of ``locked`` -> what may not be touched."""
