"""A replay in brief: its alerts, one row for each tested session, and the verdict.

An alert has its lock-screen line and its card, and each later revision one line. A thread that stayed a
heads-up is counted, and shown on request. The rows of a long history are the sessions that are abnormal, and
those after an event that are outside their normal range.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table

from brentwatch.core import domain
from brentwatch.core.forecasts.table import HEADLINE_MODEL
from brentwatch.message import figures
from brentwatch.message.foreign import clean, cut_text
from brentwatch.message.phrases import describe_news
from brentwatch.message.words import explain_large_move, write_alert_text
from brentwatch.replay.summary import MOST_ROWS, describe_session_verdict, is_outside, summarise_replay

if TYPE_CHECKING:
    from brentwatch.history.event_files import DeadLetter
    from brentwatch.replay.recording import Recording
    from brentwatch.replay.turns import Tally, Turn

_MOST_CARDS = 3
_MOST_FAULTS = 5
_MOST_EXPLAINED = 12
_COLUMNS = ("session", "events", "", "normal range", "p", "verdict")
_LEFT = ("session", "p", "verdict")


class Brief:
    """Collects the alerts of a replay and tells it in lines of at most `width` characters."""

    def __init__(self, instrument: domain.Instrument, width: int) -> None:
        self._instrument = instrument
        self._width = width
        self._threads: dict[str, list[domain.Alert]] = {}

    def take(self, turn: Turn) -> None:
        """Keep the alerts of a turn."""
        for effect in turn.effects:
            match effect:
                case domain.PublishAlert(alert=alert):
                    self._threads.setdefault(alert.alert_id, []).append(alert)
                case _:
                    pass

    def describe_recording(self, recording: Recording) -> Iterator[str]:
        """What is replayed and tested how; each note on its data in one line, and the first faults."""
        level = figures.format_level(self._instrument.alert_level)
        yield from self._wrap(clean(recording.title))
        yield from self._wrap(f"{self._instrument.title}: model {HEADLINE_MODEL}, alert level {level}")
        for note in recording.notes:
            yield cut_text(clean(note), self._width)
        yield from self._describe_unreadable(recording.unreadable)

    def _describe_unreadable(self, letters: Sequence[DeadLetter]) -> Iterator[str]:
        for letter in letters[:_MOST_FAULTS]:
            yield from self._wrap(f"line {letter.line} of the events is not read: {'; '.join(letter.faults)}")
        if (more := len(letters) - _MOST_FAULTS) > 0:
            yield f"{more:,} more lines are not read; --story lists all"

    def format_alerts(self) -> Iterator[str]:
        """The alerts, thread by thread; threads that stayed heads-ups are left out."""
        alerted = [thread for thread in self._threads.values() if _is_alert(thread)]
        yield from self._start_part("Alerts")
        if not alerted:
            yield "None: no test was abnormal." if self._threads else "None."
        has_cards = sum(_is_loud(thread) for thread in alerted) <= _MOST_CARDS
        for thread in alerted:
            opening = next(alert for alert in thread if alert.severity is not None)
            for alert in thread:
                if alert is opening or alert is thread[0]:
                    has_card = has_cards and alert is opening and _is_loud(thread)
                    yield from self._format_alert(alert, has_card=has_card)
                elif alert.revision > opening.revision:
                    yield from self._format_revision(alert)
        calm = len(self._threads) - len(alerted)
        hidden = [] if has_cards else ["the cards of these alerts"]
        hidden += [f"{figures.format_count(calm, 'heads-up')} without an abnormal test"] if calm else []
        if hidden:
            yield from self._wrap(f"Not shown: {', '.join(hidden)}; see --alerts.")

    def format_every_alert(self) -> Iterator[str]:
        """Every revision of every thread as it is sent; those of a heads-up without their card."""
        yield from self._start_part("Alerts")
        if not self._threads:
            yield "none"
        for alert in sorted(
            (alert for thread in self._threads.values() for alert in thread), key=lambda each: each.known_at
        ):
            yield from self._format_alert(alert, has_card=alert.severity is not None)

    def _format_alert(self, alert: domain.Alert, *, has_card: bool) -> Iterator[str]:
        text = write_alert_text(alert)
        yield f"{_mark(alert)}{figures.format_utc(alert.known_at, year=True)}"
        yield from self._wrap(text.lock_screen, "  ")
        for line in text.card.splitlines() if has_card else ():
            yield from self._wrap(line, "    ")

    def _format_revision(self, alert: domain.Alert) -> Iterator[str]:
        time = figures.format_utc(alert.known_at, year=True)
        line = f"{_mark(alert)}{time}  Update {alert.revision}: {describe_news(alert)}"
        yield from self._wrap(line, hanging="  ")

    def format_verdict(self, tally: Tally) -> Iterator[str]:
        """What the whole came to."""
        yield from self._start_part("Verdict")
        for line in summarise_replay(tally, self._instrument, names_sessions=False):
            yield from self._wrap(line, hanging="  ")
        yield "--story shows each event and session in full."

    def build_rows(self, tally: Tally) -> tuple[Table | None, list[str]]:
        """The table of sessions, and the lines below it; no table without a tested session.

        The lines explain large moves that are not abnormal, and say what the table leaves out.
        """
        level = self._instrument.alert_level
        rows = select_rows(tally, level)
        notes = list(_explain_large_moves(tally.tested, level))
        if hidden := len(tally.tested) - len(rows):
            notes.append(
                f"Not shown: {figures.format_count(hidden, 'session')} that are not abnormal, and inside the "
                "normal range or without an event; see --story."
            )
        table = build_brief_table(rows, self._instrument) if rows else None
        return table, [line for note in notes for line in self._wrap(note, hanging="  ")]

    def _start_part(self, name: str) -> Iterator[str]:
        yield ""
        yield f"── {name} ".ljust(self._width, "─")

    def _wrap(self, line: str, indent: str = "", hanging: str = "") -> Iterator[str]:
        yield from textwrap.wrap(
            line,
            self._width,
            initial_indent=indent,
            subsequent_indent=indent + hanging,
            break_on_hyphens=False,
        )


def _mark(alert: domain.Alert) -> str:
    return "[partial history] " if domain.PARTIAL_HISTORY in alert.flags else ""


def _is_alert(thread: Sequence[domain.Alert]) -> bool:
    return thread[-1].severity is not None


def _is_loud(thread: Sequence[domain.Alert]) -> bool:
    """True of an alert after an event; one without any is `info`."""
    severity = thread[-1].severity
    return severity is not None and severity is not domain.Severity.INFO


def select_rows(tally: Tally, alert_level: float) -> list[domain.SessionStudy]:
    """The tested sessions to show: all of a short history, the remarkable ones of a long one."""
    if len(tally.tested) <= MOST_ROWS:
        return tally.tested
    return [each for each in tally.tested if _is_remarkable(each, alert_level)]


def _is_remarkable(study: domain.SessionStudy, alert_level: float) -> bool:
    found = study.result
    if not isinstance(found, domain.Found):
        return False
    return found.p <= alert_level or (bool(study.events_total) and is_outside(found))


def _explain_large_moves(studies: Sequence[domain.SessionStudy], alert_level: float) -> Iterator[str]:
    """Each reason once, with the sessions that it explains."""
    explained: dict[str, list[str]] = {}
    for study in studies:
        found = study.result
        if isinstance(found, domain.Found) and (
            reason := explain_large_move(found, study.beside, alert_level)
        ):
            moved = f"{format_session(study)} {figures.format_percent(found.total)}"
            explained.setdefault(reason, []).append(moved)
    for reason, sessions in explained.items():
        more = len(sessions) - _MOST_EXPLAINED
        listed = [*sessions[:_MOST_EXPLAINED], *([f"{more} more"] if more > 0 else [])]
        yield f"{reason[:1].upper()}{reason[1:]} ({', '.join(listed)})."


def format_session(study: domain.SessionStudy) -> str:
    """The date of a session with its year: "16 Sep 2019"."""
    return f"{figures.format_short_day(study.session)} {study.session.year}"


def build_brief_table(studies: Sequence[domain.SessionStudy], instrument: domain.Instrument) -> Table:
    """A row for each session: its events, its move and normal range, p, and the verdict in words."""
    rows = [(format_session(study), study) for study in studies]
    return _build_table(rows, instrument, box.SIMPLE_HEAD, padding=1)


def build_plain_table(
    rows: Sequence[tuple[str, domain.SessionStudy]], instrument: domain.Instrument
) -> Table:
    """The same without lines, of studies that may have several sessions, each with its name."""
    return _build_table(rows, instrument, None, padding=2)


def _build_table(
    rows: Sequence[tuple[str, domain.SessionStudy]],
    instrument: domain.Instrument,
    lines: box.Box | None,
    padding: int,
) -> Table:
    drawn = Table(box=lines, padding=(0, padding, 0, 0), pad_edge=False, show_edge=False)
    for name in _COLUMNS:
        drawn.add_column(name or instrument.label, justify="left" if name in _LEFT else "right", no_wrap=True)
    for name, study in rows:
        drawn.add_row(name, *_build_cells(study, instrument.alert_level))
    return drawn


def _build_cells(study: domain.SessionStudy, alert_level: float) -> Sequence[str]:
    found = study.result
    if not isinstance(found, domain.Found):
        return [str(study.events_total)]
    return [
        str(study.events_total) if study.window == domain.HEADLINE else "",
        figures.format_percent(found.total),
        figures.format_percent_range(*found.normal_range),
        figures.format_p_number(found.p),
        describe_session_verdict(study, found, alert_level),
    ]
