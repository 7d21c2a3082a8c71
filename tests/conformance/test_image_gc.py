"""The kubelet's own table of image garbage collection."""

from __future__ import annotations

from conformance_tables import each_case

from simulator.image.collection import Candidate, bytes_to_free, collect, free_space


def images(case):
    return [
        Candidate(
            one["name"],
            one["size_bytes"],
            one["last_used_s"],
            one["first_seen_s"],
            one["in_use"],
        )
        for one in case["images"]
    ]


@each_case("image_gc", "free_space")
def test_space_is_freed_as_the_published_table_says(case):
    done = free_space(images(case), case["bytes_to_free"], case["now_s"], case["min_age_s"])
    remaining = [one["name"] for one in case["images"] if one["name"] not in done.removed]
    assert case["expect"]["freed_bytes"] == done.freed_bytes
    assert case["expect"]["remaining"] == remaining


@each_case("image_gc", "collect")
def test_thresholds_start_a_collection_as_the_published_table_says(case):
    limits = {"high_percent": case["high_percent"], "low_percent": case["low_percent"]}
    capacity, available = case["capacity_bytes"], case["available_bytes"]
    done = collect(images(case), capacity, available, now_s=1.0, **limits)
    assert case["expect"]["error"] == (not done.enough)
    assert case["expect"]["wanted_bytes"] == bytes_to_free(capacity, available, **limits)
