"""Whatever is typed about images, nothing but the project's own errors comes out."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from image_shop import Shop

IMAGES = st.sampled_from(
    ["web", "r.local/web", "r.local/web:2", "alpine", "a@sha256:" + "0" * 64, "sha256:11f0", "A"]
)
MACHINES = st.sampled_from(["a", "b", "nosuch"])
CONTAINERS = st.sampled_from(["w", "x", "nosuch"])
SCRIPTS = st.sampled_from(
    [
        "touch /a", "rm -rf /", "sh -c 'echo a >> /etc/passwd; (('", "pip install x", "cp", "mkdir",
        "dd of=/a bs=9Z count=99999999999", "truncate -s 1P /z", "chmod 0 /etc", "tar",
    ]
)  # fmt: skip
LOOKS = st.sampled_from(["layers", "secrets", "advise", "platforms"])
VERBS = st.sampled_from(["push", "pull", "rmi -f", "history"])
FLAGS = st.sampled_from(
    ["", "--push", "--platform linux/arm64,linux/amd64", "--cache-from r.local/web", "--check",
     "--cache-to type=inline", "--no-cache-filter 0,x", "--target q", "-q"]
)  # fmt: skip
PLAIN = st.sampled_from(
    ["docker load -i t", "docker system prune -a", "registry rm r.local", "cost", "advance 10s",
     "registry add r.local", "registry set docker.io --down", "registry set docker.io --up",
     "host add b --arch arm64", "docker system df -v"]
)  # fmt: skip
LINES = st.one_of(
    st.builds("docker build -t {} {} .".format, IMAGES, FLAGS),
    st.builds("docker {} {}".format, VERBS, IMAGES),
    st.builds("docker tag {} {}".format, IMAGES, IMAGES),
    st.builds("docker run -d --name {} {}".format, CONTAINERS, IMAGES),
    st.builds("docker exec {} {}".format, CONTAINERS, SCRIPTS),
    st.builds("docker {} {}".format, st.sampled_from(["diff", "rm -f", "logs"]), CONTAINERS),
    st.builds("docker commit {} {}".format, CONTAINERS, IMAGES),
    st.builds("docker save -o t {}".format, IMAGES),
    st.builds("{} {}".format, LOOKS, IMAGES),
    st.builds("move {} {} {}".format, CONTAINERS, MACHINES, st.sampled_from(["", "--plan"])),
    st.builds("use {}".format, MACHINES),
    PLAIN,
)
WORDS = st.sampled_from(
    ["FROM", "alpine", "scratch", "AS", "a", "RUN", "COPY", "--from=a", ".", "/x", "app.py", "\\",
     "\n", "\nRUN", "CMD", "ARG", "ENV", "A=b", "$A", "WORKDIR", "make", "apt-get install -y gcc",
     "&&", ";", "<<EOF", "EOF", "#", "USER", "--mount=type=secret,id=q,required=true", "for a in b"]
)  # fmt: skip


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(lines=st.lists(LINES, max_size=12), words=st.lists(WORDS, max_size=25))
def test_any_lines_over_any_dockerfile_end_well_and_replay_the_same(tmp_path, lines, words):
    shop = Shop(tmp_path)
    shop.write("Dockerfile", "FROM alpine\n" + " ".join(words))
    for line in ["registry add r.local", *lines]:
        result = shop.session.execute(line)
        assert result.error is None or "Traceback" not in result.error
    world = shop.session.world
    assert world.rewound(world.now).journal.digest == world.journal.digest
