"""What the monitor publishes, bytes to core types and back: field for field, since the names are the same."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, date, datetime
from typing import Any, TypeVar, get_args

import msgspec
from msgspec import Struct

from brentwatch.core.domain.alerts import Alert
from brentwatch.core.domain.confounders import Confounder
from brentwatch.core.domain.event_windows import Window
from brentwatch.core.domain.own_calibration import OwnCalibration, WindowSizes
from brentwatch.core.domain.study import (
    Answered,
    Beside,
    Calibration,
    Diagnostics,
    EventRef,
    Found,
    Move,
    NotYet,
    Refused,
    Scale,
    Study,
    Unlisted,
    Within,
)
from brentwatch.wire.alert_document import AlertDocument
from brentwatch.wire.decoding import check_depth, decode_json
from brentwatch.wire.input_faults import (
    DeadLetterReason,
    InvalidMessage,
    convert_whole_numbers,
    find_field_faults,
    show_value,
)
from brentwatch.wire.study_document import (
    AnsweredRecord,
    BesideRecord,
    CalibrationRecord,
    ConfounderRecord,
    DiagnosticsRecord,
    EventRefRecord,
    FoundRecord,
    MoveRecord,
    OwnCalibrationRecord,
    PendingRecord,
    RefusedRecord,
    ScaleRecord,
    StudyDocument,
    UnlistedRecord,
    WindowRecord,
    WindowSizesRecord,
    WithinRecord,
)

RECORDS: dict[type, type[Struct]] = {
    Window: WindowRecord,
    Found: FoundRecord,
    NotYet: PendingRecord,
    Refused: RefusedRecord,
    EventRef: EventRefRecord,
    Unlisted: UnlistedRecord,
    Move: MoveRecord,
    Confounder: ConfounderRecord,
    Calibration: CalibrationRecord,
    Beside: BesideRecord,
    Scale: ScaleRecord,
    Diagnostics: DiagnosticsRecord,
    Study: StudyDocument,
    Alert: AlertDocument,
    Within: WithinRecord,
    Answered: AnsweredRecord,
    OwnCalibration: OwnCalibrationRecord,
    WindowSizes: WindowSizesRecord,
}
"""Each core type and the Struct that it is on the wire."""

_CORE: dict[type, type] = {record: core for core, record in RECORDS.items()}
_NAMES: dict[type, tuple[str, ...]] = {
    each: tuple(field.name for field in fields(core))
    for core, record in RECORDS.items()
    for each in (core, record)
}
"""The fields that a core type and its Struct share; the words of an alert are in the Struct alone."""

_encoder = msgspec.json.Encoder()

FIRST_YEAR, LAST_YEAR = 1900, 2099
"""The years that a time in a study or an alert may name: one more at each end than `event_rules` lets in."""


def _is_ruled(kind: Any) -> bool:
    """True for a type that is, or may hold, a date or a Struct of `RECORDS`."""
    if isinstance(kind, type):
        return issubclass(kind, (date, *_CORE))
    return any(map(_is_ruled, get_args(kind)))


_RULED: dict[type, tuple[str, ...]] = {
    record: tuple(field.name for field in msgspec.structs.fields(record) if _is_ruled(field.type))
    for record in RECORDS.values()
}
"""The fields of each Struct that a rule is about, or that hold others: none of the others is looked at."""

T = TypeVar("T")
D = TypeVar("D", bound=Struct)


def build_document(value: Study | Alert, record: type[D], remedy: str) -> D:
    """A study or an alert as the Struct `record`, which `RECORDS` names for it.

    Raises:
        InvalidMessage: if it holds what the schema refuses; each fault ends with `remedy`.
    """
    return _convert_at_once(value, record) or _convert_thoroughly(value, record, remedy)


def encode_document(document: Struct) -> bytes:
    """The JSON of a document; the same document gives the same bytes."""
    return _encoder.encode(document)


def decode_document(data: bytes, record: type[D], remedy: str) -> D:
    """The document of the type `record` in a message.

    Raises:
        InvalidMessage: if it is not JSON, against the schema, or contradicts itself.
    """
    check_depth(data)
    try:
        document = msgspec.json.decode(data, type=record)
    except (msgspec.DecodeError, UnicodeDecodeError):
        document = _read(convert_whole_numbers(decode_json(data)), record, remedy)
    return _check_document(document, remedy)


def convert_to_core(document: Struct, core: type[T]) -> T:
    """A document as the value of the type `core`, for which `RECORDS` names its Struct; times in UTC."""
    value: T = _translate(document, _CORE)
    return value


def _convert_at_once(value: Study | Alert, record: type[D]) -> D | None:
    """The value as its Struct; None where it has a fault to be told, or a time that is not in UTC."""
    try:
        document = msgspec.convert(value, record, from_attributes=True)
    except msgspec.ValidationError:
        return None
    ruled = _gather_ruled(document)
    in_utc = all(each.tzinfo is UTC for each in ruled if isinstance(each, datetime))
    return document if in_utc and all(map(_is_sound, ruled)) else None


def _convert_thoroughly(value: Study | Alert, record: type[D], remedy: str) -> D:
    values = msgspec.to_builtins(_translate(value, RECORDS))
    return _check_document(_read(values, record, remedy), remedy)


def _translate(value: object, types: dict[type, Any]) -> Any:
    """The value with everything of a type in `types` made anew in the other, and its times in UTC."""
    match value:
        case tuple():
            return tuple(_translate(item, types) for item in value)
        case datetime():
            return value.astimezone(UTC)
        case _ if type(value) in types:
            names = _NAMES[type(value)]
            return types[type(value)](**{name: _translate(getattr(value, name), types) for name in names})
        case _:
            return value


def _list_fields(value: Any) -> Iterator[tuple[str, object]]:
    names = value.__struct_fields__ if isinstance(value, Struct) else (field.name for field in fields(value))
    return ((name, getattr(value, name)) for name in names)


def _read(values: object, record: type[D], remedy: str) -> D:
    """Slow and thorough: the document of the values, or every fault."""
    if not isinstance(values, dict):
        raise InvalidMessage(
            DeadLetterReason.SCHEMA,
            f"the message is {show_value(values)}; a JSON object was wanted; {remedy}",
        )
    faults = find_field_faults(record, values, remedy)
    if faults:
        raise InvalidMessage(DeadLetterReason.SCHEMA, *faults)
    return msgspec.convert(values, record)


def _check_document(document: D, remedy: str) -> D:
    if not all(map(_is_sound, _gather_ruled(document))):
        faults = tuple(_find_broken_rules(document, remedy, ""))
        raise InvalidMessage(faults[0][0], *(sentence for _, sentence in faults))
    return document


def _is_sound(value: date | WindowRecord) -> bool:
    """What no Struct states: years within reason, and windows that end after they start."""
    if isinstance(value, WindowRecord):
        return value.start <= value.end
    return FIRST_YEAR <= value.year <= LAST_YEAR


def _gather_ruled(document: Struct) -> list[date | WindowRecord]:
    """Everything in a document that a rule is about, found by the types of its fields."""
    found: list[date | WindowRecord] = []
    _gather(document, found)
    return found


def _gather(document: Struct, into: list[date | WindowRecord]) -> None:
    for name in _RULED[type(document)]:
        value = getattr(document, name)
        for item in value if type(value) is tuple else (value,):
            if isinstance(item, (date, WindowRecord)):
                into.append(item)
            elif item is not None:
                _gather(item, into)


def _find_broken_rules(value: object, remedy: str, path: str) -> Iterator[tuple[DeadLetterReason, str]]:
    match value:
        case date() if not _is_sound(value):
            yield (
                DeadLetterReason.SCHEMA,
                f"{path} is {show_value(value)}; a year from {FIRST_YEAR} to {LAST_YEAR} is expected; "
                f"{remedy}",
            )
        case WindowRecord(start=start, end=end) if not _is_sound(value):
            yield (
                DeadLetterReason.CONTRADICTION,
                f"{path} is [{start}, {end}]; an end at or after the start was wanted; {remedy}",
            )
        case Struct():
            for name, item in _list_fields(value):
                yield from _find_broken_rules(item, remedy, f"{path}.{name}" if path else name)
        case tuple():
            for index, item in enumerate(value):
                yield from _find_broken_rules(item, remedy, f"{path}[{index}]")
