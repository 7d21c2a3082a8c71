from __future__ import annotations

from typing import Any

from conformance_tables import each_case

from simulator.image.collection import Candidate, Thresholds, choose


def candidates(case: dict[str, Any]) -> list[Candidate]:
    defaults = {"last_used_s": None, "first_seen_s": 0, "in_use": False}
    return [Candidate(**{**defaults, **image}) for image in case["images"]]


@each_case("image_gc", "free_space")
def test_the_published_images_go_first(case: dict[str, Any]) -> None:
    every = candidates(case)
    gone = choose(every, case["bytes_to_free"], case["now_s"], case["min_age_s"])
    assert case["expect"]["freed_bytes"] == sum(one.size_bytes for one in gone)
    assert case["expect"]["remaining"] == [one.name for one in every if one not in gone]


@each_case("image_gc", "collect")
def test_the_published_thresholds_start_and_end_a_collection(case: dict[str, Any]) -> None:
    limits = Thresholds(case["high_percent"], case["low_percent"], min_age_s=0)
    wanted = limits.wanted_bytes(case["capacity_bytes"], case["available_bytes"])
    freed = sum(one.size_bytes for one in choose(candidates(case), wanted, 1000, 0))
    assert case["expect"]["wanted_bytes"] == wanted
    assert case["expect"]["error"] == (freed < wanted)
