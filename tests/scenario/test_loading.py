from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import simulator.scenario
from simulator.errors import DrydockError, InputError
from simulator.scenario import load, schema
from simulator.shell import parse_at

SMALL = "format: 1\nhosts:\n  - {name: a, cores: 2}\n"


@pytest.fixture
def write(tmp_path):
    def to(text, name="s.yaml"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return to


def error(path, *sets):
    with pytest.raises(InputError) as caught:
        load(path, sets, check=parse_at)
    return str(caught.value).replace(str(path.parent) + "/", "")


def test_a_small_scenario_is_read_with_defaults(write):
    found = load(write(SMALL))
    assert (found.spec.hosts[0].cores, found.spec.hosts[0].memory) == (2, 8 << 30)
    assert (found.seed, found.spec.until) == (1, 300.0)


def test_quantities_are_written_with_their_units(write):
    found = load(write("format: 1\nuntil: 1m30s\nhosts: [{name: a, memory: 1.5g}]\n"))
    assert (found.spec.until, found.spec.hosts[0].memory) == (90.0, 3 << 29)


def test_short_forms_are_read_like_long_ones(write):
    short = load(write("format: 1\nservices: [web]\ntraffic: {web: 50/s}\n"
                       "script: ['@10s advance 1s']\n"))  # fmt: skip
    long = load(write("format: 1\nservices: [{name: web}]\ntraffic: {web: {words: 50/s}}\n"
                      "script: [{at: 10, do: advance 1s}]\n"))  # fmt: skip
    assert short.spec == long.spec


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "s.yaml: this scenario is empty"),
        ("[1]", "s.yaml:1:1: a scenario is a mapping"),
        ("format: 2", "s.yaml:1:9: format: this format is not known: found '2', expected 1"),
        ("title: x", "s.yaml:1:1: the key 'format' is missing"),
        ("format: 1\nhots: []", "s.yaml:2:1: unknown key: found 'hots'"),
        ("format: 1\nhosts:\n  - {name: a, coers: 2}", "s.yaml:3:15: hosts[0]: unknown key"),
        ("format: 1\nhosts:\n  - {name: a, cores: many}", "s.yaml:3:22: hosts[0].cores: wrong"),
        ("format: 1\nhosts:\n  - {name: a, cores: -2}", "hosts[0].cores: number of cores is neg"),
        ("format: 1\nhosts: 3", "s.yaml:2:8: hosts: wrong type"),
        ("format: 1\nhosts: [{cores: 3}]", "s.yaml:2:9: hosts[0]: the key 'name' is missing"),
        ("format: 1\nformat: 1", "s.yaml:2:1: the key 'format' is here twice"),
        ("format: 1\ntraffic: {web: poison 50}", "s.yaml:2:16: unknown kind of traffic"),
        ("format: 1\ntraffic: {web: poisson -50}", "negative"),
        ("format: 1\ntraffic: {web: {kind: poisson, rate: 5, peek: 3}}", "s.yaml:2:16"),
        ("format: 1\ntraffic: {web: {timeout: 1s}}", "traffic needs words or keys"),
        ("format: 1\nscript: ['docker ps']", "s.yaml:2:10: script[0]: bad script line"),
        ("format: 1\nscript: ['@5s docker rn x']", "s.yaml:2:22: docker: 'rn' is not a docker"),
        ("format: 1\nscript: ['@-5s docker ps']", "negative"),
        ("format: 1\nimages: [{build: x}]", "needs the key: expected 'tag'"),
        ("format: 1\nimages: [{tag: x}]", "expected 'build' or 'pull'"),
        (
            "format: 1\ncontainers: [{image: x, workload: sever cpu=1s}]",
            "s.yaml:2:35: containers[0].workload: unknown workload: found 'sever'",
        ),
        ("format: 1\ncontainers: [{image: x, workload: server cpu=1s dist=zipf}]", "distribution"),
        ("format: 1\nhosts: [{name: a}, {name: a}]", "s.yaml:2:27: this name is taken"),
        ("format: 1\nvms: [{name: '../x'}]", "invalid name"),
        ("format: 1\ncalibration: {runtime.nope: 1}", "s.yaml:2:29: unknown constant"),
        ("format: 1\ntitle: !!python/object:os.system x", "the tag"),
        ("format: 1\ntitle: ${x}", "s.yaml:2:8: unknown parameter"),
        ("format: 1\ntitle: 'x", "s.yaml:2:10: not YAML"),
        ("format: 1\n\ttitle: x", "not YAML"),
        ("format: 1\n---\nformat: 1", "not YAML"),
        ("format: 1\nimages: [*a]", "not YAML"),
        ("format: 1\n? [a]\n: 1", "a key must be a single word"),
        ("format: 1\nhosts: &a [*a]", "wrong type"),
    ],
)
def test_bad_input_is_told_with_its_place(write, text, said):
    assert said in error(write(text))


def test_the_nearest_key_is_offered(write):
    assert "did you mean 'hosts'?" in error(write("format: 1\nhots: []"))


def test_an_alias_bomb_is_refused(write):
    lines = ["format: 1", "parameters:", "  a0: &a0 x"]
    bomb = "x0: &x0 [a, a, a, a, a, a, a, a, a, a]\n" + "".join(
        f"x{i}: &x{i} [{', '.join([f'*x{i - 1}'] * 10)}]\n" for i in range(1, 9)
    )
    assert error(write("\n".join(lines) + "\n" + bomb))
    entry = "traffic:\n  web: {steps: *x8}\n"
    text = bomb.replace("x", "traffic_") + entry
    assert error(write("format: 1\n" + text))
    laughs = "format: 1\ntraffic:\n  web:\n    kind: steps\n    a0: &b0 [1, 2, 3, 4, 5, 6, 7, 8]\n"
    for i in range(1, 8):
        laughs += f"    a{i}: &b{i} [{', '.join([f'*b{i - 1}'] * 8)}]\n"
    assert "too many values" in error(write(laughs))


def test_depth_count_and_size_are_limited(write):
    assert "nested too deep" in error(write("format: 1\ntitle: " + "[" * 100))
    assert "too many values" in error(write("format: 1\ninclude: [" + "a," * 20_000 + "]"))
    assert "too large" in error(write("#" * (1 << 20) + "\nformat: 1\n"))


def test_includes_are_merged_and_keep_their_places(write):
    write("hosts: [{name: b, cores: 3}]\nuntil: 9s\ntitle: other\n", "more.yaml")
    found = load(write("format: 1\ninclude: [more.yaml]\nuntil: 5s\nhosts: [{name: a}]\n"))
    assert [one.name for one in found.spec.hosts] == ["b", "a"]
    assert (found.spec.until, found.spec.title) == (5.0, "other")
    write("hosts: [{name: b, coers: 3}]\n", "more.yaml")
    assert "more.yaml:1:19: hosts[0]: unknown key" in error(
        write("format: 1\ninclude: more.yaml\n")
    )


def test_a_cyclic_include_is_refused(write):
    write("include: s.yaml\n", "more.yaml")
    said = error(write("format: 1\ninclude: more.yaml\n"))
    assert "cyclic include: found 's.yaml -> more.yaml -> s.yaml'" in said


def test_an_include_stays_in_the_folder(write):
    assert "leads out of the folder" in error(write("format: 1\ninclude: ../x.yaml\n"))
    assert "s.yaml:2:10: no such scenario" in error(write("format: 1\ninclude: x.yaml\n"))


def test_set_changes_values_by_index_and_by_name(write):
    path = write(SMALL)
    assert load(path, ["hosts.0.cores=8"]).spec.hosts[0].cores == 8
    assert load(path, ["hosts.a.cores=8"]).spec.hosts[0].cores == 8
    assert load(path, ["hosts.a.memory=1g"]).spec.hosts[0].memory == 1 << 30
    assert load(path, ["until=5m", "seed=3"]).seed == 3
    assert load(path, ["traffic.web=80/s"]).spec.traffic["web"].words == "80/s"
    assert load(path, ["calibration.boot.cloud_vm.total_s=3"]).spec.calibration


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("hosts.0.coers=8", "--set hosts.0.coers=8: hosts[0]: unknown key"),
        ("hosts.7.cores=8", "--set hosts.7.cores=8: nothing called 'hosts.7' here"),
        ("hosts.b.cores=8", "expected one of: a"),
        ("hosts.0.cores=-8", "--set hosts.0.cores=-8: hosts[0].cores: number of cores is negat"),
        (
            "parameters.replicsa=4",
            "--set parameters.replicsa=4: unknown parameter: found 'replicsa'",
        ),
        ("hosts", "bad --set"),
        ("=3", "bad --set"),
        ("hosts.0.cores=[", "not YAML"),
        ("hosts.0.cores.x=1", "nothing called"),
    ],
)
def test_a_bad_setting_is_told(write, setting, said):
    assert said in error(write(SMALL), setting)


def test_a_misspelt_parameter_is_refused_with_the_nearest(write):
    path = write(SMALL + "parameters: {replicas: 3}\n")
    assert "did you mean 'replicas'" in error(path, "parameters.replicsa=4")
    assert load(path, ["parameters.replicas=4"]).spec.parameters == {"replicas": "4"}


def test_parameters_fill_texts(write):
    text = "format: 1\nparameters: {n: 3, rate: 50/s}\ntraffic: {web: '${rate}'}\n"
    path = write(text + "containers: [{image: x, replicas: '${n}'}]\n")
    found = load(path, ["parameters.rate=80/s"])
    assert found.spec.traffic["web"].words == "80/s"
    assert found.spec.containers[0].replicas == 3


def test_a_scenario_is_refused_when_it_is_no_file(tmp_path):
    assert "no such scenario" in error(tmp_path / "nope.yaml")
    assert "a folder without manifests" in error(tmp_path)


def test_the_schema_knows_every_section():
    document = schema()
    assert set(document["$defs"]["Spec"]["properties"]) >= {"hosts", "traffic", "script", "images"}
    assert document["$defs"]["HostSpec"]["properties"]["memory"]["type"] == ["string", "number"]
    msgspec.json.encode(document)


def test_an_error_in_a_trace_file_has_its_own_place(write):
    write("timestamp,count\n0,5\n60,x\n", "t.csv")
    assert "t.csv:3:4: bad count" in error(write("format: 1\ntraffic: {web: file t.csv}\n"))
    assert "s.yaml:2:16" in error(write("format: 1\ntraffic: {web: file ../t.csv}\n"))


def test_the_example_of_the_reference_can_be_read(write):
    readme = Path(simulator.scenario.__file__).with_name("README.md").read_text()
    write("title: more\n", "more.yaml")
    example = readme.partition("```yaml\n")[2].partition("```")[0]
    assert load(write(example), check=parse_at).spec.containers[0].replicas == 2


YAML = st.text(
    alphabet=st.sampled_from("format: 1\n -[]{},&*!'\"#ahosts${}.\t%@`|>?0"), max_size=80
)


@settings(max_examples=300, deadline=None)
@given(YAML | st.text(max_size=80))
def test_no_text_raises_anything_but_our_own_error(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "fuzz.yaml"
    path.write_bytes(("format: 1\n" + text).encode("utf-8", "surrogatepass"))
    try:
        load(path, check=parse_at)
    except DrydockError:
        pass


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=30))
def test_no_setting_raises_anything_but_our_own_error(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "set.yaml"
    path.write_text(SMALL)
    for setting in (text, f"hosts.0.{text}", f"hosts.0.cores={text}", f"traffic.web={text}"):
        try:
            load(path, [setting])
        except DrydockError:
            pass
