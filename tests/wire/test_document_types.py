from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

import msgspec
import pytest

from brentwatch.wire import document_types
from brentwatch.wire.document_types import build_structs


@dataclass(frozen=True, kw_only=True)
class Reading:
    at: datetime
    share: float | None
    status: ClassVar[str] = "reading"


@dataclass(frozen=True, kw_only=True)
class Nothing:
    status: ClassVar[str] = "nothing"


@dataclass(frozen=True, kw_only=True)
class Report:
    title: str
    result: Reading | Nothing
    later: tuple[int, ...] = ()


SCHEMAS: dict[str, dict[str, Any]] = {
    "report.v1": {
        "required": ["result", "title"],
        "properties": {
            "later": {"type": "array", "maxItems": 2, "items": {"minimum": 1}},
            "result": {"oneOf": [{"$ref": "#/$defs/nothing"}, {"$ref": "#/$defs/reading"}]},
            "title": {"$ref": "names.v1.schema.json#/$defs/name"},
        },
        "$defs": {
            "nothing": {"required": ["status"], "properties": {"status": {"const": "nothing"}}},
            "reading": {
                "required": ["status", "at", "share"],
                "properties": {
                    "status": {"const": "reading"},
                    "at": {"type": "string", "pattern": "^20"},
                    "share": {"anyOf": [{"type": "null"}, {"allOf": [{"minimum": -9}, {"minimum": 0}]}]},
                },
            },
        },
    },
    "names.v1": {"$defs": {"name": {"$ref": "#/$defs/text"}, "text": {"minLength": 1, "pattern": "^[A-Z]"}}},
}
AT = datetime(2022, 1, 5, 16, 30, tzinfo=UTC)
GOOD = Report(title="Brent", result=Reading(at=AT, share=0.5))


@pytest.fixture
def report(monkeypatch: pytest.MonkeyPatch) -> type[msgspec.Struct]:
    monkeypatch.setattr(document_types, "read_schema", SCHEMAS.__getitem__)
    return build_structs(Report, "report.v1", {})


def convert(value: Report, struct: type[msgspec.Struct]) -> bytes:
    return msgspec.json.encode(msgspec.convert(value, struct, from_attributes=True))


def test_fields_come_in_the_order_of_the_core_and_optional_ones_are_left_out(
    report: type[msgspec.Struct],
) -> None:
    reading = b'{"status":"reading","at":"2022-01-05T16:30:00Z","share":0.5}'

    assert convert(GOOD, report) == b'{"title":"Brent","result":' + reading + b"}"


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        (Report(title="brent", result=Nothing()), r"matching regex '\^\[A-Z\]' - at `\$.title`"),
        (Report(title="", result=Nothing()), r"length >= 1 - at `\$.title`"),
        (Report(title="B", result=Nothing(), later=(1, 2, 3)), r"length <= 2 - at `\$.later`"),
        (Report(title="B", result=Nothing(), later=(0,)), r">= 1 - at `\$.later\[0\]`"),
        (Report(title="B", result=Reading(at=AT, share=-0.5)), r">= 0.0 - at `\$.result.share`"),
        (Report(title="B", result=Reading(at=AT.replace(tzinfo=None), share=None)), "timezone"),
    ],
)
def test_the_limits_are_those_of_the_schema(report: type[msgspec.Struct], value: Report, fault: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=fault):
        convert(value, report)


def test_a_field_of_the_document_alone_comes_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document_types, "read_schema", SCHEMAS.__getitem__)
    struct = build_structs(Report, "report.v1", {}, ("text", str, ""))

    assert struct.__struct_fields__[-1] == "text"
