"""The three long daily series of the EIA on which the headline model was developed and checked.

The model was developed on Brent before 2002 and WTI before 2014. The validation spans are Brent from 2002,
WTI from 2014 and all of Henry Hub gas; docs/methods.md says how often they were looked at. The monthly fits
are stored with the prices (`make fits`), because fitting them takes half a minute. Source and licence:
NOTICE.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from brentwatch.core.domain import BRENT_SPOT, Bar
from brentwatch.core.forecasts.fits import BundledFit, Month, select_fits
from brentwatch.history.rules import parse_fits

if TYPE_CHECKING:
    from collections.abc import Mapping

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class LongSeries:
    """A series in `DATA`; sessions before `validated_from` may have been used for tuning."""

    name: str
    validated_from: date

    @property
    def fits_file(self) -> Path:
        return DATA / f"{self.name}_fits.csv"


BRENT = LongSeries("brent_spot", date(2002, 1, 1))
WTI = LongSeries("wti_spot", date(2014, 1, 1))
GAS = LongSeries("henry_hub_spot", date(1997, 1, 1))
LONG_SERIES = (BRENT, WTI, GAS)


@cache
def read_bars(series: LongSeries) -> tuple[Bar, ...]:
    """Every session with a price, oldest first; they settle at the time of Brent spot, which no test uses."""
    with (DATA / f"{series.name}.csv").open(encoding="utf-8", newline="") as file:
        _, *rows = csv.reader(file)
    return tuple(build_bar(date.fromisoformat(day), float(price)) for day, price in rows if price)


def build_bar(session: date, close: float) -> Bar:
    """A settlement at the time of Brent spot."""
    return Bar(session=session, closes_at=BRENT_SPOT.series.closes_at(session), close=close)


def read_fits(series: LongSeries) -> Mapping[Month, BundledFit]:
    """The stored fits that were made from the stored prices."""
    return select_fits(read_bars(series), parse_fits(series.fits_file.read_text(encoding="utf-8")))
