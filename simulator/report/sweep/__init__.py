"""Sweeps: a scenario over values and seeds, with how sure each number is. See ``../README.md``."""
