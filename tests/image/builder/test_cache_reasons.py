from __future__ import annotations

TEXT = (
    "FROM alpine:3.20\nWORKDIR /app\nCOPY pkg.json .\nRUN echo install\nCOPY . .\nRUN echo make\n"
)
FILES = {"pkg.json": "{}", "main.c": "int main;"}


def reasons(built):
    return [(one.reason.kind, one.reason.text) for one in built.numbered[1:]]


def kinds(built):
    return [one.reason.kind for one in built.numbered[1:]]


def test_the_first_build_says_that_nothing_was_built_before(build):
    assert kinds(build(TEXT, FILES)) == ["first"] * 5


def test_a_second_build_costs_nothing(build):
    build(TEXT, FILES)
    again = build(TEXT, FILES)
    assert kinds(again) == ["cached"] * 5
    assert again.total_s == 0.0
    assert again.cached_steps == 5


def test_a_changed_file_is_named_and_later_steps_blame_the_step(build):
    build(TEXT, FILES)
    again = build(TEXT, FILES | {"main.c": "int x;"})
    assert reasons(again)[3:] == [
        ("file", "not cached: main.c changed"),
        ("earlier", "not cached: step 5/6 of 0 ran again"),
    ]


def test_new_and_vanished_files_are_told_apart(build):
    build(TEXT, FILES)
    renamed = build(TEXT, {"pkg.json": "{}", "other.c": "int main;"})
    assert reasons(renamed)[3][1] == "not cached: main.c is gone, other.c is new"


def test_a_changed_text_shows_the_old_one(build):
    build("FROM alpine\nRUN echo one\n")
    assert reasons(build("FROM alpine\nRUN echo two\n")) == [
        ("text", "not cached: the text changed (it was: RUN echo one)")
    ]


def test_a_changed_argument_is_named_with_its_values(build):
    text = "FROM alpine\nARG V\nRUN echo $V\n"
    build(text, args={"V": "1"})
    assert reasons(build(text, args={"V": "2"})) == [
        ("argument", "not cached: build argument V changed ('1' to '2')")
    ]


def test_the_value_of_a_secret_argument_is_not_shown(build):
    text = "FROM alpine\nARG API_TOKEN\nRUN echo\n"
    build(text, args={"API_TOKEN": "one"})
    assert reasons(build(text, args={"API_TOKEN": "two"})) == [
        ("argument", "not cached: build argument API_TOKEN changed")
    ]


def test_a_changed_variable_is_named(build):
    build("FROM alpine\nENV A=1\nRUN echo\n")
    again = build("FROM alpine\nENV A=2\nRUN echo\n")
    assert reasons(again) == [("environment", "not cached: variable A changed ('1' to '2')")]


def test_another_base_image_is_named_as_the_cause(build):
    build("FROM alpine:3.20\nRUN echo\n")
    assert kinds(build("FROM alpine:3.21\nRUN echo\n")) == ["base"]


def test_no_cache_can_be_asked_for_one_stage_only(build):
    text = "FROM alpine AS a\nRUN echo a\nFROM alpine AS b\nRUN echo b\nCOPY --from=a /bin/sh /sh\n"
    build(text)
    again = build(text, no_cache="b")
    by_stage = {(one.stage, one.instruction): one.reason.kind for one in again.numbered}
    assert by_stage[("a", "RUN")] == "cached"
    assert by_stage[("b", "RUN")] == "no-cache"


def test_the_mode_of_a_file_counts_but_comments_do_not(build):
    build(TEXT, FILES)
    commented = TEXT.replace("RUN echo make", "# why\nRUN   echo make")
    assert kinds(build(commented, FILES)) == ["cached"] * 5


def test_identical_steps_of_two_stages_run_once(build):
    text = "FROM alpine AS a\nRUN echo x\nFROM alpine AS b\nRUN echo x\nCOPY --from=a /bin/sh /s\n"
    built = build(text)
    assert sum(one.duration_s > 0 for one in built.numbered if one.instruction == "RUN") == 1


def test_pruning_forgets_everything_and_tells_the_bytes(build):
    build("FROM alpine\nCOPY . /x\n", {"a": 500})
    assert build.cache.prune() == 500
    assert kinds(build("FROM alpine\nCOPY . /x\n", {"a": 500})) == ["first"]


def test_a_cache_taken_from_elsewhere_is_used(build):
    built = build(TEXT, FILES)
    build.cache.prune()
    build.cache.learn_image(built.records)
    assert kinds(build(TEXT, FILES)) == ["cached"] * 5


def test_a_step_after_another_old_result_does_not_blame_the_base(build):
    build("FROM alpine\nRUN echo one\nRUN echo x\n")
    build("FROM alpine\nRUN echo two\n")
    again = build("FROM alpine\nRUN echo two\nRUN echo x\n")
    assert kinds(again) == ["cached", "earlier"]
    assert reasons(again)[1][1] == "not cached: an earlier step gives another result"
