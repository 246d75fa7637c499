"""The end of a replay: the verdict, the windows within sessions, and the counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from brentwatch.core import domain
from brentwatch.core.intraday.minutes import LEVEL
from brentwatch.message import figures
from brentwatch.message.event_lines import describe_what_and_where
from brentwatch.message.intraday import write_study_lines
from brentwatch.message.words import write_verdict
from brentwatch.replay.leads import describe_heads_ups

if TYPE_CHECKING:
    from datetime import datetime

    from brentwatch.replay.turns import Tally


MOST_ROWS = 40
"""A history with more tested sessions is long: only the remarkable ones are shown."""


def summarise_replay(
    tally: Tally, instrument: domain.Instrument, *, names_sessions: bool = True
) -> Iterator[str]:
    """The verdict on the whole, and the counts behind it, in sentences.

    The abnormal sessions are listed only if it `names_sessions`.
    """
    tested, abnormal = tally.tested, _select_abnormal(tally, instrument.alert_level)
    if not tested:
        yield from _summarise_nothing_tested(tally)
        return
    yield _count_sessions(tally, instrument, abnormal, is_heading=bool(abnormal) and names_sessions)
    for study in abnormal if names_sessions else ():
        yield (
            f"  {figures.format_day(study.session, year=True)}: "
            f"{_describe_verdict(study, instrument.alert_level)}"
        )
    if abnormal:
        after = sum(bool(study.events_total) for study in abnormal)
        yield f"{after} came after a known event, {len(abnormal) - after} without one."
    if tally.windows:
        yield from summarise_windows(tally.windows.values())
    yield from describe_heads_ups(tally)
    yield f"Events: {_format_counts(tally.events)}. Sessions: {_format_counts(tally.sessions)}."
    if tally.waiting:
        yield (
            f"{figures.format_count(tally.waiting, 'session')} with events had not settled when the "
            "prices ended."
        )


def _count_sessions(
    tally: Tally,
    instrument: domain.Instrument,
    abnormal: Sequence[domain.SessionStudy],
    *,
    is_heading: bool,
) -> str:
    level, count = instrument.alert_level, len(tally.tested)
    tested = f"{figures.format_count(count, 'session')} tested"
    tested += " from settlement to settlement" if tally.windows else ""
    chance = f"{_format_chance(count * level)} expected by chance"
    end = ":" if is_heading else "." if abnormal or tally.windows else ": no abnormal move detected."
    return (
        f"{tested}, {len(abnormal)} abnormal at the alert level {figures.format_level(level)} ({chance}){end}"
    )


def _format_chance(count: float) -> str:
    return f"{count:.1f}" if count >= 1.0 else f"{count:.2f}"


def explain_nothing_tested(tally: Tally) -> str:
    """Why no session has a test, in one sentence."""
    what = "no session was tested from settlement to settlement" if tally.answered else "nothing was tested"
    refusals = [
        study.result for study in tally.headlines.values() if isinstance(study.result, domain.Refused)
    ]
    if refusals:
        return (
            f"{what}: {figures.format_count(len(refusals), 'session')} refused, the last because "
            f"{refusals[-1].reason}"
        )
    if tally.waiting:
        return (
            f"{what}: {figures.format_count(tally.waiting, 'session')} with events had not settled when the "
            "prices ended"
        )
    return f"{what}: all prices are warm-up, or there are too few; give more price history"


def _summarise_nothing_tested(tally: Tally) -> Iterator[str]:
    told = explain_nothing_tested(tally)
    yield f"{told[0].upper()}{told[1:]}."
    if tally.windows:
        yield from summarise_windows(tally.windows.values())
    yield f"Events: {_format_counts(tally.events)}. Sessions: {_format_counts(tally.sessions)}."


def describe_session_verdict(study: domain.SessionStudy, found: domain.Found, alert_level: float) -> str:
    """Abnormal at the alert level, or only outside the normal range, or inside it."""
    if found.p <= alert_level:
        return "abnormal" if study.events_total else "abnormal, no event"
    return "outside normal range" if is_outside(found) else "normal"


def is_outside(found: domain.Found) -> bool:
    """True of a move outside the normal range, be it abnormal or not."""
    low, high = found.normal_range
    return not low <= found.total <= high


def _select_abnormal(tally: Tally, alert_level: float) -> list[domain.SessionStudy]:
    return [
        study
        for study in tally.tested
        if isinstance(study.result, domain.Found) and study.result.p <= alert_level
    ]


def _describe_verdict(study: domain.SessionStudy, alert_level: float) -> str:
    events = list(dict.fromkeys(map(describe_what_and_where, study.events)))[:3]
    after = f"; after: {'; '.join(events)}" if events else "; no event known"
    return write_verdict(study, alert_level) + after


def _format_counts(counter: Counter[domain.EventOutcome] | Counter[domain.SessionOutcome]) -> str:
    items = sorted((str(name), count) for name, count in counter.items())
    return ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in items) or "none"


def summarise_windows(windows: Iterable[domain.WindowStudy | domain.ReopenStudy]) -> Iterator[str]:
    """How many windows were tested and which were abnormal; how many have no answer, or no test at all."""
    known = list(windows)
    tested = [study for study in known if _find_opening(study).test is not None]
    answered = [study for study in tested if isinstance(study.result, domain.MoveFound)]
    abnormal = [study for study in answered if _is_abnormal(study)]
    yield (
        f"Within the sessions: {figures.format_count(_count_openings(tested), 'test')} with "
        f"{figures.format_count(len(answered), 'window')}, {len(abnormal)} abnormal at the alert level "
        f"{figures.format_level(LEVEL)} ({_format_chance(len(answered) * LEVEL)} expected by chance)"
        f"{':' if abnormal else '.'}"
    )
    for study in abnormal:
        yield from (f"  {line}" for line in write_study_lines(study))
    if untested := _count_openings(known) - _count_openings(tested):
        studies = "study" if untested == 1 else "studies"
        yield f"{untested} {studies} without a test."
    if silent := len(tested) - len(answered):
        waiting = sum(isinstance(study.result, domain.NotYet) for study in tested)
        yield (
            f"{figures.format_count(silent, 'window')} without an answer, {waiting} of them because "
            "the bars ended."
        )


def _is_abnormal(study: domain.WindowStudy | domain.ReopenStudy) -> bool:
    return isinstance(study.result, domain.MoveFound) and study.result.p <= LEVEL


def _find_opening(study: domain.WindowStudy | domain.ReopenStudy) -> domain.Within | domain.Reopen:
    return study.within if isinstance(study, domain.WindowStudy) else study.reopen


def _count_openings(windows: Iterable[domain.WindowStudy | domain.ReopenStudy]) -> int:
    """The number of openings, each with one or two windows."""
    return len({_get_begin(study) for study in windows})


def _get_begin(study: domain.WindowStudy | domain.ReopenStudy) -> datetime:
    return study.within.begins_at if isinstance(study, domain.WindowStudy) else study.reopen.reopens_at
