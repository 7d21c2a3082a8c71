"""Scenarios: a YAML file becomes a world and the script that is typed at it."""

from simulator.scenario.building import Built, ScriptLine, build
from simulator.scenario.loading import Scenario, load
from simulator.scenario.spec import Spec, schema

__all__ = ["Built", "Scenario", "ScriptLine", "Spec", "build", "load", "schema"]
