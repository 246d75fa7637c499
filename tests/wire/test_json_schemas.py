from __future__ import annotations

import json

import pytest
from jsonschema_rs import meta
from tests.wire.validators import validator

from brentwatch.core.errors import InvalidInput
from brentwatch.wire import json_schemas


@pytest.mark.parametrize("name", json_schemas.list_names())
def test_every_schema_is_a_schema_and_has_an_example_that_it_accepts(name: str) -> None:
    meta.validate(json_schemas.read_schema(name))
    examples = json_schemas.read_examples(name)

    assert examples
    for document in examples.values():
        validator(name).validate(json.loads(document))


def test_every_folder_of_examples_belongs_to_a_schema() -> None:
    folders = {item.name for item in (json_schemas.find_folder() / "examples").iterdir()}

    assert folders == set(json_schemas.list_names())


def test_an_unknown_schema_is_answered_with_the_known_ones() -> None:
    with pytest.raises(InvalidInput, match=r"'weather\.v1'; choose one of .*timeline\.v1.*unrest_event\.v1"):
        json_schemas.read_schema("weather.v1")
