"""TOML from outside: a byte order mark before it is ignored, and what is nested too deeply is refused."""

from __future__ import annotations

import tomllib
from typing import Any

_DEEPEST = 64


def decode_toml(data: bytes) -> dict[str, Any]:
    """The tables of a TOML file.

    Raises:
        TOMLDecodeError: if it is not TOML, or is nested too deeply.
        UnicodeDecodeError: if it is not UTF-8.
    """
    try:
        tables = tomllib.loads(data.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise
    except ValueError as error:  # a number of thousands of digits, which Python does not read
        raise tomllib.TOMLDecodeError(str(error)) from None
    except RecursionError:
        raise _too_deep() from None
    if _is_too_deep(tables):
        raise _too_deep()
    return tables


def _is_too_deep(tables: dict[str, Any]) -> bool:
    """Level by level, without recursion: dotted keys nest tables as deep as a line is long."""
    level: list[Any] = [tables]
    for _ in range(_DEEPEST):
        level = [item for value in level for item in _items(value)]
    return bool(level)


def _items(value: Any) -> list[Any]:
    match value:
        case dict():
            return list(value.values())
        case list():
            return value
        case _:
            return []


def _too_deep() -> tomllib.TOMLDecodeError:
    return tomllib.TOMLDecodeError(f"it is nested more than {_DEEPEST} levels deep")
