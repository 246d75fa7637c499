from __future__ import annotations

import json
from typing import Any

import pytest
from tests.wire.mutations import mutations, with_strangers
from tests.wire.validators import validator

from brentwatch.wire import json_schemas
from brentwatch.wire.dead_letter import DeadLetterReason, InvalidMessage
from brentwatch.wire.timeline import decode_record
from brentwatch.wire.unrest_event import decode_event

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
