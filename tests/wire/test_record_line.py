"""Code and schema agree on what is a line of a record, and nothing else is read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.wire.mutations import mutations
from tests.wire.validators import validator

from brentwatch.core.errors import InvalidInput
from brentwatch.wire import json_schemas
from brentwatch.wire.hash_chain import HashChain
from brentwatch.wire.record_line import build_entry, decode_entry, read_record_lines

SCHEMA = "record.v1"
EXAMPLES = {
    name.removesuffix(".json"): json.loads(text) for name, text in json_schemas.read_examples(SCHEMA).items()
}
HASHES = ("previous", "hash")


def read_accepts(document: Any) -> bool:
    try:
        decode_entry(document, 1)
    except InvalidInput:
        return False
    return True


def entry(name: str) -> dict[str, Any]:
    return {key: value for key, value in EXAMPLES[name].items() if key not in HASHES}


def chained(*entries: dict[str, Any]) -> list[bytes]:
    chain = HashChain()
    return [chain.add(each).encode() + b"\n" for each in entries]


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_read_and_written_as_it_is(name: str) -> None:
    assert json.loads(json.dumps(build_entry(decode_entry(entry(name), 1)))) == entry(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", EXAMPLES)
def test_reader_and_schema_accept_and_refuse_the_same_changes_of_an_example(name: str) -> None:
    """The hashes are left alone: they are checked by the chain, not by the reader of a line."""
    schema = validator(SCHEMA)
    changed = [
        document
        for document in mutations(EXAMPLES[name])
        if all(document.get(each) == EXAMPLES[name][each] for each in HASHES)
    ]
    verdicts = [(schema.is_valid(document), read_accepts(document), document) for document in changed]

    assert [document for by_schema, by_reader, document in verdicts if by_schema is not by_reader] == []
    assert len({by_schema for by_schema, _, _ in verdicts}) == 2


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([entry("session")], "line 1 is of the kind session; expected the kind record in line 1"),
        ([entry("record"), entry("record")], "line 2 is of the kind record"),
        ([entry("record") | {"version": 2}], "version 2; expected at most 1: upgrade this brentwatch"),
        ([entry("record"), {"kind": "weather"}], "line 2 is no line of a record: Invalid value 'weather'"),
        ([entry("record"), entry("session") | {"p": 1.5}], r"line 2 is no line of a record: .*<= 1\.0"),
        ([entry("record"), json.loads('{"a":' * 90 + "1" + "}" * 90)], "line 2 .* nested too deeply"),
    ],
)
def test_a_line_that_is_against_the_schema_is_named(lines: list[dict[str, Any]], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        list(read_record_lines(chained(*lines), HashChain()))
