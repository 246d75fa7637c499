"""The alerts of a report: what each said, how soon it came, and what was left of the move afterwards."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from brentwatch.core import domain
from brentwatch.message.alert_text import write_alert_text
from brentwatch.replay.leads import measure_share
from brentwatch.replay.report import contents
from brentwatch.replay.report.event_figures import find_after

if TYPE_CHECKING:
    from brentwatch.replay.report.gathering import Gathered, Placement

_AFTER = (1, 5, 10)
_HOUR = timedelta(hours=1)


def list_alerts(gathered: Gathered, placement: Placement) -> tuple[contents.AlertFigures, ...]:
    """The alerts with an abnormal test, by session."""
    built = (_build(thread, gathered, placement) for thread in gathered.threads.values())
    return tuple(sorted((each for each in built if each is not None), key=lambda each: each.session))


def _build(
    thread: Sequence[domain.Alert], gathered: Gathered, placement: Placement
) -> contents.AlertFigures | None:
    alert = thread[-1]
    opening = next((each for each in thread if each.severity is not None), None)
    if opening is None or opening.lead is None or alert.lead is None or alert.severity is None:
        return None
    lead, given = alert.lead, alert.lead.given_alert
    return contents.AlertFigures(
        alert_id=alert.alert_id,
        session=alert.session,
        words=write_alert_text(opening).lock_screen,
        title=alert.title,
        severity=alert.severity,
        direction=lead.direction,
        stage=alert.stage,
        revisions=len(thread),
        opening_stage=opening.stage,
        opened_at=opening.known_at,
        price_at_alert=opening.lead.move.close,
        move=lead.estimate + lead.expected if lead.move.log_return is None else lead.move.log_return,
        low=lead.normal.low,
        high=lead.normal.high,
        p=lead.p,
        level=lead.level,
        estimate=None if given is None else given.estimate,
        estimate_low=None if given is None else given.low,
        estimate_high=None if given is None else given.high,
        events=tuple(each.event_id for each in alert.events),
        events_total=alert.events_total,
        exposure=alert.exposure,
        answers=tuple(_list_answers(thread, gathered)),
        left=tuple(_measure_left(opening, opening.lead, placement)),
        after=find_after(gathered, alert.session),
        confounders=alert.confounders,
    )


def _list_answers(thread: Sequence[domain.Alert], gathered: Gathered) -> Iterator[contents.StageAnswer]:
    alert = thread[-1]
    leads = gathered.tally.leads.get(alert.alert_id, {})
    for stage in domain.Stage:
        first = next((each for each in thread if each.stage is stage), None)
        if first is not None:
            lead = leads.get(stage)
            yield contents.StageAnswer(
                stage=stage,
                at=first.known_at,
                lead_hours=None if lead is None else lead / _HOUR,
                share=measure_share(alert, stage),
            )


def _measure_left(
    opening: domain.Alert, lead: domain.AlertTest, placement: Placement
) -> Iterator[contents.LeftAfter]:
    """From the price at the alert: to its own settlement, if that was still to come, then further on."""
    at, price = placement.places.get(opening.session), lead.move.close
    if at is None or price <= 0.0:
        return
    sign = 1.0 if lead.direction is domain.Direction.UP else -1.0
    own = () if opening.stage is domain.Stage.SETTLEMENT else (0,)
    for sessions in (*own, *_AFTER):
        if at + sessions < len(placement.bars) and (close := placement.bars[at + sessions].close) > 0.0:
            move = math.log(close / price)
            yield contents.LeftAfter(
                sessions=sessions,
                session=placement.bars[at + sessions].session,
                move=move,
                directed=sign * move,
            )
