"""Builds the report of a finished replay from what was gathered of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from brentwatch.core.domain import PriceLevels
from brentwatch.core.impact.cross_section import collect_rows, regress_sizes
from brentwatch.message.cross_section import describe_cross_section
from brentwatch.message.event_lines import describe_stories
from brentwatch.replay.report import contents
from brentwatch.replay.report.alert_figures import list_alerts
from brentwatch.replay.report.data_quality import examine_quality
from brentwatch.replay.report.distributions import build_histograms, build_months, rank_moves, select_largest
from brentwatch.replay.report.doubts import (
    DOUBTFUL_RULE,
    MISSED_RULE,
    MOST_LISTED,
    list_doubtful,
    list_missed,
    select_telling,
)
from brentwatch.replay.report.event_figures import EventBuilder, list_stories
from brentwatch.replay.report.gathering import Gathered, Placement
from brentwatch.replay.report.mean_car import average_sessions
from brentwatch.replay.report.method_words import write_limits, write_method, write_report_verdict
from brentwatch.replay.report.rebasing import rebase_report
from brentwatch.replay.report.run_identity import identify_run
from brentwatch.replay.report.tested_sessions import SessionParts, test_sessions

if TYPE_CHECKING:
    from brentwatch.core.monitor.rules import Rules

_TOLD_STORIES = 10


def build_report(
    gathered: Gathered, rules: Rules, since: datetime | None = None, until: datetime | None = None
) -> contents.ReplayReport:
    """The report of a replay.

    Args:
        gathered: has taken every turn of the replay that is shown.
        rules: those of the replay.
        since: the start of the shown period, UTC, None without one.
        until: its end, exclusive, UTC, None without one.
    """
    instrument = gathered.instrument
    placement = Placement.build(instrument, gathered.signals)
    shown = frozenset(
        bar.session
        for bar in placement.bars[1:]
        if (since is None or bar.closes_at >= since) and (until is None or bar.closes_at < until)
    )
    parts = test_sessions(gathered, placement, rules, shown)
    sessions = tuple(parts.tested.values())
    alerts = list_alerts(gathered, placement)
    events = EventBuilder(
        gathered=gathered,
        placement=placement,
        sessions=parts,
        alerts={each.session: each.alert_id for each in alerts},
    ).build_all()
    placed = [places for each in gathered.list_live() if (places := placement.find_places(each))]
    averages = average_sessions(placement, [places[0] for places in placed], len(placed))
    ranked = rank_moves(sessions)
    doubtful = list_doubtful(alerts)
    missed = list_missed(sessions, events, [each.session for each in alerts])
    stories = list_stories(gathered)
    report = contents.ReplayReport(
        identity=identify_run(gathered.recording, instrument, gathered.signals, since, until),
        verdict=write_report_verdict(gathered),
        period=_find_period(placement, sessions),
        is_rebased=False,
        alerts=alerts,
        quality=examine_quality(gathered, parts),
        calendar=tuple(_list_days(parts)),
        events=events,
        events_total=len(gathered.events),
        sessions=sessions,
        untested=tuple(parts.untested.values()),
        prices=tuple((bar.session, bar.close) for bar in placement.bars),
        mean_car=averages.mean_car,
        average_tests=averages.tests,
        p_values=build_histograms(sessions),
        months=build_months(sessions),
        largest_with_event=select_largest(ranked, with_event=True),
        largest_without_event=select_largest(ranked, with_event=False),
        doubtful=doubtful[:MOST_LISTED],
        doubtful_total=len(doubtful),
        doubtful_rule=DOUBTFUL_RULE,
        missed=missed[:MOST_LISTED],
        missed_total=len(missed),
        missed_rule=MISSED_RULE,
        stories=stories,
        story_words=tuple(describe_stories(stories[:_TOLD_STORIES])),
        cross_section=(_describe_cross_section(gathered),),
        method=tuple(write_method(instrument)),
        limits=tuple(write_limits(gathered.recording.notes)),
    )
    return report if instrument.price_levels is PriceLevels.SHOWN else rebase_report(report)


def _describe_cross_section(gathered: Gathered) -> str:
    admitted = {each.signal.event.event_id: each.signal for each in gathered.list_live()}
    rows = collect_rows(gathered.tally.headlines.values(), admitted)
    return describe_cross_section(regress_sizes(rows))


def _find_period(placement: Placement, sessions: tuple[contents.TestedSession, ...]) -> contents.ReportPeriod:
    tested = [each.session for each in sessions if each.origin is contents.SessionOrigin.REPLAY]
    days = placement.sessions
    return contents.ReportPeriod(
        first_price=days[0] if days else None,
        last_price=days[-1] if days else None,
        first_tested=tested[0] if tested else None,
        last_tested=tested[-1] if tested else None,
    )


def _list_days(parts: SessionParts) -> list[contents.CalendarDay]:
    """The sessions with an event or a telling confounder that the replay decided, oldest first."""
    found = dict[date, contents.CalendarDay]()
    for tested in parts.tested.values():
        telling = select_telling(tested.confounders)
        if tested.origin is contents.SessionOrigin.REPLAY and (tested.events or telling):
            found[tested.session] = contents.CalendarDay(
                session=tested.session, events=tested.events, confounders=telling
            )
    for untested in parts.untested.values():
        if untested.events:
            found[untested.session] = contents.CalendarDay(
                session=untested.session, events=untested.events, confounders=()
            )
    return [found[day] for day in sorted(found)]
