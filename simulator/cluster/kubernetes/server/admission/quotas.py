"""Resource quotas: a write that would exceed one is refused; what is used is counted as it changes.

Nothing is counted in a namespace that has no quota.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from simulator.cluster.kubernetes.api.errors import forbidden
from simulator.cluster.kubernetes.api.kinds import resource_of
from simulator.cluster.kubernetes.objects.meta import Key, Object
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.objects.quantity import ZERO, Quantity, parse
from simulator.cluster.kubernetes.server.admission.charges import (
    Charge,
    charge,
    in_scope,
    scopes_of,
    unstated,
)
from simulator.cluster.kubernetes.server.server import Server
from simulator.cluster.queue import WorkQueue

KIND = "ResourceQuota"
Scopes = list[tuple[str, str, tuple[str, ...]]]


class Ledger(msgspec.Struct):
    """One quota: what may be used, and what is."""

    key: Key
    hard: dict[str, Quantity]
    scopes: Scopes
    used: dict[str, Quantity]

    def book(self, amounts: Charge, sign: int) -> bool:
        """Count what is more or less now; whether anything is."""
        changed = False
        for name in self.hard:
            amount = amounts.get(name)
            if amount is not None and amount.nanos:
                self.used[name] = self.used[name].plus(amount, sign)
                changed = True
        return changed

    def exceeded(self, wanted: Charge) -> list[str]:
        """The names of which there is not enough left."""
        return [
            name
            for name, hard in sorted(self.hard.items())
            if wanted.get(name, ZERO).nanos > 0
            and self.used[name].nanos + wanted[name].nanos > hard.nanos
        ]


class Quotas:
    """The quotas of a cluster."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._ledgers: dict[str, dict[str, Ledger]] = {}
        self._told = WorkQueue(server.sim, self._tell)
        server.store.watch_every(self._changed)

    # --- asked before a write ---------------------------------------------------------------------

    def admit(self, old: Object | None, new: Object) -> None:
        """ApiError where a quota of the namespace has no room."""
        ledgers = self._ledgers.get(new.meta.namespace)
        if not ledgers:
            return
        wanted = charge(new)
        before = {} if old is None else charge(old)
        for _, ledger in sorted(ledgers.items()):
            if not in_scope(new, ledger.scopes):
                continue
            counted = before if old is not None and in_scope(old, ledger.scopes) else {}
            if old is None and isinstance(new, Pod):
                self._stated(new, ledger)
            more = {
                name: wanted[name].plus(counted[name], -1) if name in counted else wanted[name]
                for name in ledger.hard
                if name in wanted
            }
            over = ledger.exceeded(more)
            if over:
                raise self._refusal(new, ledger, more, over)

    def _stated(self, pod: Pod, ledger: Ledger) -> None:
        lacking = unstated(pod.template, ledger.hard)
        if lacking:
            text = f"failed quota: {ledger.key[1]}: must specify {lacking}"
            raise forbidden("pods", pod.name, text)

    def _refusal(self, one: Object, ledger: Ledger, more: Charge, over: list[str]) -> Exception:
        parts = (("requested", more), ("used", ledger.used), ("limited", ledger.hard))
        said = [
            f"{word}: " + ",".join(f"{name}={amounts[name]}" for name in over)
            for word, amounts in parts
        ]
        text = f"exceeded quota: {ledger.key[1]}, {', '.join(said)}"
        return forbidden(resource_of(one.kind), one.name, text)

    # --- counting ---------------------------------------------------------------------------------

    def _changed(self, old: Object | None, new: Object | None) -> None:
        one = new if new is not None else old
        if one is None or not (self._ledgers or one.kind == KIND) or _counts_alike(old, new):
            return
        for ledger in list(self._ledgers.get(one.meta.namespace, {}).values()):
            changed = False
            for each, sign in ((old, -1), (new, 1)):
                if each is not None and in_scope(each, ledger.scopes):
                    changed = ledger.book(charge(each), sign) or changed
            if changed:
                self._told.add(ledger.key)
        if one.kind == KIND:
            self._quota_changed(old, new)

    def _quota_changed(self, old: Object | None, new: Object | None) -> None:
        if new is None:
            if old is not None:
                self._forget(old.key)
        elif old is None or old.data != new.data:
            self._load(new)

    def _forget(self, key: Key) -> None:
        found = self._ledgers.get(key[0], {})
        found.pop(key[1], None)
        if not found:
            self._ledgers.pop(key[0], None)

    def _load(self, quota: Object) -> None:
        spec = quota.data.get("spec") or {}
        hard = {name: parse(str(amount)) for name, amount in (spec.get("hard") or {}).items()}
        ledger = Ledger(quota.key, hard, scopes_of(spec), dict.fromkeys(hard, ZERO))
        for one in self._objects(quota.meta.namespace):
            if in_scope(one, ledger.scopes):
                ledger.book(charge(one), 1)
        self._ledgers.setdefault(quota.meta.namespace, {})[quota.name] = ledger
        self._told.add(quota.key)

    def _objects(self, namespace: str) -> Iterator[Object]:
        for table in self._server.store.tables.values():
            yield from table.namespaces.get(namespace, {}).values()

    def _tell(self, key: Key) -> None:
        """The quota's status, once for all changes of an instant."""
        ledger = self._ledgers.get(key[0], {}).get(key[1])
        quota = self._server.store.find(KIND, *key)
        if ledger is None or quota is None:
            return
        status: dict[str, Any] = {
            word: {name: str(amounts[name]) for name in sorted(amounts)}
            for word, amounts in (("hard", ledger.hard), ("used", ledger.used))
        }
        self._server.update_status(quota, status)


def _counts_alike(old: Object | None, new: Object | None) -> bool:
    """Whether only a status changed, which is what most writes are.

    A quota that counts quotas must not be told of its own status: telling it writes that again.
    """
    if isinstance(old, Pod) and isinstance(new, Pod):
        return old.template is new.template and old.status.over == new.status.over
    return old is not None and new is not None and old.data is new.data
