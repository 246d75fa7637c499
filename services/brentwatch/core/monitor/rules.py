"""The fixed inputs of an instrument's monitor: its records and fits, and its trading hours."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from brentwatch.core import domain
from brentwatch.core.errors import SettingsError
from brentwatch.core.forecasts import table as models
from brentwatch.core.forecasts.fits import BundledFit, Month
from brentwatch.core.forecasts.forecast import NormalReturns
from brentwatch.core.intraday.clock import SETTLEMENT, time_of
from brentwatch.core.sessions.calendar import Calendar, HasHours, Override
from brentwatch.core.sessions.table import load


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The fixed inputs of an instrument's monitor.

    `calibrations` are by (series, model), oldest first, and `fits` by month. `heads_ups` is the record of
    heads-ups, oldest first, and `past_events` are those of the bundled catalogue. `partial` says that signals
    before the first one are missing: every result is then flagged. `model_names` are the models of normal
    returns that make forecasts.
    """

    instrument: domain.Instrument
    confounders: Mapping[date, tuple[domain.Confounder, ...]] = field(default_factory=dict)
    calibrations: Mapping[tuple[str, str], tuple[domain.Calibration, ...]] = field(default_factory=dict)
    fits: Mapping[Month, BundledFit] = field(default_factory=dict)
    heads_ups: tuple[domain.HeadsUpRecord, ...] = ()
    past_events: tuple[domain.PastEvent, ...] = ()
    partial: bool = False
    model_names: tuple[str, ...] = models.SHOWN

    @property
    def flags(self) -> tuple[str, ...]:
        """The flags of every result."""
        return (domain.PARTIAL_HISTORY,) if self.partial else ()

    def find_calibration(self, model: str, session: date) -> domain.Calibration | None:
        """The calibration of a model as of `session`, from earlier sessions; None if there is none."""
        known = self.calibrations.get((self.instrument.series.name, model), ())
        return next((each for each in reversed(known) if each.last < session), None)

    def find_heads_up_record(self, session: date) -> domain.HeadsUpRecord | None:
        """The record of heads-ups as of `session`; None if nothing is recorded."""
        return next((each for each in reversed(self.heads_ups) if each.last < session), None)

    @property
    def calendar(self) -> Calendar:
        """The sessions that are expected."""
        return self.instrument.series.load_calendar()

    @property
    def models(self) -> tuple[NormalReturns, ...]:
        """The models of normal returns, in the order of their names in `model_names`."""
        return tuple(models.load(name) for name in self.model_names)

    @property
    def trading_calendar(self) -> HasHours:
        """The calendar of an instrument with 5-minute bars.

        Raises:
            SettingsError: if it has no trading hours.
        """
        instrument = self.instrument
        calendar = _load_with_hours(instrument.series.calendar, instrument.series.overrides)
        if calendar is None:
            raise SettingsError(
                f"instrument {instrument.name} has 5-minute bars, and its calendar "
                f"{instrument.series.calendar!r} has no trading hours; expected globex or ice: set calendar"
            )
        return calendar

    @property
    def calendar_without_overrides(self) -> HasHours | None:
        """The same calendar without overrides; None if the settings have none."""
        series = self.instrument.series
        return _load_with_hours(series.calendar, ()) if series.overrides else None

    def plans_provisional(self, session: date) -> bool:
        """True if the last 5-minute bar before the settlement of a session gives a provisional answer."""
        if self.instrument.intraday is None:
            return False
        calendar, ends_at = self.trading_calendar, time_of(session, SETTLEMENT + 1)
        if calendar.find_on_or_after(session) != session or calendar.is_unpriced(session):
            return False
        return self.instrument.series.closes_at(session) == ends_at < calendar.hours(session).closes_at


@cache
def _load_with_hours(name: str, overrides: tuple[Override, ...]) -> HasHours | None:
    """The calendar, None if it has no trading hours.

    Cached: every bar needs it, and checking a protocol takes half the time of a bar.
    """
    calendar = load(name, overrides)
    return calendar if isinstance(calendar, HasHours) else None
