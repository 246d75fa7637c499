"""What the monitor keeps on `impact.state`, values to bytes and back: core types as they are, tagged by name.

Nobody else reads these. A value is JSON, `{"version": 1, "value": …}`, with `{"$": "Bar", …}` for each core
type; numbers come back to their last bit. A field that is missing takes its default, so that an older value
can be read; what a newer version wrote stops the reader.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from brentwatch.core import alerts, bars, confounders, diagnostics, events, exposure, saving, state, study
from brentwatch.core.errors import SettingsError
from brentwatch.core.normal_returns import adaptive_rank, forecast
from brentwatch.core.refused import Refused
from brentwatch.core.significance.addis import Addis
from brentwatch.core.volatility import Garch
from brentwatch.core.windows import Window

if TYPE_CHECKING:
    from brentwatch.core.saving import Value

VERSION = 1

_TYPES: tuple[type, ...] = (
    *(saving.Meta, saving.Session, saving.Forecasts),
    *(state.Waiting, state.Known, state.Joined, state.MonthlyFit, state.SessionRecord),
    *(
        bars.Bar,
        events.UnrestEvent,
        exposure.Exposure,
        Refused,
        Addis,
        Garch,
        diagnostics.Diagnostics,
        Window,
    ),
    *(forecast.Mean, forecast.Memory, forecast.Path, forecast.Scale, forecast.Residuals, forecast.StudentT),
    *(adaptive_rank.RankForecast, alerts.Alert, confounders.Confounder),
    *(study.Study, study.EventRef, study.Move, study.Found, study.NotYet, study.Beside, study.Calibration),
    *(events.EventClass, events.Verification, events.Precision, events.Status, confounders.ConfounderKind),
    *(alerts.Cause, alerts.Direction, alerts.Severity),
)
_BY_NAME = {each.__name__: each for each in _TYPES}
_FIELDS = {each: tuple(field.name for field in fields(each)) for each in _TYPES if is_dataclass(each)}

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


def encode_saved(value: Value) -> bytes:
    """The bytes of a value; the same value gives the same bytes."""
    return _encode({"version": VERSION, "value": _plain(value)})


def decode_saved(data: bytes) -> Value:
    """The value of these bytes.

    Raises:
        SettingsError: if a newer version of brentwatch wrote it, or it is no value of ours.
    """
    try:
        document = _decode(data)
        version = document["version"]
        if version > VERSION:
            raise SettingsError(
                f"the state was written in version {version}, and this program reads up to {VERSION}; a "
                "newer brentwatch ran here: run that one, or recreate the state: brentwatch run monitor "
                "--rebuild"
            )
        value: Value = _whole(document["value"])
    except (msgspec.DecodeError, KeyError, TypeError, ValueError) as error:
        raise SettingsError(
            f"a value of the state cannot be read ({type(error).__name__}: {error}); one that brentwatch "
            "wrote was wanted: recreate the state: brentwatch run monitor --rebuild"
        ) from error
    return value


def _plain(value: object) -> Any:
    """JSON of a value; what JSON does not know carries its type."""
    kind = type(value)
    if kind in _FIELDS:
        return {"$": kind.__name__} | {name: _plain(getattr(value, name)) for name in _FIELDS[kind]}
    match value:
        case Enum():
            return {"$": kind.__name__, "=": value.value}
        case None | bool() | int() | float() | str():
            return value
        case datetime():
            return {"$": "datetime", "=": value.isoformat()}
        case date():
            return {"$": "date", "=": value.isoformat()}
        case tuple():
            return [_plain(item) for item in value]
        case frozenset():
            return {"$": "set", "=": [_plain(item) for item in sorted(value)]}
        case np.ndarray():
            return {"$": "array", "=": value.tolist()}
        case Mapping():
            return {"$": "map", "=": {key: _plain(value[key]) for key in sorted(value)}}
    raise TypeError(f"{kind.__name__} is no part of a state; add it to _TYPES in {__name__}")


def _whole(value: Any) -> Any:
    match value:
        case list():
            return tuple(_whole(item) for item in value)
        case {"$": "datetime", "=": text}:
            return datetime.fromisoformat(text)
        case {"$": "date", "=": text}:
            return date.fromisoformat(text)
        case {"$": "set", "=": items}:
            return frozenset(_whole(item) for item in items)
        case {"$": "array", "=": items}:
            return np.array(items, dtype=np.float64)
        case {"$": "map", "=": items}:
            return {key: _whole(item) for key, item in items.items()}
        case {"$": name, "=": item}:
            return _BY_NAME[name](item)
        case {"$": name, **rest}:
            return _BY_NAME[name](**{str(key): _whole(item) for key, item in rest.items()})
        case _:
            return value
