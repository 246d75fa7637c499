"""The backtest table of the bundled catalogue, replayed once, and small tables for the tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from brentwatch.core.backtest.sessions import BacktestSession, BacktestTable, JoinedEvent, PriorLabel
from brentwatch.core.domain import BRENT_SPOT, EventClass, Instrument, Signal, Standing
from brentwatch.history.folder import find_history
from brentwatch.history.label_files import read_labels
from brentwatch.history.rules import build_rules
from brentwatch.replay.backtest_table import TableBuilder, include_placebos
from brentwatch.replay.turns import Tally, replay_signals

if TYPE_CHECKING:
    from collections.abc import Sequence

ALERTING: Instrument = replace(BRENT_SPOT, alerts=True)
FIRST = date(2020, 1, 1)


def replay_table(signals: Sequence[Signal], start: date, labels: dict[str, PriorLabel]) -> BacktestTable:
    builder = TableBuilder(ALERTING.series)
    for turn in replay_signals(build_rules(ALERTING), include_placebos(signals, start)):
        builder.take(turn)
    return builder.build(labels)


@cache
def replay_catalogue() -> BacktestTable:
    history = find_history("catalogue")
    return replay_table(history.signals, history.start, dict(read_labels("catalogue").labels))


@cache
def play_catalogue() -> Tally:
    """What `brentwatch replay catalogue` counts: only sessions in the windows of events are tested."""
    tally = Tally()
    for turn in replay_signals(build_rules(ALERTING), find_history("catalogue").signals):
        tally.take(turn)
    return tally


def make_event(event_id: str = "e", **changes: Any) -> JoinedEvent:
    known: dict[str, Any] = {
        "known_at": datetime(2020, 1, 1, tzinfo=UTC),
        "country": "SAU",
        "event_class": EventClass.RIOT,
        "exposure": 0.5,
        "relevance": 0.5,
        "standing": Standing.STATED,
    }
    return JoinedEvent(event_id=event_id, **(known | changes))


def make_session(place: int, p: float, *events: JoinedEvent, **changes: Any) -> BacktestSession:
    """A session as the monitor would describe it with these events."""
    counted = [each for each in events if each.standing is not Standing.SINGLE]
    exposures = [each.exposure for each in counted if each.exposure is not None]
    session = BacktestSession(
        place=place,
        session=FIRST + timedelta(days=place),
        known_at=datetime(2020, 1, 1, 16, tzinfo=UTC) + timedelta(days=place),
        p=p,
        abnormal=0.05,
        events=events,
        events_total=len(events),
        singles=len(events) - len(counted),
        exposure=max(exposures, default=None),
    )
    return replace(session, **changes)
