from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.wire.mutations import mutations, with_strangers
from tests.wire.validators import validator

from brentwatch.core.events import EventClass, Precision, Status, Verification
from brentwatch.wire import json_schemas
from brentwatch.wire.dead_letter import DeadLetterReason, InvalidMessage
from brentwatch.wire.event_document import LocationPrecision
from brentwatch.wire.timeline import decode_record
from brentwatch.wire.unrest_event import decode_event, encode_event

if TYPE_CHECKING:
    from enum import StrEnum

READERS = {"unrest_event.v1": decode_event, "timeline.v1": decode_record}
EXAMPLES = [(name, file) for name in READERS for file in json_schemas.examples(name)]
BEYOND_A_SCHEMA = {DeadLetterReason.KNOWN_BEFORE_OCCURRED, DeadLetterReason.CONTRADICTION}


def read_accepts(name: str, document: Any) -> bool:
    try:
        READERS[name](json.dumps(document).encode())
    except InvalidMessage as error:
        return error.reason in BEYOND_A_SCHEMA
    return True


@pytest.mark.parametrize(("name", "file"), EXAMPLES)
def test_reader_and_schema_accept_and_refuse_the_same_changes_of_an_example(name: str, file: str) -> None:
    example = json.loads(json_schemas.examples(name)[file])
    schema = validator(name)

    verdicts = [
        (schema.is_valid(document), read_accepts(name, document), document) for document in mutations(example)
    ]

    assert [document for by_schema, by_reader, document in verdicts if by_schema is not by_reader] == []
    assert len({by_schema for by_schema, _, _ in verdicts}) == 2


@pytest.mark.parametrize(("name", "file"), EXAMPLES)
def test_unknown_fields_anywhere_are_accepted(name: str, file: str) -> None:
    document = with_strangers(json.loads(json_schemas.examples(name)[file]))

    assert validator(name).is_valid(document)
    assert read_accepts(name, document)


@pytest.mark.parametrize("time", ["2022-01-05 10:10:00Z", "2022-01-05T10:10:00+0600"])
def test_readers_accept_two_spellings_of_a_time_that_writers_must_not_use(time: str) -> None:
    document = json.loads(json_schemas.examples("unrest_event.v1")["minimal.json"]) | {"known_at": time}

    assert not validator("unrest_event.v1").is_valid(document)
    assert read_accepts("unrest_event.v1", document)


@pytest.mark.parametrize(
    ("path", "values"),
    [
        (("status",), Status),
        (("event_class",), EventClass),
        (("occurred", "properties", "precision"), Precision),
        (("location", "anyOf", 1, "properties", "precision"), LocationPrecision),
        (("reliability", "anyOf", 1, "properties", "verification"), Verification),
    ],
)
def test_a_closed_list_is_the_same_in_schema_and_code(
    path: tuple[str | int, ...], values: type[StrEnum]
) -> None:
    listed: Any = json_schemas.schema("unrest_event.v1")["properties"]
    for step in path:
        listed = listed[step]

    assert listed["enum"] == list(values)


def test_the_full_example_has_every_field_of_the_schema_and_the_reader_keeps_them_all() -> None:
    example = json.loads(json_schemas.examples("unrest_event.v1")["full.json"])
    kept = json.loads(encode_event(decode_event(json.dumps(example).encode())))

    assert fields_of(kept) == fields_of(example) == properties_of(json_schemas.schema("unrest_event.v1"))


def fields_of(document: Any, name: str = "") -> set[str]:
    match document:
        case dict():
            inner = set().union(*(fields_of(value, f"{name}.{key}") for key, value in document.items()))
            return inner | {f"{name}.{key}" for key in document}
        case list():
            return set().union(*(fields_of(item, name) for item in document))
        case _:
            return set()


def properties_of(schema: Any, name: str = "") -> set[str]:
    here = {f"{name}.{key}" for key in schema.get("properties", {})}
    inner = (properties_of(each, f"{name}.{key}") for key, each in schema.get("properties", {}).items())
    wrapped = (
        properties_of(each, name)
        for each in (*schema.get("anyOf", ()), *filter(None, (schema.get("items"),)))
    )
    return here.union(*inner, *wrapped)
