"""Reads `history.toml`: what a recorded history is called, where it comes from, when its story starts."""

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from brentwatch.wire.faults import Faults, field_faults

_REMEDY = "correct history.toml"
_Sentence = Annotated[str, Meta(min_length=1)]


class Context(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the press wrote of a day, or what else happened on it: shown beside the story, never tested."""

    date: date
    text: _Sentence
    source: _Sentence


class Manifest(Struct, frozen=True, kw_only=True):
    """`start` is the first session that is tested; with `events` only those in a window of an event are."""

    title: _Sentence
    source: _Sentence
    licence: _Sentence
    start: date
    sessions: Literal["all", "events"] = "all"
    context: tuple[Context, ...] = ()


def read_manifest(data: bytes, faults: Faults) -> Manifest | None:
    """The settings of a history; None after what is wrong went to `faults`."""
    try:
        values = tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        faults.add(f"history.toml cannot be read ({error}); TOML in UTF-8 was wanted; {_REMEDY}")
        return None
    found = (*_unknown_keys(values), *field_faults(Manifest, values, _REMEDY))
    faults.add(*found)
    return None if found else msgspec.convert(values, Manifest)


def _unknown_keys(values: Mapping[str, Any]) -> Iterator[str]:
    known = [field.encode_name for field in msgspec.structs.fields(Manifest)]
    for key in values:
        if key not in known:
            close = get_close_matches(key, known, n=1)
            meant = f" (did you mean {close[0]}?)" if close else ""
            yield (
                f"history.toml has the key {key!r}{meant}; "
                f"{', '.join(known)} were wanted; rename or remove it"
            )
