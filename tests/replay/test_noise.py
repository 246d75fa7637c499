"""Five runs that went wrong: noise of a feed beside a true attack, through the screen and the fold."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from brentwatch.core.domain import (
    BRENT_FRONT,
    BRENT_SPOT,
    Alert,
    EventAdmitted,
    Instrument,
    PublishAlert,
    Standing,
    Status,
    sort_signals,
)
from brentwatch.core.monitor.listing import MOST_OF_A_FEED
from brentwatch.core.monitor.machine import create_state, step
from brentwatch.core.monitor.pacing import MOST_HEADS_UPS
from brentwatch.history.bundled import load_exposure, load_oil_assets
from brentwatch.history.folder import find_history
from brentwatch.history.rules import build_rules
from brentwatch.message.words import DETAILS, write_alert_lines
from brentwatch.screen.decision import Admitted, ScreenRules, screen
from brentwatch.screen.settings import ScreenSettings
from brentwatch.wire.timeline import decode_signal, encode_signal

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_MESSAGES = 10
SETTINGS = ScreenSettings()
RULES = ScreenRules(
    load_exposure(),
    {},
    load_oil_assets(),
    SETTINGS.minimum_relevance,
    own=frozenset(SETTINGS.sources.own),
    other_relevance=SETTINGS.sources.other_relevance,
    corroborated_relevance=SETTINGS.corroborated_relevance,
)
SATURDAY = datetime(2019, 9, 14, tzinfo=UTC)
"""Shortly before the attack was known."""
EVENING = datetime(2024, 5, 13, 22, 20, tzinfo=UTC)
"""The session of Tuesday 14 May begins at 22:00 UTC of Monday."""

NOISE = (
    ("USA", "armed_clash", "Sheriff names suspect of a shooting"),
    ("SAU", "attack_infrastructure", "Comics reviewed: the drones of Abqaiq return"),
    ("RUS", "armed_clash", "Obituary of a soldier"),
    ("IRN", "bombardment", "Minister condemns an attack"),
    ("SAU", "protest", "Fans protest against a referee"),
    ("IRQ", "armed_clash", "Five years after the battle of Mosul"),
)


def report(number: int, known_at: datetime, **changes: Any) -> dict[str, Any]:
    """An event as a machine feed gives it, with one headline unless told otherwise."""
    country, event_class, summary = NOISE[number % len(NOISE)]
    headlines = changes.pop("headlines", 1)
    return {
        "event_id": f"gdelt:{number:04}",
        "revision": 0,
        "status": "new",
        "occurred": {"start": known_at.isoformat(), "precision": "minute"},
        "known_at": known_at.isoformat(),
        "country": country,
        "event_class": event_class,
        "summary": summary,
        "reports": 5,
        "reliability": {"verification": "machine"} | ({"confidence": 0.8} if headlines > 1 else {}),
        "attention": {"headlines": headlines},
        "provenance": {"feed": "gdelt"},
    } | changes


def admit(documents: Sequence[dict[str, Any]]) -> list[EventAdmitted]:
    """What the screen lets pass, as it comes back from the timeline."""
    found = []
    for document in documents:
        decision = screen(json.dumps(document).encode(), (), RULES)
        if isinstance(decision, Admitted):
            signal = decode_signal(encode_signal(decision.signal, decision.document))
            assert isinstance(signal, EventAdmitted)
            found.append(signal)
    return found


def run(history: str, instrument: Instrument, more: Sequence[EventAdmitted]) -> list[Alert]:
    """The messages of a history with more events in it."""
    state, alerts = create_state(build_rules(instrument)), list[Alert]()
    for signal in sort_signals([*find_history(history, instrument).signals, *more]):
        state, effects = step(state, signal)
        alerts += [each.alert for each in effects if isinstance(each, PublishAlert)]
    return alerts


def assert_only(alerts: Sequence[Alert], *occasions: str) -> None:
    """Those sessions were abnormal and no others; all that is said of them names their event."""
    loud = [each for each in alerts if each.severity is not None]
    assert len({each.alert_id for each in loud}) == len(occasions)
    for key, occasion in zip(dict.fromkeys(each.alert_id for each in loud), occasions, strict=True):
        messages = [write_alert_lines(each)[0] for each in loud if each.alert_id == key]
        assert all(occasion in message for message in messages), messages
        assert len([each for each in alerts if each.alert_id == key]) <= MOST_MESSAGES
    assert len({each.alert_id for each in alerts}) <= len(occasions) + MOST_HEADS_UPS


ABQAIQ = "CRITICAL ▲ Brent +11.7 % · Abqaiq attack and "
TERMINAL = "CRITICAL ▲ Brent +2.3 % in 15 min · Ras Tanura attack"
FIELD = "CRITICAL ▲ Brent +2.7 % in 15 min · Rumaila seizure"


def test_abqaiq_beside_the_events_of_one_file() -> None:
    noise = admit([report(number, SATURDAY, headlines=1 + (number % 7 == 0)) for number in range(60)])
    alerts = run("abqaiq-2019", BRENT_SPOT, noise)
    singles = sum(each.standing is Standing.SINGLE for each in noise)

    assert 20 < singles < len(noise)
    assert any(each.event.summary.startswith("Comics") for each in noise if each.standing.rank)
    assert_only(alerts, ABQAIQ)
    lines = write_alert_lines(next(each for each in alerts if each.severity is not None))
    assert lines[1].startswith("Attack on infrastructure, Abqaiq, Khurais, Saudi Arabia · 10.6 mb/d at risk")
    assert lines[1].endswith(f", and {len(noise) - singles + 1} other events and {singles} single reports")
    assert "Comics" not in "\n".join(lines[: lines.index(DETAILS)])


def test_abqaiq_beside_a_week_end_of_files() -> None:
    times = [SATURDAY + number * timedelta(minutes=4) for number in range(900)]
    noise = admit([report(n, time, headlines=1 + (n % 25 == 0)) for n, time in enumerate(times)])
    forged = {"country": "SAU", "event_class": "attack_infrastructure", "headlines": 9}
    late = admit([report(900, times[-1], summary="The comics of Abqaiq", **forged)])
    alerts = run("abqaiq-2019", BRENT_SPOT, [*noise, *late])

    assert len(noise) > MOST_OF_A_FEED
    assert_only(alerts, ABQAIQ)
    loud = [each for each in alerts if each.severity is not None]
    assert "10.6 mb/d at risk" in write_alert_lines(loud[0])[1]
    for alert in loud:
        assert alert.events_total == len(noise) + 3
        assert "gdelt:0900" not in {each.event_id for each in alert.events}


def tell_small_events() -> list[EventAdmitted]:
    """Two true and minor events of the evening before, told by a person."""
    curated = {"reliability": {"verification": "curated"}, "provenance": {"feed": "file"}}
    return admit(
        [
            report(1, EVENING, country="NGA", event_class="protest", **curated),
            report(2, EVENING + timedelta(minutes=90), country="COL", event_class="protest", **curated),
        ]
    )


def test_two_small_events_of_the_evening_before_leave_both_alerts() -> None:
    small = tell_small_events()

    assert [each.standing for each in small] == [Standing.STATED] * 2
    assert_only(run("intraday-demo", BRENT_FRONT, small), TERMINAL, FIELD)


def test_thirty_nine_noise_events_of_the_evening_leave_both_alerts() -> None:
    times = [EVENING + number * timedelta(minutes=9) for number in range(39)]
    noise = admit([report(n, time, headlines=1 + (n % 24 == 4)) for n, time in enumerate(times)])
    alerts = run("intraday-demo", BRENT_FRONT, [*noise, *tell_small_events()])

    assert [each.standing for each in noise].count(Standing.CORROBORATED) == 2
    assert len(noise) == 39
    assert_only(alerts, TERMINAL, FIELD)


def test_a_limit_corroborated_noise_of_great_relevance_takes_the_second_test() -> None:
    """As docs/security.md says."""
    noise = admit([report(n, EVENING + n * timedelta(hours=1), headlines=2) for n in (4, 6)])
    alerts = run("intraday-demo", BRENT_FRONT, noise)

    assert [round(each.relevance, 2) for each in noise] == [0.39, 0.70]
    assert_only(alerts, FIELD)


def test_forty_updates_after_an_alert_bring_few_messages_and_the_last_word() -> None:
    signals = find_history("intraday-demo", BRENT_FRONT).signals
    (attack,) = [
        each
        for each in signals
        if isinstance(each, EventAdmitted) and each.event.event_id == "demo:2024-05-14-terminal"
    ]
    begins = datetime(2024, 5, 14, 14, 20, tzinfo=UTC)
    updates = [
        replace(
            attack,
            event=replace(
                attack.event,
                revision=number,
                status=Status.UPDATE,
                known_at=begins + number * timedelta(minutes=2),
                summary=f"told {number}",
            ),
        )
        for number in range(1, 41)
    ]
    alerts = run("intraday-demo", BRENT_FRONT, updates)
    thread = [each for each in alerts if str(each.session) == "2024-05-14"]

    assert_only(alerts, TERMINAL, FIELD)
    assert thread[0].known_at < updates[0].known_at
    assert thread[-1].events[0].summary == "told 40"
