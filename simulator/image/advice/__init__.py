"""What would make an image smaller and its rebuild faster: proposals, each tried by re-planning."""

from __future__ import annotations

from simulator.image.advice.measure import Advice, Metrics, advise

__all__ = ["Advice", "Metrics", "advise"]
