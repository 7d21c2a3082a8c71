from __future__ import annotations

import json

import pytest
from image_shop import Shop


@pytest.fixture
def shop(tmp_path):
    shop = Shop(tmp_path)
    shop.python()
    return shop


def test_the_steps_of_one_unnamed_stage_are_numbered(shop):
    out = shop("docker build -t web py")
    assert "[1/5] FROM docker.io/library/python:3.12-slim  DONE" in out
    assert "[4/5] RUN pip install -r requirements.txt  DONE" in out
    assert "naming to docker.io/library/web:latest" in out


def test_stages_are_named_as_buildkit_names_them(shop):
    shop.go()
    out = shop("docker build go")
    assert "[build 4/4] RUN" in out
    assert "[stage-1 2/2] COPY --from=build /out/server /server" in out


def test_every_step_that_ran_says_why_and_settings_say_nothing(shop):
    shop("docker build py")
    shop.write("py/app.py", "import web\nprint('changed')\n")
    out = shop("docker build py")
    assert "[4/5] RUN pip install -r requirements.txt  CACHED" in out
    assert "[5/5] COPY . .  DONE 0.1s\n    not cached: app.py changed" in out
    assert "metadata only" not in out


def test_what_ran_after_a_change_names_the_step_before(shop):
    shop("docker build py")
    shop.write("py/requirements.txt", "flask\nrequests\n")
    assert "not cached: step 3/5 ran again" in shop("docker build py")


def test_plain_progress_numbers_the_vertices(shop):
    lines = shop("docker build --progress plain py").split("\n")
    assert lines[0] == "#1 [internal] load build definition from Dockerfile"
    assert "#5 [2/5] WORKDIR /app" in lines
    assert "#5 DONE 0.1s" in lines


def test_a_failing_step_shows_its_line_and_what_to_do(shop):
    shop.python("bad", "FROM alpine\nWORKDIR /a\nRUN make all\n")
    out, error = shop.prints_and_fails("docker build bad")
    assert " > [3/3] RUN make all:" in out
    assert "   3 | >>> RUN make all" in out
    assert "What to do: no such program in the image" in out
    assert error.startswith("ERROR: failed to build: failed to solve: process")
    assert error.endswith("exit code: 127")


def test_a_line_that_cannot_be_read_is_shown_in_its_place(shop):
    shop.python("bad", "FROM alpine\nRUNN make\n")
    out, error = shop.prints_and_fails("docker build bad")
    assert "   2 | >>> RUNN make" in out
    assert error.startswith("Dockerfile:2:1: unknown instruction")
    assert "did you mean 'RUN'?" in error


def test_checks_explain_themselves_and_build_nothing(shop):
    shop.python("bad", "FROM python:3.12-slim as b\nCMD python $PYTHON_VERSION\n")
    out = shop("docker build --check bad")
    assert "WARNING: FromAsCasing" in out
    assert "What to do: Write both in the same case" in out
    assert "UndefinedVar" not in out  # the base image brings the variable
    assert shop("docker images -q") == ""


def test_a_file_may_ask_that_warnings_fail_the_build(shop):
    shop.python("bad", "# check=error=true\nFROM alpine as b\nCMD a\n")
    assert "lint violation found" in shop.refuses("docker build bad")
    assert "lint violation found" in shop.refuses("docker build --check bad")


def test_chosen_stages_are_built_anew(shop):
    shop.go()
    shop("docker build go")
    out = shop("docker build --no-cache-filter build go")
    assert "--no-cache-filter build switches the cache off" in out
    assert "[stage-1 2/2] COPY --from=build /out/server /server  CACHED" in out


def test_labels_come_into_the_configuration(shop):
    shop("docker build -t web --label team=blue py")
    config = json.loads(shop("docker inspect web"))[0]["Config"]
    assert config["Labels"] == {"team": "blue"}
    assert config["WorkingDir"] == "/app"
    assert config["Cmd"] == ["python", "app.py"]


def test_quiet_prints_the_id_only(shop):
    assert shop("docker build -q py").startswith("sha256:")
    assert "\n" not in shop("docker build -q py")


def test_several_platforms_make_a_list_that_each_machine_reads_its_own_way(shop):
    shop.go()
    shop("registry add r.local; host add arm --arch arm64")
    out = shop("docker build --platform linux/amd64,linux/arm64 -t r.local/s --push go")
    assert "[linux/arm64 stage-1 2/2] COPY --from=build" in out
    document = json.loads(shop("docker manifest inspect r.local/s"))
    assert [one["platform"]["architecture"] for one in document["manifests"]] == ["amd64", "arm64"]
    shop("docker -H arm run -d --name s --workload idle r.local/s")
    assert json.loads(shop("docker -H arm inspect r.local/s"))[0]["Architecture"] == "arm64"


def test_foreign_bases_do_not_take_the_names_of_ones_own(shop):
    shop("host add e --emulation on; use e; docker pull python:3.12-slim")
    before = shop("docker images --format '{{.ID}}' python")
    shop("docker build --platform linux/arm64 -t foreign py")
    assert shop("docker images --format '{{.ID}}' python") == before
    assert "<none>" not in shop("docker images")


def test_a_foreign_step_needs_an_emulator_and_takes_longer_with_it(shop):
    out, error = shop.prints_and_fails("docker build --platform linux/arm64 py")
    assert "exec /bin/sh: exec format error" in out
    assert "--emulation on" in out
    assert "exit code: 255" in error
    native = shop.took("docker build py")
    shop("host add e --emulation on; use e; docker pull python:3.12-slim")
    assert shop.took("docker build --platform linux/arm64 py") > native


def test_an_inline_cache_serves_another_machine(shop):
    shop("registry add r.local")
    shop("docker build --cache-to type=inline -t r.local/web --push py")
    shop("docker build -t r.local/bare --label a=b --push py")
    shop("host add b; use b")
    assert "4 cached" in shop("docker build --cache-from r.local/web py")
    shop("host add c; use c")
    assert "0 cached" in shop("docker build --cache-from r.local/bare py")


def test_a_required_secret_must_be_given(shop):
    text = "FROM alpine\nRUN --mount=type=secret,id=key,required=true cat /run/secrets/key\n"
    shop.python("s", text)
    assert "secret key: not found" in shop.refuses("docker build s")
    assert "no such file" in shop.refuses("docker build --secret id=key,src=nowhere s")
    shop("docker build --secret id=key,src=s/app.py s")


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ("--ulimit nofile=1", "--ulimit is not modelled"),
        ("--cache-to type=registry,ref=a", "type=registry is not modelled"),
        ("--cache-from type=gha", "type=gha is not modelled"),
        ("--platform vax/vms", "unknown platform"),
        ("--squash", "--squash is not modelled"),
        ("-o out.tar", "other outputs than the image store"),
        ("--push", "tag is needed when pushing"),
        ("-t a@sha256:" + "0" * 64, "refusing to create a tag with a digest reference"),
        ("--target nowhere", "could not be found"),
    ],
)
def test_what_is_not_modelled_is_refused_by_name(shop, flags, said):
    assert said in shop.refuses(f"docker build {flags} py")


def test_a_full_disk_ends_a_build(shop):
    shop("host add tiny --disk 116m; use tiny")
    assert "no space left on device" in shop.refuses("docker build py")


def test_unused_arguments_and_warnings_stand_under_the_build(shop):
    shop.python("w", "FROM alpine\nCMD echo hi\n")
    out = shop("docker build --build-arg NOBODY=1 w")
    assert "[Warning] one or more build-args [NOBODY] were not consumed" in out
    assert "1 warning found" in out
    assert " - JSONArgsRecommended:" in out


def test_only_the_dockerignore_beside_the_dockerfile_counts(shop):
    shop.write("i/Dockerfile", "FROM scratch\nCOPY . /\n")
    shop.write("i/.dockerignore", "big\n")
    shop.write("i/big/x", "x" * 50_000)
    shop("docker build -t without i")
    shop.write("i/Dockerfile.dockerignore", "nothing-here\n")
    assert "1 steps, 0 cached" in shop("docker build -t with i")
    assert ["50kB" in shop(f"docker images {name}") for name in ("without", "with")] == [
        False,
        True,
    ]


def test_a_stage_built_anew_changes_what_takes_random_bytes_from_it(shop):
    shop.write(
        "r/Dockerfile",
        "FROM alpine AS a\nRUN head -c 9 /dev/urandom > /r\nRUN echo same > /s\n"
        "FROM scratch\nCOPY --from=a /s /\nCOPY --from=a /r /\n",
    )
    shop("docker build r")
    out = shop("docker build --no-cache-filter a r")
    assert "COPY --from=a /s /  CACHED" in out
    assert "COPY --from=a /r /  DONE 0.1s\n    not cached: /r changed" in out
