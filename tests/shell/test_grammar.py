from __future__ import annotations

import pytest

from simulator.errors import InputError
from simulator.shell import commands, parse
from simulator.shell import help as help_texts
from simulator.shell.registry import verbs


def values(line):
    return parse(line)[0].values


def error(line):
    with pytest.raises(InputError) as caught:
        parse(line)
    return str(caught.value)


def test_flags_are_read_in_all_of_dockers_forms():
    found = values("docker run -dit --name=x -m 64m -c512 -eA=1 -e B=2 --cpus .5 --rm=false nginx")
    assert (found["detach"], found["name"], found["memory"]) == (True, "x", 64 << 20)
    assert (found["cpu_shares"], found["env"], found["cpus"]) == (
        512,
        (("A", "1"), ("B", "2")),
        0.5,
    )
    assert found["rm"] is False


def test_words_after_the_image_belong_to_the_container():
    assert values("docker run nginx nginx -g --name x")["COMMAND"] == ("nginx", "-g", "--name", "x")


def test_two_dashes_end_the_flags():
    assert values("docker stop -- -t")["CONTAINER"] == ("-t",)


def test_long_forms_are_the_same_command():
    assert parse("docker container ls -a")[0].verb is parse("docker ps -a")[0].verb
    assert parse("docker image ls")[0].verb is parse("docker images")[0].verb


def test_a_machine_before_the_command_is_a_machine_of_the_command():
    assert values("docker -H vm1 ps")["host"] == "vm1"
    assert values("docker --context=vm1 run nginx")["host"] == "vm1"


def test_docker_on_a_machine_asks_the_daemon_of_that_machine():
    (call,) = parse("on vm1 docker run -d nginx on a b")
    assert (call.verb.name, call["host"], call["COMMAND"]) == (
        "docker run",
        "vm1",
        ("on", "a", "b"),
    )
    assert values("host exec vm1 docker ps")["host"] == "vm1"
    assert "docker: 'psx' is not a docker command" in error("on vm1 docker psx")
    assert parse("on vm1 ps -ef")[0].verb.name == "on"


def test_a_group_of_commands_has_help_of_its_own():
    assert values("docker swarm --help")["TOPIC"] == ("docker", "swarm")
    assert values("docker -h")["TOPIC"] == ("docker",)


def test_an_unknown_flag_is_refused_with_the_nearest():
    assert "did you mean '--memory'?" in error("docker run --memroy 64m nginx")
    assert "did you mean '--memory'?" in error("docker run --mem 64m nginx")
    assert "did you mean '--name'?" in error("docker run -name x nginx")


def test_a_flag_of_the_real_tool_that_is_not_modelled_says_so():
    assert "--gpus is not modelled" in error("docker run --gpus all nginx")
    assert "--opt is not modelled" in error("docker volume create --opt type=nfs data")


def test_an_unknown_command_is_refused_with_the_nearest():
    assert "did you mean 'docker run'?" in error("dokcer run nginx")
    assert "did you mean 'docker run'?" in error("docker rnu nginx")
    assert "did you mean 'docker run'?" in error("run nginx")
    assert "did you mean 'host add'?" in error("host ad a")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("docker run --cpus -1 nginx", "negative"),
        ("docker run --restart sometimes nginx", "invalid restart policy"),
        ("docker run --restart sometimes nginx", "unknown policy 'sometimes'; use one of 'no'"),
        ("docker run --restart always:3 nginx", "can only be used with 'on-failure'"),
        ("docker run --restart on-failure:x nginx", "must be an integer"),
        ("docker run --restart on-failure:-1 nginx", "cannot be negative"),
        ("docker run -p 99999:80 nginx", "invalid port"),
        ("docker run --rm --restart always nginx", "conflicting options"),
        ("docker run", "IMAGE is missing"),
        ("docker ps web", "unexpected argument"),
        ("docker run -m", "flag needs an argument"),
        ("traffic web -5/s", "negative"),
        ("traffic web poison 50", "did you mean 'poisson'?"),
        ("advance -5s", "duration is negative"),
        ("speed -1", "bad speed"),
        ("host add a --cores 0", "--cores: bad number of cores"),
        ("host add a --memory 1m", "too little memory for a kernel"),
        ("docker run --workload 'server cpu=1ms dist=zipf' nginx", "unknown distribution"),
        ("docker run --workload server nginx", "--workload: a server needs 'cpu='"),
        ("sudo docker ps", "the same line without it"),
        ("advance x", "bad duration"),
        ("docker --context", "flag needs an argument"),
    ],
)
def test_a_bad_value_is_refused_before_anything_is_carried_out(line, said):
    assert said in error(line)


def test_an_error_knows_its_column():
    with pytest.raises(InputError) as caught:
        parse("docker ps; docker run --memroy 5 nginx")
    assert caught.value.place.column == 23


def test_every_command_has_help_examples_that_parse_and_unique_flags():
    for verb in commands():
        assert verb.help
        names = [name for flag in verb.flags for name in flag.names]
        assert len(names) == len(set(names)), verb.name
        for example in verb.examples:
            parse(example)
        text = "\n".join(help_texts.of(verb))
        assert verb.usage() in text


def test_help_is_wanted_even_where_arguments_are_missing():
    assert values("docker run --help")["help"] is True
    assert values("docker stop -h")["help"] is True
    assert values("docker run -h name nginx")["hostname"] == "name"


def test_aliases_lead_to_registered_commands():
    assert all(path == one.path or path in one.aliases for path, one in verbs().items())
