"""The end of a replay: the verdict on the whole, windows within sessions, a table, and the counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table

from brentwatch.core import domain
from brentwatch.core.intraday.minutes import LEVEL
from brentwatch.message import figures
from brentwatch.message.intraday import write_study_lines
from brentwatch.message.tables import print_table as draw
from brentwatch.message.words import write_verdict

if TYPE_CHECKING:
    from brentwatch.replay.turns import Tally


_MOST_ROWS = 40
_MOVE = ""
"""The column of the instrument's own move has its label."""

_COLUMNS = (
    ("session", "left"),
    ("events", "right"),
    ("exposure", "right"),
    (_MOVE, "right"),
    ("normal range", "right"),
    ("p", "left"),
    ("test finds", "right"),
    ("verdict", "left"),
)


def summarise_replay(tally: Tally, instrument: domain.Instrument) -> Iterator[str]:
    """The verdict on the whole, and the counts behind it, in sentences."""
    tested, abnormal = tally.tested, _select_abnormal(tally, instrument.alert_level)
    if not tested:
        yield from _summarise_nothing_tested(tally)
        return
    explained = [study for study in abnormal if study.events_total]
    at = f"the {figures.format_level(instrument.alert_level)} level"
    chance = len(tested) * instrument.alert_level
    none = ": none from settlement to settlement." if tally.windows else ": no abnormal move detected."
    yield (
        f"{figures.format_count(len(tested), 'session')} tested, {len(abnormal)} abnormal at {at} "
        f"({chance:.1f} would be by chance alone)" + (":" if abnormal else none)
    )
    for study in abnormal:
        yield (
            f"  {figures.format_day(study.session, year=True)}: "
            f"{_describe_verdict(study, instrument.alert_level)}"
        )
    if abnormal:
        yield f"{len(explained)} of them after known events, {len(abnormal) - len(explained)} unexplained."
    if tally.windows:
        yield from summarise_windows(tally.windows.values())
    yield f"Events: {_format_counts(tally.events)}. Sessions: {_format_counts(tally.sessions)}."
    if tally.waiting:
        yield (
            f"{figures.format_count(tally.waiting, 'session')} with events had not settled when the "
            "prices ended."
        )


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
            "prices "
            "ended"
        )
    return f"{what}: all prices are warm-up, or there are too few; give more price history"


def _summarise_nothing_tested(tally: Tally) -> Iterator[str]:
    told = explain_nothing_tested(tally)
    yield f"{told[0].upper()}{told[1:]}."
    if tally.windows:
        yield from summarise_windows(tally.windows.values())
    yield f"Events: {_format_counts(tally.events)}. Sessions: {_format_counts(tally.sessions)}."


def print_table(tally: Tally, instrument: domain.Instrument, width: int) -> None:
    """Print the table of sessions to standard output; in colour nowhere."""
    if tally.tested:
        draw(build_table(tally, instrument), width)


def build_table(tally: Tally, instrument: domain.Instrument) -> Table:
    """The tested sessions, or of a long history only the abnormal ones."""
    shown = tally.tested
    if len(shown) > _MOST_ROWS:
        shown = _select_abnormal(tally, instrument.alert_level)
    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name, side in _COLUMNS:
        drawn.add_column(
            name or instrument.label, justify="right" if side == "right" else "left", no_wrap=True
        )
    for study in shown:
        drawn.add_row(*_build_row(study, instrument.alert_level))
    return drawn


def _build_row(study: domain.Study, alert_level: float) -> Sequence[str]:
    found, move = study.result, study.move
    if not isinstance(found, domain.Found) or move is None or move.log_return is None:
        return [figures.format_day(study.session), str(study.events_total)]
    half = (found.high - found.low) / 2.0
    return [
        figures.format_day(study.session, year=True),
        str(study.events_total),
        _format_exposure(study),
        figures.format_percent(move.log_return),
        figures.format_percent_range(found.expected - half, found.expected + half),
        figures.format_p_number(found.p),
        figures.format_size(found.mde_alert),
        _describe_result(study, found, alert_level),
    ]


def _format_exposure(study: domain.Study) -> str:
    """Unknown is a question mark, which is not the same as no event."""
    if study.exposure is not None:
        return figures.format_exposure(study.exposure)
    return "?" if study.events_total else ""


def _describe_result(study: domain.Study, found: domain.Found, alert_level: float) -> str:
    if found.p > alert_level:
        return "not abnormal"
    return "abnormal" if study.events_total else "abnormal, unexplained"


def _select_abnormal(tally: Tally, alert_level: float) -> list[domain.Study]:
    return [
        study
        for study in tally.tested
        if isinstance(study.result, domain.Found) and study.result.p <= alert_level
    ]


def _describe_verdict(study: domain.Study, alert_level: float) -> str:
    events = [f"{ref.country} ({ref.event_id})" for ref in study.events[:3]]
    after = f" after {', '.join(events)}" if events else ", no event known"
    return write_verdict(study, alert_level) + after


def _format_counts(counter: Counter[domain.EventOutcome] | Counter[domain.SessionOutcome]) -> str:
    items = sorted((str(name), count) for name, count in counter.items())
    return ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in items) or "none"


def summarise_windows(windows: Iterable[domain.Study]) -> Iterator[str]:
    """How many windows were tested and which were abnormal; how many have no answer, or no test at all."""
    known = [(each, each.within) for each in windows if each.within is not None]
    tested = [(study, within) for study, within in known if within.test is not None]
    answered = [study for study, _ in tested if isinstance(study.result, domain.Found)]
    abnormal = [
        study for study in answered if isinstance(study.result, domain.Found) and study.result.p <= LEVEL
    ]
    yield (
        f"Within the sessions {figures.format_count(len(answered), 'window')} of "
        f"{figures.format_count(_count_openings(tested), 'test')} "
        f"answered, {len(abnormal)} abnormal at the {figures.format_level(LEVEL)} level "
        f"({len(answered) * LEVEL:.2f} would "
        f"be by chance alone){':' if abnormal else '.'}"
    )
    for study in abnormal:
        yield from (f"  {line}" for line in write_study_lines(study))
    if untested := _count_openings(known) - _count_openings(tested):
        studies = "study" if untested == 1 else "studies"
        yield f"{untested} {studies} without a test: both of the session were taken."
    if silent := len(tested) - len(answered):
        waiting = sum(isinstance(study.result, domain.NotYet) for study, _ in tested)
        yield (
            f"{figures.format_count(silent, 'window')} without an answer, {waiting} of them because "
            "the bars ended."
        )


def _count_openings(windows: Iterable[tuple[domain.Study, domain.Within]]) -> int:
    """However many windows each has."""
    return len({within.begins_at for _, within in windows})
