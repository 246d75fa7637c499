"""Bounds on foreign times: nothing is known long before it is written, and little happens long after.

A time of 2098 would otherwise move a series, a feed or a session beyond everything that comes, and nothing
could take it back. The clock is the one of whoever reads, or the append time of the broker.
"""

from datetime import UTC, datetime, timedelta

from brentwatch.core.domain import EventAdmitted, Signal, derive_future_allowance
from brentwatch.wire.event_document import UnrestEventDocument
from brentwatch.wire.input_faults import DeadLetterReason, InvalidMessage

LONGEST_AHEAD = timedelta(minutes=10)
"""By so much clocks may differ."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_AHEAD_MS = LONGEST_AHEAD.total_seconds() * 1000.0
_REMEDY = "correct the time, or the clock of whoever writes it by NTP"


def check_signal(signal: Signal, written_at: float) -> None:
    """Refuse a signal of the timeline that is known long after it was written.

    Prices are complete through `known_at` at most, so its bound is theirs.

    Args:
        signal: what was read.
        written_at: when the record was written, in milliseconds since 1970.

    Raises:
        InvalidMessage: if `known_at` is more than ten minutes later; of a bare date, one day more.
    """
    if _is_ahead(signal.known_at, written_at):
        allowance = signal.event.future_allowance if isinstance(signal, EventAdmitted) else timedelta()
        _check("known_at", signal.known_at, written_at, LONGEST_AHEAD + allowance)


def check_event(
    document: UnrestEventDocument, written_at: float, longest_ahead: timedelta = timedelta.max
) -> None:
    """Refuse an event that is known long after it was written, or occurs longer than `longest_ahead` after.

    A scheduled event may occur at any time.

    Raises:
        InvalidMessage: see `check_signal`.
    """
    start = document.occurred.start
    if not _is_ahead(document.known_at, written_at) and not _is_ahead(start, written_at):
        return
    allowance = derive_future_allowance(document.occurred.precision, start, document.known_at)
    _check("known_at", document.known_at, written_at, LONGEST_AHEAD + allowance)
    if not document.scheduled:
        _check("occurred.start", start, written_at, longest_ahead)


def _is_ahead(time: datetime, written_at: float) -> bool:
    return 1000.0 * time.timestamp() > written_at + _LONGEST_AHEAD_MS


def _check(name: str, time: datetime, written_at: float, longest: timedelta) -> None:
    written = _EPOCH + timedelta(milliseconds=written_at)
    if time - written > longest:
        raise InvalidMessage(
            DeadLetterReason.FUTURE,
            f"{name} is {time.isoformat()}, and the record was written at {written:%Y-%m-%dT%H:%M:%SZ}; at "
            f"most {_format_duration(longest)} later is expected; {_REMEDY}",
        )


def _format_duration(span: timedelta) -> str:
    days, minutes = span.days, span.seconds // 60
    parts = [f"{days} day{'s' * (days > 1)}"] * (days > 0) + [f"{minutes} minutes"] * (minutes > 0)
    return " and ".join(parts) or "nothing"
