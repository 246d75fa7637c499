"""Settings of one instrument: `[instruments.NAME]`."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import time
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)

from brentwatch.core import domain
from brentwatch.core.domain import AnalogueSources, PriceLevels
from brentwatch.core.intraday.minutes import BUDGET
from brentwatch.core.sessions.calendar import HasHours
from brentwatch.core.sessions.roll import NO_ROLL, ROLLS, describe_rules
from brentwatch.core.sessions.table import CALENDARS, load
from brentwatch.history.intraday_calibration import read_own_calibration
from brentwatch.history.override_files import read_overrides


def _check_calendar(name: str) -> str:
    if name not in CALENDARS:
        raise ValueError(f"one of the calendars {', '.join(sorted(CALENDARS))}")
    return name


def _check_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, malformed, or a folder of the zone database
        raise ValueError("the name of a time zone, such as Europe/London") from None
    return name


def _check_wall_clock(value: object) -> object:
    match value:
        case time(tzinfo=None):
            return value
        case str() if len(value.split(":")) in (2, 3) and value.replace(":", "").isdigit():
            return value
    raise ValueError('a time of day without a zone, such as "16:30"')


def _list_series_with_bars() -> str:
    return " or ".join(each.name for each in domain.SERIES.values() if each.five_minutes)


SHARED = "shared_partition"
ONE_PARTITION_EACH = "a different partition for each instrument"


def find_shared_partitions(partitions: Mapping[str, object]) -> dict[object, list[str]]:
    """The partitions that more than one instrument names, with those instruments.

    Args:
        partitions: the name of each instrument and its partition.
    """
    users: dict[object, list[str]] = {}
    for name, partition in partitions.items():
        users.setdefault(partition, []).append(name)
    return {partition: names for partition, names in users.items() if len(names) > 1}


_OF_SERIES = ("calendar", "settlement", "time_zone", "roll")
"""Settings of an instrument that its series has in the core."""

Zone = Annotated[str, AfterValidator(_check_zone)]
Calendar = Annotated[str, AfterValidator(_check_calendar)]
WallClock = Annotated[time, BeforeValidator(_check_wall_clock)]


class InstrumentSettings(BaseModel):
    """One instrument: the price series that is tested, and when it trades.

    Instruments in your settings replace the default ones, `brent-front` and `brent-spot`. For one of these
    two, give only the keys that differ.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    partition: int = Field(ge=0)
    """Partition of the timeline, used by this instrument alone; never reuse it for another."""
    series: str = Field(min_length=1)
    """Price series that is tested, such as brent-front or brent-spot."""
    calendar: Calendar
    """Trading calendar of the series: globex, ice or london."""
    settlement: WallClock
    """Time of day at which the series settles, in time_zone."""
    time_zone: Zone
    """Time zone of settlement."""
    roll: str | None = Field(default=None, validate_default=True)
    """Rule by which the contracts of the series expire; required for a series that is not built in."""
    title: str | None = Field(default=None, min_length=1)
    """Display name; Brent or the name of the instrument if unset."""
    alert_level: float = Field(default=domain.DAILY_ALERT_LEVEL, gt=0, le=0.1, allow_inf_nan=False)
    """Alert level: accepted share of false alarms among tested sessions."""
    alerts: bool = False
    """Open alerts; if false, the instrument is only tested and shown. True for brent-front and brent-spot."""
    intraday: bool = False
    """Also run intraday tests on 5-minute bars; they use 0.004 of alert_level."""
    context: tuple[str, ...] = ()
    """Further price series to show."""
    calendar_overrides: str | None = None
    """CSV file of days on which the exchange deviates from its calendar."""
    intraday_calibration: str | None = None
    """Your own record from `brentwatch calibrate --intraday --out`; shown with intraday results."""
    price_levels: PriceLevels = PriceLevels.SHOWN
    """Show prices in alerts, or only percentages, as an exchange licence may require."""
    analogues: AnalogueSources | None = Field(default=None, validate_default=True)
    """Past events to show: bundled, own (of the timeline) or off; if unset, own for a series of your own."""

    @field_validator("roll")
    @classmethod
    def _resolve_roll(cls, roll: str | None, given: ValidationInfo) -> str | None:
        """A future without its rule would raise an alert at each expiry."""
        series = given.data.get("series")
        if roll is None and series in domain.SERIES:
            return domain.SERIES[series].roll
        if roll != NO_ROLL and roll not in ROLLS and (roll is not None or series is not None):
            raise ValueError(f"a roll rule, {describe_rules()}")
        return roll

    @field_validator("analogues")
    @classmethod
    def _resolve_analogues(cls, analogues: AnalogueSources | None, given: ValidationInfo) -> AnalogueSources:
        """The moves of the catalogue are those of Brent: they say little of another kind of price."""
        is_crude = given.data.get("series") in domain.SERIES
        return analogues or (AnalogueSources.BUNDLED if is_crude else AnalogueSources.OWN)

    @field_validator("intraday")
    @classmethod
    def _check_bars(cls, intraday: bool, given: ValidationInfo) -> bool:
        """With bars there must be hours, and an error that the tests within the session can share."""
        series, calendar = given.data.get("series"), given.data.get("calendar")
        if (
            intraday
            and series is not None
            and not (series in domain.SERIES and domain.SERIES[series].five_minutes)
        ):
            raise ValueError(f"false, or a series with 5-minute bars, {_list_series_with_bars()}")
        if intraday and calendar is not None and not isinstance(load(calendar), HasHours):
            raise ValueError("false, or a calendar with trading hours, globex or ice")
        if intraday and given.data.get("alert_level", 1.0) <= BUDGET:
            raise ValueError(f"false, or an alert_level above {BUDGET}, which the intraday tests take")
        return intraday

    @field_validator("intraday_calibration")
    @classmethod
    def _check_tests(cls, record: str | None, given: ValidationInfo) -> str | None:
        """A record of tests that are not made would be said nowhere."""
        if record is not None and given.data.get("intraday") is False:
            raise ValueError("intraday = true as well, or no record")
        return record

    @classmethod
    def describe(cls, instrument: domain.Instrument) -> "InstrumentSettings":
        """The settings that describe `instrument`, but for what its files hold."""
        intraday = instrument.intraday is not None
        level = round(instrument.alert_level + BUDGET, 9) if intraday else instrument.alert_level
        series = {name: getattr(instrument.series, name) for name in _OF_SERIES}
        plain = {
            name: getattr(instrument, name)
            for name in ("partition", "title", "alerts", "price_levels", "analogues")
        }
        told = {"series": instrument.series.name, "intraday": intraday, "alert_level": level}
        return cls.model_validate(series | plain | told)

    def build_instrument(self, name: str) -> domain.Instrument:
        """The instrument of the core, under the name that it has in the settings, with what its files hold.

        Raises:
            SettingsError: if one of them cannot be read, or holds something else.
        """
        series = self._build_series()
        intraday = series.five_minutes if self.intraday else None
        record = self.intraday_calibration
        return domain.Instrument(
            name=name,
            partition=self.partition,
            series=series,
            title=self.title or ("Brent" if name.startswith("brent") else name),
            alert_level=round(self.alert_level - BUDGET, 9) if self.intraday else self.alert_level,
            alerts=self.alerts,
            intraday=intraday,
            intraday_calibration=read_own_calibration(record, intraday.name) if record and intraday else None,
            price_levels=self.price_levels,
            analogues=self.analogues or AnalogueSources.BUNDLED,
        )

    def _build_series(self) -> domain.Series:
        """The built-in series of that name, or one that `file` has, with the sessions that are set here."""
        sessions: dict[str, Any] = {name: getattr(self, name) for name in _OF_SERIES}
        sessions["overrides"] = read_overrides(self.calendar_overrides) if self.calendar_overrides else ()
        if self.series in domain.SERIES:
            return replace(domain.SERIES[self.series], **sessions)
        return domain.Series(name=self.series, **sessions)


DEFAULT_INSTRUMENTS = {
    domain.BRENT_FRONT.name: InstrumentSettings.describe(domain.BRENT_FRONT),
    domain.BRENT_SPOT.name: InstrumentSettings.describe(replace(domain.BRENT_SPOT, alerts=False)),
}
"""Brent futures, which can be live, and Brent spot, whose prices come days later: it opens no alerts."""

BUILT_IN = {name: InstrumentSettings.describe(instrument) for name, instrument in domain.KNOWN.items()}
"""What completes an instrument of that name which the operator describes in part: its alerts stay on."""
