"""A settled session in a replay: what Brent did, beside what noise does, and the verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brentwatch.core.domain.study import PARTIAL_HISTORY, Found, NotYet
from brentwatch.core.domain.windows import HEADLINE
from brentwatch.core.forecasts.table import HEADLINE_MODEL
from brentwatch.message.events import (
    describe_risk,
    find_highest_exposed,
    write_confounder_line,
    write_overlap_lines,
)
from brentwatch.message.figures import (
    format_count,
    format_day,
    format_dollars,
    format_level,
    format_p_value,
    format_percent,
    format_percent_range,
    format_price,
    format_size,
)
from brentwatch.message.findings import list_other_models
from brentwatch.message.intraday import write_study_lines
from brentwatch.message.measures import normal_range
from brentwatch.message.words import write_verdict
from brentwatch.replay.tally import is_headline

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from brentwatch.core.domain.instruments import Instrument
    from brentwatch.core.domain.study import Move, Study


def describe_session(study: Study, instrument: Instrument) -> Iterator[str]:
    """The session test in words, the other models beside it; nothing for other or pending studies.

    Of a window within the session its answer.
    """
    yield from write_study_lines(study)
    if not is_headline(study) or isinstance(study.result, NotYet):
        return
    if study.move is not None:
        yield f"SESSION {format_day(study.session)}: {_describe_move(study.move, instrument)}"
    if isinstance(study.result, Found):
        yield f"{describe_noise(study.result)} · {format_p_value(study.result.p)} · {_describe_unseen(study.result, instrument)}"
    yield write_verdict(study, instrument.alert_level)
    yield from list_other_models(study.beside)
    if study.events_total:
        yield f"{format_count(study.events_total, 'event')} · {describe_risk(find_highest_exposed(study.events))}"
    yield from (write_confounder_line(each) for each in study.confounders)
    yield from write_overlap_lines(study.overlaps)


def describe_noise(found: Found) -> str:
    """What the session would do 95 times in 100 if nothing happened."""
    return f"noise alone: {format_percent_range(*normal_range(found))} in 95 of 100 sessions"


def describe_closed(studies: Iterable[Study], level: float) -> Iterator[str]:
    """The further windows of the headline model that are complete now."""
    for study in studies:
        found = study.result
        if study.model != HEADLINE_MODEL or study.window == HEADLINE or not isinstance(found, Found):
            continue
        if found.complete:
            line = f"{study.window} of {format_day(study.session)}: {format_percent(found.total)}; {write_verdict(study, level)}"
            yield from mark_partial([line], study.flags)


def mark_partial(lines: Iterable[str], flags: Collection[str]) -> list[str]:
    """The lines of a study or an alert, the first of them marked where the oldest records are missing."""
    first, *rest = [*lines] or [""]
    if first and PARTIAL_HISTORY in flags:
        return [f"[partial history] {first}", *rest]
    return [first, *rest] if first else []


def _describe_unseen(found: Found, instrument: Instrument) -> str:
    """The moves that are found four times in five, at the usual level and at that of alerts."""
    usual, alert = format_size(found.mde_05), format_size(found.mde_alert)
    return f"minimum detectable effect {usual} at .05, {alert} at {format_level(instrument.alert_level)}"


def _describe_move(move: Move, instrument: Instrument) -> str:
    change = "no percentage" if move.log_return is None else format_percent(move.log_return)
    return f"{instrument.title} {format_price(move.close)} USD/bbl, {change} ({format_dollars(move.change)})"
