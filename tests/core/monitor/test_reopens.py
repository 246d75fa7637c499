"""News of a market break is tested on the gap, by what was known before trade opened again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from tests.core.desk import TAJIKISTAN, event, studies
from tests.core.intraday_desk import PAST, fine, told
from tests.core.thread_desk import (
    FRIDAY,
    MONDAY,
    REOPENS,
    SATURDAY,
    TUESDAY,
    ThreadDesk,
    bars_of,
    bars_of_monday,
    daily,
    list_closes,
    list_sessions,
    monday,
    settlement,
    silent,
    warmed_thread,
)

from brentwatch.core.domain import (
    BreakKind,
    Cause,
    EventAdmitted,
    MoveFound,
    NotYet,
    Precision,
    Refused,
    ReopenStudy,
    Stage,
    Status,
    WindowStudy,
)
from brentwatch.core.intraday.clock import BAR, time_of
from brentwatch.core.monitor.intraday.reopens import find_basis
from brentwatch.core.monitor.state_values import assemble_state, take_snapshot
from brentwatch.core.reopen import UsualGaps
from brentwatch.core.sessions.calendar import Override

ATTACK = event("desk:attack", SATURDAY)
GAP = 0.07


def reopened(gap: float = GAP, *events: EventAdmitted, until: datetime | None = None) -> ThreadDesk:
    """The attack, perhaps more events, and Monday's bars up to 19:30 on Sunday in New York."""
    desk = ThreadDesk(bars_of_monday(gap))
    desk.tell(ATTACK, *events)
    desk.trade(until or REOPENS + timedelta(minutes=90))
    return desk


def result(desk: ThreadDesk, minutes: int = 5) -> MoveFound:
    answer = desk.reopens(minutes)[-1].result
    assert isinstance(answer, MoveFound), answer
    return answer


def refusal(desk: ThreadDesk, minutes: int = 5) -> str:
    answer = desk.reopens(minutes)[-1].result
    assert isinstance(answer, Refused), answer
    return answer.reason


def test_news_in_the_break_is_tested_on_the_gap_and_the_first_hour_and_on_nothing_else() -> None:
    desk = reopened()

    assert [type(each.result) for each in desk.reopens(5)] == [NotYet, MoveFound]
    assert [type(each.result) for each in desk.reopens(60)] == [NotYet, MoveFound]
    assert desk.windows() == []
    assert len(desk.state.intraday.openings) == 1


def test_the_gap_goes_from_the_last_trade_to_the_close_of_the_first_bar() -> None:
    desk = reopened(until=REOPENS + BAR)
    last, first = list_closes()[PAST - 1][-1], desk.bars[0].close
    (alert,) = desk.alerts()
    (test,) = alert.tests

    assert (test.move.previous_close, test.move.close) == (last, first)
    assert (test.move.previous_session, test.move.session) == (FRIDAY, MONDAY)
    assert (test.window.begins_at, test.window.ends_at) == (time_of(FRIDAY, 275) + BAR, REOPENS + BAR)
    assert (test.stage, test.break_kind, test.window.minutes) == (Stage.REOPEN, BreakKind.WEEKEND, 5)
    assert test.estimate == pytest.approx(GAP, abs=1e-9)
    assert alert.known_at == REOPENS + BAR + timedelta(minutes=15)


def test_a_quiet_gap_is_reported_and_opens_no_alert() -> None:
    desk = reopened(0.001)

    assert desk.alerts() == []
    assert [each.stage for each in desk.heads_ups()] == [Stage.HEADS_UP, Stage.REOPEN, Stage.REOPEN]
    assert result(desk).p > 0.1


def test_it_waits_for_a_first_trade_and_gives_up_after_fifteen_minutes() -> None:
    late = ThreadDesk(bars_of_monday(GAP)[2:])
    late.tell(ATTACK, told([], through=REOPENS + 2 * BAR))
    assert isinstance(late.reopens()[-1].result, NotYet)
    late.trade(REOPENS + 3 * BAR)
    assert result(late).move == pytest.approx(GAP, abs=0.01)

    silent_source = ThreadDesk([])
    silent_source.tell(ATTACK, told([], through=REOPENS + 3 * BAR))
    assert "no trade in the 15 minutes after the re-open" in refusal(silent_source)


def test_everything_known_in_the_same_break_joins_the_same_test() -> None:
    desk = reopened(GAP, event("desk:sunday", REOPENS - timedelta(hours=2), TAJIKISTAN))
    (opening,) = desk.state.intraday.openings.values()

    assert set(opening.record.joined) == {"desk:attack", "desk:sunday"}
    assert (opening.test, opening.in_break) == (1, True)
    assert {each.reopen.test for each in desk.reopens()} == {1}


def test_news_of_the_first_hour_joins_and_a_later_event_opens_the_second_test() -> None:
    desk = reopened(0.001, until=REOPENS + timedelta(minutes=20))
    desk.tell(event("desk:joins", REOPENS + timedelta(minutes=22), TAJIKISTAN))
    desk.trade(REOPENS + timedelta(minutes=90))
    desk.tell(event("desk:second", REOPENS + timedelta(minutes=92)))

    assert {each.within.test for each in desk.windows()} == {2}
    assert [set(each.record.joined) for _, each in sorted(desk.state.intraday.openings.items())] == [
        {"desk:attack", "desk:joins"},
        {"desk:second"},
    ]


def test_before_news_within_the_last_bar_of_friday_counts_the_trade_that_ended_before_it() -> None:
    desk = ThreadDesk(bars_of_monday(GAP))
    desk.tell(event("desk:friday", time_of(FRIDAY, 275) + timedelta(minutes=2)))
    desk.trade(REOPENS + BAR)

    assert desk.reopens()[-1].reopen.begins_at == time_of(FRIDAY, 275)


def test_on_roll_days_the_gap_is_reported_and_not_tested() -> None:
    """The bars do not name their contract: in the first sessions of a month it may have changed."""
    june = date(2024, 6, 3)
    desk = ThreadDesk([])
    desk.tell(event("desk:attack", datetime(2024, 6, 1, 9, tzinfo=UTC)))
    desk.tell(told(bars_of(date(2024, 5, 31), PAST)))
    desk.tell(told(bars_of(june, PAST, GAP)[:12]))
    (untested, hour) = desk.thread()[-1].untested

    assert (untested.stage, hour.stage) == (Stage.REOPEN, Stage.REOPEN)
    assert "first three" in untested.reason
    assert untested.move is not None
    assert (untested.move.session, untested.move.close) == (june, bars_of(june, PAST, GAP)[0].close)
    assert desk.alerts() == []


@pytest.mark.parametrize(("contract", "tested"), [("BZN24", True), ("BZQ24", False)])
def test_bars_that_name_their_contract_are_tested_on_roll_days_unless_it_changed(
    contract: str, *, tested: bool
) -> None:
    thursday, friday = date(2024, 5, 30), date(2024, 5, 31)
    desk = ThreadDesk([])
    for day in list_sessions(9, thursday)[1:]:
        desk.settle_at(day)
    desk.tell(told(replace(each, contract="BZN24") for each in bars_of(thursday, PAST)))
    desk.tell(event("desk:night", datetime(2024, 5, 30, 21, 30, tzinfo=UTC)))
    heads_up = desk.heads_ups()[0].heads_up
    desk.tell(told(replace(each, contract=contract) for each in bars_of(friday, PAST, GAP)[:12]))

    assert heads_up is not None
    assert heads_up.detectable is not None
    if tested:
        assert result(desk).p <= 0.001
    else:
        assert "the contract changed from BZN24 to BZQ24" in refusal(desk)


def test_where_the_last_hour_before_the_break_has_no_trade_it_is_refused_and_the_gap_is_reported() -> None:
    friday, state = list_sessions(PAST, FRIDAY)[-1], warmed_thread()
    held = state.intraday.sessions[friday]
    quiet = replace(held, bars=held.bars[:-12])
    bars = replace(state.intraday, sessions=state.intraday.sessions.set(friday, quiet))
    desk = ThreadDesk(bars_of_monday(GAP), replace(state, intraday=bars))
    desk.tell(ATTACK)
    desk.trade(REOPENS + BAR)

    assert "hour before the close" in refusal(desk)
    assert desk.reopens()[-1].move is not None


@pytest.mark.parametrize(("day", "tested"), [(17, False), (18, True)])
def test_news_by_day_is_tested_where_trade_was_closed_all_that_day(day: int, *, tested: bool) -> None:
    happened = datetime(2024, 5, day, tzinfo=UTC)
    desk = ThreadDesk(bars_of_monday(GAP))
    desk.tell(event("desk:day", SATURDAY, occurred_at=happened, precision=Precision.DAY))
    desk.trade(REOPENS + BAR)

    if tested:
        assert result(desk).p < 0.001
    else:
        assert "only the day of the news is known" in refusal(desk)
        assert desk.reopens()[-1].move is not None


def test_a_re_open_at_another_time_than_the_rule_has_is_refused() -> None:
    state = warmed_thread()
    moved = Override(MONDAY, opens=time(1))
    series = replace(state.rules.instrument.series, overrides=(moved,))
    instrument = replace(state.rules.instrument, series=series)
    desk = ThreadDesk(bars_of_monday(GAP), replace(state, rules=replace(state.rules, instrument=instrument)))
    desk.tell(ATTACK)
    desk.trade(monday(3))

    assert "not the scheduled time" in refusal(desk)


def test_a_retraction_gives_no_test_back_and_changes_no_number() -> None:
    desk = reopened()
    before = desk.alerts()[-1]
    desk.tell(event("desk:attack", SATURDAY, revision=1, status=Status.RETRACT))
    after = desk.alerts()[-1]

    assert (after.cause, after.events, after.tests) == (Cause.EVENT_WITHDRAWN, (), before.tests)
    assert after.severity is before.severity


def test_a_bar_that_comes_again_rewrites_no_answer() -> None:
    desk = reopened()
    before = desk.reopens()[-1].result
    first = desk.bars[0]
    desk.tell(told([replace(first, close=first.close * 1.1)], through=REOPENS + timedelta(minutes=90)))
    desk.tell(event("desk:joins", SATURDAY + timedelta(hours=1)))

    assert desk.reopens()[-1].result == before
    assert desk.reopens()[-1].events_total == 2


def test_a_re_open_teaches_at_the_settlement_of_its_session_event_or_not() -> None:
    with_event, without = reopened(until=monday(17)), ThreadDesk(bars_of_monday(GAP))
    without.trade(monday(17))
    start = with_event.state.intraday.gaps
    assert start == without.state.intraday.gaps
    for desk in (with_event, without):
        desk.settle_at(MONDAY)

    learned = with_event.state.intraday.gaps
    assert learned == without.state.intraday.gaps
    assert (learned.weekend.seen, learned.night.seen) == (start.weekend.seen + 1, start.night.seen)
    assert learned.hour.seen == start.hour.seen + 1
    assert learned.level > start.level


def test_a_late_event_is_tested_by_what_was_known_before_the_re_open() -> None:
    """Its gap has been learned since: the large one would look smaller."""
    prompt, late = reopened(until=monday(17)), ThreadDesk(bars_of_monday(GAP))
    late.trade(monday(17))
    for desk in (prompt, late):
        desk.settle_at(MONDAY, 0.01)
    late.state = assemble_state(late.state.rules, take_snapshot(late.state))
    late.tell(ATTACK)

    assert late.state.intraday.gaps != UsualGaps()
    for minutes in (5, 60):
        assert result(late, minutes) == result(prompt, minutes)
    assert late.alerts()[-1].find_test(Stage.REOPEN) is not None
    assert [each.late for each in late.reopens()[-1].events] == [True]


def test_where_bars_are_missing_the_daily_open_is_learned() -> None:
    desk = ThreadDesk([])
    close = desk.last_close
    start = desk.state.intraday.gaps
    desk.tell(settlement(MONDAY, close, first=close * 1.01))
    learned = desk.state.intraday.gaps

    assert (learned.weekend.seen, learned.hour) == (start.weekend.seen + 1, start.hour)
    without = ThreadDesk([])
    without.tell(settlement(MONDAY, close))
    assert without.state.intraday.gaps == start


def test_a_daily_open_after_a_session_without_a_price_teaches_nothing() -> None:
    desk = ThreadDesk([])
    close, start = desk.last_close, desk.state.intraday.gaps
    desk.tell(settlement(TUESDAY, close, first=close * 1.01))

    assert desk.state.intraday.gaps == start


def test_on_a_holiday_that_trades_the_gap_is_learned_with_the_next_settlement() -> None:
    """Globex opens on the evening before Memorial Day: two breaks lie between the settlements."""
    desk = ThreadDesk([])
    week = [date(2024, 5, day) for day in range(20, 25)]
    for number, day in enumerate(week):
        desk.tell(told(bars_of(day, PAST - 5 + number)), settlement(day, desk.last_close))
    before = desk.state.intraday.gaps
    holiday, tuesday = date(2024, 5, 27), date(2024, 5, 28)
    desk.tell(told(bars_of(holiday, PAST - 1)[:246]), told(bars_of(tuesday, PAST)))
    desk.tell(settlement(tuesday, desk.last_close))
    after = desk.state.intraday.gaps

    assert after.weekend.seen == before.weekend.seen + 1
    assert after.night.seen == before.night.seen + 1
    assert {holiday, tuesday} <= set(desk.state.intraday.reopens)


def test_what_a_re_open_was_tested_by_is_kept_for_a_week() -> None:
    desk = ThreadDesk([])
    for day in list_sessions(8, date(2024, 5, 30))[1:]:
        desk.tell(settlement(day, desk.last_close))

    assert min(desk.state.intraday.reopens) >= date(2024, 5, 22)


def test_the_basis_of_a_re_open_is_not_changed_by_it() -> None:
    desk = reopened(until=monday(17))
    before = find_basis(desk.state, MONDAY)
    desk.settle_at(MONDAY, 0.05)

    assert find_basis(desk.state, MONDAY) == before
    assert find_basis(desk.state, TUESDAY) != before


def test_bars_of_warm_up_are_not_tested() -> None:
    desk = ThreadDesk(bars_of_monday(GAP))
    desk.tell(ATTACK, told(desk.bars[:12], warmup=True))

    assert "warm-up" in refusal(desk)
    assert desk.alerts() == []


def test_an_instrument_without_alerts_is_tested_the_same_and_opens_none() -> None:
    loud, quiet = reopened(), ThreadDesk(bars_of_monday(GAP), silent(warmed_thread()))
    quiet.tell(ATTACK)
    quiet.trade(REOPENS + timedelta(minutes=90))

    assert quiet.thread() == []
    assert [each.result for each in studies(quiet.effects)] == [each.result for each in studies(loud.effects)]


def test_an_instrument_without_5_minute_bars_has_neither_gaps_nor_windows() -> None:
    state = warmed_thread()
    plain = replace(state.rules.instrument, intraday=None)
    desk = ThreadDesk([], replace(state, rules=replace(state.rules, instrument=plain)))
    desk.tell(ATTACK)
    desk.settle_at(MONDAY, 0.05)

    assert not any(isinstance(each, ReopenStudy | WindowStudy) for each in studies(desk.effects))
    assert [each.stage for each in desk.thread()] == [Stage.HEADS_UP, Stage.SETTLEMENT]
    assert [each.stage for each in desk.thread()[0].upcoming] == [Stage.SETTLEMENT, Stage.FINAL]
    assert MONDAY not in desk.state.intraday.reopens


def test_prices_at_or_below_zero_have_no_gap_and_are_reported() -> None:
    desk = ThreadDesk([fine(MONDAY, 0, -1.0)])
    desk.tell(ATTACK)
    desk.trade(REOPENS + BAR)
    move = desk.reopens()[-1].move

    assert "zero or below" in refusal(desk)
    assert move is not None
    assert (move.close, move.log_return) == (-1.0, None)


def test_monday_settles_the_session_of_the_re_open() -> None:
    desk = reopened()
    study = desk.reopens()[-1]

    assert (study.session, study.reopen.settles_at) == (MONDAY, daily(MONDAY, 80.0).closes_at)
