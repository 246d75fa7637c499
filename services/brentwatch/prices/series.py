"""The series that are fetched: their providers, how late a price is seen, and whether they can be live.

Series are never mixed: providers stand in for each other only where they have the same one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from brentwatch.core.domain.instrument import BRENT_FRONT, DAILY, FIVE_MINUTES, Instrument
from brentwatch.core.errors import SettingsError
from brentwatch.core.sessions.roll import NO_ROLL
from brentwatch.prices.market import Market

if TYPE_CHECKING:
    from brentwatch.prices.settings import PricesSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What holds of a series unless the settings say otherwise; `roll` see `core/sessions/roll.py`.

    `late` says why the series cannot be live; it is empty where it can.
    """

    providers: tuple[str, ...]
    delay: timedelta
    interval: str = DAILY
    roll: str = NO_ROLL
    late: str = ""


DECLARED = {
    # EIA publishes on Wednesdays for data up to Monday: two days at the earliest, nine at the latest.
    "brent-spot": Declared(
        providers=("fred",),
        delay=timedelta(days=2),
        late="the EIA publishes each price two to nine days after its session",
    ),
    # Settled at 14:30 in New York; Yahoo's row of the day changes until 17:00, and comes 15 minutes late.
    "brent-front": Declared(providers=("yahoo",), delay=timedelta(hours=3), roll=BRENT_FRONT.roll),
    "brent-front-5m": Declared(
        providers=("yahoo",), delay=timedelta(minutes=15), interval=FIVE_MINUTES, roll=BRENT_FRONT.roll
    ),
}
_ANY = Declared(providers=("file",), delay=timedelta(0))
_LIVE = timedelta(days=1)
"""A price that is seen within a day of its settlement is live."""


def build_markets(instruments: Sequence[Instrument], settings: PricesSettings) -> tuple[Market, ...]:
    """The markets of all series that the instruments are tested on, and of their bars of five minutes.

    Raises:
        SettingsError: if instruments that share a series disagree about its sessions.
    """
    names = dict.fromkeys(instrument.series for instrument in instruments)
    found = [
        _build_market(name, [each for each in instruments if each.series == name], settings) for name in names
    ]
    asked = {instrument.intraday for instrument in instruments}
    fine = [
        each
        for daily in found
        for each in _build_intraday(daily, settings)
        if settings.intraday or each.series in asked
    ]
    return (*found, *fine)


def name_five_minutes(series: str) -> str:
    """The series of the bars of five minutes that stand beside a daily one."""
    return f"{series}-{FIVE_MINUTES}"


def choose_providers(series: str, settings: PricesSettings) -> tuple[str, ...]:
    """The names of the providers of a series, the first that answers is taken."""
    chosen = settings.series.get(series)
    if chosen is not None and chosen.providers:
        return chosen.providers
    return DECLARED.get(series, _ANY).providers


def find_late_series(instruments: Sequence[Instrument], settings: PricesSettings) -> dict[str, str]:
    """The series that cannot be live, each with a sentence that says why and what becomes of it.

    A `delay_minutes` of a day or less says that the operator has a source that is not late.
    """
    late = {each.series: DECLARED.get(each.series, _ANY).late for each in instruments}
    return {
        series: f"{series} cannot be live: {why}. {_describe_outcome(series, instruments)}"
        for series, why in late.items()
        if why and _find_delay(series, settings) > _LIVE
    }


def _describe_outcome(series: str, instruments: Sequence[Instrument]) -> str:
    users = [each.name for each in instruments if each.series == series and each.alerts]
    if not users:
        return "It is tested and shown, and opens no alerts"
    return f"The alerts of {', '.join(users)} come as late; set alerts = false for none"


def _build_market(series: str, users: Sequence[Instrument], settings: PricesSettings) -> Market:
    first = users[0]
    if odd := [each.name for each in users if _identify_sessions(each) != _identify_sessions(first)]:
        raise SettingsError(
            f"instruments {first.name} and {', '.join(odd)} are tested on {series}, and have another "
            "calendar, settlement, zone or roll; expected the same: a series settles once"
        )
    partitions = tuple(sorted(each.partition for each in users))
    return Market(series=series, instrument=first, delay=_find_delay(series, settings), partitions=partitions)


def _identify_sessions(instrument: Instrument) -> tuple[object, ...]:
    return (
        instrument.calendar,
        instrument.settlement,
        instrument.time_zone,
        instrument.overrides,
        instrument.roll,
    )


def _build_intraday(daily: Market, settings: PricesSettings) -> Iterable[Market]:
    series = name_five_minutes(daily.series)
    if series in DECLARED:
        yield Market(
            series=series,
            instrument=daily.instrument,
            delay=_find_delay(series, settings),
            partitions=daily.partitions,
            interval=DECLARED[series].interval,
        )


def _find_delay(series: str, settings: PricesSettings) -> timedelta:
    chosen = settings.series.get(series)
    if chosen is not None and chosen.delay_minutes is not None:
        return timedelta(minutes=chosen.delay_minutes)
    return DECLARED.get(series, _ANY).delay
