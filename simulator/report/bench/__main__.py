"""One measurement in this process, as JSON on standard output."""

import sys

import msgspec

from simulator.report.bench import measure_one

if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(measure_one(sys.argv[1])))
