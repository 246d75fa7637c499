"""A tree of settings models as flat keys: which keys exist, of what type, with what values.

A value of another type is refused, and not made to fit: `true` is no port, 9470.0 no whole number. pydantic
reads what looks like a number as one (true is 1, " 9470 " is 9470), which a settings file or a shell may
produce by mistake. This is the one place that decides what each type takes, for every setting.
"""

import re
import types
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Annotated, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr

from brentwatch.settings.origins import Key

ANY = "*"
"""Stands for the name that the operator chooses, as in `instruments.*.partition`."""


def list_keys(annotation: object, above: Key = ()) -> Iterator[Key]:
    """Every key below a settings model, `ANY` where the operator chooses the name."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, field in annotation.model_fields.items():
            yield from list_keys(field.annotation, (*above, name))
    elif get_origin(annotation) is dict:
        yield from list_keys(get_args(annotation)[1], (*above, ANY))
    else:
        yield above


def find_type(annotation: object, key: Key) -> object:
    """The type that the models give to `key`; None where there is no such key."""
    if not key:
        return annotation
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        field = annotation.model_fields.get(key[0])
        return None if field is None else find_type(field.annotation, key[1:])
    return find_type(get_args(annotation)[1], key[1:]) if get_origin(annotation) is dict else None


def is_secret(annotation: object, key: Key) -> bool:
    """True where the value of `key` must never be shown."""
    found = find_type(annotation, key)
    return found is SecretStr or SecretStr in get_args(found)


def is_list(annotation: object, key: Key) -> bool:
    """True where `key` takes several values, which flags and the environment write with commas."""
    return get_origin(find_type(annotation, key)) in (tuple, list, frozenset)


def list_values(settings: object, above: Key = ()) -> Iterator[tuple[Key, object]]:
    """Every key of checked settings with its value, in the order of the models."""
    match settings:
        case BaseModel():
            below = {name: getattr(settings, name) for name in type(settings).model_fields}
        case dict() if settings:
            below = settings
        case _:
            yield above, settings
            return
    for name, value in below.items():
        yield from list_values(value, (*above, name))


_WHOLE = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?([0-9]+(?:\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?|[+-]?(inf|nan)", re.IGNORECASE)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SWITCH = re.compile(r"true|false|yes|no|on|off|1|0", re.IGNORECASE)


class Unfit:
    """Stands for a value of another type, which no model takes; it is shown as that value."""

    def __init__(self, value: object) -> None:
        self.value = value

    def __repr__(self) -> str:
        return repr(self.value)


def fit_value(annotation: object, value: object) -> object:
    """`value` where a setting of this type takes its type, otherwise `Unfit`; a list item by item."""
    kinds = _unpack_kinds(annotation)
    if isinstance(value, list | tuple):
        item = next(
            (get_args(kind)[0] for kind in kinds if get_origin(kind) in (tuple, list, frozenset)), None
        )
        return [fit_value(item, each) for each in value]
    takes = next((_TAKES[kind] for kind in kinds if isinstance(kind, type) and kind in _TAKES), None)
    return value if takes is None or takes(value) else Unfit(value)


def _unpack_kinds(annotation: object) -> tuple[object, ...]:
    """The types behind `Annotated` and `| None`."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _unpack_kinds(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return tuple(kind for part in get_args(annotation) for kind in _unpack_kinds(part))
    return (annotation,)


def _is_whole(value: object) -> bool:
    if isinstance(value, str):
        return _WHOLE.fullmatch(value) is not None
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    if isinstance(value, str):
        return _NUMBER.fullmatch(value) is not None
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_day(value: object) -> bool:
    if isinstance(value, str):
        return _DAY.fullmatch(value) is not None
    return isinstance(value, date) and not isinstance(value, datetime)


def _is_switch(value: object) -> bool:
    return isinstance(value, bool) or (isinstance(value, str) and _SWITCH.fullmatch(value) is not None)


_TAKES: dict[type, Callable[[object], bool]] = {
    int: _is_whole,
    float: _is_number,
    date: _is_day,
    bool: _is_switch,
}
