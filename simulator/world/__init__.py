"""The composition root: a World holds one simulation and everything in it."""
