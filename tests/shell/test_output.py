from __future__ import annotations

import json

import pytest
from shell_fakes import FakeReader, FakeWorld, container, image

from simulator.errors import InputError
from simulator.node.publishing import Published
from simulator.shell import Session
from simulator.shell.docker.listing import status
from simulator.shell.formats import render
from simulator.shell.tables import table, width

PUBLISHED = (Published(80, "tcp", "0.0.0.0", 8080), Published(80, "tcp", "::", 8080))


@pytest.fixture
def session(tmp_path):
    world = FakeWorld(
        containers=(
            container("web", published=PUBLISHED, memory_bytes=64 << 20, cpu_cores=1.5, pids=5),
            container("old", state="exited", exit_code=137, finished_at=50.0, oom_killed=True),
        )
    )
    world.now = 120.0
    return Session(world, reading=FakeReader, folder=tmp_path)


def test_columns_are_three_spaces_apart():
    assert table(("A", "LONGER HEADING", "C"), [["a-very-long-cell", "b", "c"]]) == [
        "A                  LONGER HEADING   C",
        "a-very-long-cell   b                c",
    ]


def test_a_short_column_is_padded_to_ten():
    assert table(("A", "B"), [["1", "2"]]) == ["A         B", "1         2"]


def test_wide_characters_count_two_columns():
    assert width("容器") == 4


def test_ps_prints_the_real_tools_columns(session):
    lines = session.execute("docker ps").lines
    assert lines == (
        "CONTAINER ID   IMAGE          COMMAND                  CREATED         STATUS"
        "              PORTS                                     NAMES",
        '13eccccccccc   nginx:latest   "nginx -g daemon off;"   2 minutes ago   '
        "Up About a minute   0.0.0.0:8080->80/tcp, [::]:8080->80/tcp   web",
    )  # fmt: skip


def test_ps_hides_what_has_exited_unless_asked(session):
    assert session.execute("docker ps -q").lines == (container("web").id[:12],)
    assert len(session.execute("docker ps -aq").lines) == 2
    names = session.execute("docker ps -f status=exited --format '{{.Names}}'").lines
    assert names == ("old",)


def test_a_status_reads_as_people_know_it():
    assert status(container(), 121.0) == "Up 2 minutes"
    assert status(container(state="paused"), 121.0) == "Up 2 minutes (Paused)"
    gone = container(state="exited", exit_code=137, finished_at=118.0)
    assert status(gone, 121.0) == "Exited (137) 3 seconds ago"
    assert status(container(state="created"), 1.0) == "Created"
    assert status(container(health="healthy"), 121.0) == "Up 2 minutes (healthy)"


def test_unknown_filters_and_statuses_are_refused_with_the_nearest(session):
    assert "did you mean 'status'?" in session.execute("docker ps -f statsu=exited").error
    assert "did you mean 'exited'?" in session.execute("docker ps -f status=exitd").error


def test_stats_state_what_memory_is_of(session):
    line = session.execute("docker stats --no-stream web").lines[1]
    assert "150.00%" in line
    assert "64MiB / 8GiB" in line


def test_images_are_listed_with_decimal_sizes(session):
    lines = session.execute("docker images").lines
    assert lines[0].split() == ["REPOSITORY", "TAG", "IMAGE", "ID", "CREATED", "SIZE"]
    assert lines[1].split() == ["nginx", "latest", "abababababab", "2", "minutes", "ago", "187MB"]


def test_images_with_a_port_in_their_registry_keep_it(session):
    session.world.images = (image("localhost:5000/web:v1"),)
    lines = session.execute("docker images --format '{{.Repository}} {{.Tag}}'").lines
    assert lines == ("localhost:5000/web v1",)


def test_inspect_is_json_with_dockers_names(session):
    (document,) = json.loads(session.execute("docker inspect old").text)
    assert document["Name"] == "/old"
    assert document["State"]["OOMKilled"] is True
    assert document["State"]["ExitCode"] == 137
    assert document["HostConfig"]["RestartPolicy"] == {"Name": "no", "MaximumRetryCount": 0}


def test_inspect_takes_a_template(session):
    result = session.execute("docker inspect -f '{{.State.OOMKilled}} {{.Name}}' old web")
    assert result.lines == ("true /old", "false /web")


def test_a_template_that_is_not_modelled_is_refused():
    with pytest.raises(InputError, match="not modelled"):
        render("{{range .A}}", {"A": 1})
    with pytest.raises(InputError, match="did you mean 'Names'"):
        render("{{.Nmaes}}", {"Names": 1})
    with pytest.raises(InputError, match="unclosed"):
        render("{{.A", {"A": 1})


def test_formats_print_as_go_does():
    row = {"A": True, "B": None, "C": {"k": "v"}, "D": ["x", "y"], "E": "up"}
    text = render('{{.A}} {{.B}} {{.C}} {{.D}} {{json .D}} {{upper .E}} {{index .C "k"}}', row)
    assert text == 'true <nil> map[k:v] [x y] ["x", "y"] UP v'


def test_json_format_gives_a_line_a_row(session):
    lines = session.execute("docker ps -a --format json").lines
    assert [json.loads(line)["Names"] for line in lines] == ["web", "old"]


def test_logs_are_cut_and_stamped(session):
    assert session.execute("docker logs web").lines == ("starting", "ready")
    assert session.execute("docker logs -n 1 -t web").lines == (
        "2026-01-01T00:00:01.500000000Z ready",
    )


def test_removing_a_running_container_needs_force(session):
    assert "force remove" in session.execute("docker rm web").error
    assert session.world.commands == []


def test_a_template_ranges_over_networks_and_reaches_into_what_it_finds():
    row = {"N": {"b": {"IP": "2"}, "a": {"IP": "1"}}, "P": {"80/tcp": [{"Port": "8080"}]}, "E": []}
    made = {
        "{{range .N}}{{.IP}} {{end}}": "1 2 ",
        "{{range $name, $one := .N}}{{$name}}={{$one.IP}};{{end}}": "a=1;b=2;",
        '{{(index (index .P "80/tcp") 0).Port}}': "8080",
        "{{if .E}}full{{else}}empty{{end}}": "empty",
        "{{with .N}}{{.a.IP}}{{end}}{{len .N}}": "12",
        '{{range .N}}{{if eq .IP "1"}}one{{else}}more{{end}}{{end}}': "onemore",
        "{{.N.a | fly}}": None,
        "{{.E | len}} {{- /* no */ -}}": "0",
        "{{range .E}}x{{else}}none{{end}}": "none",
        '{{index .N "c"}}': "<no value>",
        "{{range .N}}{{println .IP}}{{end}}": "1\n2\n",
    }
    for template, text in made.items():
        if text is None:
            with pytest.raises(InputError, match="not modelled"):
                render(template, row)
        else:
            assert text == render(template, row)


BAD = (
    "{{end}}", "{{if .A}}", "{{range 1}}{{end}}", "{{$x}}", "{{(.A}}", "{{.A .A}}", "{{foo .A}}",
    "{{index .A 1 2 |}}", "{{else}}",
)  # fmt: skip


@pytest.mark.parametrize("template", BAD)
def test_a_template_that_cannot_be_read_is_refused(template):
    with pytest.raises(InputError):
        render(template, {"A": 1})
