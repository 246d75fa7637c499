"""A study by the monitor's forecasts: from the bytes of files to impacts, and what to know of them."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

from brentwatch.commands.progress import StepCount, show_progress
from brentwatch.commands.study.results import (
    BUNDLED_PRICES,
    StudyFiles,
    join_names,
    limit_sentences,
    read_sessions,
)
from brentwatch.core.domain import LONGEST_PAUSE_DAYS, Bar, Calibration, Instrument, Refused, Window
from brentwatch.core.impact.impacts import Impacts, measure_impacts
from brentwatch.core.sessions.roll import find_spliced_sessions
from brentwatch.history.event_files import StudyEvents, read_study_events
from brentwatch.history.rules import build_rules
from brentwatch.history.session_rows import describe_missing, describe_spliced
from brentwatch.message.figures import format_count, format_day
from brentwatch.message.foreign import clean


@dataclass(frozen=True, slots=True, kw_only=True)
class ImpactRun:
    """The impacts of the events of a file; `notes` says in sentences how the files were read.

    `prices` names the source of the `bars`. `calibration` is the newest record of how often the model is
    wrong on the bundled prices, None for other prices and for a model without a record.
    """

    events: StudyEvents
    impacts: Impacts
    bars: Sequence[Bar]
    prices: str
    calibration: Calibration | None
    notes: tuple[str, ...]

    @property
    def refused(self) -> bool:
        """True if an event, or a row that should have been one, has no result."""
        return bool(self.events.unreadable) or bool(self.impacts.refused)

    def list_notes(self) -> Iterator[str]:
        """What to say beside the results; refusals come last, where they are seen."""
        yield from self.notes
        yield from note_bare_dates(self.impacts, "both are tested")
        yield from limit_sentences(note_late(self.impacts))
        yield from limit_sentences(_note_untested_windows(self.impacts))
        yield from self.events.unreadable
        yield from (f"{clean(event)}: {reason}" for event, reason in self.impacts.refused.items())
        if not self.impacts.found:
            yield "no event has a result"


def run_impacts(
    files: StudyFiles, model: str, windows: Sequence[Window], instrument: Instrument
) -> ImpactRun:
    """The impacts of the events of the files.

    Raises:
        InvalidInput: if a file cannot be read, or a window cannot be forecast; with every fault.
    """
    events = read_study_events(*files.events)
    prices, spans = read_sessions(files.prices, instrument)
    series, is_bundled = instrument.series, files.prices[0] == BUNDLED_PRICES
    bars = [
        Bar(session=day, closes_at=series.closes_at(day), close=close)
        for day, close in zip(prices.sessions, prices.values, strict=True)
    ]
    rules = build_rules(instrument)
    if not is_bundled:  # what was measured on the bundled prices says nothing of others
        rules = replace(rules, calibrations={})
    known = {event.event_id: event.known for event in events.events}
    with ExitStack() as stack:
        impacts = measure_impacts(known, bars, rules, model, windows, ProgressReport(stack).take)
    spliced = find_spliced_sessions(series.roll, prices.sessions)
    return ImpactRun(
        events=events,
        impacts=impacts,
        bars=bars,
        prices=clean(files.prices[0]),
        calibration=rules.find_calibration(model, prices.sessions[-1]) if is_bundled else None,
        notes=(
            *(events.how, *events.notes, prices.how, *prices.notes),
            *describe_missing(prices.sessions, spans, series),
            *describe_spliced(spliced, series),
        ),
    )


class ProgressReport:
    """Shows the forecasts made, once it is known how many are needed."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._steps: StepCount | None = None

    def take(self, _: int, needed: int) -> None:
        """Count one more forecast of `needed`."""
        if self._steps is None:
            self._steps = self._stack.enter_context(show_progress("study", unit="forecasts", total=needed))
        self._steps.advance()


def note_bare_dates(impacts: Impacts, how: str) -> Iterator[str]:
    """That the time of day of events is unknown, and how they are tested."""
    by_day = list(dict.fromkeys(clean(each.event) for each in impacts.found if each.date_only))
    if by_day:
        yield (
            f"{format_count(len(by_day), 'event')} with a date and no time ({join_names(by_day)}): the news "
            f"may belong to the session of that day or to the next; {how}"
        )


def _note_untested_windows(impacts: Impacts) -> Iterator[str]:
    """Windows without a test, of events that have a test of another window."""
    for each in impacts.found:
        for window in each.windows:
            if isinstance(window.result, Refused):
                yield f"{clean(each.event)}, window {window.window}: {window.result.reason}"


def note_late(impacts: Impacts) -> Iterator[str]:
    """Events whose first price came days later."""
    for each in impacts.found:
        if not each.carried and each.days_waited > LONGEST_PAUSE_DAYS:
            yield (
                f"{clean(each.event)}: the first price after it is that of "
                f"{format_day(each.session, year=True)}, {each.days_waited} days later"
            )
