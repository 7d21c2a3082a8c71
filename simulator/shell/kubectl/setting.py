"""``kubectl set serviceaccount`` and ``set selector``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from simulator.errors import DrydockError
from simulator.shell.grammar import Argument, Call
from simulator.shell.kinds import text
from simulator.shell.kubectl.changing import patched, targets, template_patch
from simulator.shell.kubectl.selecting import read_selector
from simulator.shell.kubectl.target import COMMON, KubectlError, cluster_of
from simulator.shell.registry import verb

if TYPE_CHECKING:
    from simulator.shell.session import Session

_WORDS = Argument("TYPE", text("word"), "TYPE NAME or TYPE/NAME, then the new value", repeat=True)


@verb(
    "kubectl set serviceaccount", "Change the account that pods run as",
    aliases=("kubectl set sa", "k set serviceaccount", "k set sa"),
    arguments=(_WORDS,), flags=COMMON,
    examples=("kubectl set serviceaccount deploy/web default",),
    known="--all --local --record --dry-run -o -f",
)  # fmt: skip
def service_account(session: Session, call: Call) -> Iterable[str]:
    """In the template of pods."""
    words = list(call["TYPE"])
    if len(words) < 2:
        raise KubectlError("error: serviceaccount is required")
    cluster = cluster_of(session, call)
    for target in targets(session, call, cluster, words[:-1]):
        said = template_patch(target[0], {"serviceAccountName": words[-1]})
        try:
            patched(session, cluster, target, said, "strategic")
            session.say([f"{target[0].title}/{target[2]} serviceaccount updated"])
        except DrydockError as error:
            session.fail(call, error)
    return []


@verb(
    "kubectl set selector", "Change which pods a Service means", aliases=("k set selector",),
    arguments=(_WORDS,), flags=COMMON, examples=("kubectl set selector service web app=web",),
    known="--all --local --record --dry-run -o -f --resource-version",
)  # fmt: skip
def selector(session: Session, call: Call) -> Iterable[str]:
    """All of it: what was there before goes."""
    words = list(call["TYPE"])
    tests = read_selector(words[-1])
    if len(words) < 2 or any(operator != "In" for _, operator, _ in tests):
        raise KubectlError("error: one or more KEY=VALUE is required")
    cluster = cluster_of(session, call)
    labels = {key: values[0] for key, _, values in tests}
    for target in targets(session, call, cluster, words[:-1]):
        if target[0].kind != "Service":
            raise KubectlError(f"error: cannot set a selector on {target[0].kind}")
        change = [{"op": "replace", "path": "/spec/selector", "value": labels}]
        patched(session, cluster, target, change, "json")
        session.say([f"{target[0].title}/{target[2]} selector updated"])
    return []
