"""The provisional settlement: the session test in minutes, on the last bar, replaced by the settlement."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.core.desk import FIRST, Desk, event, facts, studies
from tests.core.intraday_desk import PAST, told
from tests.core.thread_desk import (
    MONDAY,
    SATURDAY,
    SETTLES,
    TUESDAY,
    ThreadDesk,
    bars_of,
    bars_of_monday,
    monday,
    settlement,
    silent,
    warmed_thread,
)

from brentwatch.core.domain import (
    Cause,
    Found,
    NotYet,
    PriceUpdate,
    ProvisionalStudy,
    Refused,
    SessionDecided,
    SessionStudy,
    Severity,
    Stage,
    Status,
)
from brentwatch.core.intraday.clock import SETTLEMENT
from brentwatch.core.monitor.intraday.provisional import ALLOWANCE
from brentwatch.core.sessions.calendar import Override

if TYPE_CHECKING:
    from brentwatch.core.domain import Bar

ATTACK = event("desk:attack", SATURDAY)
MOVE = 0.06
AT_NOON = {210: MOVE}
"""The price moves at 11:30, and nothing was known."""


def until_settlement(bars: list[Bar] | None = None, *, attacked: bool = False) -> ThreadDesk:
    """Monday's bars through 14:30 in New York."""
    desk = ThreadDesk(bars_of_monday(0.0, AT_NOON) if bars is None else bars)
    desk.tell(*([ATTACK] if attacked else []))
    desk.trade(SETTLES)
    return desk


def provisional(desk: ThreadDesk) -> list[ProvisionalStudy]:
    return [each for each in studies(desk.effects) if isinstance(each, ProvisionalStudy)]


def refusal(desk: ThreadDesk) -> str:
    answer = provisional(desk)[-1].result
    assert isinstance(answer, Refused), answer
    return answer.reason


def test_the_last_bar_answers_fifteen_minutes_later_as_a_revision_of_the_session_test() -> None:
    desk = until_settlement(attacked=True)
    (answer,) = provisional(desk)
    pending = desk.headline(MONDAY)

    assert isinstance(pending.result, NotYet)
    assert (answer.study_id, answer.revision) == (pending.study_id, pending.revision + 1)
    assert answer.known_at == SETTLES + timedelta(minutes=15)
    assert (answer.bar_ends_at, answer.allowance) == (SETTLES, ALLOWANCE)
    assert desk.alerts()[-1].stage is Stage.PROVISIONAL


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_the_move_counts_by_a_tenth_of_a_percent_less_and_is_reported_in_full(sign: float) -> None:
    desk = until_settlement(bars_of_monday(0.0, {210: sign * MOVE}))
    (answer,) = provisional(desk)

    assert answer.move is not None
    assert answer.move.close == desk.bars[SETTLEMENT].close
    assert isinstance(answer.result, Found)
    assert answer.move.log_return is not None
    assert answer.result.total == pytest.approx(answer.move.log_return - sign * ALLOWANCE, abs=1e-12)


def test_a_move_below_the_allowance_is_none() -> None:
    bars, last = bars_of_monday(), ThreadDesk().last_close
    bars[SETTLEMENT] = replace(bars[SETTLEMENT], close=last * float(np.exp(ALLOWANCE / 2)))
    (answer,) = provisional(until_settlement(bars))

    assert isinstance(answer.result, Found)
    assert answer.result.total == pytest.approx(0.0, abs=1e-15)


def test_it_opens_an_alert_and_the_settlement_takes_its_place() -> None:
    desk = until_settlement()
    desk.settle_at(MONDAY, MOVE)
    first, final = desk.alerts()

    assert (first.cause, first.stage, first.severity) == (Cause.OPENED, Stage.PROVISIONAL, Severity.INFO)
    assert [each.stage for each in first.tests] == [Stage.PROVISIONAL]
    assert [each.stage for each in final.tests] == [Stage.SETTLEMENT]
    assert (final.alert_id, final.revision, final.cause) == (first.alert_id, 2, Cause.TEST)
    assert [each.revision for each in [*provisional(desk), *desk.day_studies()]] == [1, 2]
    assert not desk.state.provisional


def test_a_settlement_that_is_not_abnormal_withdraws_no_provisional_alert() -> None:
    desk = until_settlement(attacked=True)
    desk.settle_at(MONDAY, 0.001)
    first, final = desk.alerts()

    assert (final.is_abnormal, final.severity) == (False, first.severity)
    assert (first.severity, final.stage) == (Severity.CRITICAL, Stage.SETTLEMENT)


def test_nothing_is_learned_from_it() -> None:
    with_bar, without = until_settlement(), until_settlement(bars_of_monday(0.0, AT_NOON)[:SETTLEMENT])
    without.tell(told([], through=SETTLES))
    assert isinstance(provisional(without)[-1].result, Refused)
    for desk in (with_bar, without):
        for day in (MONDAY, TUESDAY, date(2024, 5, 22)):
            desk.settle_at(day, 0.002)

    for day in (MONDAY, TUESDAY):
        one, other = with_bar.day_studies(day)[-1], without.day_studies(day)[-1]
        assert (one.result, one.scale, one.diagnostics) == (other.result, other.scale, other.diagnostics)
    assert with_bar.state.memories == without.state.memories
    assert decided(with_bar) == decided(without)


def decided(desk: Desk) -> list[SessionDecided]:
    return [each for each in facts(desk.effects) if isinstance(each, SessionDecided)]


def test_no_session_is_decided_by_it() -> None:
    desk = until_settlement(attacked=True)

    assert decided(desk) == []
    assert MONDAY in desk.state.expected
    assert MONDAY not in desk.state.decided


def test_it_is_not_given_where_the_settlement_is_there() -> None:
    desk = ThreadDesk(bars_of_monday(0.0, AT_NOON))
    desk.trade(monday(14, 25))
    desk.settle_at(MONDAY, MOVE)
    desk.trade(SETTLES)

    assert provisional(desk) == []


def test_it_is_not_given_where_the_settlement_waits_for_an_earlier_one() -> None:
    desk = ThreadDesk(bars_of_monday(0.0, AT_NOON))
    desk.trade(monday(14, 25))
    price = settlement(MONDAY, desk.last_close)
    desk.tell(replace(price, complete_through=monday(1)))
    desk.trade(SETTLES)

    assert MONDAY in desk.state.waiting
    assert provisional(desk) == []


def test_bars_of_warm_up_give_none() -> None:
    desk = ThreadDesk()
    desk.tell(told(desk.bars[: SETTLEMENT + 1], warmup=True))

    assert provisional(desk) == []


def test_on_roll_days_it_is_refused_and_the_move_is_reported() -> None:
    day, desk = date(2024, 6, 3), ThreadDesk([])
    for session in (MONDAY, TUESDAY, *(date(2024, 5, each) for each in (22, 23, 24, 28, 29, 30, 31))):
        desk.settle_at(session)
    desk.tell(told([], through=monday(1) + timedelta(days=14)))
    desk.tell(told(bars_of(day, PAST, 0.0, AT_NOON)))

    assert "first three" in refusal(desk)
    assert provisional(desk)[-1].move is not None
    assert desk.alerts() == []


@pytest.mark.parametrize(("contract", "kind"), [("BZN24", Found), ("BZQ24", Refused)])
def test_bars_that_name_their_contract_are_tested_on_roll_days_unless_it_changed(
    contract: str, kind: type
) -> None:
    thursday, friday, desk = date(2024, 5, 30), date(2024, 5, 31), ThreadDesk([])
    for session in (MONDAY, TUESDAY, *(date(2024, 5, each) for each in (22, 23, 24, 28, 29, 30))):
        desk.settle_at(session)
    desk.tell(told(replace(each, contract="BZN24") for each in bars_of(thursday, PAST)))
    desk.tell(told(replace(each, contract=contract) for each in bars_of(friday, PAST, 0.0, AT_NOON)))

    assert (provisional(desk)[-1].session, type(provisional(desk)[-1].result)) == (friday, kind)


def test_without_a_trade_in_the_last_bar_it_is_refused() -> None:
    bars = bars_of_monday(0.0, AT_NOON)
    stood = replace(bars[SETTLEMENT], close=bars[SETTLEMENT - 1].close, volume=0.0)
    assert "no trade" in refusal(until_settlement([*bars[:SETTLEMENT], stood]))


def test_without_the_last_bar_it_is_refused() -> None:
    desk = until_settlement(bars_of_monday()[:SETTLEMENT])
    desk.tell(told([], through=SETTLES))
    assert "is missing" in refusal(desk)


def test_after_a_session_whose_settlement_has_not_come_it_is_refused() -> None:
    desk = until_settlement(bars_of_monday())
    desk.tell(told(bars_of(TUESDAY, PAST, 0.0, AT_NOON)))
    assert f"the settlement before {TUESDAY} has not arrived" in refusal(desk)


def test_after_a_holiday_that_has_no_settlement_it_is_given() -> None:
    desk, tuesday = ThreadDesk([]), date(2024, 5, 28)
    for day in (20, 21, 22, 23, 24):
        desk.settle_at(date(2024, 5, day))
    holiday = date(2024, 5, 27)
    desk.tell(told(bars_of(holiday, PAST - 1)[:246]))
    assert provisional(desk) == []
    desk.tell(told(bars_of(tuesday, PAST, 0.0, AT_NOON)))

    assert (provisional(desk)[-1].session, type(provisional(desk)[-1].result)) == (tuesday, Found)


def test_on_an_early_close_it_is_refused_and_was_not_announced() -> None:
    state = warmed_thread()
    early = Override(MONDAY, closes=monday(10).time())
    series = replace(state.rules.instrument.series, overrides=(early,))
    rules = replace(state.rules, instrument=replace(state.rules.instrument, series=series))
    desk = ThreadDesk(state=replace(state, rules=rules))
    desk.tell(ATTACK, told(desk.bars[:250], through=SETTLES))

    assert "trade closes early" in refusal(desk)
    assert Stage.PROVISIONAL not in {each.stage for each in desk.thread()[0].upcoming}


def test_an_event_that_joins_after_it_revises_the_provisional_study() -> None:
    desk = until_settlement()
    desk.tell(ATTACK)
    first, second = provisional(desk)

    assert (first.revision, second.revision) == (1, 2)
    assert (first.events_total, second.events_total) == (0, 1)
    assert second.result == first.result
    opened, joined = desk.alerts()
    assert (joined.cause, joined.severity) == (Cause.EVENT_JOINED, Severity.CRITICAL)
    assert opened.severity is Severity.INFO

    desk.settle_at(MONDAY, MOVE)
    assert desk.day_studies()[-1].revision == 3


def test_a_retraction_after_it_leaves_the_answer() -> None:
    desk = until_settlement(attacked=True)
    desk.tell(event("desk:attack", SATURDAY, revision=1, status=Status.RETRACT))

    assert provisional(desk)[-1].events == ()
    assert [each.stage for each in desk.alerts()[-1].tests][-1:] == [Stage.PROVISIONAL]


def test_without_a_final_price_it_stays_provisional() -> None:
    """The source had no row that day: the next settlement says so."""
    desk = until_settlement(attacked=True)
    answered = desk.thread()[-1]
    desk.settle_at(TUESDAY)
    last = [each for each in desk.thread() if each.session == MONDAY][-1]

    assert MONDAY in desk.state.provisional
    assert not any(isinstance(each.result, Refused) for each in desk.day_studies())
    assert (last.tests, last.untested) == (answered.tests, answered.untested)
    assert (last.stage, last.upcoming, last.events) == (Stage.PROVISIONAL, (), answered.events)


def test_so_it_does_where_no_event_waited() -> None:
    desk = until_settlement()
    desk.settle_at(TUESDAY)
    opened, last = [each for each in desk.thread() if each.session == MONDAY]

    assert (last.tests, last.stage, last.upcoming) == (opened.tests, Stage.PROVISIONAL, ())


def test_a_refused_one_gives_way_to_the_reason_why_there_is_no_settlement() -> None:
    desk = until_settlement(bars_of_monday()[:SETTLEMENT], attacked=True)
    desk.tell(told([], through=SETTLES))
    desk.settle_at(TUESDAY)
    last = [each for each in desk.thread() if each.session == MONDAY][-1]

    assert [each.stage for each in last.untested] == [Stage.SETTLEMENT]
    assert "no price came" in last.untested[0].reason


def test_one_without_a_final_price_is_let_go_with_its_session() -> None:
    desk = until_settlement()
    desk.tell(
        PriceUpdate(
            series="brent-front",
            bars=(),
            complete_through=SETTLES + timedelta(days=1),
            known_at=SETTLES + timedelta(days=1, hours=3),
        )
    )
    day = TUESDAY
    for _ in range(140):
        day = desk.state.rules.instrument.series.find_next(day)
        if not desk.state.rules.calendar.is_unpriced(day):
            desk.settle_at(day)

    assert not desk.state.provisional


def test_an_instrument_without_alerts_has_the_study_alone() -> None:
    desk = ThreadDesk(bars_of_monday(0.0, AT_NOON), silent(warmed_thread()))
    desk.trade(SETTLES)

    assert len(provisional(desk)) == 1
    assert desk.thread() == []


def test_the_same_bars_in_one_update_give_the_same() -> None:
    one, other = until_settlement(), ThreadDesk(bars_of_monday(0.0, AT_NOON))
    other.tell(told(other.bars[: SETTLEMENT + 1]))

    assert provisional(one) == provisional(other)
    assert one.thread() == other.thread()


def test_a_series_without_5_minute_bars_has_none() -> None:
    desk = Desk()
    desk.tell(event("desk:attack", desk.state.prices.bars[-1].closes_at))
    desk.settle(0, MOVE)

    assert {type(each) for each in studies(desk.effects)} == {SessionStudy}
    assert FIRST in desk.state.decided
