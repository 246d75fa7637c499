"""The Structs of what we publish, made from the dataclasses of the core and the schemas in `schemas/`.

Each dataclass becomes a Struct with the same fields in the same order. The limits of a field come from the
schema; a field that the schema does not require is left out where it has its default.
"""

from dataclasses import fields
from datetime import datetime
from functools import cache
from typing import Annotated, Any, Union, get_args, get_type_hints

import msgspec
from msgspec import Meta, Struct

from brentwatch.wire.json_schemas import read_schema

_LIMITS = {
    "minimum": "ge",
    "maximum": "le",
    "exclusiveMinimum": "gt",
    "minLength": "min_length",
    "maxLength": "max_length",
    "pattern": "pattern",
    "maxItems": "max_length",
}
"""Keywords of JSON Schema, and what msgspec calls them. The years of dates have no such limit in msgspec."""

Records = dict[type, type[Struct]]
"""Each core type and the Struct that it is on the wire."""


def build_structs(core: type, schema: str, records: Records, *more: tuple[str, Any, Any]) -> type[Struct]:
    """The Struct of `core`, by the schema of that name and version.

    Args:
        core: a dataclass of the core.
        schema: its name and version, `study.v1` for one.
        records: gets the Struct of `core` and of each dataclass in it; what is there already is used.
        more: fields that only the document has, each with its type and default.
    """
    return _build_struct(core, _expand(read_schema(schema), schema), records, *more)


def _build_struct(
    core: type, definition: dict[str, Any], records: Records, *more: tuple[str, Any, Any]
) -> type[Struct]:
    if core not in records:
        definition = _choose_by_status(core, definition)
        hints = get_type_hints(core)
        made: list[Any] = [
            (field.name, _limit(hints[field.name], definition["properties"][field.name], records))
            + (() if field.name in definition["required"] else (field.default,))
            for field in fields(core)
        ]
        status = getattr(core, "status", None)
        records[core] = msgspec.defstruct(
            f"{core.__name__}Document",
            [*made, *more],
            tag_field=status and "status",
            tag=status,
            frozen=True,
            kw_only=True,
            omit_defaults=any(len(each) == 3 for each in made),
        )
    return records[core]


def _choose_by_status(core: type, definition: dict[str, Any]) -> dict[str, Any]:
    """The alternative that `core` is, where there are several, which `status` tells apart."""
    for each in definition.get("oneOf", ()):
        if each["properties"]["status"]["const"] == getattr(core, "status", None):
            return _merge(each)
    return definition


def _limit(hint: Any, definition: dict[str, Any], records: Records) -> Any:
    """The type `hint` with the Structs of its dataclasses, and the limits that the schema sets."""
    definition, inner = _merge(definition), get_args(hint)
    if inner and Ellipsis in inner:
        limited: Any = tuple[_limit(inner[0], definition["items"], records), ...]  # type: ignore[misc] # made here
    elif inner:
        return Union[tuple(_limit(each, definition, records) for each in inner)]  # noqa: UP007 - as many as there are
    elif issubclass(hint, datetime):
        return Annotated[datetime, Meta(tz=True)]
    elif hint in (float, int, str):
        limited = hint
    else:
        return hint if not hasattr(hint, "__dataclass_fields__") else _build_struct(hint, definition, records)
    limits = {name: definition[keyword] for keyword, name in _LIMITS.items() if keyword in definition}
    if "gt" in limits:
        limits.pop("ge", None)  # the lowest double, in what all numbers have: msgspec takes one of the two
    return Annotated[limited, Meta(**limits)] if limits else limited


def _merge(definition: dict[str, Any]) -> dict[str, Any]:
    """The definition with what it may or must be besides: null is in the types of the core."""
    merged = dict(definition)
    for each in (*definition.get("anyOf", ()), *definition.get("allOf", ())):
        merged |= _merge(each)
    return merged


def _expand(value: Any, schema: str) -> Any:
    """A part of a schema with what its references name in their places."""
    match value:
        case {"$ref": str(reference), **more}:
            file, _, path = reference.partition("#/")
            schema = file.removesuffix(".schema.json") or schema
            found: Any = _read_once(schema)
            for step in path.split("/"):
                found = found[step]
            return _expand(found, schema) | more
        case dict():
            return {key: _expand(item, schema) for key, item in value.items()}
        case list():
            return [_expand(item, schema) for item in value]
        case _:
            return value


@cache
def _read_once(schema: str) -> dict[str, Any]:
    return read_schema(schema)
