"""`history.toml`: the title, the sources and the first tested session of a recorded history."""

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from difflib import get_close_matches
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from brentwatch.wire.decoding import decode_toml
from brentwatch.wire.input_faults import Faults, find_field_faults

EVENTS, PRICES, MANIFEST = "events.jsonl", "prices.csv", "history.toml"
"""The files of a recorded history."""

_REMEDY = "correct history.toml"
_Sentence = Annotated[str, Meta(min_length=1)]


class Context(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A press quote or another event of a day: shown with the story, never tested."""

    date: date
    text: _Sentence
    source: _Sentence


class Made(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How `brentwatch history build` made a history of the days `first` to `last` (UTC).

    `prices` is the provider of the price series `series`; `by` the program and its version.
    """

    by: _Sentence
    first: date = msgspec.field(name="from")
    last: date = msgspec.field(name="to")
    feeds: tuple[str, ...]
    prices: str
    series: str


class Manifest(Struct, frozen=True, kw_only=True):
    """`start` is the first session that is tested; with `events` only those in a window of an event are.

    `instrument` is the default instrument. 5-minute bars become known `bars_delay_minutes` after their close,
    15 minutes by default.

    `sha256` has the checksums of files, in hexadecimal; a file with another checksum is refused.
    """

    title: _Sentence
    source: _Sentence
    licence: _Sentence
    start: date
    sessions: Literal["all", "events"] = "all"
    instrument: _Sentence | None = None
    bars_delay_minutes: Annotated[int, Meta(ge=0, le=1440)] | None = None
    context: tuple[Context, ...] = ()
    made: Made | None = None
    sha256: dict[str, str] = {}

    @property
    def delay(self) -> timedelta:
        """How long after its close a 5-minute bar became known."""
        return timedelta(minutes=15 if self.bars_delay_minutes is None else self.bars_delay_minutes)


def read_manifest(data: bytes, faults: Faults) -> Manifest | None:
    """The settings of a history; None if there are faults, which are added to `faults`."""
    try:
        values = decode_toml(data)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        faults.add(f"history.toml cannot be read ({error}); expected TOML in UTF-8; {_REMEDY}")
        return None
    found = (*_find_unknown_keys(values), *find_field_faults(Manifest, values, _REMEDY))
    faults.add(*found)
    return None if found else msgspec.convert(values, Manifest)


def _find_unknown_keys(values: Mapping[str, Any]) -> Iterator[str]:
    known = [field.encode_name for field in msgspec.structs.fields(Manifest)]
    for key in values:
        if key not in known:
            close = get_close_matches(key, known, n=1)
            meant = f" (did you mean {close[0]}?)" if close else ""
            yield (
                f"history.toml has the key {key!r}{meant}; expected {', '.join(known)}; rename or remove it"
            )


def write_manifest(manifest: Manifest) -> bytes:
    """The file of a manifest without context; the same manifest gives the same bytes."""
    values = msgspec.to_builtins(manifest, builtin_types=(date,))
    tables = {name: values.pop(name) for name in ("made", "sha256")}
    values.pop("context")
    values = {name: value for name, value in values.items() if value is not None}
    parts = [
        _format_rows(values),
        *(f"\n[{name}]\n{_format_rows(table)}" for name, table in tables.items() if table),
    ]
    return "".join(parts).encode()


def _format_rows(values: Mapping[str, Any]) -> str:
    return "".join(f"{_format_key(key)} = {_format_value(value)}\n" for key, value in values.items())


def _format_key(key: str) -> str:
    return key if key.isidentifier() else json.dumps(key)


def _format_value(value: object) -> str:
    """A value as TOML: JSON is also TOML for texts and lists of them; a date is written as it is."""
    return value.isoformat() if isinstance(value, date) else json.dumps(value, ensure_ascii=False)


def compute_checksum(data: bytes) -> str:
    """SHA-256, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()
