"""The scores of recorded alerts: what came after them, what people answered, and how early they came.

Whether an alert was right is never decided by its own test. A move has held if the five sessions after it
did not take back half of it. The share of all moves that hold is given with it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from scipy.special import bdtr

from brentwatch.core.domain.shares import ExactShare

AFTER = 5
"""The sessions after a move that decide whether it has held."""

_TAKEN_BACK = 0.5


@dataclass(frozen=True, slots=True)
class DatedMove:
    """The abnormal part of the return of a session, a log fraction, and its p."""

    session: date
    abnormal: float
    p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedAlert:
    """An alert in its newest revision; times in UTC.

    `severity` is empty if no test was abnormal. `news_at` is the time of its first event, `abnormal_at` that
    of the first revision with an abnormal test, `heads_up_at` that of its heads-up; None if there is none.
    `useful` and `false_alarms` count what people answered.
    """

    alert_id: str
    session: date
    severity: str
    settles_at: datetime
    news_at: datetime | None
    abnormal_at: datetime | None
    heads_up_at: datetime | None
    useful: int
    false_alarms: int


@dataclass(frozen=True, slots=True)
class MedianHours:
    """The median of `n` times in hours, and the order statistics that hold it in 95 of 100 samples."""

    n: int
    median: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelScore:
    """The alerts of one level. `answered` is what people found useful. `delay` is from the news to the alert.

    `delay` is None without an alert that followed news.
    """

    level: str
    alerts: int
    held: ExactShare
    answered: ExactShare
    delay: MedianHours | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadsUpScore:
    """How many heads-ups an abnormal session followed, and how long before its settlement they came."""

    abnormal: ExactShare
    answered: ExactShare
    lead: MedianHours | None


def judge_held(moves: Sequence[DatedMove]) -> dict[date, bool]:
    """Whether each move held; sessions are left out that fewer than `AFTER` follow."""
    sums = np.concatenate([[0.0], np.cumsum([each.abnormal for each in moves])])
    return {
        move.session: bool(
            np.sign(move.abnormal) * (sums[at + 1 + AFTER] - sums[at + 1]) > -_TAKEN_BACK * abs(move.abnormal)
        )
        for at, move in enumerate(moves[:-AFTER])
    }


def score_level(level: str, alerts: Iterable[RecordedAlert], held: Mapping[date, bool]) -> LevelScore:
    """The scores of the alerts whose severity is `level`."""
    of_level = [alert for alert in alerts if alert.severity == level]
    judged = [held[alert.session] for alert in of_level if alert.session in held]
    return LevelScore(
        level=level,
        alerts=len(of_level),
        held=ExactShare(sum(judged), len(judged)),
        answered=_count_answers(of_level),
        delay=find_median(
            _count_hours(alert.news_at, alert.abnormal_at)
            for alert in of_level
            if alert.news_at is not None and alert.abnormal_at is not None
        ),
    )


def score_chance(moves: Sequence[DatedMove], held: Mapping[date, bool], most: float) -> ExactShare:
    """How many moves of sessions with p at or below `most` held, whatever was known."""
    judged = [held[move.session] for move in moves if move.p <= most and move.session in held]
    return ExactShare(sum(judged), len(judged))


def score_heads_ups(alerts: Iterable[RecordedAlert], tested: Mapping[date, bool]) -> HeadsUpScore:
    """The scores of the heads-ups; `tested` says of each tested session whether it was abnormal."""
    early = [alert for alert in alerts if alert.heads_up_at is not None]
    ended = [tested[alert.session] for alert in early if alert.session in tested]
    return HeadsUpScore(
        abnormal=ExactShare(sum(ended), len(ended)),
        answered=_count_answers(early),
        lead=find_median(
            _count_hours(alert.heads_up_at, alert.settles_at)
            for alert in early
            if alert.heads_up_at is not None
        ),
    )


def find_median(hours: Iterable[float]) -> MedianHours | None:
    """The median, and the narrowest symmetric pair of order statistics around it; None of nothing."""
    ordered = sorted(hours)
    if not ordered:
        return None
    count = len(ordered)
    rare = np.count_nonzero(bdtr(np.arange(count, dtype=np.float64), count, 0.5) <= 0.025)
    outside = max(0, int(rare) - 1)
    return MedianHours(count, float(np.median(ordered)), ordered[outside], ordered[count - 1 - outside])


def _count_answers(alerts: Iterable[RecordedAlert]) -> ExactShare:
    counts = [(alert.useful, alert.false_alarms) for alert in alerts]
    useful = sum(useful for useful, _ in counts)
    return ExactShare(useful, useful + sum(false for _, false in counts))


def _count_hours(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds() / 3600.0
