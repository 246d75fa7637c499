"""An alert opens by p(s) alone; what comes later revises it, and nothing withdraws it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.core.desk import FIRST, TAJIKISTAN, Desk, at, bar, event, found, session, update, warmed

from brentwatch.core.domain import (
    BRENT_SPOT,
    DERIVED_ONLY,
    Cause,
    Direction,
    Exposure,
    PriceLevels,
    Severity,
    Status,
    Window,
)
from brentwatch.core.ids import alert_id

if TYPE_CHECKING:
    from brentwatch.core.monitor.state import State

ATTACK = event("desk:attack", at(FIRST))
SHOCK = 0.08


def shaken(*events: object, move: float = SHOCK) -> Desk:
    desk = Desk()
    desk.tell(*events)  # type: ignore[arg-type]
    desk.settle(0, move)
    return desk


def test_a_quiet_session_opens_no_alert_whatever_its_events() -> None:
    assert shaken(ATTACK, move=0.005).alerts() == []


def test_a_session_at_the_level_opens_one_alert_with_all_its_events() -> None:
    (alert,) = shaken(ATTACK, event("desk:second", at(FIRST, 10))).alerts()

    assert (alert.alert_id, alert.revision, alert.cause) == (alert_id("brent-spot", FIRST), 1, Cause.OPENED)
    assert (alert.severity, alert.direction, alert.below_level) == (Severity.CRITICAL, Direction.UP, True)
    assert [ref.event_id for ref in alert.events] == ["desk:attack", "desk:second"]
    assert alert.p == alert.headline.p <= BRENT_SPOT.alert_level


def without_alerts(state: State) -> State:
    silent = replace(state.rules.instrument, alerts=False)
    return replace(state, rules=replace(state.rules, instrument=silent))


def test_an_instrument_without_alerts_is_tested_the_same_and_opens_none() -> None:
    loud, silent = shaken(ATTACK), Desk(without_alerts(warmed()))
    silent.tell(ATTACK)
    silent.settle(0, SHOCK)

    assert silent.alerts() == []
    assert silent.headline(FIRST) == loud.headline(FIRST)


def test_an_alert_of_prices_that_may_not_be_shown_is_flagged_and_is_else_the_same() -> None:
    state = warmed()
    instrument = replace(state.rules.instrument, price_levels=PriceLevels.DERIVED_ONLY)
    hidden, shown = Desk(replace(state, rules=replace(state.rules, instrument=instrument))), shaken(ATTACK)
    hidden.tell(ATTACK)
    hidden.settle(0, SHOCK)

    (alert,), (other,) = hidden.alerts(), shown.alerts()
    assert alert.flags == (*other.flags, DERIVED_ONLY)
    assert replace(alert, flags=other.flags) == other


def test_an_alert_that_was_open_before_alerts_were_turned_off_is_still_revised() -> None:
    desk = shaken(ATTACK)
    desk.state = without_alerts(desk.state)
    desk.tell(event("desk:second", at(FIRST, 10)))

    assert [alert.revision for alert in desk.alerts()] == [1, 2]


def test_a_fall_is_an_alert_too() -> None:
    (alert,) = shaken(ATTACK, move=-SHOCK).alerts()

    assert alert.direction is Direction.DOWN


@pytest.mark.parametrize(
    ("exposure", "severity"),
    [
        (Exposure(country="SAU", production_kbd=9700.0), Severity.CRITICAL),
        (Exposure(country="COL", production_kbd=250.0), Severity.HIGH),
        (TAJIKISTAN, Severity.MEDIUM),
        (None, Severity.MEDIUM),
    ],
)
def test_the_barrels_at_risk_decide_how_loud_it_is(exposure: Exposure | None, severity: Severity) -> None:
    (alert,) = shaken(event("desk:attack", at(FIRST), exposure)).alerts()

    assert alert.severity is severity


def test_without_a_known_event_it_is_info_and_rises_when_one_joins() -> None:
    desk = shaken()
    desk.tell(ATTACK)
    unexplained, explained = desk.alerts()

    assert (unexplained.severity, unexplained.events_total) == (Severity.INFO, 0)
    assert (explained.severity, explained.revision) == (Severity.CRITICAL, 2)
    assert explained.cause is Cause.EVENT_JOINED
    assert explained.p == unexplained.p


def test_a_retraction_revises_the_alert_and_does_not_lower_it() -> None:
    desk = shaken(ATTACK)
    withdrawn = replace(ATTACK.event, revision=1, status=Status.RETRACT, known_at=at(session(1)))
    desk.tell(replace(ATTACK, event=withdrawn))
    newest = desk.alerts()[-1]

    assert (newest.cause, newest.events_total, newest.severity) == (
        Cause.EVENT_WITHDRAWN,
        0,
        Severity.CRITICAL,
    )


def test_an_update_revises_the_alert() -> None:
    desk = shaken(ATTACK)
    desk.tell(replace(ATTACK, event=replace(ATTACK.event, revision=1, summary="half of the output")))

    assert desk.alerts()[-1].cause is Cause.EVENT_UPDATED


def test_complete_windows_revise_the_alert_and_partial_ones_do_not() -> None:
    desk = shaken(ATTACK)
    for number in range(1, 9):
        desk.settle(number)

    assert [(alert.cause, [each.window for each in alert.windows]) for alert in desk.alerts()] == [
        (Cause.OPENED, []),
        (Cause.WINDOW, [Window(0, 1), Window(1, 1)]),
        (Cause.WINDOW, [Window(0, 1), Window(1, 1), Window(0, 5), Window(1, 5)]),
    ]
    assert [alert.revision for alert in desk.alerts()] == [1, 2, 3]


def test_windows_that_grow_large_never_open_an_alert() -> None:
    desk = Desk()
    desk.tell(ATTACK)
    for number in range(6):
        desk.settle(number, 0.015)

    assert found(desk.study(FIRST, Window(0, 5))).p < 0.01
    assert desk.alerts() == []


def test_a_price_revision_may_open_an_alert() -> None:
    desk = shaken(ATTACK, move=0.001)
    desk.tell(update(bar(FIRST, 90.0), known_at=at(session(1))))
    (alert,) = desk.alerts()

    assert (alert.cause, alert.revision) == (Cause.OPENED, 1)
    assert "price_revision" in alert.flags


def test_a_price_revision_never_withdraws_an_alert() -> None:
    desk = shaken(ATTACK)
    desk.tell(update(bar(FIRST, 80.1), known_at=at(session(1))))
    newest = desk.alerts()[-1]

    assert (newest.cause, newest.below_level, newest.severity) == (
        Cause.PRICE_REVISION,
        False,
        Severity.CRITICAL,
    )
    assert newest.p > newest.level


def test_a_price_revised_to_below_zero_leaves_the_alert_with_its_last_test() -> None:
    desk = shaken(ATTACK)
    desk.tell(update(bar(FIRST, -1.0), known_at=at(session(1))))
    first, newest = desk.alerts()

    assert newest.headline == first.headline
    assert newest.below_level is False


def test_an_unexplained_session_goes_on_being_studied() -> None:
    desk = shaken()
    desk.settle(1)

    assert found(desk.study(FIRST, Window(0, 1))).complete
    assert desk.alerts()[-1].cause is Cause.WINDOW
