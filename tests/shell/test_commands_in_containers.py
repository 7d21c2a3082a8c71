"""One-off commands, programs that are not there, terminals: typed lines about what runs inside."""

import pytest

from simulator.scenario import load
from simulator.shell import LineReader, Session
from simulator.trials.playing import Run
from simulator.world import World


@pytest.fixture
def shell(tmp_path):
    session = Session(World(1), folder=tmp_path)
    session.execute("host add a")
    session.execute("docker pull -q alpine")
    return session


def said(shell, line):
    result = shell.execute(line)
    assert result.error is None, result.error
    return list(result.lines)


def refused(shell, line):
    error = shell.execute(line).error
    assert error is not None, line
    return error


@pytest.mark.parametrize(
    ("command", "printed"),
    [("uname -r", ["6.8"]), ("echo hi", ["hi"]), ("nproc", ["4"]),
     ("sh -c 'echo a | tr a b && echo c'", ["b", "c"]),
     ("env", ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
              "HOSTNAME=box", "HOME=/root"])],
)  # fmt: skip
def test_a_command_in_the_foreground_prints_what_it_prints_at_once(shell, command, printed):
    before = shell.world.now
    assert said(shell, f"docker run --rm --cpus 2 -h box alpine {command}") == printed
    assert shell.world.now - before < 2.0
    assert shell.world.containers == {}


def test_the_code_of_a_command_is_the_container_s_and_the_line_s(shell):
    assert refused(shell, "docker run --name x alpine sh -c 'echo out; exit 3'") == "(exit code 3)"
    assert shell.world.container("x").exit_code == 3
    assert said(shell, "docker logs x") == ["out"]
    assert "exit code 1" in refused(shell, "docker run --rm alpine false && docker ps")


def test_output_comes_at_its_time(shell):
    said(shell, "docker run -d --name s alpine sh -c 'echo a; sleep 5; echo b; exit 3'")
    assert said(shell, "docker logs s") == ["a"]
    shell.execute("advance 6s")
    assert said(shell, "docker logs s") == ["a", "b"]
    one = shell.world.container("s")
    assert (one.state, one.exit_code) == ("exited", 3)
    assert one.finished_at - one.started_at == pytest.approx(5.0)


@pytest.mark.parametrize(
    ("command", "code", "told"),
    [("nosuch", 127, 'exec: "nosuch": executable file not found in $PATH'),
     ("/no/such", 127, 'exec: "/no/such": stat /no/such: no such file or directory'),
     ("/etc/passwd", 126, 'exec: "/etc/passwd": permission denied'),
     ("/bin", 126, 'exec: "/bin": is a directory')],
)  # fmt: skip
def test_a_program_that_is_not_there_leaves_the_container_created(shell, command, code, told):
    for flags in ("-d", "", "-d --restart always"):
        assert told in refused(shell, f"docker run {flags} --name x alpine {command}")
        one = shell.world.container("x")
        assert (one.state, one.exit_code, one.restarts) == ("created", code, 0)
        said(shell, "docker rm x")
    assert told in refused(shell, f"docker run --rm alpine {command}")
    assert shell.world.containers == {}


def test_exec_and_run_have_one_rule_for_what_is_there(shell):
    said(shell, "docker run -d --name py python:3.12-slim sleep 100")
    for line in ("docker exec py gunicorn app", "docker run -d python:3.12-slim gunicorn app"):
        assert 'exec: "gunicorn": executable file not found in $PATH' in refused(shell, line)
    said(shell, "docker exec py pip install gunicorn")
    assert "executable file not found" not in (
        shell.execute("docker exec py gunicorn app").error or ""
    )


def test_what_a_command_writes_stays_in_its_container_and_looking_changes_nothing(shell):
    said(shell, "docker run -d --name w alpine sleep 100")
    before = len(shell.world.log)
    assert said(shell, "docker exec w sh -c 'ls / | head -1; cat /etc/hostname'")[0] == "bin"
    assert len(shell.world.log) == before
    said(shell, "docker exec w sh -c 'echo one > /f; mkdir /d'")
    assert len(shell.world.log) == before + 1
    assert said(shell, "docker exec w cat /f") == ["one"]
    assert said(shell, "docker diff w") == ["A /d", "A /f"]


def test_lines_go_to_a_shell_inside_until_exit_and_each_can_be_taken_back(shell):
    said(shell, "docker run -d --name c alpine sleep 1000")
    assert shell.prompt is None
    said(shell, "docker exec -it c sh")
    assert shell.prompt == "/ # "
    said(shell, "cd /tmp; export A=5")
    assert shell.prompt == "/tmp # "
    assert said(shell, "echo $A | cat > f; cat f; pwd") == ["5", "/tmp"]
    digest = shell.world.journal.digest
    said(shell, "rm f; cd /")
    said(shell, "undo")
    assert (shell.prompt, shell.world.journal.digest) == ("/tmp # ", digest)
    assert said(shell, "ls") == ["f"]
    said(shell, "exit")
    assert shell.prompt is None
    assert said(shell, "docker diff c")[-1] == "A /tmp/f"
    said(shell, "undo")
    assert shell.prompt == "/tmp # "


def test_a_terminal_at_process_one_ends_the_container_with_its_last_code(shell):
    said(shell, "docker run -it --name t -h box debian:12-slim")
    assert shell.prompt == "root@box:/# "
    assert said(shell, "echo hi") == ["hi"]
    shell.execute("exit 7")
    one = shell.world.container("t")
    assert (shell.prompt, one.state, one.exit_code) == (None, "exited", 7)


def test_a_shell_with_open_input_stays_and_can_be_attached_to(shell):
    said(shell, "docker run -dit --name t alpine")
    assert (shell.world.container("t").state, shell.prompt) == ("running", None)
    said(shell, "docker attach t")
    assert shell.prompt == "/ # "
    said(shell, "exit")
    assert shell.world.container("t").state == "exited"
    said(shell, "docker run -d --name e alpine")
    assert (shell.world.container("e").state, shell.world.container("e").exit_code) == ("exited", 0)


def test_an_endless_loop_uses_a_core(shell):
    said(shell, "docker run -d --name l alpine sh -c 'while true; do :; done'")
    shell.execute("advance 5s")
    shell.world.settle()
    one = shell.world.container("l")
    assert one.cpu_seconds == pytest.approx(shell.world.now - one.started_at, rel=0.05)


def test_a_script_under_way_survives_a_copy(shell):
    said(
        shell, "docker run -d --name s alpine sh -c 'for i in 1 2 3 4; do echo $i; sleep 10; done'"
    )
    shell.execute("advance 15s")
    branch = shell.world.branched()
    for world in (branch, shell.world):
        world.advance(60.0)
        assert [text for _, text in world.logs("s")] == ["1", "2", "3", "4"]
    assert branch.journal.digest == shell.world.journal.digest


def test_start_attached_prints_what_this_run_prints(shell):
    said(shell, "docker create --name c alpine sh -c 'echo run; exit 4'")
    for _ in range(2):
        result = shell.execute("docker start -a c")
        assert (result.lines, result.error) == (("run",), "(exit code 4)")


def test_a_program_that_goes_on_at_a_prompt_is_interrupted_and_the_prompt_comes_back(shell):
    said(shell, "docker run -d --name c alpine sleep 10000")
    said(shell, "docker exec -it c sh")
    assert said(shell, "sleep 3; echo $?") == ["0"]
    assert said(shell, "sleep infinity") == ["^C"]
    assert said(shell, "echo $?") == ["130"]


def test_lines_of_a_file_go_to_the_shell_that_the_file_opens(shell, tmp_path):
    (tmp_path / "lines.txt").write_text(
        "docker run -it --name t alpine\ncd /tmp\nif true; then\npwd\nfi\nexit 2\ndocker ps -aq\n"
    )
    assert said(shell, "source lines.txt") == ["/tmp", shell.world.container("t").id[:12]]


def test_wait_prints_the_code_of_a_container_when_it_has_ended(shell):
    said(shell, "docker run -d --name j alpine sh -c 'sleep 5; exit 3'")
    before = shell.world.now
    assert said(shell, "docker wait j") == ["3"]
    assert shell.world.now - before == pytest.approx(5.0, abs=0.5)
    assert said(shell, "docker wait j") == ["3"]


def _built(shell, folder, script, mode=""):
    (folder / "start.sh").write_text(script)
    (folder / "app.py").write_text("import web\n")
    (folder / "Dockerfile").write_text(
        f'FROM python:3.12-slim\nCOPY start.sh app.py /\n{mode}ENTRYPOINT ["/start.sh"]\n'
    )
    said(shell, "docker build -q -t app .")


def test_an_entrypoint_script_is_carried_out_and_what_it_starts_serves(shell, tmp_path):
    script = '#!/bin/sh\nset -e\necho "as $(whoami), ${MODE:-plain}"\nexec python /app.py "$@"\n'
    _built(shell, tmp_path, script, "RUN chmod +x /start.sh\n")
    said(shell, "docker run -d --name app -e MODE=fast app; advance 5s")
    one = shell.world.container("app")
    assert (said(shell, "docker logs app")[0], one.ready_at is not None) == ("as root, fast", True)


def test_a_script_without_the_right_to_be_executed_does_not_start(shell, tmp_path):
    _built(shell, tmp_path, "#!/bin/sh\necho hi\n")
    assert 'exec: "/start.sh": permission denied' in refused(shell, "docker run -d --name n app")
    assert shell.world.container("n").exit_code == 126
    assert said(shell, "docker run --rm --entrypoint '' app sh /start.sh") == ["hi"]


def test_what_was_printed_before_the_prompt_came_back_is_shown(shell):
    shell.attached_wait_s = 20.0
    lines = said(shell, "docker run alpine sh -c 'echo begun; sleep infinity'")
    assert (lines[0], "still running after 20s" in lines[1]) == ("begun", True)


def test_a_one_line_program_of_an_image_prints_and_ends(shell, tmp_path):
    (tmp_path / "app.py").write_text("import os\nprint('cores', os.cpu_count())\n")
    (tmp_path / "Dockerfile").write_text(
        'FROM python:3.12-slim\nCOPY app.py /\nCMD ["python", "/app.py"]\n'
    )
    said(shell, "docker build -q -t app .")
    assert said(shell, "docker run --rm --cpus 1 app") == ["cores 4"]


def test_a_trap_of_process_one_answers_after_what_it_waits_for(shell):
    script = 'trap "echo got; exit 4" TERM; while true; do sleep 3; done'
    said(shell, f"docker run -d --name t alpine sh -c '{script}'; advance 1s")
    before = shell.world.now
    said(shell, "docker stop t")
    assert shell.world.now - before == pytest.approx(2.0, abs=0.5)
    assert (said(shell, "docker logs t"), shell.world.container("t").exit_code) == (["got"], 4)


def test_ps_shows_a_script_and_what_it_waits_for(shell):
    script = "while true; do sleep 7; done"
    said(shell, f"docker run -d --name p alpine sh -c '{script}'")
    rows = [line.split(None, 4) for line in said(shell, "docker exec p ps")[1:]]
    assert [(row[1], row[2], row[4]) for row in rows] == [
        ("1", "0", f"sh -c {script}"), ("7", "1", "sleep 7"),
    ]  # fmt: skip
    assert f"sh -c {script}" in "\n".join(said(shell, "docker top p"))


@pytest.mark.parametrize(
    ("image", "command"),
    [("alpine", "tail /dev/zero"),
     ("python:3.12-slim", "python -c \"x = 'a' * 10**9; import time; time.sleep(9)\"")],
)  # fmt: skip
def test_a_program_that_takes_more_memory_than_its_limit_is_killed(shell, image, command):
    assert refused(shell, f"docker run --name m -m 64m {image} {command}") == "(exit code 137)"
    assert shell.world.container("m").oom_killed


def test_what_a_program_holds_is_charged_to_its_container(shell):
    line = 'python -c "x = bytearray(200 * 1024 * 1024); import time; time.sleep(99)"'
    said(shell, f"docker run -d --name m -m 640m python:3.12-slim {line}")
    assert shell.world.container("m").memory.usage > 200 << 20


def test_programs_that_are_known_and_not_modelled_are_refused_by_name(shell):
    for name in ("base64", "vi", "strings"):
        result = shell.execute(f"docker run --rm alpine {name} x")
        assert f"'{name}' is not modelled" in result.text, name


def test_a_line_that_does_not_wait_tells_what_was_over_at_once(shell):
    said(shell, "docker run -d --name c alpine sleep 1000")
    result = shell.execute("docker exec c sh -c 'echo x > /f; cat /f'", wait=False)
    assert (result.lines, result.job) == (("x",), None)


def test_a_scenario_may_type_in_a_container_and_quote_its_commands(tmp_path):
    (tmp_path / "s.yaml").write_text(
        "format: 1\nuntil: 9s\nhosts:\n  - {name: a}\ncontainers:\n"
        "  - {name: c, image: alpine, command: \"sh -c 'echo hi; sleep 99'\"}\nscript:\n"
        '  - "@1s docker logs c"\n  - "@2s docker exec -it c sh"\n  - "@3s cd /tmp"\n'
        '  - "@4s pwd"\n  - "@5s exit"\n  - "@6s docker ps -q"\n'
    )
    run = Run(load(tmp_path / "s.yaml", check=LineReader()))
    run.go()
    told = [(one.output, one.error) for one in run.lines]
    assert [told[0], told[3]] == [(("hi",), None), (("/tmp",), None)]
    assert len(told[5][0]) == 1


@pytest.mark.parametrize(
    ("steps", "there"),
    [("RUN make && make install", True), ("RUN wget -qO- https://example.com/i.sh | sh", True),
     ("RUN touch /notes", False), ("ENV A=1", False)],
)  # fmt: skip
def test_a_program_that_an_unknown_step_may_have_installed_is_started(
    shell, tmp_path, steps, there
):
    (tmp_path / "Makefile").write_text("all:\n")
    (tmp_path / "Dockerfile").write_text(f"FROM gcc:14\nCOPY Makefile .\n{steps}\n")
    said(shell, "docker build -q -t made .")
    error = shell.execute("docker run -d --name m made mytool --serve").error
    assert (error is None) == there
    assert (shell.world.container("m").state == "running") == there


def test_a_package_manager_installs_with_some_words_and_runs_programs_with_others(shell):
    said(shell, "docker run -d --name n node:22 npm start")
    shell.execute("advance 9s")
    assert shell.world.container("n").ready_at is not None
    assert shell.execute("docker run --rm node:22 npm install express").error is None


def test_a_server_in_the_background_answers_beside_the_script_that_started_it(shell):
    script = 'nginx -g "daemon off;" & while true; do echo beat; sleep 5; done'
    said(shell, f"docker run -d --name n nginx sh -c '{script}'; advance 12s")
    lines = said(shell, "docker logs n")
    assert lines.count("beat") == 3
    assert "nginx" in "".join(said(shell, "docker exec n curl -sf http://localhost/"))


def test_exec_runs_as_the_user_that_it_is_told(shell):
    said(shell, "docker run -d --name c alpine sleep 1000")
    assert said(shell, "docker exec -u 1000 c id") == ["uid=1000 gid=0(root) groups=0(root)"]
    assert said(shell, "docker exec -u nobody c whoami") == ["nobody"]
    assert "Permission denied" in refused(shell, "docker exec -u nobody c sh -c 'echo x > /f'")
    assert "unable to find user who" in refused(shell, "docker exec -u who c id")


def test_a_machine_tells_what_it_knows_and_has_no_other_programs(shell):
    assert said(shell, "on a cat /etc/hostname") == ["a"]
    assert said(shell, "on a sh -c 'nproc | cat; echo $HOME'") == ["4", "/root"]
    assert refused(shell, "on a nosuch") == "bash: nosuch: command not found (exit code 127)"
    assert "not modelled" in refused(shell, "on a cat /etc/fstab")
