"""What is wrong with an input: the reason of a dead letter, and every fault at once, each in a sentence."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar

import msgspec

from brentwatch.core.errors import InvalidInput


class DeadLetterReason(StrEnum):
    """The closed list of reasons: it labels a metric and a header of the dead-letter record."""

    TOO_LARGE = "too_large"
    NOT_JSON = "not_json"
    TOO_DEEP = "too_deep"
    ENVELOPE = "envelope"
    SCHEMA = "schema"
    CONTRADICTION = "contradiction"
    KNOWN_BEFORE_OCCURRED = "known_before_occurred"
    FUTURE = "future"
    """It is known, or occurs, long after its record was written."""

    INTERNAL = "internal"
    """An unexpected error: a bug in the program, not a fault of the message."""


class InvalidMessage(InvalidInput):
    """A message for the dead letters: `reason`, and in `faults` one sentence for each fault."""

    def __init__(self, reason: DeadLetterReason, *faults: str) -> None:
        super().__init__(*faults)
        self.reason = reason


_MESSAGE = re.compile(r"^(?P<expected>.*?)(?: - at `\$(?P<path>[^`]*)`)?$", re.DOTALL)
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")
_LONGEST_SHOWN = 60
_MOST_TOLD = 20

T = TypeVar("T")


class Faults:
    """Collects the faults of one input to raise them together: the first twenty, and the number of others."""

    def __init__(self) -> None:
        self._sentences: list[str] = []
        self._untold = 0

    def add(self, *sentences: str) -> None:
        """Notes faults."""
        room = _MOST_TOLD - len(self._sentences)
        self._sentences.extend(sentences[:room])
        self._untold += len(sentences[room:])

    def attempt(self, read: Callable[[], T]) -> T | None:
        """The result of `read`; None if it raised `InvalidInput`, whose faults are noted."""
        try:
            return read()
        except InvalidInput as error:
            self.add(*error.faults)
            return None

    def __bool__(self) -> bool:
        return bool(self._sentences)

    def build_error(self) -> InvalidInput:
        """The error to raise: the first twenty faults in words, the others as a number."""
        more = (f"… and {self._untold:,} more faults; correct these first",) if self._untold else ()
        return InvalidInput(*self._sentences, *more)


def find_field_faults(
    struct: type[msgspec.Struct], values: Mapping[str, Any], remedy: str
) -> tuple[str, ...]:
    """One sentence for each field of `struct` that `values` (decoded JSON or TOML) lacks or gets wrong.

    `remedy` ends each sentence: what to do. A field that contains others is reported with its first fault.
    """
    faults = (_check_field(field, values, remedy) for field in _list_fields(struct))
    return tuple(fault for fault in faults if fault is not None)


@cache
def _list_fields(struct: type[msgspec.Struct]) -> tuple[msgspec.structs.FieldInfo, ...]:
    """Computed once per class: it takes msgspec longer than a message, and bad messages come in floods."""
    return msgspec.structs.fields(struct)


def convert_whole_numbers(value: object) -> object:
    """The decoded JSON with 3.0 as 3: JSON Schema calls both an integer, msgspec only the second.

    It recurses: `json_text` has counted the depth of everything that comes here.
    """
    match value:
        case float() if value.is_integer():
            return int(value)
        case list():
            return [convert_whole_numbers(item) for item in value]
        case dict():
            return {key: convert_whole_numbers(item) for key, item in value.items()}
        case _:
            return value


_MAY_QUOTE = ContextVar("_MAY_QUOTE", default=True)


@contextmanager
def hide_values() -> Iterator[None]:
    """Within this context, sentences name the kind of a wrong value and do not quote it.

    It is for files that others put into a folder: a refused file may be a secret, and the sentence is logged.
    """
    before = _MAY_QUOTE.set(False)
    try:
        yield
    finally:
        _MAY_QUOTE.reset(before)


def show_value(value: object) -> str:
    """A value as a sentence quotes it: on one line, and short."""
    if not _MAY_QUOTE.get():
        return _describe_kind(value)
    text = value.isoformat() if isinstance(value, date) else repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def explain_error(error: BaseException) -> str:
    """The error of a library, which may quote the input; only its kind if nothing may be quoted."""
    return str(error) if _MAY_QUOTE.get() else type(error).__name__


def _describe_kind(value: object) -> str:
    match value:
        case str():
            return f"text of {len(value):,} characters"
        case bytes():
            return f"{len(value):,} bytes"
        case None | bool():
            return repr(value)
        case int() | float():
            return "a number"
        case list() | tuple():
            return "a list"
        case dict():
            return "an object"
        case _:
            return "a value"


def _check_field(field: msgspec.structs.FieldInfo, values: Mapping[str, Any], remedy: str) -> str | None:
    name = field.encode_name
    if name not in values:
        return f"{name} is missing; it is required; {remedy}" if field.required else None
    try:
        msgspec.convert(values[name], field.type)
    except msgspec.ValidationError as error:
        return _format_fault(name, values[name], str(error), remedy)
    return None


def _format_fault(name: str, value: Any, message: str, remedy: str) -> str:
    found = _MESSAGE.fullmatch(message)
    path = (found["path"] or "") if found else ""
    expected = found["expected"] if found else message
    if not _MAY_QUOTE.get():
        expected = expected.partition(" '")[0]  # for a closed list msgspec quotes the value
    for key, index in _STEP.findall(path):
        value = value[key] if key else value[int(index)]
    return f"{name}{path} is {show_value(value)}; {expected[:1].lower()}{expected[1:]}; {remedy}"
