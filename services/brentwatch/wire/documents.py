"""Reads a JSON document into its Struct, reporting all faults together, and converts Structs and core types.

It also checks what a Struct cannot state: plausible years, and windows that end after they start.
"""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, TypeVar, get_args

import msgspec
from msgspec import Struct

from brentwatch.wire.decoding import check_depth, decode_json
from brentwatch.wire.input_faults import (
    DeadLetterReason,
    InvalidMessage,
    convert_whole_numbers,
    find_field_faults,
    show_value,
)

FIRST_YEAR, LAST_YEAR = 1900, 2099
"""The years allowed for a time in a study or an alert: one more at each end than in `event_rules`."""


class WindowDocument(Struct, frozen=True, kw_only=True):
    """Sessions after the news, both ends inclusive."""

    start: int
    end: int


class Heading(Struct, frozen=True):
    """The fields that say which Struct a document is; documents without a version are of version 1."""

    version: Any = 1
    test: Any = None


_heading_decoder = msgspec.json.Decoder(Heading)

D = TypeVar("D", bound=Struct)


def read_heading(data: bytes, newest: int) -> Heading:
    """The heading of a document of a version up to `newest`.

    Raises:
        InvalidMessage: if it is no JSON object, or of another version.
    """
    check_depth(data)
    try:
        heading = _heading_decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        values = _check_object(decode_json(data))
        heading = Heading(values.get("version", 1), values.get("test"))
    if type(heading.version) in (int, float) and heading.version in range(1, newest + 1):
        return heading
    raise InvalidMessage(DeadLetterReason.SCHEMA, _explain_version(heading.version, newest))


def _explain_version(version: object, newest: int) -> str:
    if isinstance(version, int) and version > newest:
        return (
            f"version is {show_value(version)}; expected at most {newest}: a newer brentwatch wrote it; "
            "upgrade this reader"
        )
    return f"version is {show_value(version)}; expected a number from 1 to {newest}; correct its writer"


def decode_document(data: bytes, record: type[D], remedy: str) -> D:
    """The document in the value of a message whose heading was read, checked.

    Raises:
        InvalidMessage: if it is not JSON, no `record`, or contradicts itself.
    """
    try:
        document = msgspec.json.decode(data, type=record)
    except (msgspec.DecodeError, UnicodeDecodeError):
        document = read_values(convert_whole_numbers(decode_json(data)), record, remedy)
    return check_document(document, remedy)


def read_values(values: object, record: type[D], remedy: str) -> D:
    """The slow and thorough path: the document of the values, or every fault.

    Raises:
        InvalidMessage: if there is one.
    """
    faults = find_field_faults(record, _check_object(values), remedy)
    if faults:
        raise InvalidMessage(DeadLetterReason.SCHEMA, *faults)
    return msgspec.convert(values, record)


def _check_object(values: object) -> dict[str, Any]:
    if isinstance(values, dict):
        return values
    raise InvalidMessage(
        DeadLetterReason.SCHEMA,
        f"the message is {show_value(values)}; expected a JSON object; correct its writer",
    )


def check_document(document: D, remedy: str) -> D:
    """The document itself.

    Raises:
        InvalidMessage: if it breaks a rule that no Struct states.
    """
    if not all(map(_is_sound, gather_ruled(document))):
        faults = tuple(_find_broken_rules(document, remedy, ""))
        raise InvalidMessage(faults[0][0], *(sentence for _, sentence in faults))
    return document


def is_faultless(document: Struct) -> bool:
    """True if the document breaks no rule, and all its times are in UTC."""
    ruled = gather_ruled(document)
    in_utc = all(each.tzinfo is UTC for each in ruled if isinstance(each, datetime))
    return in_utc and all(map(_is_sound, ruled))


def translate(value: object, types: Mapping[type, Any]) -> Any:
    """The value with everything of a type in `types` converted to the other, and its times in UTC.

    The fields are those that both types have.
    """
    kind: Any = type(value)
    if isinstance(value, tuple):
        return tuple(translate(item, types) for item in value)
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if kind not in types:
        return value
    found = {}
    for name in _list_shared_fields(kind, types[kind]):
        item = getattr(value, name)
        found[name] = item if type(item) in _PLAIN else translate(item, types)
    return types[kind](**found)


_PLAIN = frozenset((str, float, int, bool, type(None)))
"""The types of most values in a document, which are copied unchanged."""


@cache
def _list_shared_fields(one: type, other: type) -> tuple[str, ...]:
    known = frozenset(_list_fields(other))
    return tuple(name for name in _list_fields(one) if name in known)


def _list_fields(kind: Any) -> tuple[str, ...]:
    if is_dataclass(kind):
        return tuple(field.name for field in fields(kind))
    return tuple(kind.__struct_fields__)


def gather_ruled(document: Struct) -> list[Any]:
    """Every date and window in a document, found by the types of its fields."""
    found: list[Any] = []
    _gather(document, found)
    return found


def _gather(document: Struct, into: list[Any]) -> None:
    for name in _list_ruled_fields(type(document)):
        value = getattr(document, name)
        for item in value if type(value) is tuple else (value,):
            if isinstance(item, (date, WindowDocument)):
                into.append(item)
            elif isinstance(item, Struct):
                _gather(item, into)


@cache
def _list_ruled_fields(record: type[Struct]) -> tuple[str, ...]:
    """The fields that a rule checks, or that contain such fields; the others are skipped."""
    return tuple(field.name for field in msgspec.structs.fields(record) if _is_ruled(field.type))


def _is_ruled(kind: Any) -> bool:
    """True for a type that is, or may hold, a date or a Struct."""
    if isinstance(kind, type):
        return issubclass(kind, (date, Struct))
    return any(map(_is_ruled, get_args(kind)))


def _is_sound(value: Any) -> bool:
    if isinstance(value, WindowDocument):
        return value.start <= value.end
    return bool(FIRST_YEAR <= value.year <= LAST_YEAR)


def _find_broken_rules(value: Any, remedy: str, path: str) -> Iterator[tuple[DeadLetterReason, str]]:
    match value:
        case date() if not _is_sound(value):
            yield (
                DeadLetterReason.SCHEMA,
                f"{path} is {show_value(value)}; expected a year from {FIRST_YEAR} to {LAST_YEAR}; {remedy}",
            )
        case WindowDocument() if not _is_sound(value):
            yield (
                DeadLetterReason.CONTRADICTION,
                f"{path} is [{value.start}, {value.end}]; expected an end at or after the start; {remedy}",
            )
        case Struct():
            for name in value.__struct_fields__:
                inner = f"{path}.{name}" if path else name
                yield from _find_broken_rules(getattr(value, name), remedy, inner)
        case tuple():
            for index, item in enumerate(value):
                yield from _find_broken_rules(item, remedy, f"{path}[{index}]")
