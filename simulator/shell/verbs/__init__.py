"""Drydock's own commands, for what no real tool has."""
