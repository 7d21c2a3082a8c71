"""Time, random streams, journal, recorder, command log. Knows nothing of containers."""

from simulator.engine.calendar import Entry as CalendarEntry
from simulator.engine.columns import Column, Samples, Table
from simulator.engine.commands import CommandLog, Logged
from simulator.engine.flows import FlowNetwork
from simulator.engine.histogram import Histogram
from simulator.engine.journal import Entry, Event, Journal
from simulator.engine.links import Flow, Link
from simulator.engine.moment import Moment
from simulator.engine.recorder import Recorder, Series
from simulator.engine.simulation import Eager, Process, Simulation
from simulator.engine.streams import Streams

__all__ = [
    "CalendarEntry",
    "Column",
    "CommandLog",
    "Eager",
    "Entry",
    "Event",
    "Flow",
    "FlowNetwork",
    "Histogram",
    "Journal",
    "Link",
    "Logged",
    "Moment",
    "Process",
    "Recorder",
    "Samples",
    "Series",
    "Simulation",
    "Streams",
    "Table",
]
