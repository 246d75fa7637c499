from __future__ import annotations

import json
from dataclasses import fields
from typing import TYPE_CHECKING, Any, get_args

import pytest
from tests.wire.mutations import mutations, with_strangers
from tests.wire.validators import validator

from brentwatch.core.domain import (
    COUNTED_GROUPS,
    LISTED_EVENTS,
    Alert,
    AlertTest,
    Analogue,
    AnalogueMoves,
    Analogues,
    AnalogueSpread,
    Answered,
    Beside,
    BreakKind,
    Calibration,
    Cause,
    Confounder,
    ConfounderKind,
    Diagnostics,
    Direction,
    EventClass,
    EventRef,
    Found,
    GivenAlert,
    HeadsUp,
    HeadsUpRecord,
    Move,
    MoveFound,
    NotYet,
    OwnCalibration,
    Precision,
    ProvisionalStudy,
    Range,
    Refused,
    Reopen,
    ReopenStudy,
    Reversals,
    Scale,
    SessionStudy,
    Severity,
    Span,
    Stage,
    Standing,
    Status,
    StoryEvidence,
    StoryGroup,
    Study,
    Unlisted,
    Untested,
    Upcoming,
    Verification,
    Window,
    WindowSizes,
    WindowStudy,
    Within,
)
from brentwatch.core.monitor.story_following import MOST_FOLLOWED
from brentwatch.wire import json_schemas
from brentwatch.wire.canaries import decode_canary_answer
from brentwatch.wire.deliveries import decode_delivery_record
from brentwatch.wire.event_document import LocationPrecision
from brentwatch.wire.input_faults import DeadLetterReason, InvalidMessage
from brentwatch.wire.published import (
    ALERT_SCHEMA,
    RECORDS,
    STUDY_SCHEMA,
    VERSION,
    Card,
    LockScreen,
    decode_alert,
    decode_study,
)
from brentwatch.wire.timeline import decode_record
from brentwatch.wire.unrest_event import decode_event, encode_event

if TYPE_CHECKING:
    from collections.abc import Callable
    from enum import StrEnum

READERS: dict[str, Callable[[bytes], object]] = {
    "unrest_event.v1": decode_event,
    "timeline.v1": decode_record,
    "study.v1": decode_study,
    "study.v2": decode_study,
    "alert.v1": decode_alert,
    "alert.v2": decode_alert,
    "delivery.v1": decode_delivery_record,
    "canary.v1": decode_canary_answer,
}
DEFINITIONS: dict[type, tuple[str, ...]] = {
    Window: ("study.v2", "$defs", "window"),
    Found: ("study.v2", "$defs", "found"),
    MoveFound: ("study.v2", "$defs", "moveFound"),
    GivenAlert: ("study.v2", "$defs", "givenAlert"),
    NotYet: ("study.v2", "$defs", "pending"),
    Refused: ("study.v2", "$defs", "refused"),
    EventRef: ("study.v2", "$defs", "eventRef"),
    Unlisted: ("study.v2", "$defs", "unlisted", "items"),
    Move: ("study.v2", "$defs", "move"),
    Confounder: ("study.v2", "$defs", "confounder"),
    Calibration: ("study.v2", "$defs", "calibration"),
    Beside: ("study.v2", "$defs", "beside", "items"),
    Diagnostics: ("study.v2", "$defs", "diagnostics"),
    Scale: ("study.v2", "$defs", "scale"),
    Within: ("study.v2", "$defs", "within"),
    Reopen: ("study.v2", "$defs", "reopen"),
    Answered: ("study.v2", "$defs", "answered"),
    OwnCalibration: ("study.v2", "$defs", "ownCalibration"),
    Analogues: ("study.v2", "$defs", "analogues"),
    AnalogueMoves: ("study.v2", "$defs", "analogueMoves"),
    AnalogueSpread: ("study.v2", "$defs", "analogueSpread"),
    Reversals: ("study.v2", "$defs", "reversals"),
    Analogue: ("study.v2", "$defs", "analogue"),
    WindowSizes: ("study.v2", "$defs", "windowSizes"),
    StoryEvidence: ("study.v2", "$defs", "stories", "items"),
    SessionStudy: ("study.v2", "$defs", "sessionStudy"),
    ProvisionalStudy: ("study.v2", "$defs", "provisionalStudy"),
    WindowStudy: ("study.v2", "$defs", "windowStudy"),
    ReopenStudy: ("study.v2", "$defs", "reopenStudy"),
    Alert: ("alert.v2",),
    AlertTest: ("alert.v2", "$defs", "test"),
    Span: ("alert.v2", "$defs", "span"),
    Range: ("alert.v2", "$defs", "range"),
    Untested: ("alert.v2", "$defs", "untested"),
    Upcoming: ("alert.v2", "$defs", "upcoming"),
    HeadsUp: ("alert.v2", "$defs", "headsUp"),
    HeadsUpRecord: ("alert.v2", "$defs", "headsUpRecord"),
}
STUDIES = (SessionStudy, ProvisionalStudy, WindowStudy, ReopenStudy)
BESIDE_THE_CORE: dict[type, set[str]] = {Alert: {"text"}}
"""Fields of documents that are made from the others; not every writer has them."""
SINCE_RULES_8: dict[type, set[str]] = {
    SessionStudy: {"analogues", "stories"},
    ProvisionalStudy: {"analogues"},
    Alert: {"analogues", "stories"},
}
"""Fields that records of lower rules do not have; left out if they are empty."""
EXAMPLES = [(name, file) for name in READERS for file in json_schemas.read_examples(name)]
BEYOND_A_SCHEMA = {DeadLetterReason.KNOWN_BEFORE_OCCURRED, DeadLetterReason.CONTRADICTION}


def read_accepts(name: str, document: Any) -> bool:
    try:
        READERS[name](json.dumps(document).encode())
    except InvalidMessage as error:
        return error.reason in BEYOND_A_SCHEMA
    return True


@pytest.mark.parametrize("name", READERS)
@pytest.mark.slow
def test_reader_and_schema_accept_and_refuse_the_same_changes_of_the_examples(name: str) -> None:
    examples = [json.loads(example) for example in json_schemas.read_examples(name).values()]
    schema = validator(name)

    verdicts = [
        (schema.is_valid(document), read_accepts(name, document), document)
        for document in mutations(*examples)
    ]

    assert [document for by_schema, by_reader, document in verdicts if by_schema is not by_reader] == []
    assert len({by_schema for by_schema, _, _ in verdicts}) == 2


@pytest.mark.parametrize(("name", "file"), EXAMPLES)
def test_unknown_fields_anywhere_are_accepted(name: str, file: str) -> None:
    document = with_strangers(json.loads(json_schemas.read_examples(name)[file]))

    assert validator(name).is_valid(document)
    assert read_accepts(name, document)


@pytest.mark.parametrize("time", ["2022-01-05 10:10:00Z", "2022-01-05T10:10:00+0600"])
def test_readers_accept_two_spellings_of_a_time_that_writers_must_not_use(time: str) -> None:
    document = json.loads(json_schemas.read_examples("unrest_event.v1")["minimal.json"]) | {"known_at": time}

    assert not validator("unrest_event.v1").is_valid(document)
    assert read_accepts("unrest_event.v1", document)


@pytest.mark.parametrize(
    ("path", "values"),
    [
        (("unrest_event.v1", "properties", "status"), Status),
        (("unrest_event.v1", "properties", "event_class"), EventClass),
        (("unrest_event.v1", "properties", "occurred", "properties", "precision"), Precision),
        (
            ("unrest_event.v1", "properties", "location", "anyOf", 1, "properties", "precision"),
            LocationPrecision,
        ),
        (
            ("unrest_event.v1", "properties", "reliability", "anyOf", 1, "properties", "verification"),
            Verification,
        ),
        ((*DEFINITIONS[EventRef], "properties", "verification", "anyOf", 1), Verification),
        ((*DEFINITIONS[Confounder], "properties", "kind"), ConfounderKind),
        ((*DEFINITIONS[EventRef], "properties", "standing"), Standing),
        ((*DEFINITIONS[StoryEvidence], "properties", "group"), StoryGroup),
        (("alert.v1", "properties", "severity"), Severity),
        (("alert.v2", "properties", "severity", "anyOf", 1), Severity),
        (("alert.v2", "$defs", "test", "properties", "direction"), Direction),
        (("alert.v2", "$defs", "stage"), Stage),
        (("alert.v2", "properties", "cause"), Cause),
        (("study.v2", "$defs", "breakKind"), BreakKind),
    ],
)
def test_a_closed_list_is_the_same_in_schema_and_code(
    path: tuple[str | int, ...], values: type[StrEnum]
) -> None:
    assert [value for value in part(*path)["enum"] if value is not None] == list(values)


@pytest.mark.parametrize("core", RECORDS)
def test_core_struct_and_schema_have_the_same_fields_and_every_one_is_required(core: type) -> None:
    names = {field.name for field in fields(core)}
    definition = part(*DEFINITIONS[core])
    common = part("study.v2") if core in STUDIES else {"properties": {}, "required": ()}
    of_the_wire = {"version"} | ({"status"} if hasattr(core, "status") else set())
    of_the_wire |= {"test"} if core in STUDIES else set()

    documented = names | BESIDE_THE_CORE.get(core, set())
    assert set(RECORDS[core].__struct_fields__) == documented
    assert {*definition["properties"], *common["properties"]} - of_the_wire == documented
    required = names - SINCE_RULES_8.get(core, set())
    assert {*definition["required"], *common["required"]} - of_the_wire == required


def test_every_kind_of_study_has_its_place_in_the_schema() -> None:
    kinds = [part("study.v2", "$defs", each["$ref"].rpartition("/")[2]) for each in part("study.v2")["oneOf"]]

    assert [each["properties"]["test"]["const"] for each in kinds] == [each.test for each in STUDIES]
    assert part("study.v2", "properties", "test")["enum"] == [each.test for each in STUDIES]
    assert set(STUDIES) == set(get_args(Study))


@pytest.mark.parametrize(("kind", "schema"), [("alert", ALERT_SCHEMA), ("study", STUDY_SCHEMA)])
def test_the_header_of_a_record_names_the_schema_and_the_version_in_its_value(kind: str, schema: str) -> None:
    assert schema == f"{kind}.v{VERSION}"
    assert part(schema, "properties", "version") == {"const": VERSION}


def test_the_schema_lists_as_many_events_as_the_core() -> None:
    assert part("study.v2", "$defs", "events")["maxItems"] == LISTED_EVENTS
    assert part("study.v2", "$defs", "unlisted")["maxItems"] == COUNTED_GROUPS
    assert part("study.v2", "$defs", "stories")["maxItems"] == MOST_FOLLOWED


def test_the_words_of_an_alert_have_the_same_limits_in_schema_and_struct() -> None:
    for name, kind in (("lockScreen", LockScreen), ("card", Card)):
        limits = part("alert.v2", "$defs", name)
        (meta,) = get_args(kind)[1:]
        assert (limits["maxLength"], limits["pattern"]) == (meta.max_length, meta.pattern)


def part(name: str | int, *path: str | int) -> Any:
    found: Any = json_schemas.read_schema(str(name))
    for step in path:
        found = found[step]
    return found


def test_the_full_example_has_every_field_of_the_schema_and_the_reader_keeps_them_all() -> None:
    example = json.loads(json_schemas.read_examples("unrest_event.v1")["full.json"])
    kept = json.loads(encode_event(decode_event(json.dumps(example).encode())))

    assert fields_of(kept) == fields_of(example) == properties_of(json_schemas.read_schema("unrest_event.v1"))


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
