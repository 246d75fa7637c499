"""`brentwatch record write`: adds to a record what its source has since."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from brentwatch.commands.process import say
from brentwatch.commands.progress import track_progress
from brentwatch.commands.record.sources import RecordSource
from brentwatch.core.domain import Signal
from brentwatch.message.foreign import clean
from brentwatch.replay.record_file import RecordFile, open_record
from brentwatch.replay.scored_record import record_signals

if TYPE_CHECKING:
    from brentwatch.wire.record_line import FeedbackLine, Line

_LONG = 3_000


def write_record(file: str, source: RecordSource) -> None:
    """Write or continue the record in a file, and report what was added.

    Raises:
        BrentwatchError: if the file is no record of this source, or the source cannot be folded.
    """
    with open_record(Path(file), source.rules.instrument) as record:
        if record.written.cut:
            say(
                f"record: the last line of {file} was cut off; its {record.written.cut:,} bytes are removed, "
                "and the line is written again"
            )
        added = record.append(_list_lines(record, source))
        chain = record.written.chain
    click.echo(f"added {added:,} lines; the record has {chain.lines:,}, last hash {chain.last}")


def _list_lines(record: RecordFile, source: RecordSource) -> Iterator[Line]:
    """What is new on the timeline, then the answers that are new."""
    from brentwatch.wire.record_line import AlertLine, HeadsUpLine

    alerts = set(record.written.alerts)
    for line in make_lines(source, record):
        if isinstance(line, HeadsUpLine | AlertLine):
            alerts.add(line.alert_id)
        yield line
    yield from _list_feedback(record, source, alerts)


def _list_feedback(record: RecordFile, source: RecordSource, alerts: set[str]) -> Iterator[FeedbackLine]:
    """The new answers to alerts of this record, each once."""
    known = set(record.written.answers)
    for line in source.read_feedback(record.written.offset):
        if line.alert_id in alerts and line.answer_id not in known:
            known.add(line.answer_id)
            yield line


def make_lines(source: RecordSource, record: RecordFile | None = None) -> Iterator[Line]:
    """The lines of the timeline that a record does not have yet, or all of them."""
    from brentwatch.replay.scored_record import RecordPlace

    signals = source.signals
    shown = len(signals) > _LONG
    counted = (
        track_progress(signals, "record", unit="signals", total=len(signals)) if shown else iter(signals)
    )
    after = RecordPlace() if record is None else record.written.place
    yield from record_signals(source.rules, counted, tell_rejected, source.closed_after, after)


def tell_rejected(signal: Signal, error: Exception) -> None:
    """Report a signal that the monitor rejects too."""
    said = clean(f"{type(error).__name__}: {error}")
    say(f"record: rejected {type(signal).__name__} known at {signal.known_at:%Y-%m-%d %H:%M}: {said}")
