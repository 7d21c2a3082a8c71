"""How a machine pulls: how many images and layers at once, how eagerly."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.calibration import Calibration
from simulator.engine.backoff import TokenBucket


@dataclass(frozen=True, slots=True)
class PullRules:
    """How a machine pulls. ``None`` parallel pulls means as many as are asked for."""

    parallel_downloads: int
    eager_fraction: float
    parallel_pulls: int | None = None
    lazy: bool = False

    @classmethod
    def docker(cls, constants: Calibration) -> PullRules:
        """Docker's and containerd's: three layers at once, any number of images."""
        return cls(
            parallel_downloads=int(constants.value("images.pull.parallel_downloads")),
            eager_fraction=constants.value("images.lazy.eager_fraction"),
        )

    @classmethod
    def kubelet(cls, constants: Calibration) -> PullRules:
        """As Docker's, one image after the other (serializeImagePulls)."""
        return cls(
            parallel_downloads=int(constants.value("images.pull.parallel_downloads")),
            parallel_pulls=1,
            eager_fraction=constants.value("images.lazy.eager_fraction"),
        )


def kubelet_bucket(constants: Calibration) -> TokenBucket:
    """The kubelet's limit on pulls: 5 a second, 10 at once."""
    return TokenBucket(
        rate_per_s=constants.value("images.pull.kubelet_per_s"),
        burst=constants.value("images.pull.kubelet_burst"),
    )
