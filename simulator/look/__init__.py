"""What others may see of a world: snapshots, measures, and why. Whoever looks changes nothing."""

from simulator.look.measures import Measures
from simulator.look.reader import Reader, snapshot
from simulator.look.why import explain

__all__ = ["Measures", "Reader", "explain", "snapshot"]
