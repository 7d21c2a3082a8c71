"""Refusals of the API server, with the texts that its clients print."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from simulator.errors import DrydockError


class FieldError(msgspec.Struct, frozen=True):
    """What is wrong with one field: ``path: Invalid value: "x": must be …``."""

    path: str
    detail: str

    def __str__(self) -> str:
        return f"{self.path}: {self.detail}"


class ApiError(DrydockError):
    """``Error from server (REASON): message``; kubectl ends with exit code 1."""

    exit_code = 1

    def __init__(self, code: int, reason: str, message: str) -> None:
        self.code = code
        self.reason = reason
        self.message = message
        super().__init__(message)

    def __reduce__(self) -> tuple[type[ApiError], tuple[int, str, str]]:
        return ApiError, (self.code, self.reason, self.message)


def not_found(resource: str, name: str) -> ApiError:
    """There is no object of this name."""
    return ApiError(404, "NotFound", f'{resource} "{name}" not found')


def already_exists(resource: str, name: str) -> ApiError:
    """There is one of this name already."""
    return ApiError(409, "AlreadyExists", f'{resource} "{name}" already exists')


def conflict(resource: str, name: str, why: str = "") -> ApiError:
    """Somebody else changed it meanwhile."""
    text = why or (
        "the object has been modified; please apply your changes to the latest version and try "
        "again"
    )
    return ApiError(
        409, "Conflict", f'Operation cannot be fulfilled on {resource} "{name}": {text}'
    )


def forbidden(resource: str, name: str, why: str) -> ApiError:
    """Somebody who is asked before each write does not let it through."""
    return ApiError(403, "Forbidden", f'{resource} "{name}" is forbidden: {why}')


def bad_request(message: str) -> ApiError:
    """It cannot be read."""
    return ApiError(400, "BadRequest", message)


def too_many_requests(message: str) -> ApiError:
    """Not now."""
    return ApiError(429, "TooManyRequests", message)


def invalid(kind: str, name: str, errors: Sequence[FieldError]) -> ApiError:
    """Fields are wrong: one after the colon, several as a list."""
    several = "[" + ", ".join(map(str, errors)) + "]"
    text = str(errors[0]) if len(errors) == 1 else several
    return ApiError(422, "Invalid", f'{kind} "{name}" is invalid: {text}')
