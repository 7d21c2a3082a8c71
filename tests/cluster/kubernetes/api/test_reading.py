"""Files to documents, as kubectl reads them."""

import json

import pytest

from simulator.cluster.kubernetes.api.reading import MOST_BYTES, place_of, read
from simulator.errors import InputError


def values(text):
    return [one.data for one in read(text, "x.yaml")]


def refusal(text):
    with pytest.raises(InputError) as found:
        read(text, "x.yaml")
    return str(found.value)


def test_documents_are_told_apart_and_empty_ones_are_none():
    text = "\ufeffa: 1\r\n---\r\n# nothing\r\n---\r\n\r\n---\r\nb: 2\r\n"
    assert values(text) == [{"a": 1}, {"b": 2}]
    assert values("# only comments\n") == []


def test_lists_are_their_entries_and_json_may_follow_json():
    listed = {"kind": "List", "items": [{"kind": "Pod"}, {"kind": "PodList", "items": [{"a": 1}]}]}
    assert values(json.dumps(listed)) == [{"kind": "Pod"}, {"a": 1}]
    assert values('{"a": 1}\n{"b": 2}') == [{"a": 1}, {"b": 2}]
    assert values("{a: 1}") == [{"a": 1}]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", True), ("on", True), ("Off", False), ("y", True), ("n", False), ("true", True),
        ("0755", 493), ("1_000", 1000), ("1e3", "1e3"), ("1.5", 1.5), ("~", None), ("null", None),
        ('"yes"', "yes"), ("'1'", "1"), ("12:30:45", "12:30:45"), ("2024-01-01", "2024-01-01"),
        ("1Gi", "1Gi"), ("!!str 1", "1"),
    ],
)  # fmt: skip
def test_words_are_what_yaml_1_1_makes_of_them(text, value):
    assert values(f"a: {text}") == [{"a": value}]


def test_anchors_and_merged_keys_are_followed():
    text = "one: &base {a: 1, b: 2}\ntwo:\n  <<: *base\n  b: 3\n"
    assert values(text)[0]["two"] == {"a": 1, "b": 3}


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("a: 1\nb: 2\na: 3\n", 'x.yaml:3:1: error converting YAML to JSON: key "a" already set'),
        ('{"a": 1,\n "a": 2}', "x.yaml:2:2: error converting YAML to JSON"),
        ("a:\n\t- b\n", "cannot start any token"),
        ("a: *b\n", "x.yaml:1:4"),
        ("- a\n", "no object"),
        ("plain", "no object"),
        ("a: [", "x.yaml:2:1"),
        ("? [a]\n: b\n", "a key of a mapping is no text"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place(text, part):
    assert part in refusal(text)


def test_a_file_cannot_exhaust_the_memory():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert "aliases stand for too many values" in refusal("\n".join(lines))
    assert "nested too deep" in refusal("a: " + "[" * 200 + "]" * 200)
    for character in "[{":
        assert refusal(character * 100_000)
    assert "too large a file" in refusal(" " * (MOST_BYTES + 1))


def test_the_place_of_a_field_is_known():
    text = "a: 1\n---\nkind: List\nitems:\n- spec:\n    ports:\n    - port: 80\n      nam: http\n"
    first, second = read(text, "x.yaml")
    assert str(place_of(text, first, ("a",))) == "x.yaml:1:4"
    place = place_of(text, second, ("spec", "ports", 0, "nam"))
    assert (place.line, place.column) == (8, 12)
    assert place_of(text, second, ("spec", "ports", 0, "missing")).line == 7
