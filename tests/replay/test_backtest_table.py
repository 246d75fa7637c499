"""The table of a backtest: one row for each session, and nothing known later changes an earlier row."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from typing import TYPE_CHECKING

import pytest
from tests.core.backtest.tables import ALERTING, replay_catalogue, replay_table

from brentwatch.core.backtest.evaluation import Backtest
from brentwatch.core.backtest.policy import AlertPolicy, Budget
from brentwatch.core.domain import Bar, EventAdmitted, PriceUpdate, Severity, Standing, Status
from brentwatch.history.folder import find_history
from brentwatch.replay.backtest_table import measure_after

if TYPE_CHECKING:
    from collections.abc import Sequence

    from brentwatch.core.backtest.sessions import BacktestSession, BacktestTable
    from brentwatch.core.domain import Signal

pytestmark = pytest.mark.slow

UNKNOWN = (None, None)
POLICIES = (
    AlertPolicy(name="installed", alert_level=0.01),
    AlertPolicy(name="loose", alert_level=0.1, minimum_exposure=0.5),
    AlertPolicy(name="rationed", alert_level=0.1, budget=Budget(1, 21)),
    AlertPolicy(name="everything", alert_level=0.05, minimum_severity=Severity.INFO, budget=Budget(4, 252)),
)
ABQAIQ = date(2019, 9, 16)


def forget_after(rows: Sequence[BacktestSession]) -> list[BacktestSession]:
    return [replace(each, after=UNKNOWN) for each in rows]


@pytest.mark.parametrize("until", [datetime(2011, 2, 23, tzinfo=UTC), datetime(2019, 9, 18, tzinfo=UTC)])
def test_the_rows_and_alerts_of_a_shorter_history_are_the_first_ones_of_the_whole(until: datetime) -> None:
    history, whole = find_history("catalogue"), replay_catalogue()
    cut = replay_table([each for each in history.signals if each.known_at < until], history.start, {})
    length = len(cut.sessions)

    assert length > 2_000
    assert forget_after(cut.sessions) == forget_after(whole.sessions[:length])
    for short, full in zip(cut.sessions, whole.sessions, strict=False):
        assert all(one in (None, other) for one, other in zip(short.after, full.after, strict=True))
    assert cut.sessions[-1].after == UNKNOWN
    count = 0
    for policy in POLICIES:
        early = [each.session for each in Backtest(cut).evaluate(policy).alerts]
        count += len(early)
        assert early == [
            each.session
            for each in Backtest(whole).evaluate(policy).alerts
            if each.session <= cut.sessions[-1].session
        ]
    assert count > 30


@cache
def tell_abqaiq(*more: Signal) -> BacktestTable:
    history = find_history("abqaiq-2019")
    signals = sorted((*history.signals, *more), key=lambda each: each.known_at)
    return replay_table(signals, history.start, {})


def find_row(table: BacktestTable) -> BacktestSession:
    return next(each for each in table.sessions if each.session == ABQAIQ)


def test_a_retraction_a_better_standing_and_a_late_event_after_the_settlement_change_no_row() -> None:
    admitted = next(each for each in find_history("abqaiq-2019").signals if isinstance(each, EventAdmitted))
    later = datetime(2019, 9, 17, 9, tzinfo=UTC)
    event = replace(admitted.event, known_at=later, revision=9)
    more = (
        replace(admitted, event=replace(event, status=Status.RETRACT)),
        replace(admitted, event=replace(event, event_id="other", revision=0), measured_relevance=1.0),
        replace(admitted, event=replace(event, status=Status.UPDATE), standing=Standing.STATED),
    )
    for each in more:
        assert find_row(tell_abqaiq(each)) == find_row(tell_abqaiq())


def test_a_revised_price_changes_neither_p_nor_what_was_left() -> None:
    """Both come from the first price of each session, as it was known then."""
    close = ALERTING.series.closes_at
    for session in (ABQAIQ, date(2019, 9, 17)):
        bar = Bar(session=session, closes_at=close(session), close=99.0)
        told = datetime(2019, 9, 27, 9, tzinfo=UTC)
        revised = PriceUpdate(
            series=ALERTING.series.name, bars=(bar,), complete_through=bar.closes_at, known_at=told
        )
        assert find_row(tell_abqaiq(revised)) == find_row(tell_abqaiq())


def test_what_was_left_stops_at_a_contract_splice_and_at_a_price_below_zero() -> None:
    closes = [50.0, 55.0, 44.0, 40.0, 48.0, 60.0, -3.0]
    assert measure_after(0, closes, [True] * 7)[1] == pytest.approx(0.1823215567939546)
    assert measure_after(0, closes, [True, True, False, True, True, True, True])[1] is None
    assert measure_after(1, closes, [True] * 7)[1] is None
    assert measure_after(5, closes, [True] * 7) == (None, None)
    assert measure_after(0, closes, [False, *[True] * 6])[0] == pytest.approx(0.0953101798043249)
