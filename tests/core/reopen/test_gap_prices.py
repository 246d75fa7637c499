"""Which prices a gap is made of, and when there is no test of it."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.core.reopen.prices import (
    FRIDAY,
    GLOBEX,
    MONDAY,
    WEEKEND,
    build_after,
    build_bar,
    build_before,
    build_session,
    minutes,
)

from brentwatch.core.domain import NotYet
from brentwatch.core.intraday.session_bars import SessionBars
from brentwatch.core.reopen import (
    GapPrices,
    NewsInBreak,
    RefusalCause,
    ReopenRefused,
    TradingBreak,
    build_news,
    find_break,
    find_gap_prices,
)

BEFORE = build_before((60, 99.0), (10, 99.5), (5, 100.0))
AFTER = build_after((0, 106.0), (5, 107.0), (55, 108.0), (60, 109.0), known=120)
SILENT = RefusalCause.NO_TRADE_BEFORE


def find(
    before: SessionBars | None = BEFORE,
    after: SessionBars = AFTER,
    news: NewsInBreak | None = None,
    closed: TradingBreak = WEEKEND,
    roll: str = "none",
) -> GapPrices | NotYet | ReopenRefused:
    return find_gap_prices(closed, before, after, roll=roll, calendar=GLOBEX, news=news)


def found(*args: object, **words: object) -> GapPrices:
    prices = find(*args, **words)  # type: ignore[arg-type] # handed on as they are
    assert isinstance(prices, GapPrices), prices
    return prices


def refused(*args: object, **words: object) -> ReopenRefused:
    prices = find(*args, **words)  # type: ignore[arg-type] # handed on as they are
    assert isinstance(prices, ReopenRefused), prices
    return prices


def test_the_gap_goes_from_the_last_trade_to_the_close_of_the_first_bar() -> None:
    prices = found()

    assert (prices.before, prices.first, prices.hour) == (100.0, 106.0, 108.0)
    assert (prices.before_at, prices.first_at) == (WEEKEND.closes_at, WEEKEND.opens_at + minutes(5))
    assert prices.gap == pytest.approx(math.log(1.06))


@pytest.mark.parametrize("first", [100.0, 1.0, None])
def test_the_open_of_the_first_bar_is_never_read(first: float | None) -> None:
    bar = build_bar(WEEKEND.opens_at, 106.0, first=first)

    assert found(after=build_session(MONDAY, [bar], WEEKEND.opens_at + minutes(5))).first == 106.0


def test_a_first_bar_that_repeats_the_last_close_without_a_volume_is_no_trade() -> None:
    bars = [build_bar(WEEKEND.opens_at, 100.0, volume=0.0), build_bar(WEEKEND.opens_at + minutes(5), 106.0)]
    after = build_session(MONDAY, bars, WEEKEND.opens_at + minutes(60))

    assert (found(after=after).first, found(after=after).hour) == (106.0, 106.0)


def test_a_volume_of_zero_with_another_price_is_a_trade() -> None:
    after = build_session(
        MONDAY, [build_bar(WEEKEND.opens_at, 106.0, volume=0.0)], WEEKEND.opens_at + minutes(60)
    )

    assert found(after=after).first == 106.0


def test_the_first_bar_answers_at_once_and_the_hour_is_pending() -> None:
    prices = found(after=build_after((0, 106.0), known=5))

    assert prices.hour == NotYet(settles_at=WEEKEND.opens_at + minutes(60))


def test_it_waits_15_minutes_for_a_trade_and_no_longer() -> None:
    assert find(after=build_after((0, 106.0), known=0)) == NotYet(settles_at=WEEKEND.opens_at + minutes(15))
    assert find(after=build_after(known=10)) == NotYet(settles_at=WEEKEND.opens_at + minutes(15))
    assert found(after=build_after((10, 106.0), known=15)).first == 106.0
    assert refused(after=build_after((15, 106.0), known=60)).cause is RefusalCause.NO_TRADE_AFTER


def test_nothing_after_what_is_known_is_read() -> None:
    assert found(after=replace(AFTER, through=WEEKEND.opens_at + minutes(5))).hour != 108.0
    assert found(after=replace(AFTER, through=WEEKEND.opens_at + minutes(60))).hour == 108.0


def test_news_of_the_last_minutes_goes_back_to_the_bar_that_ended_before_it() -> None:
    at = WEEKEND.closes_at - minutes(2)

    assert found(news=NewsInBreak(at)).before == 99.5
    assert found(news=NewsInBreak(WEEKEND.closes_at)).before == 100.0
    assert found(news=NewsInBreak(at, by_day=True)).before == 100.0


def test_news_by_day_is_refused_where_that_day_traded() -> None:
    news = NewsInBreak(WEEKEND.closes_at, by_day=True, day_traded=True)

    assert refused(news=news).cause is RefusalCause.NEWS_BEFORE
    assert refused(news=news).gap == pytest.approx(math.log(1.06))


@pytest.mark.parametrize(("days", "may_be_older"), [(0, True), (1, False), (2, False)])
def test_news_of_a_day_may_be_older_if_the_break_began_on_that_day(days: int, may_be_older: bool) -> None:
    news = build_news(WEEKEND, WEEKEND.opens_at, FRIDAY + timedelta(days=days))

    assert news.by_day
    assert news.may_be_older is may_be_older
    assert build_news(WEEKEND, WEEKEND.opens_at) == NewsInBreak(WEEKEND.opens_at)


def test_the_last_hour_before_the_break_must_have_a_trade() -> None:
    early = build_before((65, 99.0))

    assert refused(before=early).cause is SILENT
    assert refused(before=early).gap == pytest.approx(math.log(106 / 99))
    assert (refused(before=None).cause, refused(before=None).gap) == (SILENT, None)
    assert found(before=build_before((60, 99.0))).before == 99.0


@pytest.mark.parametrize(("before", "after"), [("BZK24", "BZN24"), ("BZK24", ""), ("", "BZN24")])
def test_no_gap_is_tested_from_one_contract_to_another(before: str, after: str) -> None:
    one = refused(build_before((5, 100.0), contract=before), build_after((0, 116.0), contract=after))

    assert one.cause is RefusalCause.CONTRACT_CHANGED
    assert one.gap == pytest.approx(math.log(1.16))


def test_a_contract_that_changes_in_the_first_hour_leaves_the_gap_tested() -> None:
    bars = [
        build_bar(WEEKEND.opens_at, 106.0),
        build_bar(WEEKEND.opens_at + minutes(30), 108.0, contract="BZN24"),
    ]
    prices = found(after=build_session(MONDAY, bars, WEEKEND.opens_at + minutes(60)))

    assert isinstance(prices.hour, ReopenRefused)
    assert prices.hour.cause is RefusalCause.CONTRACT_CHANGED


def test_a_continuous_series_is_refused_on_its_roll_days_and_named_contracts_are_not() -> None:
    session = GLOBEX.find_on_or_after(MONDAY.replace(month=6, day=3))
    closed = find_break(GLOBEX, session)
    sides = [
        (
            build_before((5, 100.0), closed=closed, contract=name),
            build_after((0, 104.0), closed=closed, contract=name),
        )
        for name in ("", "BZQ24")
    ]

    assert refused(*sides[0], closed=closed, roll="brent").cause is RefusalCause.ROLL_DAYS
    assert found(*sides[1], closed=closed, roll="brent").first == 104.0


@pytest.mark.parametrize(
    ("before", "after"), [((5, -37.63), (0, 10.0)), ((5, 10.0), (0, 0.0)), ((5, 10.0), (0, -1.0))]
)
def test_a_price_of_zero_or_below_has_no_gap(before: tuple[int, float], after: tuple[int, float]) -> None:
    one = refused(build_before(before), build_after(after))

    assert (one.cause, one.gap) == (RefusalCause.NO_LOG_RETURN, None)


def test_a_price_below_zero_after_an_hour_leaves_the_gap_tested() -> None:
    prices = found(after=build_after((0, 106.0), (50, -1.0)))

    assert isinstance(prices.hour, ReopenRefused)


def test_a_re_open_that_is_not_at_its_scheduled_time_is_refused_with_its_gap() -> None:
    one = refused(closed=replace(WEEKEND, scheduled=False))

    assert one.cause is RefusalCause.NOT_SCHEDULED
    assert one.gap == pytest.approx(math.log(1.06))
