"""The whole story of a replay: event by event and session by session, in the order in which it was known.

Each day shows when an event became known, what happened where, and the barrels at risk; the move of the
session and its normal range; the verdict in words; what else happened; and the alerts when they are sent.
"""

import textwrap
from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime
from typing import assert_never

from brentwatch.core import domain
from brentwatch.core.forecasts.table import HEADLINE_MODEL
from brentwatch.core.intraday.minutes import HOUR, LEVEL, estimate_yearly_false_alarms
from brentwatch.core.monitor.references import build_reference
from brentwatch.core.monitor.state import Joined, Known
from brentwatch.history.event_files import DeadLetter
from brentwatch.history.manifest import Context
from brentwatch.message import event_lines, figures
from brentwatch.message.alert_text import write_alert_text
from brentwatch.message.findings import list_textbook_test
from brentwatch.message.foreign import clean, parse_host
from brentwatch.message.intraday import describe_opening, write_study_lines
from brentwatch.message.words import write_alert_lines, write_event_line, write_verdict
from brentwatch.replay.recording import Recording
from brentwatch.replay.turns import Turn, is_headline

_TIME = 11
_INDENT = " " * _TIME
_REVISED = (
    domain.BarOutcome.REVISED,
    domain.BarOutcome.REVISED_CLOSED,
    domain.BarOutcome.ROLL_CORRECTED,
    domain.BarOutcome.OUT_OF_ORDER,
)


class Story:
    """Writes turns as lines of at most `width` characters; `context` is what the press wrote, by day."""

    def __init__(self, instrument: domain.Instrument, context: Iterable[Context], width: int) -> None:
        self._instrument = instrument
        self._context = sorted(context, key=lambda entry: entry.date)
        self._width = width
        self._day: date | None = None
        self._told_studies: set[str] = set()
        self._told_texts: set[str] = set()

    def describe_recording(self, recording: Recording) -> Iterator[str]:
        """What is replayed, on which prices, by which rule."""
        level_and_rate = f"alert level {figures.format_level(self._instrument.alert_level)}"
        level_and_rate += "" if self._instrument.alerts else ", opens no alerts"
        yield from textwrap.wrap(clean(recording.title), self._width)
        rule = f"{self._instrument.title}: one test per session, model {HEADLINE_MODEL}, {level_and_rate}"
        rule += self._describe_intraday()
        notes = (rule, *([recording.source] if recording.source else []), *recording.notes)
        yield from (line for note in notes for line in textwrap.wrap(clean(note), self._width))

    def _describe_intraday(self) -> str:
        if self._instrument.intraday is None:
            return ""
        return (
            "; within the session at most two tests, each of 15 and 60 minutes after an event, alert level "
            f"{figures.format_level(LEVEL)}; at most {estimate_yearly_false_alarms(self._instrument):.1f} "
            "false alarms a year in all"
        )

    def format_verdict(self, conclusion: Iterable[str]) -> Iterator[str]:
        """The end."""
        yield ""
        yield "── Verdict ".ljust(self._width, "─")
        for line in conclusion:
            yield from textwrap.wrap(line, self._width, subsequent_indent="  ", drop_whitespace=True)

    def describe_unreadable(self, letters: Iterable[DeadLetter]) -> Iterator[str]:
        """The lines of a history that hold no event, and why."""
        for letter in letters:
            yield from self._format_lines(
                "not read", f"line {letter.line} of the events: {'; '.join(letter.faults)}"
            )

    def describe_turn(self, turn: Turn) -> Iterator[str]:
        """What one signal led to; nothing for a price that is used for estimation only."""
        told = [line for effect in turn.effects for line in self._describe_effect(turn, effect)]
        told += self._describe_windows(turn)
        if told:
            yield from self._report_press(turn.signal.known_at.date())
            yield from self._start_day(turn.signal.known_at)
            yield from told

    def report_rest(self) -> Iterator[str]:
        """What the press wrote after the last signal."""
        return self._report_press(None)

    def _start_day(self, known_at: datetime) -> Iterator[str]:
        if known_at.date() != self._day:
            self._day = known_at.date()
            yield ""
            yield f"── {figures.format_day(self._day, year=True)} ".ljust(self._width, "─")

    def _report_press(self, today: date | None) -> Iterator[str]:
        """What was written before `today`, which is known by then."""
        while self._context and (today is None or self._context[0].date < today):
            entry = self._context.pop(0)
            if entry.text in self._told_texts:
                continue
            words = f"{figures.format_day(entry.date)}: {clean(entry.text)} ({parse_host(entry.source)})"
            yield from self._format_lines("press", words)

    def _describe_effect(self, turn: Turn, effect: domain.Effect) -> Iterator[str]:
        match effect:
            case domain.Noted(fact=fact):
                yield from self._describe_fact(turn, fact)
            case domain.PublishStudy(study=study):
                yield from self._describe_study(turn, study)
            case domain.PublishAlert(alert=alert):
                lines = write_alert_text(alert).lines if alert.severity is None else write_alert_lines(alert)
                first, *rest = mark_partial(lines, alert.flags)
                label = "" if alert.severity is None else "ALERT"
                yield from self._format_lines(label, first, *rest)
            case _:
                assert_never(effect)

    def _describe_fact(self, turn: Turn, fact: domain.Fact) -> Iterator[str]:
        match fact:
            case domain.EventSeen():
                yield from self._describe_event(turn, fact)
            case domain.BarSeen(outcome=outcome) if outcome in _REVISED:
                words = (
                    f"price of {figures.format_day(fact.session)}: {fact.close} USD/bbl "
                    f"({outcome.replace('_', ' ')})"
                )
                yield from self._format_lines(_format_clock(turn), words)
            case domain.SessionDecided(outcome=domain.SessionOutcome.MISSING):
                words = f"SESSION {figures.format_day(fact.session)}: {fact.outcome}: {fact.detail}"
                yield from self._format_lines(_format_clock(turn), words)
            case domain.BarSeen() | domain.CanarySeen() | domain.SessionDecided():
                return  # the study that follows says what a settled session came to
            case _:
                assert_never(fact)

    def _describe_study(self, turn: Turn, study: domain.Study) -> Iterator[str]:
        lines = mark_partial(describe_session(study, self._instrument), study.flags)
        if is_headline(study):
            self._told_texts |= {confounder.text for confounder in study.confounders}
            yield from self._format_lines(_format_clock(turn), *self._mark_revision(study, lines))
        elif lines and study.study_id not in self._told_studies:
            self._told_studies.add(study.study_id)  # an answer within the session stays what it is
            yield from self._format_lines(_format_clock(turn), *lines)

    def _mark_revision(self, study: domain.Study, lines: list[str]) -> list[str]:
        """A session that was shown before is shown again as a revision; a pending one is not shown."""
        before = study.study_id in self._told_studies
        self._told_studies |= {study.study_id} if lines else set()
        return [f"revision {study.revision}:", *lines] if before and lines else lines

    def _describe_event(self, turn: Turn, fact: domain.EventSeen) -> Iterator[str]:
        if not isinstance(turn.signal, domain.EventAdmitted):
            return
        event = turn.signal.event
        known = Known(event=event, exposure=turn.signal.exposure, known_at=event.known_at, live=True)
        late = fact.outcome is domain.EventOutcome.LATE
        line = write_event_line(build_reference(known, Joined(late=late, carried=False)), dated=False)
        outcome = (
            "" if fact.outcome is domain.EventOutcome.ACCEPTED else f"{fact.outcome.replace('_', ' ')}: "
        )
        label = "day only" if known.by_day else _format_clock(turn)
        taken = fact.outcome in (domain.EventOutcome.ACCEPTED, domain.EventOutcome.LATE)
        more = _describe_opened(turn, event.event_id) if taken else ()
        yield from self._format_lines(label, line, f"→ {outcome}{fact.detail}", *more)

    def _describe_windows(self, turn: Turn) -> Iterator[str]:
        studies = [effect.study for effect in turn.effects if isinstance(effect, domain.PublishStudy)]
        for line in describe_closed(studies, self._instrument.alert_level):
            yield from self._format_lines("", line)

    def _format_lines(self, label: str, *lines: str) -> Iterator[str]:
        """Lines beside a label, the longer ones folded."""
        start = label.ljust(_TIME)
        for line in lines:
            yield from textwrap.wrap(
                line,
                self._width,
                initial_indent=start,
                subsequent_indent=_INDENT + "  ",
                break_on_hyphens=False,
            )
            start = _INDENT


def _describe_opened(turn: Turn, event_id: str) -> Iterator[str]:
    """What the event led to within its session; nothing if its study does not list it."""
    for effect in turn.effects:
        match effect:
            case domain.PublishStudy(study=(domain.WindowStudy() | domain.ReopenStudy()) as study):
                if study.minutes < HOUR.minutes and any(each.event_id == event_id for each in study.events):
                    yield f"→ {describe_opening(study)}"


def _format_clock(turn: Turn) -> str:
    return figures.format_utc(turn.signal.known_at)[-9:]


def describe_session(study: domain.Study, instrument: domain.Instrument) -> Iterator[str]:
    """The session test in words, with the textbook test; nothing for pending studies and other windows.

    A window within the session gives its answer.
    """
    yield from write_study_lines(study)
    if not isinstance(study, domain.SessionStudy) or not is_headline(study):
        return
    if isinstance(study.result, domain.NotYet):
        return
    if study.move is not None:
        yield f"SESSION {figures.format_day(study.session)}: {_describe_move(study.move, instrument)}"
    if isinstance(study.result, domain.Found):
        yield f"{describe_normal_range(study.result)} · {figures.format_p_value(study.result.p)}"
    yield write_verdict(study, instrument.alert_level)
    yield from list_textbook_test(study.beside)
    if study.events_total:
        yield (
            f"{figures.format_count(study.events_total, 'event')} · "
            f"{event_lines.describe_risk(event_lines.find_highest_exposed(study.events))}"
        )
    yield from (event_lines.write_confounder_line(each) for each in study.confounders)
    yield from event_lines.write_overlap_lines(study.overlaps)


def describe_normal_range(found: domain.Found) -> str:
    """The range in which 95 of 100 sessions end if nothing happens."""
    return f"normal range (95 %): {figures.format_percent_range(*found.normal_range)}"


def describe_closed(studies: Iterable[domain.Study], level: float) -> Iterator[str]:
    """The further windows of the headline model that are complete now."""
    for study in studies:
        if not isinstance(study, domain.SessionStudy) or is_headline(study) or study.model != HEADLINE_MODEL:
            continue
        found = study.result
        if isinstance(found, domain.Found) and found.complete:
            verdict = write_verdict(study, level)
            line = (
                f"{figures.spell_number(study.window.sessions).capitalize()} sessions from "
                f"{figures.format_day(study.session)}: price {figures.format_percent(found.total)}. "
                f"{verdict[:1].upper()}{verdict[1:]}"
            )
            yield from mark_partial([line], study.flags)


def mark_partial(lines: Iterable[str], flags: Collection[str]) -> list[str]:
    """The lines of a study or an alert; the first is marked if the oldest records are missing."""
    first, *rest = [*lines] or [""]
    if first and domain.PARTIAL_HISTORY in flags:
        return [f"[partial history] {first}", *rest]
    return [first, *rest] if first else []


def _describe_move(move: domain.Move, instrument: domain.Instrument) -> str:
    change = "no percentage" if move.log_return is None else figures.format_percent(move.log_return)
    return (
        f"{instrument.title} {figures.format_price(move.close)} USD/bbl, {change} "
        f"({figures.format_dollars(move.change)})"
    )
