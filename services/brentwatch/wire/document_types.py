"""The Structs of published documents, made from the dataclasses of the core and the schemas in `schemas/`.

Each dataclass becomes a Struct with the same fields in the same order. The limits of a field come from the
schema; a field that the schema does not require is left out if it has its default.
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

_TAG_FIELDS = ("status", "test")
"""The fields that tell results apart, and studies."""

Records = dict[type, type[Struct]]
"""Each core type and its Struct on the wire."""


def build_structs(core: type, schema: str, records: Records, *more: tuple[str, Any, Any]) -> type[Struct]:
    """The Struct of `core`, by the schema of that name and version.

    Args:
        core: a dataclass of the core.
        schema: its name and version, `study.v2` for one.
        records: gets the Struct of `core` and of each dataclass in it; existing entries are used.
        more: fields that only the document has, each with its type and default.
    """
    return _build_struct(core, _expand(read_schema(schema), schema), records, *more)


def _build_struct(
    core: type, definition: dict[str, Any], records: Records, *more: tuple[str, Any, Any]
) -> type[Struct]:
    if core not in records:
        definition, tag_field = _choose_alternative(core, definition), find_tag_field(core)
        hints = get_type_hints(core)
        made: list[Any] = [
            (field.name, _limit(hints[field.name], definition["properties"][field.name], records))
            + (() if field.name in definition["required"] else (field.default,))
            for field in fields(core)
        ]
        records[core] = msgspec.defstruct(
            f"{core.__name__}Document",
            [*made, *more],
            tag_field=tag_field,
            tag=tag_field and getattr(core, tag_field),
            frozen=True,
            kw_only=True,
            omit_defaults=any(len(each) == 3 for each in made),
        )
    return records[core]


def find_tag_field(core: type) -> str | None:
    """The field of the document that tells a type of a union apart: a constant of the class."""
    return next((name for name in _TAG_FIELDS if isinstance(getattr(core, name, None), str)), None)


def _choose_alternative(core: type, definition: dict[str, Any]) -> dict[str, Any]:
    """The alternative of the schema for `core`, if there are several, with the parts common to all."""
    tag_field = find_tag_field(core)
    for each in map(_merge, definition.get("oneOf", ())):
        if tag_field and each["properties"][tag_field]["const"] == getattr(core, tag_field):
            return each | {
                "properties": definition.get("properties", {}) | each["properties"],
                "required": [*definition.get("required", ()), *each["required"]],
            }
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
    """The definition with its alternatives and conditions merged; the types of the core have null already."""
    merged = dict(definition)
    for each in (*definition.get("anyOf", ()), *definition.get("allOf", ())):
        merged |= _merge(each)
    return merged


def _expand(value: Any, schema: str) -> Any:
    """A part of a schema with its references resolved."""
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
