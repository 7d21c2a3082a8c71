"""Demonstrations: scripted scenes for who stands in front of a class."""

from __future__ import annotations
