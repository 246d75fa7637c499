"""The saved state of the monitor on `impact.state`, values to bytes and back: core types, tagged by name.

Only the monitor reads these values. A value is JSON, `{"version": 10, "rules": 8, "value": …}`, with
`{"$": "Bar", …}` for each core type; numbers are exact to the last bit. A missing field gets its default, so
that older values can be read. A value of a newer version or of higher rules stops the reader.

The cursor is the offset on the timeline that the state has reached. It is written in the transaction that
commits the same offset for the group, so the two agree unless one of them was changed by hand. The cursor
also counts the keys of the state. A topic that was deleted and created again has the newest changes and a
matching cursor; only the count shows that the rest is lost.
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
from brentwatch.core.forecasts import adaptive_rank, forecast, two_tails
from brentwatch.core.forecasts.volatility import Garch
from brentwatch.core.intraday.openings import SessionTests
from brentwatch.core.monitor import pacing, state, state_values
from brentwatch.core.monitor.state_values import Value
from brentwatch.core.reopen import RunningMean, UsualGaps
from brentwatch.core.sessions.calendar import Hours
from brentwatch.wire.decoding import check_depth
from brentwatch.wire.from_first_version import read_first_alert, read_first_study

Write = Callable[[Any], Any]
Read = Callable[[Any], Any]

VERSION = 10
"""3 is the version of brentwatch 0.1.0, 10 that of 0.2.0; those between were not released. Versions up to 8
have one kind of study, and alerts with one test."""

_TYPES: tuple[type, ...] = (
    *(state_values.Meta, state_values.Session, state_values.Forecasts),
    *(state.Waiting, state.Known, state.Joined, state.MonthlyFit, state.SessionRecord),
    *(
        domain.Bar,
        domain.UnrestEvent,
        domain.Exposure,
        domain.Refused,
        Garch,
        domain.Window,
    ),
    *(forecast.Mean, forecast.Memory, forecast.Path, forecast.Residuals, forecast.StudentT),
    *(two_tails.TwoTails, two_tails.TailScale),
    adaptive_rank.RankForecast,
    domain.Alert,
    domain.AlertTest,
    domain.Span,
    domain.Range,
    domain.Untested,
    domain.Upcoming,
    domain.HeadsUp,
    domain.HeadsUpRecord,
    *(domain.SessionStudy, domain.ProvisionalStudy, domain.WindowStudy, domain.ReopenStudy),
    *(domain.Found, domain.MoveFound, domain.GivenAlert, domain.NotYet),
    *(domain.Within, domain.Reopen, domain.Answered, domain.OwnCalibration, domain.WindowSizes),
    *(domain.EventRef, domain.Unlisted, domain.Move, domain.Confounder, domain.Beside),
    *(domain.Calibration, domain.Diagnostics, domain.Scale),
    *(domain.PastEvent, domain.PastMove, domain.Analogues, domain.Analogue, domain.AnalogueMoves),
    *(domain.AnalogueSpread, domain.Reversals),
    *(state.FollowedStory, domain.StoryEvidence, domain.StoryGroup),
    *(state_values.FiveMinutes, Hours),
    *(state.Opening, SessionTests, state.ReopenBasis, UsualGaps, RunningMean),
    *(pacing.Thread, pacing.RevisionPace, pacing.HeadsUpBudget),
    *(domain.EventClass, domain.Verification, domain.Precision, domain.Status, domain.ConfounderKind),
    *(domain.Cause, domain.Direction, domain.Severity, domain.Stage, domain.Standing, domain.BreakKind),
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
        SettingsError: if a newer version of brentwatch wrote it, or it is not a value of brentwatch.
    """
    try:
        check_depth(data)
        document = _decode(data)
        if (rules := document.get("rules", 1)) > domain.RULES:
            raise NewerState(
                f"it was made with rules {rules}, and this installation knows rules up to {domain.RULES}; "
                "expected an installation as new as the state: upgrade this one"
            )
        version = document["version"]
        if version > VERSION:
            raise SettingsError(
                f"a newer brentwatch wrote the state (version {version}; this one reads up to {VERSION}): "
                "run the newer brentwatch, or rebuild the state"
            )
        value: Value = _read_value(document["value"])
    except STOPPING:
        raise
    except Exception as error:
        raise SettingsError(
            f"a value of the state cannot be read ({type(error).__name__}: {error}); expected a value that "
            "brentwatch wrote"
        ) from error
    return value


CURSOR = b"cursor"
"""The key of the cursor."""


class Cursor(msgspec.Struct, frozen=True, omit_defaults=True):
    """The state has reached `offset`; `partial` if records before it were deleted before they were read.

    `keys` counts the values of the state; None if an older version did not count. `voided` are the offsets
    before `offset` that were skipped because the operator voided them. Sessions that were decided before
    `closed_at`, where the state was rebuilt under the current rules, are closed.
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
    """JSON of a value; a type that JSON does not have is tagged with its name."""
    kind = type(value)
    if kind in _AS_IT_IS:
        return value
    if write := _WRITERS.get(kind):
        return write(value)
    raise TypeError(f"{kind.__name__} is not part of a state; add it to _TYPES in {__name__}")


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
    """Numbers and texts stay as they are: the memory of a model has hundreds."""
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
    """The inverse of `_write_value`."""
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
    names = frozenset(_FIELDS[kind])  # fields of an older version that this one does not have are left out
    return lambda value: kind(**{name: _read_value(item) for name, item in value.items() if name in names})


_FIRST_STATUS = {"Found": "found", "NotYet": "pending", "Refused": "refused"}


def _strip_tags(value: Any) -> Any:
    """A study or an alert as versions up to 8 saved it, in the form of a document of version 1."""
    match value:
        case {"$": _, "=": told}:
            return told
        case {"$": str(name), **more}:
            status = {"status": _FIRST_STATUS[name]} if name in _FIRST_STATUS else {}
            return status | {key: _strip_tags(item) for key, item in more.items()}
        case list():
            return [_strip_tags(item) for item in value]
        case _:
            return value


def _read_session_record(value: Any) -> state.SessionRecord:
    """Also from versions up to 8, which stored the alert of a session in its record."""
    renamed = {"old_alert": value.get("alert"), **value}
    record: state.SessionRecord = _build_reader(state.SessionRecord)(renamed)
    return record


def _read_alert(value: Any) -> domain.Alert:
    """Also from versions up to 8, whose alerts had one test, the headline."""
    if "headline" in value:
        return read_first_alert(_strip_tags(value))
    alert: domain.Alert = _build_reader(domain.Alert)(value)
    return alert


_READERS: dict[str, Read] = {kind.__name__: _build_reader(kind) for kind in _TYPES} | {
    "datetime": lambda value: datetime.fromisoformat(value["="]),
    "date": lambda value: date.fromisoformat(value["="]),
    "set": lambda value: frozenset(_read_value(value["="])),
    "array": lambda value: np.array(value["="], dtype=np.float64),
    "map": lambda value: {key: _read_value(item) for key, item in value["="].items()},
    domain.Alert.__name__: _read_alert,
    state.SessionRecord.__name__: _read_session_record,
    "Study": lambda value: read_first_study(_strip_tags(value)),  # of versions up to 8
}
