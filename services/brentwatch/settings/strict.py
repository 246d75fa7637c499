"""A value of another type is refused, and not made to fit: `true` is no port, 9470.0 no whole number.

pydantic reads what looks like a number as one (true is 1, " 9470 " is 9470), which a settings file or a shell
may produce by mistake. This is the one place that decides what each type takes, for every setting.
"""

from __future__ import annotations

import re
import types
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Union, get_args, get_origin

if TYPE_CHECKING:
    from collections.abc import Callable

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
