"""An alert to send: the attack on Abqaiq, with round figures."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from brentwatch.core.domain import (
    HEADLINE,
    Alert,
    Cause,
    Direction,
    EventClass,
    EventRef,
    Found,
    Move,
    Severity,
    Verification,
)
from brentwatch.message.alert_text import write_alert_text
from brentwatch.notify.messages import Message
from brentwatch.wire.published import encode_alert

if TYPE_CHECKING:
    from brentwatch.wire.published import AlertText

SESSION = date(2019, 9, 16)

HEADLINE_TEST = Found(
    window=HEADLINE,
    observed=1,
    planned=1,
    null="the return of the session is a draw from the forecast made the session before",
    total=0.11,
    expected=0.0,
    car=0.11,
    standard_error=0.02,
    low=0.07,
    high=0.15,
    statistic=5.5,
    degrees_of_freedom=6.0,
    p=0.0015,
    mde_05=0.06,
    mde_alert=0.08,
)

EVENT = EventRef(
    event_id="desk:attack",
    revision=0,
    known_at=datetime(2019, 9, 14, 0, 45, tzinfo=UTC),
    country="SAU",
    place="Abqaiq",
    event_class=EventClass.ATTACK_INFRASTRUCTURE,
    summary="Drones stop half of the output",
    verification=Verification.CURATED,
    source="https://example.org/abqaiq",
    exposure=0.98,
    exposure_country="SAU",
    production_kbd=9700.0,
    transit_kbd=0.0,
    late=False,
    by_day=False,
    carried=False,
)

ALERT = Alert(
    alert_id="0123456789abcdef0123",
    revision=1,
    cause=Cause.OPENED,
    known_at=datetime(2019, 9, 16, 15, 30, tzinfo=UTC),
    instrument="brent-spot",
    title="Brent spot",
    series="brent-spot",
    session=SESSION,
    settled_at=datetime(2019, 9, 16, 15, 30, tzinfo=UTC),
    severity=Severity.CRITICAL,
    direction=Direction.UP,
    p=0.0015,
    level=0.01,
    below_level=True,
    model="garch-t",
    headline=HEADLINE_TEST,
    windows=(),
    move=Move(
        session=SESSION,
        close=68.42,
        previous_session=date(2019, 9, 13),
        previous_close=61.25,
        log_return=0.11,
    ),
    events=(EVENT,),
    events_total=1,
    exposure=0.98,
    flags=(),
    confounders=(),
    overlaps=(),
    calibration=None,
)


def alert(**changes: Any) -> Alert:
    """The alert with some fields changed."""
    return replace(ALERT, **changes)


def message(sent: Alert = ALERT, text: AlertText | None = None, **changes: Any) -> Message:
    """The first message of an alert, with the words that it is published with, and some fields changed."""
    words = text or write_alert_text(sent)
    made = Message(
        id=f"{sent.alert_id}-{sent.revision}",
        thread=sent.alert_id,
        lock_screen=words.lock_screen,
        card=words.card,
        severity=sent.severity,
        alert=sent,
        document=encode_alert(sent, words),
    )
    return replace(made, **changes)
