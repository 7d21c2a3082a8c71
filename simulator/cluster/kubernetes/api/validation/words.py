"""Names, labels and ports: what is allowed, and how it is said that something is not."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from simulator.cluster.kubernetes.api.errors import FieldError

SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*", re.ASCII)
LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", re.ASCII)
SERVICE = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?", re.ASCII)
_NAME_PART = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]", re.ASCII)
_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?", re.ASCII)

SUBDOMAIN_TEXT = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
    "'.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used "
    "for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
LABEL_TEXT = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and "
    "must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used "
    "for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
SERVICE_TEXT = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an "
    "alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', "
    "regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
)
VALUE_TEXT = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
    "and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or "
    "'12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)
KEY_TEXT = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end "
    "with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for "
    "validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)


def required(path: str, text: str = "") -> FieldError:
    """A field that has to be there."""
    return FieldError(path, "Required value" + (f": {text}" if text else ""))


def invalid(path: str, value: Any, text: str) -> FieldError:
    """A value that cannot be."""
    return FieldError(path, f"Invalid value: {shown(value)}: {text}")


def unsupported(path: str, value: Any, known: Iterable[str]) -> FieldError:
    """A word that is none of those there are."""
    words = ", ".join(json.dumps(one) for one in known)
    return FieldError(path, f"Unsupported value: {shown(value)}: supported values: {words}")


def duplicate(path: str, value: Any) -> FieldError:
    """Something that is there twice."""
    return FieldError(path, f"Duplicate value: {shown(value)}")


def forbidden(path: str, text: str) -> FieldError:
    """Something that may not be there."""
    return FieldError(path, f"Forbidden: {text}")


def shown(value: Any) -> str:
    """A value as messages print it."""
    return json.dumps(value, separators=(",", ":"), default=str)


_PATH_NAMED = ("Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding")
"""Whose names need only fit into a path (``rbac/validation``): ``system:node`` is one."""


def name_errors(name: Any, path: str, kind: str) -> Iterator[FieldError]:
    """The name of an object of a kind."""
    if not isinstance(name, str) or not name:
        yield required(path, "name or generateName is required")
        return
    if kind == "Service":
        if len(name) > 63 or not SERVICE.fullmatch(name):
            yield invalid(path, name, SERVICE_TEXT)
    elif kind == "Namespace":
        if len(name) > 63 or not LABEL.fullmatch(name):
            yield invalid(path, name, LABEL_TEXT)
    elif kind in _PATH_NAMED:
        if name in (".", "..") or "/" in name or "%" in name:
            yield invalid(path, name, "may not be '.' or '..', nor contain '/' or '%'")
    elif not SUBDOMAIN.fullmatch(name):
        yield invalid(path, name, SUBDOMAIN_TEXT)
    elif len(name) > 253:
        yield invalid(path, name, "must be no more than 253 characters")


def labels_errors(labels: Mapping[str, Any], path: str) -> Iterator[FieldError]:
    """Keys and values of labels."""
    for key, value in labels.items():
        prefix, slash, name = key.rpartition("/")
        if slash and not SUBDOMAIN.fullmatch(prefix):
            yield invalid(path, key, f"prefix part {SUBDOMAIN_TEXT}")
        if not name or len(name) > 63 or not _NAME_PART.fullmatch(name):
            yield invalid(path, key, KEY_TEXT)
        if len(str(value)) > 63:
            yield invalid(path, value, "must be no more than 63 characters")
        elif not _VALUE.fullmatch(str(value)):
            yield invalid(path, value, VALUE_TEXT)


def port_errors(port: Any, path: str) -> Iterator[FieldError]:
    """The number of a port."""
    if not isinstance(port, int) or not 1 <= port <= 65_535:
        yield invalid(path, port, "must be between 1 and 65535, inclusive")


def not_negative(value: Any, path: str) -> Iterator[FieldError]:
    """A count."""
    if isinstance(value, int) and value < 0:
        yield invalid(path, value, "must be greater than or equal to 0")
