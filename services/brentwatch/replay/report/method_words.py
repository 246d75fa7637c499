"""The words of a report: its verdict, its method and its limits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from brentwatch.core import domain
from brentwatch.core.domain.shares import ExactShare
from brentwatch.message import figures
from brentwatch.replay.report import contents
from brentwatch.replay.summary import explain_nothing_tested, summarise_replay

if TYPE_CHECKING:
    from brentwatch.replay.report.gathering import Gathered
    from brentwatch.replay.turns import Tally


def write_report_verdict(gathered: Gathered) -> contents.ReportVerdict:
    """The verdict, by the sentences of `brentwatch replay`."""
    tally, level = gathered.tally, gathered.instrument.alert_level
    found = [(each, each.result) for each in tally.tested if isinstance(each.result, domain.Found)]
    abnormal = [study for study, result in found if result.p <= level]
    opened = [alert for alert in tally.alerts.values() if alert.heads_up is not None]
    lines = tuple(summarise_replay(tally, gathered.instrument, names_sessions=False))
    return contents.ReportVerdict(
        headline=_write_headline(tally, len(found), abnormal, level),
        lines=lines,
        sessions=len(found),
        abnormal=len(abnormal),
        after_event=sum(bool(each.events_total) for each in abnormal),
        level=level,
        expected=len(found) * level,
        heads_ups=len(opened),
        heads_ups_followed=_count_followed(opened),
    )


def _write_headline(tally: Tally, tested: int, abnormal: Sequence[domain.SessionStudy], level: float) -> str:
    if not tested:
        reason = explain_nothing_tested(tally)
        return f"{reason[0].upper()}{reason[1:]}."
    sessions, told = figures.format_count(tested, "session"), figures.format_level(level)
    loud = sum(alert.severity is not None for alert in tally.alerts.values())
    if not abnormal and loud:
        alerts = figures.format_count(loud, "alert")
        return (
            f"{alerts} opened before the settlement. From settlement to settlement, none of {sessions} moved "
            f"abnormally (alert level {told})."
        )
    if not abnormal:
        return f"No abnormal move detected in {sessions} (alert level {told})."
    after = sum(bool(each.events_total) for each in abnormal)
    return (
        f"{len(abnormal)} of {sessions} moved abnormally (alert level {told}): {after} after a known event, "
        f"{len(abnormal) - after} without one. By chance alone it would be {tested * level:.1f}."
    )


def _count_followed(opened: Sequence[domain.Alert]) -> contents.CountedShare | None:
    answered = [alert for alert in opened if alert.tests]
    if not answered:
        return None
    count = sum(alert.severity is not None for alert in answered)
    share = ExactShare(count, len(answered))
    return contents.CountedShare(count=count, total=share.total, low=share.low, high=share.high)


def write_method(instrument: domain.Instrument) -> Iterator[str]:
    """How a session is tested, in short sentences; docs/methods.md has the whole."""
    level = figures.format_level(instrument.alert_level)
    yield (
        "The session is tested, not the event: all events of a session share one test. It asks whether the "
        "return is a draw from the forecast that was made at the settlement before."
    )
    yield (
        "The forecast is a GARCH(1,1) with Student t on the last 1,500 returns, fitted again each month. It "
        "takes the calendar days since the session before into account, and each tail has its own scale, "
        "which corrects itself."
    )
    yield (
        f"A session is abnormal if p is at or below {level}. z is the abnormal move divided by its standard "
        "error. The normal range holds 95 of 100 moves if nothing happens."
    )
    yield (
        "Sessions that the replay uses for estimation only are tested afterwards in the same way, each with "
        "the prices before it. They count in the histogram, the months and the largest moves."
    )
    yield (
        "The tests of the average use the window [0, 5] of the classical event study. Events of one series "
        "that share sessions are not independent: there only the tests of Kolari and Pynnönen are valid."
    )


def write_limits(recording_notes: Sequence[str]) -> Iterator[str]:
    """What the report does not say; the notes of the history come last."""
    yield "After, never because: other news of the same session counts as well. Nothing here is advice."
    yield (
        "“Normal” does not mean no effect. A daily effect under about 3 % is hardly ever found; each session "
        "says which move its test finds four times in five."
    )
    yield "A move that is picked because it is abnormal tends to be overestimated."
    yield (
        "The people who chose the events knew what had happened. The share of abnormal sessions after events "
        "is no estimate of how often unrest moves the price."
    )
    yield (
        "Parts about the whole replay, such as the mean CAR, its band and the ranks, change when later "
        "sessions are added. Parts of one event do not, except that its windows become complete."
    )
    yield from recording_notes
