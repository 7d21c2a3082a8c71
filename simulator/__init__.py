"""Drydock: a simulator of how containers really work."""

__version__ = "0.1.0"
