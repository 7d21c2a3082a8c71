"""``kubectl kustomize``: what a kustomization is built into."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from simulator.shell.grammar import Argument, Call
from simulator.shell.kinds import text
from simulator.shell.kubectl.files import kustomized
from simulator.shell.registry import verb

if TYPE_CHECKING:
    from simulator.shell.session import Session


@verb(
    "kubectl kustomize", "Show what a kustomization is built into", aliases=("k kustomize",),
    arguments=(Argument("DIR", text("folder"), "with a kustomization.yaml", optional=True),),
    examples=("kubectl kustomize overlays/prod",),
    known="--enable-helm --helm-command --load-restrictor --output -o --network --reorder -e",
)  # fmt: skip
def kustomize(session: Session, call: Call) -> Iterable[str]:
    """Its objects in the order in which they are applied, as YAML."""
    from simulator.shell.kubectl.output import yaml_lines

    lines: list[str] = []
    for document, _ in kustomized(session, call["DIR"] or "."):
        lines += [*(["---"] if lines else []), *yaml_lines(document.data)]
    return lines
