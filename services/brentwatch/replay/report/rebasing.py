"""A report without price levels, for an instrument whose levels may not be shown."""

from __future__ import annotations

from dataclasses import replace

from brentwatch.core.domain import REBASED_CLOSE
from brentwatch.replay.report import contents


def rebase_report(report: contents.ReplayReport) -> contents.ReplayReport:
    """The same report with all prices divided by one number, so that the first price above zero is 100.

    Moves and estimates stay as they are.
    """
    factor = next((REBASED_CLOSE / close for _, close in report.prices if close > 0.0), 0.0)
    return replace(
        report,
        is_rebased=True,
        alerts=tuple(replace(each, price_at_alert=factor * each.price_at_alert) for each in report.alerts),
        events=tuple(_rebase_event(each, factor) for each in report.events),
        sessions=tuple(_rebase_session(each, factor) for each in report.sessions),
        prices=tuple((session, factor * close) for session, close in report.prices),
        largest_with_event=_rebase_ranked(report.largest_with_event, factor),
        largest_without_event=_rebase_ranked(report.largest_without_event, factor),
        missed=tuple(replace(each, tested=_rebase_session(each.tested, factor)) for each in report.missed),
    )


def _rebase_event(event: contents.EventFigures, factor: float) -> contents.EventFigures:
    sessions = tuple(
        replace(each, test=_rebase_session(each.test, factor))
        if isinstance(each.test, contents.TestedSession)
        else each
        for each in event.sessions
    )
    path = tuple(replace(each, close=factor * each.close) for each in event.path)
    return replace(event, sessions=sessions, path=path)


def _rebase_session(tested: contents.TestedSession, factor: float) -> contents.TestedSession:
    return replace(tested, close=factor * tested.close, previous_close=factor * tested.previous_close)


def _rebase_ranked(ranked: tuple[contents.RankedMove, ...], factor: float) -> tuple[contents.RankedMove, ...]:
    return tuple(replace(each, tested=_rebase_session(each.tested, factor)) for each in ranked)
