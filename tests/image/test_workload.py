from __future__ import annotations

import pytest

from simulator.image.catalogue import Catalogue
from simulator.image.model import Image, ImageConfig
from simulator.image.workload import infer_workload


def image(*argv, labels=(), env=()):
    return Image.of(ImageConfig(env=env, cmd=argv, labels=labels), ())


def test_the_label_decides():
    labelled = image("nginx", labels=(("drydock.workload", "idle"),))
    assert infer_workload(labelled) == "idle"


def test_the_number_of_workers_is_read_from_the_command():
    guess = infer_workload(image("gunicorn", "-w", "4", "-b", "0.0.0.0:80", "app:app"))
    assert "workers=4 memory=165MiB" in guess


def test_the_number_of_workers_is_read_from_the_environment():
    guess = infer_workload(image("uvicorn", "a:b", env=(("WEB_CONCURRENCY", "3"),)))
    assert "workers=3" in guess


@pytest.mark.parametrize(
    ("argv", "start"),
    [
        (("/bin/sh", "-c", "exec gunicorn --workers=2 app"), "server cpu=20ms"),
        (("docker-entrypoint.sh", "node", "server.js"), "server cpu=5ms"),
        (("tini", "--", "java", "-jar", "app.jar"), "server cpu=4ms"),
        (("python", "-m", "uvicorn", "app:app"), "server cpu=8ms"),
        (("python", "manage.py", "runserver"), "server cpu=25ms"),
        (("python3.12", "app.py"), "server cpu=20ms"),
        (("/server",), "server cpu=10ms"),
        (("sleep", "infinity"), "idle"),
        (("sleep", "5"), "exit code=0 after=5s"),
        (("tail", "-f", "/dev/null"), "idle"),
        (("bash",), "exit code=0"),
        (("python3",), "exit code=0"),
        (("false",), "exit code=1"),
        ((), "exit code=0"),
    ],
)
def test_the_workload_is_inferred_from_what_is_started(argv, start):
    assert infer_workload(image(*argv)).startswith(start)


def test_arguments_of_run_replace_the_image_s_own_command():
    assert infer_workload(image("nginx"), ["sleep", "9"]) == "exit code=0 after=9s"


def test_every_catalogue_image_has_a_workload():
    catalogue = Catalogue.load()
    for name in catalogue.names():
        guess = infer_workload(catalogue.resolve(f"{name}:{catalogue.tags(name)[0]}", None))
        assert guess.split()[0] in ("server", "idle", "exit")
