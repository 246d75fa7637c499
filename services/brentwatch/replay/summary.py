"""The end of a replay: the verdict on the whole, a table of its sessions, and what was counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.table import Table

from brentwatch.core.domain.study import Found, Refused
from brentwatch.message.figures import counted, day, exposure, level, p_value, percent, percent_range, size
from brentwatch.message.tables import print_table as draw
from brentwatch.message.words import verdict
from brentwatch.replay.windows import windows_conclusion

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator, Sequence

    from brentwatch.core.domain.effects import EventOutcome, SessionOutcome
    from brentwatch.core.domain.instruments import Instrument
    from brentwatch.core.domain.study import Study
    from brentwatch.replay.tally import Tally

_MOST_ROWS = 40
_MOVE = ""
"""The column of the instrument's own move has its label."""

_COLUMNS = (
    ("session", "left"),
    ("events", "right"),
    ("exposure", "right"),
    (_MOVE, "right"),
    ("noise, 95 %", "right"),
    ("p", "left"),
    ("unseen below", "right"),
    ("verdict", "left"),
)


def conclusion(tally: Tally, instrument: Instrument) -> Iterator[str]:
    """The verdict on the whole, and the counts behind it, in sentences."""
    tested, abnormal = tally.tested, _abnormal(tally, instrument.alert_level)
    if not tested:
        yield from _nothing_tested(tally)
        return
    explained = [study for study in abnormal if study.events_total]
    at = f"the {level(instrument.alert_level)} level"
    chance = len(tested) * instrument.alert_level
    none = ": none from settlement to settlement." if tally.windows else ": no abnormal move detected."
    yield (
        f"{counted(len(tested), 'session')} tested, {len(abnormal)} abnormal at {at} "
        f"({chance:.1f} would be by chance alone)" + (":" if abnormal else none)
    )
    for study in abnormal:
        yield f"  {day(study.session, year=True)}: {_verdict_of(study, instrument.alert_level)}"
    if abnormal:
        yield f"{len(explained)} of them after known events, {len(abnormal) - len(explained)} unexplained."
    if tally.windows:
        yield from windows_conclusion(tally.windows.values())
    yield f"Events: {_counts(tally.events)}. Sessions: {_counts(tally.sessions)}."
    if tally.waiting:
        yield f"{counted(tally.waiting, 'session')} with events had not settled when the prices ended."


def nothing_tested(tally: Tally) -> str:
    """Why no session has a test, in one sentence."""
    what = "no session was tested from settlement to settlement" if tally.answered else "nothing was tested"
    refusals = [study.result for study in tally.headlines.values() if isinstance(study.result, Refused)]
    if refusals:
        return f"{what}: {counted(len(refusals), 'session')} refused, the last because {refusals[-1].reason}"
    if tally.waiting:
        return (
            f"{what}: {counted(tally.waiting, 'session')} with events had not settled when the prices ended"
        )
    return f"{what}: all prices are warm-up, or there are too few; give more price history"


def _nothing_tested(tally: Tally) -> Iterator[str]:
    told = nothing_tested(tally)
    yield f"{told[0].upper()}{told[1:]}."
    if tally.windows:
        yield from windows_conclusion(tally.windows.values())
    yield f"Events: {_counts(tally.events)}. Sessions: {_counts(tally.sessions)}."


def print_table(tally: Tally, instrument: Instrument, width: int) -> None:
    """Print the table of sessions to standard output; in colour nowhere."""
    if tally.tested:
        draw(table(tally, instrument), width)


def table(tally: Tally, instrument: Instrument) -> Table:
    """The tested sessions, or of a long history only the abnormal ones."""
    shown = tally.tested
    if len(shown) > _MOST_ROWS:
        shown = _abnormal(tally, instrument.alert_level)
    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name, side in _COLUMNS:
        drawn.add_column(
            name or instrument.label, justify="right" if side == "right" else "left", no_wrap=True
        )
    for study in shown:
        drawn.add_row(*_row(study, instrument.alert_level))
    return drawn


def _row(study: Study, alert_level: float) -> Sequence[str]:
    found, move = study.result, study.move
    if not isinstance(found, Found) or move is None or move.log_return is None:
        return [day(study.session), str(study.events_total)]
    half = (found.high - found.low) / 2.0
    return [
        day(study.session, year=True),
        str(study.events_total),
        _exposure(study),
        percent(move.log_return),
        percent_range(found.expected - half, found.expected + half),
        p_value(found.p).removeprefix("p "),
        size(found.mde_alert),
        _word(study, found, alert_level),
    ]


def _exposure(study: Study) -> str:
    """Unknown is a question mark, which is not the same as no event."""
    if study.exposure is not None:
        return exposure(study.exposure)
    return "?" if study.events_total else ""


def _word(study: Study, found: Found, alert_level: float) -> str:
    if found.p > alert_level:
        return "not abnormal"
    return "abnormal" if study.events_total else "abnormal, unexplained"


def _abnormal(tally: Tally, alert_level: float) -> list[Study]:
    return [
        study for study in tally.tested if isinstance(study.result, Found) and study.result.p <= alert_level
    ]


def _verdict_of(study: Study, alert_level: float) -> str:
    events = [f"{ref.country} ({ref.event_id})" for ref in study.events[:3]]
    after = f" after {', '.join(events)}" if events else ", no event known"
    return verdict(study, alert_level) + after


def _counts(counter: Counter[EventOutcome] | Counter[SessionOutcome]) -> str:
    items = sorted((str(name), count) for name, count in counter.items())
    return ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in items) or "none"
