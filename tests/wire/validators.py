"""The schemas of the house as validators that assert formats: the other side of every agreement test."""

from __future__ import annotations

from functools import cache

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from brentwatch.wire import json_schemas


@cache
def validator(name: str) -> Draft202012Validator:
    resources = (
        (f"{each}.schema.json", Resource.from_contents(json_schemas.schema(each), DRAFT202012))
        for each in json_schemas.names()
    )
    return Draft202012Validator(
        json_schemas.schema(name),
        registry=Registry().with_resources(resources),
        format_checker=Draft202012Validator.FORMAT_CHECKER,
    )
