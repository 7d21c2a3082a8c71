"""No Dockerfile that parses may make the build raise anything but the project's own errors."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.dockerfile import parse
from simulator.errors import InputError, Refused
from simulator.image.builder import BuildCache, plan
from simulator.image.catalogue import Catalogue
from simulator.image.context import BuildContext

CATALOGUE = Catalogue.load()
CONTEXT = BuildContext.from_mapping(
    {
        "app.py": "print(1)",
        "requirements.txt": "flask\n-r other.txt\n",
        "other.txt": "-r requirements.txt\nnumpy>=1\n",
        "package.json": '{"dependencies": {"a": "1"}}',
        "go.mod": "module x",
        "src/main.go": "package main",
        "src/a.tar.gz": 1000,
        "id_rsa": "x",
    }
)
WORDS = re.findall(
    r"\S+",
    "python:3.12-slim alpine scratch debian node:22 a b 0 1 2 $X ${X:-y} ${Y} . / .. ./src src/* "
    "app.py *.txt nope [x ] \\ \" ' && || ; | ( ) { } > < << # rm -rf /var/lib/apt/lists/* apt-get "
    "update install -y curl git apk add --no-cache pip -r requirements.txt npm ci go build -o /x "
    "mkdir cd chown -R x:y tar xzf a.tar.gz -C cp mv ln -s sh -c bash if then fi for do done "
    "exit 1 set -e -o pipefail sleep 1s sleep x make ./run.sh /app 80 80-90/udp 0-99999 k=v k= "
    'X=1 ["sh","-c","ls"] ["a.py","/b"] --from=a --from=0 --from=9 --from=nginx --link '
    "--chmod=755 --chmod=9 --chown=u --parents --exclude=*.py --platform=linux/arm64 AS as "
    "--mount=type=cache,target=/root/.cache --mount=type=bind,source=.,target=/s "
    "--mount=type=bind,from=a,target=/s --mount=type=secret,id=t http://x/y.tgz git@h:r.git",
)
KEYWORDS = re.findall(
    r"\S+",
    "FROM RUN COPY ADD ENV ARG LABEL WORKDIR USER CMD ENTRYPOINT EXPOSE VOLUME ONBUILD SHELL "
    "STOPSIGNAL HEALTHCHECK MAINTAINER",
)
COMMENTS = ("# drydock: time=3s adds=/m:3MB\n", "# drydock: cpu=2 removes=/etc\n", "# x\n")

line = st.builds(
    lambda comment, keyword, words: comment + keyword + " " + " ".join(words),
    st.sampled_from(("", "", "", *COMMENTS)),
    st.sampled_from([*KEYWORDS, "RUN", "COPY", "RUN", "COPY", "FROM"]),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=7),
)


@settings(max_examples=400, deadline=None)
@given(st.lists(line, max_size=7), st.sampled_from(["", "a", "0"]), st.booleans())
def test_a_build_raises_only_errors_with_a_place(lines, target, no_cache):
    text = "\n".join(["FROM python:3.12-slim AS a", *lines])
    cache = BuildCache()
    try:
        dockerfile = parse(text)
        first = plan(
            dockerfile,
            CONTEXT,
            resolve=CATALOGUE.resolve,
            cache=cache,
            args={"X": "1"},
            target=target or None,
            no_cache=no_cache,
        )
        cache.learn(first)
        again = plan(
            dockerfile,
            CONTEXT,
            resolve=CATALOGUE.resolve,
            cache=cache,
            args={"X": "1"},
            target=target or None,
        )
    except Refused:
        return
    except InputError as error:
        refusal = error
    else:
        refusal = None
    if refusal is not None:
        assert refusal.place is not None
        return
    assert (first.failure is None) == (again.failure is None)
    if first.image is not None:
        assert all(step.reason.hit for step in again.steps)
        assert first.image.digest == again.image.digest
        assert first.total_s >= again.total_s == 0.0
