"""Docker's restart policies: no, on-failure[:n], always, unless-stopped.

Source: Docker reference, "Restart policies": the delay begins at ``control.docker.restart_first_s``
and doubles up to ``restart_max_s``; it starts anew once the container has run for ten seconds
(``restart_reset_s``).
"""

from __future__ import annotations

from dataclasses import dataclass

from simulator.calibration import Calibration
from simulator.errors import InputError, nearest

UNSEEN = 255
"""The exit code that a daemon gives to a container whose end it has not seen."""
POLICIES = ("no", "on-failure", "always", "unless-stopped")


@dataclass(frozen=True, slots=True)
class RestartPolicy:
    """When to start a container again that ended by itself."""

    kind: str = "no"
    most: int | None = None
    """Most restarts in a row, for on-failure."""

    @classmethod
    def parse(cls, text: str) -> RestartPolicy:
        """Read ``on-failure:3`` and the like."""
        kind, colon, count = (text or "no").partition(":")
        if kind not in POLICIES or (colon and kind != "on-failure"):
            raise InputError(
                "invalid restart policy",
                found=text,
                expected="no, on-failure[:n], always or unless-stopped",
                nearest=nearest(kind, POLICIES),
            )
        if colon and not (count.isascii() and count.isdigit() and len(count) < 7):
            raise InputError("invalid restart policy", found=text, expected="on-failure:<count>")
        return cls(kind, int(count) if colon else None)

    def __str__(self) -> str:
        return self.kind if self.most is None else f"{self.kind}:{self.most}"

    def wants(self, code: int, restarts: int) -> bool:
        """Whether to restart after an exit with this code, after so many restarts in a row."""
        if self.kind == "no":
            return False
        if self.kind == "on-failure":
            return code != 0 and (self.most is None or restarts < self.most)
        return True

    @staticmethod
    def delay_s(restarts: int, constants: Calibration) -> float:
        """Delay before restart number ``restarts`` + 1 in a row."""
        first_s = constants.value("control.docker.restart_first_s")
        most_s = constants.value("control.docker.restart_max_s")
        return min(most_s, first_s * 2.0 ** min(restarts, 20))
