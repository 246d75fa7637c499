"""The time from the news to each answer of an alert, and the share of the move by then."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table

from brentwatch.core.domain import Alert, AlertTest, Stage
from brentwatch.core.domain.shares import ExactShare
from brentwatch.message import figures

if TYPE_CHECKING:
    from brentwatch.replay.turns import Tally

_STAGES = (Stage.HEADS_UP, Stage.REOPEN, Stage.WITHIN, Stage.PROVISIONAL, Stage.SETTLEMENT)
_HOUR = timedelta(hours=1)
_TITLE = "Hours from the news to each answer, share of the move by then"


def describe_heads_ups(tally: Tally) -> Iterator[str]:
    """How many heads-ups there were, and how many of them an abnormal session followed."""
    opened = [alert for alert in tally.alerts.values() if alert.heads_up is not None]
    answered = [alert for alert in opened if alert.tests]
    if not opened:
        return
    days = max((max(tally.headlines) - min(tally.headlines)).days, 1) if tally.headlines else 0
    yearly = f", {len(opened) / days * 365.25:.1f} a year" if days > 365 else ""
    line = f"{figures.format_count(len(opened), 'heads-up')}{yearly}"
    if answered:
        abnormal = sum(alert.severity is not None for alert in answered)
        share = ExactShare(abnormal, len(answered))
        interval = f"{100.0 * share.low:.0f} to {100.0 * share.high:.0f} %"
        line += (
            f"; {abnormal} of {len(answered)} {'was' if abnormal == 1 else 'were'} followed by an "
            f"abnormal move (95 % interval of the share: {interval})"
        )
    yield f"{line}."


def build_lead_table(tally: Tally) -> Table | None:
    """A row for each alert with an abnormal test: hours from the news to each stage; None without any."""
    rows = [list(_build_row(alert, tally)) for alert in _list_alerts(tally)]
    if not rows:
        return None
    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, title=_TITLE, title_justify="left")
    for name in ("alert", *(str(stage) for stage in _STAGES)):
        drawn.add_column(name, justify="left" if name == "alert" else "right", no_wrap=True)
    for row in rows:
        drawn.add_row(*row)
    return drawn


def _list_alerts(tally: Tally) -> Sequence[Alert]:
    loud = (alert for alert in tally.alerts.values() if alert.severity is not None and alert.events)
    return sorted(loud, key=lambda alert: alert.session)


def _build_row(alert: Alert, tally: Tally) -> Iterator[str]:
    yield figures.format_day(alert.session, year=True)
    leads = tally.leads.get(alert.alert_id, {})
    for stage in _STAGES:
        lead = leads.get(stage)
        share = measure_share(alert, stage)
        hours = "" if lead is None else f"{lead / _HOUR:.1f} h"
        yield hours if share is None or not hours else f"{hours}, {100.0 * share:.0f} %"


def measure_share(alert: Alert, stage: Stage) -> float | None:
    """The share of the session's move that had happened by the answer; None if it is not known."""
    settled, test = alert.find_test(Stage.SETTLEMENT), alert.find_test(stage)
    if settled is None or test is None or stage is Stage.SETTLEMENT or not settled.move.log_return:
        return None
    return _measure_move(settled, test) / settled.move.log_return


def _measure_move(settled: AlertTest, test: AlertTest) -> float:
    before, now = settled.move.previous_close, test.move.close
    return math.log(now / before) if min(before, now) > 0.0 else 0.0
