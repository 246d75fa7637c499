"""An alert opens by a heads-up or a test at its level; what comes later revises and never withdraws it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.core.desk import FIRST, TAJIKISTAN, Desk, at, bar, event, found, session, update, warmed
from tests.core.intraday_desk import slot, told
from tests.core.thread_desk import (
    FRIDAY,
    MONDAY,
    SATURDAY,
    SETTLES,
    ThreadDesk,
    bars_of_monday,
    monday,
    settlement,
)

from brentwatch.core.domain import (
    BRENT_SPOT,
    DERIVED_ONLY,
    Cause,
    Direction,
    EventClass,
    Exposure,
    PriceLevels,
    PriceUpdate,
    Refused,
    Severity,
    Stage,
    Standing,
    Status,
    Window,
)
from brentwatch.core.ids import alert_id
from brentwatch.core.monitor.state import SessionRecord

if TYPE_CHECKING:
    from brentwatch.core.monitor.state import State

ATTACK = event("desk:attack", at(FIRST))
PROTEST = event("desk:protest", at(FIRST), event_class=EventClass.PROTEST)
"""An event of a class that opens no heads-up."""
SHOCK = 0.08


def shaken(*events: object, move: float = SHOCK) -> Desk:
    desk = Desk()
    desk.tell(*events)  # type: ignore[arg-type]
    desk.settle(0, move)
    return desk


def test_a_quiet_session_opens_no_alert_whatever_its_events() -> None:
    assert shaken(PROTEST, move=0.005).thread() == []


def test_a_quiet_session_after_a_heads_up_says_so_and_has_no_severity() -> None:
    desk = shaken(ATTACK, move=0.005)
    first, last = desk.thread()

    assert desk.alerts() == []
    assert (first.stage, last.stage, last.severity) == (Stage.HEADS_UP, Stage.SETTLEMENT, None)
    assert last.lead is not None
    assert (last.is_abnormal, last.lead.p > last.lead.level) == (False, True)


def test_a_session_at_the_level_opens_one_alert_with_all_its_events() -> None:
    (alert,) = shaken(
        PROTEST, replace(PROTEST, event=replace(PROTEST.event, event_id="desk:second"))
    ).alerts()

    assert (alert.alert_id, alert.revision, alert.cause) == (alert_id("brent-spot", FIRST), 1, Cause.OPENED)
    assert (alert.severity, alert.stage, alert.is_abnormal) == (Severity.CRITICAL, Stage.SETTLEMENT, True)
    assert [ref.event_id for ref in alert.events] == ["desk:protest", "desk:second"]
    assert alert.lead is not None
    assert alert.lead == alert.find_test(Stage.SETTLEMENT)
    assert (alert.lead.direction, alert.lead.level) == (Direction.UP, BRENT_SPOT.alert_level)
    assert alert.lead.p <= alert.lead.level


def test_a_session_that_a_heads_up_opened_goes_on_in_the_same_thread() -> None:
    desk = shaken(ATTACK)
    (before,), (after,) = desk.heads_ups(), desk.alerts()

    assert (before.stage, before.tests, before.severity, before.revision) == (Stage.HEADS_UP, (), None, 1)
    assert (after.alert_id, after.revision, after.cause) == (before.alert_id, 2, Cause.TEST)
    assert after.heads_up == before.heads_up is not None


def without_alerts(state: State) -> State:
    silent = replace(state.rules.instrument, alerts=False)
    return replace(state, rules=replace(state.rules, instrument=silent))


def test_an_instrument_without_alerts_is_tested_the_same_and_opens_none() -> None:
    loud, silent = shaken(ATTACK), Desk(without_alerts(warmed()))
    silent.tell(ATTACK)
    silent.settle(0, SHOCK)

    assert silent.thread() == []
    assert silent.headline(FIRST) == loud.headline(FIRST)


def test_a_retraction_opens_no_alert() -> None:
    desk = Desk(without_alerts(warmed()))
    desk.tell(ATTACK, PROTEST)
    desk.settle(0, SHOCK)
    desk.state = replace(desk.state, rules=warmed().rules)
    desk.tell(event("desk:attack", at(session(1)), revision=1, status=Status.RETRACT))
    assert desk.thread() == []

    desk.tell(event("desk:third", at(FIRST, 10)))
    assert [each.cause for each in desk.thread()] == [Cause.OPENED]


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

    assert [alert.revision for alert in desk.alerts()] == [2, 3]


def test_a_fall_is_an_alert_too() -> None:
    (alert,) = shaken(ATTACK, move=-SHOCK).alerts()

    assert alert.lead is not None
    assert alert.lead.direction is Direction.DOWN


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
    assert explained.tests == unexplained.tests


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

    day, two = [Window(0, 0)], [Window(0, 0), Window(0, 1), Window(1, 1)]
    assert [(each.cause, each.stage, [found.window for found in each.windows]) for each in desk.alerts()] == [
        (Cause.TEST, Stage.SETTLEMENT, day),
        (Cause.WINDOW, Stage.SETTLEMENT, two),
        (Cause.WINDOW, Stage.FINAL, [*two, Window(0, 5), Window(1, 5)]),
    ]
    assert [alert.revision for alert in desk.thread()] == [1, 2, 3, 4]
    assert [[each.stage for each in alert.upcoming] for alert in desk.thread()] == [
        [Stage.SETTLEMENT, Stage.FINAL],
        [Stage.FINAL],
        [Stage.FINAL],
        [],
    ]


def test_windows_that_grow_large_never_open_an_alert() -> None:
    desk = Desk()
    desk.tell(ATTACK)
    for number in range(6):
        desk.settle(number, 0.015)

    assert found(desk.study(FIRST, Window(0, 5))).p < 0.01
    assert desk.alerts() == []
    assert desk.heads_ups()[-1].stage is Stage.FINAL


def test_a_price_revision_may_open_an_alert() -> None:
    desk = shaken(PROTEST, move=0.001)
    desk.tell(update(bar(FIRST, 90.0), known_at=at(session(1))))
    (alert,) = desk.thread()

    assert (alert.cause, alert.revision) == (Cause.OPENED, 1)
    assert "price_revision" in alert.flags


def test_a_price_revision_never_withdraws_an_alert() -> None:
    desk = shaken(ATTACK)
    desk.tell(update(bar(FIRST, 80.1), known_at=at(session(1))))
    newest = desk.alerts()[-1]

    assert (newest.cause, newest.is_abnormal, newest.severity) == (
        Cause.PRICE_REVISION,
        False,
        Severity.CRITICAL,
    )


def test_a_settlement_that_a_price_revision_refuses_is_untested_and_the_alert_stays_as_loud() -> None:
    desk = shaken(ATTACK)
    desk.tell(update(bar(FIRST, -1.0), known_at=at(session(1))))
    first, newest = desk.alerts()

    (untested,) = newest.untested
    assert (newest.tests, newest.severity, newest.stage) == ((), first.severity, Stage.SETTLEMENT)
    assert (untested.stage, untested.study_id) == (Stage.SETTLEMENT, first.tests[0].study_id)
    assert untested.move is not None
    assert (untested.move.close, untested.move.log_return) == (-1.0, None)
    assert "USD/bbl" in untested.reason


def test_an_unexplained_session_goes_on_being_studied() -> None:
    desk = shaken()
    desk.settle(1)

    assert found(desk.study(FIRST, Window(0, 1))).complete
    assert desk.alerts()[-1].cause is Cause.WINDOW


def test_the_severity_is_that_of_the_loudest_test_and_never_falls() -> None:
    """A small event moves the price within the session; the settlement is judged by the attack after it."""
    desk = ThreadDesk(bars_of_monday(0.0, {slot(9, 10): 0.05, slot(13): -0.05}))
    desk.trade(monday(9))
    desk.tell(event("desk:small", monday(9, 2), TAJIKISTAN))
    desk.trade(monday(11))
    desk.tell(event("desk:attack", monday(14)))
    desk.trade(monday(14, 30))
    desk.settle_at(MONDAY, SHOCK)
    desk.tell(settlement(MONDAY, desk.last_close / float(np.exp(SHOCK))))
    first = desk.alerts()[0]

    assert (first.stage, first.severity) == (Stage.WITHIN, Severity.MEDIUM)
    ranks = [alert.severity.rank for alert in desk.alerts() if alert.severity is not None]
    assert ranks == sorted(ranks)
    assert desk.alerts()[-1].severity is Severity.CRITICAL
    settled = desk.alerts()[-1].find_test(Stage.SETTLEMENT)
    assert settled is not None
    assert not settled.is_abnormal


def test_the_first_line_tells_the_latest_test_at_its_level() -> None:
    desk = ThreadDesk(bars_of_monday(0.07))
    desk.tell(event("desk:saturday", SATURDAY))
    desk.trade(monday(15))
    desk.settle_at(MONDAY, 0.001)
    newest = desk.alerts()[-1]

    assert newest.lead is not None
    assert (newest.lead.stage, newest.lead.window.minutes) == (Stage.REOPEN, 5)


def test_an_event_that_rose_in_another_session_is_listed_to_the_end() -> None:
    """It stands with Friday, which has settled; its second headline came on Monday, and so did the move."""
    desk = ThreadDesk(bars_of_monday(0.0, {slot(9, 10): 0.05}))
    friday = monday(12) - timedelta(days=3)
    single = replace(event("gdelt:one", friday), standing=Standing.SINGLE)
    desk.state = replace(desk.state, decided=desk.state.decided.set(FRIDAY, friday_record(desk)))
    desk.tell(single)
    desk.trade(monday(9))
    second = event("gdelt:one", monday(9, 2), revision=1, status=Status.UPDATE)
    desk.tell(replace(second, standing=Standing.CORROBORATED))
    desk.trade(monday(14, 30))
    desk.settle_at(MONDAY, 0.05)
    desk.tell(told([], through=SETTLES + timedelta(days=9)), retold_price(desk))

    assert not desk.state.intraday.openings
    assert [[each.event_id for each in alert.events] for alert in desk.alerts()] == [
        ["gdelt:one"] for _ in desk.alerts()
    ]
    assert {each.severity for each in desk.alerts()} == {Severity.CRITICAL}


def friday_record(desk: ThreadDesk) -> SessionRecord:
    """Friday as a decided session: the warm-up left no record of it."""
    closes_at = desk.state.rules.instrument.series.closes_at(FRIDAY)
    refused = dict.fromkeys((each.name for each in desk.state.rules.models), Refused("warm-up"))
    return SessionRecord(session=FRIDAY, settles_at=closes_at, known_at=closes_at, paths=refused)


def retold_price(desk: ThreadDesk) -> PriceUpdate:
    """Monday's price, corrected a week later."""
    return replace(settlement(MONDAY, desk.last_close * 1.001), known_at=SETTLES + timedelta(days=9, hours=3))


def test_the_answer_to_a_late_event_is_reported_at_once() -> None:
    """Its windows are known when it comes: a heads-up is revised for an answer, though not for an event."""
    desk = ThreadDesk()
    desk.trade(monday(12))
    desk.tell(event("desk:now", monday(11, 58)))
    desk.tell(replace(event("gdelt:late", monday(9, 2)), standing=Standing.CORROBORATED))

    assert [len(each.tests) for each in desk.thread()] == [0, 2]
    assert [test.window.number for test in desk.thread()[-1].tests] == [2, 2]
