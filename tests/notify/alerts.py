"""Alerts to send: the attack on Abqaiq with round figures, and what else an alert may be."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from brentwatch.core.domain import (
    DERIVED_ONLY,
    HEADLINE,
    Alert,
    Beside,
    Calibration,
    Cause,
    Confounder,
    ConfounderKind,
    Direction,
    EventClass,
    EventRef,
    Found,
    Move,
    Severity,
    Verification,
    Window,
    Within,
)
from brentwatch.message.alert_text import write_alert_text
from brentwatch.notify.messages import Message
from brentwatch.wire.published import AlertText, encode_alert

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


def window(end: int, car: float, *, start: int = 0) -> Found:
    """A further window of round figures, complete."""
    sessions = end - start + 1
    return replace(
        HEADLINE_TEST,
        window=Window(start, end),
        observed=sessions,
        planned=sessions,
        total=car,
        car=car,
        low=car - 0.1,
        high=car + 0.1,
        p=0.3,
    )


GONE: dict[str, Any] = {"events": (), "events_total": 0, "exposure": None}
CALIBRATION = Calibration(
    series="brent-spot",
    model="garch-t",
    n=6000,
    first=date(2002, 12, 13),
    last=date(2026, 8, 18),
    size_05=0.05,
    size_01=0.0103,
    fifths_05=(0.05,) * 5,
    made_on=date(2026, 11, 30),
)
MEETING = Confounder(
    session=SESSION, kind=ConfounderKind.OPEC_PLUS, text="A committee meets.", source="https://example.org/"
)
UPDATED = alert(
    revision=2,
    cause=Cause.WINDOW,
    known_at=datetime(2019, 9, 17, 15, 30, tzinfo=UTC),
    windows=(window(1, 0.07), window(1, -0.04, start=1)),
    calibration=CALIBRATION,
    confounders=(MEETING,),
    overlaps=(date(2019, 9, 12),),
    beside=(Beside("adaptive-rank", 0.0012), Beside("constant-mean", 0.41)),
)
INTRADAY = alert(
    alert_id="fedcba9876543210fedc",
    instrument="brent-front",
    title="Brent front",
    series="brent-front-5m",
    settled_at=datetime(2019, 9, 16, 18, 30, tzinfo=UTC),
    known_at=datetime(2019, 9, 16, 14, 15, tzinfo=UTC),
    level=0.001,
    p=0.0003,
    headline=replace(
        HEADLINE_TEST, observed=3, planned=3, total=0.03, car=0.03, low=0.02, high=0.04, p=0.0003
    ),
    move=replace(ALERT.move, previous_close=61.25, close=63.12, log_return=0.03),
    events=(replace(EVENT, known_at=datetime(2019, 9, 16, 13, 42, tzinfo=UTC)),),
    within=Within(
        minutes=15,
        begins_at=datetime(2019, 9, 16, 13, 45, tzinfo=UTC),
        ends_at=datetime(2019, 9, 16, 14, 0, tzinfo=UTC),
        news_at=datetime(2019, 9, 16, 13, 42, tzinfo=UTC),
        test=1,
        settles_at=datetime(2019, 9, 16, 18, 30, tzinfo=UTC),
        session_alert_id=ALERT.alert_id,
    ),
)

CASES: dict[str, Alert] = {
    "critical": ALERT,
    "high": alert(severity=Severity.HIGH, p=0.0046, exposure=0.4, events=(replace(EVENT, exposure=0.4),)),
    "medium": alert(
        severity=Severity.MEDIUM,
        direction=Direction.DOWN,
        p=0.0072,
        headline=replace(HEADLINE_TEST, total=-0.06, car=-0.06, low=-0.1, high=-0.02),
        move=replace(ALERT.move, close=57.68, log_return=-0.06),
        exposure=None,
        events=(
            replace(
                EVENT,
                exposure=None,
                verification=Verification.MACHINE,
                known_at=datetime(2019, 9, 14, tzinfo=UTC),
                by_day=True,
            ),
        ),
    ),
    "info": alert(severity=Severity.INFO, **GONE),
    "update": UPDATED,
    "final": replace(
        UPDATED, revision=3, windows=(*UPDATED.windows, window(5, 0.05), window(5, -0.06, start=1))
    ),
    "withdrawn_event": alert(revision=2, cause=Cause.EVENT_WITHDRAWN, **GONE),
    "withdrawn_move": alert(revision=2, cause=Cause.PRICE_REVISION, below_level=False, p=0.016),
    "intraday": INTRADAY,
    "derived_only": replace(UPDATED, flags=(DERIVED_ONLY,)),
}
"""One of each severity, and of each way in which words and pictures differ."""


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
