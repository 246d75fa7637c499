"""The tables of a report whose rows are sessions: alerts, calendar, largest moves, false alarms, misses."""

from __future__ import annotations

from collections.abc import Sequence

from brentwatch.core.domain import Stage
from brentwatch.message.figures import (
    MINUS,
    format_count,
    format_day,
    format_exposure,
    format_p_number,
    format_percent,
    format_percent_range,
)
from brentwatch.message.html.page_tables import PageRow, PageTable
from brentwatch.replay.report.charts import MARKS, make_strips
from brentwatch.replay.report.contents import (
    AlertFigures,
    CalendarDay,
    DoubtfulAlert,
    MissedMove,
    RankedMove,
    StageAnswer,
)
from brentwatch.replay.report.page_cells import Links, format_z, link_events, list_confounders, list_known

_SHOWN_LEFT = (1, 5)
"""What was left is shown after that many sessions."""

_SHOWN_EVENTS = 2


def list_alerts(alerts: Sequence[AlertFigures], links: Links) -> PageTable:
    """The alerts with their lead time, and what was left of the move after them."""
    has_share = any(_find_answer(each, each.opening_stage, has_share=True) for each in alerts)
    return PageTable(
        caption="Alerts: hours from the news to the heads-up and to the alert, then the move left after the "
        "alert (plus: the price went on, minus: it came back).",
        rows=[_list_alert(alert, links, has_share=has_share) for alert in alerts],
    )


def _list_alert(alert: AlertFigures, links: Links, *, has_share: bool) -> PageRow:
    left = {each.sessions: format_percent(each.directed) for each in alert.left}
    events = list(link_events(alert.events[:_SHOWN_EVENTS], links))
    if alert.events_total > len(events) > 0:
        events.append(f"and {alert.events_total - len(events)} more")
    return PageRow(
        cells={
            "Session#": format_day(alert.session, year=True),
            "Event": events or "no event known",
            "Severity#": str(alert.severity),
            "Move#": format_percent(alert.move),
            "p#": format_p_number(alert.p),
            "Heads-up#": _format_lead(alert, Stage.HEADS_UP),
            "Alert#": _format_lead(alert, alert.opening_stage),
            **({"Move by then#": _format_share(alert)} if has_share else {}),
            **{
                f"{format_count(each, 'session')} later#": left.get(each, "not known") for each in _SHOWN_LEFT
            },
        },
        style="" if alert.events else "dim",
    )


def _find_answer(alert: AlertFigures, stage: Stage, *, has_share: bool = False) -> StageAnswer | None:
    found = (each for each in alert.answers if each.stage is stage)
    return next((each for each in found if each.share is not None or not has_share), None)


def _format_lead(alert: AlertFigures, stage: Stage) -> str:
    """Hours from the news to a stage."""
    answer = _find_answer(alert, stage)
    if answer is None or answer.lead_hours is None:
        return "none" if alert.events_total else "no news"
    return f"{answer.lead_hours:.1f} h".replace("-", MINUS)


def _format_share(alert: AlertFigures) -> str:
    """The part of the session's move that had happened by the alert."""
    answer = _find_answer(alert, alert.opening_stage, has_share=True)
    if answer is None or answer.share is None:
        return "not known"
    return f"{100.0 * answer.share:.0f} %".replace("-", MINUS)


def list_calendar(calendar: Sequence[CalendarDay], links: Links) -> PageTable:
    """The sessions with an event or with other dated news."""
    return PageTable(
        caption="Sessions with events or other dated news; weekly reports are left out",
        rows=[
            PageRow(
                cells={
                    "Session#": format_day(day.session, year=True),
                    "Events": list(link_events(day.events, links)),
                    "Also on that day": list_confounders(day.confounders),
                }
            )
            for day in calendar
        ],
    )


def list_ranked(caption: str, ranked: Sequence[RankedMove], links: Links) -> PageTable:
    """The largest moves by |z|, with their rank among all sessions."""
    strips = make_strips(each.tested for each in ranked)
    return PageTable(
        caption=caption,
        rows=[
            PageRow(
                cells={
                    "Session#": format_day(each.tested.session, year=True),
                    "Move#": format_percent(each.tested.move),
                    "With its normal range": strip,
                    "z#": format_z(each.tested.z),
                    "Rank#": f"{each.rank:,}",
                    "p#": format_p_number(each.tested.p),
                    "What is known of the day": list_known(each.tested, links),
                },
                style=MARKS[each.tested.verdict].name.lower(),
            )
            for each, strip in zip(ranked, strips, strict=True)
        ],
    )


def list_doubtful(doubtful: Sequence[DoubtfulAlert]) -> PageTable:
    """The alerts that may be false, worst first."""
    return PageTable(
        caption="Alerts that may be false, worst first",
        rows=[
            PageRow(
                cells={
                    "Session#": format_day(each.session, year=True),
                    "Move#": format_percent(each.move),
                    "p#": format_p_number(each.p),
                    "Given back in 5 sessions": _format_given_back(each.given_back),
                    "Why it may be false": list(each.reasons),
                    "Also on that day": list_confounders(each.confounders),
                }
            )
            for each in doubtful
        ],
    )


def _format_given_back(share: float | None) -> str:
    if share is None:
        return "not known"
    return f"{100.0 * share:.0f} %" if share > 0.0 else "nothing"


def list_missed(missed: Sequence[MissedMove], links: Links) -> PageTable:
    """The moves without an alert, worst first."""
    return PageTable(
        caption="Moves without an alert, worst first",
        rows=[
            PageRow(
                cells={
                    "Session#": format_day(each.tested.session, year=True),
                    "Move#": format_percent(each.tested.move),
                    "Normal range (95 %)#": format_percent_range(each.tested.low, each.tested.high),
                    "z#": format_z(each.tested.z),
                    "p#": format_p_number(each.tested.p),
                    "Why there was no alert": _write_missed(each),
                    "What is known of the day": list_known(each.tested, links),
                },
                style=MARKS[each.tested.verdict].name.lower(),
            )
            for each in missed
        ],
    )


def _write_missed(missed: MissedMove) -> str:
    exposure = "" if missed.exposure is None else f"; exposure {format_exposure(missed.exposure)}"
    return f"{missed.reason}{exposure}"
