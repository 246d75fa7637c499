"""The bundled tables: calibrations, records of the alert level, confounders, oil exposure and oil assets.

`make calibration` measures the series whose prices are bundled. The rows of other series come from
`brentwatch calibrate --record`, run where their prices may be stored; they are left as they are.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from importlib.resources import files

from brentwatch.core.domain import (
    Asset,
    AssetKind,
    Calibration,
    Confounder,
    ConfounderKind,
    Exposure,
    HeadsUpRecord,
    LevelRecord,
)
from brentwatch.history.tables import write_csv

_FIFTHS = tuple(f"fifth_{number}" for number in range(1, 6))
_OPTIONAL = ("error_05", "error_01", "vintage", "prices_sha256")
_COLUMNS = ("series", "model", "n", "first", "last", "size_05", "size_01", *_FIFTHS, "made_on", *_OPTIONAL)


Calibrations = Mapping[tuple[str, str], tuple[Calibration, ...]]
"""By (series, model): what was known at the end of each year, and at the end what is known today."""


def load_calibrations() -> Calibrations:
    """The bundled record. A pair that is missing is uncalibrated."""
    return parse_calibrations(
        (files("brentwatch.history") / "data" / "calibration.csv").read_text(encoding="utf-8")
    )


def parse_calibrations(text: str) -> Calibrations:
    """The calibrations in a text that `dump_calibrations` wrote."""
    found: dict[tuple[str, str], tuple[Calibration, ...]] = {}
    for row in csv.DictReader(io.StringIO(text)):
        each = _read_calibration(row)
        found[each.series, each.model] = (*found.get((each.series, each.model), ()), each)
    return found


def dump_calibrations(calibrations: Iterable[Calibration]) -> str:
    """The text of the record, one row each; sizes and errors with four decimals."""
    return write_csv(_COLUMNS, (_build_row(calibration) for calibration in calibrations))


def _read_calibration(row: Mapping[str, str]) -> Calibration:
    return Calibration(
        series=row["series"],
        model=row["model"],
        n=int(row["n"]),
        first=date.fromisoformat(row["first"]),
        last=date.fromisoformat(row["last"]),
        size_05=float(row["size_05"]),
        size_01=float(row["size_01"]),
        fifths_05=tuple(float(row[fifth]) for fifth in _FIFTHS),
        made_on=date.fromisoformat(row["made_on"]),
        error_05=_parse_number(row.get("error_05")),
        error_01=_parse_number(row.get("error_01")),
        vintage=row.get("vintage") or None,
        prices_sha256=row.get("prices_sha256") or None,
    )


def _parse_number(text: str | None) -> float | None:
    return float(text) if text else None


def _format_error(error: float | None) -> str:
    return "" if error is None else f"{error:.4f}"


def _build_row(calibration: Calibration) -> tuple[object, ...]:
    sizes = (calibration.size_05, calibration.size_01, *calibration.fifths_05)
    return (
        calibration.series,
        calibration.model,
        calibration.n,
        calibration.first,
        calibration.last,
        *(f"{size:.4f}" for size in sizes),
        calibration.made_on,
        _format_error(calibration.error_05),
        _format_error(calibration.error_01),
        calibration.vintage or "",
        calibration.prices_sha256 or "",
    )


_LEVEL_COLUMNS = ("series", "level", "first", "last", "sessions", "abnormal", "after_events")


def load_level_records() -> Mapping[str, LevelRecord]:
    """The outcome of sessions at the alert level, by series; a series that is missing has no record."""
    text = (files("brentwatch.history") / "data" / "level_record.csv").read_text(encoding="utf-8")
    return {row["series"]: _read_level_record(row) for row in csv.DictReader(io.StringIO(text))}


_HEADS_UP = ("first", "last", "count", "abnormal", "placebo")


def load_heads_up_records() -> tuple[HeadsUpRecord, ...]:
    """The outcome of the heads-ups of the bundled catalogue at the end of each year, oldest first."""
    text = (files("brentwatch.history") / "data" / "heads_up_record.csv").read_text(encoding="utf-8")
    return tuple(
        HeadsUpRecord(
            first=date.fromisoformat(row["first"]),
            last=date.fromisoformat(row["last"]),
            count=int(row["count"]),
            abnormal=int(row["abnormal"]),
            placebo=float(row["placebo"]),
        )
        for row in csv.DictReader(io.StringIO(text))
    )


def dump_heads_up_records(records: Iterable[HeadsUpRecord]) -> str:
    """A row for the end of each year."""
    return write_csv(
        _HEADS_UP,
        ((each.first, each.last, each.count, each.abnormal, f"{each.placebo:.4f}") for each in records),
    )


def dump_level_records(records: Iterable[LevelRecord]) -> str:
    """The text of the record, one row each."""
    rows = ([getattr(record, name) for name in _LEVEL_COLUMNS] for record in records)
    return write_csv(_LEVEL_COLUMNS, rows)


def _read_level_record(row: Mapping[str, str]) -> LevelRecord:
    return LevelRecord(
        series=row["series"],
        level=float(row["level"]),
        first=date.fromisoformat(row["first"]),
        last=date.fromisoformat(row["last"]),
        sessions=int(row["sessions"]),
        abnormal=int(row["abnormal"]),
        after_events=int(row["after_events"]),
    )


def load_confounders() -> Mapping[date, tuple[Confounder, ...]]:
    """The confounders by the date of the session, in the order of the file."""
    text = (files("brentwatch.history") / "data" / "confounders.csv").read_text(encoding="utf-8")
    found: defaultdict[date, list[Confounder]] = defaultdict(list)
    for row in csv.DictReader(io.StringIO(text)):
        confounder = _read_confounder(row)
        found[confounder.session].append(confounder)
    return {session: tuple(confounders) for session, confounders in found.items()}


def _read_confounder(row: Mapping[str, str]) -> Confounder:
    return Confounder(
        session=date.fromisoformat(row["date"]),
        kind=ConfounderKind(row["kind"]),
        text=row["text"],
        source=row["source"],
    )


def load_exposure() -> dict[str, Exposure]:
    """Exposure by ISO 3166-1 alpha-3 code. A country that is missing is unknown, never zero."""
    text = (files("brentwatch.history") / "data" / "exposure.csv").read_text(encoding="utf-8")
    return {row["iso3"]: _read_exposure(row) for row in csv.DictReader(io.StringIO(text))}


def _read_exposure(row: Mapping[str, str]) -> Exposure:
    return Exposure(
        country=row["iso3"],
        production_kbd=float(row["crude_kbd"]),
        transit_kbd=float(row["transit_kbd"] or 0),
        transit_name=row["transit_name"] or None,
        period=row["crude_period"],
    )


def load_oil_assets() -> tuple[Asset, ...]:
    """Every place, with a precision of 0.1 degrees: about ten kilometres."""
    text = (files("brentwatch.history") / "data" / "oil_assets.csv").read_text(encoding="utf-8")
    return tuple(
        Asset(
            name=row["name"],
            kind=AssetKind(row["kind"]),
            lat=float(row["lat"]),
            lon=float(row["lon"]),
            barrels_of=row["barrels_of"] or None,
        )
        for row in csv.DictReader(io.StringIO(text))
    )
