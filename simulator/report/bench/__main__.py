"""One measurement in this process, as JSON on standard output."""

import sys

import msgspec

from simulator import collector
from simulator.report.bench import measure_one

if __name__ == "__main__":
    collector.seldom()
    sys.stdout.buffer.write(msgspec.json.encode(measure_one(sys.argv[1])))
