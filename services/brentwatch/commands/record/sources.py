"""Where the signals of a record come from: a history, or the timeline and the answers on the broker."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING

import click

from brentwatch.core.domain import Alert, Instrument, PriceUpdate, Signal
from brentwatch.core.monitor.rules import Rules
from brentwatch.replay.recording import Recording
from brentwatch.settings.origins import Sources

if TYPE_CHECKING:
    from brentwatch.settings.composed import Settings
    from brentwatch.stream import Record
    from brentwatch.wire.record_line import FeedbackLine


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSource:
    """Signals with the rules that fold them, and the answers that people gave.

    What the first `closed_after` signals decide is closed: the rules changed then, and what was published
    before may differ. `read_feedback` gives the answers from an offset of the deliveries on, to all alerts.
    `read_alerts` gives the alerts that were published; None for a history.
    """

    rules: Rules
    signals: Sequence[Signal]
    closed_after: int
    read_feedback: Callable[[int], Iterator[FeedbackLine]]
    read_alerts: Callable[[], Iterator[Alert]] | None


def choose_source(
    sources: Sources,
    history: str | None,
    instrument: str | None,
    *,
    from_kafka: bool,
    every_session: bool,
    refit: bool = False,
) -> RecordSource:
    """The source that the options name; with `refit` the recorded fits are made again.

    Raises:
        UsageError: if they name none, or two.
        BrentwatchError: if it cannot be read.
    """
    from brentwatch.replay.scored_record import clear_warmup
    from brentwatch.settings.load import load

    if from_kafka == (history is not None):
        raise click.UsageError("expected --history HISTORY or --from-kafka, and not both: name one of them")
    if every_session and from_kafka:
        raise click.UsageError(
            "--every-session needs --history; leave it out: the timeline says what to test"
        )
    settings = load(sources).settings
    tested, recording, feedback, alerts = (
        _open_timeline(settings, instrument)
        if history is None
        else _open_history(settings, history, instrument)
    )
    return RecordSource(
        rules=_build_rules(tested, recording, refit=refit),
        signals=tuple(clear_warmup(recording.signals)) if every_session else recording.signals,
        closed_after=recording.closed_after,
        read_feedback=feedback,
        read_alerts=alerts,
    )


def _build_rules(instrument: Instrument, recording: Recording, *, refit: bool) -> Rules:
    from brentwatch.core.forecasts.table import HEADLINE_MODEL, load
    from brentwatch.core.monitor.bundling import refit_rows
    from brentwatch.history.rules import build_rules

    rules = build_rules(instrument, partial=recording.partial)
    if not refit:
        return rules
    series = instrument.series.name
    updates = (each for each in recording.signals if isinstance(each, PriceUpdate) and each.series == series)
    bars = {bar.session: bar for update in updates for bar in update.bars}
    ordered = [bars[session] for session in sorted(bars)]
    return replace(rules, fits=refit_rows(ordered, load(HEADLINE_MODEL), rules.fits))


Opened = tuple[
    Instrument,
    Recording,
    "Callable[[int], Iterator[FeedbackLine]]",
    Callable[[], Iterator[Alert]] | None,
]


def _open_history(settings: Settings, history: str, instrument: str | None) -> Opened:
    from brentwatch.commands.options import choose_for_history
    from brentwatch.replay.recording import read_history

    tested = replace(choose_for_history(history, settings, instrument), alerts=True)
    return tested, read_history(history, tested), lambda _: iter(()), None


def _open_timeline(settings: Settings, instrument: str | None) -> Opened:
    from brentwatch.commands.options import choose_live_instrument
    from brentwatch.replay.recording import read_timeline
    from brentwatch.stream import ALERTS, DELIVERIES, Partition, read_partition

    tested, kafka = choose_live_instrument(settings, instrument), settings.kafka
    deliveries, alerts = (Partition(kafka.topic(name), 0) for name in (DELIVERIES, ALERTS))
    recording = read_timeline(kafka, tested, partial="brentwatch replay --from-kafka --partial")
    return (
        tested,
        recording,
        lambda offset: read_feedback(read_partition(kafka, deliveries, offset)),
        lambda: read_alerts(read_partition(kafka, alerts), tested.name),
    )


def read_alerts(records: Iterator[Record], instrument: str) -> Iterator[Alert]:
    """The alerts of an instrument that were published; records that cannot be read are left out."""
    from brentwatch.wire.input_faults import InvalidMessage
    from brentwatch.wire.published import decode_alert

    for record in records:
        try:
            alert = decode_alert(record.value or b"").alert
        except InvalidMessage:
            continue
        if alert.instrument == instrument:
            yield alert


def read_feedback(records: Iterator[Record]) -> Iterator[FeedbackLine]:
    """What people answered about alerts; records that cannot be read are left out."""
    from brentwatch.wire.deliveries import AnswerKind, AnswerRecord, decode_delivery_record
    from brentwatch.wire.input_faults import InvalidMessage
    from brentwatch.wire.record_line import FeedbackLine

    for record in records:
        try:
            answer = decode_delivery_record(record.value or b"")
        except InvalidMessage:
            continue
        if not isinstance(answer, AnswerRecord) or answer.thread is None:
            continue
        if answer.answer in (AnswerKind.USEFUL, AnswerKind.FALSE_ALARM):
            yield FeedbackLine(
                offset=record.offset,
                at=answer.at,
                answer_id=answer.id,
                alert_id=answer.thread,
                person=sha256(f"{answer.thread}\x1f{answer.by}".encode()).hexdigest()[:32],
                answer=answer.answer,
                via=answer.via,
            )
