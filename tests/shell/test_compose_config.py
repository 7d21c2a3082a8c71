"""``docker compose config``: the text of the real tool, byte for byte."""

import json

import pytest

from tests.shell.compose_desk import Desk

MANY = """\
x-team: {b: 1, a: "yes"}
services:
  web:
    volumes: [./site:/srv:ro, data:/data]
    image: nginx:${TAG:-1.27}
    ports: ["127.0.0.1:8080:80", "53/udp"]
    environment: {B10: "1", B2: "no", A: "03:00", D: }
    command: sh -c 'echo $$HOME'
    secrets: [key]
    depends_on: [db]
    privileged: false
    devices: ["/dev/kmsg"]
    healthcheck: {interval: 90s, test: curl -f localhost, retries: 3}
    deploy: {replicas: 2, resources: {limits: {memory: 64m, cpus: "0.5"}}}
  db:
    image: ""
    build: {context: db, args: {V: 3}}
    volumes: [{type: bind, source: ./x, target: /x}]
networks: {default: {}}
volumes: {data: {}}
secrets: {key: {file: key.txt}}
"""
PRINTED = """\
name: shop
services:
  db:
    build:
      context: /root/db
      dockerfile: Dockerfile
      args:
        V: "3"
    networks:
      default: null
    volumes:
      - type: bind
        source: /root/x
        target: /x
  web:
    command:
      - sh
      - -c
      - echo $$HOME
    depends_on:
      db:
        condition: service_started
        required: true
    deploy:
      replicas: 2
      resources:
        limits:
          cpus: 0.5
          memory: "67108864"
    devices:
      - source: /dev/kmsg
        target: /dev/kmsg
        permissions: rwm
    environment:
      A: "03:00"
      B2: "no"
      B10: "1"
      D: null
    healthcheck:
      test:
        - CMD-SHELL
        - curl -f localhost
      interval: 1m30s
      retries: 3
    image: nginx:1.27
    networks:
      default: null
    ports:
      - mode: ingress
        host_ip: 127.0.0.1
        target: 80
        published: "8080"
        protocol: tcp
      - mode: ingress
        target: 53
        protocol: udp
    secrets:
      - source: key
        target: /run/secrets/key
    volumes:
      - type: bind
        source: /root/site
        target: /srv
        read_only: true
        bind:
          create_host_path: true
      - type: volume
        source: data
        target: /data
        volume: {}
networks:
  default:
    name: shop_default
volumes:
  data:
    name: shop_data
secrets:
  key:
    name: shop_key
    file: /root/key.txt
x-team:
  a: "yes"
  b: 1
"""


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def test_config_prints_what_the_real_tool_prints(desk):
    desk.write(MANY)
    lines = [line for line in desk.compose("config").lines if not line.startswith("note")]
    assert PRINTED.splitlines() == lines


def test_config_as_json_has_the_same_in_it(desk):
    desk.write(MANY)
    lines = desk.compose("config --format json").lines
    found = json.loads("\n".join(lines[lines.index("{") :]))
    assert found["services"]["web"]["command"] == ["sh", "-c", "echo $$HOME"]
    assert list(found["services"]["web"]["environment"]) == ["A", "B10", "B2", "D"]
    assert list(found)[:4] == ["name", "networks", "secrets", "services"]
    assert found["services"]["db"]["command"] is None
    assert found["networks"]["default"] == {"name": "shop_default", "ipam": {}}


def test_the_name_of_the_project_is_a_variable_of_its_files(desk):
    desk.write("services: {web: {image: nginx, hostname: '${COMPOSE_PROJECT_NAME}-web'}}\n")
    assert "hostname: shop-web" in desk.say("docker compose config")
    desk.write(
        "name: Big Shop\nservices: {web: {image: nginx, hostname: '${COMPOSE_PROJECT_NAME}-web'}}\n"
    )
    assert "hostname: bigshop-web" in desk.say("docker compose config")


WEB = "services:\n  web:\n    image: nginx\n"
REFUSED = {
    "imagee: x": "additional properties 'imagee' not allowed; did you mean 'image'?",
    "foo: x\n    bar: y": "services.web additional properties 'bar', 'foo' not allowed",
    "networks: [front]": 'service "web" refers to undefined network front: invalid compose project',
    "volumes: ['own:/d']": 'service "web" refers to undefined volume own: invalid compose project',
    "secrets: [a]": 'service "web" refers to undefined secret a: invalid compose project',
    "configs: [a]": 'service "web" refers to undefined config a: invalid compose project',
    "depends_on: [db]": 'service "web" depends on undefined service "db": invalid compose project',
    "depends_on: [web]": "dependency cycle detected: web -> web",
    "ports: ['80:abc']": "Invalid containerPort: abc",
    "ports: ['256.1.1.1:80:80']": "Invalid ip address: 256.1.1.1",
    "ports: [{published: 80}]": "service ports services.web.ports.[0] is missing a target port",
    "volumes: [{type: volume}]":
        "service volume services.web.volumes.[0] is missing a mount target",
    "mem_limit: abc": "'services[web].mem_limit' invalid size: 'abc'",
    "deploy: {resources: {limits: {memory: 12x}}}":
        "'services[web].deploy.resources.limits.memory' invalid suffix: 'x'",
    "cpus: abc": "error while interpolating services.web.cpus: failed to cast to expected type: "
        'strconv.ParseFloat: parsing "abc": invalid syntax',
    "healthcheck: {interval: 5x}":
        "'services[web].healthcheck.interval' time: unknown unit \"x\" in duration \"5x\"",
    "deploy: {replicas: x}": "error while interpolating services.web.deploy.replicas: failed to "
        'cast to expected type: strconv.Atoi: parsing "x": invalid syntax',
    "tty: maybe": "error while interpolating services.web.tty: failed to cast to expected type: "
        "invalid boolean: maybe",
    "extra_hosts: [foo]": "'services[web].extra_hosts' invalid additional host, missing IP: foo",
    "command: ${A:?say}": "required variable A is missing a value: say",
    "container_name: ab\n    scale: 3": "services.web: can't set container_name and scale as "
        "container name must be unique: invalid compose project",
    "network_mode: host\n    networks: [default]": "service web declares mutually exclusive "
        "`network_mode` and `networks`: invalid compose project",
    "env_file: no.env": "env file /root/no.env not found: stat /root/no.env: no such file or "
        "directory",
}  # fmt: skip


@pytest.mark.parametrize("more", REFUSED)
def test_what_is_wrong_with_a_file_is_said_in_the_words_of_the_real_tool(desk, more):
    desk.write(f"{WEB}    {more}\n")
    for verb in ("config", "up -d"):
        assert REFUSED[more] in desk.refused(verb)
    assert desk.states() == {}


def test_a_place_is_in_front_of_what_is_wrong(desk):
    desk.write(f"{WEB}    imagee: x\n")
    assert desk.refused("config").startswith("compose.yaml:4:5: validating compose.yaml: ")


def test_two_services_cannot_have_one_container_name(desk):
    desk.write(
        "services: {a: {image: nginx, container_name: one}, b: {image: nginx, container_name: one}}"
    )
    words = 'services.b: container name "one" is already in use by service a'
    assert [words, words] == [desk.refused("config"), desk.refused("up -d")]


@pytest.mark.parametrize("version", ["'2'", "'2.4'", "'3.8'"])
def test_files_of_old_versions_are_read_with_a_warning(desk, version):
    desk.write(f"version: {version}\n{WEB}    mem_limit: 512m\n")
    said = desk.say("docker compose config")
    assert "the attribute `version` is obsolete, it will be ignored" in said
    assert 'mem_limit: "536870912"' in said


def test_an_alias_bomb_is_refused_before_it_grows(desk):
    lines = ["x-0: &x0 [a, a, a, a, a, a, a, a, a, a]"]
    lines += [f"x-{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 10)}]" for n in range(1, 9)]
    desk.write("\n".join(lines) + f"\n{WEB}")
    assert "limit" in desk.refused("config")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("-f none.yaml up -d", "open /root/none.yaml: no such file or directory"),
        ("up -d", "no configuration file provided: not found"),
        ("-p Bad up -d", 'invalid project name "Bad": must consist only of lowercase'),
    ],
)
def test_a_project_that_cannot_be_found_is_refused_in_the_words_of_the_real_tool(desk, line, words):
    assert words in desk.refused(line)


def test_a_platform_that_the_build_does_not_make_is_refused(desk):
    desk.write("services: {a: {platform: linux/arm64, build: {platforms: [linux/amd64]}}}\n")
    assert 'MUST include service.platform "linux/arm64"' in desk.refused("config")
