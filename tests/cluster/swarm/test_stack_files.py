"""What ``docker stack`` reads, refuses and ignores (docker/cli, cli/compose)."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from simulator.cluster.swarm.specs import ServiceSpec
from simulator.cluster.swarm.stacks.converting import service_spec
from simulator.cluster.swarm.stacks.reading import StackFile, read
from simulator.errors import InputError


class Files:
    """Files by name."""

    def __init__(self, **texts: str) -> None:
        self.texts = texts

    def exists(self, path: str) -> bool:
        return path in self.texts

    def read(self, path: str) -> str:
        return self.texts[path]


class Names:
    """Each thing is called inside what it is called outside."""

    def network(self, name: str) -> str:
        return name

    def file(self, kind: str, name: str) -> str:
        return f"{kind} {name}"


def stack(text: str, values: Mapping[str, str] | None = None, **more: str) -> StackFile:
    files = ("stack.yml", *(name for name in more if name.startswith("over")))
    texts = {"stack.yml": text, **more}
    return read(Files(**texts), files, "/root", values or {})


def web(
    body: str, top: str = "", values: Mapping[str, str] | None = None, **more: str
) -> StackFile:
    return stack(f"services:\n  web:\n    image: shop:1\n{body}\n{top}", values, **more)


def spec(body: str, top: str = "", **more: str) -> ServiceSpec:
    return service_spec("shop", "web", web(body, top, **more), Names())


REFUSED = [
    ("    depends_on: {db: {condition: service_healthy}}",
     "services.web.depends_on must be a list"),
    ("    profiles: [dev]", "services.web Additional property profiles is not allowed"),
    ("    deploy: {resources: {limits: {cpus: 0.5}}}",
     "services.web.deploy.resources.limits.cpus must be a string"),
    ("    deploy: {replicas: '3'}", "services.web.deploy.replicas must be a integer"),
    ("    ports: [{target: 80, published: '8080'}]",
     "services.web.ports.0.published must be a integer"),
    ("    ports: [eighty]", "services.web.ports.0 Does not match format 'ports'"),
    ("    environment: {DEBUG: true}",
     "services.web.environment.DEBUG must be a string, number or null"),
    ("    environment: DEBUG", "services.web.environment must be a mapping"),
    ("    healthcheck: {interval: 5 s}",
     "services.web.healthcheck.interval Does not match format 'duration'"),
    ("    volumes: [{source: data}]", "services.web.volumes.0 type is required"),
    ("    networks: {back: {priority: 3}}",
     "services.web.networks.back Additional property priority is not allowed"),
    ("    env_file: [{path: a.env}]", "services.web.env_file.0 must be a string"),
    ("    init: maybe", "services.web.init must be a boolean"),
    ("    deploy: {update_config: {order: sideways}}", 'must be one of the following: '
     '"start-first", "stop-first"'),
    ("    cpus: '0.5'", "services.web Additional property cpus is not allowed"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "words"), REFUSED)
def test_what_no_stack_may_say_is_refused_in_the_tools_words(body: str, words: str) -> None:
    with pytest.raises(InputError) as refused:
        web(body)
    assert refused.value.problem.endswith(words)
    assert refused.value.place is not None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name: shop\nservices: {}", "(root) Additional property name is not allowed"),
        ("version: 3.8\nservices: {}", "version must be a string"),
        ("version: '2.4'\nservices: {}", "unsupported Compose file version: 2.4"),
        ("version: '3.6'\nservices: {web: {image: a, init: true}}",
         "services.web Additional property init is not allowed"),
        ("services: {web: {image: 'a:${TAG:?say which}'}}",
         'invalid interpolation format for services.web.image: "required variable TAG is missing '
         'a value: say which"; you may need to escape any $ with another $'),
        ("services: {web: {image: 'a:${TAG', ports: [80]}}",
         'invalid interpolation format for services.web.image: "a:${TAG"; you may need to escape '
         "any $ with another $"),
        ("services: {web: {image: a, mem_limit: 64m}}",
         "Configuration contains forbidden properties"),
        ("- services", "top-level object must be a mapping"),
        ("services: {web: {image: a}}\nnetworks: {back: {external: 3}}",
         "networks.back.external must be a boolean or mapping"),
        ("services: {web: {image: a}}\nvolumes: {data: {external: true, driver: local}}",
         'conflicting parameters "external" and "driver" specified for volume "data"'),
    ],
)  # fmt: skip
def test_what_no_stack_file_may_be_is_refused(text: str, words: str) -> None:
    with pytest.raises(InputError) as refused:
        stack(text)
    assert refused.value.problem == words


def test_what_is_ignored_is_named_and_restart_counts_all_the_same() -> None:
    found = web("    build: .\n    restart: on-failure:3\n    container_name: w\n    expose: [80]")
    assert found.unsupported == ("build", "restart")
    assert found.deprecated == ("container_name", "expose")
    restart = service_spec("shop", "web", found, Names()).task.restart
    assert (restart.condition, restart.max_attempts, restart.delay_s) == ("on-failure", 3, 5.0)


def test_only_the_shell_has_variables_and_what_is_not_set_is_nothing() -> None:
    body = "    hostname: $A${B}$$C\n    command: ['${X:-d}', '${Y-e}', '$Z-slim']"
    found = web(body, values={"A": "a", "X": "", "Y": ""}, **{".env": "B=b"})
    assert found.services["web"]["hostname"] == "a$C"
    assert found.services["web"]["command"] == ["d", "", "slim"]


def test_a_number_that_was_a_variable_is_a_number() -> None:
    found = web("    deploy: {replicas: '${N}'}", values={"N": "3"})
    assert service_spec("shop", "web", found, Names()).mode.replicas == 3
    with pytest.raises(InputError, match="failed to cast to expected type"):
        web("    deploy: {replicas: '${N}'}", values={"N": "three"})


def test_env_files_are_taken_as_they_stand_and_empty_values_are_looked_up() -> None:
    found = web(
        "    env_file: a.env\n    environment: [MODE=here, TOKEN, EMPTY=]",
        values={"TOKEN": "t", "EMPTY": "full"},
        **{"a.env": '# note\nMODE=file\nQUOTED="x"\nTOKEN\n'},
    )
    assert found.services["web"]["environment"] == {
        "EMPTY": "full", "MODE": "here", "QUOTED": '"x"', "TOKEN": "t",
    }  # fmt: skip
    with pytest.raises(InputError, match=r"open b\.env: no such file or directory"):
        web("    env_file: b.env")


def test_ports_are_published_at_ranges_and_never_at_one_address() -> None:
    found = web("    ports: ['8080-8081:80', '127.0.0.1:53:53/udp', 9]")
    ports = service_spec("shop", "web", found, Names()).endpoint.ports
    assert [(one.published, one.target, one.protocol, one.mode) for one in ports] == [
        (0, 9, "tcp", "ingress"), (8080, 80, "tcp", "ingress"), (8081, 80, "tcp", "ingress"),
        (53, 53, "udp", "ingress"),
    ]  # fmt: skip
    assert found.warnings == (
        "ignoring IP-address (127.0.0.1:53:53/udp) service will listen on '0.0.0.0'",
    )


def test_names_are_those_of_the_stack_or_their_own() -> None:
    made = spec(
        "    networks: {back: {aliases: [shop]}, front: }\n    secrets: [key]\n"
        "    configs: [{source: app, target: /etc/app, mode: 0400}]\n"
        "    volumes: ['data:/data:ro', '/tmp/x:/y']",
        "networks: {back: , front: {name: outside, external: true}}\n"
        "secrets: {key: {file: k}}\nconfigs: {app: {file: a, name: app_v2}}\nvolumes: {data: }",
    )
    assert made.name == "shop_web"
    assert [(one.id, one.aliases) for one in made.task.networks] == [
        ("outside", ("web",)), ("shop_back", ("shop", "web")),
    ]  # fmt: skip
    assert [(one.id, one.target, one.mode) for one in made.task.secrets + made.task.configs] == [
        ("secret shop_key", "key", 0o444), ("config app_v2", "/etc/app", 0o400),
    ]  # fmt: skip
    assert made.task.container.mounts == (
        "type=volume,source=shop_data,volume-label=com.docker.stack.namespace=shop,target=/data,"
        "readonly=true",
        "type=bind,source=/tmp/x,target=/y",
    )
    assert made.labels["com.docker.stack.image"] == "shop:1"


def test_what_is_not_said_of_a_deployment_is_swarmkits_default() -> None:
    made = spec(
        "    deploy:\n      replicas: 4\n      endpoint_mode: DNSRR\n"
        "      update_config: {delay: 10s, order: start-first, max_failure_ratio: 0.2}\n"
        "      restart_policy: {condition: none, window: 1m30s}\n"
        "      resources: {limits: {cpus: '0.25', memory: 64M, pids: 9},\n"
        "        reservations: {cpus: '.1', generic_resources:\n"
        "          [{discrete_resource_spec: {kind: gpu, value: 2}}]}}\n"
        "      placement: {constraints: [node.role == worker], max_replicas_per_node: 2,\n"
        "        preferences: [{spread: node.labels.zone}]}"
    )
    assert (made.update.parallelism, made.update.delay_s, made.update.monitor_s) == (1, 10.0, 5.0)
    assert (made.update.failure_action, made.update.order) == ("pause", "start-first")
    assert (made.task.restart.condition, made.task.restart.window_s) == ("none", 90.0)
    assert (made.task.limits.nano_cpus, made.task.limits.memory_bytes) == (250_000_000, 64 << 20)
    assert made.task.reservations.generic == (("gpu", 2),)
    assert made.task.placement.preferences == ("node.labels.zone",)
    assert made.endpoint.mode == "dnsrr"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("    deploy: {mode: global, replicas: 2}",
         "service web: replicas can only be used with replicated or replicated-job mode"),
        ("    deploy: {mode: everywhere}", "service web: unknown mode: everywhere"),
        ("    networks: [back]", 'service web: undefined network "back"'),
        ("    secrets: [key]", 'service web: undefined secret "key"'),
        ("    volumes: ['data:/data']", 'service web: undefined volume "data"'),
        ("    healthcheck: {test: exit 0, disable: true}",
         "service web: test and disable can't be set at the same time"),
    ],
)  # fmt: skip
def test_what_does_not_fit_together_is_refused(body: str, words: str) -> None:
    with pytest.raises(InputError) as refused:
        spec(body)
    assert refused.value.problem == words


def test_a_second_file_is_laid_over_the_first() -> None:
    found = web(
        "    command: a\n    ports: ['8080:80']\n    environment: {A: '1', B: '2'}\n"
        "    deploy: {replicas: 2, placement: {constraints: [node.role == worker]}}",
        over="services:\n  web:\n    command: b\n    ports: ['9090:80', '8080:81']\n"
        "    environment: [B=3]\n    deploy: {placement: {constraints: [node.labels.ssd == y]}}\n"
        "  db: {image: db:1}",
    )
    assert list(found.services) == ["db", "web"]
    made = service_spec("shop", "web", found, Names())
    assert [(one.published, one.target) for one in made.endpoint.ports] == [(9090, 80), (8080, 81)]
    assert made.task.container.env == {"A": "1", "B": "3"}
    assert made.task.container.command == ("b",)
    assert (made.mode.replicas, len(made.task.placement.constraints)) == (2, 2)
