"""Where output goes, and how Docker refuses what it cannot do with it."""

from __future__ import annotations

from math import inf

import pytest

from simulator.errors import DrydockError
from simulator.node.log_words import parse_logging


def test_a_driver_keeps_as_much_as_it_is_told() -> None:
    found = [
        parse_logging(driver, options).most_bytes
        for driver, options in (
            (None, ()),
            ("json-file", ("max-size=10m", "max-file=3")),
            ("local", ()),
            ("none", ()),
        )
    ]
    assert found == [inf, 30 << 20, 100 << 20, 0.0]


@pytest.mark.parametrize(
    ("driver", "options", "problem"),
    [
        ("jsonfile", (), "logger: no log driver named 'jsonfile' is registered"),
        ("syslog", (), "the log driver 'syslog' sends logs away, which is not modelled"),
        (None, ("max-sise=1m",), "unknown log opt 'max-sise' for json-file log driver; did you"),
        ("none", ("max-size=1m",), "unknown log opt 'max-size' for none log driver"),
        (None, ("max-size=big",), "invalid size: 'big'"),
        (None, ("max-size=0",), "max-size should be a positive number"),
        (None, ("max-size=1m", "max-file=0"), "max-file cannot be less than 1"),
        (None, ("compress=true",), "compress cannot be true when max-file is less than 2"),
        (None, ("max-size",), "bad log option"),
        (None, ("tag=x",), "the log option tag=x is not modelled"),
    ],
)
def test_what_a_daemon_refuses_is_refused(
    driver: str | None, options: tuple[str, ...], problem: str
) -> None:
    with pytest.raises(DrydockError) as caught:
        parse_logging(driver, options)
    assert problem in str(caught.value)
