"""Studies and alerts on their topics: to bytes and back, exact to the last bit of a number.

They are defined once: the fields are those of the core, the limits those of `schemas/`, and the Structs that
hold a document are made of both; see `document_types`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from typing import Annotated, Any, TypeVar, get_args

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import replace

from brentwatch.core.domain import Alert, Study, Window
from brentwatch.wire.decoding import check_depth, decode_json
from brentwatch.wire.document_types import Records, build_structs
from brentwatch.wire.input_faults import (
    DeadLetterReason,
    InvalidMessage,
    convert_whole_numbers,
    find_field_faults,
    show_value,
)

LOCK_SCREEN_CHARACTERS = 120
CARD_LINES = 6
CARD_LINE_CHARACTERS = 300
"""Characters are Unicode code points."""

# `$` also matches before a line feed at the very end; the look-ahead closes that gap, in ECMAScript too.
_ONE_LINE = r"^[^\r\n]+$(?!\n)"
_SIX_LINES = r"^[^\r\n]+(\n[^\r\n]+){0,5}$(?!\n)"
_CARD_CHARACTERS = CARD_LINES * (CARD_LINE_CHARACTERS + 1) - 1

LockScreen = Annotated[str, Meta(max_length=LOCK_SCREEN_CHARACTERS, pattern=_ONE_LINE)]
Card = Annotated[str, Meta(max_length=_CARD_CHARACTERS, pattern=_SIX_LINES)]


class AlertText(Struct, frozen=True, kw_only=True):
    """What a channel sends: `lock_screen` is one line, `card` at most six, separated by line feeds."""

    lock_screen: LockScreen
    card: Card

    @property
    def lines(self) -> list[str]:
        """The lock screen and the lines of the card."""
        return [self.lock_screen, *self.card.split("\n")]


@dataclass(frozen=True, slots=True)
class PublishedAlert:
    """An alert as it is on its topic; `text` is None where a version that wrote no text published it."""

    alert: Alert
    text: AlertText | None


FIRST_YEAR, LAST_YEAR = 1900, 2099
"""The years that a time in a study or an alert may name: one more at each end than `event_rules` lets in."""

RECORDS: Records = {}
_STUDY = build_structs(Study, "study.v1", RECORDS)
_ALERT = build_structs(Alert, "alert.v1", RECORDS, ("text", AlertText | UnsetType, UNSET))
_WINDOW: Any = RECORDS[Window]
_CORE: dict[type, type] = {record: core for core, record in RECORDS.items()}
_NAMES: dict[type, tuple[str, ...]] = {
    each: tuple(field.name for field in fields(core))
    for core, record in RECORDS.items()
    for each in (core, record)
}
"""The fields that a core type and its Struct share; the words of an alert are in the Struct alone."""

_STUDY_REMEDY = "correct whoever publishes studies, as schemas/study.v1.schema.json says"
_ALERT_REMEDY = "correct whoever publishes alerts, as schemas/alert.v1.schema.json says"

_encoder = msgspec.json.Encoder()


class _Dated(Struct):
    known_at: datetime


_dated_decoder = msgspec.json.Decoder(_Dated)


def encode_study(study: Study) -> bytes:
    """The JSON of a study; the same study gives the same bytes.

    Raises:
        InvalidMessage: if it holds what the schema refuses.
    """
    return _encoder.encode(_build_document(study, _STUDY, _STUDY_REMEDY))


def decode_study(data: bytes) -> Study:
    """The study in the value of a message; times in UTC.

    Raises:
        InvalidMessage: if it is not JSON, against the schema, or contradicts itself.
    """
    study: Study = _translate(_decode_document(data, _STUDY, _STUDY_REMEDY), _CORE)
    return study


def encode_alert(alert: Alert, text: AlertText | None = None) -> bytes:
    """The JSON of an alert with its words; the same alert and words give the same bytes.

    Raises:
        InvalidMessage: if the alert holds what the schema refuses.
    """
    document = _build_document(alert, _ALERT, _ALERT_REMEDY)
    return _encoder.encode(document if text is None else replace(document, text=text))


def decode_alert(data: bytes) -> PublishedAlert:
    """The alert in the value of a message, with its words; times in UTC.

    Raises:
        InvalidMessage: if it is not JSON, against the schema, or contradicts itself.
    """
    document: Any = _decode_document(data, _ALERT, _ALERT_REMEDY)
    return PublishedAlert(
        alert=_translate(document, _CORE), text=None if document.text is UNSET else document.text
    )


def decode_known_at(data: bytes) -> datetime:
    """When an alert was known (UTC), of one that `decode_alert` has read: nothing else is looked at."""
    return _dated_decoder.decode(data).known_at


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

D = TypeVar("D", bound=Struct)


def _build_document(value: Study | Alert, record: type[D], remedy: str) -> D:
    return _convert_at_once(value, record) or _convert_thoroughly(value, record, remedy)


def _decode_document(data: bytes, record: type[D], remedy: str) -> D:
    check_depth(data)
    try:
        document = msgspec.json.decode(data, type=record)
    except (msgspec.DecodeError, UnicodeDecodeError):
        document = _read(convert_whole_numbers(decode_json(data)), record, remedy)
    return _check_document(document, remedy)


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


def _is_sound(value: Any) -> bool:
    """What no Struct states: years within reason, and windows that end after they start."""
    if isinstance(value, _WINDOW):
        return bool(value.start <= value.end)
    return bool(FIRST_YEAR <= value.year <= LAST_YEAR)


def _gather_ruled(document: Struct) -> list[Any]:
    """Everything in a document that a rule is about, found by the types of its fields."""
    found: list[Any] = []
    _gather(document, found)
    return found


def _gather(document: Struct, into: list[Any]) -> None:
    for name in _RULED[type(document)]:
        value = getattr(document, name)
        for item in value if type(value) is tuple else (value,):
            if isinstance(item, (date, _WINDOW)):
                into.append(item)
            elif item is not None:
                _gather(item, into)


def _find_broken_rules(value: Any, remedy: str, path: str) -> Iterator[tuple[DeadLetterReason, str]]:
    match value:
        case date() if not _is_sound(value):
            yield (
                DeadLetterReason.SCHEMA,
                f"{path} is {show_value(value)}; a year from {FIRST_YEAR} to {LAST_YEAR} is expected; "
                f"{remedy}",
            )
        case Struct() if isinstance(value, _WINDOW):
            if not _is_sound(value):
                yield (
                    DeadLetterReason.CONTRADICTION,
                    f"{path} is [{value.start}, {value.end}]; an end at or after the start was wanted; "
                    f"{remedy}",
                )
        case Struct():
            for name in value.__struct_fields__:
                yield from _find_broken_rules(
                    getattr(value, name), remedy, f"{path}.{name}" if path else name
                )
        case tuple():
            for index, item in enumerate(value):
                yield from _find_broken_rules(item, remedy, f"{path}[{index}]")
