"""Barrels at risk: a country's weight in the oil market. Ranks and routes alerts, never enters a test."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

_HALF_SCALE_KBD = 50.0
_FULL_SCALE_KBD = 12_000.0
_TRANSIT_SHARE = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """What a country produces and what passes through it, in thousand barrels a day (kb/d)."""

    country: str
    production_kbd: float
    transit_kbd: float = 0.0
    transit_name: str | None = None
    period: str = ""

    @property
    def weight(self) -> float:
        """w = min(1, ln(1 + V/50) / ln(1 + 12000/50)), V = production + 0.25 transit; 0 to 1."""
        return _weigh_volume(self.production_kbd + _TRANSIT_SHARE * self.transit_kbd)


@lru_cache(maxsize=1024)
def _weigh_volume(volume: float) -> float:
    """Of a volume; a feed asks for the same few countries again and again."""
    return min(1.0, math.log1p(volume / _HALF_SCALE_KBD) / math.log1p(_FULL_SCALE_KBD / _HALF_SCALE_KBD))


ExposureTable = Mapping[str, Exposure]
"""ISO 3166-1 alpha-3 code to exposure. A country that is not in it is unknown, never zero."""


def find_highest_exposure(countries: tuple[str, ...], table: ExposureTable) -> Exposure | None:
    """The exposure of the weightiest of `countries`; None where the table knows none of them."""
    if len(countries) == 1:
        return table.get(countries[0])
    known = [table[country] for country in countries if country in table]
    return max(known, key=lambda exposure: exposure.weight, default=None)
