from __future__ import annotations

import json

import pytest

from simulator.dockerfile import parse
from simulator.errors import InputError, Refused
from simulator.image.builder import BuildCache, Rates, plan_platforms
from simulator.image.catalogue import Catalogue
from simulator.image.context import BuildContext
from simulator.image.model import Platform
from simulator.image.union import FileSystem

WEB = {"requirements.txt": "flask\ngunicorn\n", "app.py": "x = 1"}


def numbered(built, number, stage=None):
    label = stage or built.stages[-1]
    return next(one for one in built.steps if one.stage == label and one.number == number)


def test_a_build_gives_an_image_on_the_layers_of_its_base(build):
    built = build("FROM python:3.12-slim\nCOPY app.py /app/\nCMD python /app/app.py\n", WEB)
    image = built.require_image()
    assert [layer.transfer_bytes for layer in image.layers[:1]] == [29_800_000]
    assert len(image.layers) == 5
    assert FileSystem(image.layers).lookup("/app/app.py").size_bytes == 5
    assert image.config.cmd == ("/bin/sh", "-c", "python /app/app.py")


def test_the_same_build_gives_the_same_digest_on_another_machine(build):
    text = "FROM alpine\nRUN apk add --no-cache curl\nCOPY . /app\n"
    first = build(text, WEB).require_image()
    build.cache = BuildCache()
    assert first.digest == build(text, WEB).require_image().digest


def test_settings_make_the_configuration(build):
    text = (
        "FROM alpine\nARG V=2\nENV A=1 B=$V\nLABEL k=v\nUSER app\nWORKDIR /a\nWORKDIR b\n"
        "EXPOSE 80 9000-9001/udp\nVOLUME /data\nSTOPSIGNAL SIGINT\n"
        'ENTRYPOINT ["run"]\nCMD ["x"]\nHEALTHCHECK --retries=2 CMD true\n'
    )
    config = build(text).require_image().config
    assert {"A": "1", "B": "2"}.items() <= config.environment.items()
    assert config.label("k") == "v"
    assert (config.user, config.workdir, config.stop_signal) == ("app", "/a/b", "SIGINT")
    assert config.exposed_ports == ("80/tcp", "9000/udp", "9001/udp")
    assert config.argv == ("run", "x")
    assert config.healthcheck.retries == 2


def test_a_new_entrypoint_forgets_the_inherited_command(build):
    assert build('FROM nginx\nENTRYPOINT ["x"]\n').require_image().config.cmd is None
    assert build('FROM nginx\nCMD ["y"]\nENTRYPOINT ["x"]\n').require_image().config.cmd == ("y",)


def test_unused_stages_are_skipped_and_a_target_stops_early(build):
    text = "FROM alpine AS a\nRUN echo a\nFROM alpine AS b\nRUN echo b\nFROM alpine AS c\n"
    assert build(text).skipped_stages == ("a", "b")
    assert build(text, target="b").stages == ("b",)
    with pytest.raises(InputError, match="target stage"):
        build(text, target="nope")


def test_independent_stages_run_at_the_same_time(build):
    text = (
        "FROM alpine AS a\n# drydock: time=10s\nRUN one\nFROM alpine AS b\n"
        "# drydock: time=8s\nRUN two\nFROM scratch\nCOPY --from=a /x /x\nCOPY --from=b /y /y\n"
    )
    both = build(text, cores=2)
    build.cache = BuildCache()
    alone = build(text, cores=1)
    assert 10 < both.total_s < 12
    assert 18 < alone.total_s < 20


def test_a_multi_stage_build_copies_only_the_result(build):
    files = {"go.mod": "module x", "main.go": "package main"}
    text = (
        "FROM golang:1.22 AS build\nWORKDIR /src\nCOPY . .\nRUN go build -o /server .\n"
        "FROM scratch\nCOPY --from=build /server /server\n"
    )
    image = build(text, files).require_image()
    assert image.size_bytes == 14_000_000
    assert list(FileSystem(image.layers).files()) == ["/server"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("FROM alpine\nCOPY nope /x\n", r'Dockerfile:2:1: .*"/nope": not found'),
        ("FROM alpine\nCOPY ../x /x\n", r'Dockerfile:2:1: .*"/x": not found'),
        ("FROM alpin\n", r"Dockerfile:1:1: unknown image.*did you mean 'alpine'"),
        ("FROM $X\n", r"Dockerfile:1:1: base name \(\$X\) should not be blank"),
        (
            "FROM alpine AS a\nCOPY --from=a /x /x\n",
            r"2:1: circular dependency detected on stage: a",
        ),
        ("FROM alpine\nCOPY --from=7 /x /x\n", r"2:1: invalid from flag value 7"),
        ("FROM scratch AS a\nFROM scratch\nCOPY --from=a /x /x\n", r'3:1: .*"/x": not found'),
        ("FROM alpine\nEXPOSE 99999\n", r"2:1: invalid containerPort"),
        ("FROM --platform=linux/arm65 alpine\n", r"1:1: unknown platform.*linux/arm64"),
        ("FROM alpine\n# drydock: tme=3s\nRUN x\n", r"Dockerfile:2: unknown key.*'time'"),
    ],
)
def test_what_cannot_be_built_is_refused_with_its_place(build, text, message):
    with pytest.raises(InputError, match=message):
        build(text, WEB)


def test_stages_that_need_each_other_are_refused(build):
    text = "FROM alpine AS a\nCOPY --from=b /x /x\nFROM alpine AS b\nCOPY --from=a /x /x\n"
    with pytest.raises(InputError, match=r"circular dependency detected on stage: a"):
        build(text)


def test_a_failed_step_stops_the_build_and_names_the_command(build):
    built = build("FROM alpine\nRUN apt-get update\nRUN echo never\n")
    assert built.image is None
    assert built.failure.exit_code == 127
    assert "apt-get: not found" in built.failure.output
    assert built.failure.place.line == 2
    assert [one.line for one in built.numbered] == [1, 2]
    with pytest.raises(Refused, match="exit code: 127"):
        built.require_image()


def test_a_build_that_was_stopped_keeps_what_it_finished(build):
    text = "FROM alpine\n# drydock: time=2s\nRUN one\n# drydock: time=9s\nRUN two\n"
    whole = build(text)
    build.cache = BuildCache()
    build.cache.learn(whole, until_s=5.0)
    assert [one.cached for one in build(text).numbered] == [False, True, False]


def test_an_author_states_what_a_step_costs_and_leaves(build):
    text = (
        "FROM alpine\n# drydock: time=12s adds=/model.bin:300MB removes=/etc/apk\n"
        "RUN ./train --secret-sauce\n"
    )
    step = numbered(build(text), 2)
    assert 12 < step.duration_s < 13
    assert step.size_bytes == 300_000_000
    assert [entry.path for entry in step.layer.files if entry.removes] == ["/etc/apk"]


def test_removing_in_a_later_layer_does_not_shrink_the_image(build):
    head = "FROM alpine\nRUN wget -O /big.tgz https://x/big.tgz"
    later = build(head + "\nRUN rm /big.tgz\n").require_image()
    same = build(head + " && rm /big.tgz\n").require_image()
    assert later.size_bytes - same.size_bytes == 15_000_000
    assert FileSystem(later.layers).lookup("/big.tgz") is None


def test_changing_the_owner_stores_the_files_again(build):
    text = "FROM alpine\nCOPY data /data\nRUN chown -R 1:1 /data\n"
    built = build(text, {"data": 1_000_000})
    assert numbered(built, 3).size_bytes == 1_000_000


def test_triggers_of_the_base_run_after_from(build):
    base = build("FROM alpine\nONBUILD COPY app.py /app.py\nONBUILD ENV X=1\n").require_image()
    built = build("FROM mine\nRUN echo\n", WEB, resolve=lambda reference, platform: base)
    assert [one.instruction for one in built.numbered] == ["FROM", "COPY", "RUN"]
    assert built.image.config.environment["X"] == "1"
    assert built.image.config.onbuild == ()


def test_a_platform_decides_the_base_and_the_arguments(build):
    arm = Platform.parse("linux/arm64")
    text = "FROM alpine\nARG TARGETARCH\nENV A=$TARGETARCH\n"
    image = build(text, platform=arm).require_image()
    assert arm == image.platform
    assert image.config.environment["A"] == "arm64"
    pinned = build("FROM --platform=$BUILDPLATFORM alpine\n", platform=arm, builder=Platform())
    assert pinned.require_image().platform == Platform()


def test_emulation_slows_the_commands_down(build):
    text = "FROM golang:1.22\nWORKDIR /s\nCOPY . .\nRUN go build -o /x .\n"
    files = {"go.mod": "m", "main.go": "x"}
    native = build(text, files, rates=Rates(cores=4))
    build.cache = BuildCache()
    emulated = build(text, files, rates=Rates(cores=4, slowdown=8.0))
    assert emulated.total_s > 5 * native.total_s


def test_secrets_in_layers_arguments_and_variables_are_found(build):
    text = (
        "FROM alpine\nARG NPM_TOKEN\nENV DB_PASSWORD=hunter2\nCOPY . /app\nRUN rm /app/id_rsa\n"
        "RUN --mount=type=secret,id=key cat /run/secrets/key\n"
    )
    files = {"id_rsa": "k", ".env": "A=1", ".env.example": "A=", "cert.pem": "c"}
    built = build(text, files, args={"NPM_TOKEN": "t"})
    found = [one.subject for one in built.findings]
    assert found == ["NPM_TOKEN", "DB_PASSWORD", "/app/.env", "/app/cert.pem", "/app/id_rsa"]


def test_arguments_stay_readable_in_the_history(build):
    image = build("FROM alpine\nARG TOKEN\nRUN echo hi\n", args={"TOKEN": "t0p"}).require_image()
    assert "|1 TOKEN=t0p /bin/sh -c echo hi" in image.history[-1].created_by


def test_the_context_counts_only_what_is_asked_for(build):
    built = build("FROM alpine\nCOPY app.py /\n", {"app.py": 10, "big.bin": 10**9})
    assert built.context_bytes == 10


def test_files_land_where_copy_says(build):
    files = {"a.txt": "1", "d/b.txt": "2", "d/e/c.txt": "3"}
    text = (
        "FROM scratch\nCOPY a.txt /x\nCOPY a.txt /y/\nCOPY d /z\nCOPY a.txt d/b.txt /w/\n"
        "COPY d/*.txt /g/\nWORKDIR /v\nCOPY . .\nCOPY a.txt /v\n"
    )
    image = build(text, files).require_image()
    files = FileSystem(image.layers).files().items()
    assert [path for path, one in files if one.kind == "file"] == [
        "/g/b.txt", "/v/a.txt", "/v/d/b.txt", "/v/d/e/c.txt", "/w/a.txt", "/w/b.txt", "/x",
        "/y/a.txt", "/z/b.txt", "/z/e/c.txt",
    ]  # fmt: skip


def test_a_plan_is_the_same_whatever_the_order_of_the_context(build):
    text = "FROM alpine\nCOPY . /app\n"
    one = build(text, {"a": "1", "b": "2"})
    build.cache = BuildCache()
    other = build(text, {"b": "2", "a": "1"})
    assert one.image.digest == other.image.digest
    assert json.dumps([s.key for s in one.steps]) == json.dumps([s.key for s in other.steps])


def test_cross_compiling_on_the_own_platform_is_not_emulated(build):
    files = {"go.mod": "m", "main.go": "x"}
    lines = (
        "golang:1.22 AS b\nWORKDIR /s\nCOPY . .\nRUN go build -o /x .\n"
        "FROM scratch\nCOPY --from=b /x /x\n"
    )
    options = {
        "platform": Platform.parse("linux/arm64"),
        "builder": Platform(),
        "rates": Rates(cores=4, slowdown=8.0),
    }
    emulated = build("FROM " + lines, files, **options)
    native = build("FROM --platform=$BUILDPLATFORM " + lines, files, **options)
    assert emulated.total_s > 5 * native.total_s
    assert native.image.platform == Platform.parse("linux/arm64")


def test_a_windows_image_runs_its_own_shell(build):
    built = build(
        "FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\nRUN dir\n",
        platform=Platform.parse("windows/amd64"),
    )
    assert built.failure is None


def test_an_unknown_base_can_be_likened_to_a_known_one(build):
    with pytest.raises(InputError, match=r"1:1: unknown image.*drydock: like=IMAGE"):
        build("FROM corp.example/base:7\n")
    built = build("# drydock: like=debian:bookworm-slim\nFROM corp.example/base:7\n")
    assert built.image.size_bytes == 74_800_000


def test_several_platforms_make_a_list_of_images():
    dockerfile = parse("FROM alpine\nCOPY app.py /\n")
    platforms = [Platform.parse("linux/amd64"), Platform.parse("linux/arm64")]
    context = BuildContext.from_mapping(WEB)
    resolve = Catalogue.load().resolve
    plans, index = plan_platforms(dockerfile, context, platforms, resolve=resolve)
    assert tuple(platforms) == index.platforms
    assert index.images[0].digest != index.images[1].digest
    assert [one.failure for one in plans.values()] == [None, None]


def test_a_required_secret_that_is_not_given_is_missed(build):
    text = "FROM alpine\nRUN --mount=type=secret,id=key,required=true cat /run/secrets/key\n"
    assert build(text, secrets=["key"]).failure is None
    with pytest.raises(InputError, match=r"2:1: secret key: not found"):
        build(text, secrets=[])


def test_an_argument_that_nobody_declares_is_warned_of(build):
    built = build("FROM alpine\n", args={"TYPO": "1", "HTTP_PROXY": "x"})
    assert built.warnings == ("one or more build-args [TYPO] were not consumed",)


def test_a_stage_that_only_a_trigger_names_is_built_too(build):
    text = (
        "FROM alpine AS a\nONBUILD COPY --from=tools /bin/sh /tool\n"
        "FROM alpine AS tools\nRUN echo tools\nFROM a AS b\n"
    )
    built = build(text)
    assert FileSystem(built.image.layers).exists("/tool")
    assert built.skipped_stages == ()
    with pytest.raises(InputError, match="circular dependency"):
        build("FROM alpine AS a\nONBUILD COPY --from=b /bin/sh /x\nFROM a AS b\n")
