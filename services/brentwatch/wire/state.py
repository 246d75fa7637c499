"""What the monitor keeps on `impact.state`, values to bytes and back: core types as they are, tagged by name.

Nobody else reads these. A value is JSON, `{"version": 6, "rules": 4, "value": …}`, with `{"$": "Bar", …}` for
each core type; numbers come back to their last bit. A field that is missing takes its default, so that an
older value can be read; what a newer version or higher rules wrote stops the reader.

The cursor is the offset on the timeline that the state has come to. It is written in the transaction that
commits the same offset for the group, so the two agree, or somebody has moved one of them. It also counts the
keys of the state: a topic that was deleted and created again holds the newest changes and a fitting cursor,
and only the count says that the rest is lost.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from typing import Any

import msgspec
import numpy as np
from immutables import Map

from brentwatch.core import domain
from brentwatch.core.errors import STOPPING, NewerState, SettingsError
from brentwatch.core.forecasts import adaptive_rank, forecast
from brentwatch.core.forecasts.volatility import Garch
from brentwatch.core.intraday.openings import SessionTests
from brentwatch.core.monitor import state, state_values
from brentwatch.core.monitor.state_values import Value
from brentwatch.core.sessions.calendar import Hours
from brentwatch.wire.decoding import check_depth

Write = Callable[[Any], Any]
Read = Callable[[Any], Any]

VERSION = 6
"""2: with bars of five minutes; 3: their tests without the ids of events; 4: with the number of the rules,
bare dates and forecasts over missing sessions; 5: with nearness to oil, and counts of the events that are not
listed; 6: with the errors of a calibration and the prices it was measured on. What 1 to 5 wrote is read."""

_TYPES: tuple[type, ...] = (
    *(state_values.Meta, state_values.Session, state_values.Forecasts),
    *(state.Waiting, state.Known, state.Joined, state.MonthlyFit, state.SessionRecord),
    *(
        domain.Bar,
        domain.UnrestEvent,
        domain.Exposure,
        domain.Refused,
        domain.Addis,
        Garch,
        domain.Window,
    ),
    *(forecast.Mean, forecast.Memory, forecast.Path, forecast.Residuals, forecast.StudentT),
    *(adaptive_rank.RankForecast, domain.Alert, domain.Confounder),
    *(
        domain.Study,
        domain.Diagnostics,
        domain.Scale,
        domain.EventRef,
        domain.Unlisted,
        domain.Move,
        domain.Found,
        domain.NotYet,
        domain.Beside,
        domain.Calibration,
    ),
    *(
        domain.Within,
        domain.Answered,
        domain.OwnCalibration,
        domain.WindowSizes,
        state_values.FiveMinutes,
        Hours,
    ),
    *(state.Opening, SessionTests),
    *(domain.EventClass, domain.Verification, domain.Precision, domain.Status, domain.ConfounderKind),
    *(domain.Cause, domain.Direction, domain.Severity),
)
_FIELDS = {each: tuple(field.name for field in fields(each)) for each in _TYPES if is_dataclass(each)}

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


def encode_saved(value: Value) -> bytes:
    """The bytes of a value; the same value gives the same bytes."""
    return _encode({"version": VERSION, "rules": domain.RULES, "value": _write_value(value)})


def decode_saved(data: bytes) -> Value:
    """The value of these bytes.

    Raises:
        NewerState: if it is of higher rules.
        SettingsError: if a newer version of brentwatch wrote it, or it is no value of ours.
    """
    try:
        check_depth(data)
        document = _decode(data)
        if (rules := document.get("rules", 1)) > domain.RULES:
            raise NewerState(
                f"rules {rules} decided it, and this installation knows rules up to {domain.RULES}: it is "
                "older than the state; upgrade it"
            )
        version = document["version"]
        if version > VERSION:
            raise SettingsError(
                f"the state was written in version {version} by a newer brentwatch, and this program reads "
                f"up to {VERSION}: run the newer one, or recreate the state"
            )
        value: Value = _read_value(document["value"])
    except STOPPING:
        raise
    except Exception as error:
        raise SettingsError(
            f"a value of the state cannot be read ({type(error).__name__}: {error}); expected one that "
            "brentwatch wrote"
        ) from error
    return value


CURSOR = b"cursor"
"""The key of the cursor."""


class Cursor(msgspec.Struct, frozen=True, omit_defaults=True):
    """The state has come to `offset`; `partial` where records before it were deleted unread.

    `keys` counts the values of the state; None where a version that did not count wrote it. `voided` are the
    offsets before `offset` that were passed over, since the operator had voided them. Sessions that were
    decided before `closed_at` are closed: there the state was rebuilt under the rules of today.
    """

    offset: int
    partial: bool = False
    keys: int | None = None
    voided: tuple[int, ...] = ()
    closed_at: int | None = None


def decode_cursor(data: bytes) -> Cursor:
    """The cursor of these bytes.

    Raises:
        SettingsError: if it cannot be read.
    """
    try:
        return msgspec.json.decode(data, type=Cursor)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"its cursor cannot be read ({error})") from error


def _write_value(value: Any) -> Any:
    """JSON of a value; what JSON does not know carries its type."""
    kind = type(value)
    if kind in _AS_IT_IS:
        return value
    if write := _WRITERS.get(kind):
        return write(value)
    raise TypeError(f"{kind.__name__} is no part of a state; add it to _TYPES in {__name__}")


def _build_writer(kind: type) -> Write:
    """How the values of a core type are written."""
    name = kind.__name__
    if kind not in _FIELDS:
        return lambda value: {"$": name, "=": value.value}
    names = _FIELDS[kind]

    def write(value: Any) -> Any:
        made = {"$": name}
        for field in names:
            item = getattr(value, field)
            made[field] = item if type(item) in _AS_IT_IS else _write_value(item)
        return made

    return write


def _write_items(value: Collection[Any]) -> Any:
    """Of numbers and texts as they are: the memory of a model has hundreds."""
    return value if set(map(type, value)) <= _AS_IT_IS else [_write_value(item) for item in value]


def _write_map(value: Mapping[str, Any]) -> Any:
    return {"$": "map", "=": {key: _write_value(value[key]) for key in sorted(value)}}


_AS_IT_IS = frozenset((type(None), bool, int, float, str))
_WRITERS: dict[type, Write] = {kind: _build_writer(kind) for kind in _TYPES} | {
    datetime: lambda value: {"$": "datetime", "=": value.isoformat()},
    date: lambda value: {"$": "date", "=": value.isoformat()},
    tuple: _write_items,
    frozenset: lambda value: {"$": "set", "=": _write_items(sorted(value))},
    np.ndarray: lambda value: {"$": "array", "=": value.tolist()},
    dict: _write_map,
    Map: _write_map,
}


def _read_value(value: Any) -> Any:
    """The value of what `_write_value` made."""
    kind = type(value)
    if kind is dict:
        return _READERS[value["$"]](value)
    if kind is list:
        return tuple(value if set(map(type, value)) <= _AS_IT_IS else map(_read_value, value))
    return value


def _build_reader(kind: type) -> Read:
    """How the values of a core type are read."""
    if kind not in _FIELDS:
        return lambda value: kind(value["="])
    return lambda value: kind(**{name: _read_value(item) for name, item in value.items() if name != "$"})


def _read_session_tests(value: Any) -> SessionTests:
    """Of version 2 too, whose tests had events beside their slots: where each stands the openings tell."""
    slots = [test["slot"] for test in value["tests"]] if "tests" in value else value["slots"]
    return SessionTests(tuple(slots), value["largest"])


_READERS: dict[str, Read] = {kind.__name__: _build_reader(kind) for kind in _TYPES} | {
    "datetime": lambda value: datetime.fromisoformat(value["="]),
    "date": lambda value: date.fromisoformat(value["="]),
    "set": lambda value: frozenset(_read_value(value["="])),
    "array": lambda value: np.array(value["="], dtype=np.float64),
    "map": lambda value: {key: _read_value(item) for key, item in value["="].items()},
    SessionTests.__name__: _read_session_tests,
}
