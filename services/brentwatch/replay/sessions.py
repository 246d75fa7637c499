"""A settled session in a replay: what Brent did, beside what noise does, and the verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brentwatch.core.domain.study import PARTIAL_HISTORY, Found, NotYet
from brentwatch.core.domain.windows import HEADLINE
from brentwatch.core.forecasts.table import HEADLINE_MODEL
from brentwatch.message.events import at_risk, confounder_line, highest_exposed, overlap_lines
from brentwatch.message.figures import (
    counted,
    day,
    dollars,
    level,
    p_value,
    percent,
    percent_range,
    price,
    size,
)
from brentwatch.message.findings import beside_line
from brentwatch.message.intraday import study_lines
from brentwatch.message.measures import normal_range
from brentwatch.message.words import verdict
from brentwatch.replay.tally import is_headline

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from brentwatch.core.domain.instruments import Instrument
    from brentwatch.core.domain.study import Move, Study


def session_lines(study: Study, instrument: Instrument) -> Iterator[str]:
    """The session test in words, the other models beside it; nothing for other or pending studies.

    Of a window within the session its answer.
    """
    yield from study_lines(study)
    if not is_headline(study) or isinstance(study.result, NotYet):
        return
    if study.move is not None:
        yield f"SESSION {day(study.session)}: {_moved(study.move, instrument)}"
    if isinstance(study.result, Found):
        yield f"{noise(study.result)} · {p_value(study.result.p)} · {_unseen(study.result, instrument)}"
    yield verdict(study, instrument.alert_level)
    yield from beside_line(study.beside)
    if study.events_total:
        yield f"{counted(study.events_total, 'event')} · {at_risk(highest_exposed(study.events))}"
    yield from (confounder_line(each) for each in study.confounders)
    yield from overlap_lines(study.overlaps)


def noise(found: Found) -> str:
    """What the session would do 95 times in 100 if nothing happened."""
    return f"noise alone: {percent_range(*normal_range(found))} in 95 of 100 sessions"


def closed_lines(studies: Iterable[Study], level: float) -> Iterator[str]:
    """The further windows of the headline model that are complete now."""
    for study in studies:
        found = study.result
        if study.model != HEADLINE_MODEL or study.window == HEADLINE or not isinstance(found, Found):
            continue
        if found.complete:
            line = f"{study.window} of {day(study.session)}: {percent(found.total)}; {verdict(study, level)}"
            yield from marked([line], study.flags)


def marked(lines: Iterable[str], flags: Collection[str]) -> list[str]:
    """The lines of a study or an alert, the first of them marked where the oldest records are missing."""
    first, *rest = [*lines] or [""]
    if first and PARTIAL_HISTORY in flags:
        return [f"[partial history] {first}", *rest]
    return [first, *rest] if first else []


def _unseen(found: Found, instrument: Instrument) -> str:
    """The moves that are found four times in five, at the usual level and at that of alerts."""
    usual, alert = size(found.mde_05), size(found.mde_alert)
    return f"minimum detectable effect {usual} at .05, {alert} at {level(instrument.alert_level)}"


def _moved(move: Move, instrument: Instrument) -> str:
    change = "no percentage" if move.log_return is None else percent(move.log_return)
    return f"{instrument.title} {price(move.close)} USD/bbl, {change} ({dollars(move.change)})"
