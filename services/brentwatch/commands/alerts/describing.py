"""Alert threads, channels, silences and the records of a thread in words, and as rows of a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from brentwatch.core.domain import Alert
from brentwatch.message.foreign import clean
from brentwatch.message.words import write_alert_lines
from brentwatch.notify.listing import ChannelRow, ThreadRow, measure_short
from brentwatch.notify.values import Acknowledged, AlertThread, Silence
from brentwatch.wire.deliveries import AlertRecord, AnswerRecord, AttemptRecord, DeliveryRecord, DueRecord
from brentwatch.wire.published import decode_alert

if TYPE_CHECKING:
    from rich.table import Table


def format_moment(at: datetime | None) -> str:
    """A time to the second, in UTC."""
    return "-" if at is None else f"{at:%Y-%m-%d %H:%M:%S}"


def build_thread_table(rows: Sequence[ThreadRow], every: Sequence[str]) -> Table:
    """A row for each thread; its id is long enough to be unique among `every` thread."""
    length = measure_short(every)
    heads = ("id", "newest (UTC)", "session", "stage", "severity", "alert", "channels", "acknowledged by")
    cells = (
        (
            row.thread[:length],
            f"{row.at:%Y-%m-%d %H:%M}",
            row.session.isoformat(),
            row.stage.value,
            row.severity.value if row.severity else "-",
            row.lock_screen,
            ", ".join(f"{channel} {state}" for channel, state in row.channels.items()) or "-",
            row.acknowledged.by if row.acknowledged else "-",
        )
        for row in rows
    )
    return _build_table(heads, cells, prose=("alert", "channels"))


def build_channel_table(rows: Sequence[ChannelRow]) -> Table:
    """A row for each channel: its last attempts and its totals."""
    heads = (
        "channel", "last accepted (UTC)", "last failure (UTC)", "in a row", "reason", "recorded", "accepted",
        "failed", "superseded", "digested", "pending", "oldest pending (UTC)", "held back", "copies",
    )  # fmt: skip
    cells = (
        (
            row.channel,
            format_moment(row.record.accepted_at),
            format_moment(row.record.failed_at),
            str(row.record.failures),
            row.record.reason or "-",
            str(row.recorded),
            *(str(row.ended[head]) for head in heads[6:10]),
            str(row.pending),
            format_moment(row.oldest_pending),
            str(row.held),
            str(row.copies),
        )
        for row in rows
    )
    return _build_table(heads, cells)


def _build_table(heads: Sequence[str], rows: Iterator[Sequence[str]], prose: Sequence[str] = ()) -> Table:
    from rich.table import Table

    drawn = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for name in heads:
        drawn.add_column(name, no_wrap=name not in prose)
    for row in rows:
        drawn.add_row(*map(clean, row))
    return drawn


def describe_silence(name: str, silence: Silence) -> str:
    """The channel that is silent, until when, by whom, and why."""
    whom = f"channel {silence.channel} is" if silence.channel else "all channels are"
    why = f": {silence.reason}" if silence.reason else ""
    return clean(f"{whom} silent until {format_moment(silence.until)} UTC ({name[:8]}, by {silence.by}{why})")


def build_thread_object(row: ThreadRow) -> dict[str, Any]:
    """A thread as a program reads it."""
    known = row.acknowledged
    return {
        "thread": row.thread,
        "at": row.at.isoformat(),
        "session": row.session.isoformat(),
        "stage": row.stage.value,
        "severity": row.severity and row.severity.value,
        "lock_screen": row.lock_screen,
        "channels": row.channels,
        "acknowledged": known and {"by": known.by, "via": known.via, "at": known.at.isoformat()},
    }


def build_channel_object(row: ChannelRow, silences: Sequence[tuple[str, Silence]]) -> dict[str, Any]:
    """A channel as a program reads it, with the silences that hold it."""
    return {
        "channel": row.channel,
        "policy": row.policy or None,
        "accepted_at": row.record.accepted_at and row.record.accepted_at.isoformat(),
        "failed_at": row.record.failed_at and row.record.failed_at.isoformat(),
        "failures_in_a_row": row.record.failures,
        "reason": row.record.reason or None,
        "recorded": row.recorded,
        **row.ended,
        "pending": row.pending,
        "oldest_pending_at": row.oldest_pending and row.oldest_pending.isoformat(),
        "held": row.held,
        "copies": row.copies,
        "silences": [
            {"id": name, "until": each.until.isoformat(), "by": each.by, "reason": each.reason}
            for name, each in silences
            if each.channel in (None, row.channel)
        ],
    }


def describe_thread(name: str, thread: AlertThread) -> Iterator[str]:
    """A thread whole: the words and the detail of its newest revision, and what people answered."""
    published = decode_alert(bytes(thread.newest))
    yield f"thread {clean(name)}, revision {published.alert.revision}, {format_moment(thread.at)} UTC"
    yield from (clean(line) for line in write_alert_lines(published.alert, published.text))
    yield describe_acknowledged(thread.acknowledged)
    for person, is_useful in thread.feedback.items():
        yield f"feedback: {'useful' if is_useful else 'false alarm'}, by {clean(person)}"
    for channel, shown in thread.channels.items():
        if shown.seen_by:
            yield clean(f"seen on {channel} by {', '.join(shown.seen_by)}")


def describe_acknowledged(known: Acknowledged | None) -> str:
    """By whom, when and how."""
    if known is None:
        return "not acknowledged"
    return clean(f"acknowledged by {known.by} via {known.via}, {format_moment(known.at)} UTC")


def describe_record(record: DeliveryRecord) -> str:
    """One record of `impact.deliveries` on a line."""
    match record:
        case AlertRecord():
            alert = decode_alert(bytes(record.alert)).alert
            told = f"alert    revision {alert.revision}, {_describe_standing(alert)}, {alert.cause}"
        case AttemptRecord():
            told = f"attempt  {record.channel}: {', '.join(_list_outcome(record))}"
        case AnswerRecord():
            told = f"answer   {record.answer} by {record.by} via {record.via}"
            told += f", channel {record.channel}" if record.channel else ""
        case DueRecord():
            told = f"timer    {record.timer}"
    return " ".join([told[:8], clean(told[8:])])


def _describe_standing(alert: Alert) -> str:
    return f"{alert.stage}, {alert.severity}" if alert.severity else f"{alert.stage}, no severity"


def _list_outcome(attempt: AttemptRecord) -> Iterator[str]:
    yield attempt.outcome
    yield f"{attempt.latency_seconds:.2f} s"
    if attempt.reason:
        yield attempt.reason
    if attempt.status is not None:
        yield f"status {attempt.status}"
    if attempt.message_id:
        yield f"message {attempt.message_id}"
    if attempt.detail:
        yield attempt.detail
    yield f"delivery {attempt.delivery}"
