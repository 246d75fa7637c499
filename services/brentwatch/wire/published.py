"""What the monitor publishes, bytes to core types and back: field for field, since the names are the same."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from msgspec import Struct

from brentwatch.core.alerts import Alert
from brentwatch.core.confounders import Confounder
from brentwatch.core.diagnostics import Diagnostics
from brentwatch.core.normal_returns.forecast import Scale
from brentwatch.core.refused import Refused
from brentwatch.core.study import Beside, Calibration, EventRef, Found, Move, NotYet, Study
from brentwatch.core.windows import Window
from brentwatch.wire.alert_document import AlertDocument
from brentwatch.wire.dead_letter import DeadLetterReason, InvalidMessage
from brentwatch.wire.event_rules import FIRST_YEAR, LAST_YEAR
from brentwatch.wire.faults import field_faults, shown, whole_numbers
from brentwatch.wire.study_document import (
    BesideRecord,
    CalibrationRecord,
    ConfounderRecord,
    DiagnosticsRecord,
    EventRefRecord,
    FoundRecord,
    MoveRecord,
    PendingRecord,
    RefusedRecord,
    ScaleRecord,
    StudyDocument,
    WindowRecord,
)
from brentwatch.wire.unrest_event import decode_json

if TYPE_CHECKING:
    from collections.abc import Iterator

RECORDS: dict[type, type[Struct]] = {
    Window: WindowRecord,
    Found: FoundRecord,
    NotYet: PendingRecord,
    Refused: RefusedRecord,
    EventRef: EventRefRecord,
    Move: MoveRecord,
    Confounder: ConfounderRecord,
    Calibration: CalibrationRecord,
    Beside: BesideRecord,
    Scale: ScaleRecord,
    Diagnostics: DiagnosticsRecord,
    Study: StudyDocument,
    Alert: AlertDocument,
}
"""Each core type and the Struct that it is on the wire."""

_CORE: dict[type, type] = {record: core for core, record in RECORDS.items()}
_encoder = msgspec.json.Encoder()

T = TypeVar("T")
D = TypeVar("D", bound=Struct)


def encode(value: Study | Alert, remedy: str) -> bytes:
    """The JSON of a study or an alert; the same value gives the same bytes.

    Raises:
        InvalidMessage: if it holds what the schema refuses; each fault ends with `remedy`.
    """
    record = RECORDS[type(value)]
    values = msgspec.to_builtins(_translated(value, RECORDS))
    return _encoder.encode(_checked(_read(values, record, remedy), remedy))


def decode(data: bytes, core: type[T], remedy: str) -> T:
    """The value of the type `core` in a message; times in UTC.

    Raises:
        InvalidMessage: if it is not JSON, against the schema, or contradicts itself.
    """
    record = RECORDS[core]
    try:
        document = msgspec.json.decode(data, type=record)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        document = _read(whole_numbers(decode_json(data)), record, remedy)
    value: T = _translated(_checked(document, remedy), _CORE)
    return value


def _translated(value: object, types: dict[type, Any]) -> Any:
    """The value with everything of a type in `types` made anew in the other, and its times in UTC."""
    match value:
        case tuple():
            return tuple(_translated(item, types) for item in value)
        case datetime():
            return value.astimezone(UTC)
        case _ if type(value) in types:
            return types[type(value)](**{name: _translated(item, types) for name, item in _fields(value)})
        case _:
            return value


def _fields(value: Any) -> Iterator[tuple[str, object]]:
    names = value.__struct_fields__ if isinstance(value, Struct) else (field.name for field in fields(value))
    return ((name, getattr(value, name)) for name in names)


def _read(values: object, record: type[D], remedy: str) -> D:
    """Slow and thorough: the document of the values, or every fault."""
    if not isinstance(values, dict):
        raise InvalidMessage(
            DeadLetterReason.SCHEMA, f"the message is {shown(values)}; a JSON object was wanted; {remedy}"
        )
    faults = field_faults(record, values, remedy)
    if faults:
        raise InvalidMessage(DeadLetterReason.SCHEMA, *faults)
    return msgspec.convert(values, record)


def _checked(document: D, remedy: str) -> D:
    faults = tuple(_broken_rules(document, remedy, ""))
    if faults:
        raise InvalidMessage(faults[0][0], *(sentence for _, sentence in faults))
    return document


def _broken_rules(value: object, remedy: str, path: str) -> Iterator[tuple[DeadLetterReason, str]]:
    """What no Struct states: years within reason, and windows that end after they start."""
    match value:
        case date() if not FIRST_YEAR <= value.year <= LAST_YEAR:
            yield (
                DeadLetterReason.SCHEMA,
                f"{path} is {shown(value)}; a year from {FIRST_YEAR} to {LAST_YEAR} was wanted; {remedy}",
            )
        case WindowRecord(start=start, end=end) if end < start:
            yield (
                DeadLetterReason.CONTRADICTION,
                f"{path} is [{start}, {end}]; an end at or after the start was wanted; {remedy}",
            )
        case Struct():
            for name, item in _fields(value):
                yield from _broken_rules(item, remedy, f"{path}.{name}" if path else name)
        case tuple():
            for index, item in enumerate(value):
                yield from _broken_rules(item, remedy, f"{path}[{index}]")
