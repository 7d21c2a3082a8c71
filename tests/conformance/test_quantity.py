from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from conformance_tables import each_case

from simulator.cluster.kubernetes.objects.quantity import NANO, Quantity, parse
from simulator.errors import InputError


def value(one: Quantity) -> Decimal:
    return Decimal(one.nanos).scaleb(-9)


def holds(text: str, expect: dict[str, Any], sign: int) -> None:
    found = parse(text)
    if expect["value"] is not None:
        assert sign * Decimal(expect["value"]) == value(found)
    if expect["format"] is not None:
        assert expect["format"] == found.form
    if expect["canonical"] is not None and sign > 0:
        assert expect["canonical"] == str(found)
        assert expect["canonical"] == str(parse(str(found)))


@each_case("quantity", "parse")
def test_a_quantity_is_read_with_either_sign(case: dict[str, Any]) -> None:
    for sign, word in ((1, ""), (1, "+"), (-1, "-")):
        holds(word + case["input"], case["expect"], sign)


@each_case("quantity", "canonical")
def test_a_quantity_is_written_canonically(case: dict[str, Any]) -> None:
    holds(case["input"], case["expect"], 1)


@each_case("quantity", "large")
def test_a_large_quantity_stays_exact(case: dict[str, Any]) -> None:
    holds(case["input"], case["expect"], 1)


@each_case("quantity", "signed")
def test_a_sign_is_kept(case: dict[str, Any]) -> None:
    holds(case["input"], case["expect"], 1)


@each_case("quantity", "invalid")
def test_what_is_no_quantity_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        parse(case["input"])


@each_case("quantity", "compare")
def test_quantities_are_compared_by_value(case: dict[str, Any]) -> None:
    x, y = parse(case["x"]).nanos, parse(case["y"]).nanos
    assert case["expect"]["compare"] == (x > y) - (x < y)


@each_case("quantity", "round_up")
def test_rounding_goes_away_from_zero(case: dict[str, Any]) -> None:
    before = parse(case["input"])
    after = before.rounded(case["exponent"])
    assert Decimal(case["expect"]["value"]) == value(after)
    assert case["expect"]["exact"] == (after.nanos == before.nanos)


@each_case("quantity", "scaled_value")
def test_units_are_counted(case: dict[str, Any]) -> None:
    one = Quantity(10 ** (case["from_exponent"] + 9))
    assert case["expect"]["count"] == one.count(case["to_exponent"])


@pytest.mark.parametrize("text", ["1e999999999", "9" * 1000, "", ".", "-", "Ki", "1e", "٣"])
def test_a_hostile_quantity_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse(text)


def test_a_binary_amount_never_exceeds_what_the_api_holds() -> None:
    assert parse("100Ei").nanos // NANO == 2**63 - 1
