from __future__ import annotations

from simulator.dockerfile import parse
from simulator.image.advice import advise
from simulator.image.builder import BuildCache, plan
from simulator.image.catalogue import Catalogue
from simulator.image.context import BuildContext

RESOLVE = Catalogue.load().resolve
BAD = """\
FROM python:3.12
WORKDIR /app
COPY . .
RUN apt-get update && apt-get install -y libpq-dev curl
RUN pip install -r requirements.txt
RUN rm -rf /root/.cache
RUN useradd -m app && chown -R app /app
USER app
CMD ["gunicorn", "-w", "4", "app:app"]
"""
FILES = {
    "requirements.txt": "flask\npandas\ngunicorn\n",
    "app.py": "x = 1",
    "model.bin": 30_000_000,
    ".git/pack": 80_000_000,
    ".env": "KEY=1",
}


def advice(text=BAD, files=FILES):
    return advise(text, BuildContext.from_mapping(files), pull_bytes_s=25e6, resolve=RESOLVE)


def built(text, files=FILES):
    return plan(parse(text), BuildContext.from_mapping(files), resolve=RESOLVE)


def test_secrets_come_first_then_what_saves_most():
    found = advice()
    assert found[0].kind == "secret"
    scores = [one.score_s for one in found if one.kind != "secret"]
    assert scores == sorted(scores, reverse=True)


def test_a_bad_dockerfile_gets_all_the_classic_advice():
    kinds = {one.kind for one in advice()}
    assert {
        "order", "slim-base", "dockerignore", "no-recommends", "apt-lists", "tool-cache",
        "cache-mount", "chown", "later-removal",
    } <= kinds  # fmt: skip


def test_the_bytes_promised_are_the_bytes_saved():
    before = built(BAD).image.size_bytes
    for one in advice():
        if one.rewritten is not None:
            assert one.saves_bytes == before - built(one.rewritten).image.size_bytes


def test_following_only_the_advice_makes_the_image_small_and_the_rebuild_fast():
    text, files = BAD, dict(FILES)
    for _ in range(12):
        found = [one for one in advice(text, files) if one.rewritten or one.dockerignore]
        if not found:
            break
        best = found[0]
        text = best.rewritten or text
        for path in [one for one in files if best.dockerignore and one.startswith(".")]:
            del files[path]
    small = built(text, files)
    assert small.image.size_bytes < 0.35 * built(BAD).image.size_bytes
    cache = BuildCache()
    context = BuildContext.from_mapping(files)
    cache.learn(plan(parse(text), context, resolve=RESOLVE, cache=cache))
    edited = BuildContext.from_mapping(files | {"app.py": "x = 2"})
    again = plan(parse(text), edited, resolve=RESOLVE, cache=cache)
    assert again.total_s < 2.0
    assert [one.kind for one in advice(text, files)] == []


def test_compilers_are_left_behind_in_a_stage_of_their_own():
    text = (
        "FROM golang:1.22\nWORKDIR /src\nCOPY go.mod go.sum ./\nRUN go mod download\nCOPY . .\n"
        'RUN go build -o /server .\nEXPOSE 80\nCMD ["/server"]\n'
    )
    files = {"go.mod": "module x", "go.sum": 9000, "main.go": "package main"}
    found = next(one for one in advice(text, files) if one.kind == "multi-stage")
    assert found.saves_bytes > 1_000_000_000
    config = built(found.rewritten, files).image.config
    assert (config.cmd, config.exposed_ports) == (("/server",), ("80/tcp",))


def test_packages_are_compiled_in_a_first_stage():
    text = (
        "FROM python:3.12-slim\nWORKDIR /app\n"
        "RUN apt-get update && apt-get install -y --no-install-recommends build-essential"
        " && rm -rf /var/lib/apt/lists/*\n"
        "COPY requirements.txt .\nRUN pip install --no-cache-dir -r requirements.txt\n"
        'COPY app.py .\nCMD ["python", "app.py"]\n'
    )
    found = next(one for one in advice(text) if one.kind == "multi-stage")
    assert found.saves_bytes > 200_000_000


def test_a_good_dockerfile_needs_no_advice():
    text = (
        "FROM python:3.12-slim\nWORKDIR /app\nCOPY requirements.txt .\n"
        "RUN --mount=type=cache,target=/root/.cache/pip pip install -r requirements.txt\n"
        'COPY app.py .\nCMD ["python", "app.py"]\n'
    )
    assert advice(text) == []


def test_a_dockerfile_that_fails_gets_no_advice():
    assert advice("FROM alpine\nRUN apt-get update\n") == []


def test_advice_reads_as_one_line():
    lines = [str(one) for one in advice()]
    assert any(
        line.startswith("line 1: start from python:3.12-slim (saves 931MB") for line in lines
    )


def test_a_file_that_is_only_given_rights_an_owner_or_a_name_is_kept_twice():
    head = "FROM alpine\nWORKDIR /srv\nCOPY model.bin /srv/\n"
    for step, kind, instead in (
        ("chmod 755 /srv/model.bin", "again-chmod", "COPY --chmod=755 model.bin /srv/"),
        ("chown 1000 /srv/model.bin", "again-chown", "COPY --chown=1000 model.bin /srv/"),
        ("mkdir /x && chmod -R 700 /srv", "again-chmod", "COPY --chmod=700 model.bin /srv/"),
    ):
        found = next(one for one in advice(f"{head}RUN {step}\n") if one.kind == kind)
        assert found.saves_bytes == 30_000_000, step
        assert instead in found.rewritten
        assert ("RUN mkdir /x\n" in found.rewritten) == step.startswith("mkdir")
    moved = advice("FROM alpine\nCOPY model.bin /big\nRUN mv /big /srv/bigger\n")
    assert [one.kind for one in moved] == ["again-mv"]
    assert moved[0].rewritten == "FROM alpine\nCOPY model.bin /srv/bigger\n"


def test_rights_of_files_from_elsewhere_and_files_that_are_needed_in_between_are_left_alone():
    between = "RUN sha256sum /big > /sum\n"
    assert not advice(f"FROM alpine\nCOPY model.bin /big\n{between}RUN mv /big /bigger\n")
    assert not advice("FROM alpine\nCOPY model.bin /big\nRUN chmod 755 /etc/passwd\n")
    assert not advice("FROM alpine\nCOPY model.bin /big\nRUN chmod $MODE /big\n")


def test_advice_on_a_file_of_many_lines_costs_a_few_plans_and_says_what_was_not_tried(monkeypatch):
    planned = []

    def counted(dockerfile, context, **options):
        made = plan(dockerfile, context, **options)
        planned.append(len(made.steps))
        return made

    monkeypatch.setattr("simulator.image.advice.measure.plan", counted)

    def cost(lines):
        planned.clear()
        text = (
            "FROM python:3.12\nWORKDIR /app\nCOPY . .\n"
            + "RUN chown -R 1 . && pip install x\n" * lines
        )
        assert advice(text, {"a": "x"})[-1].kind == "untried"
        return sum(planned)

    assert cost(60) <= 2.5 * cost(30)
