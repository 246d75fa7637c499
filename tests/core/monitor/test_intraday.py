"""Tests within the session: opened by events, answered once, published once, and never rewritten."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

import pytest
from tests.core.desk import TAJIKISTAN, event, outcomes, studies
from tests.core.intraday_desk import (
    FRONT,
    TODAY,
    FineDesk,
    calibrated,
    fine,
    new_york,
    own,
    revised,
    slot,
    today,
    told,
    warmed,
    whole,
)

from brentwatch.core.domain import (
    Cause,
    MoveFound,
    NotYet,
    Precision,
    Refused,
    Severity,
    Span,
    Stage,
    Status,
    end_of_day,
)
from brentwatch.core.errors import SettingsError
from brentwatch.core.ids import alert_id
from brentwatch.core.intraday.clock import BAR, time_of
from brentwatch.core.monitor.machine import Rules, create_state, step

if TYPE_CHECKING:
    from brentwatch.core.domain import EventAdmitted

ATTACK = new_york(9, 42)
BEGINS = new_york(9, 45)
OPENS = time_of(TODAY, 0)
JUMP = 0.05


def attacked(at: int | None = None) -> FineDesk:
    """A session in which an attack at 09:42 is followed by a jump, told up to the bar before."""
    desk = FineDesk(bars=today(JUMP, slot(9, 50) if at is None else at))
    desk.trade(new_york(9, 40))
    desk.tell(event("desk:attack", ATTACK))
    return desk


def test_an_attack_at_0942_is_alerted_with_the_bar_that_closes_its_fifteen_minutes() -> None:
    desk = attacked()
    desk.trade(new_york(9, 55))
    assert desk.within() == []

    desk.trade(new_york(10))
    (alert,) = desk.within()

    (test,) = alert.tests
    assert (test.stage, alert.stage, test.answered is not None) == (Stage.WITHIN, Stage.WITHIN, True)
    assert test.window == Span(begins_at=BEGINS, ends_at=new_york(10), minutes=15, number=1, news_at=ATTACK)
    assert test.answered is not None
    assert (alert.known_at, test.answered.data_through) == (new_york(10, 15), new_york(10))
    assert (test.level, alert.severity, alert.series) == (0.001, Severity.CRITICAL, "brent-front")
    assert test.p <= 0.001
    assert [each.event_id for each in alert.events] == ["desk:attack"]
    assert alert.alert_id == alert_id("brent-front", TODAY)


def test_an_instrument_without_alerts_is_tested_within_the_session_and_opens_none() -> None:
    state = warmed()
    silent = replace(state.rules, instrument=replace(FRONT, alerts=False))
    desk = FineDesk(replace(state, rules=silent), bars=today(JUMP, slot(9, 50)))
    desk.trade(new_york(9, 40))
    desk.tell(event("desk:attack", ATTACK))
    desk.trade(new_york(10, 45))

    assert desk.within() == []
    assert [study.result for study in studies(desk.effects)] == [
        study.result for study in studies(traded().effects)
    ]


def traded() -> FineDesk:
    desk = attacked()
    desk.trade(new_york(10, 45))
    return desk


def test_the_sixty_minutes_revise_the_alert_that_the_fifteen_opened() -> None:
    desk = attacked()
    desk.trade(new_york(10, 45))
    first, second = desk.within()

    assert (first.alert_id, first.revision + 1) == (second.alert_id, second.revision)
    assert (second.cause, [each.window.minutes for each in second.tests]) == (Cause.TEST, [15, 60])
    assert second.tests[:1] == first.tests


def test_without_a_move_there_are_two_studies_and_no_alert() -> None:
    desk = FineDesk()
    desk.trade(new_york(9, 40))
    desk.tell(event("desk:attack", ATTACK))
    desk.trade(new_york(10, 45))

    assert desk.within() == []
    for minutes in (15, 60):
        pending, found = desk.window(minutes, BEGINS)
        assert (type(pending.result), type(found.result)) == (NotYet, MoveFound)
        assert found.study_id == pending.study_id


def test_a_price_alone_opens_no_test() -> None:
    desk = FineDesk(bars=today(JUMP, slot(9, 50)))
    desk.trade(new_york(12))
    assert (studies(desk.effects), desk.alerts()) == ([], [])


def test_an_event_that_comes_within_the_hour_joins_and_changes_no_number() -> None:
    desk = attacked()
    desk.trade(new_york(10))
    desk.tell(event("desk:second", new_york(9, 58)))
    first, second = desk.within()

    assert (second.cause, second.events_total, second.alert_id) == (Cause.EVENT_JOINED, 2, first.alert_id)
    assert second.tests == first.tests
    assert [each.late for each in desk.window(15, BEGINS)[-1].events] == [False, True]
    assert [each.late for each in second.events] == [False, False]  # the session has not settled


def test_after_two_tests_an_event_gets_a_study_and_no_alert() -> None:
    desk = FineDesk(bars=today(JUMP, slot(12, 5)))
    for number, hour in enumerate((8, 10, 12)):
        desk.trade(new_york(hour))
        desk.tell(event(f"desk:{number}", new_york(hour)))
    desk.trade(new_york(13))

    study = desk.window(15, new_york(12))[-1]
    assert (study.within.test, desk.alerts()) == (None, [])
    assert isinstance(study.result, MoveFound)
    assert study.result.p <= 0.001
    assert [desk.window(15, new_york(hour))[-1].within.test for hour in (8, 10)] == [1, 2]


def test_at_a_full_five_minutes_and_a_second_the_bar_that_holds_the_news_is_not_used() -> None:
    desk = FineDesk()
    desk.tell(event("desk:on", new_york(10)), event("desk:after", new_york(10, 0, 1), TAJIKISTAN))
    (on,) = desk.window(15, new_york(10))[:1]
    assert on.within.begins_at == new_york(10)
    later = FineDesk()
    later.tell(event("desk:after", new_york(10, 0, 1)))
    assert later.window(15, new_york(10)) == []
    assert later.window(15, new_york(10, 5)) != []


def test_a_retraction_withdraws_the_event_and_gives_no_test_back() -> None:
    desk = attacked()
    desk.trade(new_york(10))
    desk.tell(event("desk:attack", ATTACK, revision=1, status=Status.RETRACT))
    desk.tell(event("desk:other", new_york(9, 50)))
    first, withdrawn, joined = desk.within()

    assert (withdrawn.cause, withdrawn.events, withdrawn.tests) == (Cause.EVENT_WITHDRAWN, (), first.tests)
    assert withdrawn.severity is first.severity
    assert (joined.alert_id, [each.event_id for each in joined.events]) == (first.alert_id, ["desk:other"])


def test_an_event_that_comes_again_or_is_updated_hours_later_takes_no_test() -> None:
    desk = attacked()
    desk.trade(new_york(12))
    desk.tell(event("desk:attack", ATTACK))
    desk.tell(event("desk:attack", new_york(12, 3), revision=1, status=Status.UPDATE))
    desk.tell(event("desk:other", new_york(12, 4)))

    opened = {study.within.begins_at: study.within.test for study in desk.windows()}
    assert opened == {BEGINS: 1, new_york(12, 5): 2}


MIDNIGHT = datetime.combine(TODAY, time(), UTC)


@pytest.mark.parametrize(
    ("happened_at", "known_at"),
    [
        (MIDNIGHT, ATTACK),  # as GDELT tells it: the day in the text, and the file it stood in
        (MIDNIGHT - timedelta(days=1), MIDNIGHT),  # in the file of midnight
        (MIDNIGHT - timedelta(days=1), MIDNIGHT + timedelta(hours=11)),  # late in the day, far in the west
        (MIDNIGHT + timedelta(days=3), ATTACK),  # a strike that is called
    ],
)
def test_news_of_a_day_that_is_not_over_is_tested_from_when_it_was_known(
    happened_at: datetime, known_at: datetime
) -> None:
    desk = FineDesk()
    desk.tell(told_by_day(happened_at, known_at))
    assert {(each.within.test, each.within.news_at) for each in desk.windows()} == {(1, known_at)}


@pytest.mark.parametrize(
    ("happened_at", "known_at", "precision"),
    [
        (MIDNIGHT, MIDNIGHT, Precision.DAY),  # a bare date
        (ATTACK, MIDNIGHT, Precision.DAY),  # a bare date, of what happened some time that day
        (MIDNIGHT, end_of_day(TODAY), Precision.DAY),  # published some time that day
        (MIDNIGHT - timedelta(days=1), ATTACK, Precision.DAY),  # the day was over
        (MIDNIGHT, ATTACK, Precision.MONTH),
    ],
)
def test_an_event_of_which_nobody_tells_when_it_was_news_has_no_test(
    happened_at: datetime, known_at: datetime, precision: Precision
) -> None:
    desk = FineDesk()
    desk.tell(told_by_day(happened_at, known_at, precision))
    assert (desk.windows(), desk.reopens()) == ([], [])


def test_a_bare_date_joins_no_test_either() -> None:
    desk = FineDesk()
    desk.tell(event("desk:midnight", MIDNIGHT), told_by_day(MIDNIGHT, MIDNIGHT))

    (opening,) = desk.state.intraday.openings.values()
    assert set(opening.record.joined) == {"desk:midnight"}


def test_a_bare_date_is_tested_within_the_session_once_its_hour_is_reported() -> None:
    desk = FineDesk()
    desk.trade(new_york(9, 40))
    desk.tell(told_by_day(MIDNIGHT, MIDNIGHT), event("desk:day", ATTACK, revision=1, status=Status.UPDATE))

    assert [opening.begins_at for opening in desk.state.intraday.openings.values()] == [BEGINS]


def told_by_day(
    happened_at: datetime, known_at: datetime, precision: Precision = Precision.DAY
) -> EventAdmitted:
    scheduled = happened_at > known_at
    return event("desk:day", known_at, occurred_at=happened_at, precision=precision, scheduled=scheduled)


def test_a_window_that_would_cross_the_break_is_refused() -> None:
    desk = FineDesk()
    desk.trade(new_york(16, 25))
    desk.tell(event("desk:late", new_york(16, 28)))
    (refused,) = desk.window(60, new_york(16, 30))
    assert isinstance(refused.result, Refused)
    assert "cross the break" in refused.result.reason


def test_news_within_the_first_hour_is_tested_from_its_own_bar_and_the_gap_is_reported() -> None:
    desk = FineDesk()
    desk.tell(event("desk:evening", OPENS + timedelta(minutes=2)))
    desk.trade(OPENS + 5 * BAR)
    found = desk.window(15, OPENS + BAR)[-1]
    assert found.within.answered is not None
    assert found.within.answered.gap is not None
    assert found.within.answered.before is not None


def test_a_bar_that_comes_again_with_another_price_rewrites_nothing_that_was_answered() -> None:
    desk = attacked()
    desk.trade(new_york(10))
    effects = desk.tell(told([revised(desk.bars[slot(9, 50)], 200.0)], through=new_york(10)))
    assert outcomes(effects) == ["revised"]
    assert len(desk.within()) == 1

    desk.trade(new_york(10, 45))
    (fifteen,) = {each.result for each in desk.window(15, BEGINS) if isinstance(each.result, MoveFound)}
    assert fifteen.p == desk.within()[0].tests[0].p


def test_a_revised_bar_enters_a_window_that_is_open_still() -> None:
    plain, corrected = attacked(), attacked()
    for desk in (plain, corrected):
        desk.trade(new_york(10))
    last = corrected.bars[slot(10, 40)]
    corrected.bars[slot(10, 40)] = revised(last, last.close * 1.01)
    for desk in (plain, corrected):
        desk.trade(new_york(10, 45))
    assert plain.window(15, BEGINS)[-1] == corrected.window(15, BEGINS)[-1]
    assert plain.window(60, BEGINS)[-1].result != corrected.window(60, BEGINS)[-1].result


def test_a_bar_of_which_the_series_was_said_to_be_complete_is_left_out() -> None:
    desk = attacked()
    missing = desk.bars.pop(slot(9, 20))
    desk = FineDesk(bars=desk.bars)
    desk.trade(new_york(9, 40))
    before = desk.state.intraday.sessions[TODAY]
    assert outcomes(desk.tell(told([missing], through=new_york(9, 40)))) == ["out_of_order"]
    assert desk.state.intraday.sessions[TODAY] is before


def test_so_is_the_last_bar_of_what_was_said_to_be_complete() -> None:
    desk = FineDesk()
    first, last = desk.bars[:2]
    desk.tell(told([first], through=last.closes_at))
    assert outcomes(desk.tell(told([last]))) == ["out_of_order"]


def test_a_bar_that_comes_again_the_same_is_no_news() -> None:
    desk = FineDesk()
    desk.trade(new_york(9, 40))
    again = replace(desk.bars[slot(9, 20)], volume=99.0)
    assert outcomes(desk.tell(told([again], through=new_york(9, 40)))) == ["repeated"]


def test_bars_in_any_order_within_a_record_give_the_same() -> None:
    one, other = attacked(), attacked()
    bars = [bar for bar in one.bars if new_york(9, 40) < bar.closes_at <= new_york(10)]
    assert one.tell(told(bars))[-1] == other.tell(told(reversed(bars)))[-1]
    assert one.within() == other.within() != []


def test_with_fewer_than_forty_sessions_nothing_is_tested_and_the_study_says_so() -> None:
    desk = FineDesk(warmed(39))
    desk.trade(new_york(9, 40))
    desk.tell(event("desk:attack", ATTACK))
    desk.trade(new_york(10))
    refused = desk.window(15, BEGINS)[-1].result
    assert isinstance(refused, Refused)
    assert "39 complete sessions of bars" in refused.reason


def test_below_120_sessions_a_study_is_flagged_and_says_what_it_was_calibrated_on() -> None:
    desk = attacked()
    desk.trade(new_york(10))
    assert desk.within()[0].flags == ("short_history", "calibrated_on_simulated_bars_only")


@pytest.mark.parametrize(("size", "flags"), [(0.0108, ()), (0.02, ("wrong_too_often_on_own_bars",))])
def test_an_own_calibration_changes_the_text_of_the_test_and_no_number(
    size: float, flags: tuple[str, ...]
) -> None:
    simulated, calibration = attacked(), own(size)
    desk = FineDesk(calibrated(calibration), simulated.bars)
    desk.trade(new_york(9, 40))
    desk.tell(event("desk:attack", ATTACK))
    for each in (simulated, desk):
        each.trade(new_york(10, 45))

    for said, before in zip(desk.within(), simulated.within(), strict=True):
        assert said.flags == ("short_history", *flags)
        assert {told.answered.own_calibration for told in said.tests if told.answered} == {calibration}
        tests = tuple(
            replace(told, answered=told.answered and replace(told.answered, own_calibration=None))
            for told in said.tests
        )
        assert replace(said, flags=before.flags, tests=tests) == before


def test_bars_of_warm_up_are_not_tested() -> None:
    desk = attacked()
    desk.tell(told([bar for bar in desk.bars if bar.closes_at <= new_york(10)], warmup=True))
    refused = desk.window(15, BEGINS)[-1].result
    assert isinstance(refused, Refused)
    assert "warm-up" in refused.reason


def test_the_first_window_after_the_warm_up_is_tested_and_none_before_it_is_opened() -> None:
    desk = FineDesk(bars=today(JUMP, slot(9, 50)))
    desk.tell(told([bar for bar in desk.bars if bar.closes_at <= BEGINS], warmup=True))
    desk.tell(event("desk:before", BEGINS - BAR - timedelta(minutes=3)))
    desk.tell(event("desk:attack", ATTACK))
    desk.tell(told([bar for bar in desk.bars if BEGINS < bar.closes_at <= new_york(10)]))

    assert isinstance(desk.window(15, BEGINS)[-1].result, MoveFound)
    assert desk.window(15, BEGINS - BAR) == []


def test_a_series_that_is_complete_through_an_instant_stays_so() -> None:
    desk = attacked()
    desk.tell(told(desk.bars[:3]))
    assert desk.state.intraday.complete_through == new_york(9, 40)


def test_a_bar_outside_the_hours_is_left_out() -> None:
    desk = FineDesk()
    in_the_break = replace(desk.bars[0], opens_at=OPENS - BAR, closes_at=OPENS)
    assert outcomes(desk.tell(told([in_the_break]))) == ["outside_hours"]


def test_a_bar_of_another_interval_is_left_out_and_those_after_it_are_taken() -> None:
    desk = FineDesk()
    hourly = replace(desk.bars[0], interval="1h")
    assert outcomes(desk.tell(told([hourly, desk.bars[1]]))) == ["other_interval", "new"]


def test_what_is_a_week_old_is_let_go() -> None:
    desk = attacked()
    desk.trade(new_york(17))
    assert desk.state.intraday.openings
    desk.tell(told([], through=new_york(17) + timedelta(days=9)))
    assert (len(desk.state.intraday.openings), len(desk.state.intraday.tests)) == (0, 0)


def test_a_session_of_london_that_ends_in_the_next_day_of_new_york_is_completed() -> None:
    session, state = (
        date(2024, 3, 20),
        create_state(Rules(instrument=replace(FRONT, series=replace(FRONT.series, calendar="ice")))),
    )
    for hour in (15, 22, 23):  # London is on UTC; its 23:00 is 19:00 in New York, which has summer time
        through = datetime(2024, 3, 20, hour, 30, tzinfo=UTC)
        state, _ = step(state, told([fine(session, slot(10), 82.0)], through=through))

    kept = state.intraday.sessions[session]
    assert kept.hours.closes_at == datetime(2024, 3, 20, 23, tzinfo=UTC)
    assert kept.through >= kept.hours.closes_at


def test_a_calendar_without_hours_is_refused_at_the_start() -> None:
    with pytest.raises(SettingsError, match="has no trading hours"):
        create_state(Rules(instrument=replace(FRONT, series=replace(FRONT.series, calendar="london"))))


def test_an_attack_on_a_saturday_waits_for_sunday_evening_in_the_thread_of_monday() -> None:
    desk = FineDesk()
    desk.tell(event("desk:saturday", datetime(2024, 5, 18, 9, tzinfo=UTC)))
    (study,) = desk.reopens()
    assert study.session == date(2024, 5, 20)
    assert study.reopen.reopens_at == datetime(2024, 5, 19, 22, tzinfo=UTC)
    assert study.reopen.settles_at == datetime(2024, 5, 20, 18, 30, tzinfo=UTC)


def test_news_after_the_settlement_is_in_the_thread_of_the_next_session() -> None:
    desk = FineDesk()
    desk.tell(event("desk:evening", new_york(15)))
    (study,) = desk.window(15, new_york(15))
    assert study.session == TODAY + timedelta(days=1)


def test_no_window_crosses_an_early_close() -> None:
    """On Memorial Day trade ends at 14:30 in New York."""
    desk = FineDesk()
    known_at = datetime(2024, 5, 27, 18, 20, tzinfo=UTC)
    desk.tell(told([], through=known_at), event("desk:holiday", known_at))
    for minutes in (15, 60):
        (refused,) = desk.window(minutes, known_at)
        assert isinstance(refused.result, Refused)
        assert "cross the break at 2024-05-27T18:30" in refused.result.reason


def test_more_than_a_third_of_bars_without_trades_is_no_answer() -> None:
    desk = FineDesk(
        bars=[bar for bar in today() if not new_york(9, 45) <= bar.closes_at - BAR < new_york(9, 55)]
    )
    desk.trade(new_york(9, 40))
    desk.tell(event("desk:attack", ATTACK))
    desk.trade(new_york(10))
    refused = desk.window(15, BEGINS)[-1].result
    assert isinstance(refused, Refused)
    assert "2 of the 3 bars" in refused.reason


@pytest.mark.parametrize("again", [59, 60], ids=["yesterday", "today so far"])
def test_bars_that_come_once_more_as_warmup_take_no_test_away(again: int) -> None:
    """Warm-up holds for what an update is the first to tell, in one rule with daily bars."""
    undisturbed, repeated = attacked(), attacked()
    for desk in (undisturbed, repeated):
        desk.trade(new_york(9, 55))
    past = whole(59) if again == 59 else [bar for bar in repeated.bars if bar.closes_at <= new_york(9, 55)]
    repeated.tell(told(past, warmup=True))
    for desk in (undisturbed, repeated):
        desk.trade(new_york(11))

    (first, *_), (expected, *_) = repeated.within(), undisturbed.within()
    assert first.tests == expected.tests
    assert repeated.state.intraday.warm_through == undisturbed.state.intraday.warm_through
