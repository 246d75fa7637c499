"""What the state of an instrument shows as gauges, brought up to date at most once a second."""

from collections.abc import Callable
from datetime import UTC, datetime

from brentwatch.core.domain import Instrument, PriceLevels, Refused
from brentwatch.core.monitor.state import State
from brentwatch.core.sessions.calendar import HasHours, is_trading
from brentwatch.monitor.active_events import EventBoard, count_open_studies, list_active_events
from brentwatch.telemetry import table
from brentwatch.telemetry.metrics import Metrics

_REST_SECONDS = 1.0
_GAUGES = (
    table.PRICE_LAST_BAR,
    table.PRICE_LAST_CLOSE,
    table.PRICE_AWAITED,
    table.MODEL_FIT_FAILED,
    table.MARKET_OPEN,
    table.PROVISIONAL_OLDEST,
    table.STUDIES_OPEN,
    table.STORIES_FOLLOWED,
    table.STORY_EVIDENCE,
    table.INTRADAY_SESSIONS,
    table.FALSE_ALARMS,
)


class StateGauges:
    """The gauges of one instrument; `now` is the time of day in seconds since 1970."""

    def __init__(
        self, metrics: Metrics, instrument: Instrument, board: EventBoard, now: Callable[[], float]
    ) -> None:
        self._metrics = metrics
        self._instrument = instrument
        self._board = board
        self._now = now
        self._shown: State | None = None
        self._next_at = 0.0

    def show(self, state: State) -> None:
        """Bring them up to date, unless that was done within the last second."""
        now = self._now()
        if now < self._next_at:
            return
        self._next_at = now + _REST_SECONDS
        self._show_market(datetime.fromtimestamp(now, UTC))
        if state is not self._shown:
            self._shown = state
            self._show_state(state)

    def forget(self) -> None:
        """The instrument belongs to another process now."""
        for metric in _GAUGES:
            self._metrics.forget(metric, instrument=self._instrument.name)
        self._board.show(self._instrument.name, ())
        self._shown = None

    def _show_market(self, now: datetime) -> None:
        calendar = self._instrument.series.load_calendar()
        if isinstance(calendar, HasHours):
            is_open = is_trading(calendar, now)
            self._metrics.set(table.MARKET_OPEN, float(is_open), instrument=self._instrument.name)

    def _show_state(self, state: State) -> None:
        name = self._instrument.name
        self._metrics.set(table.STUDIES_OPEN, count_open_studies(state), instrument=name)
        self._metrics.set(table.STORIES_FOLLOWED, len(state.stories), instrument=name)
        self._metrics.set(table.STORY_EVIDENCE, find_largest_evidence(state), instrument=name)
        self._board.show(name, list_active_events(state))
        self._metrics.set(table.PROVISIONAL_OLDEST, find_oldest_provisional(state), instrument=name)
        if awaited := find_awaited_settlement(state):
            self._metrics.set(table.PRICE_AWAITED, awaited.timestamp(), instrument=name)
        if state.fits:
            failed = any(isinstance(monthly.fit, Refused) for monthly in state.fits.values())
            self._metrics.set(table.MODEL_FIT_FAILED, float(failed), instrument=name)
        if state.prices.bars and self._instrument.price_levels is PriceLevels.SHOWN:
            self._metrics.set(table.PRICE_LAST_CLOSE, state.prices.bars[-1].close, instrument=name)


def find_largest_evidence(state: State) -> float:
    """The largest evidence of the stories that are followed; 1 if there is none."""
    return max((each.evidence.evidence for each in state.stories), default=1.0)


def find_oldest_provisional(state: State) -> float:
    """When the oldest session settled that has no final price, in seconds since 1970; 0 without one."""
    series = state.rules.instrument.series
    return min((series.closes_at(session).timestamp() for session in state.provisional), default=0.0)


def find_awaited_settlement(state: State) -> datetime | None:
    """When the first session settles of which no price has come; None before the first price."""
    if state.complete_through is None:
        return None
    series = state.rules.instrument.series
    session = series.find_session_after(state.complete_through)
    while state.rules.calendar.is_unpriced(session):
        session = series.find_next(session)
    return series.closes_at(session)
