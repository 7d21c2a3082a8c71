"""The past of a world: what copies of it share."""

from __future__ import annotations

from simulator.engine.commands import Logged
from simulator.engine.journal import Block, Entry
from simulator.image.catalogue import Catalogue

SHARED = (Block, Entry, Logged, Catalogue)
"""Beside values, what never changes though its type does not say so."""
