"""How much an event may matter to oil, 0 to 1: the exposure of its country and its nearness to an asset."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from brentwatch.core.domain.events import EventClass

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
    """The weight of a volume, cached: a feed asks for the same few countries again and again."""
    return min(1.0, math.log1p(volume / _HALF_SCALE_KBD) / math.log1p(_FULL_SCALE_KBD / _HALF_SCALE_KBD))


ExposureTable = Mapping[str, Exposure]
"""ISO 3166-1 alpha-3 code to exposure. A country without an entry is unknown, not zero."""


def find_highest_exposure(countries: tuple[str, ...], table: ExposureTable) -> Exposure | None:
    """The highest exposure of `countries`; None if the table has none of them."""
    if len(countries) == 1:
        return table.get(countries[0])
    known = [table[country] for country in countries if country in table]
    return max(known, key=lambda exposure: exposure.weight, default=None)


class AssetKind(StrEnum):
    """What an asset is."""

    CHOKEPOINT = "chokepoint"
    PLANT = "plant"
    FIELD = "field"
    TERMINAL = "terminal"


UNKNOWN_EXPOSURE = 0.3
REACH_KM = 150.0

KIND_WEIGHTS: Mapping[AssetKind, float] = {
    AssetKind.CHOKEPOINT: 1.0,
    AssetKind.PLANT: 1.0,
    AssetKind.TERMINAL: 0.9,
    AssetKind.FIELD: 0.8,
}

CLASS_WEIGHTS: Mapping[EventClass, float] = {
    EventClass.ATTACK_INFRASTRUCTURE: 1.0,
    EventClass.ATTACK_SHIPPING: 1.0,
    EventClass.SEIZURE_INFRASTRUCTURE: 1.0,
    EventClass.SUPPLY_DISRUPTION: 1.0,
    EventClass.SUPPLY_RESTORED: 1.0,
    EventClass.WAR_ONSET: 1.0,
    EventClass.COUP: 1.0,
    EventClass.REGIME_CHANGE: 1.0,
    EventClass.FOREIGN_INTERVENTION: 0.9,
    EventClass.BOMBARDMENT: 0.8,
    EventClass.BLOCKADE: 0.8,
    EventClass.STATE_OF_EMERGENCY: 0.8,
    EventClass.TERRITORIAL_CHANGE: 0.8,
    EventClass.SANCTION_DIPLOMATIC: 0.8,
    EventClass.STRIKE: 0.7,
    EventClass.ARMED_CLASH: 0.7,
    EventClass.MUTINY: 0.7,
    EventClass.CEASEFIRE: 0.7,
    EventClass.TARGETED_KILLING: 0.6,
    EventClass.MASS_VIOLENCE: 0.6,
    EventClass.RIOT: 0.6,
    EventClass.VIOLENT_CRACKDOWN: 0.6,
    EventClass.INTERNET_SHUTDOWN: 0.6,
    EventClass.POLITICAL_CRISIS: 0.6,
    EventClass.DEESCALATION: 0.6,
    EventClass.PROTEST: 0.4,
    EventClass.OTHER: 0.3,
}

KM_A_DEGREE = 111.2
_REACH_DEGREES_NORTH = REACH_KM / KM_A_DEGREE
"""Farther north or south of an asset, a place is out of its reach, however near its longitude."""


@dataclass(frozen=True, slots=True)
class Asset:
    """A place where oil is produced or passes, in degrees.

    `barrels_of` is the country that owns the oil, if it is not the country of the place.
    """

    name: str
    kind: AssetKind
    lat: float
    lon: float
    barrels_of: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Relevance:
    """`weight`, 0 to 1, and its parts; `asset` is the asset whose nearness counts, if any does."""

    weight: float
    exposure: float | None
    nearness: float
    asset: str | None
    event_class: EventClass

    def __str__(self) -> str:
        exposed = "exposure unknown" if self.exposure is None else f"exposure {self.exposure:.3f}"
        near = f"nearness {self.nearness:.2f} to {self.asset}" if self.asset else "near no asset"
        return f"relevance {self.weight:.3f} ({self.event_class}, {exposed}, {near})"


Place = tuple[float, float] | None
"""Degrees north and east, of a town or better; None if only a province is known."""


def compute_relevance(
    event_class: EventClass, exposure: float | None, place: Place, assets: tuple[Asset, ...]
) -> Relevance:
    """The relevance of an event of a class at a place; `exposure` is None if it is unknown."""
    nearness, asset = find_nearest_asset(place, assets)
    return Relevance(
        weight=weigh_relevance(event_class, exposure, nearness),
        exposure=exposure,
        nearness=nearness,
        asset=asset,
        event_class=event_class,
    )


def weigh_relevance(event_class: EventClass, exposure: float | None, nearness: float) -> float:
    """The weight of a class times exposure or nearness, whichever is higher: 0 to 1."""
    return CLASS_WEIGHTS[event_class] * max(UNKNOWN_EXPOSURE if exposure is None else exposure, nearness)


OWNED_FROM = 0.5
"""At this nearness to an asset or more, the oil at risk belongs to the country that owns the asset's oil."""


def find_exposure_at(
    countries: tuple[str, ...], place: Place, table: ExposureTable, assets: tuple[Asset, ...]
) -> tuple[Exposure | None, float]:
    """The exposure of an event in those countries at that place, and its nearness to oil.

    At an asset with another country's oil, the exposure is that country's.
    """
    nearness, name = find_nearest_asset(place, assets)
    if nearness >= OWNED_FROM:
        owner = next((each.barrels_of for each in assets if each.name == name), None)
        if owner is not None and owner in table:
            return table[owner], nearness
    return find_highest_exposure(countries, table), nearness


def find_nearest_asset(place: Place, assets: tuple[Asset, ...]) -> tuple[float, str | None]:
    """The largest nearness, and its asset."""
    if place is None:
        return 0.0, None
    within = [asset for asset in assets if abs(place[0] - asset.lat) <= _REACH_DEGREES_NORTH]
    found = ((_compute_nearness(place, asset), asset.name) for asset in within)
    weight, name = max(found, default=(0.0, ""))
    return (weight, name) if weight > 0 else (0.0, None)


def _compute_nearness(place: tuple[float, float], asset: Asset) -> float:
    return KIND_WEIGHTS[asset.kind] * max(
        0.0, 1 - measure_kilometres(place, (asset.lat, asset.lon)) / REACH_KM
    )


def measure_kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The distance of two places in degrees, on a plane: accurate to 1 % within `REACH_KM`."""
    north = one[0] - other[0]
    east = (one[1] - other[1] + 180) % 360 - 180
    return KM_A_DEGREE * math.hypot(north, east * math.cos(math.radians((one[0] + other[0]) / 2)))
