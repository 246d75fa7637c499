"""Alerts to send: the attack on Abqaiq with round figures, at each stage of its thread, and other kinds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from brentwatch.core.domain import (
    DERIVED_ONLY,
    HEADLINE,
    Alert,
    AlertTest,
    Answered,
    Beside,
    BreakKind,
    Calibration,
    Cause,
    Confounder,
    ConfounderKind,
    Direction,
    EventClass,
    EventRef,
    Found,
    GivenAlert,
    HeadsUp,
    HeadsUpRecord,
    Move,
    Range,
    Severity,
    Span,
    Stage,
    Standing,
    StoryEvidence,
    StoryGroup,
    Untested,
    Upcoming,
    Verification,
    Window,
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
    given_alert=GivenAlert(0.106, 0.01, 0.149),
)
"""The session itself as `windows` tells it."""

SETTLEMENT_TEST = AlertTest(
    stage=Stage.SETTLEMENT,
    study_id="5e771e5e771e5e771e00",
    window=Span(
        begins_at=datetime(2019, 9, 13, 15, 30, tzinfo=UTC), ends_at=datetime(2019, 9, 16, 15, 30, tzinfo=UTC)
    ),
    model="garch-t",
    p=0.0015,
    level=0.01,
    direction=Direction.UP,
    move=Move(
        session=SESSION,
        close=68.42,
        previous_session=date(2019, 9, 13),
        previous_close=61.25,
        log_return=0.11,
    ),
    estimate=0.11,
    range=Range(0.07, 0.15),
    normal=Range(-0.04, 0.04),
    expected=0.0,
    usual=None,
    mde_alert=0.08,
    given_alert=GivenAlert(0.106, 0.01, 0.149),
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
    stage=Stage.SETTLEMENT,
    cause=Cause.OPENED,
    known_at=datetime(2019, 9, 16, 15, 30, tzinfo=UTC),
    instrument="brent-spot",
    title="Brent spot",
    series="brent-spot",
    session=SESSION,
    settles_at=datetime(2019, 9, 16, 15, 30, tzinfo=UTC),
    severity=Severity.CRITICAL,
    tests=(SETTLEMENT_TEST,),
    windows=(HEADLINE_TEST,),
    model="garch-t",
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


def settlement_test(**changes: Any) -> AlertTest:
    """The test of the settlement with some fields changed."""
    return replace(SETTLEMENT_TEST, **changes)


def tested_alert(**changes: Any) -> Alert:
    """The alert with some fields of its only test changed."""
    return replace(ALERT, tests=(settlement_test(**changes),))


tested_alert.__test__ = False  # type: ignore[attr-defined]  # its name is not that of a test for pytest


NOT_ABNORMAL: dict[str, Any] = {"p": 0.016, "given_alert": None}
"""What a test is that is no longer at the alert level."""


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
        given_alert=None,
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
    windows=(HEADLINE_TEST, window(1, 0.07), window(1, -0.04, start=1)),
    calibration=CALIBRATION,
    confounders=(MEETING,),
    overlaps=(date(2019, 9, 12),),
    beside=(Beside("adaptive-rank", 0.0012), Beside("constant-mean", 0.41)),
)

# The thread of the same attack on the front month: Saturday's news, Sunday's re-open, Monday's settlement.
LAST_TRADE = datetime(2019, 9, 13, 20, 40, tzinfo=UTC)
REOPENS_AT = datetime(2019, 9, 15, 22, 0, tzinfo=UTC)
SETTLES_AT = datetime(2019, 9, 16, 18, 30, tzinfo=UTC)
FIRST_BAR = REOPENS_AT + timedelta(minutes=5)
FIRST_HOUR = REOPENS_AT + timedelta(minutes=60)
FINAL_AT = datetime(2019, 9, 23, 18, 30, tzinfo=UTC)
PROVISIONAL_NEXT = Upcoming(stage=Stage.PROVISIONAL, at=SETTLES_AT + timedelta(minutes=15))
SETTLEMENT_NEXT = Upcoming(stage=Stage.SETTLEMENT, at=SETTLES_AT + timedelta(hours=3))
FINAL_NEXT = Upcoming(stage=Stage.FINAL, at=FINAL_AT)

REOPEN_TEST = AlertTest(
    stage=Stage.REOPEN,
    study_id="0e09e000e09e000e0900",
    window=Span(begins_at=LAST_TRADE, ends_at=FIRST_BAR, minutes=5, number=1, news_at=EVENT.known_at),
    model="re-open",
    p=0.0009,
    level=0.001,
    direction=Direction.UP,
    move=Move(
        session=SESSION,
        close=64.53,
        previous_session=date(2019, 9, 13),
        previous_close=60.25,
        log_return=0.0686,
    ),
    estimate=0.0686,
    range=Range(0.0505, 0.0867),
    normal=Range(-0.0181, 0.0181),
    expected=0.0,
    usual=0.006,
    mde_alert=0.0677,
    given_alert=GivenAlert(0.0632, 0.0098, 0.0861),
    break_kind=BreakKind.WEEKEND,
    sessions=260,
    answered=Answered(data_through=FIRST_BAR, answered_at=FIRST_BAR + timedelta(minutes=15)),
)
FIRST_HOUR_TEST = replace(
    REOPEN_TEST,
    study_id="0e09e000e09e000e0960",
    window=replace(REOPEN_TEST.window, ends_at=FIRST_HOUR, minutes=60),
    p=0.0011,
    estimate=0.0712,
    move=replace(REOPEN_TEST.move, close=64.70, log_return=0.0712),
    range=Range(0.0505, 0.0919),
    normal=Range(-0.0207, 0.0207),
    usual=0.0068,
    given_alert=None,
    answered=Answered(data_through=FIRST_HOUR, answered_at=FIRST_HOUR + timedelta(minutes=15)),
)
"""Just above the level: the first hour as well as the gap."""

WITHIN_TEST = AlertTest(
    stage=Stage.WITHIN,
    study_id="717171717171717171aa",
    window=Span(
        begins_at=datetime(2019, 9, 16, 13, 45, tzinfo=UTC),
        ends_at=datetime(2019, 9, 16, 14, 0, tzinfo=UTC),
        minutes=15,
        number=1,
        news_at=datetime(2019, 9, 16, 13, 42, tzinfo=UTC),
    ),
    model="intraday",
    p=0.0003,
    level=0.001,
    direction=Direction.UP,
    move=replace(SETTLEMENT_TEST.move, previous_close=61.25, close=63.12, log_return=0.03),
    estimate=0.03,
    range=Range(0.02, 0.04),
    normal=Range(-0.01, 0.01),
    expected=0.0,
    usual=0.004,
    mde_alert=0.025,
    given_alert=GivenAlert(0.0287, 0.0031, 0.0398),
    sessions=160,
    answered=Answered(
        data_through=datetime(2019, 9, 16, 14, 0, tzinfo=UTC),
        answered_at=datetime(2019, 9, 16, 14, 15, tzinfo=UTC),
        before_minutes=60,
        before=0.003,
    ),
)
HOUR_TEST = replace(
    WITHIN_TEST,
    study_id="717171717171717171bb",
    window=replace(WITHIN_TEST.window, ends_at=datetime(2019, 9, 16, 14, 45, tzinfo=UTC), minutes=60),
    p=0.0042,
    estimate=0.026,
    move=replace(WITHIN_TEST.move, close=62.86, log_return=0.026),
    range=Range(0.008, 0.044),
    normal=Range(-0.018, 0.018),
    usual=0.007,
    given_alert=None,
    answered=replace(WITHIN_TEST.answered, answered_at=datetime(2019, 9, 16, 15, 0, tzinfo=UTC)),  # type: ignore[type-var]  # it is there
)
PROVISIONAL_TEST = replace(
    SETTLEMENT_TEST,
    stage=Stage.PROVISIONAL,
    study_id="9707151097071510aaaa",
    window=Span(begins_at=datetime(2019, 9, 13, 18, 30, tzinfo=UTC), ends_at=SETTLES_AT),
    model="adaptive-garch-t",
    level=0.006,
    p=0.0021,
    move=replace(SETTLEMENT_TEST.move, close=69.02, previous_close=60.22, log_return=0.1364),
    estimate=0.1354,
    range=Range(0.0704, 0.2004),
    normal=Range(-0.064, 0.066),
    expected=0.001,
    mde_alert=0.105,
    given_alert=None,
)
FRONT_TEST = replace(
    PROVISIONAL_TEST,
    stage=Stage.SETTLEMENT,
    study_id="5e771e5e771e5e771eff",
    p=0.002,
    given_alert=GivenAlert(0.1302, 0.0162, 0.1991),
)
"""The settlement of the front month."""

CALM_TEST = replace(
    FRONT_TEST,
    p=0.43,
    move=replace(FRONT_TEST.move, close=61.18, log_return=0.0158),
    estimate=0.0148,
    range=Range(-0.0502, 0.0798),
    given_alert=None,
)
"""A settlement that is not abnormal."""

RECORD_OF_HEADS_UPS = HeadsUpRecord(
    first=date(2002, 1, 2), last=date(2019, 9, 12), count=41, abnormal=5, placebo=0.012
)


def heads_up_alert(**changes: Any) -> Alert:
    """Saturday's news, before any price test."""
    fields: dict[str, Any] = {
        "alert_id": "fedcba9876543210fedc",
        "instrument": "brent-front",
        "title": "Brent front",
        "series": "brent-front",
        "model": "adaptive-garch-t",
        "known_at": EVENT.known_at,
        "settles_at": SETTLES_AT,
        "stage": Stage.HEADS_UP,
        "severity": None,
        "tests": (),
        "windows": (),
        "upcoming": (
            Upcoming(stage=Stage.REOPEN, at=FIRST_BAR + timedelta(minutes=15)),
            Upcoming(stage=Stage.REOPEN, at=FIRST_HOUR + timedelta(minutes=15)),
            PROVISIONAL_NEXT,
            SETTLEMENT_NEXT,
            FINAL_NEXT,
        ),
        "events": (replace(EVENT, standing=Standing.CORROBORATED),),
        "heads_up": HeadsUp(
            event_id=EVENT.event_id,
            known_at=EVENT.known_at,
            reopens_at=REOPENS_AT,
            detectable=0.0677,
            record=RECORD_OF_HEADS_UPS,
        ),
    }
    return replace(ALERT, **fields | changes)


def reopen_alert(**changes: Any) -> Alert:
    """Sunday's first bar: the gap is abnormal, and the thread is loud for the first time."""
    fields: dict[str, Any] = {
        "revision": 2,
        "cause": Cause.TEST,
        "stage": Stage.REOPEN,
        "known_at": FIRST_BAR + timedelta(minutes=15),
        "severity": Severity.HIGH,
        "tests": (REOPEN_TEST,),
        "upcoming": (
            Upcoming(stage=Stage.REOPEN, at=FIRST_HOUR + timedelta(minutes=15)),
            PROVISIONAL_NEXT,
            SETTLEMENT_NEXT,
            FINAL_NEXT,
        ),
    }
    return heads_up_alert(**fields | changes)


def within_alert(**changes: Any) -> Alert:
    """News of Monday afternoon instead, while trade is open: the first 15 minutes, and no heads-up before."""
    fields: dict[str, Any] = {
        "stage": Stage.WITHIN,
        "known_at": datetime(2019, 9, 16, 14, 15, tzinfo=UTC),
        "severity": Severity.CRITICAL,
        "tests": (WITHIN_TEST,),
        "heads_up": None,
        "events": (replace(EVENT, known_at=datetime(2019, 9, 16, 13, 42, tzinfo=UTC)),),
        "upcoming": (
            Upcoming(stage=Stage.WITHIN, at=datetime(2019, 9, 16, 15, 0, tzinfo=UTC)),
            PROVISIONAL_NEXT,
            SETTLEMENT_NEXT,
            FINAL_NEXT,
        ),
    }
    return heads_up_alert(**fields | changes)


def provisional_alert(**changes: Any) -> Alert:
    """Monday's last bar before the settlement, after the re-open and its first hour."""
    fields: dict[str, Any] = {
        "revision": 4,
        "stage": Stage.PROVISIONAL,
        "known_at": SETTLES_AT + timedelta(minutes=15),
        "tests": (REOPEN_TEST, FIRST_HOUR_TEST, PROVISIONAL_TEST),
        "upcoming": (SETTLEMENT_NEXT, FINAL_NEXT),
    }
    return reopen_alert(**fields | changes)


def settled_alert(**changes: Any) -> Alert:
    """Monday's settlement, abnormal as well; its provisional answer is gone."""
    fields: dict[str, Any] = {
        "revision": 5,
        "stage": Stage.SETTLEMENT,
        "known_at": SETTLES_AT + timedelta(hours=3),
        "tests": (REOPEN_TEST, FIRST_HOUR_TEST, FRONT_TEST),
        "windows": (_SESSION_WINDOW,),
        "upcoming": (FINAL_NEXT,),
    }
    return provisional_alert(**fields | changes)


def final_alert(**changes: Any) -> Alert:
    """Six sessions have settled: nothing is to come."""
    fields: dict[str, Any] = {
        "revision": 7,
        "stage": Stage.FINAL,
        "cause": Cause.WINDOW,
        "known_at": FINAL_AT + timedelta(hours=3),
        "windows": (
            _SESSION_WINDOW,
            window(1, 0.12),
            window(5, 0.05),
            window(5, -0.08, start=1),
        ),
        "upcoming": (),
    }
    return settled_alert(**fields | changes)


_SESSION_WINDOW = replace(
    HEADLINE_TEST, total=0.1364, expected=0.001, car=0.1354, low=0.0704, high=0.2004, p=0.002
)
UNTESTED_REOPEN = Untested(
    stage=Stage.REOPEN,
    study_id=REOPEN_TEST.study_id,
    window=REOPEN_TEST.window,
    reason="the contract changed",
    move=replace(REOPEN_TEST.move, close=70.70, log_return=0.16),
)
"""A gap across two contracts."""

CALM_REOPEN_TEST = replace(
    REOPEN_TEST,
    p=0.37,
    direction=Direction.DOWN,
    move=replace(REOPEN_TEST.move, close=60.01, log_return=-0.004),
    estimate=-0.004,
    range=Range(-0.0221, 0.0141),
    given_alert=None,
)
INTRADAY = within_alert()
STORY = StoryEvidence(
    story_id="brent-spot:SAU:escalation:2019-09-05",
    country="SAU",
    group=StoryGroup.ESCALATION,
    since=date(2019, 9, 5),
    events=6,
    sessions=5,
    first=date(2019, 9, 5),
    last=SESSION,
    evidence=131.7,
    highest=131.7,
    reached=SESSION,
)
NEW_STORY = replace(STORY, story_id="desk:talks", country="IRN", group=StoryGroup.EASING, since=SESSION)

CASES: dict[str, Alert] = {
    "critical": ALERT,
    "high": replace(
        tested_alert(p=0.0046),
        severity=Severity.HIGH,
        exposure=0.4,
        events=(replace(EVENT, exposure=0.4),),
    ),
    "medium": replace(
        tested_alert(
            p=0.0072,
            direction=Direction.DOWN,
            estimate=-0.06,
            range=Range(-0.1, -0.02),
            move=replace(SETTLEMENT_TEST.move, close=57.68, log_return=-0.06),
            given_alert=GivenAlert(-0.047, -0.096, 0.003),
        ),
        severity=Severity.MEDIUM,
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
        UPDATED,
        revision=3,
        stage=Stage.FINAL,
        windows=(*UPDATED.windows, window(5, 0.05), window(5, -0.06, start=1)),
    ),
    "withdrawn_event": alert(revision=2, cause=Cause.EVENT_WITHDRAWN, **GONE),
    "withdrawn_move": replace(tested_alert(**NOT_ABNORMAL), revision=2, cause=Cause.PRICE_REVISION),
    "derived_only": replace(UPDATED, flags=(DERIVED_ONLY,)),
    "intraday": INTRADAY,
    "heads_up": heads_up_alert(),
    "heads_up_open": heads_up_alert(
        heads_up=HeadsUp(event_id=EVENT.event_id, known_at=EVENT.known_at),
        upcoming=(
            Upcoming(stage=Stage.WITHIN, at=datetime(2019, 9, 16, 14, 15, tzinfo=UTC)),
            Upcoming(stage=Stage.WITHIN, at=datetime(2019, 9, 16, 15, 0, tzinfo=UTC)),
            SETTLEMENT_NEXT,
        ),
    ),
    "reopen": reopen_alert(),
    "reopen_calm": reopen_alert(tests=(CALM_REOPEN_TEST,), severity=None),
    "reopen_untested": reopen_alert(tests=(), untested=(UNTESTED_REOPEN,), severity=None),
    "first_hour": reopen_alert(
        revision=3,
        known_at=FIRST_HOUR + timedelta(minutes=15),
        tests=(REOPEN_TEST, FIRST_HOUR_TEST),
        upcoming=(PROVISIONAL_NEXT, SETTLEMENT_NEXT, FINAL_NEXT),
    ),
    "hour": within_alert(
        revision=2,
        cause=Cause.TEST,
        known_at=datetime(2019, 9, 16, 15, 0, tzinfo=UTC),
        tests=(WITHIN_TEST, HOUR_TEST),
        upcoming=(PROVISIONAL_NEXT, SETTLEMENT_NEXT, FINAL_NEXT),
    ),
    "provisional": provisional_alert(),
    "settled": settled_alert(),
    "settled_calm": settled_alert(tests=(REOPEN_TEST, FIRST_HOUR_TEST, CALM_TEST)),
    "ended_quietly": final_alert(tests=(CALM_REOPEN_TEST, CALM_TEST), severity=None),
    "thread_final": final_alert(),
    "thread_final_calm": final_alert(tests=(REOPEN_TEST, FIRST_HOUR_TEST, CALM_TEST)),
    "stories": alert(
        stories=(
            STORY,
            replace(NEW_STORY, events=1, sessions=1, first=SESSION, evidence=0.42, highest=1.0, reached=None),
        )
    ),
    "reopen_derived_only": reopen_alert(flags=(DERIVED_ONLY,)),
}
"""Each severity and stage, and each way in which words and pictures differ."""


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
