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
        raise _build_depth_error() from None
    if _has_deep_tables(tables):
        raise _build_depth_error()
    return tables


def _has_deep_tables(tables: dict[str, Any]) -> bool:
    """Level by level, without recursion: dotted keys nest tables as deep as a line is long."""
    level: list[Any] = [tables]
    for _ in range(_DEEPEST):
        level = [item for value in level for item in _list_items(value)]
    return bool(level)


def _list_items(value: Any) -> list[Any]:
    match value:
        case dict():
            return list(value.values())
        case list():
            return value
        case _:
            return []


def _build_depth_error() -> tomllib.TOMLDecodeError:
    return tomllib.TOMLDecodeError(f"it is nested more than {_DEEPEST} levels deep")
