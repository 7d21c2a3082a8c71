"""Registries and what moves between them and machines: pulls, pushes, transfers, rate limits."""
