"""JSON and TOML from outside: no byte order mark, no deep nesting, no nulls for fields that are left out."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from itertools import accumulate
from typing import Any, get_args

import msgspec
from msgspec import Struct

from brentwatch.wire.input_faults import DeadLetterReason, InvalidMessage, show_value

DEEPEST = 64
"""The deepest nesting of objects and arrays; the messages of brentwatch need six levels."""

_MARK = b"\xef\xbb\xbf"
_STRING = re.compile(rb'"(?:[^"\\]++|\\.?)*+"?', re.DOTALL)
_NO_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


def is_too_deep(data: bytes) -> bool:
    """True if objects and arrays are nested more than `DEEPEST` levels deep."""
    if data.count(b"[") + data.count(b"{") <= DEEPEST:
        return False
    brackets = _STRING.sub(b"", data).translate(None, _NO_BRACKETS)
    return max(accumulate(map(_STEP.__getitem__, brackets)), default=0) > DEEPEST


def check_depth(data: bytes) -> None:
    """Refuse a message that is nested too deeply.

    Raises:
        InvalidMessage: if it is.
    """
    if is_too_deep(data):
        raise InvalidMessage(
            DeadLetterReason.TOO_DEEP,
            f"the message starts with {show_value(data[:61])} and is nested more than {DEEPEST} levels "
            f"deep; expected at most {DEEPEST} levels; send the message without the nested part",
        )


def decode_json(data: bytes) -> object:
    """The JSON in a message, of whatever form; a byte order mark before it is ignored.

    Raises:
        InvalidMessage: if it is not JSON, or is nested too deeply.
    """
    check_depth(data)
    try:
        return msgspec.json.decode(data.removeprefix(_MARK))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidMessage(
            DeadLetterReason.NOT_JSON,
            f"the message starts with {show_value(data[:61])} and is not JSON ({error}); "
            "expected one JSON object in UTF-8; send it as JSON",
        ) from error


def remove_nulls(struct: type[Struct], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a document without the nulls of fields that have a default which is not null.

    It recurses as deep as the Structs do.
    """
    kept = {}
    optional, structs = _inspect_fields(struct)
    for name, value in values.items():
        if value is None and name in optional:
            continue
        kept[name] = _clean_value(structs[name], value) if name in structs else value
    return kept


def _clean_value(struct: type[Struct], value: Any) -> Any:
    match value:
        case dict():
            return remove_nulls(struct, value)
        case list():
            return [remove_nulls(struct, item) if isinstance(item, dict) else item for item in value]
    return value


@cache
def _inspect_fields(struct: type[Struct]) -> tuple[frozenset[str], Mapping[str, type[Struct]]]:
    """The fields that may be null instead of left out, and those that hold a Struct or an array of one."""
    fields = msgspec.structs.fields(struct)
    optional = (field.encode_name for field in fields if not field.required and field.default is not None)
    held = {field.encode_name: _find_struct(field.type) for field in fields}
    return frozenset(optional), {name: kind for name, kind in held.items() if kind is not None}


def _find_struct(kind: Any) -> type[Struct] | None:
    if isinstance(kind, type) and issubclass(kind, Struct):
        return kind
    return next(filter(None, map(_find_struct, get_args(kind))), None)


_DEEPEST_TABLES = 64


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
    for _ in range(_DEEPEST_TABLES):
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
    return tomllib.TOMLDecodeError(f"it is nested more than {_DEEPEST_TABLES} levels deep")
