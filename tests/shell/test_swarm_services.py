"""Swarms as people use them: members, services, their tasks, and what goes wrong with them."""

import pytest
from calls import calls

from simulator.shell import Session
from simulator.world import World

WORK = '--workload "server cpu=5ms workers=8 memory=16MiB sigterm=handled"'


class Shell:
    """A prompt that expects every line to go well."""

    def __init__(self, folder, nodes=3, managers=1):
        self.session = Session(World(1), folder=folder)
        self.ok(f"swarm create --nodes {nodes} --managers {managers} --prefix n")

    def ok(self, line):
        result = self.session.execute(line)
        assert result.error is None, (line, result.error)
        return list(result.lines)

    def error(self, line):
        return self.session.execute(line).error

    def column(self, line, name):
        """The cells below a heading."""
        head, *rows = self.ok(line)
        at = head.index(name)
        return [row[at:].split("  ")[0].strip() for row in rows]


@pytest.fixture
def shell(tmp_path):
    return Shell(tmp_path)


def test_a_service_is_waited_for_until_its_tasks_have_run_for_the_time_of_a_failure(shell):
    shell.ok("docker pull nginx")
    id_, *lines = shell.ok(f"docker service create --name web --replicas 2 {WORK} nginx")
    assert lines == [
        "overall progress: 2 out of 2 tasks",
        "1/2: running",
        "2/2: running",
        f"verify: Service {id_} converged",
    ]
    state = shell.session.world.orchestras.swarm_of("n1").state
    last = max(task.changed for task in state.tasks_of(id_))
    assert shell.session.world.now == pytest.approx(last + 5.0)


def test_a_service_without_a_node_is_not_waited_for_for_ever(shell):
    began = shell.session.world.now
    lines = shell.ok("docker service create --name big --reserve-cpu 64 nginx")
    assert lines[2] == "1/1: no suitable node (insufficient resources on 3 nodes)"
    assert lines[3].startswith("(no longer waited for")
    assert shell.session.world.now - began == pytest.approx(120.0)


def test_a_service_whose_tasks_end_again_and_again_is_not_waited_for_for_ever(shell):
    lines = shell.ok("docker service create --name loop --replicas 2 alpine sh -c 'exit 3'")
    assert lines[-1].startswith("(no longer waited for")
    assert shell.session.world.now < 150.0


def test_waiting_for_twice_the_tasks_costs_twice_as_much(tmp_path):
    def cost(replicas):
        shell = Shell(tmp_path, nodes=4)
        line = f"docker service create -q --name web --replicas {replicas} {WORK} nginx"
        return calls(lambda: shell.ok(line))

    one, two = cost(60), cost(120)
    assert two < 2.3 * one


def test_an_update_that_pauses_ends_with_an_error_and_a_rollback_mends_it(shell):
    shell.ok(f"docker service create -d --name web --replicas 3 {WORK} nginx")
    shell.ok("advance 20s")
    error = shell.error("docker service update --image shop:nope web")
    assert error.startswith("service update paused: update paused due to failure or early")
    assert shell.ok("docker service inspect -f '{{.UpdateStatus.State}}' web") == ["paused"]
    assert shell.column("docker service ls", "REPLICAS") == ["2/3"]
    assert '"No such image: shop:nope"' in "".join(shell.ok("docker service ps web"))
    shell.ok("docker service rollback web")
    assert shell.column("docker service ls", "REPLICAS") == ["3/3"]


def test_scaling_names_each_service_and_goes_on_after_one_that_is_not_there(shell):
    shell.ok(f"docker service create -d --name web {WORK} nginx")
    result = shell.session.execute("docker service scale -d web=4 nope=2")
    assert result.lines == ("web scaled to 4",)
    assert result.error == "nope: Error response from daemon: service nope not found"
    assert shell.session.execute("docker service scale web=x").error is not None
    shell.ok("docker service create -d --mode global --name agent nginx")
    assert shell.error("docker service scale agent=2") == (
        "agent: scale can only be used with replicated or replicated-job mode"
    )


def test_lists_are_made_with_one_flag_and_changed_with_two(shell):
    shell.ok(f"docker service create -d --name web -e A=1 -e B=2 -p 8080:80 {WORK} nginx")
    shell.ok("docker service update -d --env-add B=3 --env-rm A --publish-rm 80 "
             "--publish-add 9090:80 web")  # fmt: skip
    get = "docker service inspect -f '{{json .Spec.%s}}' web"
    assert shell.ok(get % "TaskTemplate.ContainerSpec.Env") == ['["B=3"]']
    assert shell.column("docker service ls", "PORTS") == ["*:9090->80/tcp"]


def test_placeholders_are_filled_in_for_each_task(shell):
    shell.ok("docker service create -d --name h --hostname '{{.Node.Hostname}}-{{.Task.Slot}}' "
             "-e WHO={{.Service.Name}} alpine sleep 1000")  # fmt: skip
    shell.ok("advance 20s")
    [node] = shell.column("docker service ps h", "NODE")
    [name] = shell.ok(f"docker -H {node} ps -q")
    assert shell.ok(f"docker -H {node} exec {name} hostname") == [f"{node}-1"]
    assert "WHO=h" in shell.ok(f"docker -H {node} exec {name} env")


def test_a_drained_node_gives_its_tasks_away_and_gets_none_back(shell):
    shell.ok(f"docker service create -d --name web --replicas 3 {WORK} nginx")
    shell.ok("advance 20s")
    shell.ok("docker node update --availability drain n3")
    shell.ok("advance 20s")
    running = "docker node ps n3 --filter desired-state=running -q"
    assert shell.ok(running) == []
    shell.ok("docker node update --availability active n3")
    shell.ok("advance 60s")
    assert shell.ok(running) == []


def test_machines_join_with_a_token_and_leave_by_themselves(tmp_path):
    shell = Shell(tmp_path)
    shell.ok("host add extra")
    token = shell.ok("docker swarm join-token -q worker")[0]
    assert "invalid join token" in shell.error("docker -H extra swarm join --token bad n1:2377")
    assert shell.ok(f"docker -H extra swarm join --token {token} n1:2377") == [
        "This node joined a swarm as a worker."
    ]
    assert "extra" in shell.column("docker node ls", "HOSTNAME")
    assert "already part of a swarm" in shell.error("docker -H extra swarm init")
    assert shell.ok("docker -H extra swarm leave") == ["Node left the swarm."]
    shell.ok("docker swarm join-token --rotate -q worker")
    assert "A valid join token" in shell.error(
        f"docker -H extra swarm join --token {token} n1:2377"
    )


def test_a_swarm_that_lost_its_majority_says_so_until_it_is_forced(tmp_path):
    shell = Shell(tmp_path, nodes=5, managers=3)
    shell.ok(f"docker service create -d --name web --replicas 6 {WORK} nginx")
    shell.ok("advance 30s; fault power n2; fault power n3; advance 30s")
    for line in ("docker service ls", "docker node ls", "docker service scale web=2"):
        assert "The swarm does not have a leader." in shell.error(line)
    assert any("nobody leads" in line for line in shell.ok("why service/web"))
    shell.ok("docker swarm init --force-new-cluster")
    assert shell.column("docker node ls", "MANAGER STATUS")[0] == "Leader"
    assert shell.column("docker service ls", "NAME") == ["web"]


def test_a_counted_resource_is_reserved_where_a_daemon_says_it_has_some(shell):
    make = f"docker service create -d --generic-resource gpu=1 --replicas 3 --name ml {WORK} nginx"
    shell.ok("tune n2 --generic-resource gpu=2")
    shell.ok(f"{make}; advance 20s")
    assert shell.column("docker service ps ml", "NODE").count("n2") == 2
    assert "  error: no suitable node (insufficient resources on 3 nodes)" in shell.ok(
        "why task/ml.3"
    )
    [name] = shell.ok("docker -H n2 ps -q -l")
    assert "DOCKER_RESOURCE_GPU=1" in shell.ok(f"docker -H n2 exec {name} env")
    shell.ok("tune n3 --generic-resource gpu=1; advance 20s")
    assert sorted(shell.column("docker service ps ml", "NODE")) == ["n2", "n2", "n3"]


def test_logs_say_which_task_wrote_a_line(shell):
    shell.ok("docker service create -d --name hi --restart-condition none alpine echo hello")
    shell.ok("advance 30s")
    [line] = shell.ok("docker service logs hi")
    who, text = line.split("    | ")
    assert (who.partition(".")[0], text) == ("hi", "hello")
    assert shell.ok("docker service logs --raw hi") == ["hello"]
    assert shell.error("docker service logs nope") == "no such task or service: nope"


def test_why_names_the_filter_that_refuses_each_node_and_what_would_do(shell):
    shell.ok("docker node update --availability drain n2")
    shell.ok("docker service create -d --name big --reserve-cpu 8 nginx")
    shell.ok("advance 1s")
    told = shell.ok("why task/big.1")
    assert "  error: no suitable node (insufficient resources on 2 nodes; 1 node not available " \
        "for new tasks)" in told  # fmt: skip
    verdicts = {line.split()[0]: line for line in told if line.strip().startswith("n")}
    assert "insufficient resources" in verdicts["n1"]
    assert "not available" in verdicts["n2"]
    assert any("each task reserves 8 CPUs" in line for line in told)
    assert shell.error("why service/bgi") == "service bgi not found; did you mean 'big'?"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("docker service create -p 80:0 nginx", "invalid container port"),
        ("docker service create -p a:b nginx", "invalid port"),
        ("docker service create -p 80-82:80-81 nginx", "invalid ranges specified for container"),
        ("docker service create -p 82-80:80 nginx", "invalid range of host ports"),
        ("docker service create --ulimit nproc=3 nginx", "only nofile is modelled"),
        ("docker service create --publish target=80,mod=host nginx", "did you mean 'mode'"),
        ("docker service create --mode glob nginx", "did you mean 'global'"),
        ("docker service create --mode global --replicas 2 nginx", "replicas can only be used"),
        ("docker service create --max-concurrent 2 nginx", "max-concurrent can only be used"),
        ("docker service create --limit-cpu x nginx", "failed to parse x as a rational number"),
        ("docker service create --network nope nginx", "network nope not found"),
        ("docker service create --network host nginx", "cannot be used with services"),
        ("docker service create --secret nope nginx", "secret not found: nope"),
        ("docker service create --constraint node.role~worker nginx", "constraint expected one"),
        ("docker service create --name -x nginx", "name must be valid as a DNS name component"),
        ("docker service create --sysctl a=b nginx", "--sysctl is not modelled"),
        ("docker service update --rollback --force web", "may not be combined with --rollback"),
        ("docker service rollback web", "does not have a previous spec"),
        ("docker service ps nope", "no such service: nope"),
        ("docker service rm nope", "service nope not found"),
        ("docker node update n2", "nothing to change"),
        ("docker node rm n2", "is not down and can't be removed"),
        ("docker node demote n1", "attempting to demote the last manager"),
        ("docker swarm init", "already part of a swarm"),
        ("docker -H n2 service ls", "Worker nodes can't be used"),
    ],
)
def test_what_is_wrong_is_refused_and_nothing_is_half_done(shell, line, words):
    shell.ok(f"docker service create -d --name web {WORK} nginx")
    world = shell.session.world
    before = (world.journal.digest, len(world.log))
    error = shell.error(line)
    assert error is not None
    assert words in error
    assert (world.journal.digest, len(world.log)) == before


def test_the_first_service_of_the_tutorial_runs_until_it_is_scaled_and_removed(shell):
    shell.ok("docker service create --replicas 1 --name helloworld alpine ping docker.com")
    assert shell.column("docker service ls", "REPLICAS") == ["1/1"]
    shell.ok("docker service scale helloworld=5")
    assert shell.column("docker service ls", "REPLICAS") == ["5/5"]
    assert shell.ok("docker service rm helloworld") == ["helloworld"]
