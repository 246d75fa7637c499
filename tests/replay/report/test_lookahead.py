"""Nothing known later changes what a report says of an event, a session, an alert or a month before it."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

import pytest
from tests.replay.report.building_of import report_history, report_signals

from brentwatch.core.domain import BRENT_SPOT
from brentwatch.replay.recording import read_history
from brentwatch.replay.report.contents import EventFigures, EventSession, ReplayReport

CUTS = (
    ("libya-2011", datetime(2011, 2, 23, 20, 0, tzinfo=UTC)),
    ("abqaiq-2019", datetime(2019, 9, 17, 20, 0, tzinfo=UTC)),
)


@cache
def build_both(history: str, until: datetime) -> tuple[ReplayReport, ReplayReport]:
    """The report of the signals known by a time, and that of all."""
    signals = read_history(history, BRENT_SPOT).signals
    early = [signal for signal in signals if signal.known_at <= until]
    assert 0 < len(early) < len(signals)
    return report_signals(history, BRENT_SPOT, early), report_history(history)


@pytest.mark.parametrize(("history", "until"), CUTS)
def test_tested_sessions_stay(history: str, until: datetime) -> None:
    early, whole = build_both(history, until)

    later = {each.session: each for each in whole.sessions}
    assert len(early.sessions) < len(whole.sessions)
    assert [later[each.session] for each in early.sessions] == list(early.sessions)


@pytest.mark.parametrize(("history", "until"), CUTS)
def test_events_only_grow(history: str, until: datetime) -> None:
    early, whole = build_both(history, until)

    later = {each.event_id: each for each in whole.events}
    assert early.events
    for before in early.events:
        check_event(before, later[before.event_id])


def check_event(before: EventFigures, after: EventFigures) -> None:
    """Path and sessions are those of before, and what is new of them comes after."""
    assert (before.label, before.exposure, before.outcome) == (after.label, after.exposure, after.outcome)
    assert after.path[: len(before.path)] == before.path
    settled = [each for each in before.sessions if each.test in [now.test for now in after.sessions]]
    pending = [each for each in before.sessions if each not in settled]
    assert all(getattr(each.test, "outcome", "") == "pending" for each in pending)
    for each in settled:
        check_session(each, next(now for now in after.sessions if now.session == each.session))


def check_session(before: EventSession, after: EventSession) -> None:
    """Complete windows stay."""
    complete = [each for each in before.windows if each.observed == each.planned]
    assert [each for each in after.windows if each.window in {done.window for done in complete}] == complete


@pytest.mark.parametrize(("history", "until"), CUTS)
def test_alerts_keep_what_they_said_first(history: str, until: datetime) -> None:
    early, whole = build_both(history, until)

    later = {each.alert_id: each for each in whole.alerts}
    for before in early.alerts:
        after = later[before.alert_id]
        assert (before.words, before.opened_at, before.price_at_alert, before.p, before.move) == (
            (after.words, after.opened_at, after.price_at_alert, after.p, after.move)
        )
        assert after.left[: len(before.left)] == before.left
        assert after.answers[: len(before.answers)] == before.answers


@pytest.mark.parametrize(("history", "until"), CUTS)
def test_complete_months_stay(history: str, until: datetime) -> None:
    early, whole = build_both(history, until)

    assert whole.months[: len(early.months) - 1] == early.months[:-1]
