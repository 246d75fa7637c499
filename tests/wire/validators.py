"""The schemas of the house as validators that assert formats: the other side of every agreement test."""

from __future__ import annotations

from functools import cache

from jsonschema_rs import Draft202012Validator, Registry

from brentwatch.wire import json_schemas


@cache
def validator(name: str) -> Draft202012Validator:
    resources = [
        (f"{each}.schema.json", json_schemas.read_schema(each)) for each in json_schemas.list_names()
    ]
    return Draft202012Validator(
        json_schemas.read_schema(name), registry=Registry(resources), validate_formats=True
    )
