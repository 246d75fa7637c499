"""The bundled table of barrels at risk: crude output of April 2022, transit of 2021 and 2023."""

from __future__ import annotations

import csv
import io
from importlib.resources import files
from typing import TYPE_CHECKING

from brentwatch.core.domain.exposure import Exposure
from brentwatch.core.domain.relevance import Asset, AssetKind

if TYPE_CHECKING:
    from collections.abc import Mapping


def load_exposure() -> dict[str, Exposure]:
    """ISO 3166-1 alpha-3 code to exposure. A country that is not in it is unknown, never zero."""
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
    """Every place, to a tenth of a degree: about ten kilometres."""
    text = (files("brentwatch.history") / "data" / "oil_assets.csv").read_text(encoding="utf-8")
    return tuple(
        Asset(name=row["name"], kind=AssetKind(row["kind"]), lat=float(row["lat"]), lon=float(row["lon"]))
        for row in csv.DictReader(io.StringIO(text))
    )
