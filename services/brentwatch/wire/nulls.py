"""Null for an optional field that is an array, text or flag: it says as much as a field that is left out."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, get_args

import msgspec
from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping


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
