"""Flags as values: mounts, health checks, durations, ports, modes, owners."""

from __future__ import annotations

import pytest

from simulator.dockerfile import (
    Healthcheck,
    Mount,
    apply_chmod,
    parse,
    parse_duration,
    parse_instruction,
    parse_mount,
    parse_ports,
    parse_signal,
    read_healthcheck,
    read_mounts,
    split_chown,
)
from simulator.errors import InputError


@pytest.mark.parametrize(
    ("value", "mount"),
    [
        (
            "type=cache,target=/root/.cache,id=pip,sharing=locked,uid=1000,mode=0755",
            Mount("cache", "/root/.cache", id="pip", sharing="locked", uid=1000, mode=0o755),
        ),
        ("target=/src", Mount("bind", "/src", readonly=True)),
        ("from=binaries", Mount("bind", from_="binaries", readonly=True)),
        ("type=bind,source=a,dst=/b,rw", Mount("bind", "/b", source="a")),
        (
            "type=bind,from=build,src=/out,target=/out",
            Mount("bind", "/out", source="/out", from_="build", readonly=True),
        ),
        ("type=secret,id=token,env=TOKEN", Mount("secret", id="token", env="TOKEN", readonly=True)),
        ("type=secret,id=t,required", Mount("secret", id="t", required=True, readonly=True)),
        ("type=ssh", Mount("ssh", readonly=True)),
        ("type=tmpfs,target=/tmp,size=64m", Mount("tmpfs", "/tmp", size_bytes=64 * 1024**2)),
        ("type=CACHE,TARGET=/a,ro=true", Mount("cache", "/a", readonly=True)),
        ('type=bind,"target=/a,b"', Mount("bind", "/a,b", readonly=True)),
    ],
)
def test_a_mount_is_read_with_the_defaults_of_its_type(value, mount):
    assert mount == parse_mount(value)


@pytest.mark.parametrize(
    ("value", "message", "nearest"),
    [
        ("type=cahce,target=/a", 'unsupported mount type "cahce"', "cache"),
        ("type=cache,targt=/a", "unexpected key 'targt' in 'targt=/a'", "target"),
        ("type=cache,target=/a,sharing=lock", 'unsupported sharing value "lock"', "locked"),
        ("type=bind,target", "invalid field 'target' must be a key=value pair", None),
        ("type=bind,target=/a,mode=700", 'mode not allowed for "bind" type mounts', None),
        ("type=bind,target=/a,size=1m", "unexpected key 'size' for mount type 'bind'", None),
        ("type=bind,target=/a,required", "unexpected key 'required' for mount type 'bind'", None),
        ("type=cache,target=/a,mode=9", "invalid value 9 for mode", None),
        ("type=cache,target=/a,uid=root", "invalid value root for uid", None),
        ("type=tmpfs,target=/a,size=big", "invalid value for size: big", None),
        ("type=secret", "invalid secret mount. one of source, target required", None),
        ("type=secret,id=a,from=b", "secret mount should not have a from", None),
        ("type=secret,id=a,source=b", "both source and id can't be set", None),
        ("type=bind,target=/a,sharing=shared", "invalid cache sharing set for bind mount", None),
        ("type=bind,target=/a,from=$B", "'from' doesn't support variable expansion", None),
        ('"type=bind', "failed to parse csv mounts", None),
        ("", "failed to parse csv mounts", None),
    ],
)
def test_a_wrong_mount_names_the_key(value, message, nearest):
    with pytest.raises(InputError) as caught:
        parse_mount(value)
    assert message in str(caught.value)
    assert nearest is None or nearest == caught.value.nearest


def test_a_mount_with_a_variable_waits_for_its_value():
    run = parse("ARG X\nFROM a\nRUN --mount=type=$T,target=$D,id=$I echo").instructions[2]
    values = {"$T": "cache", "$D": "/d", "$I": "i"}
    assert (Mount("cache", "/d", id="i"),) == read_mounts(
        run, expand=lambda word: values.get(word, word)
    )
    with pytest.raises(InputError, match=r"^Dockerfile:3:5: unsupported mount type"):
        read_mounts(run, expand=lambda word: word.replace("$T", "cach"))


def test_a_wrong_mount_is_found_when_the_file_is_read():
    with pytest.raises(InputError, match=r"^Dockerfile:2:5: unexpected key 'size'"):
        parse("FROM a\nRUN --mount=type=cache,target=/a,size=1m ls")


def test_health_checks_become_seconds():
    check = read_healthcheck(
        parse_instruction(
            "HEALTHCHECK --interval=1m30s --timeout=500ms --start-period=0s --start-interval=2s "
            "--retries=5 CMD curl -f localhost"
        )
    )
    expected = Healthcheck(("CMD-SHELL", "curl -f localhost"), 90.0, 0.5, None, 2.0, 5)
    assert expected == check
    assert read_healthcheck(parse_instruction("HEALTHCHECK NONE")).disabled
    check = read_healthcheck(parse_instruction('HEALTHCHECK CMD ["a", "b"]'))
    assert check.test == ("CMD", "a", "b")


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ("--interval=5", "invalid --interval"),
        ("--interval=1us", 'Interval "interval" cannot be less than 1ms'),
        ("--timeout=-3s", 'Interval "timeout" cannot be less than 1ms'),
        ("--retries=-1", "--retries cannot be negative"),
        ("--retries=two", "invalid --retries"),
    ],
)
def test_a_wrong_health_check_option_is_refused_where_it_stands(flags, message):
    with pytest.raises(InputError) as caught:
        parse(f"FROM a\nHEALTHCHECK {flags} CMD b")
    assert message in str(caught.value)
    assert (caught.value.place.line, caught.value.place.column) == (2, 13)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0.0), ("1h2m3s", 3723.0), ("1.5h", 5400.0), (".5s", 0.5), ("-2s", -2.0), ("5ms", 0.005)],
)
def test_durations_are_read_as_go_writes_them(text, seconds):
    assert seconds == parse_duration(text)


@pytest.mark.parametrize("text", ["", "5", "s", "1x", "1s ", "1 s", "--1s", "9" * 40 + "h"])
def test_other_durations_are_refused(text):
    with pytest.raises(InputError):
        parse_duration(text)


def test_ports_are_numbers_ranges_and_protocols():
    assert [str(p) for p in parse_ports("80")] == ["80/tcp"]
    assert [str(p) for p in parse_ports("53/UDP")] == ["53/udp"]
    assert [str(p) for p in parse_ports("7-9")] == ["7/tcp", "8/tcp", "9/tcp"]
    assert [str(p) for p in parse_ports("127.0.0.1:8080:80")] == ["80/tcp"]
    with pytest.raises(InputError, match="invalid containerPort"):
        parse_ports("9-7")


@pytest.mark.parametrize(
    ("text", "before", "directory", "after"),
    [
        ("755", 0o644, False, 0o755),
        ("0600", 0o644, False, 0o600),
        ("u+x", 0o644, False, 0o744),
        ("go-w", 0o666, False, 0o644),
        ("a=r", 0o777, False, 0o444),
        ("+x", 0o644, False, 0o755),
        ("u=rwX,go=rX", 0o600, True, 0o755),
        ("u=rwX,go=rX", 0o600, False, 0o644),
        ("g=u", 0o740, False, 0o770),
        ("u+s", 0o755, False, 0o4755),
    ],
)
def test_modes_are_octal_or_clauses(text, before, directory, after):
    assert after == apply_chmod(text, before, directory=directory)


@pytest.mark.parametrize("text", ["", "999", "u+q", "u", "77777", "u+x;"])
def test_other_modes_are_refused(text):
    with pytest.raises(InputError, match="invalid chmod parameter"):
        apply_chmod(text, 0o644)


def test_owners_may_leave_out_the_group():
    assert split_chown("app:www") == ("app", "www")
    assert split_chown("1000") == ("1000", None)
    with pytest.raises(InputError):
        split_chown("a:b:c")


@pytest.mark.parametrize(
    ("text", "number"),
    [("SIGTERM", 15), ("kill", 9), ("3", 3), ("SIGRTMIN+3", 37), ("RTMAX", 64), ("sigwinch", 28)],
)
def test_signals_are_names_or_numbers(text, number):
    assert number == parse_signal(text)


@pytest.mark.parametrize("text", ["", "0", "65", "SIGFOO", "RTMIN+40", "RTMAX-40", "1.5"])
def test_other_signals_are_refused(text):
    with pytest.raises(InputError, match="invalid signal"):
        parse_signal(text)
